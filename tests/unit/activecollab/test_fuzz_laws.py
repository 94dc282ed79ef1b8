"""The laws of reading under damage, for some seconds; `make fuzz` goes on for as long as you like."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from tests.fuzz.documents import WHOLE, Whole, alone, corpus
from tests.fuzz.laws import BITS, Damaged, check, damaged, encoded, ruined, shuffled
from tests.unit.activecollab.reading import read


@given(shuffled())
@settings(max_examples=100)
def test_records_are_read_in_any_order_and_number(drawn: tuple[Whole, tuple[bytes, ...]]) -> None:
    whole, records = drawn
    got = read(whole.joined(records), name=whole.name)
    assert got.entries == tuple(entry for record in records for entry in alone(whole, record))
    assert (got.problems, got.rejected) == ((), ())


@given(damaged())
@settings(max_examples=800)
def test_a_record_that_nobody_touched_is_read_or_it_is_said_what_was_lost(case: Damaged) -> None:
    check(case)


@given(encoded())
@settings(max_examples=200)
def test_another_encoding_is_read_or_refused(case: Damaged) -> None:
    check(case)


@given(ruined())
@settings(max_examples=400)
def test_no_ruin_ever_raises(case: Damaged) -> None:
    check(case)


@pytest.mark.parametrize("bit", BITS)
def test_the_laws_hold_at_every_place_of_a_record(bit: bytes) -> None:
    for whole in WHOLE[::2]:
        first, second, third = whole.records[:3]
        rest = (*alone(whole, first), *alone(whole, third))
        for at in range(0, len(second) + 1, 7):
            torn = second[:at] + bit + second[at:]
            check(Damaged(whole.name, whole.joined((first, torn, third)), rest, within=1))


def test_reading_leaves_nothing_behind_in_memory() -> None:
    documents = [*corpus(), *_torn()]

    def read_all() -> int:
        for name, document in documents:
            read(document, name=name)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        read_all()
        before, after = read_all(), read_all()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000


def _torn() -> Iterator[tuple[str, bytes]]:
    for whole in WHOLE:
        document = whole.joined(whole.records)
        yield from ((whole.name, document[:at]) for at in range(0, len(document), 150))
