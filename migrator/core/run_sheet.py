"""A run sheet: the steps of a migration with their clock times, and what it costs to turn back after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from migrator.core.cost import eta_seconds, undo_requests

FRIDAY = 4
EVENING = time(18, 0)


@dataclass(frozen=True, slots=True)
class WayBack:
    """What it takes to turn back: activities to delete, requests, the least seconds; `final` records stay anyway."""

    activities: int = 0
    requests: int = 0
    seconds: int = 0
    final: int = 0

    @classmethod
    def of(cls, activities: int, final: int, per_window: int, window_seconds: int) -> WayBack:
        """The way back from so many activities under MOCO's request window."""
        requests = undo_requests(activities)
        return cls(activities, requests, eta_seconds(requests, per_window, window_seconds), final)


@dataclass(frozen=True, slots=True)
class Step:
    """One command to type: what it takes, how it ended in the rehearsal, and the way back once it is done."""

    command: str
    does: str
    seconds: float
    requests: int
    way_back: WayBack
    exit_code: int = 0
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step and when it begins and ends, in the time zone of the sheet."""

    number: int
    step: Step
    begins: datetime
    ends: datetime
    no_return: bool
    """From this step on something stays in MOCO that no undo reaches, and did not before it."""


def timed(steps: Sequence[Step], start: datetime) -> tuple[TimedStep, ...]:
    """The steps one after the other from `start` (with a zone) on; a clock change in between is heeded."""
    found: list[TimedStep] = []
    moment, final = start, 0
    for number, step in enumerate(steps, 1):
        ends = later(moment, step.seconds)
        found.append(TimedStep(number, step, moment, ends, no_return=step.way_back.final > final))
        moment, final = ends, max(final, step.way_back.final)
    return tuple(found)


def later(moment: datetime, seconds: float) -> datetime:
    """So many seconds after `moment`, in its own time zone; adding to a local time would forget a clock change."""
    return (moment.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(moment.tzinfo)


def next_friday(now: datetime, zone: ZoneInfo) -> datetime:
    """The next Friday at 18:00 in `zone`, today's if that is still to come."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=(FRIDAY - local.weekday()) % 7)
    found = datetime.combine(day, EVENING, zone)
    return found if found > local else datetime.combine(day + timedelta(days=7), EVENING, zone)
