"""Hours and months as ActiveCollab's reports and spreadsheets write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from migrator.core.names import normalise

_UNIT = re.compile(r"\s*(?:h|hrs?|hours?|std\.?|stunden)$", re.IGNORECASE)
_CLOCK = re.compile(r"([0-9]{1,9}):([0-5][0-9])(?::([0-5][0-9]))?")
_NUMBER = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,12})*")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_HOURS = "hours such as 1234.50, 1.234,50 or 1234:30"

_HUNDREDTH = 18
"""Half of a hundredth of an hour, in seconds: what hours with two decimals leave open."""

_MONTHS = {
    1: "january januar jan janner",
    2: "february februar feb",
    3: "march marz maerz mar mrz",
    4: "april apr",
    5: "may mai",
    6: "june juni jun",
    7: "july juli jul",
    8: "august aug",
    9: "september sep sept",
    10: "october oktober oct okt",
    11: "november nov",
    12: "december dezember dec dez",
}
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Amount:
    """Seconds, and how many of them the way of writing leaves open."""

    seconds: int
    within: int


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: date
    last: date


def decimal_sign(cells: Iterable[str]) -> str:
    """`.` or `,`: what all numbers of a file use; empty when none of them tells.

    Raises `ValueError` with two cells that contradict each other.
    """
    told: dict[str, str] = {}
    for cell in cells:
        sign = _told_by(_bare(cell))
        if sign:
            told.setdefault(sign, cell)
    if len(told) > 1:
        raise ValueError(" and ".join(sorted(told.values())))
    return next(iter(told), "")


def parse_amount(cell: str, sign: str) -> Amount:
    """The hours that a cell writes, where `sign` is the decimal sign of the whole file, empty when unknown.

    Raises `ValueError` with what was expected.
    """
    bare = _bare(cell)
    if clock := _CLOCK.fullmatch(bare):
        seconds = int(clock[1]) * 3_600 + int(clock[2]) * 60 + int(clock[3] or 0)
        return Amount(seconds, 0 if clock[3] else 30)
    if not _NUMBER.fullmatch(bare):
        raise ValueError(_HOURS)
    if not sign and _GROUPED.fullmatch(bare):
        raise ValueError("hours that tell which sign divides decimals: 1234.00, or 1.23")
    other = "." if sign == "," else ","
    hours = Decimal(bare.replace(other, "").replace(sign, ".") if sign else bare)
    decimals = -int(hours.as_tuple().exponent)
    seconds = int((hours * 3_600).to_integral_value(ROUND_HALF_UP))
    # Spreadsheets drop zeros at the end: 12.5 and 12 are hours with two decimals, too.
    return Amount(seconds, _HUNDREDTH if decimals <= 2 else 1)


def _bare(cell: str) -> str:
    """A cell without blanks, unit, and what else may divide thousands."""
    return re.sub(r"[\s'’]", "", _UNIT.sub("", cell.strip())).removeprefix("+")


def _told_by(bare: str) -> str:
    """The decimal sign that a number uses without any doubt."""
    if not _NUMBER.fullmatch(bare):
        return ""
    signs = [sign for sign in bare if sign in ".,"]
    if not signs:
        return ""
    if len(set(signs)) == 2:
        return signs[-1]
    if len(signs) > 1:
        return "," if signs[0] == "." else "."
    return "" if _GROUPED.fullmatch(bare) and not bare.startswith("0") else signs[0]


def parse_period(year: str, month: str) -> Period | None:
    """The days of a year, or of a month that may bring its year along; None when both are empty.

    Raises `ValueError` with what was expected.
    """
    if not month.strip():
        if not year.strip():
            return None
        if re.fullmatch(r"[12][0-9]{3}", year.strip()):
            return Period(date(int(year), 1, 1), date(int(year), 12, 31))
        # A column for years that holds months.
        year, month = "", year
    named, number = _month(month)
    if named and year.strip() and named != _year(year):
        raise ValueError("the year of the month to be that of the column year")
    known = named or _year(year)
    if not known:
        raise ValueError("a month with its year, such as 2024-03, or a column year")
    first = date(known, number, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(first, following - timedelta(days=1))


def _month(text: str) -> tuple[int, int]:
    """Year (0 when it is not told) and month."""
    cell = normalise(text).replace(".", " ").replace("/", " ").replace("-", " ")
    parts = cell.split()
    if len(parts) == 3 and "1" in (parts[0].lstrip("0"), parts[2].lstrip("0")):
        # A spreadsheet made the first day of the month of it.
        parts = parts[:2] if len(parts[0]) == 4 else parts[1:]
    numbers = [part for part in parts if part.isascii() and part.isdecimal()]
    names = [_MONTH_OF[part] for part in parts if part in _MONTH_OF]
    if len(parts) <= 2 and len(numbers) + len(names) == len(parts):
        years = [number for number in numbers if len(number) == 4]
        months = [*names, *(int(number) for number in numbers if len(number) <= 2)]
        if len(names) == 1 and len(numbers) == 1 and len(numbers[0]) == 2:
            years, months = [f"20{numbers[0]}"], names
        if len(years) <= 1 and len(months) == 1 and 1 <= months[0] <= 12:
            return (_year(years[0]) if years else 0), months[0]
    raise ValueError("a month such as 2024-03, 03.2024, 3 or March")


def _year(text: str) -> int:
    cell = text.strip()
    if not cell:
        return 0
    if not re.fullmatch(r"[12][0-9]{3}", cell):
        raise ValueError("a year such as 2024")
    return int(cell)
