"""Pausing the web hooks of others: exactly those, and exactly those again, also after a kill."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from migrator.sandbox.faults import AnswerInstead, LateCommit, LoseAnswer
from migrator.sandbox.moco_records import EVERY_PERMISSION, Permission
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Kept, World


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A planned migration."""
    with World(tmp_path_factory.mktemp("hooks"), some_records(12), moco__timeout_seconds=0.7) as world:
        world.prepare()
        yield Kept.now(world)


@pytest.fixture
def world(planned: Kept) -> World:
    """An account with four hooks: two of others, one of others that is off, one of ours."""
    world = planned.again()
    for address, target, disabled in (
        ("https://zap.example/in/s3cr3t", "Activity", False),
        ("https://bi.example/moco", "Project", False),
        ("https://old.example/moco", "Activity", True),
        ("https://migrator.example/hooks/moco", "Activity", False),
    ):
        world.moco.add_web_hook(address, target=target, disabled=disabled)
    return world


def active(world: World) -> list[str]:
    """The hosts that MOCO would tell of an event."""
    return [each.hook.split("/")[2] for each in world.moco.state.web_hooks.values() if each.disabled_at is None]


ALL = ["zap.example", "bi.example", "migrator.example"]
OURS = ["migrator.example"]


def test_the_hooks_of_others_are_paused_and_resumed(world: World) -> None:
    assert world.run("hooks", "pause").code == 0
    assert active(world) == OURS
    listed = world.run("hooks", "list")
    assert [(each["host"], each["active"], each["ours"], each["paused_by"]) for each in listed.document["hooks"]] == [
        ("zap.example", False, False, "person"),
        ("bi.example", False, False, "person"),
        ("old.example", False, False, None),
        ("migrator.example", True, True, None),
    ]
    resumed = world.run("hooks", "resume")
    assert (resumed.code, len(resumed.document["resumed"]), active(world)) == (0, 2, ALL)
    assert "s3cr3t" not in str((listed, resumed))
    world.forget_requests()
    assert (world.run("hooks", "resume").document["verdict"], world.writes()) == ("Nothing is paused.", [])


def test_listing_changes_nothing(world: World) -> None:
    world.run("hooks", "list")
    assert world.writes() == []


def test_what_was_deleted_or_refuses_is_said_and_the_rest_is_resumed(world: World) -> None:
    world.run("hooks", "pause")
    first, second = list(world.moco.state.web_hooks)[:2]
    del world.moco.state.web_hooks[first]
    world.moco.fault(AnswerInstead(400), path=f"/account/web_hooks/{second}/enable", times=3)
    resumed = world.run("hooks", "resume")
    assert (resumed.code, resumed.document["gone"]) == (1, [first])
    assert [each["id"] for each in resumed.document["left"]] == [second]
    again = world.run("hooks", "resume")
    assert (again.code, again.document["resumed"], active(world)) == (0, [second], ALL[1:])


def test_a_lost_answer_is_looked_up(world: World) -> None:
    world.moco.fault(LoseAnswer(), method="PUT", path="/account/web_hooks/.*")
    assert (world.run("hooks", "pause").code, active(world)) == (0, OURS)
    world.moco.fault(LateCommit(0.3), method="PUT", path="/account/web_hooks/.*")
    assert (world.run("hooks", "resume").code, active(world)) == (0, ALL)


def test_apply_pauses_for_as_long_as_it_writes(world: World) -> None:
    applied = world.run("apply", "last", "--pause-hooks")
    assert applied.code == 0, applied
    paths = [each.path.rpartition("/")[2] for each in world.writes()]
    assert paths[:2] == ["disable", "disable"]
    assert paths[-2:] == ["enable", "enable"]
    assert set(paths[2:-2]) == {"bulk"}
    assert len(applied.document["web_hooks"]["resumed"]) == 2
    assert active(world) == ALL


def test_an_apply_that_fails_resumes_them_all_the_same(world: World) -> None:
    world.moco.fault(AnswerInstead(401), method="POST", path="/activities/bulk", nth=2)
    failed = world.run("apply", "last", "--pause-hooks")
    assert (failed.code, active(world)) == (12, ALL)
    interrupted = world.run_and_strike(At(3), "apply", "last", "--pause-hooks", sign=signal.SIGTERM)
    assert (interrupted.code, active(world)) == (130, ALL)


@pytest.mark.parametrize(("number", "moment"), [(1, Moment.ARRIVING), (4, Moment.APPLIED)])
def test_what_a_killed_run_paused_the_next_one_resumes(world: World, number: int, moment: Moment) -> None:
    killed = world.run_and_strike(At(number, moment), "apply", "last", "--pause-hooks")
    assert killed.code == -signal.SIGKILL
    finished = world.run_to_the_end("apply", "last")
    assert (finished.code, active(world)) == (0, ALL)
    assert world.stored() == world.wanted()
    assert world.run("status").document["paused_hooks"] == []


def test_what_a_killed_run_paused_can_be_resumed_by_hand(world: World) -> None:
    world.run_and_strike(At(2, Moment.APPLIED), "apply", "last", "--pause-hooks")
    assert active(world) == OURS
    assert len(world.run("status").document["paused_hooks"]) == 2
    assert (world.run("hooks", "resume").code, active(world)) == (0, ALL)


def test_what_a_person_paused_stays_paused_through_runs(world: World) -> None:
    world.run("hooks", "pause")
    assert world.run("apply", "last", "--pause-hooks").code == 0
    assert active(world) == OURS


def test_a_key_that_may_not_manage_hooks_writes_nothing(world: World) -> None:
    owner = next(user for user in world.moco.state.users.values() if user.permissions)
    world.moco.edit(replace(owner, permissions=EVERY_PERMISSION - {Permission.COMPANIES}))
    refused = world.run("apply", "last", "--pause-hooks")
    assert (refused.code, "the account's settings" in refused.message, world.writes()) == (12, True, [])
    assert world.run("apply", "last").code == 0
