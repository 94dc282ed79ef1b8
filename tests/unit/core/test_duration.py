from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.duration import (
    LONGEST,
    HoursError,
    Rounding,
    explained_by_rounding,
    format_clock,
    format_hours,
    parse_hours,
    round_seconds,
)
from migrator.core.model import Seconds

DURATIONS = st.integers(0, LONGEST).map(Seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5:30", 19_800),
        ("5:5", 18_300),
        ("05:05", 18_300),
        (":30", 1_800),
        ("0:00", 0),
        ("1000:00", 3_600_000),
        ("5.5", 19_800),
        ("3.75", 13_500),
        ("3,75", 13_500),
        ("+1.5", 5_400),
        ("+1:30", 5_400),
        ("1.0E-2", 36),
        ("1e-99", 0),
        ("1E3", 3_600_000),
        ("0", 0),
        ("0.00", 0),
        ("3", 10_800),
        ("1000", 3_600_000),
        ("0.17", 612),
        ("0.01", 36),
        ("3.3299999237061", 11_988),
        ("0.00013888888888888", 0),
        ("0.00013888888888889", 1),
        ("0.1", 360),
        (" \n 8 \t", 28_800),
    ],
)
def test_hours_are_read_as_whole_seconds(text: str, seconds: int) -> None:
    assert parse_hours(text) == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "5:30"),
        ("   ", "5:30"),
        ("1h30", "5:30"),
        ("1.234,5", "5:30"),
        ("1,234.5", "5:30"),
        ("1,2,3", "5:30"),
        ("1.2.3", "5:30"),
        ("5:", "5:30"),
        (":", "5:30"),
        ("5:075", "5:30"),
        ("1:30:00", "5:30"),
        ("5.", "5:30"),
        (".5", "5:30"),
        ("NaN", "5:30"),
        ("Infinity", "5:30"),
        ("1_000", "5:30"),
        ("\uff13", "5:30"),
        ("٣", "5:30"),
        ("1 5", "5:30"),
        ("5 :30", "5:30"),
        ("3 hours", "5:30"),
        ("0x10", "5:30"),
        ("--1", "no negative"),
        ("-1", "no negative"),
        ("-0:30", "no negative"),
        ("−1", "5:30"),
        ("...", "5:30"),
        ("5:60", "minutes from 0 to 59"),
        ("5:75", "minutes from 0 to 59"),
        ("1000.01", "1,000 hours"),
        ("1000:01", "1,000 hours"),
        ("1E99", "1,000 hours"),
        ("1" * 21, "5:30"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse_hours(text)
    assert expected in refused.value.expected


@given(st.text(max_size=12))
def test_every_text_is_hours_or_a_refusal(text: str) -> None:
    try:
        seconds = parse_hours(text)
    except HoursError:
        return
    assert 0 <= seconds <= LONGEST
    assert set(text.strip()) <= set("0123456789+-.,:eE")


@given(st.integers(0, 60_000))
def test_whole_minutes_survive_two_decimals_of_an_hour(minutes: int) -> None:
    stored = format_hours(minutes * 60)
    assert round_seconds(parse_hours(stored), Rounding.MINUTE) == minutes * 60


@given(st.integers(0, 999), st.integers(0, 59))
def test_a_clock_and_its_decimal_are_the_same_duration(hours: int, minutes: int) -> None:
    exact = Decimal(hours * 60 + minutes) / 60
    assert parse_hours(f"{hours}:{minutes:02}") == parse_hours(f"{exact:.15f}")


@given(st.integers(0, LONGEST // 36))
def test_hundredths_of_an_hour_are_exact_and_written_back(hundredths: int) -> None:
    text = f"{Decimal(hundredths) / 100:.2f}"
    assert parse_hours(text) == hundredths * 36
    assert parse_hours(text.replace(".", ",")) == hundredths * 36
    assert format_hours(parse_hours(text)) == text


@given(DURATIONS)
def test_exact_rounding_changes_nothing_and_minutes_move_by_half_a_minute_at_most(seconds: Seconds) -> None:
    assert round_seconds(seconds, Rounding.EXACT) == seconds
    rounded = round_seconds(seconds, Rounding.MINUTE)
    assert rounded % 60 == 0
    assert -30 < rounded - seconds <= 30


@pytest.mark.parametrize(("seconds", "rounded"), [(612, 600), (29, 0), (30, 60), (90, 120), (89, 60)])
def test_minutes_are_rounded_half_up(seconds: int, rounded: int) -> None:
    assert round_seconds(Seconds(seconds), Rounding.MINUTE) == rounded


@pytest.mark.parametrize(
    ("sent", "stored", "explained"),
    [
        (612, 612, True),
        (612, 600, True),
        (612, 900, True),
        (60, 300, True),
        (60, 900, True),
        (450, 600, True),
        (449, 300, True),
        (449, 0, False),
        (1_349, 900, True),
        (1_350, 1_800, True),
        (612, 1_800, False),
        (612, 660, False),
        (0, 300, False),
        (0, 0, True),
        (3_600, 3_900, False),
    ],
)
def test_what_mocos_rounding_explains(sent: int, stored: int, explained: bool) -> None:
    assert explained_by_rounding(Seconds(sent), Seconds(stored)) is explained


@given(DURATIONS, st.integers(-2_000, 2_000))
def test_rounding_explains_less_than_one_step(seconds: Seconds, difference: int) -> None:
    if explained_by_rounding(seconds, Seconds(seconds + difference)):
        assert abs(difference) < 900


@pytest.mark.parametrize(
    ("seconds", "hours", "clock"),
    [
        (13_500, "3.75", "3:45"),
        (0, "0.00", "0:00"),
        (612, "0.17", "0:10:12"),
        (360_000, "100.00", "100:00"),
        (-5_400, "-1.50", "-1:30"),
        (-1, "0.00", "-0:00:01"),
        (18, "0.01", "0:00:18"),
        (10**15, "277777777777.78", "277777777777:46:40"),
    ],
)
def test_durations_are_written_without_noise(seconds: int, hours: str, clock: str) -> None:
    assert format_hours(seconds) == hours
    assert format_clock(seconds) == clock
