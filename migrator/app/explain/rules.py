"""Which row of the mapping, or which rule, decided about the person, project and task of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from sqlalchemy.orm import Session

from migrator.app.config import Config
from migrator.app.deciding import Decider, policy_of
from migrator.core.mapping import MapAction, MapKind, MapRow
from migrator.core.model import MocoId, TimeEntry
from migrator.core.source_names import SourceNames
from migrator.core.task_choice import TaskChoice
from migrator.core.wanted import Wanted
from migrator.store import remembered


@dataclass(frozen=True, slots=True)
class RuleApplied:
    """What decided about one thing: `rule` is its name for scripts, `words` say it to people."""

    thing: str
    source_id: int | None
    source_name: str
    target_id: int | None
    target_name: str
    rule: str
    words: str
    note: str = ""
    cutover: str = ""

    def as_json(self) -> dict[str, object]:
        """For scripts."""
        return {name: getattr(self, name) for name in self.__slots__}


def rules_applied(
    session: Session, config: Config, decider: Decider, entry: TimeEntry, wanted: Wanted | None
) -> tuple[RuleApplied, ...]:
    """Person, project and task of a record, in this order."""
    names = SourceNames(decider.known)
    user = decider.mapping.get(MapKind.USER, entry.user_id) if entry.user_id is not None else None
    person = _of_row(session, decider, "person", entry.user_id, names.worker(entry), user)
    project = _of_row(session, decider, "project", entry.project_id, names.project(entry), _project_row(decider, entry))
    return person, project, _task(session, config, decider, entry, wanted, names)


def _project_row(decider: Decider, entry: TimeEntry) -> MapRow | None:
    """The project's own row; a skipped or held company speaks for projects nobody decided on, as in `resolve`."""
    row = decider.mapping.get(MapKind.PROJECT, entry.project_id)
    project = decider.known.projects.get(entry.project_id)
    if (row is None or row.exact) and project is not None and project.company_id is not None:
        company = decider.mapping.get(MapKind.COMPANY, project.company_id)
        if company is not None and company.action in (MapAction.SKIP, MapAction.HOLD):
            return company
    return row


def _of_row(
    session: Session, decider: Decider, thing: str, source_id: int | None, name: str, row: MapRow | None
) -> RuleApplied:
    if row is None:
        told = "no row of the mapping names it, and no exact match was found"
        return RuleApplied(thing, source_id, name, None, "", "none", told)
    rule, words = _words(session, decider, thing, row)
    cutover = row.cutover.isoformat() if row.cutover else ""
    target_name = _target_name(decider, row)
    return RuleApplied(thing, source_id, name, row.target_id, target_name, rule, words, row.note, cutover)


def _words(  # noqa: PLR0911 - one return for each rule
    session: Session, decider: Decider, thing: str, row: MapRow
) -> tuple[str, str]:
    if row.kind is MapKind.COMPANY:
        company = decider.known.companies.get(row.source_id)
        named = f"its company {row.source_id}" + (f" ({company.name})" if company and company.name else "")
        return f"company_{row.action.value}", f"{named} is mapped to {row.action.value}"
    if row.exact:
        return "exact", "found by its e-mail address" if thing == "person" else "found by its name or identifier"
    match row.action:
        case MapAction.MAP:
            return "mapped", "mapped by a person"
        case MapAction.STAND_IN:
            return "stand_in", "mapped by a person: somebody else stands in for them"
        case MapAction.SKIP:
            return "skip", "a person said: leave out"
        case MapAction.HOLD:
            return "hold", "a person said: hold"
        case MapAction.CREATE:
            return _created(session, row)
        case _:
            assert_never(row.action)


def _created(session: Session, row: MapRow) -> tuple[str, str]:
    made = remembered.made_in(session, row.kind.value, row.source_id)
    if made is None:
        return "create", "a person said: create it in MOCO"
    run_id, adopted = made
    how = "found in MOCO under the same name" if adopted else "created in MOCO"
    return "created", f"a person said: create it; {how} by run {run_id}"


def _target_name(decider: Decider, row: MapRow) -> str:
    if row.target_id is None:
        return ""
    there = decider.there
    match row.kind:
        case MapKind.USER:
            user = there.users.get(row.target_id)
            return user.name if user else ""
        case MapKind.PROJECT:
            project = there.projects.get(row.target_id)
            return project.name if project else ""
        case MapKind.TASK | MapKind.JOB_TYPE:
            task = there.tasks.get(row.target_id)
            return task.name if task else ""
        case MapKind.COMPANY:
            company = there.companies.get(row.target_id)
            return company.name if company else ""
        case _:
            assert_never(row.kind)


def _task(
    session: Session, config: Config, decider: Decider, entry: TimeEntry, wanted: Wanted | None, names: SourceNames
) -> RuleApplied:
    choice = TaskChoice(decider.mapping, names, decider.there, policy_of(config))
    own = choice.row_of_task(entry)
    row = own or choice.row_of_job_type(entry)
    if row is not None:
        name = names.parent(entry) if own else names.job_type(entry)
        return _of_row(session, decider, "task" if own else "job type", row.source_id, name, row)
    strategy = f'mapping.task_strategy = "{config.mapping.task_strategy.value}"'
    ticket = names.parent(entry)
    if wanted is None:
        return RuleApplied("task", entry.parent_id, ticket, None, "", "strategy", strategy)
    target_id = wanted.booking.task_id or MocoId(0)
    how = "found by its name" if target_id else "still to be created in MOCO"
    return RuleApplied(
        "task", entry.parent_id, ticket, target_id or None, wanted.task_name, "strategy", f"{strategy}: {how}"
    )
