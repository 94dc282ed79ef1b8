"""The state of the service as one headline, one sentence and one tone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import Enum
from typing import Final, assert_never

from migrator.app.service.next_steps import alarm_of, next_steps
from migrator.app.service.standing import Standing, State
from migrator.core.alerts import Alarm
from migrator.core.outcomes import SUCCESS, Kind
from migrator.errors import ExitCode
from migrator.store.lease import Holder
from migrator.store.outcomes import SavedOutcome

_MINUTE: Final = 60
_SOON: Final = 120
"""Minutes before which people want to know how long it is until then."""


class Tone(Enum):
    """How good or bad it is; the value is the class of the style that the report uses for its verdicts."""

    GOOD = "agree"
    MIND = "agree_but"
    BAD = "differ"
    OPEN = "unproved"


@dataclass(frozen=True, slots=True)
class When:
    """A moment that is to come, as people say it: the name of a text, and what is filled in."""

    text: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """The names of two texts, what is filled in, and a sign for who sees no colour."""

    headline: str
    sentence: str
    tone: Tone
    sign: str
    values: dict[str, object] = field(default_factory=dict)
    next: When | None = None
    steps: tuple[str, ...] = ()
    """Commands to type next."""


def told_of(standing: Standing, zone: tzinfo) -> Told:
    """What the first line of the console says."""
    to_come = when(standing.next_run, standing.at, zone) if standing.next_run else When("not_scheduled")
    match standing.state:
        case State.RUNNING:
            told = Told("running", "running_line", Tone.OPEN, "▶", _who(standing.running))
        case State.PAUSED:
            values: dict[str, object] = {"since": standing.wishes.paused_since}
            told = Told("paused", "paused_line", Tone.MIND, "‖", values)
        case State.FAILING:
            told = _failing(standing)
        case State.NEVER_RUN:
            told = Told("never_run", "never_run_line", Tone.OPEN, "…", next=to_come)
        case State.STANDING_BY:
            told = Told("standing_by", "standing_by_line", Tone.GOOD, "⋯", _who(standing.serving))
        case State.IDLE:
            told = _idle(standing, to_come)
        case other:
            assert_never(other)
    return told


def _failing(standing: Standing) -> Told:
    newest = standing.newest.get(Kind.SYNC)
    if newest is not None and newest.exit_code == ExitCode.LOGIN:
        return Told("failing", "failing_login", Tone.BAD, "✗", steps=_steps(newest))
    return Told("failing", "failing_missed", Tone.BAD, "✗", {"missed": standing.missed}, steps=_steps(newest))


def _steps(newest: SavedOutcome | None) -> tuple[str, ...]:
    if newest is None or newest.exit_code is None:
        return next_steps(Alarm.NO_SUCCESS)
    return next_steps(alarm_of(newest.exit_code), newest.gates, newest.run_id)


def _idle(standing: Standing, to_come: When) -> Told:
    newest = standing.newest.get(Kind.SYNC)
    if standing.serving is None:
        return Told("no_service", "no_service_line", Tone.MIND, "!")
    if newest is not None and newest.exit_code is not None and newest.exit_code not in SUCCESS:
        values: dict[str, object] = {"code": newest.exit_code}
        return Told("failed_once", "idle_failed", Tone.MIND, "!", values, to_come, _steps(newest))
    if standing.waiting:
        return Told("idle_people", "idle_line", Tone.GOOD, "✓", next=to_come)
    return Told("idle", "idle_line", Tone.GOOD, "✓", next=to_come)


def _who(holder: Holder | None) -> dict[str, object]:
    if holder is None:
        return {"command": "?", "host": "?", "pid": "?"}
    return {"command": holder.command, "host": holder.host, "pid": str(holder.pid)}


def when(moment: datetime, now: datetime, zone: tzinfo) -> When:
    """A moment to come: now, in so many minutes, or on a day."""
    minutes = -(-int((moment - now).total_seconds()) // _MINUTE)
    if minutes <= 0:
        return When("now")
    if minutes < _SOON:
        return When("in_minutes", {"time": f"{moment.astimezone(zone):%H:%M}", "minutes": minutes})
    return When("at", {"moment": moment})
