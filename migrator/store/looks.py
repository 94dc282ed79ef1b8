"""When MOCO's days were last listed whole, and in which months there is something of ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from migrator.core.rechecks import Days, months
from migrator.store.tables import LinkRow, Scan, TargetActivity
from migrator.store.target import DAYS, RANGE, WINDOW


def window_listed_at(session: Session) -> datetime | None:
    """When the recent days were last listed whole, by themselves or with all others."""
    query = select(func.max(Scan.started_at)).where(Scan.complete, Scan.kind.in_([RANGE, WINDOW]))
    return session.scalar(query)


def months_of_ours(session: Session, before: date) -> tuple[Days, ...]:
    """The months beginning before a day in which the snapshot shows something linked or marked, oldest first."""
    # From one to the next one that has something: a single odd day of long ago would cost a query for each month since.
    found: list[Days] = []
    following = date.min
    while (day := _next_of_ours(session, following)) is not None:
        month = next(months(day, before), None)
        if month is None:
            break
        found.append(month)
        following = month.last + timedelta(days=1)
    return tuple(found)


def _next_of_ours(session: Session, first: date) -> date | None:
    linked = select(LinkRow.source_id).where(LinkRow.activity_id == TargetActivity.id).exists()
    query = select(TargetActivity.day).where(
        TargetActivity.day >= first, or_(TargetActivity.source_id.is_not(None), linked)
    )
    return session.scalar(query.order_by(TargetActivity.day).limit(1))


def proved_at(session: Session, units: Iterable[Days]) -> dict[Days, datetime | None]:
    """When everything on each of these days was last listed by one complete scan; None where never."""
    query = (
        select(Scan.kind, Scan.day_from, Scan.day_to, func.max(Scan.started_at))
        .where(Scan.complete, Scan.kind.in_(DAYS))
        .group_by(Scan.kind, Scan.day_from, Scan.day_to)
    )
    looks = session.execute(query).all()
    found: dict[Days, datetime | None] = {}
    for unit in units:
        whole = [started for kind, first, last, started in looks if kind == RANGE or _covers(first, last, unit)]
        found[unit] = max(whole, default=None)
    return found


def _covers(first: date | None, last: date | None, unit: Days) -> bool:
    return (first is None or first <= unit.first) and (last is None or last >= unit.last)
