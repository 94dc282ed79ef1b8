"""People, companies, projects, tasks and job types of ActiveCollab; they fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from sqlalchemy import CursorResult, select, tuple_, update
from sqlalchemy.orm import Session

from migrator.core.mapping import SourceMasters
from migrator.core.model import (
    Company,
    FoundMaster,
    JobType,
    Master,
    Project,
    SourceId,
    Task,
    User,
)
from migrator.store.rows import Row, optional_source_id, pages_of, table_of, upsert
from migrator.store.tables import Fact, SourceMaster, utc

MASTERS_VERSION = "source_masters_version"
"""The fact that counts how often a master record of the source became different."""

_FIELDS: dict[str, object] = {
    "name": "",
    "email": "",
    "identifier": "",
    "company_id": None,
    "project_id": None,
    "leader_id": None,
    "number": None,
    "permalink": "",
    "archived": False,
}
"""The columns of a master record of the source, and what each holds while nothing is known."""


def stage_masters(session: Session, masters: Iterable[FoundMaster]) -> int:
    """Store what was learned about people, projects and the like; returns how many records changed.

    A field that is known stays when it is left out later, so what is archived once stays archived. A mention inside
    something else only fills what is not known: a time record may call its person by the login.
    """
    learned: dict[tuple[str, int], Row] = {}
    mentioned: dict[tuple[str, int], Row] = {}
    for found in masters:
        kind, given = _source_fields(found.value)
        key, told = (kind, found.value.id), mentioned if found.mention else learned
        told[key] = _merged(told.get(key, _FIELDS), given)
    changed = 0
    for page in pages_of(learned.items()):
        changed += _merge_page(session, dict(page), _merged)
    for page in pages_of(mentioned.items()):
        changed += _merge_page(session, dict(page), _filled)
    if changed:
        _count_change(session)
    return changed


def correct_archived(session: Session, projects: Mapping[SourceId, bool]) -> int:
    """Which projects are archived, as complete lists of both kinds say; returns how many records changed.

    Only such lists can take the word back: a mention in passing never says that something is archived.
    """
    changed = 0
    for archived in (True, False):
        ids = sorted(project_id for project_id, is_archived in projects.items() if is_archived is archived)
        for page in pages_of(ids):
            done = session.execute(
                update(SourceMaster)
                .where(SourceMaster.kind == "project", SourceMaster.id.in_(page), SourceMaster.archived != archived)
                .values(archived=archived)
                .execution_options(synchronize_session=False)
            )
            assert isinstance(done, CursorResult)
            changed += done.rowcount
    if changed:
        _count_change(session)
    return changed


def load_masters(session: Session) -> SourceMasters:
    """Every person, company, project, task and job type of ActiveCollab that was read."""
    users: dict[SourceId, User] = {}
    companies: dict[SourceId, Company] = {}
    projects: dict[SourceId, Project] = {}
    tasks: dict[SourceId, Task] = {}
    job_types: dict[SourceId, JobType] = {}
    for row in session.scalars(select(SourceMaster).order_by(SourceMaster.kind, SourceMaster.id)):
        match _source_master(row):
            case User() as user:
                users[user.id] = user
            case Company() as company:
                companies[company.id] = company
            case Project() as project:
                projects[project.id] = project
            case Task() as task:
                tasks[task.id] = task
            case JobType() as job_type:
                job_types[job_type.id] = job_type
    return SourceMasters(users, companies, projects, tasks, job_types)


def _merge_page(
    session: Session,
    learned: dict[tuple[str, int], Row],
    merge: Callable[[Mapping[str, object], Row], Row],
) -> int:
    table = table_of(SourceMaster)
    known: dict[tuple[str, int], Row] = {}
    for found in session.execute(select(table).where(tuple_(table.c.kind, table.c.id).in_(learned))).mappings():
        known[(found["kind"], found["id"])] = {name: found[name] for name in _FIELDS}
    changed: list[Row] = []
    for key, given in learned.items():
        merged = merge(known.get(key, _FIELDS), given)
        if merged != known.get(key):
            changed.append({"kind": key[0], "id": key[1], **merged})
    upsert(session, SourceMaster, changed)
    return len(changed)


def _merged(known: Mapping[str, object], given: Row) -> Row:
    return {name: given.get(name) or known[name] for name in _FIELDS}


def _filled(known: Mapping[str, object], given: Row) -> Row:
    return {name: known[name] or given.get(name) or _FIELDS[name] for name in _FIELDS}


def _count_change(session: Session) -> None:
    before = session.scalar(select(Fact.value).where(Fact.name == MASTERS_VERSION))
    counted = {"name": MASTERS_VERSION, "value": str(int(before or 0) + 1), "learned_at": utc(0.0)}
    upsert(session, Fact, [counted])


def _source_fields(master: Master) -> tuple[str, Row]:
    match master:
        case User():
            return "user", {
                "name": master.name,
                "email": master.email,
                "company_id": master.company_id,
                "archived": master.archived,
            }
        case Company():
            return "company", {"name": master.name, "archived": master.archived}
        case Project():
            return "project", {
                "name": master.name,
                "identifier": master.identifier,
                "company_id": master.company_id,
                "leader_id": master.leader_id,
                "permalink": master.permalink,
                "archived": master.archived,
            }
        case Task():
            return "task", {"name": master.name, "project_id": master.project_id, "number": master.number}
        case JobType():
            return "job_type", {"name": master.name}
        case _:
            assert_never(master)


def _source_master(row: SourceMaster) -> Master:
    id_ = SourceId(row.id)
    company_id = optional_source_id(row.company_id)
    match row.kind:
        case "user":
            return User(id_, row.name, row.email, company_id, row.archived)
        case "company":
            return Company(id_, row.name, row.archived)
        case "project":
            leader_id = optional_source_id(row.leader_id)
            return Project(id_, row.name, row.identifier, company_id, leader_id, row.permalink, row.archived)
        case "task":
            return Task(id_, row.name, optional_source_id(row.project_id), row.number)
        case _:
            return JobType(id_, row.name)
