"""Where the service stands, read from the database alone: any process says the same, also one that stands by."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy.orm import Session

from migrator.app.service.schedule import Known
from migrator.app.service.timetable import Timetable, count_times, timetable
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind
from migrator.errors import ExitCode
from migrator.store import inbox, lease, outcomes, runs
from migrator.store.engine import reading
from migrator.store.inbox import ItemKind
from migrator.store.lease import Holder, Right
from migrator.store.outcomes import SavedOutcome, Wishes
from migrator.store.runs import SavedRun

TOO_MANY: Final = 3
"""Scheduled times in a row without a success after which the service is not ready."""

GRACE: Final = timedelta(seconds=60)
"""How long after a scheduled time its work may take to begin."""

_COUNTED: Final = 1000


class State(Enum):
    """The one word for it; the first that holds, in this order."""

    RUNNING = "running"
    """A run that writes goes on, whoever started it."""
    PAUSED = "paused"
    FAILING = "failing"
    """A login is refused, or three scheduled times went by without a success."""
    NEVER_RUN = "never_run"
    """Nothing has succeeded yet."""
    STANDING_BY = "standing_by"
    """Another process does the work, and this one would take over."""
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the service stands `at` that moment; times are UTC."""

    at: datetime
    state: State
    reason: str
    """Why it is not ready, in one sentence; empty when it is."""
    last_run: SavedRun | None
    """The newest run of any kind."""
    last_success: SavedRun | None
    """The `sync` or `apply` that was the last to end with 0 or 3."""
    newest: Mapping[Kind, SavedOutcome]
    """The newest scheduled piece of work of each kind."""
    next_run: datetime | None
    """When a sync is due: now or before now when it is late; None while paused."""
    missed: int
    """Scheduled times in a row that went by without a success; counted up to 1,000."""
    failures: int
    """Scheduled syncs in a row that ended without a success, repeated ones included."""
    waiting: Mapping[ItemKind, int]
    """What is open in the inbox."""
    wishes: Wishes
    running: Holder | None
    """Who writes."""
    serving: Holder | None
    """Who follows the schedule."""
    here: bool
    """Whether that is this process."""

    @property
    def ready(self) -> bool:
        """Whether all is as it should be: what /readyz says."""
        return not self.reason


def load_standing(place: Workplace) -> Standing:
    """Read it. Cheap enough for a probe every few seconds; raises what an unreachable database raises."""
    with reading(place.engine) as session:
        return standing_of(session, place)


def standing_of(session: Session, place: Workplace) -> Standing:
    """The same within a transaction."""
    now = place.clock.now()
    schedule = place.config.schedule
    table = timetable(schedule.every, schedule.cron, schedule.timezone)
    known = Known.load(session)
    newest, wishes, success = known.newest, known.wishes, known.success
    running, serving = holder_alive(session), holder_alive(session, Right.SERVE)
    here = serving is not None and (serving.host, serving.pid) == (socket.gethostname(), os.getpid())
    going = _going(newest) if serving is not None else None
    missed = _missed(table, known, outcomes.first_begun(session, Kind.SYNC.value), now, going)
    by_hand = running is not None and going is None
    # A run that somebody started is healthy, however long it takes; an attempt of our own has to succeed first.
    trouble = "" if by_hand and success else _trouble(outcomes.last_ended(session, Kind.SYNC.value), missed, success)
    if running is not None or going is not None:
        state = State.RUNNING
    elif wishes.paused_since is not None:
        state = State.PAUSED
    elif trouble:
        state = State.FAILING if success or missed >= TOO_MANY else State.NEVER_RUN
    else:
        state = State.STANDING_BY if serving is not None and not here else State.IDLE
    return Standing(
        at=now,
        state=state,
        reason=trouble,
        last_run=next(iter(runs.list_runs(session, 1)), None),
        last_success=success,
        newest=newest,
        next_run=None if wishes.paused_since else _next_run(table, newest, wishes, now),
        missed=missed,
        failures=known.failures,
        waiting=inbox.open_count(session),
        wishes=wishes,
        running=running,
        serving=serving,
        here=here,
    )


def _trouble(newest: SavedOutcome | None, missed: int, success: SavedRun | None) -> str:
    """Why nobody should rely on the service; empty when all is well."""
    if newest is not None and newest.exit_code == ExitCode.LOGIN:
        return "a login is refused: see `migrator doctor`"
    if missed >= TOO_MANY:
        return f"{missed} scheduled times in a row went by without a success: see `migrator runs list`"
    if success is not None:
        return ""
    if newest is None or newest.exit_code is None:
        return "nothing has succeeded yet"
    return f"nothing has succeeded yet; the last attempt ended with {newest.exit_code}"


def _going(newest: Mapping[Kind, SavedOutcome]) -> SavedOutcome | None:
    """The scheduled work that goes on; of a service that was killed it only looks so."""
    return next((each for each in newest.values() if each.ended_at is None), None)


def _missed(table: Timetable, known: Known, first: datetime | None, now: datetime, going: SavedOutcome | None) -> int:
    """Scheduled times since the last success, or since the pause ended; none before the first attempt.

    What goes on takes the place of the times that go by meanwhile.
    """
    wishes, success, audit = known.wishes, known.success, known.newest.get(Kind.AUDIT)
    if first is None or wishes.paused_since is not None:
        return 0
    began, ended = (success.started_at, success.ended_at) if success else (first, None)
    since = max(began, wishes.resumed_at or began)
    for end in (ended, audit.ended_at if audit else None):
        if end is not None and end > since and count_times(table, since, end, 1):
            since = end
    until = now - min(GRACE, table.after(now) - now)
    return count_times(table, since, min(until, going.started_at) if going else until, _COUNTED)


def _next_run(table: Timetable, newest: Mapping[Kind, SavedOutcome], wishes: Wishes, now: datetime) -> datetime:
    if wishes.asked_at is not None:
        return now
    last = newest.get(Kind.SYNC)
    return table.due(last.started_at if last else None, now)


def holder_alive(session: Session, right: Right = Right.WRITE) -> Holder | None:
    """Who holds a lease; a process of this machine that died without a word holds nothing."""
    holder = lease.holder(session, right)
    if holder is None or holder.host != socket.gethostname():
        return holder
    return holder if lease.process_is_alive(holder.pid, holder.process_started) else None
