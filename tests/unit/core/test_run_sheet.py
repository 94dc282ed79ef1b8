from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from migrator.core.run_sheet import Step, WayBack, next_friday, timed

BERLIN = ZoneInfo("Europe/Berlin")


def a_step(seconds: float, final: int = 0) -> Step:
    return Step("migrator plan", "", seconds, 1, WayBack(final=final))


@pytest.mark.parametrize(
    ("now", "friday"),
    [
        ("2026-11-26 12:00", "2026-11-27 18:00"),
        ("2026-11-27 16:59", "2026-11-27 18:00"),
        ("2026-11-27 17:00", "2026-12-04 18:00"),  # it is 18:00 in Berlin already
        ("2026-11-28 00:00", "2026-12-04 18:00"),
    ],
)
def test_the_next_friday_evening_is_the_one_to_come(now: str, friday: str) -> None:
    found = next_friday(datetime.fromisoformat(now).replace(tzinfo=UTC), BERLIN)
    assert (f"{found:%Y-%m-%d %H:%M}", found.tzinfo) == (friday, BERLIN)


def test_steps_follow_each_other_also_over_a_night_in_which_the_clock_is_set_back() -> None:
    start = datetime(2026, 10, 24, 18, 0, tzinfo=BERLIN)
    steps = timed([a_step(6 * 3600), a_step(6 * 3600)], start)
    # Twelve hours later the clock shows eleven more.
    assert [f"{each.begins:%a %H:%M}–{each.ends:%a %H:%M}" for each in steps] == [
        "Sat 18:00–Sun 00:00",
        "Sun 00:00–Sun 05:00",
    ]


def test_there_is_no_return_behind_each_step_that_leaves_more_for_good() -> None:
    steps = timed([a_step(1), a_step(1, 3), a_step(1, 3), a_step(1, 5)], datetime(2026, 1, 1, tzinfo=BERLIN))
    assert [each.number for each in steps if each.no_return] == [2, 4]


def test_the_way_back_deletes_one_by_one_and_reads_a_hundred_at_once() -> None:
    assert WayBack.of(250, 7, per_window=15, window_seconds=15) == WayBack(250, 253, 240, 7)
