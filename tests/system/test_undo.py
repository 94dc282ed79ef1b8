"""A run is taken back: what it created is gone, what people did stays, and nothing comes back by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from migrator.core.model import SourceId
from migrator.sandbox.faults import AnswerInstead, Drop, Effect, Hang, LateCommit, LoseAnswer
from migrator.store.engine import open_engine, writing
from migrator.store.links import mark_disregarded
from tests.system.databases import absolute
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Finished, Kept, World

MANY = 8
ID = 103
"""A record of person 1; the others of person 1 have odd numbers, too."""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A few records that one run brought into MOCO."""
    with World(tmp_path_factory.mktemp("undo"), some_records(MANY), moco__timeout_seconds=0.7) as world:
        world.configure(moco__settle_seconds=0.2)
        assert world.run("sync").code == 0
        yield Kept.now(world)


def undo(world: World, run: object = "last") -> Finished:
    """Take a run back, without being asked."""
    return world.run("undo", str(run), "--yes")


def counts(finished: Finished) -> dict[str, int]:
    """Records by what became of them, without those that the run created."""
    found = finished.counts
    assert found.pop("created", 0) == sum(found.values())
    return found


def stays(finished: Finished) -> set[tuple[int | None, str]]:
    """Record and reason of everything that is said to stay."""
    return {(each["source_id"], each["reason"]) for each in finished.document["stays"]}


def test_all_that_a_run_created_is_deleted_each_in_its_persons_name(migrated: Kept) -> None:
    world = migrated.again()
    expected = sorted((str(each.id), str(each.user_id)) for each in world.moco.activities)
    done = undo(world)
    assert (done.code, counts(done), world.stored()) == (0, {"undone": MANY}, [])
    sent = [(each.method, each.path.rpartition("/")[2], each.impersonated) for each in world.writes()]
    assert sorted(sent) == [("DELETE", *each) for each in expected]
    assert done.document["requests"]["DELETE"] == MANY
    assert done.document["seconds"]["undone"] == sum(each.seconds for each in world.records.values())
    assert (done.document["requests_needed"], done.document["eta_seconds"]) == (MANY + 1, 0)


@pytest.mark.parametrize("killed", [False, True], ids=["undone", "killed while it was undone"])
def test_a_run_that_was_undone_is_not_resumed(tmp_path: Path, *, killed: bool) -> None:
    with World(tmp_path, some_records(MANY), moco__timeout_seconds=0.7) as world:
        world.configure(moco__settle_seconds=0.2)
        world.prepare()
        assert world.run("apply", "last", "--limit", "4").code == 8
        if killed:
            assert world.run_and_strike(At(2), "undo", "last", "--yes").code == -signal.SIGKILL
        else:
            assert undo(world).code == 0
        left = world.stored()
        refused = world.run("apply", "last")
        assert (refused.code, "which was undone" in refused.message) == (7, True)
        assert world.stored() == left


def test_what_was_taken_back_is_created_again_only_after_its_release_and_then_once(migrated: Kept) -> None:
    world = migrated.again()
    run = undo(world).document["undone_run"]
    world.forget_requests()
    for _ in range(2):
        held = world.run("sync")
        assert (held.code, held.counts, held.document["inbox"]) == (0, {"read": MANY, "held": MANY}, {})
    assert (world.writes(), world.stored()) == ([], [])
    items = world.run("inbox", "list").document["items"]
    assert {item["reason"] for item in items} == {"UNDONE"}
    assert world.run("undo", str(run), "--release").counts == {"released": MANY}
    assert world.run("undo", str(run), "--release").counts == {}
    assert world.run("sync").counts == {"read": MANY, "created": MANY}
    assert world.stored() == world.wanted()
    world.forget_requests()
    # What another run created is not what the old one did.
    again = undo(world, run)
    assert (again.code, counts(again), world.writes()) == (0, {"gone": MANY}, [])
    assert world.stored() == world.wanted()


def test_undoing_an_undone_run_does_nothing_and_says_so(migrated: Kept) -> None:
    world = migrated.again()
    run = undo(world).document["undone_run"]
    world.forget_requests()
    again = world.run("undo", str(run), "--no-input")
    assert (again.code, counts(again), world.writes()) == (0, {"undone_before": MANY}, [])
    assert "undone already" in again.document["verdict"]
    shown = world.run("runs", "show", str(run)).document
    assert [each["records"] for each in shown["undone_by"]] == [MANY]
    assert shown["undone_held"] == MANY


