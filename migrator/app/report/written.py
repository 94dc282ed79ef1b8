"""Numbers, hours, days and moments as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from migrator.app.report.language import Language
from migrator.core.duration import format_clock, format_hours

MINUS = "\u2212"
"""A minus sign: a hyphen breaks lines, and is not read out."""

_HUNDREDTH = 36
"""Seconds of a hundredth of an hour, the last place that is shown."""

_SWAPPED = str.maketrans(",.", ".,")
_MONTHS = {
    Language.DE: (
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    ),
    Language.EN: (
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    ),
}


def number(value: int | Decimal, language: Language) -> str:
    """A whole number or a decimal, in groups of thousands: `1.234,5` or `1,234.5`."""
    text = f"{value:,}"
    text = text.translate(_SWAPPED) if language is Language.DE else text
    return text.replace("-", MINUS)


def hours(seconds: int, language: Language) -> str:
    """Decimal hours with two places: `1.234,50` or `1,234.50`."""
    return number(Decimal(format_hours(seconds)), language)


def clock(seconds: int) -> str:
    """`1234:30`, with the seconds behind where they are not whole minutes: `0:10:12`."""
    return format_clock(seconds).replace("-", MINUS)


def change(seconds: int, language: Language) -> str:
    """Decimal hours with a sign unless it is nothing; less than a hundredth is written in seconds: `−12 s`."""
    if 0 < abs(seconds) < _HUNDREDTH:
        return f"{_sign(seconds)}{abs(seconds)}\u00a0s"
    return _sign(seconds) + hours(abs(seconds), language)


def change_in_hours(seconds: int, language: Language) -> str:
    """As `change`, with its unit in any case: `−1,50 h`, `−12 s`."""
    text = change(seconds, language)
    return text if text.endswith("s") else f"{text}\u00a0h"


def clock_change(seconds: int) -> str:
    """As `clock`, with a sign unless it is nothing."""
    return _sign(seconds) + clock(abs(seconds))


def _sign(seconds: int) -> str:
    return "+" if seconds > 0 else MINUS if seconds < 0 else ""


def share(part: int, whole: int, language: Language) -> str:
    """Per cent with one place; never 100 or 0 unless it is all or nothing."""
    if part in (0, whole) or whole == 0:
        tenths = Decimal("100.0") if part and part == whole else Decimal("0.0")
    else:
        exact = (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
        tenths = min(max(exact, Decimal("0.1")), Decimal("99.9"))
    return f"{number(tenths, language)} %"


def day(value: date, language: Language) -> str:
    """`09.01.2026` or `9 Jan 2026`."""
    if language is Language.DE:
        return f"{value.day:02}.{value.month:02}.{value.year:04}"
    return f"{value.day} {_MONTHS[language][1].split()[value.month - 1]} {value.year:04}"


def month(value: date, language: Language) -> str:
    """`Januar 2026` or `January 2026`."""
    return f"{_MONTHS[language][0].split()[value.month - 1]} {value.year:04}"


def short_month(value: date, language: Language) -> str:
    """`Nov. 2026` or `Nov 2026`, for narrow columns."""
    return f"{_MONTHS[language][1].split()[value.month - 1]} {value.year:04}"


def span(begun: datetime, ended: datetime | None, language: Language) -> str:
    """From when to when, the day only once where it is the same: `09.01.2026, 14:30 – 15:10 UTC`."""
    if ended is None:
        return moment(begun, language)
    first, last = moment(begun, language), moment(ended, language)
    if first.split(",")[0] == last.split(",")[0]:
        last = last.split(", ")[1]
    return f"{first.removesuffix(' UTC')} – {last}"


def moment(value: datetime, language: Language) -> str:
    """A day and a time in UTC, to the minute; what has no time zone is taken for UTC."""
    utc = value.astimezone(UTC) if value.tzinfo else value
    return f"{day(utc.date(), language)}, {utc.hour:02}:{utc.minute:02} UTC"


def number_change(value: int, language: Language) -> str:
    """A whole number with a sign unless it is nothing."""
    return _sign(value) + number(abs(value), language)


def amount(value: Decimal | int, language: Language) -> str:
    """A decimal with two places, or with up to four where it has them: `1.234,50`, `0,1667`."""
    rounded = Decimal(value).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    places = max(2, -int(rounded.normalize().as_tuple().exponent))
    return number(rounded.quantize(Decimal(1).scaleb(-places)), language)
