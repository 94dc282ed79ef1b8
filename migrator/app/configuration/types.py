"""The kinds of value a configuration key can have, each with the words that name it in an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from migrator.app.configuration.choices import Creatable, Generation
from migrator.app.secret import Secret
from migrator.app.timespan import DAY, TIMESPAN, parse_day, parse_timespan


@dataclass(frozen=True, slots=True)
class Expected:
    """What a key accepts, as a person reads it after "expected"."""

    words: str


_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
PERCENT: Final = 'a percentage from "0%" to "100%"'


def _to_timespan(given: object) -> object:
    return parse_timespan(given) if isinstance(given, str) else given


def _to_optional_timespan(given: object) -> object:
    return None if given == "" else _to_timespan(given)


def _to_share(given: object) -> object:
    if isinstance(given, str):
        found = _PERCENT.fullmatch(given.strip())
        if found is None or Decimal(found[1]) > 100:
            raise ValueError(f"expected {PERCENT}")
        return Fraction(Decimal(found[1])) / 100
    return given


def _to_day(given: object) -> object:
    if given == "":
        return None
    return parse_day(given) if isinstance(given, str) else _without_time(given)


def _without_time(given: object) -> object:
    # TOML knows days and moments; a moment is a day too in Python, but never what was meant here.
    return str(given) if isinstance(given, datetime) else given


def _to_clock(given: object) -> object:
    if isinstance(given, str) and (found := _CLOCK.fullmatch(given)):
        return time(int(found[1]), int(found[2]))
    return given


def _to_secret(given: object) -> object:
    return Secret(given) if isinstance(given, str) else given


def _to_tuple(given: object) -> object:
    return tuple(given) if isinstance(given, list) else given


def _to_names(given: object) -> object:
    if isinstance(given, list):
        return tuple(str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in given)
    return given


def _to_generation(given: object) -> object:
    if isinstance(given, int | float) and not isinstance(given, bool):
        # 1.x and 2.x share one interface, 3.x and 4.x the next, everything later the third.
        return {1: "2", 2: "2", 3: "3", 4: "3", 5: "5", 6: "5", 7: "5"}.get(int(given), given)
    return given


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("unknown time zone") from error
    return name


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f"does not match {pattern}")
        return text

    return check


Timespan = Annotated[timedelta, BeforeValidator(_to_timespan), Expected(TIMESPAN)]
MaybeTimespan = Annotated[timedelta | None, BeforeValidator(_to_optional_timespan), Expected(TIMESPAN)]
Share = Annotated[Fraction, BeforeValidator(_to_share), Expected(PERCENT)]
Day = Annotated[date | None, BeforeValidator(_to_day), Expected(f"{DAY}, or nothing")]
Clock = Annotated[time, BeforeValidator(_to_clock), Expected("a time of day as HH:MM")]
SecretText = Annotated[Secret, BeforeValidator(_to_secret), Expected("a text")]
Texts = Annotated[tuple[str, ...], BeforeValidator(_to_tuple), Expected("a list of texts")]
Names = Annotated[tuple[str, ...], BeforeValidator(_to_names), Expected("a list of names or ids")]
ZoneName = Annotated[str, AfterValidator(_known_zone), Expected("the name of a time zone such as UTC or Europe/Berlin")]
InstanceName = Annotated[
    str,
    AfterValidator(_matching("[a-z0-9-]{1,16}")),
    Expected("1 to 16 characters of a-z, 0-9 and the hyphen"),
]
CurrencyCode = Annotated[
    str, AfterValidator(_matching("([A-Z]{3})?")), Expected("three capital letters such as EUR, or nothing")
]
EmailOrNothing = Annotated[
    str, AfterValidator(_matching(r"([^@\s]+@[^@\s]+)?")), Expected("an e-mail address, or nothing")
]
GenerationWord = Annotated[
    Generation, Field(strict=False), BeforeValidator(_to_generation), Expected('"auto", "2", "3" or "5"')
]
CreatableWords = Annotated[
    tuple[Annotated[Creatable, Field(strict=False)], ...],
    BeforeValidator(_to_tuple),
    Expected("a list of " + ", ".join(Creatable)),
]
