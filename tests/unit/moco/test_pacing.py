"""The request window never lets too many through, whatever comes back when."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.moco.pacing import LocalWindow, Permit, Priority, next_free


class FakeTime:
    """A clock that only sleeping moves; what is due meanwhile happens on the way."""

    def __init__(self) -> None:
        self.now = 100.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def clock(self) -> float:
        return self.now

    def at(self, moment: float, happening: Callable[[], None]) -> None:
        self.due.append((moment, happening))

    def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        for moment, happening in sorted(self.due, key=lambda one: one[0]):
            if moment <= until:
                self.due = [one for one in self.due if one[1] is not happening]
                self.now = max(self.now, moment)
                happening()
        self.now = max(self.now, until)


@pytest.mark.parametrize(
    ("slots", "limit", "free_at"),
    [
        ([], 1, 50.0),
        ([None], 2, 50.0),
        ([None], 1, math.inf),
        ([45.0], 1, 55.0),
        ([40.0], 1, 50.0),
        ([45.0, 48.0], 2, 55.0),
        ([45.0, 48.0, 49.0], 2, 58.0),
        ([45.0, None], 2, 55.0),
        ([None, None, 45.0], 2, math.inf),
    ],
)
def test_a_slot_counts_until_one_window_after_its_answer(slots: list[float | None], limit: int, free_at: float) -> None:
    assert next_free(slots, limit, 10.0, 50.0) == free_at


@given(
    limit=st.integers(1, 5),
    window=st.floats(0.5, 20),
    durations=st.lists(st.tuples(st.floats(0, 30), st.floats(0, 5)), min_size=1, max_size=30),
)
def test_never_more_than_the_limit_overlap(limit: int, window: float, durations: list[tuple[float, float]]) -> None:
    time = FakeTime()
    paced = LocalWindow(limit, window, clock=time.clock, sleep=time.sleep)
    spans: list[tuple[float, float]] = []
    for takes, pause in durations:
        permit = paced.take(Priority.SCAN)
        sent = time.now
        answered = sent + takes
        time.at(answered, lambda permit=permit: paced.free(permit))  # type: ignore[misc]  # bound per round
        spans.append((sent, answered + window))
        time.sleep(pause)
    for sent, _ in spans:
        # A millionth of a second of slack for sums of floats.
        overlapping = [one for one in spans if one[0] <= sent < one[1] - 1e-6]
        assert len(overlapping) <= limit


def test_a_burst_is_free_until_the_window_is_full() -> None:
    time = FakeTime()
    paced = LocalWindow(3, 15, clock=time.clock, sleep=time.sleep)
    permits = [paced.take(Priority.WRITE) for _ in range(3)]
    assert {permit.taken_at for permit in permits} == {100.0}
    for permit in permits:
        paced.free(permit)
    assert paced.take(Priority.WRITE).taken_at == pytest.approx(115.0, abs=0.06)


def test_freeing_twice_does_not_move_a_slot() -> None:
    time = FakeTime()
    paced = LocalWindow(1, 10, clock=time.clock, sleep=time.sleep)
    permit = paced.take(Priority.SCAN)
    paced.free(permit)
    time.sleep(5)
    paced.free(permit)
    assert paced.take(Priority.SCAN).taken_at == pytest.approx(110.0, abs=0.06)


def test_after_a_block_nobody_sends_and_then_fewer() -> None:
    time = FakeTime()
    paced = LocalWindow(8, 10, clock=time.clock, sleep=time.sleep)
    paced.block(30)

    def taken_at() -> float:
        permit = paced.take(Priority.SCAN)
        paced.free(permit)
        return permit.taken_at

    moments = [taken_at() for _ in range(14)]
    assert moments[0] == pytest.approx(130.0, abs=0.06)
    # Half of eight at first, one more (an eighth) with each quiet window.
    assert sum(1 for moment in moments if moment < 139.9) == 4
    assert sum(1 for moment in moments if 139.9 <= moment < 149.9) == 5
    assert sum(1 for moment in moments if moment >= 149.9) == 5


def test_the_most_urgent_of_several_goes_first() -> None:
    time = FakeTime()
    order: list[Priority] = []
    waiting = threading.Semaphore(0)
    may_go = threading.Event()

    def sleep(_: float) -> None:
        waiting.release()
        may_go.wait(5)

    paced = LocalWindow(1, 10, clock=time.clock, sleep=sleep)
    first = paced.take(Priority.AUDIT)
    done = threading.Lock()

    def worker(priority: Priority) -> None:
        permit: Permit = paced.take(priority)
        with done:
            order.append(priority)
        time.now += 10
        paced.free(permit)
        time.now += 10

    threads = [threading.Thread(target=worker, args=(one,)) for one in (Priority.AUDIT, Priority.SCAN, Priority.PROOF)]
    for thread in threads:
        thread.start()
        assert waiting.acquire(timeout=5)
    time.now += 10
    paced.free(first)
    time.now += 10
    may_go.set()
    for thread in threads:
        thread.join(5)
    assert order == [Priority.PROOF, Priority.SCAN, Priority.AUDIT]
