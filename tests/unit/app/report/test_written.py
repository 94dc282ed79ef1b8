"""Numbers, hours, days and moments are written as each language does it, and without noise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from migrator.app.report import written
from migrator.app.report.wording import Language

DE, EN = Language.DE, Language.EN


@pytest.mark.parametrize(
    ("seconds", "german", "english", "clock"),
    [
        (0, "0,00", "0.00", "0:00"),
        (612, "0,17", "0.17", "0:10:12"),
        (4_444_200, "1.234,50", "1,234.50", "1234:30"),
        (-5_400, "\u22121,50", "\u22121.50", "\u22121:30"),
        (3_600_000_000, "1.000.000,00", "1,000,000.00", "1000000:00"),
        # 0.1 + 0.2 hours, as a float would not have it.
        (1_080, "0,30", "0.30", "0:18"),
    ],
)
def test_hours(seconds: int, german: str, english: str, clock: str) -> None:
    assert written.hours(seconds, DE) == german
    assert written.hours(seconds, EN) == english
    assert written.clock(seconds) == clock


@pytest.mark.parametrize(
    ("seconds", "change", "with_unit", "clock"),
    [
        (0, "0,00", "0,00\u00a0h", "0:00"),
        (-12, "\u221212\u00a0s", "\u221212\u00a0s", "\u22120:00:12"),
        (35, "+35\u00a0s", "+35\u00a0s", "+0:00:35"),
        (36, "+0,01", "+0,01\u00a0h", "+0:00:36"),
        (-4_444_200, "\u22121.234,50", "\u22121.234,50\u00a0h", "\u22121234:30"),
    ],
)
def test_changes_have_a_sign_and_never_read_as_nothing(seconds: int, change: str, with_unit: str, clock: str) -> None:
    assert written.change(seconds, DE) == change
    assert written.change_in_hours(seconds, DE) == with_unit
    assert written.clock_change(seconds) == clock


def test_numbers() -> None:
    assert (written.number(-1_234, DE), written.number(1_234, EN)) == ("\u22121.234", "1,234")
    assert [written.number_change(value, EN) for value in (5, 0, -5)] == ["+5", "0", "\u22125"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1234.5"), "1.234,50"),
        (Decimal(0), "0,00"),
        (Decimal("1E+3"), "1.000,00"),
        (Decimal(1) / 6, "0,1667"),
        (Decimal("0.1250000"), "0,125"),
        (Decimal("-19.90"), "\u221219,90"),
    ],
)
def test_amounts_have_no_noise(value: Decimal, expected: str) -> None:
    assert written.amount(value, DE) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 100, "0.0 %"),
        (100, 100, "100.0 %"),
        (1, 3, "33.3 %"),
        (1, 1_000_000, "0.1 %"),
        (999_999, 1_000_000, "99.9 %"),
        (0, 0, "0.0 %"),
    ],
)
def test_a_share_is_all_or_nothing_only_where_it_is(part: int, whole: int, expected: str) -> None:
    assert written.share(part, whole, EN) == expected


def test_days_and_moments() -> None:
    moment = datetime(2026, 3, 9, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert (written.day(date(2026, 1, 9), DE), written.day(date(2026, 1, 9), EN)) == ("09.01.2026", "9 Jan 2026")
    assert (written.month(date(2026, 3, 1), DE), written.month(date(2026, 3, 1), EN)) == ("März 2026", "March 2026")
    assert written.short_month(date(2026, 9, 1), DE) == "Sept. 2026"
    assert (written.moment(moment, DE), written.moment(moment, EN)) == (
        "08.03.2026, 23:05 UTC",
        "8 Mar 2026, 23:05 UTC",
    )
    assert written.moment(datetime(2026, 3, 9, 7, 5), DE) == "09.03.2026, 07:05 UTC"  # noqa: DTZ001 - as databases do


def test_a_span_names_a_day_once() -> None:
    begun = datetime(2026, 3, 9, 7, 5, tzinfo=UTC)
    assert written.span(begun, begun + timedelta(hours=1), DE) == "09.03.2026, 07:05 – 08:05 UTC"
    assert written.span(begun, begun + timedelta(days=1), DE) == "09.03.2026, 07:05 – 10.03.2026, 07:05 UTC"
    assert written.span(begun, None, EN) == "9 Mar 2026, 07:05 UTC"
