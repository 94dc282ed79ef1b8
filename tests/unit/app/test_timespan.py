"""Durations and days as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.app.timespan import format_timespan, parse_day, parse_timespan


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("15m", timedelta(minutes=15)),
        ("6h", timedelta(hours=6)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("0s", timedelta()),
        ("0.1s", timedelta(milliseconds=100)),
        ("1h30m", timedelta(minutes=90)),
        (" 1h 30m ", timedelta(minutes=90)),
    ],
)
def test_a_duration_is_read(text: str, span: timedelta) -> None:
    assert parse_timespan(text) == span


@pytest.mark.parametrize(
    "text", ["", "15", "h", "-1h", "1 hour", "1y", "1,5h", "1.h", "1e3s", "99999d", "9" * 400 + "s", "0.1s x"]
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a duration such as 15m"):
        parse_timespan(text)


@given(st.integers(0, 9_000_000).map(lambda ms: timedelta(milliseconds=ms * 100)))
def test_a_written_duration_is_read_back(span: timedelta) -> None:
    assert parse_timespan(format_timespan(span)) == span


def test_durations_are_written_in_their_largest_whole_unit() -> None:
    spans = [timedelta(days=7), timedelta(hours=6), timedelta(minutes=90), timedelta(seconds=0.1), timedelta()]
    assert [format_timespan(span) for span in spans] == ["7d", "6h", "90m", "0.1s", "0s"]


def test_a_day_is_read() -> None:
    assert parse_day(" 2024-02-29 ") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["", "2023-02-29", "29.02.2024", "20240229", "2024-2-9", "2024-02-29T00:00"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a day as YYYY-MM-DD"):
        parse_day(text)
