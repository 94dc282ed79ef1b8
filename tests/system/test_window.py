"""MOCO's request window: never exceeded at the server, and hardly a slot of it wasted.

Scaled down: half as many requests per second as 1,200 per 120 are, answered after twice the 0.3 seconds, so that as
many have to be in flight, and a machine that has much else to do is fast enough all the same.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from migrator.sandbox.faults import Delay
from tests.support.pushing import Pace, fullest, push
from tests.system.export import some_records
from tests.system.harness import World

PACE = Pace(limit=15, window=3, latency=0.6)
MANY = 3 * PACE.limit + 2
"""A little more than three windows, so that the last one, which is not full, hardly counts."""

ENOUGH = 1.6
"""How many times the least seconds a push may take here, where tests share the machine; one by one it takes 2.7."""


@pytest.mark.parametrize(("kind", "concurrency"), [("create", 4), ("create", 16), ("update", 4), ("undo", 4)])
def test_with_several_requests_in_flight_slow_answers_waste_no_slot(
    tmp_path: Path, kind: str, concurrency: int
) -> None:
    with World(tmp_path, some_records(MANY), moco__timeout_seconds=30) as world:
        pushed = push(world, kind, PACE, concurrency)
        assert pushed.requests >= MANY
        assert pushed.fullest <= PACE.limit
        assert pushed.ratio <= ENOUGH
        assert world.stored() == ([] if kind == "undo" else world.wanted())


@pytest.mark.parametrize("kind", ["create", "update", "undo"])
def test_with_one_request_in_flight_no_two_are_ever_open(tmp_path: Path, kind: str) -> None:
    pace = Pace(limit=10, window=1, latency=0.05)
    with World(tmp_path, some_records(22), moco__timeout_seconds=30) as world:
        pushed = push(world, kind, pace, 1)
        assert pushed.fullest <= pace.limit
        # Each waits for the answer to the one before.
        arrived = [each.received_at for each in world.writes()]
        assert min(later - earlier for earlier, later in pairwise(arrived)).total_seconds() > 0.05


def test_two_processes_share_the_window(tmp_path: Path, database_url: str) -> None:
    limit, window = 12, 2
    with World(tmp_path, some_records(30), database__url=database_url, moco__timeout_seconds=30) as world:
        world.configure(moco__requests_per_window=limit, moco__window_seconds=window, moco__bulk_size=1)
        assert world.run("read").code == 0
        world.forget_requests()
        world.moco.fault(Delay(0.05), times=None)
        first = world.start("sync")
        second = world.start("verify")
        ends = [world.finished(each).code for each in (first, second)]
        # The other one sees a migration that is under way, or a list that changes while it is read.
        assert (ends[0], ends[1] in {0, 3, 4, 5}) == (0, True)
        assert world.stored() == world.wanted()
        arrived = [each.received_at for each in world.moco.requests]
        assert fullest(arrived, window) <= limit
