"""MOCO's own books: what is unexplained, and what may be rounding."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.moco_books import STEP, Held, NotTold, ProjectBook, Told, seconds_of_hours
from migrator.core.model import MocoId, Seconds


def a_book(total: int, *durations: int, booked: int = 0) -> ProjectBook:
    """A project whose linked activities have these durations."""
    each = [*durations, *([booked] if booked else [])]
    lowest = sum((one + STEP // 2 - 1) // STEP * STEP for one in each)
    highest = sum((one + STEP // 2) // STEP * STEP for one in each)
    held = Held(sum(durations), booked, 0, lowest, highest)
    return ProjectBook(MocoId(1), "Website", held, Told(Seconds(total), Seconds(0)))


def test_what_no_activity_stands_for_is_unexplained() -> None:
    book = a_book(3 * 3600, 3600, booked=3600)
    assert (book.unexplained, book.agrees) == (3600, False)
    shown = book.as_json()
    assert (shown["moco_hours"], shown["migrated_hours"], shown["booked_in_moco_hours"]) == ("3.00", "1.00", "1.00")
    assert (shown["unexplained_seconds"], shown["agrees"]) == (3600, False)
    less = a_book(0, 3600)
    assert (less.unexplained, less.agrees) == (-3600, False)


def test_whole_hundredths_leave_no_room_but_that_of_the_sum() -> None:
    assert a_book(36, *[36] * 1000).tolerance == 18
    assert a_book(1000 * 612 + 19, *[612] * 1000).agrees is False


@given(st.lists(st.integers(0, 90_000), max_size=20))
def test_either_way_of_rounding_is_explained_and_a_tenth_of_an_hour_beyond_it_is_not(durations: list[int]) -> None:
    hours = [Decimal(each) / 3600 for each in durations]
    cent = Decimal("0.01")
    of_each = seconds_of_hours(sum((each.quantize(cent) for each in hours), Decimal(0)))
    of_sum = seconds_of_hours(sum(hours, Decimal(0)).quantize(cent))
    for total in (of_each, of_sum, sum(durations)):
        assert a_book(total, *durations).agrees
    tolerance = a_book(0, *durations).tolerance
    assert tolerance <= 18 * (len(durations) + 1)
    assert not a_book(sum(durations) + tolerance + 1, *durations).agrees


@pytest.mark.parametrize(
    ("hours", "seconds"), [(None, 0), ("0.0", 0), ("1.5", 5400), ("0.17", 612), ("1500", 5_400_000)]
)
def test_hours_of_a_report_are_seconds_and_none_are_none(hours: str | None, seconds: int) -> None:
    assert seconds_of_hours(None if hours is None else Decimal(hours)) == seconds


def test_what_moco_does_not_tell_is_no_difference() -> None:
    book = ProjectBook(MocoId(1), "Website", Held(3600), NotTold.NOT_SHOWN)
    shown = book.as_json()
    assert (book.agrees, shown["told"], shown["moco_seconds"], shown["agrees"]) == (
        True,
        "not shown to this key",
        None,
        None,
    )


def test_a_report_without_a_total_tells_nothing_unless_there_is_nothing_to_tell() -> None:
    empty = ProjectBook.of(MocoId(1), "Leer", Held(), NotTold.WITHOUT_HOURS)
    assert (empty.told, empty.agrees) == (Told(Seconds(0), Seconds(0)), True)
    booked = ProjectBook.of(MocoId(1), "Voll", Held(migrated=3600, lowest=3600, highest=3600), NotTold.WITHOUT_HOURS)
    assert (booked.told, booked.agrees) == (NotTold.WITHOUT_HOURS, True)
