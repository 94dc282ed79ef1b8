"""A person was quicker than we: an activity whose answer we never saw was edited before anybody looked for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migrator.sandbox.faults import LoseAnswer
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import BULK, World, furnished


class Clock:
    """MOCO's clock, which a test puts forward: MOCO shows whole seconds only."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, some_records(6), moco__bulk_size=3) as world:
        world.door.replace(furnished(now=Clock()))
        yield world


def edit_by_hand(world: World) -> None:
    """Somebody edits the first activity, a while after it was created."""
    Clock.ahead += timedelta(seconds=5)
    world.moco.edit(replace(world.moco.activities[0], description="by hand"))


def assert_it_stays(world: World) -> None:
    """Neither the proof nor a later change of the record overwrites what the person wrote."""
    (by_hand,) = (each for each in world.moco.activities if each.description == "by hand")
    record_id = int(str(by_hand.remote_id).rpartition(":")[2])
    world.change(record_id, text="Changed in ActiveCollab")
    assert world.run("sync").code == 3
    assert world.activity(record_id) == by_hand


def test_after_a_lost_answer(world: World) -> None:
    world.moco.fault(LoseAnswer(502), method="POST", path=BULK)
    world.door.expect(At(1, Moment.APPLIED), lambda: edit_by_hand(world))
    assert world.run_to_the_end("sync").code == 0
    assert_it_stays(world)


def test_after_a_kill(world: World) -> None:
    assert world.run_and_strike(At(1, Moment.APPLIED), "sync").code == -signal.SIGKILL
    edit_by_hand(world)
    assert world.run_to_the_end("sync").code == 0
    assert_it_stays(world)