def test_a_dry_run_only_reads_and_says_what_would_stay(migrated: Kept) -> None:
    world = migrated.again()
    world.moco.edit(replace(world.activity(ID), description="by hand"))
    world.forget_requests()
    told = world.run("undo", "last", "--dry-run")
    assert (told.code, counts(told), stays(told)) == (3, {"pending": MANY - 1, "stays": 1}, {(ID, "edited")})
    assert {each.method for each in world.moco.requests} == {"GET"}
    assert len(world.stored()) == MANY
    assert counts(undo(world)) == {"undone": MANY - 1, "stays": 1}


def test_nothing_is_deleted_before_a_person_confirms_it(migrated: Kept) -> None:
    world = migrated.again()
    world.forget_requests()
    refused = world.run("undo", "last", "--no-input")
    assert refused.code == 2
    assert f"{MANY} activities" in refused.message
    assert f"{MANY + 1} requests" in refused.message
    assert (world.moco.requests, len(world.stored())) == ([], MANY)


def test_what_people_did_since_stays_and_is_listed(migrated: Kept) -> None:
    world = migrated.again()
    moco = world.moco
    first, *_ = ids = sorted(world.records)
    moco.edit(replace(world.activity(ids[0]), billed=True))
    moco.edit(replace(world.activity(ids[1]), description="by hand"))
    moco.remove(world.activity(ids[2]))
    moco.edit(replace(world.activity(ids[3]), timer_started_at=moco.state.now()))
    engine = open_engine(absolute(world.folder))
    with writing(engine) as session:
        mark_disregarded(session, [SourceId(ids[4])], True)
    engine.dispose()
    kept = {ids[0], ids[1], ids[3], ids[4]}
    done = undo(world)
    assert (done.code, counts(done)) == (3, {"undone": MANY - 5, "gone": 1, "stays": 4})
    assert stays(done) == {
        (ids[0], "billed"),
        (ids[1], "edited"),
        (ids[3], "edited"),
        (ids[4], "disregarded"),
    }
    assert {each.remote_id for each in moco.activities} == {f"ac:main:{each}" for each in kept}
    # What a person deleted is a conflict as before, and so is "billed" by us of what ActiveCollab does not call paid.
    synced = world.run("sync")
    assert synced.counts["held"] == MANY - 5
    assert synced.counts["conflicts"] == 2
    moco.edit(replace(world.activity(first), billed=False))
    assert counts(undo(world, done.document["undone_run"]))["undone"] == 1


