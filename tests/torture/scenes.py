"""Scenes: small stories, each of which goes wrong when one rule of the protocol is broken.

They pass on the product, and each planted mistake (`mistakes.py`) must be caught by the scene named with it.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from migrator.sandbox.faults import LoseAnswer, RefuseRows
from migrator.sandbox.moco_switches import Bulk, BulkAnswer
from tests.support.forkserver import LONGEST, ForkServer
from tests.system.door import At
from tests.system.door import Moment as When
from tests.system.export import Record, some_records
from tests.system.harness import BULK, Finished
from tests.torture.kills import twice
from tests.torture.points import Kind, Point
from tests.torture.worlds import ForkedWorld, Moment, Running

TIMEOUT, SETTLE = 1.0, 0.5

LATE, LATE_SETTLE = 25.0, 26.0
"""Seconds after which something takes effect at the latest that is held back on its way, and `settle_seconds` then."""

STALE = 2.0
"""Seconds between commit and send above which the product sends nothing."""

BRIEF_LEASE = 0.3

MANY = 8


class SmallWorld(ForkedWorld):
    """Eight records of two people in one project, nothing in MOCO yet; and it is known what a run will send."""

    bulk_numbers: Sequence[int]
    """Which of a run's requests are bulks, counted from 1."""
    passed_unharmed: Sequence[Kind]
    """The points of that run."""
    writes_before: int
    """How many requests that write, but are no bulks, come before the first one."""

    def intent_of_bulk(self, nth: int) -> Point:
        """Where the intent of a bulk has just been committed: nothing else is between that and its first byte."""
        leaving = [place for place, kind in enumerate(self.passed_unharmed) if kind is Kind.LEAVING]
        before = self.passed_unharmed[: leaving[self.bulk_numbers[nth - 1] - 1]]
        return Point(Kind.COMMITTED, before.count(Kind.COMMITTED))


@contextmanager
def small(server: ForkServer, folder: Path) -> Iterator[SmallWorld]:
    """A world for one scene, after a look at what happens in it without any trouble: no mistake shows there."""
    settings = {"moco__timeout_seconds": TIMEOUT, "moco__settle_seconds": SETTLE}
    with SmallWorld(server, folder, some_records(MANY, projects=1), **settings) as world:
        before = Moment.now(world, None)
        settled(world)
        sent = world.moco.requests
        world.bulk_numbers = [number for number, each in enumerate(sent, 1) if each.path.endswith(BULK)]
        world.writes_before = sum(each.method == "POST" for each in sent[: world.bulk_numbers[0] - 1])
        world.passed_unharmed = world.passed()
        before.again()
        yield world


def settled(world: ForkedWorld) -> Finished:
    """Run until nothing is left: every record is there once, and another run writes nothing."""
    finished = world.run_to_the_end("sync")
    assert not twice(world), f"{twice(world)} are there twice"
    assert world.stored() == world.wanted(), finished
    assert finished.code == 0, finished
    return finished


