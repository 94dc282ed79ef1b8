"""Tests for `migrator.core.pilot`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.model import SourceId
from migrator.core.pilot import Cell, Pick, choose

FIRST = date(2020, 1, 1)


def cell(project: int, user: int, billing: int = 1, first: int = 0, length: int = 9) -> Cell:
    """Time of a person in a project, from a number of days after the first on."""
    start = FIRST + timedelta(days=first)
    return Cell(SourceId(project), SourceId(user), billing, start, start + timedelta(days=length))


def picked(picks: Sequence[Pick]) -> set[tuple[int, int, int, int]]:
    return {(each.project_id, each.user_id, each.billing, (each.day - FIRST).days) for each in picks}


def test_one_project_in_which_everybody_works_is_enough() -> None:
    cells = [cell(1, 1), cell(1, 2), cell(2, 1), cell(3, 2), cell(4, 1)]
    assert {each.project_id for each in choose(cells)} == {1}


def test_everybody_gives_the_oldest_and_the_newest_record() -> None:
    cells = [cell(1, 1, first=5), cell(1, 2, billing=0), cell(1, 2, billing=2, first=40)]
    of_one, of_other = {(1, 1, 1, 5), (1, 1, 1, 14)}, {(1, 2, 0, 0), (1, 2, 2, 49)}
    of_statuses = {(1, 2, 0, 9), (1, 2, 2, 40)}
    assert picked(choose(cells)) == of_one | of_other | of_statuses


def test_a_status_and_the_ends_of_the_history_are_there_wherever_they_are() -> None:
    few = [cell(1, 1, first=10), cell(1, 2, first=10)]
    cells = [*few, cell(2, 1, billing=3, first=20), cell(3, 1, first=0, length=99)]
    found = picked(choose(cells))
    assert {(2, 1, 3, 20), (3, 1, 1, 0), (3, 1, 1, 99)} <= found


def test_without_records_there_is_no_pilot() -> None:
    assert choose([]) == ()


CELLS = st.lists(
    st.builds(
        cell,
        project=st.integers(1, 30),
        user=st.integers(1, 12),
        billing=st.integers(0, 3),
        first=st.integers(0, 3000),
        length=st.integers(0, 900),
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda each: (each.project_id, each.user_id, each.billing),
)


@given(CELLS)
def test_a_pilot_stands_for_all_and_stays_small_in_whatever_order_the_cells_come(cells: list[Cell]) -> None:
    picks = choose(cells)
    assert {each.user_id for each in picks} == {each.user_id for each in cells}
    assert {each.billing for each in picks} == {each.billing for each in cells}
    assert min(each.day for each in picks) == min(each.first for each in cells)
    assert max(each.day for each in picks) == max(each.last for each in cells)
    assert len(picks) <= 2 * (len({each.user_id for each in cells}) + 4 + 1)
    assert choose(list(reversed(cells))) == picks
    known = {(each.project_id, each.user_id, each.billing): each for each in cells}
    for pick in picks:
        of = known[pick.project_id, pick.user_id, pick.billing]
        assert pick.day in {of.first, of.last}
