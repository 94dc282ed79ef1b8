"""What ActiveCollab had invoiced is marked as billed in MOCO: once, only what is verified, and final."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.app.demo.stage import staged
from migrator.app.progress import LoggedProgress
from migrator.sandbox.faults import AnswerInstead, Effect, LateCommit, LoseAnswer, RefuseRows, TruncatedJson
from tests.system.door import At, Moment
from tests.system.export import Record, some_records
from tests.system.harness import Finished, Kept, World

DISREGARD = "/activities/disregard"
BY_STATUS = (3, 3, 3, 2, 1, 0)
MANY = 18
PAID = 9
PENDING = 3


def invoiced_records(count: int = MANY) -> list[Record]:
    """Records of two people and two projects; half of them paid, some pending payment."""
    return [replace(each, status=BY_STATUS[number % len(BY_STATUS)]) for number, each in enumerate(some_records(count))]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """All of them in MOCO, nothing marked yet."""
    with World(tmp_path_factory.mktemp("billed"), invoiced_records(), moco__timeout_seconds=0.7) as world:
        world.configure(moco__settle_seconds=0.2)
        finished = world.run_to_the_end("sync")
        assert (finished.code, world.stored()) == (0, world.wanted())
        open_still = finished.document["invoiced_but_open"]
        assert (open_still["records"], open_still["last_billed_run"]) == (PAID, None)
        yield Kept.now(world)


@pytest.fixture
def world(migrated: Kept) -> World:
    """The same, each time anew."""
    found = migrated.again()
    found.forget_requests()
    return found


def paid(world: World) -> list[int]:
    """The records that ActiveCollab says are paid."""
    return [each.id for each in world.records.values() if each.status == 3]


def billed(world: World) -> list[int]:
    """The records whose activity MOCO shows as billed."""
    return sorted(each.id for each in world.records.values() if world.activity(each.id).billed)


def asked(world: World) -> list[dict[str, Any]]:  # JSON
    """The body of every request to mark, since the log began."""
    return [json.loads(each.body) for each in world.writes() if each.path.endswith(DISREGARD)]


def ids_asked(world: World) -> list[int]:
    """Every id asked for, as often as it was."""
    return [each for body in asked(world) for each in body["activity_ids"]]


def counts(finished: Finished) -> dict[str, int]:
    """Records by word, without what was open at the beginning."""
    return {word: count for word, count in finished.counts.items() if word != "read"}


def marked(finished: Finished, many: int = PAID) -> bool:
    """Whether a run ended well, with so many marked."""
    return (finished.code, counts(finished)) == (0, {"disregarded": many})


# -- the ordinary way ----------------------------------------------------------------------------------------------


def test_all_that_is_paid_is_marked_and_nothing_else_and_a_second_run_writes_nothing(world: World) -> None:
    before = world.stored()
    finished = world.run("billed", "--yes")
    assert marked(finished)
    assert finished.document["schema"] == "migrator.billed/1"
    assert finished.document["ends_undo"]["records"] == PAID
    assert "final" in finished.document["verdict"]
    assert finished.document["seconds"]["disregarded"] == sum(world.records[each].seconds for each in paid(world))
    assert billed(world) == paid(world)
    assert world.stored() == before
    assert sorted(ids_asked(world)) == sorted(world.activity(each).id for each in paid(world))
    projects = {each.id: each.project_id for each in world.moco.activities}
    for body in asked(world):
        of = {projects[each] for each in body["activity_ids"]}
        assert body.get("project_id") == (of.pop() if len(of) == 1 else None)
        assert len(body["activity_ids"]) <= 5
    assert finished.document["invoiced_but_open"]["records"] == 0
    world.forget_requests()
    again = world.run("billed")
    assert (again.code, again.counts, world.writes()) == (0, {}, [])
    assert world.run("sync").counts == {"read": MANY, "unchanged": MANY}
    assert world.writes() == []


def test_a_dry_run_only_reads_and_says_what_would_be_done_and_the_doing_is_confirmed(world: World) -> None:
    finished = world.run("billed", "--dry-run", "--no-input")
    assert (finished.code, counts(finished)) == (0, {"pending": PAID})
    assert (world.writes(), set(finished.document["requests"])) == ([], {"GET"})
    assert finished.document["marking_requests"] == 2
    (customer,) = finished.document["customers"]
    assert (customer["name"], customer["pending"]["records"]) == ("Kunde AG", PAID)
    assert "would be final" in finished.document["verdict"]
    pending = finished.document["pending_payment"]
    assert [(each["name"], each["records"]) for each in pending] == [("Kunde AG", PENDING)]
    refused = world.run("billed", "--no-input")
    assert (refused.code, "--yes" in refused.stderr, "final" in refused.message) == (2, True, True)
    assert world.writes() == []


def test_what_is_pending_payment_is_marked_once_a_person_decided_so(migrated: Kept) -> None:
    world = migrated.again()
    world.configure(policy__pending_payment="billed")
    decided = world.run("billed", "--yes")
    assert marked(decided, PAID + PENDING)
    assert decided.document["pending_payment"] == []
    # A record that is marked by this policy is no contradiction to its status.
    assert world.run("sync").counts == {"read": MANY, "unchanged": MANY}


def test_a_policy_that_bills_paid_records_anew_marks_nothing(migrated: Kept) -> None:
    world = migrated.again(policy__billed="billable")
    finished = world.run("billed", "--yes")
    assert (finished.code, "policy.billed" in finished.message, billed(world)) == (2, True, [])


def test_what_became_paid_since_the_last_time_is_named_and_what_no_longer_is_is_a_conflict(migrated: Kept) -> None:
    world = migrated.again()
    assert marked(world.run("billed", "--yes"))
    fresh = next(each.id for each in world.records.values() if each.status == 1)
    fallen, rewritten = paid(world)[:2]
    world.change(fresh, status=3)
    world.change(fallen, status=1)
    world.change(rewritten, text="The same on both sides")
    world.moco.edit(replace(world.activity(rewritten), description="The same on both sides"))
    finished = world.run("sync")
    assert finished.counts == {"read": MANY, "conflicts": 1, "unchanged": MANY - 1}
    open_still = finished.document["invoiced_but_open"]
    assert open_still["since_last_billed"]["records"] == open_still["records"] == 1
    assert open_still["seconds"] == world.records[fresh].seconds
    (item,) = world.run("inbox", "list").document["items"]
    assert (item["source_id"], item["reason"]) == (fallen, "UNBILLED_IN_SOURCE")
    assert marked(world.run("billed", "--yes"), 1)
    assert world.activity(fresh).billed
    # What was rewritten on both sides is still known to be marked by us.
    world.change(rewritten, status=1)
    assert world.run("sync").counts == {"read": MANY, "conflicts": 2, "unchanged": MANY - 2}


# -- only what is verified -----------------------------------------------------------------------------------------


def test_what_a_person_edited_billed_or_deleted_in_moco_is_not_asked_for(migrated: Kept) -> None:
    world = migrated.again(policy__billed_reason="Rechnung 2019")
    edited, taken, gone, stale = paid(world)[:4]
    activities = {each: world.activity(each) for each in (edited, taken, gone)}
    # Edited so that no scan sees it: only reading it now does.
    world.moco.state.activities.put(replace(activities[edited], description="by hand"))
    world.moco.edit(replace(activities[taken], billed=True))
    world.moco.remove(activities[gone])
    world.change(stale, text="Not synced yet")
    assert world.run("read").code == 0
    world.forget_requests()
    finished = world.run("billed", "--yes")
    assert finished.code == 3
    assert {body["reason"] for body in asked(world)} == {"Rechnung 2019"}
    assert not {each.id for each in activities.values()} & set(ids_asked(world))
    assert world.activity(stale).id not in ids_asked(world)
    reasons = {each["source_id"]: each["reason"] for each in finished.document["open"]}
    assert reasons[edited] == "EDITED_IN_TARGET"
    assert reasons[stale] == "NOT_IN_SYNC"
    assert finished.counts["disregarded"] == PAID - 4
    assert finished.document["invoiced_but_open"]["records"] == 2


# -- lost, late and odd answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "twice"),
    [
        (LoseAnswer(502), False),
        (TruncatedJson(), False),
        (LateCommit(0.5, 504), False),
        (AnswerInstead(503), True),
        (AnswerInstead(429, retry_after=0), True),
    ],
    ids=["502 after", "half of the JSON", "late commit", "503 before", "429"],
)
def test_an_answer_without_success_is_proved_and_only_what_is_open_is_asked_for_once_more(
    world: World, effect: Effect, twice: bool
) -> None:
    world.moco.fault(effect, method="POST", path=DISREGARD)
    finished = world.run("billed", "--yes")
    assert marked(finished)
    assert billed(world) == paid(world)
    ids = ids_asked(world)
    assert len(ids) - len(set(ids)) == (5 if twice else 0)


def test_what_stays_open_after_the_second_time_is_left_unclear_and_the_others_are_marked(migrated: Kept) -> None:
    world = migrated.again(moco__bulk_size=8)
    world.moco.switches.disregard_left_alone = 1
    world.forget_requests()
    finished = world.run("billed", "--yes")
    ids = ids_asked(world)
    # One of each request is left out: it is asked for again, alone, and then no more.
    assert (finished.code, counts(finished)) == (5, {"disregarded": 7, "unclear": 2})
    assert max(ids.count(each) for each in ids) == 2
    world.moco.switches.disregard_left_alone = 0
    world.forget_requests()
    later = world.run("billed", "--yes")
    assert (later.code, counts(later), world.writes()) == (3, {"refused": 2}, [])
    # Whoever looked at it may let it be tried once more.
    assert world.run("inbox", "retry", "--all").code == 0
    assert marked(world.run("billed", "--yes"), 2)


def test_an_account_that_never_marks_is_asked_twice_and_no_more_whoever_kills_the_runs(world: World) -> None:
    world.moco.switches.disregard_left_alone = 100
    for _ in range(4):
        world.run_and_strike(At(1), "billed", "--yes")
    finished = world.run_to_the_end("billed", "--yes")
    assert (finished.code, counts(finished)) == (3, {"refused": PAID})
    ids = ids_asked(world)
    assert {ids.count(each) for each in set(ids)} == {2}


def test_an_answer_that_does_not_name_all_is_proved_by_looking(world: World) -> None:
    world.moco.switches.disregard_ids_missing = 2
    finished = world.run("billed", "--yes")
    assert marked(finished)
    assert len(ids_asked(world)) == len(set(ids_asked(world))) == PAID


def test_an_account_that_never_shows_what_it_marked_is_not_asked_twice(world: World) -> None:
    world.moco.switches.disregard_shows_billed = False
    assert marked(world.run("billed", "--yes"))
    world.forget_requests()
    assert (world.run("billed", "--yes").counts, world.writes()) == ({}, [])


# -- refusals ------------------------------------------------------------------------------------------------------


def test_a_refused_id_is_found_by_halving_where_a_refusal_is_all_or_nothing(migrated: Kept) -> None:
    world = migrated.again(moco__bulk_size=100)
    bad = paid(world)[3]
    world.moco.fault(RefuseRows.with_markers(f"ac:main:{bad}"), path=DISREGARD, times=None)
    finished = world.run("billed", "--yes")
    assert (finished.code, counts(finished)) == (3, {"disregarded": PAID - 1, "refused": 1})
    assert billed(world) == [each for each in paid(world) if each != bad]
    assert world.run("inbox", "accept", str(bad), "--note", "invoiced by hand").code == 0
    accepted = world.run("billed", "--yes")
    assert (accepted.code, counts(accepted)) == (0, {"refused": 1})


def test_one_refused_id_does_not_block_the_others_and_waits_until_a_person_lets_it_be_tried(migrated: Kept) -> None:
    world = migrated.again(moco__bulk_size=100)
    bad = paid(world)[3]
    world.moco.switches.disregard_partial = True
    world.moco.fault(RefuseRows.with_markers(f"ac:main:{bad}"), path=DISREGARD, times=None)
    world.forget_requests()
    finished = world.run("billed", "--yes")
    assert (finished.code, counts(finished)) == (3, {"disregarded": PAID - 1, "refused": 1})
    # What a refusal marked all the same is found by looking, so only the bad one is asked for again.
    assert len(asked(world)) == 2
    (item,) = world.run("inbox", "list").document["items"]
    assert (item["source_id"], item["kind"], "Refused by a fault" in item["message"]) == (bad, "quarantined", True)
    world.forget_requests()
    assert (world.run("sync").code, world.run("billed", "--yes").code, world.writes()) == (3, 3, [])
    assert world.run("inbox", "retry", str(bad)).code == 0
    world.moco.faults.clear()
    assert marked(world.run("billed", "--yes"), 1)
    assert world.run("inbox", "list").document["items"] == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_the_run(world: World, status: int) -> None:
    world.moco.fault(AnswerInstead(status), method="POST", path=DISREGARD, nth=2)
    finished = world.run("billed", "--yes")
    assert finished.code == 12
    assert (len(asked(world)), len(billed(world))) == (2, 5)
    assert counts(finished) == {"disregarded": 5, "pending": 4}
    if status == 401:
        assert marked(world.run("billed", "--yes"), 4)


# -- kills and two at once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [At(1, Moment.ARRIVING), At(2, Moment.APPLIED)], ids=["arriving", "applied"])
def test_a_killed_run_is_settled_by_the_next_one(world: World, at: At) -> None:
    killed = world.run_and_strike(at, "billed", "--yes")
    assert killed.code == -signal.SIGKILL
    assert world.run_to_the_end("billed", "--yes").code == 0
    assert billed(world) == paid(world)
    # A request that arrived takes effect; no id is asked for again once it is proved.
    assert len(ids_asked(world)) == len(set(ids_asked(world))) == PAID


def test_a_sync_settles_what_a_killed_run_left_open(world: World) -> None:
    killed = world.run_and_strike(At(1, Moment.APPLIED), "billed", "--yes")
    assert killed.code == -signal.SIGKILL
    synced = world.run("sync")
    assert synced.counts == {"read": MANY, "unchanged": MANY}
    assert synced.document["invoiced_but_open"]["records"] == PAID - 5
    # It knows now that these were marked by us, which is more than that MOCO shows them as billed.
    world.change(billed(world)[0], status=1)
    assert world.run("sync").counts == {"read": MANY, "conflicts": 1, "unchanged": MANY - 1}


def test_a_second_process_is_refused_while_the_first_marks(world: World) -> None:
    world.configure(moco__timeout_seconds=60)
    codes: list[int] = []
    first = world.start("billed", "--yes")
    world.door.expect(At(1, Moment.ARRIVING), lambda: codes.append(world.run("billed", "--yes").code))
    assert (marked(world.finished(first)), codes) == (True, [11])


# -- the same elsewhere --------------------------------------------------------------------------------------------


def test_it_is_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with World(tmp_path, invoiced_records(), database__url=postgres_url) as world:
        assert world.run_to_the_end("sync").code == 0
        world.moco.fault(LoseAnswer(502), method="POST", path=DISREGARD)
        world.forget_requests()
        assert marked(world.run("billed", "--yes"))
        assert billed(world) == paid(world)


def test_the_agency_has_all_marked_that_it_had_invoiced(tmp_path: Path) -> None:
    with staged(LoggedProgress(), 150, tmp_path / "agency") as stage:

        def run(*words: str) -> tuple[int, dict[str, Any]]:  # JSON
            done = subprocess.run(
                [sys.executable, "-m", "migrator", *words, "--json"],
                cwd=stage.folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, json.loads(done.stdout)

        _, synced = run("sync")
        code, found = run("billed", "--yes")
        status = {f"ac:main:{each.id}": each.billable_status for each in stage.agency.records()}
        there = [each for each in stage.moco.activities if each.remote_id is not None]
        due = {each.id for each in there if status[str(each.remote_id)] == 3}
        assert code == 0
        assert {each.id for each in there if each.billed} == due
        assert found["counts"]["disregarded"] == len(due) == synced["invoiced_but_open"]["records"] > 20
        assert found["pending_payment"]
        projects = {each.id: each.project_id for each in there}
        bodies = [json.loads(each.body) for each in stage.moco.requests if each.path.endswith(DISREGARD)]
        assert len({each["company_id"] for each in bodies}) > 1
        for body in bodies:
            of = {stage.moco.state.projects[projects[each]].company_id for each in body["activity_ids"]}
            assert of == {body["company_id"]}
