from __future__ import annotations

import itertools
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.fingerprint import content_hash
from migrator.core.model import FoundEntry, Rejected, SourceId
from migrator.store.rows import source_row
from migrator.store.staging import StageCounts, Staged
from tests.unit.store.builders import a_reject, a_time_entry, found, when

ages = st.none() | st.integers(1, 3).map(when)


@st.composite
def copies(draw: st.DrawFn) -> list[FoundEntry | Rejected]:
    """Up to four copies of one record in different documents, some of them not usable."""
    drawn: list[FoundEntry | Rejected] = []
    for place in ("a.xml:1", "b.xml:1", "c.xml:1", "d.xml:1")[: draw(st.integers(1, 4))]:
        updated_on: datetime | None = draw(ages)
        if draw(st.booleans()):
            seconds = draw(st.sampled_from([60, 120]))
            drawn.append(found(a_time_entry(7, seconds=seconds, updated_on=updated_on), place))
        else:
            drawn.append(a_reject(7, place, updated_on=updated_on))
    return drawn


def after(arrivals: tuple[FoundEntry | Rejected, ...], run_id: int = 1) -> tuple[Staged, StageCounts]:
    state, counts = Staged(SourceId(7)), StageCounts()
    for copy in arrivals:
        if isinstance(copy, FoundEntry):
            state.take(source_row(copy, content_hash(copy.entry)), run_id, counts)
        else:
            state.reject(copy, run_id)
    return state, counts


def outcome(state: Staged) -> object:
    """What deciding depends on: nothing staged, rejected, or what is to be booked."""
    if state.row is None:
        return "nothing"
    return "rejected" if state.rejected else state.row["seconds"]


@given(copies().filter(lambda drawn: all(_age(copy) is not None for copy in drawn)))
def test_the_order_in_which_dated_copies_are_read_does_not_matter(drawn: list[FoundEntry | Rejected]) -> None:
    outcomes = {str(outcome(after(order)[0])) for order in itertools.permutations(drawn)}
    assert len(outcomes) == 1


@given(copies())
def test_every_usable_copy_is_counted_once(drawn: list[FoundEntry | Rejected]) -> None:
    state, counts = after(tuple(drawn))
    usable = sum(isinstance(copy, FoundEntry) for copy in drawn)
    assert counts.new + counts.superseded + counts.conflicting == usable
    assert counts.new == (state.row is not None)
    assert counts.changed == counts.unchanged == 0


@given(copies())
def test_a_staged_copy_is_never_older_than_a_usable_dated_one(drawn: list[FoundEntry | Rejected]) -> None:
    state, _ = after(tuple(drawn))
    usable = [copy.entry.updated_on for copy in drawn if isinstance(copy, FoundEntry)]
    dated = [each for each in usable if each is not None]
    if usable and len(dated) == len(usable):
        assert state.row is not None
        assert state.row["updated_on"] == max(dated)


@given(copies())
def test_two_usable_copies_that_cannot_be_ordered_never_pass_in_silence(
    drawn: list[FoundEntry | Rejected],
) -> None:
    state, counts = after(tuple(drawn))
    usable = [copy.entry for copy in drawn if isinstance(copy, FoundEntry)]
    contents = {entry.seconds for entry in usable}
    if len(contents) > 1 and all(entry.updated_on is None for entry in usable):
        assert counts.conflicting > 0
        assert state.rejected


def _age(copy: FoundEntry | Rejected) -> datetime | None:
    return copy.entry.updated_on if isinstance(copy, FoundEntry) else copy.updated_on
