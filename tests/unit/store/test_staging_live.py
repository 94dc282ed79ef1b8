"""Copies that a running ActiveCollab showed: its lists are one source, and a record can move between them."""

from __future__ import annotations

from migrator.core.fingerprint import content_hash
from migrator.core.model import FoundEntry, Origin, SourceId
from migrator.store.rows import source_row
from migrator.store.staging import StageCounts, Staged
from tests.unit.store.builders import a_time_entry, when

SAVED = "old.xml"


def shown(document: str, *, project: int = 1, seconds: int = 60, minutes: int | None = 1, line: int = 1) -> FoundEntry:
    updated_on = None if minutes is None else when(minutes)
    entry = a_time_entry(7, project=project, seconds=seconds, updated_on=updated_on)
    return FoundEntry(entry, Origin(document, line))


def live(project: int = 1, *, seconds: int = 60, minutes: int | None = 1, line: int = 1) -> FoundEntry:
    document = f"api:projects/{project}/time"
    return shown(document, project=project, seconds=seconds, minutes=minutes, line=line)


class Desk:
    """One record, and what arrives of it in one run after the other."""

    def __init__(self) -> None:
        self.state = Staged(SourceId(7))

    def run(self, run_id: int, *copies: FoundEntry) -> StageCounts:
        counts = StageCounts()
        for copy in copies:
            self.state.take(source_row(copy, content_hash(copy.entry)), run_id, counts)
        return counts

    def staged(self) -> tuple[object, object, object]:
        assert self.state.row is not None
        return self.state.row["document"], self.state.row["project_id"], self.state.row["seconds"]


def test_a_record_that_moved_without_becoming_newer_keeps_its_identity() -> None:
    desk = Desk()
    desk.run(1, live(1))
    assert desk.run(2, live(2)) == StageCounts(changed=1, moved=1)
    assert desk.staged() == ("api:projects/2/time", 2, 60)
    assert desk.state.rejected == ""


def test_a_record_that_moves_between_two_lists_of_one_reading_is_where_it_was_seen_last() -> None:
    desk = Desk()
    assert desk.run(1, live(1), live(2)) == StageCounts(new=1, superseded=1)
    assert desk.staged() == ("api:projects/2/time", 2, 60)


def test_an_unchanged_record_that_moves_within_a_later_reading_counts_as_changed_once() -> None:
    desk = Desk()
    desk.run(1, live(1))
    assert desk.run(2, live(1), live(2)) == StageCounts(changed=1, moved=1, superseded=1)


def test_an_older_copy_in_a_later_list_of_the_same_reading_is_not_taken() -> None:
    desk = Desk()
    assert desk.run(1, live(1, minutes=5), live(2, minutes=4)) == StageCounts(new=1, superseded=1)
    assert desk.staged() == ("api:projects/1/time", 1, 60)


def test_what_activecollab_shows_today_counts_even_when_it_says_it_is_older() -> None:
    desk = Desk()
    desk.run(1, live(seconds=60, minutes=5))
    assert desk.run(2, live(seconds=120, minutes=3)) == StageCounts(changed=1)
    assert desk.staged()[2] == 120


def test_one_answer_that_shows_a_record_twice_and_differently_rejects_it() -> None:
    desk = Desk()
    counts = desk.run(1, live(seconds=60, line=3), live(seconds=120, line=9))
    assert counts == StageCounts(new=1, conflicting=1)
    assert "api:projects/1/time:3" in desk.state.rejected
    assert "api:projects/1/time:9" in desk.state.rejected


def test_a_live_copy_wins_over_a_file_of_equal_or_unknown_age_in_either_order() -> None:
    for minutes in (1, None):
        for run_2 in (1, 2):
            for file_first in (True, False):
                desk = Desk()
                pair = [shown(SAVED, seconds=120, minutes=minutes), live(minutes=minutes)]
                first, second = pair if file_first else reversed(pair)
                desk.run(1, first)
                desk.run(run_2, second)
                assert desk.staged() == ("api:projects/1/time", 1, 60)
                assert desk.state.rejected == ""


def test_a_newer_file_wins_over_a_live_copy_in_either_order() -> None:
    for file_first in (True, False):
        desk = Desk()
        pair = [shown(SAVED, seconds=120, minutes=9), live(minutes=1)]
        first, second = pair if file_first else reversed(pair)
        desk.run(1, first)
        desk.run(2, second)
        assert desk.staged() == (SAVED, 1, 120)


def test_a_file_does_not_make_a_record_seen_that_its_list_no_longer_shows() -> None:
    desk = Desk()
    desk.run(1, live())
    desk.run(2, shown(SAVED))
    assert desk.state.read_run == 1


def test_a_reading_that_began_earlier_does_not_take_back_what_a_later_one_saw() -> None:
    desk = Desk()
    desk.run(1, live(1))
    desk.run(3, live(1))
    desk.run(2, live(1))
    assert desk.state.read_run == 3
