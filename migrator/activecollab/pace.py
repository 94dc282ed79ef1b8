"""The pace: never more than so many requests in any minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

_MINUTE = 60.0


class Pace:
    """Waits before a request until fewer than `per_minute` count; for one thread.

    A request counts until a minute after its *answer*: a slow early and a fast late one could otherwise meet
    in one minute at the server. `clock` gives seconds and may be any that only moves forward.
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._answered: deque[float] = deque(maxlen=per_minute)

    def seed(self, ages: Iterable[float]) -> None:
        """Count requests of somebody before, answered so many seconds ago."""
        now = self._clock()
        self._answered.extend(sorted(now - age for age in ages if 0 <= age < _MINUTE))

    def ages(self) -> tuple[float, ...]:
        """How many seconds ago each request was answered that still counts."""
        now = self._clock()
        return tuple(now - moment for moment in self._answered if now - moment < _MINUTE)

    @contextmanager
    def permit(self) -> Iterator[None]:
        """Wait for the right to send one request, and hold it until its answer is in."""
        if len(self._answered) == self._answered.maxlen:
            while (wait := self._answered[0] + _MINUTE - self._clock()) > 0:
                self._sleep(max(wait, 0.001))  # less would not move a coarse clock at all
        try:
            yield
        finally:
            self._answered.append(self._clock())
