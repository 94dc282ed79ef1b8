"""A project by MOCO's own books: MOCO's total = migrated + booked in MOCO + unexplained.

MOCO's report gives hours with two decimals (GUESS), and whether it rounds each activity or only their sum is not known.
So the tolerance is half a hundredth of an hour, 18 s, for the sum, and as much more as this project's own activities
come to when each of them is rounded. Money is not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from migrator.core.duration import format_hours
from migrator.core.model import MocoId, Seconds

STEP = 36
"""Seconds in a hundredth of an hour."""


class NotTold(Enum):
    """Why MOCO's own books of a project are not known."""

    NOT_SHOWN = "not shown to this key"
    GONE = "no longer in MOCO"
    WITHOUT_HOURS = "without a total of hours in MOCO's report"


@dataclass(frozen=True, slots=True)
class Held:
    """What MOCO's lists show of a project, in seconds: of linked activities, of all others, of billable ones.

    `lowest` and `highest` is everything with each activity rounded to hundredths of an hour, ties down or up.
    """

    migrated: int = 0
    booked: int = 0
    billable: int = 0
    lowest: int = 0
    highest: int = 0

    @property
    def total(self) -> int:
        """Everything that the lists show."""
        return self.migrated + self.booked


@dataclass(frozen=True, slots=True)
class Told:
    """What MOCO's report says: all hours and the billable ones, as seconds."""

    total: Seconds
    billable: Seconds


@dataclass(frozen=True, slots=True)
class ProjectBook:
    """One project by both: MOCO's report, and what its lists show."""

    project_id: MocoId
    name: str
    held: Held
    told: Told | NotTold

    @classmethod
    def of(cls, project_id: MocoId, name: str, held: Held, told: Told | NotTold) -> ProjectBook:
        """A project whose report has no total: recorded of an empty one, where it means 0; else nothing is told."""
        if told is NotTold.WITHOUT_HOURS and held.total == 0:
            told = Told(Seconds(0), Seconds(0))
        return cls(project_id, name, held, told)

    @property
    def tolerance(self) -> int:
        """Seconds by which rounding may part both totals."""
        total, held = self.held.total, self.held
        return STEP // 2 + max(total - held.lowest, held.highest - total, 0)

    @property
    def unexplained(self) -> int:
        """Seconds of MOCO's total that no activity stands for; negative where activities hold more than MOCO counts."""
        return self.told.total - self.held.total if isinstance(self.told, Told) else 0

    @property
    def agrees(self) -> bool:
        """Whether nothing is unexplained but rounding."""
        return abs(self.unexplained) <= self.tolerance

    @property
    def billable_difference(self) -> int:
        """Seconds that MOCO counts as billable beyond what its activities say; what it counts is not documented."""
        return self.told.billable - self.held.billable if isinstance(self.told, Told) else 0

    @property
    def billable_agrees(self) -> bool:
        """Whether both count the same time as billable, but for rounding."""
        return abs(self.billable_difference) <= self.tolerance

    def as_json(self) -> dict[str, object]:
        """Every column in seconds and in hours; those of MOCO are null where it does not tell them."""
        told = self.told if isinstance(self.told, Told) else None
        return {
            "project_id": self.project_id,
            "name": self.name,
            "told": self.told.value if isinstance(self.told, NotTold) else "yes",
            **_column("moco", told.total if told else None),
            **_column("migrated", self.held.migrated),
            **_column("booked_in_moco", self.held.booked),
            **_column("unexplained", self.unexplained if told else None),
            **_column("tolerance", self.tolerance),
            **_column("moco_billable", told.billable if told else None),
            **_column("billable", self.held.billable),
            **_column("billable_difference", self.billable_difference if told else None),
            "agrees": self.agrees if told else None,
        }


def _column(name: str, seconds: int | None) -> dict[str, object]:
    return {f"{name}_seconds": seconds, f"{name}_hours": None if seconds is None else format_hours(seconds)}


def seconds_of_hours(hours: Decimal | None) -> Seconds:
    """Hours as MOCO's report gives them, half up to whole seconds; a project without any has null (recorded)."""
    return Seconds(int((Decimal(hours or 0) * 3600).to_integral_value(ROUND_HALF_UP)))
