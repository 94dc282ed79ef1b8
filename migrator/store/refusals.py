"""Refusals: writes that MOCO said no to, so that the same is not sent again and again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from migrator.core.model import SourceId
from migrator.core.record import Refusal
from migrator.store.rows import among, pages_of, upsert
from migrator.store.tables import RefusalRow


def put_refusal(
    session: Session, source_id: SourceId, refusal: Refusal, *, status: int, run_id: int, now: datetime
) -> None:
    """Remember that MOCO refused a write of a record with HTTP `status`; an older refusal is replaced."""
    row: dict[str, object] = {
        "source_id": source_id,
        "write": refusal.write,
        "payload": refusal.payload,
        "target": refusal.target,
        "words": refusal.words,
        "status": status,
        "run_id": run_id,
        "refused_at": now,
        "released": refusal.released,
    }
    upsert(session, RefusalRow, [row])


def refusals_of(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, Refusal]:
    """The refusals of these records, as far as there are any."""
    found: dict[SourceId, Refusal] = {}
    for page in pages_of(source_ids):
        for row in session.scalars(select(RefusalRow).where(among(session, RefusalRow.source_id, page))):
            found[SourceId(row.source_id)] = Refusal(row.write, row.payload, row.target, row.words, row.released)
    return found


def release(session: Session, source_ids: Collection[SourceId] | None) -> int:
    """Let refused writes be tried again, all of them when `source_ids` is None; returns how many."""
    if source_ids is None:
        count = session.scalar(select(func.count()).where(~RefusalRow.released)) or 0
        session.execute(update(RefusalRow).where(~RefusalRow.released).values(released=True))
        return count
    count = 0
    for page in pages_of(source_ids):
        refused = (RefusalRow.source_id.in_(page), ~RefusalRow.released)
        count += session.scalar(select(func.count()).where(*refused)) or 0
        session.execute(update(RefusalRow).where(*refused).values(released=True))
    return count


def drop_refusal(session: Session, source_id: SourceId) -> None:
    """Forget the refusal of a record, because a write of it succeeded."""
    session.execute(delete(RefusalRow).where(RefusalRow.source_id == source_id))


def hold_again(session: Session, source_ids: Collection[SourceId], write: str) -> None:
    """Take back that refusals of one kind of write are released."""
    for page in pages_of(source_ids):
        session.execute(
            update(RefusalRow)
            .where(RefusalRow.source_id.in_(page), RefusalRow.write == write)
            .values(released=False)
            .execution_options(synchronize_session=False)
        )
