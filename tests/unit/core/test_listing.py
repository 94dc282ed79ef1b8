from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.listing import Due, Fate, Listed, Rhythm, deletion_of, due
from migrator.core.record import Deletion

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RHYTHM = Rhythm(idle_every=timedelta(hours=6), archived_every=timedelta(days=7))
EVERY_TIME = Rhythm(idle_every=timedelta(0), archived_every=timedelta(0))


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("case", "listed", "archived", "expected"),
    [
        ("never read", Listed(), False, Due.WHOLE),
        ("never read, archived", Listed(changed_at=ago(days=900)), True, Due.WHOLE),
        ("active", Listed(ago(minutes=15), ago(days=2)), False, Due.WHOLE),
        ("active until just now", Listed(ago(minutes=15), ago(days=13, hours=23)), False, Due.WHOLE),
        ("idle since fourteen days", Listed(ago(minutes=15), ago(days=14)), False, Due.NOTHING),
        ("idle, and nothing in it tells of a time", Listed(ago(minutes=15)), False, Due.NOTHING),
        ("idle, long not read", Listed(ago(hours=6), ago(days=400)), False, Due.WHOLE),
        ("archived", Listed(ago(hours=6), ago(days=400)), True, Due.NOTHING),
        ("archived, though edited yesterday", Listed(ago(hours=6), ago(days=1)), True, Due.NOTHING),
        ("archived, long not read", Listed(ago(days=7), ago(days=400)), True, Due.WHOLE),
    ],
)
def test_a_list_is_due_in_the_rhythm_of_its_project(case: str, listed: Listed, archived: bool, expected: Due) -> None:
    assert due(listed, RHYTHM, NOW, archived=archived, filters_by_day=False) is expected, case


@pytest.mark.parametrize(
    ("records", "filters_by_day", "expected"),
    [(501, True, Due.RECENT), (500, True, Due.WHOLE), (501, False, Due.WHOLE)],
)
def test_only_of_a_large_active_list_the_recent_days_alone_are_read(
    records: int, filters_by_day: bool, expected: Due
) -> None:
    listed = Listed(ago(hours=1), ago(days=1), records)
    assert due(listed, RHYTHM, NOW, archived=False, filters_by_day=filters_by_day) is expected


def test_a_large_list_is_read_whole_at_the_latest_like_an_idle_one() -> None:
    listed = Listed(ago(hours=6), ago(days=1), 10_000)
    assert due(listed, RHYTHM, NOW, archived=False, filters_by_day=True) is Due.WHOLE


@given(
    st.builds(
        Listed,
        st.none() | st.integers(0, 10_000).map(lambda hours: ago(hours=hours)),
        st.none() | st.integers(0, 10_000).map(lambda hours: ago(hours=hours)),
        st.integers(0, 2_000),
    ),
    st.booleans(),
    st.booleans(),
)
def test_with_a_rhythm_of_zero_everything_is_read_whole_every_time(
    listed: Listed, archived: bool, filters_by_day: bool
) -> None:
    assert due(listed, EVERY_TIME, NOW, archived=archived, filters_by_day=filters_by_day) is Due.WHOLE


@pytest.mark.parametrize(
    ("fate", "trashed", "expected"),
    [
        (Fate.LISTED, False, Deletion.PRESENT),
        (Fate.LISTED, True, Deletion.PROVED),
        (Fate.TRASHED, False, Deletion.PROVED),
        (Fate.DELETED, False, Deletion.PROVED),
        (Fate.LOST, False, Deletion.UNSEEN),
        (Fate.UNSEEN, False, Deletion.UNSEEN),
        (Fate.INVISIBLE, False, Deletion.UNSEEN),
        (Fate.UNKNOWN, False, Deletion.UNSEEN),
        (Fate.INVISIBLE, True, Deletion.PROVED),
    ],
)
def test_only_trash_and_proof_delete(fate: Fate, trashed: bool, expected: Deletion) -> None:
    assert deletion_of(fate, trashed=trashed) is expected
