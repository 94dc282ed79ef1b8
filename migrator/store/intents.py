"""Intents: every request that writes is remembered before its bytes leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from migrator.core.model import MocoId, SourceId
from migrator.store.rows import among, optional_moco_id, optional_source_id, pages_of
from migrator.store.tables import Intent


class Outcome(Enum):
    """How an intent was closed."""

    ANSWERED = "answered"
    FOUND = "found"
    ABSENT = "absent"
    REFUSED = "refused"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class NewIntent:
    """One row of a request about to be sent.

    `write` is "create", "update", "withdraw", "undo", "task", "contract", "disregard" or the like; `batch` is common to
    the rows of one request; `natural_key` finds again what has no marker, and is the run that an "undo" takes back;
    `payload` is what is sent, as text.
    """

    run_id: int
    batch: str
    write: str
    payload: str
    source_id: SourceId | None = None
    natural_key: str = ""
    activity_id: MocoId | None = None
    user_id: MocoId | None = None


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A write whose outcome is not known yet; not before `settle_at` may it be proved."""

    id: int
    run_id: int
    batch: str
    write: str
    source_id: SourceId | None
    natural_key: str
    activity_id: MocoId | None
    user_id: MocoId | None
    payload: str
    sent_at: datetime
    settle_at: datetime
    status: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class ClosedIntent:
    """A write of the past and how it ended; `outcome` None while it is open."""

    intent: OpenIntent
    closed_at: datetime | None
    outcome: Outcome | None


def open_intents(
    session: Session, rows: Sequence[NewIntent], sent_at: datetime, settle_at: datetime
) -> tuple[int, ...]:
    """Remember a request about to be sent; returns one number for each row, in order.

    The caller holds the lease (`lease.check`) in the same transaction and sends only after its commit.
    """
    if not rows:
        return ()
    columns = [
        {
            "run_id": row.run_id,
            "batch": row.batch,
            "write": row.write,
            "source_id": row.source_id,
            "natural_key": row.natural_key,
            "activity_id": row.activity_id,
            "user_id": row.user_id,
            "payload": row.payload,
            "sent_at": sent_at,
            "settle_at": settle_at,
        }
        for row in rows
    ]
    statement = insert(Intent).returning(Intent.id, sort_by_parameter_order=True)
    return tuple(session.scalars(statement, columns))


def list_open(session: Session) -> tuple[OpenIntent, ...]:
    """Every write whose outcome is not known yet, oldest first."""
    query = select(Intent).where(Intent.closed_at.is_(None)).order_by(Intent.id)
    return tuple(_open(row) for row in session.scalars(query))


def close_intents(
    session: Session,
    ids: Collection[int],
    outcome: Outcome,
    now: datetime,
    *,
    status: int | None = None,
    detail: str = "",
) -> frozenset[int]:
    """Record the outcome of those of `ids` that are still open; returns which these were.

    An answer that comes after somebody else settled its intent so changes nothing.
    """
    closed: set[int] = set()
    for page in pages_of(ids):
        closed.update(
            session.scalars(
                update(Intent)
                .where(Intent.id.in_(page), Intent.closed_at.is_(None))
                .values(closed_at=now, outcome=outcome.value, status=status, detail=detail)
                .returning(Intent.id)
                .execution_options(synchronize_session=False)
            )
        )
    return frozenset(closed)


def delay(
    session: Session,
    ids: Collection[int],
    settle_at: datetime,
    *,
    status: int | None = None,
    detail: str = "",
) -> None:
    """Leave writes open until they are proved, from `settle_at` on; `status` and `detail` tell why."""
    for page in pages_of(ids):
        session.execute(
            update(Intent)
            .where(Intent.id.in_(page), Intent.closed_at.is_(None))
            .values(settle_at=settle_at, status=status, detail=detail)
            .execution_options(synchronize_session=False)
        )


def name_activity(session: Session, intent_id: int, activity_id: MocoId) -> None:
    """Remember which activity an open write made, where the intent stays open until that is undone."""
    session.execute(update(Intent).where(Intent.id == intent_id).values(activity_id=activity_id))


def note(session: Session, ids: Collection[int], *, status: int | None = None, detail: str = "") -> None:
    """Remember what came back for unclear writes; when they settle stays the same."""
    for page in pages_of(ids):
        session.execute(
            update(Intent)
            .where(Intent.id.in_(page), Intent.closed_at.is_(None))
            .values(status=status, detail=detail)
            .execution_options(synchronize_session=False)
        )


