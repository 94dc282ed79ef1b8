"""Listings say whether they are complete, and believe no filter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from migrator.core.model import MocoId
from migrator.moco.pacing import Priority
from migrator.moco.reading import MocoReader
from migrator.moco.scan import MOST_AT_ONCE, Listing, scan_ids, scan_markers, scan_range, scan_updated_after
from tests.support.wsgi import WsgiAdapter
from tests.unit.moco.builders import KEY, a_window, activity_json
from tests.unit.moco.pages import Asked, Given, Lister, page_of


def reading(answers: Callable[[str, Asked], Given]) -> tuple[MocoReader, Lister]:
    lister = Lister(answers)
    return MocoReader("https://x.mocoapp.com", KEY, a_window(), adapter=WsgiAdapter(lister)), lister


def activities(*numbers: int, **changed: Any) -> list[dict[str, Any]]:
    return [activity_json(number, **changed) for number in numbers]


def numbers(listing: Listing) -> list[int]:
    return [entry.id - 1_000_000 for page in listing for entry in page]


MARCH = (date(2024, 3, 1), date(2024, 3, 31))


def test_a_range_streams_page_by_page_and_is_complete() -> None:
    rows = activities(*range(1, 251))
    reader, lister = reading(lambda path, query: page_of(rows, query))
    listing = scan_range(reader, *MARCH, user_id=MocoId(21), as_user=MocoId(21))
    assert not listing.complete
    batches = iter(listing)
    assert len(next(batches)) == 100
    assert len(lister.asked) == 1
    assert [len(batch) for batch in batches] == [100, 50]
    assert (listing.complete, listing.total_rows, listing.ignored_filter) == (True, 250, False)
    _, query, as_user = lister.asked[0]
    assert (query["from"], query["to"], query["user_id"], as_user) == ("2024-03-01", "2024-03-31", "21", "21")


def test_an_empty_range_is_complete() -> None:
    reader, _ = reading(lambda path, query: page_of([], query))
    listing = scan_range(reader, *MARCH)
    assert numbers(listing) == []
    assert (listing.complete, listing.total_rows) == (True, 0)


def test_a_list_without_counts_is_taken_at_its_word() -> None:
    reader, _ = reading(lambda path, query: Given(activities(1, 2)))
    listing = scan_range(reader, *MARCH)
    assert numbers(listing) == [1, 2]
    assert (listing.complete, listing.total_rows) == (True, 2)


def test_rows_outside_the_range_or_of_others_are_left_out_and_told() -> None:
    rows = [
        *activities(1),
        *activities(2, date="2024-02-29"),
        *activities(3, date="2024-04-01"),
        *activities(4, user={"id": 22}),
        *activities(5, date="2024-03-01"),
        *activities(6, date="2024-03-31"),
    ]
    reader, _ = reading(lambda path, query: page_of(rows, query))
    listing = scan_range(reader, *MARCH, user_id=MocoId(21))
    assert numbers(listing) == [1, 5, 6]
    assert (listing.ignored_filter, listing.complete, listing.total_rows) == (True, True, 6)


def test_an_open_range_takes_every_day() -> None:
    rows = [*activities(1, date="1999-01-01"), *activities(2, date="2099-01-01")]
    reader, lister = reading(lambda path, query: page_of(rows, query))
    assert numbers(scan_range(reader, None, None)) == [1, 2]
    assert set(lister.asked[0][1]) == {"page", "per_page"}


class MovingList:
    """A list into which a row slips at the front once, between its first and its second page."""

    def __init__(self, *, times: int) -> None:
        self.rows = activities(*range(1, 151))
        self.left = times
        self.next = 500

    def __call__(self, path: str, query: Asked) -> Given:
        given = page_of(self.rows, query)
        if query["page"] == "1" and self.left:
            self.left -= 1
            self.rows = [*activities(self.next), *self.rows]
            self.next += 1
        return given


def test_a_list_that_moved_is_read_once_more_without_giving_a_row_twice() -> None:
    reader, lister = reading(MovingList(times=1))
    listing = scan_range(reader, *MARCH)
    assert sorted(numbers(listing)) == [*range(1, 151), 500]
    assert lister.pages_asked == ["1", "2", "1", "2"]
    assert (listing.complete, listing.total_rows) == (True, 151)


def test_a_list_that_keeps_moving_is_not_complete() -> None:
    reader, lister = reading(MovingList(times=2))
    listing = scan_range(reader, *MARCH)
    assert sorted(numbers(listing)) == [*range(1, 151), 500]
    assert not listing.complete
    assert len(lister.asked) == 4


def test_rows_that_the_count_knows_and_nobody_shows_are_missed() -> None:
    reader, lister = reading(lambda path, query: page_of(activities(1, 2), query, total=3))
    listing = scan_range(reader, *MARCH)
    assert numbers(listing) == [1, 2]
    assert (listing.complete, listing.total_rows, len(lister.asked)) == (False, 3, 2)


def test_a_row_that_vanishes_between_pages_is_noticed() -> None:
    rows = activities(*range(1, 151))

    def shrinking(path: str, query: Asked) -> Given:
        # A deletion at the front moves row 101 onto page 1, which was read already.
        return page_of(rows if query["page"] == "1" else rows[1:], query)

    reader, _ = reading(shrinking)
    listing = scan_range(reader, *MARCH)
    assert sorted(numbers(listing)) == [*range(1, 101), *range(102, 151)]
    assert not listing.complete


def test_updates_since_a_moment_are_checked_to_the_second() -> None:
    since = datetime(2024, 6, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    rows = [
        *activities(1, updated_at="2024-06-01T12:00:00Z"),
        *activities(2, updated_at="2024-06-01T11:59:59Z"),
        *activities(3, updated_at="2024-06-02T00:00:00Z"),
    ]
    reader, lister = reading(lambda path, query: page_of(rows, query))
    listing = scan_updated_after(reader, since)
    assert numbers(listing) == [1, 3]
    assert listing.ignored_filter
    assert lister.asked[0][1]["updated_after"] == "2024-06-01T12:00:00Z"


def test_markers_are_asked_for_together() -> None:
    reader, lister = reading(lambda path, query: page_of(activities(1, 3), query))
    listing = scan_markers(reader, ["ac:main:1", "ac:main:2", "ac:main:3"], priority=Priority.PROOF)
    assert numbers(listing) == [1, 3]
    assert (listing.complete, listing.ignored_filter) == (True, False)
    assert lister.asked[0][1]["remote_id"] == "ac:main:1,ac:main:2,ac:main:3"


def test_two_activities_with_one_marker_are_both_shown() -> None:
    rows = [*activities(1), *activities(9, remote_id="ac:main:1")]
    reader, _ = reading(lambda path, query: page_of(rows, query))
    assert numbers(scan_markers(reader, ["ac:main:1"])) == [1, 9]


@pytest.mark.parametrize("kind", ["markers", "ids"])
def test_a_server_that_ignores_the_filter_is_not_read_to_the_end(kind: str) -> None:
    rows = activities(*range(1, 5001))
    reader, lister = reading(lambda path, query: page_of(rows, query))
    listing = scan_markers(reader, ["ac:main:7"]) if kind == "markers" else scan_ids(reader, [MocoId(1_000_007)])
    assert numbers(listing) == [7]
    assert len(lister.asked) == 1
    assert (listing.complete, listing.ignored_filter, listing.total_rows) == (False, True, 5000)


def test_ids_are_asked_for_together() -> None:
    reader, lister = reading(lambda path, query: page_of(activities(2), query))
    listing = scan_ids(reader, [MocoId(1_000_002), MocoId(1_000_001)], as_user=MocoId(21))
    assert numbers(listing) == [2]
    assert listing.complete
    assert lister.asked[0][1]["ids"] == "1000001,1000002"


def test_asking_for_nothing_asks_nobody() -> None:
    reader, lister = reading(lambda path, query: page_of(activities(1), query))
    for listing in (scan_ids(reader, []), scan_markers(reader, [])):
        assert numbers(listing) == []
        assert listing.complete
    assert lister.asked == []


def test_asking_for_too_much_at_once_is_a_mistake() -> None:
    reader, _ = reading(lambda path, query: page_of([], query))
    with pytest.raises(ValueError, match=str(MOST_AT_ONCE)):
        scan_markers(reader, [f"ac:main:{number}" for number in range(1, MOST_AT_ONCE + 2)])


def test_a_listing_can_be_read_again_from_the_start() -> None:
    reader, _ = reading(lambda path, query: page_of(activities(1, 2), query))
    listing = scan_range(reader, *MARCH)
    assert numbers(listing) == numbers(listing) == [1, 2]
