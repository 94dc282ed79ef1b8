"""How long to wait before trying again: longer each time, never for ever, and not in step with others: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

JITTER = 0.25
"""The part of a pause that chance may add or take away."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses that double from `first` to `longest`; `chance` gives numbers from 0 to below 1."""

    first: timedelta
    longest: timedelta
    chance: Callable[[], float]

    def pause(self, failures: int) -> timedelta:
        """The pause after so many failures in a row (1 and more)."""
        doublings = min(max(failures, 1) - 1, 32)
        whole = min(self.longest, self.first * (1 << doublings))
        return whole * (1 - JITTER + 2 * JITTER * self.chance())
