"""Limits that a user set for one run: so many records, or so long."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.app.wiring import Clock


@dataclass(slots=True)
class Limits:
    """Counts down the records that may still be written; `hit` tells that something was left for the next run."""

    clock: Clock
    records: int | None = None
    until: float | None = None
    """Wall clock, seconds since 1970."""
    hit: bool = False

    def take_record(self) -> bool:
        """Whether one more record may be written."""
        if self.records == 0 or (self.until is not None and self.clock.wall() >= self.until):
            self.hit = True
            return False
        if self.records is not None:
            self.records -= 1
        return True
