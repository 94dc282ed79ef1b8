"""Two processes on one database: one works, the other says who; a dead one holds nobody up."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path

import pytest

from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import World


@pytest.mark.parametrize("second", ["apply last", "sync"])
def test_a_second_process_names_the_first_and_sends_nothing(tmp_path: Path, second: str) -> None:
    with World(tmp_path, some_records(24)) as world:
        world.configure(moco__timeout_seconds=60)
        world.prepare()
        reached, go_on = threading.Event(), threading.Event()

        def hold() -> None:
            reached.set()
            assert go_on.wait(60)

        first = world.start("apply", "last")
        world.door.expect(At(1, Moment.ARRIVING), hold)
        try:
            assert reached.wait(60)
            before = len(world.moco.requests)
            refused = world.run(*second.split())
            assert len(world.moco.requests) == before
        finally:
            go_on.set()
            finished = world.finished(first)
        assert refused.code == 11
        assert str(first.pid) in refused.message
        assert socket.gethostname() in refused.message
        assert finished.code == 0
        assert world.stored() == world.wanted()


def test_the_lease_of_a_killed_process_is_taken_over_at_once(tmp_path: Path) -> None:
    with World(tmp_path, some_records(24)) as world:
        world.prepare()
        killed = world.run_and_strike(At(2), "apply", "last")
        assert killed.code == -signal.SIGKILL
        other = world.run("sync")
        assert other.code == 0
        assert world.stored() == world.wanted()
