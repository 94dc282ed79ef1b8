"""Which customers, projects and people of ActiveCollab the names in a control file mean: one each, or a problem."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from migrator.app.control.table import Total
from migrator.app.mapping.csv_file import Problem
from migrator.core.mapping import SourceMasters
from migrator.core.model import Project, SourceId
from migrator.core.names import normalise
from migrator.store.parts import Part, Worker

_BY_ID = re.compile(r"#([1-9][0-9]{0,17})")


@dataclass(slots=True)
class Names:
    """The names of one ActiveCollab; collects what it could not tell."""

    masters: SourceMasters
    workers: Collection[Worker]
    projects: Collection[SourceId]
    """Those with time, whether or not their names were read."""
    problems: list[Problem] = field(default_factory=list)

    def part_of(self, total: Total) -> Part | None:
        """The records that a total is about; None after a problem."""
        before = len(self.problems)
        projects = self._projects(total)
        worker = self._worker(total) if total.person else None
        if len(self.problems) > before:
            return None
        first, last = (total.period.first, total.period.last) if total.period else (None, None)
        return Part(first, last, projects, worker, total.status)

    def _projects(self, total: Total) -> frozenset[SourceId] | None:
        """The projects of a customer, or the one that is named, of that customer where both are given."""
        if not total.customer and not total.project:
            return None
        known = {id_: self.masters.projects.get(id_, Project(id_)) for id_ in (*self.masters.projects, *self.projects)}
        if total.customer:
            company_id = self._customer(total)
            if company_id is None:
                return None
            known = {id_: project for id_, project in known.items() if project.company_id == company_id}
        if not total.project:
            return frozenset(known)
        called = _called((id_, (project.name, project.identifier)) for id_, project in known.items())
        found = self._one(total, "project", total.project, called, {id_: self._told(known[id_]) for id_ in known})
        return None if found is None else frozenset({found})

    def _customer(self, total: Total) -> SourceId | None:
        companies = self.masters.companies
        called = _called((id_, (company.name,)) for id_, company in companies.items())
        told = {id_: _archived(company.name, company.archived) for id_, company in companies.items()}
        return self._one(total, "customer", total.customer, called, told)

    def _worker(self, total: Total) -> Worker | None:
        """Somebody by name or e-mail; who has no account counts by name, as long as nobody else has it."""
        users = self.masters.users
        spelled: dict[SourceId, set[str]] = {id_: {user.name, user.email} for id_, user in users.items()}
        nameless = {}
        for worker in self.workers:
            if worker.id is not None:
                spelled.setdefault(worker.id, set()).update((worker.name, worker.email))
            elif worker.name:
                nameless[normalise(worker.name)] = worker
        called = _called(spelled.items())
        without = nameless.get(normalise(total.person))
        if without is not None and normalise(total.person) not in called:
            return without
        told = {
            id_: min((name for name in names if name and "@" not in name), default="") for id_, names in spelled.items()
        }
        found = self._one(total, "person", total.person, called, told)
        return None if found is None else Worker(found, told[found], "")

    def _one(
        self,
        total: Total,
        column: str,
        name: str,
        called: Mapping[str, Collection[SourceId]],
        told: Mapping[SourceId, str],
    ) -> SourceId | None:
        """The one thing of that name, or of that number; else a problem with the candidates."""
        found = called.get(normalise(name), ())
        if not found and (number := _BY_ID.fullmatch(name)) and SourceId(int(number[1])) in told:
            found = (SourceId(int(number[1])),)
        if len(found) == 1:
            return next(iter(found))
        if found:
            candidates = ", ".join(f"#{id_} ({told[id_]})" for id_ in sorted(found))
            expected, remedy = f"one {column}, and this may be {candidates}", f"write #{min(found)} or another of them"
            if column == "project" and not total.customer:
                remedy += ", or add the column customer"
        else:
            near = difflib.get_close_matches(normalise(name), called, 1)
            known = told[min(called[near[0]])] if near else ""
            expected = f"a {column} of ActiveCollab that was read" + (f", perhaps {known}" if known else "")
            remedy = "correct the name, or read what is missing"
        self.problems.append(Problem(total.where, column, name, expected, remedy))
        return None

    def _told(self, project: Project) -> str:
        company = self.masters.companies.get(project.company_id) if project.company_id is not None else None
        name = f"{project.name}, {company.name}" if company and company.name else project.name
        return _archived(name, project.archived)


def _called(things: Iterable[tuple[SourceId, Iterable[str]]]) -> dict[str, set[SourceId]]:
    called: dict[str, set[SourceId]] = defaultdict(set)
    for id_, names in things:
        for name in names:
            if normalise(name):
                called[normalise(name)].add(id_)
    return dict(called)


def _longest(names: Iterable[str]) -> str:
    """What to call somebody of whom several spellings are known; an e-mail address is no name."""
    return max(sorted(name for name in names if "@" not in name), key=len, default="")


def _archived(name: str, archived: bool) -> str:
    return f"{name}, archived" if archived else name
