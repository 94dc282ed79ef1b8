"""Values for the store's tests; each names only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypedDict, Unpack

from migrator.core.model import (
    Billing,
    Booking,
    FoundEntry,
    MocoId,
    Origin,
    Rejected,
    Seconds,
    SourceId,
    TargetEntry,
    TimeEntry,
)

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DAY = date(2020, 5, 4)
INSTANCE = "demo"


def when(minutes: int) -> datetime:
    """A time so many minutes into 2026."""
    return datetime(2026, 1, 1 + minutes // 1440, minutes // 60 % 24, minutes % 60, tzinfo=UTC)


def a_time_entry(
    id_: int,
    *,
    user: int | None = 1,
    project: int = 1,
    day: date = DAY,
    seconds: int = 3600,
    text: str = "",
    updated_on: datetime | None = None,
    version: int | None = None,
) -> TimeEntry:
    """A time record."""
    return TimeEntry(
        id=SourceId(id_),
        user_id=None if user is None else SourceId(user),
        project_id=SourceId(project),
        day=day,
        seconds=Seconds(seconds),
        billing=Billing.BILLABLE,
        text=text,
        updated_on=updated_on,
        version=version,
    )


def found(entry: TimeEntry, place: str = "a.xml:1") -> FoundEntry:
    """A time record that was read at `place`."""
    return FoundEntry(entry, an_origin(place))


def a_reject(
    id_: int | None,
    place: str = "a.xml:1",
    *,
    seconds: int = 0,
    updated_on: datetime | None = None,
    version: int | None = None,
) -> Rejected:
    """A time record whose day cannot be read."""
    return Rejected(
        origin=an_origin(place),
        source_id=None if id_ is None else SourceId(id_),
        field="record_date",
        value="soon",
        expected="a date",
        seconds=Seconds(seconds),
        updated_on=updated_on,
        version=version,
    )


def an_origin(place: str) -> Origin:
    """The place written as `document:line`."""
    document, line = place.split(":")
    return Origin(document, int(line))


class BookingFields(TypedDict, total=False):
    """What a booking may differ in."""

    day: date
    seconds: Seconds
    user_id: MocoId
    project_id: MocoId
    task_id: MocoId
    description: str
    marker: str


def a_booking(id_: int, **fields: Unpack[BookingFields]) -> Booking:
    """What is wanted for record `id_`."""
    plain = Booking(
        day=DAY,
        seconds=Seconds(3600),
        user_id=MocoId(10),
        project_id=MocoId(20),
        task_id=MocoId(30),
        description="",
        billable=True,
        marker=f"ac:{INSTANCE}:{id_}",
    )
    return replace(plain, **fields)


def an_activity(activity_id: int, booking: Booking, *, billed: bool = False) -> TargetEntry:
    """An activity as MOCO shows it."""
    return TargetEntry(MocoId(activity_id), booking, billed, created_at=WHEN, updated_at=WHEN)
