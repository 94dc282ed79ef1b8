"""Hours and months as reports and spreadsheets write them."""

from __future__ import annotations

from datetime import date

import pytest

from migrator.app.control.amounts import Amount, Period, decimal_sign, parse_amount, parse_period


@pytest.mark.parametrize(
    ("cell", "sign", "seconds", "within"),
    [
        ("1.234,50", ",", 4_444_200, 18),
        ("1,234.50", ".", 4_444_200, 18),
        ("1 234,5 h", ",", 4_444_200, 18),
        ("1'234.5", ".", 4_444_200, 18),
        ("+12", "", 43_200, 18),
        ("1.234", ",", 4_442_400, 18),
        ("1.234", ".", 4_442, 1),
        ("3,75 Std.", ",", 13_500, 18),
        ("1234:30", "", 4_444_200, 30),
        ("0:10:12", "", 612, 0),
    ],
)
def test_hours_are_read_as_people_write_them(cell: str, sign: str, seconds: int, within: int) -> None:
    assert parse_amount(cell, sign) == Amount(seconds, within)


@pytest.mark.parametrize("cell", ["", "-3", "abc", "1:75", "=1+1", "1e9", "3.5.2x", "NaN"])
def test_what_is_no_sum_of_hours_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="hours such as"):
        parse_amount(cell, ".")


@pytest.mark.parametrize("cell", ["1.234", "12,345", "1.234.567"])
def test_a_number_that_may_be_two_is_refused_where_no_other_tells(cell: str) -> None:
    sign = decimal_sign([cell])
    if cell.count(".") == 2:
        assert parse_amount(cell, sign).seconds == 1_234_567 * 3_600
    else:
        assert sign == ""
        with pytest.raises(ValueError, match="which sign divides decimals"):
            parse_amount(cell, sign)


def test_one_number_tells_how_all_others_are_meant() -> None:
    assert decimal_sign(["1.234", "0,5", "7:30", "12"]) == ","
    assert decimal_sign(["0.234", "1,000"]) == "."
    with pytest.raises(ValueError, match=r"0,5 and 2\.75"):
        decimal_sign(["0,5", "2.75"])


@pytest.mark.parametrize(
    ("year", "month"),
    [
        ("2024", "3"),
        ("2024", "03"),
        ("", "2024-03"),
        ("2024-03", ""),
        ("", "03.2024"),
        ("", "3/2024"),
        ("2024", "März"),
        ("", "March 2024"),
        ("", "Mrz 24"),
        ("", "01.03.2024"),
        ("2024", "2024-03-01"),
    ],
)
def test_a_month_is_read_as_spreadsheets_write_it(year: str, month: str) -> None:
    assert parse_period(year, month) == Period(date(2024, 3, 1), date(2024, 3, 31))


def test_a_year_means_all_its_days_and_nothing_means_any() -> None:
    assert parse_period("2023", "") == Period(date(2023, 1, 1), date(2023, 12, 31))
    assert parse_period(" ", "") is None
    assert parse_period("", "2023-12") == Period(date(2023, 12, 1), date(2023, 12, 31))


@pytest.mark.parametrize(("year", "month"), [("", "3"), ("24", ""), ("2024", "13"), ("2024", "2023-03"), ("", "soon")])
def test_what_is_no_month_is_refused(year: str, month: str) -> None:
    with pytest.raises(ValueError, match=r"month|year"):
        parse_period(year, month)
