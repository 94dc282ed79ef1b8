"""When recent days and older months are listed again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.rechecks import Days, due_months, months, window_due

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
PERIOD = timedelta(days=30)
YEAR = tuple(months(date(2025, 1, 15), date(2025, 12, 2)))


def test_months_are_whole_and_touch_each_other() -> None:
    assert [month.month for month in YEAR] == [f"2025-{number:02}" for number in range(1, 13)]
    assert YEAR[1] == Days(date(2025, 2, 1), date(2025, 2, 28))
    assert list(months(date(2025, 3, 1), date(2025, 3, 1))) == []
    assert [month.last for month in months(date(2024, 2, 29), date(2024, 3, 1))] == [date(2024, 2, 29)]


@pytest.mark.parametrize(
    ("listed_at", "is_due"),
    [
        (None, True),
        (NOW - timedelta(hours=6), True),
        (NOW - timedelta(hours=5, minutes=59), False),
        (NOW, False),
        (NOW + timedelta(minutes=1), True),
    ],
    ids=["never", "long enough ago", "a moment too early", "just now", "a clock that went back"],
)
def test_the_window_is_due_after_its_time(listed_at: datetime | None, is_due: bool) -> None:
    assert window_due(listed_at, timedelta(hours=6), NOW) is is_due


def test_a_window_of_no_time_is_always_due() -> None:
    assert window_due(NOW, timedelta(0), NOW)


def test_months_that_were_never_proved_are_due_at_once() -> None:
    assert due_months(dict.fromkeys(YEAR), PERIOD, NOW) == YEAR
    assert due_months({YEAR[0]: NOW, YEAR[1]: None}, PERIOD, NOW) == (YEAR[1],)
    assert due_months({}, PERIOD, NOW) == ()


def test_a_month_proved_in_the_future_is_due() -> None:
    assert due_months({YEAR[0]: NOW + timedelta(days=1)}, PERIOD, NOW) == (YEAR[0],)


def test_months_that_were_proved_together_come_one_by_one_over_the_whole_period() -> None:
    proved: dict[Days, datetime | None] = dict.fromkeys(YEAR, NOW)
    done: list[tuple[int, Days]] = []
    for hour in range(1, 24 * 30 + 1):
        for month in due_months(proved, PERIOD, NOW + timedelta(hours=hour)):
            proved[month] = NOW + timedelta(hours=hour)
            done.append((hour, month))
    assert [month for _, month in done] == list(YEAR)
    hours = [0, *(hour for hour, _ in done)]
    assert {later - earlier for earlier, later in pairwise(hours)} == {60}


@given(
    st.lists(st.integers(0, 60 * 24), min_size=1, max_size=12),
    st.integers(1, 12),
)
def test_no_month_waits_longer_than_the_period_when_syncs_are_frequent(ages: list[int], every: int) -> None:
    proved: dict[Days, datetime | None] = {
        month: NOW - timedelta(hours=age) for month, age in zip(YEAR, ages, strict=False)
    }
    for hour in range(0, 24 * 70, every):
        now = NOW + timedelta(hours=hour)
        for month in due_months(proved, PERIOD, now):
            proved[month] = now
        oldest = min(at for at in proved.values() if at is not None)
        assert now - oldest < PERIOD
