"""Settings of a MOCO account that change or block what is booked: each is seen, named, and never worked around."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from migrator.sandbox.moco_records import Activity
from migrator.sandbox.moco_switches import Rounding
from tests.system.export import PROJECTS, Record, some_records
from tests.system.harness import TASK, World

N = 8


def messages(world: World) -> dict[int, str]:
    """What the inbox says of each record that waits."""
    items = world.run("inbox", "list").document["items"]
    return {item["source_id"]: item["message"] for item in items if item["state"] == "open"}


def start_timer(world: World, activity: Activity, *, unseen: bool = False) -> None:
    """Its person lets it run; `unseen`: a list of what was updated since the last run does not show it."""
    running = replace(activity, timer_started_at=datetime.now(UTC))
    if unseen:
        world.moco.state.activities.put(replace(running, updated_at=activity.updated_at - timedelta(hours=1)))
    else:
        world.moco.edit(running)


# -- durations and texts -------------------------------------------------------------------------------------------


def rounded(world: World) -> set[int]:
    """The records that MOCO stores with another duration."""
    rounding = world.moco.switches.rounding
    return {each.id for each in world.records.values() if rounding.of(each.seconds) != each.seconds}


def test_what_moco_rounds_to_five_minutes_is_reported_and_not_written_again(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N)) as world:
        world.moco.switches.rounding = Rounding.NEAREST_5
        assert world.run("sync").code == 0
        world.forget_requests()
        assert (world.run("sync").code, world.writes()) == (0, [])
        reported = world.run("verify")
        assert (reported.code, reported.document["unexplained"]) == (4, {"rounded": len(rounded(world))})
        assert {each["source_id"] for each in reported.document["differences"]} == rounded(world)


def test_what_moco_rounds_to_fifteen_minutes_is_explained_where_that_is_accepted(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N), policy__rounding_in_moco="accept") as world:
        world.moco.switches.rounding = Rounding.UP_15
        assert world.run("sync").code == 0
        accepted = world.run("verify")
        assert (accepted.code, accepted.document["kinds"]) == (0, {"rounded": len(rounded(world))})
        assert accepted.document["unexplained"] == {}


def test_a_description_that_is_too_short_gets_a_name_where_the_policy_says_so(tmp_path: Path) -> None:
    with World(tmp_path, [Record(20, text="ok"), Record(21, text="long enough")]) as world:
        world.moco.switches.description_mandatory = True
        assert world.run("sync").code == 3
        assert [each.marker for each in world.stored()] == ["ac:main:21"]
        assert "too short" in messages(world)[20]
        world.configure(policy__min_description=3)
        assert world.run("sync").code == 0
        assert world.activity(20).description.startswith("ok")
        assert PROJECTS[0].name in world.activity(20).description


def test_a_duration_of_zero_is_never_sent_for_a_day_on_which_it_would_start_a_timer(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    empty = [Record(20 + ago, hours="0:00", seconds=0, day=today - timedelta(days=ago)) for ago in (0, 1, 40)]
    with World(tmp_path, empty, policy__zero_duration="keep") as world:
        finished = world.run("sync")
        assert (finished.code, finished.counts) == (3, {"read": 3, "created": 1, "held": 2})
        assert [each.marker for each in world.stored()] == ["ac:main:60"]
        assert all("would start a timer" in message for message in messages(world).values())


# -- what is locked ------------------------------------------------------------------------------------------------


def test_an_edit_in_a_locked_period_is_a_conflict_in_mocos_words_and_not_sent_again(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N)) as world:
        assert world.run("sync").code == 0
        before = world.stored()
        world.moco.switches.locked_before = date(2025, 1, 1)
        world.change(101, text="Nachgetragen")
        finished = world.run("sync")
        assert (finished.code, finished.counts["conflicts"]) == (3, 1)
        assert "The period is locked" in messages(world)[101]
        world.forget_requests()
        assert world.run("sync").code == 3
        assert (world.writes(), world.stored()) == ([], before)


def test_a_task_that_was_deactivated_holds_its_records(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N)) as world:
        place = next(each for each in world.moco.state.projects.values() if each.name == PROJECTS[0].name)
        task = next(each for each in world.moco.state.tasks_of(place.id) if each.name == TASK)
        world.moco.edit(replace(task, active=False))
        theirs = [each.id for each in world.records.values() if each.project == PROJECTS[0].id]
        assert world.run("sync").code == 3
        assert world.stored() == world.wanted(without=theirs)
        waiting = messages(world)
        assert set(waiting) == set(theirs)
        assert all("is inactive" in message for message in waiting.values())


# -- assignments ---------------------------------------------------------------------------------------------------


def test_people_who_are_not_assigned_wait_where_assignments_may_not_be_created(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N), complete=False, mapping__create=["tasks"]) as world:
        assert world.run("sync").code == 3
        assert world.stored() == []
        assert all("is not assigned to" in message for message in messages(world).values())
        world.configure(mapping__create=["tasks", "contracts"])
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()


def test_an_assignment_that_was_deactivated_is_left_to_moco(tmp_path: Path) -> None:
    with World(tmp_path, some_records(N)) as world:
        place = next(each for each in world.moco.state.projects.values() if each.name == PROJECTS[0].name)
        contract = world.moco.state.contract_of(place.id, world.user_id(1))
        assert contract is not None
        world.moco.edit(replace(contract, active=False))
        theirs = [each.id for each in world.records.values() if (each.person, each.project) == (1, PROJECTS[0].id)]
        finished = world.run_to_the_end("sync")
        assert (finished.code, finished.counts["quarantined"]) == (3, len(theirs))
        assert world.stored() == world.wanted(without=theirs)
        assert all("is invalid" in message for message in messages(world).values())


# -- running timers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", [False, True], ids=["seen by the scan", "seen before the write"])
def test_while_a_timer_runs_its_activity_is_neither_changed_nor_removed(tmp_path: Path, unseen: bool) -> None:
    with World(tmp_path, some_records(N), policy__source_deleted="delete") as world:
        assert world.run("sync").code == 0
        before = world.stored()
        for record_id in (101, 102):
            start_timer(world, world.activity(record_id), unseen=unseen)
        world.change(101, text="Nachgetragen")
        world.change(102, trashed=True)
        world.forget_requests()
        finished = world.run("sync")
        assert (finished.code, finished.counts["conflicts"]) == (3, 2)
        assert (world.writes(), world.stored()) == ([], before)


@pytest.mark.own_database
def test_an_activity_with_our_marker_and_a_running_timer_is_adopted_only_as_it_is(tmp_path: Path) -> None:
    with World(tmp_path, some_records(2)) as world:
        assert world.run("sync").code == 0
        for record_id in (101, 102):
            start_timer(world, world.activity(record_id))
        before = world.stored()
        world.change(102, text="Nachgetragen")
        # Another database knows nothing of all this but the markers in MOCO.
        world.configure(database__url="sqlite:///another.db")
        world.forget_requests()
        finished = world.run("sync")
        assert (finished.code, finished.counts) == (3, {"read": 2, "adopted": 1, "conflicts": 1})
        assert (world.writes(), world.stored()) == ([], before)
