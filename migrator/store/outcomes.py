"""What the service did at its scheduled times, and what a person asked of it: to pause, to go on, to sync now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from migrator.store.account import fact, forget, learn
from migrator.store.tables import OutcomeRow

_PAUSED = "service_paused_since"
_RESUMED = "service_resumed_at"
_ASKED = "service_asked_to_sync_at"

KEPT = 2000
"""Outcomes of one kind that are remembered: three weeks of every quarter of an hour."""


@dataclass(frozen=True, slots=True)
class SavedOutcome:
    """One scheduled piece of work; `ended_at` and `exit_code` are None while it goes on or when it was killed."""

    id: int
    kind: str
    started_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    run_id: int | None
    gates: tuple[str, ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people asked of the service; it holds for every process on this database."""

    paused_since: datetime | None
    resumed_at: datetime | None
    asked_at: datetime | None
    """When somebody asked for a sync that has not begun."""


def begin_outcome(session: Session, kind: str, now: datetime) -> int:
    """Record that scheduled work begins; returns its number. Only the newest of a kind are kept."""
    row = OutcomeRow(kind=kind, started_at=now, ended_at=None, exit_code=None, run_id=None, gates="", verdict="")
    session.add(row)
    session.flush()
    too_old = (
        select(OutcomeRow.id).where(OutcomeRow.kind == kind).order_by(OutcomeRow.id.desc()).offset(KEPT).limit(1)
    ).scalar_subquery()
    session.execute(
        delete(OutcomeRow)
        .where(OutcomeRow.kind == kind, OutcomeRow.id <= too_old)
        .execution_options(synchronize_session=False)
    )
    return row.id


def end_outcome(
    session: Session,
    outcome_id: int,
    now: datetime,
    *,
    exit_code: int,
    run_id: int | None,
    gates: Collection[str] = (),
    verdict: str = "",
) -> None:
    """Record how scheduled work ended."""
    session.execute(
        update(OutcomeRow)
        .where(OutcomeRow.id == outcome_id)
        .values(ended_at=now, exit_code=exit_code, run_id=run_id, gates=" ".join(gates), verdict=verdict)
    )


def drop_outcome(session: Session, outcome_id: int) -> None:
    """Forget scheduled work that came to nothing, because something else was going on."""
    session.execute(delete(OutcomeRow).where(OutcomeRow.id == outcome_id))


def newest_outcomes(session: Session, kind: str, limit: int = 1) -> tuple[SavedOutcome, ...]:
    """The newest of a kind, newest first."""
    query = select(OutcomeRow).where(OutcomeRow.kind == kind).order_by(OutcomeRow.id.desc()).limit(limit)
    return tuple(_saved(row) for row in session.scalars(query))


def first_begun(session: Session, kind: str) -> datetime | None:
    """When the oldest of a kind that is remembered began."""
    return session.scalar(select(func.min(OutcomeRow.started_at)).where(OutcomeRow.kind == kind))


def last_ended(session: Session, kind: str) -> SavedOutcome | None:
    """The newest of a kind that is over; neither what goes on nor what was killed."""
    query = select(OutcomeRow).where(OutcomeRow.kind == kind, OutcomeRow.exit_code.is_not(None))
    row = session.scalars(query.order_by(OutcomeRow.id.desc()).limit(1)).one_or_none()
    return None if row is None else _saved(row)


def last_good(session: Session, kind: str, codes: Collection[int]) -> SavedOutcome | None:
    """The newest of a kind that ended with one of some exit codes."""
    query = select(OutcomeRow).where(OutcomeRow.kind == kind, OutcomeRow.exit_code.in_(list(codes)))
    row = session.scalars(query.order_by(OutcomeRow.id.desc()).limit(1)).one_or_none()
    return None if row is None else _saved(row)


def failures_since(session: Session, kind: str, outcome_id: int, good: Collection[int]) -> int:
    """How many of a kind ended after that number, and not with one of some exit codes."""
    query = select(func.count()).where(
        OutcomeRow.kind == kind, OutcomeRow.id > outcome_id, OutcomeRow.exit_code.not_in(list(good))
    )
    return session.scalar(query) or 0


def wishes(session: Session) -> Wishes:
    """What people asked for."""
    return Wishes(*(_moment(session, name) for name in (_PAUSED, _RESUMED, _ASKED)))


def pause(session: Session, now: datetime) -> None:
    """Nothing scheduled begins until `resume`; who paused first is who paused."""
    if fact(session, _PAUSED) is None:
        learn(session, _PAUSED, now.isoformat(), now)


def resume(session: Session, now: datetime) -> None:
    """Scheduled work begins again."""
    if fact(session, _PAUSED) is not None:
        forget(session, _PAUSED)
        learn(session, _RESUMED, now.isoformat(), now)


def ask(session: Session, now: datetime) -> None:
    """A sync shall begin as soon as possible, whatever the schedule says and whether or not it is paused."""
    learn(session, _ASKED, now.isoformat(), now)


def answer(session: Session) -> bool:
    """A sync begins; tells whether it was asked for."""
    asked = fact(session, _ASKED) is not None
    forget(session, _ASKED)
    return asked


def _moment(session: Session, name: str) -> datetime | None:
    value = fact(session, name)
    return None if value is None else datetime.fromisoformat(value)


def _saved(row: OutcomeRow) -> SavedOutcome:
    return SavedOutcome(
        id=row.id,
        kind=row.kind,
        started_at=row.started_at,
        ended_at=row.ended_at,
        exit_code=row.exit_code,
        run_id=row.run_id,
        gates=tuple(row.gates.split()),
        verdict=row.verdict,
    )
