"""After the first migration: edits on both sides, deletions, old backups, stale plans and safety gates."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.sandbox.faults import AnswerInstead, Drop, Effect, LoseAnswer
from migrator.sandbox.moco_log import RequestRecord
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Finished, Kept, World

MANY = 8
ID = 103
"""A record of person 1; the others of person 1 have odd numbers, too."""


def migrate(world: World) -> World:
    """Bring all records into MOCO."""
    finished = world.run_to_the_end("sync")
    assert (finished.code, world.stored()) == (0, world.wanted())
    world.forget_requests()
    return world


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A few records that are all in MOCO."""
    with World(tmp_path_factory.mktemp("changes"), some_records(MANY)) as world:
        yield Kept.now(migrate(world))


def sent(world: World) -> list[tuple[str, str, str | None]]:
    """Method, last part of the path and person of every write."""
    return [(each.method, each.path.rpartition("/")[2], each.impersonated) for each in world.writes()]


def body(request: RequestRecord) -> dict[str, Any]:
    """The JSON of a request."""
    found = json.loads(request.body)
    assert isinstance(found, dict)
    return found


def conflicts(finished: Finished, world: World) -> set[tuple[int, str]]:
    """Record and reason of every open conflict, after a run that ended with them and wrote nothing."""
    assert finished.code == 3, finished
    assert world.writes() == []
    items = world.run("inbox", "list", "--kind", "conflict").document["items"]
    return {(item["source_id"], item["reason"]) for item in items if item["state"] == "open"}


# -- the source changed --------------------------------------------------------------------------------------------


def test_an_edited_record_is_updated_by_one_request_in_its_workers_name(migrated: Kept) -> None:
    world = migrated.again()
    activity = world.activity(ID)
    world.change(ID, text="Changed", hours="0:45", seconds=2700, status=1)
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (0, {"read": MANY, "updated": 1, "unchanged": MANY - 1})
    assert sent(world) == [("PUT", str(activity.id), str(world.user_id(1)))]
    (request,) = world.writes()
    assert (body(request)["billable"], request.content_type) == (True, "application/json")
    assert world.stored() == world.wanted()
    world.forget_requests()
    assert (world.run("sync").code, world.writes()) == (0, [])


def test_a_new_record_is_created_and_nothing_else_is_touched(migrated: Kept) -> None:
    world = migrated.again()
    world.records[900] = replace(world.records[ID], id=900, text="New")
    world.write_export()
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (0, {"read": MANY + 1, "created": 1, "unchanged": MANY})
    assert [row["remote_id"] for rows in world.bulks() for row in rows] == ["ac:main:900"]
    assert world.stored() == world.wanted()


