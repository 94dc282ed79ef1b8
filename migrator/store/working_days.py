"""The days of people, as the records of ActiveCollab that are in MOCO by our links sum them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from migrator.core.model import MocoId, SourceId
from migrator.core.tally import Tally
from migrator.core.working_days import WorkedDay
from migrator.store.rows import PAGE, whole_sum
from migrator.store.tables import LinkRow, SourceRecord, TargetActivity
from migrator.store.totals import GONE

People = Collection[SourceId]


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The days of a person that have records, and the seconds of these; counted by the database."""

    days: int
    seconds: int


NO_DAYS = DayTotals(0, 0)


def people_with_days(session: Session, stand_ins: People) -> dict[MocoId, DayTotals]:
    """The people of MOCO who have records there, with the totals of their days.

    The records of `stand_ins`, people of ActiveCollab whose time is booked on somebody else, are left out everywhere.
    """
    columns = (LinkRow.user_id, func.count(distinct(SourceRecord.day)), whole_sum(SourceRecord.seconds))
    query = _linked(select(*columns), stand_ins).group_by(LinkRow.user_id).order_by(LinkRow.user_id)
    return {MocoId(person): DayTotals(days, int(seconds)) for person, days, seconds in session.execute(query)}


def totals_of(session: Session, person: MocoId, stand_ins: People) -> DayTotals:
    """The same of one person."""
    columns = (func.count(distinct(SourceRecord.day)), whole_sum(SourceRecord.seconds))
    query = _linked(select(*columns), stand_ins).where(LinkRow.user_id == person)
    days, seconds = session.execute(query).one()
    return DayTotals(days, int(seconds))


def days_of(session: Session, person: MocoId, stand_ins: People) -> tuple[WorkedDay, ...]:
    """Every day of a person that has records, in order; without what only other tables know."""
    columns = (SourceRecord.day, func.count(), whole_sum(SourceRecord.seconds))
    query = _linked(select(*columns), stand_ins).where(LinkRow.user_id == person)
    rows = session.execute(query.group_by(SourceRecord.day).order_by(SourceRecord.day))
    return tuple(WorkedDay(person, day, records, int(seconds)) for day, records, seconds in rows)


def days_with_other_time(session: Session, person: MocoId) -> frozenset[date]:
    """The days on which the snapshot shows time of a person behind which is no link of ours."""
    linked = select(LinkRow.source_id).where(LinkRow.activity_id == TargetActivity.id).exists()
    query = select(TargetActivity.day).where(TargetActivity.user_id == person, ~linked).distinct()
    return frozenset(session.scalars(query))


def stand_in_time(session: Session, stand_ins: People) -> Tally:
    """The records that are in MOCO on somebody else than who worked."""
    if not stand_ins:
        return Tally()
    query = _linked(select(func.count(), whole_sum(SourceRecord.seconds)), ())
    records, seconds = session.execute(query.where(SourceRecord.user_id.in_(stand_ins))).one()
    return Tally(records, int(seconds))


def without_link(
    session: Session, workers: People, first: date, last: date, after: int = 0, size: int = PAGE
) -> tuple[SourceId, ...]:
    """The next records of some people of ActiveCollab above the id `after` that are not in MOCO by a link of ours."""
    linked = select(LinkRow.source_id).where(LinkRow.source_id == SourceRecord.id, LinkRow.gone.is_(False)).exists()
    mine = (SourceRecord.user_id.in_(workers), SourceRecord.day.between(first, last), SourceRecord.id > after)
    query = select(SourceRecord.id).where(*mine, ~linked, ~GONE)
    return tuple(SourceId(each) for each in session.scalars(query.order_by(SourceRecord.id).limit(size)))


def _linked(query: Select[*tuple[Any, ...]], stand_ins: People) -> Select[*tuple[Any, ...]]:  # Any: whatever columns
    joined = query.select_from(LinkRow).join(SourceRecord, SourceRecord.id == LinkRow.source_id)
    found = joined.where(LinkRow.gone.is_(False), ~GONE)
    # Whoever has no account has no mapping either.
    return found.where(func.coalesce(SourceRecord.user_id, 0).not_in(stand_ins)) if stand_ins else found
