"""When MOCO's days are listed again though nothing seems to have changed: deletions and copies show only there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """Some days, both included; as a unit of the audit a calendar month."""

    first: date
    last: date

    @property
    def month(self) -> str:
        """The month of the first day, as people write it: 2024-01."""
        return f"{self.first:%Y-%m}"


def months(first: date, before: date) -> Iterator[Days]:
    """The calendar months from the one of `first` on that begin before `before`, oldest first."""
    begin = first.replace(day=1)
    while begin < before:
        following = (begin + timedelta(days=31)).replace(day=1)
        yield Days(begin, following - timedelta(days=1))
        begin = following


def window_due(listed_at: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether the recent days are to be listed again; a moment that is still to come proves nothing."""
    return listed_at is None or not listed_at <= now < listed_at + every


def due_months(proved: Mapping[Days, datetime | None], period: timedelta, now: datetime) -> tuple[Days, ...]:
    """The months to be proved again now, those that wait longest first; `proved` says when each last was.

    Each comes again within `period`. They are spread over it: months that were proved together, as by the first
    migration, would otherwise all be due at once. So a month begins early enough for every later one to have a
    share of the period to itself, and still be in time.
    """
    ordered = sorted(proved, key=lambda month: (_known(proved[month], now) or now - period, month))
    begin: datetime | None = None
    due = []
    for month in reversed(ordered):
        at = _known(proved[month], now)
        in_time = at + period if at else now
        begin = in_time if begin is None else min(in_time, begin - period / len(ordered))
        if begin <= now:
            due.append(month)
    return tuple(reversed(due))


def _known(at: datetime | None, now: datetime) -> datetime | None:
    """When a month was proved, unless the clock went back since: then nobody knows how long ago that is."""
    return at if at is not None and at <= now else None