def test_a_locked_period_stays_in_mocos_own_words_and_goes_once_it_is_open(migrated: Kept) -> None:
    world = migrated.again()
    days = sorted({each.day for each in world.records.values()})
    lock = days[len(days) // 2]
    locked = [each.id for each in world.records.values() if each.day < lock]
    world.moco.switches.locked_before = lock
    done = undo(world)
    assert (done.code, counts(done)) == (3, {"undone": MANY - len(locked), "stays": len(locked)})
    assert stays(done) == {(each, "refused") for each in locked}
    assert all("refuses to delete it: " in each["message"] for each in done.document["stays"])
    # A refused record is not held: it is still there.
    synced = world.run("sync")
    assert (synced.code, synced.counts["unchanged"]) == (0, len(locked))
    world.moco.switches.locked_before = days[0] - timedelta(days=1)
    assert (undo(world, done.document["undone_run"]).code, world.stored()) == (0, [])


def test_a_person_whom_moco_forbids_is_asked_for_once_and_stays(migrated: Kept) -> None:
    world = migrated.again(moco__concurrency=1)
    world.door.forbidden.add(world.user_id(2))
    done = undo(world)
    assert (done.code, counts(done)) == (3, {"undone": MANY // 2, "stays": MANY // 2})
    assert {reason for _, reason in stays(done)} == {"forbidden"}
    assert world.door.turned_away == [world.user_id(2)]


def test_a_refused_login_stops_everything_and_the_rest_is_done_later(migrated: Kept) -> None:
    world = migrated.again(moco__concurrency=1)
    world.moco.fault(AnswerInstead(401), method="DELETE", nth=3)
    done = undo(world)
    assert (done.code, counts(done)) == (12, {"undone": 2, "pending": MANY - 2})
    run = done.document["undone_run"]
    assert (undo(world, run).code, world.stored()) == (0, [])


LOSSES: dict[str, Effect] = {
    "applied, then lost": LoseAnswer(502),
    "applied, then dropped": Drop(applied=True),
    "applied, no answer": Hang(applied=True),
    "applied later": LateCommit(0.4, 504),
    "not applied": AnswerInstead(503),
    "dropped before": Drop(applied=False),
    "too many requests": AnswerInstead(429),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_deletion_whose_answer_is_lost_is_done_in_the_end(migrated: Kept, loss: str) -> None:
    world = migrated.again()
    world.moco.fault(LOSSES[loss], method="DELETE", nth=2)
    done = undo(world)
    assert (done.code, counts(done), world.stored()) == (0, {"undone": MANY}, [])
    assert world.run("sync").counts == {"read": MANY, "held": MANY}
    assert world.stored() == []


@pytest.mark.parametrize("number", [1, 4, 8])
@pytest.mark.parametrize("moment", Moment, ids=lambda it: it.name)
@pytest.mark.parametrize("then", ["undo", "sync"])
def test_a_killed_undo_is_settled_by_whatever_runs_next_and_ends_the_same(
    migrated: Kept, moment: Moment, number: int, then: str
) -> None:
    world = migrated.again()
    run = world.run("runs", "show").document["run"]
    killed = world.run_and_strike(At(number, moment), "undo", str(run), "--yes")
    # A little after the last answer the process may be done.
    assert killed.code == -signal.SIGKILL or moment is Moment.ANSWERED
    if then == "sync":
        there = len(world.stored())
        synced = world.run("sync")
        assert synced.counts.get("unchanged", 0) == there
        assert synced.counts.get("held", 0) == MANY - there
    assert (undo(world, run).code, world.stored()) == (0, [])
    assert world.run("sync").counts == {"read": MANY, "held": MANY}
    assert world.stored() == []


def test_only_what_a_run_created_is_taken_back_and_the_rest_is_named(tmp_path: Path) -> None:
    with World(tmp_path, some_records(MANY), complete=False, policy__source_deleted="delete") as world:
        first = world.run("sync").document["run"]
        world.change(ID - 2, trashed=True)
        world.change(ID, person=2)
        world.change(ID + 2, text="Changed")
        world.records[900] = replace(world.records[ID], id=900, text="New")
        world.write_export()
        second = world.run("sync").document["run"]
        done = undo(world, second)
        assert (done.code, counts(done)) == (0, {"undone": 1})
        assert stays(done) == {(ID - 2, "withdrawn"), (ID, "worker_changed"), (ID + 2, "update")}
        world.forget_requests()
        done = undo(world, first)
        # The record of another worker is the second run's; what that run updated was created by the first.
        assert (done.code, counts(done)) == (0, {"undone": MANY - 2, "gone": 2})
        assert {each["reason"] for each in done.document["stays"]} == {"task", "contract"}
        assert [each.marker for each in world.stored()] == [f"ac:main:{ID}"]


def test_an_interrupted_and_resumed_apply_is_undone_as_a_whole(tmp_path: Path) -> None:
    with World(tmp_path, some_records(24), moco__timeout_seconds=0.7, moco__settle_seconds=0.2) as world:
        world.prepare()
        assert world.run_and_strike(At(2), "apply", "last").code == -signal.SIGKILL
        assert world.run_to_the_end("apply", "last").counts == {"read": 24, "created": 24}
        done = undo(world)
        assert (done.code, counts(done), world.stored()) == (0, {"undone": 24}, [])


def test_the_cost_is_told_before_anything_is_sent(migrated: Kept) -> None:
    world = migrated.again(moco__requests_per_window=6, moco__window_seconds=3600)
    shown = world.run("undo", "last", "--no-input")
    assert (shown.code, "at least 60 minutes" in shown.message) == (2, True)


def test_undo_works_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with World(tmp_path, some_records(12), database__url=postgres_url, moco__timeout_seconds=1.0) as world:
        run = world.run("sync").document["run"]
        killed = world.run_and_strike(At(5), "undo", str(run), "--yes")
        assert killed.code == -signal.SIGKILL
        assert (undo(world, run).code, world.stored()) == (0, [])
        assert world.run("sync").counts == {"read": 12, "held": 12}
        assert world.run("undo", str(run), "--release").counts == {"released": 12}
        assert world.run("sync").counts == {"read": 12, "created": 12}
        assert world.stored() == world.wanted()
