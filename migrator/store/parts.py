"""Sums over a part of what is staged, as somebody outside names it: days, projects, a person, a status."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from migrator.core.model import Billing, SourceId
from migrator.core.tally import Tally
from migrator.store.rows import whole_sum
from migrator.store.tables import SourceRecord
from migrator.store.totals import GONE


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who worked, as the records say it; without an account there is only a name."""

    id: SourceId | None
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Part:
    """Which records: None means any; days are both included."""

    first_day: date | None = None
    last_day: date | None = None
    projects: Collection[SourceId] | None = None
    worker: Worker | None = None
    """By their account; by the name where they have none."""
    billing: Billing | None = None


def sum_of(session: Session, part: Part) -> Tally:
    """Records and seconds of a part; what lies in the trash or was deleted does not count."""
    query = select(func.count(), whole_sum(SourceRecord.seconds)).where(~GONE, *_conditions(part))
    records, seconds = session.execute(query).one()
    return Tally(records, int(seconds))


def sum_of_gone(session: Session) -> Tally:
    """What lies in ActiveCollab's trash, or was proved to be deleted there."""
    records, seconds = session.execute(select(func.count(), whole_sum(SourceRecord.seconds)).where(GONE)).one()
    return Tally(records, int(seconds))


def workers(session: Session) -> tuple[Worker, ...]:
    """Everybody whose time is staged, once for each spelling."""
    columns = (SourceRecord.user_id, SourceRecord.worker_name, SourceRecord.worker_email)
    return tuple(
        Worker(None if id_ is None else SourceId(id_), name, email)
        for id_, name, email in session.execute(select(*columns).distinct().order_by(*columns))
    )


def projects_with_time(session: Session) -> frozenset[SourceId]:
    """Every project of which a record is staged."""
    return frozenset(SourceId(id_) for id_ in session.scalars(select(SourceRecord.project_id).distinct()))


def _conditions(part: Part) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if part.first_day is not None:
        conditions.append(SourceRecord.day >= part.first_day)
    if part.last_day is not None:
        conditions.append(SourceRecord.day <= part.last_day)
    if part.projects is not None:
        conditions.append(SourceRecord.project_id.in_(part.projects))
    if part.worker is not None and part.worker.id is not None:
        conditions.append(SourceRecord.user_id == part.worker.id)
    elif part.worker is not None:
        conditions += [SourceRecord.user_id.is_(None), SourceRecord.worker_name == part.worker.name]
    if part.billing is not None:
        conditions.append(SourceRecord.billing == int(part.billing))
    return conditions
