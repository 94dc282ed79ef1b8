"""What a write must say before it is sent: person, hours, day (ActiveCollab requires them too)."""

from __future__ import annotations

from collections.abc import Sized
from datetime import date

from migrator.core.duration import HoursError, parse_hours
from migrator.core.model import Billing, SourceId
from migrator.errors import UsageError


def require_time(*, user_id: SourceId, hours: str, day: date, billable_status: int) -> None:
    """Raise `UsageError` for a new time record that no server could take."""
    # The types say so already; callers without a type checker are told in words.
    if not isinstance(user_id, int) or user_id < 1:
        raise _wrong("user_id", user_id, "the number of the person who worked")
    if not isinstance(day, date):
        raise _wrong("day", day, "a date")
    require_hours(hours)
    require_billing(billable_status)


def require_some_change(record_id: SourceId, changed: Sized, *, hours: str | None, billable_status: int | None) -> None:
    """Raise `UsageError` for an edit that changes nothing, or to something that no server could take."""
    require_record(record_id)
    if not changed:
        raise UsageError(f"time record {record_id}: nothing to change; expected at least one field")
    if hours is not None:
        require_hours(hours)
    if billable_status is not None:
        require_billing(billable_status)


def require_record(record_id: SourceId) -> None:
    """Raise `UsageError` for what is no number of a record."""
    if not isinstance(record_id, int) or record_id < 1:
        raise _wrong("record_id", record_id, "the number of a time record")


def require_hours(hours: str) -> None:
    """Raise `UsageError` for what is no duration, and for none at all."""
    try:
        seconds = parse_hours(hours)
    except HoursError as error:
        raise _wrong("hours", hours, error.expected) from None
    if not seconds:
        raise _wrong("hours", hours, "more than nothing")


def require_billing(status: int) -> None:
    """Raise `UsageError` for what is no `billable_status`."""
    if status not in set(Billing):
        raise _wrong("billable_status", status, "0, 1, 2 or 3")


def _wrong(field: str, value: object, expected: str) -> UsageError:
    return UsageError(f"a time record's {field} cannot be {str(value)[:60]!r}; expected {expected}")
