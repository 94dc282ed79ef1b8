"""How well the request window was used, and whether it was ever exceeded, as the server's own log tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from migrator.sandbox.faults import Delay
from migrator.sandbox.moco_log import RequestRecord
from tests.system.harness import World


@dataclass(frozen=True, slots=True)
class Pace:
    """What MOCO allows and how long it takes to answer, in seconds."""

    limit: int
    window: int
    latency: float

    @property
    def cycle(self) -> float:
        """When a slot can be used again at the earliest: one window after its answer."""
        return self.window + self.latency


@dataclass(frozen=True, slots=True)
class Pushed:
    """One push of single requests: from the first that writes to the last, as they reached the server."""

    requests: int
    seconds: float
    allowed: float
    """The least seconds that slots of this latency leave for so many requests."""
    fullest: int
    """The most requests in any window at the server."""

    @property
    def ratio(self) -> float:
        """How many times the allowed seconds it took; 1 is perfect."""
        return self.seconds / self.allowed


KINDS = ("create", "update", "undo")


def push(world: World, kind: str, pace: Pace, concurrency: int) -> Pushed:
    """Let a world's records be written by single requests of one kind, with this many in flight."""
    command = _ready(world, kind)
    world.configure(
        moco__requests_per_window=pace.limit,
        moco__window_seconds=pace.window,
        moco__concurrency=concurrency,
        moco__bulk_size=1,
    )
    world.forget_requests()
    world.moco.fault(Delay(pace.latency), times=None)
    finished = world.run(*command)
    assert finished.code == 0, finished
    return measured(world.moco.requests, pace)


def _ready(world: World, kind: str) -> tuple[str, ...]:
    """Do without any limit what comes before, and name the command to measure."""
    if kind == "create":
        return ("sync",)
    assert world.run("sync").code == 0
    if kind == "undo":
        return "undo", "last", "--yes"
    for number, record in world.records.items():
        world.records[number] = replace(record, version=record.version + 1, text=f"{record.text} again")
    world.write_export()
    return "sync", "--allow-gate", "max_change"


def measured(requests: Sequence[RequestRecord], pace: Pace) -> Pushed:
    """What the log of a push says."""
    arrived = [each.received_at for each in requests]
    first = next(number for number, each in enumerate(requests) if each.method != "GET")
    many = len(arrived) - first
    return Pushed(
        requests=many,
        seconds=(arrived[-1] - arrived[first]).total_seconds(),
        allowed=(many - 1) // pace.limit * pace.cycle,
        fullest=fullest(arrived, pace.window),
    )


def fullest(arrived: Sequence[datetime], window: float) -> int:
    """The most arrivals in any `window` seconds, its end left out."""
    most = begin = 0
    for end, moment in enumerate(arrived):
        while (moment - arrived[begin]).total_seconds() >= window:
            begin += 1
        most = max(most, end - begin + 1)
    return most
