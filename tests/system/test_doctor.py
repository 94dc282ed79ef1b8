"""`doctor`: each fact of an account named right, what nobody knows `unknown`, and every probe removed again."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from migrator.sandbox.faults import AnswerInstead, LateCommit, WrongUser
from migrator.sandbox.moco_records import EVERY_PERMISSION, Permission
from migrator.sandbox.moco_switches import Bulk, BulkAnswer, Markers, Rounding
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Finished, Kept, World

PROBE = ("doctor", "--probe-write", "website & shop", "--yes")
OLDEST = date(2024, 1, 1)


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Twelve records, read and not yet migrated."""
    with World(tmp_path_factory.mktemp("doctor"), some_records(12), moco__timeout_seconds=0.7) as world:
        assert world.run("read").code == 0
        yield Kept.now(world)


@pytest.fixture
def world(staged: Kept) -> World:
    """The same for each test."""
    return staged.again()


def checks(finished: Finished) -> dict[str, dict[str, Any]]:
    """The checks of an answer by name, each once."""
    assert finished.document["schema"] == "migrator.doctor/1", finished
    found = finished.document["checks"]
    assert all(list(each) == ["name", "status", "detail", "fix"] for each in found)
    by_name = {each["name"]: each for each in found}
    assert len(by_name) == len(found)
    return by_name


def statuses(finished: Finished, *names: str) -> dict[str, str]:
    """How some checks ended, or all."""
    return {name: each["status"] for name, each in checks(finished).items() if not names or name in names}


def probes_left(world: World) -> list[str]:
    """What is in MOCO and was booked by a probe."""
    return [each.description for each in world.moco.activities if "probe-" in each.description + (each.remote_id or "")]


# -- without a probe ----


def test_without_a_probe_only_get_is_sent_and_nothing_unknown_is_called_ok(world: World) -> None:
    world.configure(moco__requests_per_window=150, moco__window_seconds=15)
    (world.folder / "migrator.toml").chmod(0o600)
    looked = world.run("doctor")
    assert {each.method for each in world.moco.requests} == {"GET"}
    assert looked.code == 0
    assert statuses(looked) == {
        "configuration": "ok",
        "database": "ok",
        "files": "ok",
        "backup": "skip",
        "verified": "skip",
        "service": "ok",
        "activecollab": "ok",
        "moco": "ok",
        "staff": "ok",
        "rate_plan": "unknown",
        "clock": "ok",
        "remote_id": "unknown",
        "bulk": "unknown",
        "rounding": "unknown",
        "period_lock": "unknown",
        "description": "unknown",
        "mapping": "ok",
        "targets": "ok",
        "web_hooks": "ok",
        "timers": "ok",
    }
    asks = [name for name, each in checks(looked).items() if "--probe-write" in each["fix"]]
    assert asks == ["remote_id", "bulk", "rounding", "period_lock", "description"]


def test_what_waits_in_moco_is_counted(world: World) -> None:
    state = world.moco.state
    person = state.users[world.user_id(1)]
    project = next(each for each in state.projects.values() if each.name == "Created through API")
    other = next(each for each in state.projects.values() if each is not project)
    task = next(each for each in state.tasks.values() if each.project_id == other.id)
    contract = state.contract_of(other.id, world.user_id(2))
    assert contract is not None
    world.moco.edit(replace(person, active=False))
    world.moco.edit(replace(project, active=False))
    world.moco.edit(replace(task, active=False))
    state.remove_contract(contract)
    world.moco.add_web_hook("https://other.example/x")
    owner = next(each for each in state.users.values() if each.permissions)
    timed = world.moco.add_activity(owner, task, date(2024, 2, 1), 0)
    world.moco.edit(replace(timed, timer_started_at=state.now()))
    world.run("plan")
    looked = world.run("doctor")
    assert statuses(looked, "targets", "web_hooks", "timers") == dict.fromkeys(
        ("targets", "web_hooks", "timers"), "warn"
    )
    told = checks(looked)
    assert f"1 deactivated person ({person.id}) with 6 records, 17.57 h" in told["targets"]["detail"]
    assert f"1 archived project ({project.id}) with 6 records" in told["targets"]["detail"]
    assert f"1 inactive task ({task.id}) with 6 records" in told["targets"]["detail"]
    assert "1 contracts are missing, for 3 records" in told["targets"]["detail"]
    assert told["targets"]["detail"].endswith(": `apply` creates them")
    assert "--pause-hooks" in told["web_hooks"]["fix"]
    assert str(timed.id) in told["timers"]["detail"]


