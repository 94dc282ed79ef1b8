"""The request window: how many requests MOCO is sent in how many seconds, and who goes first."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

RECHECK_SECONDS = 0.05
"""How often a waiting request looks whether an answer came in; only answers in other threads can tell."""


class Priority(IntEnum):
    """Who gets the next free slot; the lowest number first."""

    PROOF = 0
    WRITE = 1
    SCAN = 2
    AUDIT = 3


class Permit(Protocol):
    """The right to send one request, given by a window and returned to it with `free`."""

    @property
    def id(self) -> int:
        """Unique in its window."""

    @property
    def taken_at(self) -> float:
        """When it was given, by the window's own clock."""


class Window(Protocol):
    """At most so many requests in so many seconds; shared by everything that talks to one MOCO account."""

    def take(self, priority: Priority) -> Permit:
        """Wait for a free slot and occupy it."""

    def free(self, permit: Any) -> None:  # Any: whichever permit this very window gave
        """Say that the answer is in: the slot becomes free one window from now."""

    def block(self, seconds: float) -> None:
        """MOCO answered 429: nobody sends for `seconds`, and then more slowly."""


def next_free(slots: Iterable[float | None], limit: int, window: float, now: float) -> float:
    """When the next request may leave: `now`, a later time, or infinity while only an answer can tell.

    `slots` holds, for each request that may still count, when its answer came in, None while it is in flight.
    A slot counts until one window (seconds) after its answer: a slow early and a fast late request can so
    never meet in one window at the server.
    """
    ends = [math.inf if answered is None else answered + window for answered in slots]
    occupied = sorted(end for end in ends if end > now)
    return now if len(occupied) < limit else occupied[len(occupied) - limit]


@dataclass(frozen=True, slots=True)
class LocalPermit:
    """A permit of `LocalWindow`."""

    id: int
    taken_at: float


class LocalWindow:
    """A window in this process's memory, for use as a library; safe to share between threads.

    After `block` half of the requests are allowed, and an eighth of `limit` more with each quiet window.
    """

    def __init__(
        self,
        limit: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._slots: dict[int, float | None] = {}
        self._waiting: list[tuple[Priority, int]] = []
        self._blocked_until = -math.inf
        self._slowed_to = limit

    def take(self, priority: Priority) -> Permit:
        """Wait for a free slot and occupy it; of several that wait the most urgent goes first."""
        ticket = (priority, next(self._ids))
        with self._lock:
            self._waiting.append(ticket)
        try:
            while True:
                with self._lock:
                    now = self._clock()
                    free_at = self._free_at(now)
                    first = min(self._waiting) == ticket
                    if first and free_at <= now:
                        self._slots[ticket[1]] = None
                        return LocalPermit(ticket[1], now)
                self._sleep(min(free_at - now, RECHECK_SECONDS) if free_at > now else RECHECK_SECONDS)
        finally:
            with self._lock:
                self._waiting.remove(ticket)

    def free(self, permit: Permit) -> None:
        """Say that the answer is in: the slot becomes free one window from now."""
        with self._lock:
            if self._slots.get(permit.id, 0.0) is None:
                self._slots[permit.id] = self._clock()

    def block(self, seconds: float) -> None:
        """MOCO answered 429: nobody sends for `seconds`, and then more slowly."""
        with self._lock:
            now = self._clock()
            self._slowed_to = max(1, self._allowed(now) // 2)
            self._blocked_until = max(self._blocked_until, now + seconds)

    def _allowed(self, now: float) -> int:
        """How many requests are allowed in one window now."""
        if self._slowed_to == self._limit:
            return self._limit
        quiet_windows = max(0, math.floor((now - self._blocked_until) / self._seconds))
        return min(self._limit, self._slowed_to + quiet_windows * math.ceil(self._limit / 8))

    def _free_at(self, now: float) -> float:
        gone = [
            id_ for id_, answered in self._slots.items() if answered is not None and answered + self._seconds <= now
        ]
        for id_ in gone:
            del self._slots[id_]
        return max(self._blocked_until, next_free(self._slots.values(), self._allowed(now), self._seconds, now))