def settle_time(session: Session, intent_id: int) -> datetime | None:
    """From when on the fate of a write can be proved."""
    return session.scalar(select(Intent.settle_at).where(Intent.id == intent_id))


def open_source_ids(session: Session, source_ids: Collection[SourceId]) -> set[SourceId]:
    """Which of these records have an open write."""
    found: set[SourceId] = set()
    for page in pages_of(source_ids):
        query = select(Intent.source_id).where(among(session, Intent.source_id, page), Intent.closed_at.is_(None))
        found.update(SourceId(each) for each in session.scalars(query) if each is not None)
    return found


def creators_of(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, int]:
    """The run that last created the activity of each of these records, as far as one did."""
    done = (Outcome.ANSWERED.value, Outcome.FOUND.value)
    found: dict[SourceId, int] = {}
    for page in pages_of(source_ids):
        query = (
            select(Intent.source_id, Intent.run_id)
            .where(Intent.source_id.in_(page), Intent.write == "create", Intent.outcome.in_(done))
            .order_by(Intent.id)
        )
        # Of several the last one stays.
        found.update((SourceId(source_id), run_id) for source_id, run_id in session.execute(query) if source_id)
    return found


def done_without_record(session: Session, run_id: int) -> tuple[OpenIntent, ...]:
    """What a run created that no record stands for (tasks, contracts and the like), oldest first."""
    done = (Outcome.ANSWERED.value, Outcome.FOUND.value)
    query = select(Intent).where(Intent.run_id == run_id, Intent.source_id.is_(None), Intent.outcome.in_(done))
    return tuple(_open(row) for row in session.scalars(query.order_by(Intent.id)))


def keys_done(session: Session, write: str) -> frozenset[str]:
    """The natural keys of all writes of one kind that were done."""
    done = (Outcome.ANSWERED.value, Outcome.FOUND.value)
    query = select(Intent.natural_key).where(Intent.write == write, Intent.outcome.in_(done)).distinct()
    return frozenset(session.scalars(query))


def count_done(session: Session, write: str, natural_key: str) -> dict[int, int]:
    """How many writes of one kind and natural key were done, by run."""
    done = (Outcome.ANSWERED.value, Outcome.FOUND.value)
    query = (
        select(Intent.run_id, func.count())
        .where(Intent.write == write, Intent.natural_key == natural_key, Intent.outcome.in_(done))
        .group_by(Intent.run_id)
    )
    return dict(row.tuple() for row in session.execute(query))


def intents_of(session: Session, source_id: SourceId) -> tuple[ClosedIntent, ...]:
    """Every write ever begun for a record, oldest first."""
    query = select(Intent).where(Intent.source_id == source_id).order_by(Intent.id)
    return tuple(closed_intent(row) for row in session.scalars(query))


def closed_intent(row: Intent) -> ClosedIntent:
    """A row as a write of the past, for those who read rows themselves."""
    return ClosedIntent(_open(row), row.closed_at, Outcome(row.outcome) if row.outcome else None)


def _open(row: Intent) -> OpenIntent:
    return OpenIntent(
        id=row.id,
        run_id=row.run_id,
        batch=row.batch,
        write=row.write,
        source_id=optional_source_id(row.source_id),
        natural_key=row.natural_key,
        activity_id=optional_moco_id(row.activity_id),
        user_id=optional_moco_id(row.user_id),
        payload=row.payload,
        sent_at=row.sent_at,
        settle_at=row.settle_at,
        status=row.status,
        detail=row.detail,
    )


def count_ended(
    session: Session, write: str, source_ids: Collection[SourceId], outcome: Outcome
) -> dict[SourceId, int]:
    """How many writes of one kind ended this way, for each of these records of which there are any."""
    found: dict[SourceId, int] = {}
    for page in pages_of(source_ids):
        query = (
            select(Intent.source_id, func.count())
            .where(Intent.source_id.in_(page), Intent.write == write, Intent.outcome == outcome.value)
            .group_by(Intent.source_id)
        )
        found.update((SourceId(source_id), many) for source_id, many in session.execute(query) if source_id is not None)
    return found
