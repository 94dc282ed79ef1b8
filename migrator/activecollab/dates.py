"""ActiveCollab's days and moments.

A day is a calendar day: no time zone ever touches it. A moment is a point in time; the XML of ActiveCollab
writes it without a zone, so the caller says which one the server lived in.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

EXPECTED_DAY = "a day such as 2008-05-01"

_TIME = r"(?:[T ]+([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_DAY_AND_TIME = re.compile(r"([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})" + _TIME)
# Fewer digits would read a compact day (20080501) as seconds; nine begin in 1973.
_UNIX_SECONDS = re.compile(r"[0-9]{9,10}")
_NO_DATE = re.compile(r"0000-00-00(?: 00:00:00)?")
"""MySQL's way to store nothing."""
_PHP_NO_DAY = date(1970, 1, 1)
"""Zero seconds as a day; no time record can be that old."""


class DateError(ValueError):
    """A text is not a day or a moment; `expected` says what would have been one."""

    def __init__(self, *, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected


def parse_day(text: str, *, today: date) -> date:
    """The calendar day in `text`: `YYYY-MM-DD` or `YYYY/MM/DD`, a time behind it dropped, or unix seconds.

    Unix seconds must be midnight UTC, as ActiveCollab's developer documentation shows them: any other hour
    could mean the day before or after. Raises `DateError` for other orders, days that do not exist
    (`0000-00-00`), 1970-01-01 (PHP's way to write no day) and days more than a year after `today`.
    """
    if _UNIX_SECONDS.fullmatch(text):
        days, rest = divmod(int(text), 86_400)
        if rest:
            raise DateError(expected=f"unix seconds at midnight UTC or {EXPECTED_DAY}")
        day = date(1970, 1, 1) + timedelta(days=days)
    elif written := _DAY_AND_TIME.fullmatch(text):
        day = _calendar_day(written)
    else:
        raise DateError(expected=EXPECTED_DAY)
    if day == _PHP_NO_DAY:
        raise DateError(expected=f"{EXPECTED_DAY}; 1970-01-01 is what PHP makes of no day")
    if day > _a_year_after(today):
        raise DateError(expected=f"a day no later than {_a_year_after(today)}")
    return day


def _calendar_day(written: re.Match[str]) -> date:
    try:
        return date(int(written[1]), int(written[3]), int(written[4]))
    except ValueError:
        raise DateError(expected="a day that exists, such as 2008-05-01") from None


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, month=3, day=1)


def parse_moment(text: str, *, timezone: tzinfo) -> datetime | None:
    """The point in time in `text`, in UTC and whole seconds; None for MySQL's `0000-00-00`.

    `YYYY-MM-DD HH:MM:SS` is taken in `timezone` unless it names its own zone; unix seconds are what they are.
    Raises `DateError` for anything else.
    """
    if _UNIX_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if _NO_DATE.fullmatch(text):
        return None
    if not (written := _DAY_AND_TIME.fullmatch(text)):
        raise DateError(expected="a time such as 2011-01-01 08:00:00")
    day = _calendar_day(written)
    try:
        local = datetime(
            day.year,
            day.month,
            day.day,
            int(written[5] or 0),
            int(written[6] or 0),
            int(written[7] or 0),
            tzinfo=_zone(written[8], timezone),
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DateError(expected="a time that exists, such as 2011-01-01 08:00:00") from None


def _zone(written: str | None, otherwise: tzinfo) -> tzinfo:
    if written is None:
        return otherwise
    if written == "Z":
        return UTC
    offset = datetime.strptime(written, "%z").tzinfo
    return offset if offset is not None else otherwise
