"""Batches carry one person each, lose nothing, and halving finds every bad record within its bound."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.batching import batches, halves, post_bound
from migrator.core.model import Booking, SourceId
from tests.unit.core.builders import a_booking


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A record with its booking, as any queue may hold it."""

    source_id: SourceId
    booking: Booking


Batch = tuple[BatchRow, ...]


def rows_of(*people: int) -> list[BatchRow]:
    return [BatchRow(SourceId(index + 1), a_booking(user=person)) for index, person in enumerate(people)]


def posts_to_isolate(batch: Batch, bad: set[int]) -> tuple[int, set[int]]:
    """POSTs that halving takes against a server that refuses a batch with a bad record; who was found."""
    refused = {row.source_id for row in batch} & bad
    if not refused or len(batch) == 1:
        return 1, set(refused)
    posts, found = 1, set[int]()
    for half in halves(batch):
        more, there = posts_to_isolate(half, bad)
        posts, found = posts + more, found | there
    return posts, found


@given(st.lists(st.integers(1, 4), max_size=60).map(sorted), st.integers(1, 100))
def test_batches_keep_order_and_people_apart(people: list[int], size: int) -> None:
    rows = rows_of(*people)
    found = list(batches(rows, size))
    assert [row for batch in found for row in batch] == rows
    assert all(1 <= len(batch) <= size and len({row.booking.user_id for row in batch}) == 1 for batch in found)
    assert len(found) == sum(-(-people.count(person) // size) for person in set(people))


def test_batches_are_made_as_they_are_asked_for() -> None:
    source = iter(rows_of(*[1] * 10))
    next(batches(source, 3))
    assert next(source).source_id == 4


@pytest.mark.parametrize("size", [0, -1, 101])
def test_a_size_that_moco_does_not_take_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        list(batches(rows_of(1), size))


@given(st.integers(1, 100), st.data())
def test_halving_finds_every_bad_record_within_the_bound(n: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(1, n), min_size=1, max_size=5))
    posts, found = posts_to_isolate(tuple(rows_of(*[1] * n)), bad)
    assert found == bad
    assert posts <= post_bound(n, len(bad))


def test_the_bound_is_the_published_one() -> None:
    assert [post_bound(0, 0), post_bound(1, 1), post_bound(2, 1), post_bound(100, 1), post_bound(100, 3)] == [
        0,
        1,
        3,
        15,
        43,
    ]
    assert post_bound(100, 0) == 1


def test_a_single_record_has_no_second_half() -> None:
    (row,) = rows_of(1)
    assert halves((row,)) == ((row,), ())
