"""The main stories again, with the product's memory on PostgreSQL."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from migrator.sandbox.faults import LoseAnswer
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import BULK, World

pytestmark = pytest.mark.own_database


def test_a_first_migration_arrives_once_and_a_second_run_writes_nothing(tmp_path: Path, postgres_url: str) -> None:
    with World(tmp_path, some_records(24, people=3), complete=False, database__url=postgres_url) as world:
        world.prepare()
        assert world.run("apply", "last").code == 0
        assert world.stored() == world.wanted()
        world.forget_requests()
        assert world.run("sync").counts == {"read": 24, "unchanged": 24}
        assert world.writes() == []


def test_a_bulk_whose_answer_is_lost_is_not_sent_twice(tmp_path: Path, postgres_url: str) -> None:
    with World(tmp_path, some_records(24), database__url=postgres_url) as world:
        world.moco.fault(LoseAnswer(502), method="POST", path=BULK, nth=3)
        assert world.run_to_the_end("sync").code == 0
        assert world.stored() == world.wanted()
        assert sum(len(rows) for rows in world.bulks()) == 24


@pytest.mark.parametrize(
    "at",
    [At(1, Moment.APPLIED), At(3, Moment.ARRIVING), At(5, Moment.ANSWERED, 0.02)],
    ids=["the first bulk was applied", "the third bulk arrives", "the fifth bulk was answered"],
)
def test_a_killed_run_ends_as_one_that_was_never_killed(tmp_path: Path, postgres_url: str, at: At) -> None:
    with World(tmp_path, some_records(24), database__url=postgres_url, moco__timeout_seconds=1.0) as world:
        world.prepare()
        killed = world.run_and_strike(at, "apply", "last")
        assert killed.code == -signal.SIGKILL
        resumed = world.run_to_the_end("apply", "last")
        assert (resumed.code, resumed.document["run"]) == (0, 3)
        assert resumed.counts == {"read": 24, "created": 24}
        assert world.stored() == world.wanted()


def test_a_second_process_is_refused_while_the_first_works(tmp_path: Path, postgres_url: str) -> None:
    with World(tmp_path, some_records(12), database__url=postgres_url, moco__timeout_seconds=60) as world:
        world.prepare()
        codes: list[int] = []
        first = world.start("apply", "last")
        world.door.expect(At(1, Moment.ARRIVING), lambda: codes.append(world.run("sync").code))
        finished = world.finished(first)
        assert (codes, finished.code) == ([11], 0)
        assert world.stored() == world.wanted()
