"""Records and their seconds, counted together."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.core.duration import format_hours


@dataclass(slots=True)
class Tally:
    """Records and their seconds."""

    records: int = 0
    seconds: int = 0

    def add(self, seconds: int) -> None:
        """Count one more record."""
        self.records += 1
        self.seconds += seconds

    def merge(self, other: Tally) -> None:
        """Count all that another tally counted."""
        self.records += other.records
        self.seconds += other.seconds

    def as_json(self) -> dict[str, int]:
        """Both, as answers carry them."""
        return {"records": self.records, "seconds": self.seconds}

    def __str__(self) -> str:
        noun = "record" if self.records == 1 else "records"
        return f"{self.records:,} {noun} ({format_hours(self.seconds)} h)"