def test_a_key_without_the_staff_permission_is_a_refused_login(world: World) -> None:
    world.moco.switches.colleagues_visible = False
    owner = next(user for user in world.moco.state.users.values() if user.permissions)
    world.moco.edit(replace(owner, permissions=EVERY_PERMISSION - {Permission.STAFF}))
    looked = world.run("doctor")
    assert (looked.code, statuses(looked, "moco", "staff")) == (12, {"moco": "ok", "staff": "fail"})


def test_what_is_not_set_up_is_skipped_and_what_is_wrong_fails(world: World) -> None:
    world.configure(moco__api_key="f" * 24)
    refused = world.run("doctor")
    assert (refused.code, statuses(refused, "moco", "bulk")) == (12, {"moco": "fail", "bulk": "skip"})
    world.configure(moco__url="https://example.mocoapp.com", moco__api_key="", activecollab__files=[])
    missing = world.run("doctor")
    assert statuses(missing, "activecollab", "moco", "rounding") == dict.fromkeys(
        ("activecollab", "moco", "rounding"), "skip"
    )
    assert (missing.code, checks(missing)["configuration"]["status"]) == (1, "fail")
    world.configure(moco__bulk_size=1000)
    broken = world.run("doctor")
    assert (broken.code, statuses(broken, "configuration", "database")) == (1, {"configuration": "fail"})


def test_what_runs_learned_is_used(world: World) -> None:
    world.moco.switches.rounding = Rounding.UP_15
    world.run("plan")
    assert world.run("apply", "last").code == 0
    looked = world.run("doctor")
    assert statuses(looked, "remote_id", "rounding") == {"remote_id": "ok", "rounding": "warn"}
    assert "15 minutes, up" in checks(looked)["rounding"]["detail"]


# -- with a probe ----


def test_a_probe_finds_everything_out_cleans_up_and_is_remembered(world: World) -> None:
    probed = world.run(*PROBE)
    assert (probed.code, checks(probed)["probe"]["status"]) == (0, "ok")
    assert world.moco.activities == []
    world.forget_requests()
    later = world.run("doctor")
    assert world.writes() == []
    learned = ("staff", "remote_id", "bulk", "rounding", "period_lock", "description")
    assert statuses(later, *learned) == dict.fromkeys(learned, "ok")
    assert "all or nothing" in checks(later)["bulk"]["detail"]
    world.run("plan")
    world.forget_requests()
    assert world.run("apply", "last").code == 0
    assert len(world.bulks()[0]) == 5, "bulks need not begin with a single record any more"
    assert world.stored() == world.wanted()


def test_a_difficult_account_is_named_right(world: World) -> None:
    switches = world.moco.switches
    switches.rounding, switches.locked_before = Rounding.NEAREST_15, OLDEST + timedelta(days=1)
    switches.description_mandatory, switches.bulk = True, Bulk.PARTIAL
    switches.remote_id_filter = False
    foreign = world.moco.state
    world.moco.add_activity(
        next(iter(foreign.users.values())), next(iter(foreign.tasks.values())), date(2024, 5, 5), 60
    )
    probed = world.run(*PROBE)
    assert (probed.code, checks(probed)["probe"]["status"], probes_left(world)) == (0, "ok", [])
    told = checks(probed)
    names = ("remote_id", "bulk", "rounding", "period_lock", "description")
    assert statuses(probed, *names) == dict.fromkeys(names, "warn")
    assert "15 minutes, nearest" in told["rounding"]["detail"]
    assert "The period is locked" in told["period_lock"]["detail"]
    assert "too short" in told["description"]["detail"]
    assert "not atomic: MOCO refused, and yet stored the good rows" in told["bulk"]["detail"]
    assert "ignores `remote_id=`" in told["remote_id"]["detail"]


@pytest.mark.parametrize(
    ("bulk", "words"),
    [
        (Bulk.PREFIX, "refused, and yet stored the rows before the bad one"),
        (Bulk.PARTIAL_ANSWERED, "answered success and stored the good rows"),
    ],
)
def test_how_a_bulk_is_not_atomic_is_said(world: World, bulk: Bulk, words: str) -> None:
    world.moco.switches.bulk = bulk
    probed = world.run(*PROBE)
    assert words in checks(probed)["bulk"]["detail"]
    assert (probed.code, probes_left(world)) == (0, [])


def test_lists_that_lag_behind_are_named_and_cleaned_up(world: World) -> None:
    world.configure(moco__settle_seconds=2.0)
    world.moco.switches.list_staleness_seconds = 2
    probed = world.run(*PROBE)
    assert "lists lag behind" in checks(probed)["remote_id"]["detail"]
    assert (probed.code, checks(probed)["remote_id"]["status"], probes_left(world)) == (0, "warn", [])


