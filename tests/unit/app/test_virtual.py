"""Virtual time: the request window is kept as in real time, and nobody waits for it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from migrator.app.rehearsal.virtual import VirtualTime, VirtualWindow
from migrator.moco.pacing import Priority


def a_window(limit: int = 15, lanes: int = 4, answer: float = 0.3) -> VirtualWindow:
    return VirtualWindow(VirtualTime(), limit, 15.0, lanes, answer)


def read(window: VirtualWindow, times: int) -> list[float]:
    """When each of so many reads was sent, in seconds from the first."""
    sent = []
    for _ in range(times):
        permit = window.take(Priority.SCAN)
        sent.append(permit.taken_at)
        window.free(permit)
    return [moment - sent[0] for moment in sent]


def test_a_window_is_kept_and_an_hour_of_it_takes_no_time() -> None:
    began = time.monotonic()
    sent = read(a_window(), 3600)
    assert time.monotonic() - began < 10
    assert 3585 <= sent[-1] < 3585 * 1.05
    # A slot is free one window after its answer, so that no server ever sees one request too many.
    assert all(later - earlier >= 15.3 - 1e-3 for earlier, later in zip(sent, sent[15:], strict=False))


def test_reads_wait_for_their_answers() -> None:
    sent = read(a_window(limit=1000), 11)
    assert 3.0 <= sent[-1] < 3.1


def test_of_writes_in_other_threads_as_many_as_lanes_are_under_way() -> None:
    window = a_window(limit=1000)
    with ThreadPoolExecutor(4) as pool:
        permits = [window.take(Priority.WRITE) for _ in range(9)]
        list(pool.map(window.free, permits))
    sent = [permit.taken_at - permits[0].taken_at for permit in permits]
    assert [round(moment, 1) for moment in sent] == [0.0] * 4 + [0.3] * 4 + [0.6]


def test_sleeping_and_waiting_after_a_429_pass_at_once() -> None:
    window = a_window()
    before = window.time.now()
    window.time.clock().sleep(600)
    window.block(60)
    assert 660 <= window.time.now() - before < 661
    assert 660 <= window.time.clock().steady() - before < 661
