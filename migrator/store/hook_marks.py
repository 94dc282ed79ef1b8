"""What MOCO's web hooks told: a mark for each activity that has to be asked for, and how many deliveries came."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, insert, literal, or_, select, true
from sqlalchemy.orm import Session

from migrator.core.hearing import Heard, Known, Thing
from migrator.core.model import MocoId
from migrator.store import target
from migrator.store.rows import pages_of, upsert
from migrator.store.tables import HookCount, HookMark, Intent, LinkRow, TargetActivity

RECEIVED = "received"
"""The word under which every signed delivery is counted."""

FOLLOWED = "followed"
"""The word for marks about which MOCO was asked."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many deliveries ended in the same word, and when the last one did."""

    events: int
    last_at: datetime


def hear(session: Session, heard: Heard) -> None:
    """Mark an object; of several events about it the one of the highest rank stays, in whatever order they come."""
    row: dict[str, object] = {
        "thing": heard.thing.value,
        "id": heard.id,
        "deleted": heard.deleted,
        "rank": heard.rank,
        "ours": heard.ours,
        "updated_at": heard.updated_at,
        "content": heard.content,
    }
    upsert(session, HookMark, [row], only_above="rank")


def marks(session: Session, after: Heard | None = None, size: int = 100) -> tuple[Heard, ...]:
    """The next marks behind one, projects last."""
    query = select(HookMark).order_by(HookMark.thing, HookMark.id).limit(size)
    if after is not None:
        same = and_(HookMark.thing == after.thing.value, HookMark.id > after.id)
        query = query.where(or_(HookMark.thing > after.thing.value, same))
    return tuple(_heard(row) for row in session.scalars(query))


def forget(session: Session, handled: Iterable[Heard]) -> int:
    """Take marks back, unless something newer was heard meanwhile; gives how many."""
    done = 0
    for mark in handled:
        same = (HookMark.thing == mark.thing.value, HookMark.id == mark.id, HookMark.rank == mark.rank)
        statement = delete(HookMark).where(*same).returning(HookMark.id)
        done += len(session.scalars(statement.execution_options(synchronize_session=False)).all())
    return done


def known_of(session: Session, ids: Collection[MocoId]) -> dict[MocoId, Known]:
    """What the database knows of each of these activities."""
    creating = select(Intent.id).where(Intent.write == "create", Intent.closed_at.is_(None)).limit(1)
    is_creating = session.scalar(creating) is not None
    shown = target.entries_by_id(session, ids)
    gone: dict[int, bool] = {}
    for page in pages_of(ids):
        query = select(LinkRow.activity_id, LinkRow.gone).where(LinkRow.activity_id.in_(page))
        for activity_id, is_gone in session.execute(query):
            gone[activity_id] = is_gone
    return {each: Known(shown.get(each), each in gone, gone.get(each, False), is_creating) for each in ids}


def spread(session: Session, project: Heard) -> None:
    """Mark, in the place of a deleted project, every activity that the snapshot shows in it."""
    if not forget(session, [project]):
        return
    marked = exists().where(HookMark.thing == Thing.ACTIVITY.value, HookMark.id == TargetActivity.id)
    rows = select(
        literal(Thing.ACTIVITY.value),
        TargetActivity.id,
        true(),
        literal(project.rank),
        TargetActivity.source_id.is_not(None),
        literal(None, HookMark.updated_at.type),
        literal(""),
    ).where(TargetActivity.project_id == project.id, ~marked)
    names = ["thing", "id", "deleted", "rank", "ours", "updated_at", "content"]
    session.execute(insert(HookMark).from_select(names, rows))


def count_marks(session: Session) -> int:
    """How many objects wait to be asked for."""
    return session.scalar(select(func.count()).select_from(HookMark)) or 0


def count(session: Session, word: str, now: datetime, events: int = 1) -> None:
    """Enter deliveries into the sums, which is all that is kept of those that are done with."""
    row: dict[str, object] = {"word": word, "events": events, "last_at": now}
    upsert(session, HookCount, [row], add=["events"])


def counts(session: Session) -> dict[str, Counted]:
    """How many deliveries ended how."""
    rows = session.scalars(select(HookCount).order_by(HookCount.word))
    return {row.word: Counted(row.events, row.last_at) for row in rows}


def _heard(row: HookMark) -> Heard:
    return Heard(Thing(row.thing), MocoId(row.id), row.deleted, row.rank, row.ours, row.updated_at, row.content)
