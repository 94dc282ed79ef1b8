"""Values for the core's tests: each builder names only what matters, all else is ordinary."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from migrator.core.actions import HoldReason, SkipReason
from migrator.core.decide import Deletion, Link, Memory, Rules, Source, SourceDeleted, Target
from migrator.core.model import (
    Billing,
    Booking,
    Key,
    MocoId,
    Seconds,
    SourceId,
    TargetEntry,
    TimeEntry,
)
from migrator.core.resolve import LeftOut, Unmapped, Wanted

TODAY = date(2024, 5, 17)
WRITTEN = datetime(2024, 5, 2, 8, 0, tzinfo=UTC)
LATER = WRITTEN + timedelta(hours=1)
KEY = Key("main", SourceId(482))
REPORT = Rules(SourceDeleted.REPORT, TODAY)
DELETE = Rules(SourceDeleted.DELETE, TODAY)


def a_booking(
    seconds: int = 3600,
    day: date = date(2024, 5, 2),
    user: int = 7,
    project: int = 20,
    task: int = 30,
    description: str = "Relaunch: header",
    billable: bool = True,
    tag: str = "",
) -> Booking:
    return Booking(
        day,
        Seconds(seconds),
        MocoId(user),
        MocoId(project),
        MocoId(task),
        description,
        billable,
        KEY.marker,
        "https://ac.example.com/projects/1/tasks/2",
        tag,
    )


SENT = a_booking()
OTHER = a_booking(seconds=7200)
THIRD = a_booking(description="somebody else wrote this")
OTHER_WORKER = a_booking(user=8)
TIMER = a_booking(seconds=0, day=TODAY)


def an_entry(
    booking: Booking = SENT,
    activity: int = 900,
    billed: bool = False,
    updated: datetime = WRITTEN,
    timer: bool = False,
) -> TargetEntry:
    return TargetEntry(MocoId(activity), booking, billed, WRITTEN, updated, timer)


def a_link(
    sent: Booking | None = SENT, answered: Booking = SENT, activity: int = 900, disregarded: bool = False
) -> Link:
    return Link(MocoId(activity), sent, answered, 1, WRITTEN, disregarded)


def wanted(booking: Booking = SENT) -> Wanted:
    return Wanted(booking, "ActiveCollab", needs_task=booking.task_id == 0)


UNMAPPED = Unmapped(HoldReason.UNMAPPED, "user 17 (Jo Doe) is not mapped")


def archived(booking: Booking = SENT) -> Unmapped:
    return Unmapped(HoldReason.PROJECT_ARCHIVED, "MOCO project 20 is archived", wanted(booking))


def left_out(reason: SkipReason) -> LeftOut:
    return LeftOut(reason)


def a_source(
    known: Wanted | Unmapped | LeftOut | Booking = SENT,
    deletion: Deletion = Deletion.PRESENT,
    billing: Billing = Billing.BILLABLE,
    rejected: str = "",
) -> Source:
    if isinstance(known, Booking):
        known = wanted(known)
    return Source(KEY, Seconds(3600), deletion, known, billing, rejected)


NOTHING = Target(absence_established=True)


def linked_to(entry: TargetEntry) -> Target:
    return Target((entry,), entry)


def marked(*entries: TargetEntry) -> Target:
    return Target(entries)


@dataclass(frozen=True, slots=True)
class Situation:
    """All arguments of one decision."""

    source: Source
    link: Link | None = None
    target: Target = NOTHING
    memory: Memory = field(default_factory=Memory)
    rules: Rules = REPORT


def a_time_entry(
    record: int = 482,
    seconds: int = 3600,
    day: date = date(2024, 5, 2),
    user: int | None = 17,
    project: int = 5,
    **changes: object,
) -> TimeEntry:
    entry = TimeEntry(
        SourceId(record),
        None if user is None else SourceId(user),
        SourceId(project),
        day,
        Seconds(seconds),
        Billing.BILLABLE,
    )
    # Field names are checked by dataclasses.replace itself.
    return replace(entry, **changes)  # type: ignore[arg-type]
