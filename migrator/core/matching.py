"""Who is who without asking: exact matches by e-mail, identifier or name, where there can be no doubt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from types import MappingProxyType

from migrator.core.mapping import Made, MapAction, MapKind, Mapping, MapRow, SourceMasters, TargetMasters
from migrator.core.model import Company, MocoId, Project, SourceId, User
from migrator.core.names import normalise, task_key

_NOTHING_MADE: Made = MappingProxyType({})

__all__ = ["ExactMatcher", "effective", "exact_matches", "normalise", "task_key"]


class ExactMatcher:
    """Finds the targets that carry a source's very e-mail, identifier or name.

    Archived and deactivated ones count like others: most of the past belongs to them. A match is exact when a
    source has one candidate and is the only source with it. Projects are told apart by their customer as soon
    as the customer itself is matched: a project of another customer is never a candidate, whatever its name.
    """

    def __init__(self, source: SourceMasters, target: TargetMasters, companies: Iterable[MapRow] = ()) -> None:
        """`companies`: rows of companies that a person decided; they tell projects apart like found ones."""
        self._source = source
        self._target = target
        self._people = _index((user.id, (user.email.lower(),)) for user in target.users.values())
        self._firms = _index(
            (firm.id, (normalise(firm.name), normalise(firm.identifier))) for firm in target.companies.values()
        )
        self._projects = _index(
            (project.id, (normalise(project.name), normalise(project.identifier)))
            for project in target.projects.values()
        )
        self._user_rows = self._rows(MapKind.USER, source.users)
        self._company_rows = self._rows(MapKind.COMPANY, source.companies)
        decided = {row.source_id: row for row in companies if row.kind is MapKind.COMPANY}
        self._company_of = {row.source_id: row.target_id for row in self._company_rows} | {
            source_id: row.target_id for source_id, row in decided.items()
        }

    def rows(self) -> tuple[MapRow, ...]:
        """The exact matches of people, companies and projects, by kind and id."""
        return self._user_rows + self._company_rows + self._rows(MapKind.PROJECT, self._source.projects)

    def candidates(self, kind: MapKind, source_id: SourceId) -> tuple[MocoId, ...]:
        """All targets with the same e-mail, identifier or name; several mean that a person must choose.

        Tasks and job types have none: they are found by name within the project of each record.
        """
        match kind:
            case MapKind.USER:
                return self._of_user(self._source.users.get(source_id))
            case MapKind.COMPANY:
                return self._of_company(self._source.companies.get(source_id))
            case MapKind.PROJECT:
                return self._of_project(self._source.projects.get(source_id))
            case MapKind.TASK | MapKind.JOB_TYPE:
                return ()

    def _of_user(self, user: User | None) -> tuple[MocoId, ...]:
        return _found(self._people, user.email.lower()) if user else ()

    def _of_company(self, company: Company | None) -> tuple[MocoId, ...]:
        return _found(self._firms, normalise(company.name)) if company else ()

    def _of_project(self, project: Project | None) -> tuple[MocoId, ...]:
        if project is None:
            return ()
        found = _found(self._projects, normalise(project.name), normalise(project.identifier))
        company = self._company_of.get(project.company_id) if project.company_id is not None else None
        if company is None:
            return found
        return tuple(each for each in found if self._target.projects[each].company_id in (None, company))

    def _rows(self, kind: MapKind, sources: Iterable[SourceId]) -> tuple[MapRow, ...]:
        candidates = {source_id: self.candidates(kind, source_id) for source_id in sorted(sources)}
        claims = Counter(target_id for found in candidates.values() for target_id in found)
        return tuple(
            MapRow(kind, source_id, MapAction.MAP, found[0], exact=True)
            for source_id, found in candidates.items()
            if len(found) == 1 and claims[found[0]] == 1
        )


def exact_matches(
    source_masters: SourceMasters, target_masters: TargetMasters, companies: Iterable[MapRow] = ()
) -> tuple[MapRow, ...]:
    """The rows that need no person; `companies` are company rows that a person decided already."""
    return ExactMatcher(source_masters, target_masters, companies).rows()


def effective(explicit: Mapping, exact: Iterable[MapRow], accept_exact: bool, made: Made = _NOTHING_MADE) -> Mapping:
    """The mapping in force: what a person decided wins; accepted exact matches fill the rest.

    Rows that say `create` name what was `made` for them.
    """
    explicit = explicit.with_made(made)
    if not accept_exact:
        return explicit
    found = {(row.kind, row.source_id): row for row in exact}
    return Mapping(explicit.version, {**found, **explicit.rows})


def _index(named: Iterable[tuple[MocoId, tuple[str, ...]]]) -> dict[str, set[MocoId]]:
    index: dict[str, set[MocoId]] = defaultdict(set)
    for target_id, names in named:
        for name in names:
            if name:
                index[name].add(target_id)
    return dict(index)


def _found(index: dict[str, set[MocoId]], *names: str) -> tuple[MocoId, ...]:
    return tuple(sorted(set().union(*(index.get(name, set()) for name in names if name))))