@contextmanager
def held_back(
    world: ForkedWorld, number: int, seconds: float = LATE, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold back a write on its way, until MOCO has all records without it: somebody sent its rows again.

    That is a duplicate, so it must not happen; then it takes effect after `seconds`. Leaving the block waits for it.
    """
    handlers = list[threading.Thread]()

    def hold() -> None:
        handlers.append(threading.current_thread())
        meanwhile()
        ends = time.monotonic() + seconds
        while len(world.moco.activities) < MANY and time.monotonic() < ends:
            time.sleep(0.01)

    world.door.expect(At(number, When.ARRIVING), hold)
    yield
    for handler in handlers:
        handler.join(LONGEST)


# -- one process ---------------------------------------------------------------------------------------------------


def a_killed_request_takes_effect_late(world: SmallWorld) -> None:
    """The process dies while its request is on the way; the next run begins before the request is applied."""
    world.configure(moco__settle_seconds=LATE_SETTLE)
    running = list[Running]()
    with held_back(world, world.writes_before + 2, meanwhile=lambda: os.kill(running[0].pid, signal.SIGKILL)):
        running.append(world.begin("sync"))
        assert world.ended(running[0]).code == -signal.SIGKILL
        world.run_to_the_end("sync")
    settled(world)


def an_answer_is_lost_after_applying(world: SmallWorld) -> None:
    """A gateway answers 502 for a request that MOCO has applied."""
    world.moco.fault(LoseAnswer(502), method="POST", path=BULK, nth=3)
    settled(world)


def a_request_is_applied_late(world: SmallWorld) -> None:
    """A request gets no answer in time, and MOCO applies it later."""
    world.configure(moco__settle_seconds=LATE_SETTLE)
    with held_back(world, world.writes_before + 2):
        world.run_to_the_end("sync")
    settled(world)


def answers_come_in_another_order(world: SmallWorld) -> None:
    """MOCO answers the rows of a bulk in another order; later each record is edited."""
    world.moco.switches.bulk_answer = BulkAnswer.SHUFFLED
    day = next(iter(world.records.values())).day
    world.records = {n: Record(n, day=day, text=f"Nr {n}") for n in range(101, 101 + MANY)}
    world.write_export()
    settled(world)
    for number in world.records:
        world.change(number, text=f"Changed {number}")
    settled(world)


def good_rows_of_a_refused_bulk_are_stored(world: SmallWorld) -> None:
    """MOCO refuses a bulk for one row and has stored the others."""
    world.moco.switches.bulk = Bulk.PARTIAL
    refused = max(world.records)
    world.moco.fault(RefuseRows.with_markers(f"ac:main:{refused}"), method="POST", path=BULK, times=None)
    finished = world.run_to_the_end("sync")
    assert not twice(world)
    assert world.stored() == world.wanted(without={refused})
    assert finished.counts == {"read": MANY, "created": MANY - 1, "quarantined": 1}


def a_success_shows_no_rows(world: SmallWorld) -> None:
    """MOCO stores a bulk, and answers success with an empty list."""
    world.moco.switches.bulk_answer = BulkAnswer.EMPTY
    settled(world)


def a_request_comes_to_life_long_after(world: SmallWorld) -> None:
    """A request is applied only after everything has settled: the duplicate cannot be prevented, but is named."""
    with held_back(world, world.writes_before + 2, seconds=LONGEST):
        assert world.run_to_the_end("sync").code == 0
    doubled = twice(world)
    assert doubled
    world.forget_requests()
    finished = world.run("sync")
    assert finished.code == 3
    assert finished.document["duplicates"] == len(doubled)
    listed = world.run("inbox", "list", "--kind", "conflict").document["items"]
    assert {f"ac:main:{each['source_id']}" for each in listed if each["reason"] == "DUPLICATE"} == set(doubled)
    assert world.writes() == []


# -- two processes -------------------------------------------------------------------------------------------------


def one_sleeps_before_it_sends(world: SmallWorld) -> None:
    """A process sleeps with its intent committed and its request not sent; another settles it and does the work."""
    first = world.begin_and_stop(world.intent_of_bulk(2), "sync", lease_seconds=BRIEF_LEASE)
    began = time.monotonic()
    settled(world)
    time.sleep(max(0.0, began + STALE + 0.2 - time.monotonic()))
    superseded(world, first)


def one_sleeps_before_it_intends(world: SmallWorld) -> None:
    """A process sleeps before it commits an intent; its lease runs out, and another does the work."""
    first = world.begin_and_stop(Point(Kind.ANSWERED, world.bulk_numbers[1] - 1), "sync", lease_seconds=BRIEF_LEASE)
    settled(world)
    superseded(world, first)


def one_sleeps_over_its_answer(world: SmallWorld) -> None:
    """A process sleeps before it writes down an answer; meanwhile another settles it and the record moves on."""
    first = world.begin_and_stop(Point(Kind.ANSWERED, world.bulk_numbers[0]), "sync", lease_seconds=BRIEF_LEASE)
    ((marker,),) = [[row["remote_id"] for row in rows] for rows in world.bulks()]
    moved = int(marker.rpartition(":")[2])
    settled(world)
    world.change(moved, person=4)
    settled(world)
    superseded(world, first)
    world.change(moved, text="Changed")
    settled(world)


def two_begin_at_once(world: SmallWorld) -> None:
    """A second process begins while the first one works: it sends nothing and says who works."""
    first = world.begin_and_stop(Point(Kind.ANSWERED, world.bulk_numbers[0] - 1), "sync")
    world.forget_requests()
    second = world.run("sync")
    sent = world.moco.requests
    finished = world.go_on(first)
    assert not twice(world), f"{twice(world)} are there twice"
    assert (second.code, sent, str(first.pid) in second.message) == (11, [], True)
    assert finished.code == 0
    settled(world)


def superseded(world: ForkedWorld, first: Running) -> None:
    """The one that slept wakes up: it writes nothing and says that another one took over."""
    world.forget_requests()
    finished = world.go_on(first)
    assert not twice(world), f"{twice(world)} are there twice"
    assert (finished.code, world.writes()) == (11, []), finished


SCENES: tuple[Callable[[SmallWorld], None], ...] = (
    a_killed_request_takes_effect_late,
    an_answer_is_lost_after_applying,
    a_request_is_applied_late,
    answers_come_in_another_order,
    good_rows_of_a_refused_bulk_are_stored,
    a_success_shows_no_rows,
    a_request_comes_to_life_long_after,
    one_sleeps_before_it_sends,
    one_sleeps_before_it_intends,
    one_sleeps_over_its_answer,
    two_begin_at_once,
)
