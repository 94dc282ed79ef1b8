from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import Engine, text

from migrator.store.engine import now, writing
from migrator.store.window import Permit, SharedWindow

WINDOW = 15.0
TIMEOUT = 60.0


class SleptError(Exception):
    """Raised instead of sleeping, with the seconds asked for."""


def no_sleep(seconds: float) -> None:
    raise SleptError(seconds)


def a_window(engine: Engine, limit: int = 2) -> SharedWindow:
    return SharedWindow(engine, limit, WINDOW, TIMEOUT, sleep=no_sleep)


def age(engine: Engine, seconds: float) -> None:
    """Let so much time pass, by moving everything stored into the past."""
    with writing(engine) as session:
        session.execute(
            text("UPDATE request_slots SET taken_at = taken_at - :s, answered_at = answered_at - :s"),
            {"s": seconds},
        )
        until = session.execute(text("SELECT value FROM facts WHERE name = 'window_blocked_until'")).scalar()
        session.execute(
            text("UPDATE facts SET value = :v WHERE name = 'window_blocked_until'"),
            {"v": repr(float(until or 0) - seconds)},
        )


def taken(window: SharedWindow, most: int = 100) -> list[Permit]:
    """As many permits as the window gives now."""
    permits = []
    for _ in range(most):
        try:
            permits.append(window.take(1))
        except SleptError:
            break
    return permits


def test_a_burst_is_free_until_the_window_is_full(engine: Engine) -> None:
    window = a_window(engine, limit=3)
    permits = taken(window)
    assert len({permit.id for permit in permits}) == 3
    with writing(engine) as session:
        assert all(abs(permit.taken_at - now(session)) < 10 for permit in permits)


def test_a_slot_is_free_one_window_after_its_answer(engine: Engine) -> None:
    window = a_window(engine)
    for permit in taken(window):
        window.free(permit)
    age(engine, WINDOW - 5)
    assert taken(window) == []
    age(engine, 5)
    assert len(taken(window)) == 2


def test_a_slow_answer_keeps_its_slot_longer(engine: Engine) -> None:
    clock = [0.0]
    window = SharedWindow(engine, 2, WINDOW, TIMEOUT, sleep=no_sleep, steady=lambda: clock[0])

    def wait(seconds: float) -> None:
        age(engine, seconds)
        clock[0] += seconds

    first, second = taken(window)
    wait(30)
    window.free(first)
    # While another is in flight the answer is only noted; it counts from when it came all the same.
    wait(WINDOW - 5)
    assert taken(window) == []
    window.free(second)
    wait(5)
    assert len(taken(window)) == 1


def test_when_nothing_is_in_flight_other_processes_see_every_answer(engine: Engine) -> None:
    window = a_window(engine)
    for permit in taken(window):
        window.free(permit)
    age(engine, WINDOW)
    assert len(taken(a_window(engine))) == 2


def test_an_answer_that_is_only_noted_keeps_its_slot_for_other_processes(engine: Engine) -> None:
    window = a_window(engine)
    first, _ = taken(window)
    window.free(first)
    age(engine, WINDOW)
    # It is too careful rather than too early.
    assert taken(a_window(engine)) == []


def test_a_request_that_nobody_answered_counts_until_its_timeout_and_a_window(engine: Engine) -> None:
    window = a_window(engine)
    assert len(taken(window)) == 2
    age(engine, TIMEOUT + WINDOW - 5)
    assert taken(window) == []
    age(engine, 5)
    assert len(taken(window)) == 2


def test_another_process_with_the_same_database_shares_the_window(engine: Engine) -> None:
    a_window(engine).take(1)
    assert len(taken(a_window(engine))) == 1


def test_after_a_block_nobody_sends_and_then_more_slowly(engine: Engine) -> None:
    window = a_window(engine, limit=8)
    window.block(20)
    assert taken(window) == []
    age(engine, 15)
    assert taken(a_window(engine, limit=8)) == []
    age(engine, 5)
    permits = taken(window)
    assert len(permits) == 4
    for permit in permits:
        window.free(permit)
    age(engine, WINDOW)
    assert len(taken(window)) == 5


def test_a_shorter_block_does_not_end_a_longer_one(engine: Engine) -> None:
    window = a_window(engine)
    window.block(100)
    window.block(1)
    age(engine, 50)
    assert taken(window) == []


def test_the_wait_is_no_longer_than_needed(engine: Engine) -> None:
    window = a_window(engine, limit=1)
    window.free(window.take(1))
    age(engine, WINDOW - 0.5)
    with pytest.raises(SleptError) as asked:
        window.take(1)
    assert 0 < asked.value.args[0] <= 0.5


def test_threads_that_wait_get_the_slot_by_priority_and_never_two_at_once(engine: Engine) -> None:
    window = SharedWindow(engine, 1, 0.05, TIMEOUT)
    busy = window.take(0)
    order: list[int] = []

    def request(priority: int) -> None:
        permit = window.take(priority)
        order.append(priority)
        window.free(permit)

    threads = [threading.Thread(target=request, args=(priority,)) for priority in (3, 1, 2)]
    for thread in threads:
        thread.start()
    # All three have to wait in line before the slot becomes free.
    while len(window.waiting) < 3:
        time.sleep(0.001)
    window.free(busy)
    for thread in threads:
        thread.join()
    assert order == [1, 2, 3]


def test_threads_never_share_a_slot(engine: Engine) -> None:
    window = SharedWindow(engine, 4, WINDOW, TIMEOUT, sleep=no_sleep)
    permits: list[Permit] = []
    threads = [threading.Thread(target=lambda: permits.extend(taken(window, 2))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever is not first in line "sleeps", which stops it here; so there may be fewer, but never more.
    assert 1 <= len(permits) <= 4
    assert len({permit.id for permit in permits}) == len(permits)
    assert len(permits) + len(taken(window)) == 4
