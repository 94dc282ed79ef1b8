"""ActiveCollab's hours as whole seconds, MOCO's rounding, and how people read a duration.

Everything goes through `Decimal`: a float would turn 0.1 h into 359.999… s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from migrator.core.model import Seconds

LONGEST = Seconds(1_000 * 3_600)
"""A record is a lump of one day; more than a thousand hours is a typing mistake."""

_HOURS = "hours such as 5:30, 5.5 or 3,75"
_CLOCK = re.compile(r"\+?([0-9]{0,4}):([0-9]{1,2})")
_DECIMAL = re.compile(r"\+?([0-9]{1,20})(?:[.,]([0-9]{1,20}))?([eE][+-]?[0-9]{1,2})?")
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
_MOCO_STEPS = (5 * 60, 15 * 60)


class HoursError(ValueError):
    """A text is not a duration; `expected` says what would have been one."""

    def __init__(self, *, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected


class Rounding(StrEnum):
    """What becomes of a duration before it is sent."""

    EXACT = "exact"
    MINUTE = "minute"


def parse_hours(text: str) -> Seconds:
    """The duration that `text` writes in hours, in whole seconds (half up).

    Read are `5:30`, `5:5` (five hours, five minutes), `:30`, `5.5`, `3,75`, `+1.5`, `1.0E-2`: the first and
    the fourth are named on ActiveCollab's Time page, the others occur in hand-made exports and float columns.
    Raises `HoursError` for everything else, for negative durations and for more than 1,000 hours.
    """
    stripped = text.strip()
    if clock := _CLOCK.fullmatch(stripped):
        seconds = _clock_seconds(clock[1], clock[2])
    elif decimal := _DECIMAL.fullmatch(stripped):
        seconds = _decimal_seconds(decimal[1], decimal[2], decimal[3])
    elif stripped.startswith("-"):
        raise HoursError(expected=f"no negative duration but {_HOURS}")
    else:
        raise HoursError(expected=_HOURS)
    if seconds > LONGEST:
        raise HoursError(expected="at most 1,000 hours")
    return Seconds(seconds)


@lru_cache(maxsize=4096)
def exact_hours(text: str) -> Fraction:
    """The hours that a text writes which `parse_hours` can read, without any rounding: `0:20` is a third.

    Raises `HoursError` for a text that is no duration.
    """
    stripped = text.strip()
    if clock := _CLOCK.fullmatch(stripped):
        return Fraction(_clock_seconds(clock[1], clock[2]), 3_600)
    if decimal := _DECIMAL.fullmatch(stripped):
        return Fraction(f"{decimal[1]}.{decimal[2] or '0'}{decimal[3] or ''}")
    raise HoursError(expected=_HOURS)


def _clock_seconds(hours: str, minutes: str) -> int:
    if int(minutes) > 59:
        raise HoursError(expected="minutes from 0 to 59 after the colon")
    return int(hours or "0") * 3_600 + int(minutes) * 60


def _decimal_seconds(whole: str, fraction: str | None, exponent: str | None) -> int:
    hours = _EXACT.create_decimal(f"{whole}.{fraction or '0'}{exponent or ''}")
    return int(_EXACT.multiply(hours, Decimal(3_600)).to_integral_value(ROUND_HALF_UP))


def round_seconds(seconds: Seconds, rounding: Rounding) -> Seconds:
    """`seconds` under `rounding`; MINUTE is the nearest whole minute, half up.

    ActiveCollab keeps two decimals, so ten minutes arrive as 0.17 h = 612 s; MINUTE gives 600 s back.
    """
    match rounding:
        case Rounding.EXACT:
            return seconds
        case Rounding.MINUTE:
            return Seconds((seconds + 30) // 60 * 60)


def explained_by_rounding(sent: Seconds, stored: Seconds) -> bool:
    """Whether MOCO may have made `stored` out of `sent` by an account's rounding.

    MOCO's time settings round to 5 or 15 minutes: either to the nearest step, where a short entry still
    becomes one step, or always up. An unchanged duration needs no explanation and counts as explained.
    """
    if sent == stored:
        return True
    return any(stored in _rounded(sent, step) for step in _MOCO_STEPS)


MOCO_SETTINGS = ("off", "5 minutes, nearest", "5 minutes, up", "15 minutes, nearest", "15 minutes, up")
"""MOCO's settings for rounding (its help page on time tracking)."""


def possible_roundings(pairs: Iterable[tuple[Seconds, Seconds]]) -> tuple[str, ...]:
    """Which of `MOCO_SETTINGS` explain every pair of a sent and a stored duration; all of them without any pair."""
    possible = list(MOCO_SETTINGS)
    for sent, stored in pairs:
        made = [sent]
        for step in _MOCO_STEPS:
            up, nearest = _rounded(sent, step)
            made += [Seconds(nearest), Seconds(up)]
        outcomes = dict(zip(MOCO_SETTINGS, made, strict=True))
        possible = [setting for setting in possible if outcomes[setting] == stored]
    return tuple(possible)


def _rounded(seconds: Seconds, step: int) -> tuple[int, int]:
    up = -(-seconds // step) * step
    nearest = (2 * seconds + step) // (2 * step) * step
    return up, max(nearest, step if seconds > 0 else 0)


@lru_cache(maxsize=4096)
def format_hours(seconds: int) -> str:
    """`seconds` as decimal hours with two places, half up: `3.75`."""
    hours = _EXACT.divide(Decimal(seconds), Decimal(3_600)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    # A difference of a few seconds must not read as "-0.00".
    return str(hours if hours else abs(hours))


def format_clock(seconds: int) -> str:
    """`seconds` as `3:45`, with the seconds behind where they are not whole minutes: `0:10:12`."""
    minutes, rest = divmod(abs(seconds), 60)
    sign = "-" if seconds < 0 else ""
    clock = f"{sign}{minutes // 60}:{minutes % 60:02}"
    return f"{clock}:{rest:02}" if rest else clock
