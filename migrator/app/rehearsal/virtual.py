"""Virtual time: what would be waited for is skipped, so that hours of MOCO's request window pass in minutes."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field

from migrator.app.wiring import Clock
from migrator.moco.pacing import LocalPermit, Permit, Priority, next_free


class VirtualTime:
    """Seconds since 1970 that pass as ever, and that can be skipped; never go back. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.time()
        self._steady = time.monotonic()
        self._skipped = 0.0

    def now(self) -> float:
        """The present moment."""
        with self._lock:
            return self._now()

    def skip_to(self, moment: float) -> None:
        """Let it be `moment` now, unless that is past."""
        with self._lock:
            self._skipped += max(0.0, moment - self._now())

    def sleep(self, seconds: float) -> None:
        """Let so many seconds have passed, at once."""
        with self._lock:
            self._skipped += max(0.0, seconds)

    def clock(self) -> Clock:
        """The clock of a workplace in this time."""
        return Clock(wall=self.now, sleep=self.sleep, steady=self.now)

    def _now(self) -> float:
        # Not by the wall clock, which somebody may set back meanwhile.
        return self._began + time.monotonic() - self._steady + self._skipped


@dataclass(slots=True)
class VirtualWindow:
    """MOCO's request window in virtual time: at most `limit` requests in `seconds`, answers after `answer` seconds.

    Of writes that other threads send, `lanes` are under way at once; who takes and frees in one thread waits for the
    answer. What of the program's own work takes longer than that is in the time by itself.
    """

    time: VirtualTime
    limit: int
    seconds: float
    lanes: int
    answer: float
    taken: int = 0
    """Requests so far."""
    _answered: list[float] = field(default_factory=list)
    """When each request that still counts is answered."""
    _of: dict[int, tuple[int, float]] = field(default_factory=dict)
    """The thread that took a permit, and when its request is answered."""
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, priority: Priority) -> Permit:
        """Skip to the moment when a slot and a lane are free, and occupy them; priorities are for real crowds."""
        with self._lock:
            now = self.time.now()
            self._answered = [end for end in self._answered if end + self.seconds > now]
            under_way = sorted(end for end in self._answered if end > now)
            lane = under_way[-self.lanes] if len(under_way) >= self.lanes else now
            self.time.skip_to(max(lane, next_free(self._answered, self.limit, self.seconds, now)))
            moment = self.time.now()
            permit = LocalPermit(next(self._ids), moment)
            self._answered.append(moment + self.answer)
            self._of[permit.id] = threading.get_ident(), moment + self.answer
            self.taken += 1
            return permit

    def free(self, permit: Permit) -> None:
        """The answer is in: whoever waited for it has waited."""
        with self._lock:
            thread, answered = self._of.pop(permit.id, (0, 0.0))
        if thread == threading.get_ident():
            self.time.skip_to(answered)

    def block(self, seconds: float) -> None:
        """A 429: nobody sends for so long."""
        self.time.sleep(seconds)