def test_a_record_of_another_worker_moves_to_that_person(migrated: Kept) -> None:
    world = migrated.again()
    activity = world.activity(ID)
    world.change(ID, person=2)
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (0, {"read": MANY, "updated": 1, "unchanged": MANY - 1})
    assert sent(world) == [
        ("DELETE", str(activity.id), str(world.user_id(1))),
        ("POST", "bulk", str(world.user_id(2))),
    ]
    assert world.stored() == world.wanted()


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A plan to withdraw one record, to move one to another person and to update one: four writes."""
    folder = tmp_path_factory.mktemp("changing")
    with World(folder, some_records(MANY), policy__source_deleted="delete", moco__timeout_seconds=0.7) as world:
        migrate(world)
        world.change(ID - 2, trashed=True)
        world.change(ID, person=2)
        world.change(ID + 2, text="Changed")
        world.prepare()
        yield Kept.now(world)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("moment", Moment, ids=lambda it: it.name)
def test_changes_that_are_killed_are_finished_by_the_same_command(changing: Kept, moment: Moment, number: int) -> None:
    world = changing.again()
    finished = world.run_and_strike(At(number, moment), "apply", "last")
    # A little after the last answer the process may be done.
    assert finished.code == -signal.SIGKILL or moment is Moment.ANSWERED
    if finished.code:
        finished = world.run_to_the_end("apply", "last")
    assert world.stored() == world.wanted()
    expected = {"read": MANY, "updated": 2, "skipped": 1, "withdrawn": 1, "unchanged": MANY - 3}
    assert (finished.code, finished.counts) == (0, expected)
    assert finished.document["changed_since_plan"] == []


LOSSES: dict[str, Effect] = {
    "applied, then lost": LoseAnswer(502),
    "applied, then dropped": Drop(applied=True),
    "not applied": AnswerInstead(503),
    "dropped before": Drop(applied=False),
    "too many requests": AnswerInstead(429),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_whose_answer_is_lost_is_there_in_the_end(migrated: Kept, method: str, loss: str) -> None:
    world = migrated.again(moco__timeout_seconds=1.0, policy__source_deleted="delete")
    world.moco.fault(LOSSES[loss], method=method)
    world.change(ID, **({"text": "Changed"} if method == "PUT" else {"trashed": True}))
    assert world.run_to_the_end("sync").code == 0
    assert world.stored() == world.wanted()


# -- MOCO changed --------------------------------------------------------------------------------------------------


def test_what_a_person_edited_in_moco_stays(migrated: Kept) -> None:
    world = migrated.again()
    edited = world.moco.edit(replace(world.activity(ID), description="by hand", seconds=60, worked_seconds=60))
    finished = world.run("sync")
    assert (finished.code, finished.counts["edited_in_target"]) == (0, 1)
    assert world.writes() == []
    assert world.activity(ID) == edited


def test_what_both_sides_edited_is_a_conflict_and_nothing_is_written(migrated: Kept) -> None:
    world = migrated.again()
    edited = world.moco.edit(replace(world.activity(ID), description="by hand"))
    world.change(ID, text="Changed")
    assert conflicts(world.run("sync"), world) == {(ID, "BOTH_EDITED")}
    assert world.activity(ID) == edited


def test_what_both_sides_edited_alike_needs_nobody(migrated: Kept) -> None:
    world = migrated.again()
    world.moco.edit(replace(world.activity(ID), description="Changed"))
    world.change(ID, text="Changed")
    assert world.run("sync").code == 0
    assert (world.writes(), world.stored()) == ([], world.wanted())


def test_what_was_edited_between_plan_and_apply_is_left_out_and_listed(migrated: Kept) -> None:
    world = migrated.again()
    world.change(ID, text="Changed")
    world.prepare()
    edited = world.moco.edit(replace(world.activity(ID), description="by hand"))
    finished = world.run("apply", "last")
    assert (finished.code, finished.document["changed_since_plan"]) == (3, [ID])
    assert world.writes() == []
    assert world.activity(ID) == edited


def _edit(world: World) -> None:
    world.change(ID, text="Changed")


def _trash(world: World) -> None:
    world.change(ID, trashed=True)


def _another_worker(world: World) -> None:
    world.change(ID, person=2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(_edit, "BILLED"), (_trash, "DELETED_IN_SOURCE"), (_another_worker, "WORKER_CHANGED")],
    ids=["edited", "trashed", "another worker"],
)
def test_a_billed_activity_is_never_touched(migrated: Kept, change: Callable[[World], None], reason: str) -> None:
    world = migrated.again(policy__source_deleted="delete")
    billed = world.moco.edit(replace(world.activity(ID), billed=True))
    change(world)
    assert conflicts(world.run("sync"), world) == {(ID, reason)}
    assert world.activity(ID) == billed


@pytest.mark.parametrize("many", [MANY, 1], ids=["one of many", "the only one"])
def test_what_a_person_deleted_in_moco_is_never_brought_back(tmp_path: Path, many: int) -> None:
    with World(tmp_path, some_records(many)) as world:
        migrate(world)
        record_id = max(world.records)
        world.moco.remove(world.activity(record_id))
        world.change(record_id, text="Changed")
        assert conflicts(world.run("sync"), world) == {(record_id, "DELETED_IN_TARGET")}
        assert conflicts(world.run("sync"), world) == {(record_id, "DELETED_IN_TARGET")}
        assert world.moco.with_marker(f"ac:main:{record_id}") == []


# -- the source deleted --------------------------------------------------------------------------------------------


def test_a_trashed_record_is_only_reported_by_default(migrated: Kept) -> None:
    world = migrated.again()
    world.change(ID, trashed=True)
    assert conflicts(world.run("sync"), world) == {(ID, "DELETED_IN_SOURCE")}
    assert len(world.stored()) == MANY


def test_a_trashed_record_is_deleted_in_moco_where_that_is_wanted(migrated: Kept) -> None:
    world = migrated.again(policy__source_deleted="delete")
    activity = world.activity(ID)
    world.change(ID, trashed=True)
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (
        0,
        {"read": MANY, "unchanged": MANY - 1, "skipped": 1, "withdrawn": 1},
    )
    assert sent(world) == [("DELETE", str(activity.id), str(world.user_id(1)))]
    assert world.stored() == world.wanted()


def test_a_record_that_is_no_longer_exported_keeps_its_activity(migrated: Kept) -> None:
    world = migrated.again(policy__source_deleted="delete")
    before = world.stored()
    del world.records[ID]
    world.write_export()
    assert world.run("sync").code == 0
    assert (world.writes(), world.stored()) == ([], before)


# -- other databases, other accounts -------------------------------------------------------------------------------


@pytest.mark.own_database
def test_a_restored_backup_adopts_what_was_written_since(migrated: Kept) -> None:
    world = migrated.again()
    assert world.run("db", "backup", "before.db").code == 0
    for number in range(3):
        world.records[900 + number] = replace(world.records[ID], id=900 + number)
    world.write_export()
    assert world.run("sync").counts["created"] == 3
    assert world.run("db", "restore", "before.db", "--yes").code == 0
    world.forget_requests()
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (0, {"read": MANY + 3, "adopted": 3, "unchanged": MANY})
    assert (world.writes(), world.stored()) == ([], world.wanted())


def test_an_activity_that_was_given_the_marker_of_another_record_is_not_taken_from_its_own(migrated: Kept) -> None:
    world = migrated.again()
    world.records[999] = replace(world.records[ID], id=999)
    world.write_export()
    given = replace(world.activity(ID), remote_id="ac:main:999")
    world.moco.state.activities.put(given)
    for _ in range(2):
        assert conflicts(world.run("sync"), world) == {(999, "SHARED")}
    # What arrives beside it is not held up.
    world.change(ID + 2, text="Changed")
    counted = {"read": MANY + 1, "updated": 1, "unchanged": MANY - 1, "conflicts": 1, "edited_in_target": 1}
    assert world.run("sync").counts == counted
    assert world.run("verify").code == 4


@pytest.mark.own_database
def test_a_second_empty_database_adopts_everything_and_writes_nothing(migrated: Kept) -> None:
    world = migrated.again()
    world.configure(database__url="sqlite:///another.db")
    finished = world.run("sync")
    assert (finished.code, finished.counts) == (0, {"read": MANY, "adopted": MANY})
    assert (world.writes(), world.stored()) == ([], world.wanted())


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_another_moco_account_is_refused_with_the_name_of_the_old_one(
    tmp_path: Path, migrated: Kept, command: str
) -> None:
    with World(tmp_path) as other:
        world = migrated.again()
        old = str(world.settings["moco.url"]).removeprefix("http://")
        world.configure(moco__url=other.settings["moco.url"])
        refused = world.run(command)
        assert (refused.code, old in refused.message) == (7, True)
        assert (world.writes(), other.moco.requests) == ([], [])


def test_another_instance_is_refused_with_the_name_of_the_old_one(migrated: Kept) -> None:
    world = migrated.again()
    world.configure(activecollab__instance="second")
    refused = world.run("sync")
    assert (refused.code, "main" in refused.message) == (7, True)
    assert world.moco.requests == []


# -- plans, limits, gates ------------------------------------------------------------------------------------------


def test_a_stale_plan_is_refused(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.prepare()
        world.change(ID, text="Changed")
        assert world.run("read").code == 0
        refused = world.run("apply", "last")
        assert (refused.code, "stale" in refused.message) == (7, True)
        assert (world.moco.requests, world.stored()) == ([], [])


def test_a_plan_under_another_policy_is_refused(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY)) as world:
        world.prepare()
        world.configure(policy__empty_description="nothing")
        refused = world.run("apply", "last")
        assert (refused.code, "policy" in refused.message) == (7, True)
        assert world.stored() == []


def test_a_limit_stops_the_work_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with World(tmp_path, some_records(24)) as world:
        world.prepare()
        for there in (10, 20):
            finished = world.run("apply", "last", "--limit", "10")
            assert (finished.code, len(world.stored())) == (8, there)
        finished = world.run("apply", "last")
        assert (finished.code, finished.document["run"], finished.counts) == (0, 3, {"read": 24, "created": 24})
        assert world.stored() == world.wanted()


def _edit_many(world: World) -> None:
    for record_id in list(world.records)[:12]:
        world.change(record_id, text="Changed")


def _trash_many(world: World) -> None:
    for record_id in list(world.records)[:12]:
        world.change(record_id, trashed=True)


@pytest.mark.parametrize(("change", "gate"), [(_edit_many, "max_change"), (_trash_many, "max_delete")])
def test_a_gate_stops_what_would_change_much_until_a_person_names_it(
    tmp_path: Path, change: Callable[[World], None], gate: str
) -> None:
    with World(tmp_path, some_records(24), policy__source_deleted="delete") as world:
        migrate(world)
        before = world.stored()
        change(world)
        refused = world.run("sync", "--yes")
        assert (refused.code, gate in refused.stderr) == (7, True)
        assert (world.writes(), world.stored()) == ([], before)
        assert world.run("sync", "--allow-gate", gate).code == 0
        assert world.stored() == world.wanted()
