"""Records that a person had us take back: held until a person releases them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from migrator.core.actions import Word
from migrator.core.model import SourceId
from migrator.store.intents import creators_of, open_source_ids
from migrator.store.links import SavedLink, saved_links
from migrator.store.rows import among, pages_of, upsert
from migrator.store.tables import UndoneRow
from migrator.store.work import WorkItem, stream_work


@dataclass(frozen=True, slots=True)
class CreatedRecord:
    """A record that a run created, with all that is known of its activity since.

    `undone`: it is held because it was taken back; `creator` is the run that last created its activity.
    """

    item: WorkItem
    saved: SavedLink | None
    undone: bool
    creator: int | None
    open_intent: bool


def created_in(session: Session, run_id: int, after: int = 0, size: int = 100) -> list[CreatedRecord]:
    """The next records that a run created, by record, from above `after` on."""
    items = stream_work(session, run_id, [Word.CREATED], after=after, size=size)
    ids = [item.source_id for item in items]
    known = {saved.source_id: saved for saved in saved_links(session, ids)}
    undone, creators, unsettled = undone_of(session, ids), creators_of(session, ids), open_source_ids(session, ids)
    return [
        CreatedRecord(
            item,
            known.get(item.source_id),
            item.source_id in undone,
            creators.get(item.source_id),
            item.source_id in unsettled,
        )
        for item in items
    ]


def put_undone(session: Session, source_ids: Collection[SourceId], run_id: int, now: datetime) -> None:
    """Hold records that `run_id` created and that are taken back; committed with the intents of their deletion."""
    for page in pages_of(source_ids):
        upsert(session, UndoneRow, [{"source_id": each, "run_id": run_id, "undone_at": now} for each in page])


def undone_of(session: Session, source_ids: Collection[SourceId]) -> set[SourceId]:
    """Which of these records are held because they were taken back."""
    found: set[SourceId] = set()
    for page in pages_of(source_ids):
        query = select(UndoneRow.source_id).where(among(session, UndoneRow.source_id, page))
        found.update(SourceId(each) for each in session.scalars(query))
    return found


def count_undone(session: Session, run_id: int) -> int:
    """How many records that a run created are held because they were taken back."""
    return session.scalar(select(func.count()).select_from(UndoneRow).where(UndoneRow.run_id == run_id)) or 0


def release_undone(session: Session, source_ids: Collection[SourceId]) -> int:
    """Let records be written again; returns how many."""
    count = len(undone_of(session, source_ids))
    for page in pages_of(source_ids):
        session.execute(delete(UndoneRow).where(UndoneRow.source_id.in_(page)))
    return count


def release_run(session: Session, run_id: int) -> int:
    """Let everything be written again that a run created and that was taken back; returns how much."""
    count = count_undone(session, run_id)
    session.execute(delete(UndoneRow).where(UndoneRow.run_id == run_id))
    return count
