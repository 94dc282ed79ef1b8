"""What people said about conflicts: accepted as they are, or that ActiveCollab's side counts."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from migrator.core.actions import Word
from migrator.core.model import SourceId
from migrator.core.record import Ruling
from migrator.core.sides import side_digest
from migrator.store.inbox import ItemKind, ItemState, SavedItem
from migrator.store.rows import among, pages_of
from migrator.store.tables import InboxItem, WorkRow

_CARRIED_OUT = (Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.SKIPPED, Word.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about the conflict of a record: the digest of what was accepted, or a ruling."""

    accepted: str = ""
    ruling: Ruling | None = None


def rule(session: Session, id_: int, note: str, now: datetime) -> None:
    """Record that a person says of an open conflict that ActiveCollab's side counts."""
    session.execute(
        update(InboxItem)
        .where(InboxItem.id == id_, InboxItem.state == ItemState.OPEN.value)
        .values(state=ItemState.RULED.value, accepted_note=note, accepted_at=now)
        .execution_options(synchronize_session=False)
    )


def ruling_of(conflict: SavedItem) -> Ruling:
    """The word for ActiveCollab's side on a conflict, as the inbox shows it."""
    return _ruling(conflict.new.digest, conflict.new.target)


def said_of(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, Said]:
    """What people said about the conflicts of these records, as far as they did."""
    found: dict[SourceId, Said] = {}
    columns = (InboxItem.source_id, InboxItem.state, InboxItem.digest, InboxItem.target)
    for page in pages_of(source_ids):
        query = select(*columns).where(
            among(session, InboxItem.source_id, page),
            InboxItem.kind == ItemKind.CONFLICT.value,
            InboxItem.state.in_([ItemState.ACCEPTED.value, ItemState.RULED.value]),
        )
        for source_id, state, digest, target in session.execute(query.order_by(InboxItem.id)):
            assert source_id is not None
            accepted = state == ItemState.ACCEPTED.value
            found[SourceId(source_id)] = Said(digest) if accepted else Said(ruling=_ruling(digest, target))
    return found


def close_ruled(session: Session, source_ids: Collection[SourceId]) -> None:
    """Close what a person ruled on and what is no conflict any more."""
    for page in pages_of(source_ids):
        session.execute(
            update(InboxItem)
            .where(InboxItem.state == ItemState.RULED.value, InboxItem.source_id.in_(page))
            .values(state=ItemState.CLOSED.value)
            .execution_options(synchronize_session=False)
        )


def close_carried_out(session: Session, run_id: int) -> None:
    """Close what a person ruled on and this run has written."""
    written = select(WorkRow.source_id).where(
        WorkRow.run_id == run_id,
        WorkRow.source_id == InboxItem.source_id,
        WorkRow.word.in_([word.value for word in _CARRIED_OUT]),
    )
    session.execute(
        update(InboxItem)
        .where(InboxItem.state == ItemState.RULED.value, written.exists())
        .values(state=ItemState.CLOSED.value)
        .execution_options(synchronize_session=False)
    )


def _ruling(digest: str, target: str) -> Ruling:
    return Ruling(digest, side_digest(json.loads(target)))
