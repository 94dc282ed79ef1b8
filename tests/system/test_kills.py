"""Killed and interrupted runs, run again: the same target as if nothing had happened."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator

import pytest

from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Booked, Finished, Kept, World

MANY = 300
PEOPLE = 3

KILLS = range(20)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A plan of 300 records, ready to be applied; every request of MOCO's is there to be killed at."""
    with World(tmp_path_factory.mktemp("kills"), some_records(MANY, PEOPLE), moco__bulk_size=20) as world:
        world.configure(moco__timeout_seconds=0.7, moco__settle_seconds=0.2)
        world.prepare()
        yield Kept.now(world)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A plan that needs two tasks and six assignments first."""
    with World(tmp_path_factory.mktemp("bare"), some_records(18, PEOPLE), complete=False) as world:
        world.configure(moco__timeout_seconds=0.7, moco__settle_seconds=0.2)
        world.prepare()
        yield Kept.now(world, complete=False)


def somewhere(seed: int) -> At:
    """A moment anywhere in the 26 requests of a run; every second one at one of its 16 that write."""
    chance = random.Random(seed)
    writes_only = seed % 2 == 0
    number = chance.randint(1, 16 if writes_only else 26)
    return At(number, chance.choice(list(Moment)), chance.uniform(0, 0.05), writes_only)


@pytest.mark.parametrize("seed", KILLS)
def test_a_killed_run_ends_as_one_that_was_never_killed(prepared: Kept, seed: int) -> None:
    world = prepared.again()
    killed = world.run_and_strike(somewhere(seed), "apply", "last")
    assert killed.code in {-signal.SIGKILL, 0}
    assert_resumed(world, killed)


@pytest.mark.parametrize("number", [1, 3, 8])
@pytest.mark.parametrize("moment", [Moment.ARRIVING, Moment.APPLIED], ids=lambda it: it.name)
def test_a_run_killed_while_it_creates_tasks_and_assignments_doubles_none(
    bare: Kept, moment: Moment, number: int
) -> None:
    world = bare.again()
    killed = world.run_and_strike(At(number, moment), "apply", "last")
    assert killed.code == -signal.SIGKILL
    assert_resumed(world, killed)
    assert (len(world.moco.state.tasks), len(world.moco.state.contracts)) == (2, 6)


def test_a_run_that_is_killed_again_and_again_ends_as_one_that_was_never_killed(prepared: Kept) -> None:
    world = prepared.again()
    for number in (2, 3, 4):
        killed = world.run_and_strike(At(number), "apply", "last")
        assert killed.code == -signal.SIGKILL
    assert_resumed(world, killed)
    used = world.run("apply", "last")
    assert (used.code, "carried out already, by run 3" in used.message) == (7, True)


@pytest.mark.parametrize(("sign", "number"), [(signal.SIGTERM, 9), (signal.SIGINT, 1), (signal.SIGINT, 5)])
def test_an_interrupted_run_says_so_and_is_resumed(prepared: Kept, sign: signal.Signals, number: int) -> None:
    world = prepared.again()
    interrupted = world.run_and_strike(At(number), "apply", "last", sign=sign)
    assert interrupted.code == 130
    assert "state is consistent" in interrupted.message
    assert not twice(world.stored())
    assert_resumed(world, interrupted)


def test_status_does_not_take_a_dead_run_for_a_running_one(prepared: Kept) -> None:
    world = prepared.again()
    world.run_and_strike(At(2), "apply", "last")
    assert world.run("status").document["running"] is None


def assert_resumed(world: World, before: Finished) -> None:
    """Run the same command until it ends: the target, the run and the books are those of one life."""
    resumed = world.run_to_the_end("apply", "last") if before.code else before
    assert (resumed.code, resumed.document["run"]) == (0, 3), resumed
    assert world.stored() == world.wanted()
    many = len(world.records)
    assert resumed.counts == {"read": many, "created": many}
    assert resumed.document["changed_since_plan"] == []


def twice(stored: list[Booked]) -> set[str | None]:
    """Markers that are there more than once."""
    markers = [each.marker for each in stored]
    return {marker for marker in markers if markers.count(marker) > 1}
