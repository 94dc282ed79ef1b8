"""What is due when: the timetables, what was done last, and how it ended.

A scheduled time that nobody was there for is caught up with once. What failed because something outside was missing is
tried again sooner than the timetable says; what a login refused later, so that nobody is locked out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from migrator.app.config import Config
from migrator.app.service.timetable import Cron, Timetable, timetable
from migrator.core.outcomes import SUCCESS, Kind
from migrator.core.patience import Patience
from migrator.errors import ExitCode
from migrator.store import outcomes, runs
from migrator.store.outcomes import SavedOutcome, Wishes
from migrator.store.runs import SavedRun

AUDIT_AT: Final = "40 3 * * *"
"""When nobody books, and no clock is changed."""

DIGEST_AT: Final = "0 8 * * *"

AUDIT_AGAIN_AFTER: Final = timedelta(minutes=15)
"""After one that reached nobody; each is a whole verification, so not sooner."""

_AGAIN_SOON: Final = frozenset({ExitCode.TRY_AGAIN, ExitCode.ERROR, ExitCode.DATABASE, ExitCode.LOCKED})
_OUT_OF_REACH: Final = frozenset({ExitCode.TRY_AGAIN, ExitCode.DATABASE})
_NO_FAILURE: Final = frozenset({*SUCCESS, ExitCode.INTERRUPTED})
_WRITERS: Final = ("sync", "apply")


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says about scheduled work."""

    newest: Mapping[Kind, SavedOutcome]
    failures: int
    """Syncs in a row without a success; those that somebody stopped do not count."""
    wishes: Wishes
    success: SavedRun | None
    """The `sync` or `apply` that was the last to end with 0 or 3."""

    @classmethod
    def load(cls, session: Session) -> Known:
        """Read it."""
        newest = {kind: found[0] for kind in Kind if (found := outcomes.newest_outcomes(session, kind.value))}
        good = outcomes.last_good(session, Kind.SYNC.value, SUCCESS)
        failures = outcomes.failures_since(session, Kind.SYNC.value, good.id if good else 0, _NO_FAILURE)
        return cls(newest, failures, outcomes.wishes(session), runs.last_ended(session, _WRITERS, SUCCESS))


@dataclass(slots=True)
class Schedule:
    """The timetables of one configuration; `chance` spreads the pauses of several processes."""

    tables: Mapping[Kind, Timetable]
    chance: Callable[[], float]
    _pauses: dict[int, timedelta] = field(default_factory=dict)
    """By outcome: a pause is drawn once."""
    _behind: dict[int, datetime] = field(default_factory=dict)
    """Outcomes that began in the future, because the clock went back; and when that was noticed."""
    _left: int | None = None
    """The newest sync that an earlier life left, 0 for none; None before the first look."""

    @classmethod
    def of(cls, config: Config, chance: Callable[[], float] | None = None) -> Schedule:
        """The schedule; `ValueError` for a line of cron that cannot be used."""
        section = config.schedule
        zone = ZoneInfo(section.timezone)
        return cls(
            {
                Kind.SYNC: timetable(section.every, section.cron, section.timezone),
                Kind.DIGEST: Cron(DIGEST_AT, zone),
                Kind.AUDIT: Cron(AUDIT_AT, zone),
            },
            chance or random.SystemRandom().random,
        )

    def times(self, known: Known, now: datetime) -> dict[Kind, datetime]:
        """When each kind of work is due, at or before `now` for what is due; what is not to be done is not in it."""
        if self._left is None:
            self._left = known.newest[Kind.SYNC].id if Kind.SYNC in known.newest else 0
        if known.wishes.paused_since is not None:
            return {Kind.SYNC: now} if known.wishes.asked_at else {}
        found = {kind: self._time(kind, table, known, now) for kind, table in self.tables.items()}
        if known.wishes.asked_at is not None:
            found[Kind.SYNC] = now
        if known.success is None:
            # There is nothing to audit.
            del found[Kind.AUDIT]
        return found

    def _time(self, kind: Kind, table: Timetable, known: Known, now: datetime) -> datetime:
        last = known.newest.get(kind)
        if last is None:
            return self._first(kind, table, now)
        began = self._no_later_than_now(last, last.started_at, now)
        regular = table.due(began, now)
        if kind is Kind.SYNC:
            return self._next_sync(last, known, regular, now)
        if kind is Kind.AUDIT and last.ended_at is not None and last.exit_code in _OUT_OF_REACH:
            # A night without the other side shall not be a day without an audit.
            return min(regular, self._no_later_than_now(last, last.ended_at, now) + AUDIT_AGAIN_AFTER)
        return regular

    def _next_sync(self, last: SavedOutcome, known: Known, regular: datetime, now: datetime) -> datetime:
        """When a sync is due after how the last one ended; `regular` is when the schedule says."""
        refused_before = last.exit_code == ExitCode.LOGIN and last.id == self._left
        if last.ended_at is None or refused_before or last.exit_code in {None, ExitCode.INTERRUPTED}:
            # Cut off: what it was writing is to be settled. Refused before the start: keys are read once, at the start,
            # so somebody may have mended them and started it anew.
            return now
        ended = self._no_later_than_now(last, last.ended_at, now)
        if last.exit_code == ExitCode.LOGIN:
            return max(regular, ended + self._pause(last, known.failures, timedelta(minutes=15), timedelta(hours=2)))
        if last.exit_code in _AGAIN_SOON:
            soon = self._pause(last, known.failures, timedelta(seconds=15), timedelta(minutes=15))
            return min(regular, ended + soon)
        return regular

    def _first(self, kind: Kind, table: Timetable, now: datetime) -> datetime:
        """Work that was never done: counted from when this was first noticed."""
        number = -1 - list(Kind).index(kind)
        return table.due(None, self._behind.setdefault(number, now))

    def _no_later_than_now(self, last: SavedOutcome, moment: datetime, now: datetime) -> datetime:
        """A moment of the past; one in the future was told by a clock that has gone back since."""
        if moment <= now:
            return moment
        return min(now, self._behind.setdefault(last.id, now))

    def _pause(self, last: SavedOutcome, failures: int, first: timedelta, longest: timedelta) -> timedelta:
        if last.id not in self._pauses:
            self._pauses.clear()
            self._pauses[last.id] = Patience(first, longest, self.chance).pause(failures)
        return self._pauses[last.id]
