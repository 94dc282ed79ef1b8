"""MOCO's request window, shared by every process that uses this database."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import CursorResult, Engine, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from migrator.store.engine import is_sqlite, now, writing
from migrator.store.rows import table_of, upsert
from migrator.store.tables import Fact, RequestSlot, utc

BLOCKED_UNTIL = "window_blocked_until"
SLOWED_TO = "window_slowed_to"

RECHECK_SECONDS = 0.05
"""How often one that is not first in line looks whether it is now."""

LONGEST_SLEEP = 1.0
"""How long the first in line sleeps at most before it asks the database again."""


# Every request takes a slot, and putting a statement together costs as much as carrying it out: once is enough.
_SLOTS = table_of(RequestSlot)
_FORGET = delete(_SLOTS).where(
    or_(
        _SLOTS.c.answered_at <= bindparam("window_began"),
        _SLOTS.c.answered_at.is_(None) & (_SLOTS.c.taken_at <= bindparam("abandoned_before")),
    )
)
_ENDS = select(func.coalesce(_SLOTS.c.answered_at, _SLOTS.c.taken_at + bindparam("timeout")))
_ANSWER = update(_SLOTS).where(_SLOTS.c.id == bindparam("slot_id")).values(answered_at=bindparam("moment"))
_OCCUPY = insert(_SLOTS)
_BLOCK = select(Fact.name, Fact.value).where(Fact.name.in_((BLOCKED_UNTIL, SLOWED_TO)))
_LOCK = select(Fact.name).where(Fact.name == BLOCKED_UNTIL).with_for_update()


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to send one request; `taken_at` is the database's clock, seconds since 1970."""

    id: int
    taken_at: float


@dataclass(frozen=True, slots=True)
class _Block:
    until: float
    slowed_to: int


class SharedWindow:
    """At most `limit` requests in `window_seconds`, counted by the database's clock; threads may share it.

    A slot counts until one window after its answer, so that a slow early and a fast late request cannot meet
    in one window at the server; without an answer until `timeout_seconds` and one window after it was taken.
    While other requests are in flight an answer is only noted, and written down by the next who takes a slot: one
    commit less for each request, and no thread in the way of the one that commits.
    After `block` half of the requests are allowed, and an eighth of `limit` more with each quiet window.
    """

    def __init__(
        self,
        engine: Engine,
        limit: int,
        window_seconds: float,
        timeout_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._limit = limit
        self._window = window_seconds
        self._timeout = timeout_seconds
        self._sleep = sleep
        self._steady = steady
        self._in_flight: set[int] = set()
        self._answered: dict[int, float] = {}
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        self._waiting: list[tuple[int, int]] = []

    @property
    def waiting(self) -> tuple[int, ...]:
        """The priorities of those in this process that wait for a slot."""
        with self._lock:
            return tuple(priority for priority, _ in self._waiting)

    def take(self, priority: int) -> Permit:
        """Wait for a free slot and occupy it; of several in this process the lowest number goes first."""
        ticket = (priority, next(self._tickets))
        with self._lock:
            self._waiting.append(ticket)
        try:
            while True:
                found = self._try(ticket)
                if isinstance(found, Permit):
                    return found
                self._sleep(found)
        finally:
            with self._lock:
                self._waiting.remove(ticket)

    def free(self, permit: Permit) -> None:
        """Say that the answer is in: the slot becomes free one window from now."""
        with self._lock:
            if permit.id not in self._in_flight:
                return
            self._in_flight.remove(permit.id)
            self._answered[permit.id] = self._steady()
            if not self._in_flight:
                with writing(self._engine) as session:
                    self._write_answers(session, now(session))
                self._answered.clear()

    def block(self, seconds: float) -> None:
        """MOCO answered 429: nobody sends for `seconds`, and then more slowly."""
        with writing(self._engine) as session:
            moment = now(session)
            block = self._block(session)
            until = max(moment + seconds, block.until if block is not None else 0.0)
            slowed_to = max(1, self._allowed(block, moment) // 2)
            stored = [
                {"name": BLOCKED_UNTIL, "value": repr(until), "learned_at": utc(moment)},
                {"name": SLOWED_TO, "value": str(slowed_to), "learned_at": utc(moment)},
            ]
            upsert(session, Fact, stored)

    def _write_answers(self, session: Session, moment: float) -> None:
        """When each noted answer came in, in the database's time."""
        for slot_id, answered in self._answered.items():
            session.execute(_ANSWER, {"slot_id": slot_id, "moment": moment - (self._steady() - answered)})

    def _try(self, ticket: tuple[int, int]) -> Permit | float:
        """A permit, or the seconds to wait before trying again."""
        # One thread at a time asks the database: the others could only wait for its lock.
        with self._lock:
            if min(self._waiting) != ticket:
                return RECHECK_SECONDS
            with writing(self._engine) as session:
                self._claim(session)
                moment = now(session)
                self._write_answers(session, moment)
                free_at = self._free_at(session, moment)
                permit = self._occupy(session, moment) if free_at <= moment else None
            # Only now is it committed.
            self._answered.clear()
            if permit is None:
                return min(free_at - moment, self._window, LONGEST_SLEEP)
            self._in_flight.add(permit.id)
            return permit

    def _occupy(self, session: Session, moment: float) -> Permit:
        result = session.execute(_OCCUPY, {"taken_at": moment, "answered_at": None})
        assert isinstance(result, CursorResult)
        key = result.inserted_primary_key
        assert key is not None
        return Permit(key[0], moment)

    def _claim(self, session: Session) -> None:
        """Make other processes wait until this transaction ends: on SQLite those that may write do so anyway."""
        if is_sqlite(self._engine):
            return
        first = {"name": BLOCKED_UNTIL, "value": "0.0", "learned_at": utc(0.0)}
        upsert(session, Fact, [first], keep=("value", "learned_at"))
        session.execute(_LOCK)

    def _free_at(self, session: Session, moment: float) -> float:
        began = moment - self._window
        session.execute(_FORGET, {"window_began": began, "abandoned_before": began - self._timeout})
        block = self._block(session)
        ends = sorted(end + self._window for end in session.scalars(_ENDS, {"timeout": self._timeout}))
        allowed = self._allowed(block, moment)
        slot_at = moment if len(ends) < allowed else ends[len(ends) - allowed]
        return max(slot_at, block.until if block is not None else 0.0)

    def _allowed(self, block: _Block | None, moment: float) -> int:
        if block is None or block.slowed_to >= self._limit:
            return self._limit
        quiet = max(0, math.floor((moment - block.until) / self._window))
        return min(self._limit, block.slowed_to + quiet * math.ceil(self._limit / 8))

    def _block(self, session: Session) -> _Block | None:
        told = {name: value for name, value in session.execute(_BLOCK)}  # noqa: C416 (rows are no pairs to mypy)
        until, slowed_to = told.get(BLOCKED_UNTIL), told.get(SLOWED_TO)
        return None if until is None or slowed_to is None else _Block(float(until), int(slowed_to))
