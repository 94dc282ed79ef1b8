"""What the staged records name that no list has explained yet: people without e-mail, tasks without a name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from migrator.core.model import ParentKind, SourceId
from migrator.store.tables import SourceMaster, SourceRecord

_ON_TASKS = (SourceRecord.parent_id.is_not(None), SourceRecord.parent_kind != ParentKind.PROJECT.value)


def projects_with_task_time(session: Session) -> frozenset[SourceId]:
    """The projects in which time hangs on tasks."""
    return _projects(session, *_ON_TASKS)


def projects_with_unknown_tasks(session: Session, run_id: int) -> frozenset[SourceId]:
    """The projects in which this run brought new time on a task that nothing has named."""
    known = exists().where(SourceMaster.kind == "task", SourceMaster.id == SourceRecord.parent_id)
    return _projects(session, *_ON_TASKS, SourceRecord.changed_run == run_id, ~known)


def unknown_people(session: Session, run_id: int) -> bool:
    """Whether this run brought new time of a person whose e-mail nothing has told."""
    known = exists().where(
        SourceMaster.kind == "user", SourceMaster.id == SourceRecord.user_id, SourceMaster.email != ""
    )
    query = select(SourceRecord.id).where(SourceRecord.changed_run == run_id, SourceRecord.user_id.is_not(None), ~known)
    return session.scalar(query.limit(1)) is not None


def _projects(session: Session, *conditions: ColumnElement[bool]) -> frozenset[SourceId]:
    query = select(SourceRecord.project_id).where(*conditions).distinct()
    return frozenset(SourceId(each) for each in session.scalars(query))
