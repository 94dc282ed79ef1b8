"""Records that a person had us take back: held until a person releases them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from migrator.core.model import SourceId
from migrator.store.rows import pages_of, upsert
from migrator.store.tables import UndoneRow


def put_undone(session: Session, source_ids: Collection[SourceId], run_id: int, now: datetime) -> None:
    """Hold records whose activities `run_id` takes back; committed with the intents of their deletion."""
    for page in pages_of(source_ids):
        upsert(session, UndoneRow, [{"source_id": each, "run_id": run_id, "undone_at": now} for each in page])


def undone_of(session: Session, source_ids: Collection[SourceId]) -> set[SourceId]:
    """Which of these records are held because they were taken back."""
    found: set[SourceId] = set()
    for page in pages_of(source_ids):
        query = select(UndoneRow.source_id).where(UndoneRow.source_id.in_(page))
        found.update(SourceId(each) for each in session.scalars(query))
    return found


def release_undone(session: Session, source_ids: Collection[SourceId] | None) -> int:
    """Let records be written again, all of them when `source_ids` is None; returns how many."""
    if source_ids is None:
        count = session.scalar(select(func.count()).select_from(UndoneRow)) or 0
        session.execute(delete(UndoneRow))
        return count
    count = len(undone_of(session, source_ids))
    for page in pages_of(source_ids):
        session.execute(delete(UndoneRow).where(UndoneRow.source_id.in_(page)))
    return count
