"""Durations and days as people write them in the configuration and on the command line."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

TIMESPAN: Final = "a duration such as 15m, 6h, 7d or 0.1s"
DAY: Final = "a day as YYYY-MM-DD"
MOMENT: Final = "a day and a time as 2026-12-04 18:00, or a day alone, which means its beginning"

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhdw])")
_MOMENT = re.compile(r"([0-9-]{10})(?:[ T]+([0-9]{2}:[0-9]{2}))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Ten thousand days: longer than any migration, and far from where timedelta overflows.
_LONGEST: Final = timedelta(days=10_000)


def parse_timespan(text: str) -> timedelta:
    """`15m`, `6h`, `0.1s` or `1h30m` as a duration; ValueError for anything else, a missing unit included."""
    compact = text.strip()
    parts = _PART.findall(compact)
    if not parts or _PART.sub("", compact).strip():
        raise ValueError(f"expected {TIMESPAN}, not {text!r}")
    if any(len(number) > 12 for number, _ in parts):
        raise ValueError(f"expected {TIMESPAN}, not {text!r}")
    span = sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta())
    if span > _LONGEST:
        raise ValueError(f"expected {TIMESPAN}, at most {_LONGEST.days}d, not {text!r}")
    return span


def format_timespan(span: timedelta) -> str:
    """The shortest text that `parse_timespan` reads back as `span`, in one unit."""
    for unit in ("d", "h", "m"):
        whole, rest = divmod(span, timedelta(**{_UNITS[unit]: 1}))
        if whole and not rest:
            return f"{whole}{unit}"
    return f"{span.total_seconds():f}".rstrip("0").rstrip(".") + "s"


def parse_day(text: str) -> date:
    """`2024-01-31` as a day; ValueError for anything else."""
    compact = text.strip()
    try:
        if _DAY.fullmatch(compact):
            return date.fromisoformat(compact)
    except ValueError:
        pass
    raise ValueError(f"expected {DAY}, not {text!r}")


def parse_moment(text: str) -> datetime:
    """`2026-12-04 18:00`, or a day for its beginning, as a time without a zone; ValueError for anything else."""
    found = _MOMENT.fullmatch(text.strip())
    try:
        if found:
            return datetime.combine(parse_day(found[1]), time.fromisoformat(found[2] or "00:00"))
    except ValueError:
        pass
    raise ValueError(f"expected {MOMENT}, not {text!r}")
