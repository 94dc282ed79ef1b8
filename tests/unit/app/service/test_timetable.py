"""When scheduled work is due, on ordinary days and on those on which clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from migrator.app.service.timetable import Timetable, count_times, timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

BERLIN = ZoneInfo("Europe/Berlin")


def cron(line: str) -> Timetable:
    return timetable(None, line, "Europe/Berlin")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type, misc] # year, month, day …


def times(table: Timetable, after: datetime) -> Iterator[datetime]:
    while True:
        after = table.after(after)
        yield after


def wall(line: str, after: datetime, many: int) -> list[str]:
    """The next times as a clock in Berlin shows them."""
    return [f"{each.astimezone(BERLIN):%a %d %H:%M}" for each in islice(times(cron(line), after), many)]


@pytest.mark.parametrize(
    ("line", "after", "shown"),
    [
        # In autumn 02:30 is there twice: once is enough.
        ("30 2 * * *", local(2026, 10, 24, 12), ["Sun 25 02:30", "Mon 26 02:30", "Tue 27 02:30"]),
        # In spring it is not there: then it is an hour later.
        ("30 2 * * *", local(2026, 3, 28, 12), ["Sun 29 03:30", "Mon 30 02:30", "Tue 31 02:30"]),
        ("30 2,3 * * *", local(2026, 3, 28, 12), ["Sun 29 03:30", "Mon 30 02:30", "Mon 30 03:30"]),
        # A line that names no hour does not rest in the repeated one.
        ("*/30 * * * *", local(2026, 10, 25, 1, 45), ["Sun 25 02:00", "Sun 25 02:30", "Sun 25 02:00", "Sun 25 02:30"]),
        ("*/30 * * * *", local(2026, 3, 29, 1, 15), ["Sun 29 01:30", "Sun 29 03:00", "Sun 29 03:30"]),
        # Days of the week as cron counts them.
        ("0 5 * * 0", local(2026, 11, 27, 12), ["Sun 29 05:00", "Sun 06 05:00"]),
        ("0 5 * * 5-7", local(2026, 11, 26, 12), ["Fri 27 05:00", "Sat 28 05:00", "Sun 29 05:00", "Fri 04 05:00"]),
        ("0 5 * * fri-mon/3", local(2026, 11, 26, 12), ["Fri 27 05:00", "Mon 30 05:00"]),
        ("*/15 6-20 * * mon-fri", local(2026, 11, 27, 20, 40), ["Fri 27 20:45", "Mon 30 06:00"]),
    ],
)
def test_a_line_of_cron(line: str, after: datetime, shown: list[str]) -> None:
    assert wall(line, after, len(shown)) == shown


def test_the_second_of_two_equal_hours_repeats_nothing() -> None:
    first = cron("30 2 * * *").after(local(2026, 10, 25, 1))
    for minutes in (0, 20, 40, 59, 60, 70, 100):
        assert cron("30 2 * * *").after(first + timedelta(minutes=minutes)).astimezone(BERLIN).day == 26


def test_every_so_often_counts_from_the_start_and_catches_up_once() -> None:
    table, now = timetable(timedelta(minutes=15), "", "UTC"), datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert table.due(None, now) == now
    assert table.due(now - timedelta(minutes=5), now) == now + timedelta(minutes=10)
    assert table.due(now - timedelta(days=3), now) < now
    # The clock went back: nothing waits until it is where it was.
    assert table.due(now + timedelta(hours=2), now) == now + timedelta(minutes=15)


def test_a_line_that_was_never_followed_waits_for_its_time_and_a_missed_one_is_due() -> None:
    now = local(2026, 11, 26, 12)
    assert cron("0 5 * * *").due(None, now) == local(2026, 11, 27, 5)
    assert cron("0 5 * * *").due(local(2026, 11, 20, 5), now) == local(2026, 11, 21, 5)


def test_times_between_two_moments_are_counted_up_to_a_limit() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    table = timetable(timedelta(minutes=15), "", "UTC")
    assert count_times(table, start, start + timedelta(minutes=14), 9) == 0
    assert count_times(table, start, start + timedelta(minutes=45), 9) == 3
    assert count_times(table, start, start + timedelta(days=1), 9) == 9
    assert count_times(table, start, start - timedelta(days=1), 9) == 0
    assert count_times(cron("0 5 * * mon-fri"), local(2026, 11, 27, 6), local(2026, 11, 30, 4), 9) == 0
