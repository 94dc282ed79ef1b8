"""What MOCO refuses: the rest arrives exactly once, and what was refused is not sent in vain again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from migrator.core.batching import post_bound
from migrator.sandbox.faults import AnswerInstead, RefuseRows, WrongUser
from migrator.sandbox.moco_switches import Bulk, Envelope, Language, Markers
from tests.system.door import At, Moment
from tests.system.export import Record, some_records
from tests.system.harness import BULK, World

N = 32
BAD = (105, 127)
WORDS = "Refused by a fault"


def poisoned(row: Mapping[str, object]) -> bool:
    """Whether MOCO refuses a row, for its text."""
    return "poison" in str(row["description"])


def poison(world: World, *record_ids: int) -> None:
    """Let MOCO refuse some records, for as long as their text stays."""
    for record_id in record_ids:
        world.change(record_id, text=f"poison {record_id}")
    world.moco.fault(RefuseRows(poisoned), method="POST", path=BULK, times=None)


def waiting(world: World) -> dict[int, str]:
    """The records that wait for a person, with their messages."""
    items: list[dict[str, Any]] = world.run("inbox", "list").document["items"]
    return {item["source_id"]: item["message"] for item in items if item["state"] == "open"}


@pytest.mark.parametrize("bulk", Bulk, ids=lambda it: it.value)
def test_bad_records_among_good_ones_are_found_and_the_good_ones_arrive_once(tmp_path: Path, bulk: Bulk) -> None:
    with World(tmp_path, some_records(N, people=1), moco__bulk_size=100) as world:
        world.moco.switches.bulk = bulk
        poison(world, *BAD)
        finished = world.run_to_the_end("sync")
        assert world.stored() == world.wanted(without=BAD)
        assert (finished.code, finished.counts) == (3, {"read": N, "created": N - 2, "quarantined": 2})
        assert len(world.writes()) <= 1 + post_bound(N - 1, len(BAD))


def test_a_refused_record_waits_with_mocos_words_and_is_not_sent_again_until_it_changes(tmp_path: Path) -> None:
    with World(tmp_path, some_records(10, people=1)) as world:
        poison(world, *BAD[:1])
        assert world.run("sync").code == 3
        assert WORDS in waiting(world)[BAD[0]]
        world.forget_requests()
        again = world.run("sync")
        assert (again.code, again.counts) == (3, {"read": 10, "unchanged": 9, "quarantined": 1})
        assert world.writes() == []
        world.change(BAD[0], text="harmless")
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()
        assert waiting(world) == {}


def test_a_refused_record_is_sent_once_more_when_a_person_says_so(tmp_path: Path) -> None:
    with World(tmp_path, some_records(10, people=1)) as world:
        poison(world, *BAD[:1])
        assert world.run("sync").code == 3
        assert world.run("inbox", "retry", "--all").code == 0
        world.forget_requests()
        assert world.run("sync").code == 3
        assert len(world.writes()) == 1
        world.moco.faults.clear()
        assert world.run("inbox", "retry", "--all").code == 0
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()


def test_a_locked_period_quarantines_its_records_in_mocos_words(tmp_path: Path) -> None:
    with World(tmp_path, some_records(20)) as world:
        world.moco.switches.locked_before = date(2024, 1, 20)
        locked = [each.id for each in world.records.values() if each.day < date(2024, 1, 20)]
        finished = world.run_to_the_end("sync")
        assert world.stored() == world.wanted(without=locked)
        assert (finished.code, finished.counts["quarantined"]) == (3, len(locked))
        assert set(waiting(world)) == set(locked)
        assert all("The period is locked" in message for message in waiting(world).values())


def test_when_very_many_are_refused_for_one_reason_the_run_stops(tmp_path: Path) -> None:
    with World(tmp_path, some_records(80, people=1), moco__bulk_size=1) as world:
        poison(world, *range(106, 181))
        finished = world.run("sync")
        assert finished.code == 7
        assert WORDS in finished.message
        assert finished.counts["pending"] > 0
        # More than 50; a few more were in flight when the run stopped.
        assert 51 <= finished.counts["quarantined"] <= 60


# -- people --------------------------------------------------------------------------------------------------------


def test_a_person_whom_moco_forbids_waits_and_the_others_go_on(tmp_path: Path) -> None:
    with World(tmp_path, some_records(30, people=3)) as world:
        world.door.forbidden.add(world.user_id(2))
        theirs = [each.id for each in world.records.values() if each.person == 2]
        finished = world.run_to_the_end("sync")
        assert world.stored() == world.wanted(without=theirs)
        assert (finished.code, finished.counts) == (3, {"read": 30, "created": 20, "held": 10})
        assert set(waiting(world)) == set(theirs)
        world.forget_requests()
        assert world.run("sync").code == 3
        assert (world.writes(), world.door.turned_away) == ([], [])


def test_three_people_whom_moco_forbids_stop_the_run(tmp_path: Path) -> None:
    with World(tmp_path, some_records(40, people=4)) as world:
        world.door.forbidden |= {world.user_id(person) for person in (2, 3, 4)}
        finished = world.run("sync")
        assert finished.code == 12
        assert len(set(world.door.turned_away)) == 3
        world.door.forbidden.clear()
        assert world.run_to_the_end("inbox", "retry", "--all").code == 0
        assert world.run_to_the_end("sync").code == 0
        assert world.stored() == world.wanted()


def test_an_activity_booked_for_the_wrong_person_stops_everything(tmp_path: Path) -> None:
    with World(tmp_path, some_records(20)) as world:
        world.moco.fault(WrongUser(), method="POST", path=BULK, times=None)
        finished = world.run("sync")
        assert finished.code == 12
        assert "impersonation does not work" in finished.message
        assert [len(rows) for rows in world.bulks()] == [1]
        assert len(world.stored()) == 1


def test_while_the_activity_of_the_wrong_person_is_there_nothing_more_is_sent(tmp_path: Path) -> None:
    with World(tmp_path, some_records(20)) as world:
        world.moco.fault(WrongUser(), method="POST", path=BULK, times=None)
        assert world.run("sync").code == 12
        assert world.run("sync").code == 12
        assert len(world.stored()) == 1
        world.moco.faults.clear()
        world.moco.remove(world.moco.activities[0])
        assert world.run_to_the_end("sync").code == 0
        assert world.stored() == world.wanted()


def test_a_moco_that_does_not_store_markers_gets_one_activity_and_no_more(tmp_path: Path) -> None:
    with World(tmp_path, some_records(20)) as world:
        world.moco.switches.markers = Markers.NOT_STORED
        for _ in range(2):
            finished = world.run("sync")
            assert finished.code == 7
            assert "MARKER_NOT_STORED" in finished.message
            assert len(world.stored()) == 1


# -- the whole account ---------------------------------------------------------------------------------------------


def test_a_login_refused_midway_stops_and_the_same_command_resumes(tmp_path: Path) -> None:
    with World(tmp_path, some_records(24)) as world:
        world.prepare()
        world.moco.fault(AnswerInstead(401), method="POST", path=BULK, nth=4, times=None)
        finished = world.run("apply", "last")
        assert (finished.code, finished.counts["pending"] > 0) == (12, True)
        assert len(world.stored()) == finished.counts["created"]
        world.moco.faults.clear()
        resumed = world.run_to_the_end("apply", "last")
        assert (resumed.code, resumed.document["run"]) == (0, finished.document["run"])
        assert world.stored() == world.wanted()


@pytest.mark.parametrize("retry_after", [None, 1])
def test_too_many_requests_are_a_pause_and_nothing_else(tmp_path: Path, retry_after: int | None) -> None:
    with World(tmp_path, some_records(24)) as world:
        for nth in (1, 4):
            world.moco.fault(AnswerInstead(429, retry_after), method="POST", path=BULK, nth=nth)
        finished = world.run("sync")
        assert (finished.code, finished.counts) == (0, {"read": 24, "created": 24})
        assert world.stored() == world.wanted()
        refused = [each for each in world.moco.requests if each.status == 429]
        after = [each.received_at for each in world.moco.requests if each.number > refused[0].number]
        assert (after[0] - refused[0].received_at).total_seconds() >= 1


def test_a_moco_that_cannot_be_reached_leaves_the_rest_pending_and_the_same_command_resumes(tmp_path: Path) -> None:
    with World(tmp_path, some_records(24)) as world:
        world.prepare()
        process = world.start("apply", "last")
        world.door.expect(At(3, Moment.ANSWERED), world.hang_up)
        finished = world.finished(process)
        assert (finished.code, finished.counts["pending"] > 0) == (5, True)
        world.pick_up()
        resumed = world.run_to_the_end("apply", "last")
        assert (resumed.code, resumed.document["run"]) == (0, finished.document["run"])
        assert world.stored() == world.wanted()


def test_a_moco_that_is_not_there_at_all_is_told_at_once(tmp_path: Path) -> None:
    with World(tmp_path, [Record(20)]) as world:
        world.hang_up()
        finished = world.run("sync")
        assert finished.code == 5
        world.pick_up()
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()


@pytest.mark.parametrize("language", Language, ids=lambda it: it.value)
@pytest.mark.parametrize("envelope", Envelope, ids=lambda it: it.value)
def test_mocos_own_words_are_shown_in_whatever_shape_and_language_they_come(
    tmp_path: Path, envelope: Envelope, language: Language
) -> None:
    with World(tmp_path, some_records(3, people=1)) as world:
        world.moco.switches.envelope, world.moco.switches.language = envelope, language
        world.moco.switches.locked_before = date(2024, 1, 5)
        assert world.run_to_the_end("sync").code == 3
        (message,) = waiting(world).values()
        words = {Language.ENGLISH: "The period is locked", Language.GERMAN: "Der Zeitraum ist gesperrt"}[language]
        assert words in message
