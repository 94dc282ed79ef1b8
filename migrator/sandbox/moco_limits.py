"""The request windows of the simulated MOCO."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from migrator.sandbox.moco_switches import RateLimit


class RateWindows:
    """Sliding windows, counted per key (GUESS); a refused request does not count (GUESS)."""

    def __init__(self) -> None:
        self.violations = 0
        self._admitted: dict[str, deque[datetime]] = {}

    def admit(self, key: str, now: datetime, limits: Sequence[RateLimit]) -> int | None:
        """None when the request fits into every window, else the whole seconds until it would."""
        admitted = self._admitted.setdefault(key, deque())
        longest = max((limit.seconds for limit in limits), default=0)
        while admitted and admitted[0] <= now - timedelta(seconds=longest):
            admitted.popleft()
        waits = [_wait(admitted, now, limit) for limit in limits]
        if any(wait > 0 for wait in waits):
            self.violations += 1
            return max(1, ceil(max(waits)))
        if limits:
            admitted.append(now)
        return None


def _wait(admitted: deque[datetime], now: datetime, limit: RateLimit) -> float:
    if len(admitted) < limit.requests:
        return 0
    freed = admitted[-limit.requests] + timedelta(seconds=limit.seconds)
    return (freed - now).total_seconds()