def test_an_account_that_drops_markers_fails_and_keeps_nothing(world: World) -> None:
    world.moco.switches.markers = Markers.NOT_STORED
    probed = world.run(*PROBE)
    assert (probed.code, checks(probed)["remote_id"]["status"], probes_left(world)) == (1, "fail", [])
    assert len(world.bulks()) == 1, "no more is booked without markers"


@pytest.mark.parametrize("answer", [Markers.NOT_ECHOED, BulkAnswer.EMPTY], ids=lambda it: it.value)
def test_an_answer_without_markers_is_looked_up(world: World, answer: Markers | BulkAnswer) -> None:
    if isinstance(answer, Markers):
        world.moco.switches.markers = answer
    else:
        world.moco.switches.bulk_answer = answer
    probed = world.run(*PROBE)
    told = checks(probed)
    assert (told["bulk"]["status"], "does not show what was sent" in told["bulk"]["detail"]) == ("warn", True)
    assert (probed.code, told["remote_id"]["status"], probes_left(world)) == (0, "ok", [])


def test_a_booking_for_the_wrong_person_is_a_refused_login_and_removed(world: World) -> None:
    world.moco.fault(WrongUser(), method="POST", path="/activities/bulk")
    probed = world.run(*PROBE)
    assert (probed.code, checks(probed)["staff"]["status"], probes_left(world)) == (12, "fail", [])
    assert len(world.bulks()) == 1


def test_a_deactivated_person_and_an_archived_project_are_tried(world: World) -> None:
    state = world.moco.state
    person = state.users[world.user_id(2)]
    project = next(each for each in state.projects.values() if each.name == "Created through API")
    world.moco.edit(replace(person, active=False))
    world.moco.edit(replace(project, active=False))
    probed = world.run(*PROBE)
    told = checks(probed)["targets"]["detail"]
    assert f"MOCO refuses to book for deactivated person {person.id}: status 403" in told
    assert f"MOCO refuses to book on archived project {project.id}: task_id: is invalid" in told
    assert (probed.code, probes_left(world)) == (0, [])


def test_a_probe_whose_answer_is_lost_stops_early_and_is_removed(world: World) -> None:
    world.moco.fault(LateCommit(0.4), method="POST", path="/activities/bulk", nth=2)
    probed = world.run(*PROBE)
    assert (probed.code, checks(probed)["probe"]["status"]) == (0, "warn")
    assert "stopped early" in checks(probed)["probe"]["detail"]
    assert (probes_left(world), statuses(probed, "remote_id", "bulk")) == ([], {"remote_id": "ok", "bulk": "unknown"})


def test_what_cannot_be_removed_is_named_and_tried_again(world: World) -> None:
    world.moco.fault(AnswerInstead(400), method="DELETE", times=None)
    probed = world.run(*PROBE)
    (first, *_) = sorted(world.moco.activities, key=lambda each: each.id)
    assert (probed.code, checks(probed)["probe"]["status"]) == (1, "fail")
    assert f"NOT REMOVED from MOCO: activity {first.id}" in checks(probed)["probe"]["detail"]
    world.moco.faults.clear()
    left = checks(world.run("doctor"))["probe"]
    assert (left["status"], "apply" in left["fix"]) == ("warn", True)
    world.run("plan")
    assert world.run("apply", "last").code == 0
    assert world.stored() == world.wanted()
    assert "probe" not in checks(world.run("doctor"))


@pytest.mark.parametrize(
    ("at", "again"),
    [
        (At(1, Moment.APPLIED), PROBE),
        (At(8, Moment.APPLIED), ("sync",)),
    ],
    ids=["first", "deleting"],
)
def test_what_a_killed_probe_left_is_removed_by_the_next_run(world: World, at: At, again: tuple[str, ...]) -> None:
    killed = world.run_and_strike(at, *PROBE)
    assert killed.code == -signal.SIGKILL
    assert world.run(*again).code == 0
    assert probes_left(world) == []
    assert world.run("status").document["unsettled"] == 0


def test_a_probe_needs_a_confirmation_and_a_project_of_moco(world: World) -> None:
    unasked = world.run("doctor", "--probe-write", "Website & Shop")
    unknown = world.run("doctor", "--probe-write", "Nowhere", "--yes")
    assert (unasked.code, "confirmation" in unasked.message) == (2, True)
    assert (unknown.code, "no project 'Nowhere'" in unknown.message) == (2, True)
    assert world.writes() == []
