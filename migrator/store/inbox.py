"""The inbox: everything that waits for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, String, Subquery, case, cast, func, insert, literal, select, update
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import InstrumentedAttribute, Session

from migrator.core.actions import HoldReason
from migrator.core.model import MocoId, SourceId
from migrator.store.rows import Row, among, optional_moco_id, optional_source_id, pages_of, table_of, upsert, whole_sum
from migrator.store.tables import InboxItem, SourceRecord, SourceReject


class ItemKind(Enum):
    """Why something waits."""

    HELD = "held"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


class ItemState(Enum):
    """Whether it still waits."""

    OPEN = "open"
    ACCEPTED = "accepted"
    RULED = "ruled"
    """A person said that ActiveCollab's side counts; the next run writes it, or opens it again."""

    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something that waits for a person in this run.

    Its identity is the record and the kind, or the place and the kind where there is no record. `digest` is
    what an acceptance refers to; `source` and `target` show both sides as JSON text.
    """

    kind: ItemKind
    reason: str
    message: str
    source_id: SourceId | None = None
    activity_id: MocoId | None = None
    place: str = ""
    digest: str = ""
    source: str = "null"
    target: str = "null"


@dataclass(frozen=True, slots=True)
class SavedItem:
    """Something that waits or waited, under its number, since when, and what a person said."""

    id: int
    new: NewItem
    since: datetime
    seen_run: int
    state: ItemState
    accepted_note: str
    accepted_at: datetime | None


_Identity = tuple[str, int | str]

_WAITS = (InboxItem.state == ItemState.OPEN.value, InboxItem.reason != HoldReason.UNDONE.value)
"""Open, and somebody has to do something: what a person undid is listed, but waits for nobody."""


_STANDING = (ItemState.OPEN.value, ItemState.ACCEPTED.value)
_STANDS = InboxItem.state.in_(_STANDING)


def sync_inbox(session: Session, run_id: int, items: Iterable[NewItem], now: datetime) -> None:
    """Store what waits in this run.

    What waited before keeps its number and its date. An accepted one stays accepted while its digest is the
    same and opens again otherwise; one that a person ruled on opens again; a closed one as if it were new.
    """
    for page in pages_of(items):
        _sync_page(session, run_id, {_identity(item): item for item in page}, now)


def close_unseen(
    session: Session,
    run_id: int,
    kinds: Collection[ItemKind],
    source_ids: tuple[SourceId, SourceId] | None = None,
    *,
    only: str = "",
    but_not: str = "",
) -> None:
    """Close what is open of these kinds and what this run did not see.

    `source_ids`, both included, limits it to the records that the run decided; `only` and `but_not` name a reason.
    """
    unseen = [
        InboxItem.state == ItemState.OPEN.value,
        InboxItem.kind.in_([kind.value for kind in kinds]),
        InboxItem.seen_run != run_id,
    ]
    if only:
        unseen.append(InboxItem.reason == only)
    if but_not:
        unseen.append(InboxItem.reason != but_not)
    if source_ids is not None:
        unseen.append(InboxItem.source_id.between(*source_ids))
    session.execute(
        update(InboxItem)
        .where(*unseen)
        .values(state=ItemState.CLOSED.value)
        .execution_options(synchronize_session=False)
    )


def list_items(
    session: Session, kind: ItemKind | None = None, state: ItemState = ItemState.OPEN
) -> tuple[SavedItem, ...]:
    """What waits (or is in another `state`), oldest first."""
    query = select(InboxItem).where(InboxItem.state == state.value).order_by(InboxItem.id)
    if kind is not None:
        query = query.where(InboxItem.kind == kind.value)
    return tuple(_saved(row) for row in session.scalars(query))


def item(session: Session, id_: int) -> SavedItem | None:
    """One of them, whatever its state."""
    row = session.get(InboxItem, id_, populate_existing=True)
    return None if row is None else _saved(row)


def items_of(session: Session, source_id: SourceId) -> tuple[SavedItem, ...]:
    """Everything that ever waited about a record, oldest first."""
    query = select(InboxItem).where(InboxItem.source_id == source_id).order_by(InboxItem.id)
    return tuple(_saved(row) for row in session.scalars(query))


def standing_items_of(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, SavedItem]:
    """What waits about each of these records, or was accepted; of several the newest."""
    found: dict[SourceId, SavedItem] = {}
    for page in pages_of(source_ids):
        query = select(table_of(InboxItem)).where(among(session, InboxItem.source_id, page))
        for row in session.execute(query.order_by(InboxItem.id)):
            # Asked for the state, too, SQLite would go through all that stands, for each page anew.
            if row.state in _STANDING:
                found[SourceId(row.source_id)] = _saved(row)
    return found


def standing_items_at(session: Session, places: Collection[str]) -> dict[str, SavedItem]:
    """The same about records that have no id, by the place where they were read."""
    found: dict[str, SavedItem] = {}
    for page in pages_of(places):
        query = select(InboxItem).where(InboxItem.source_id.is_(None), InboxItem.place.in_(page), _STANDS)
        found |= {row.place: _saved(row) for row in session.scalars(query.order_by(InboxItem.id))}
    return found


def accepted_waiting(session: Session) -> int:
    """How many held, quarantined and rejected records a person accepted as they are: they wait no more."""
    accepted = (InboxItem.state == ItemState.ACCEPTED.value, InboxItem.kind != ItemKind.CONFLICT.value)
    return session.scalar(select(func.count()).where(*accepted)) or 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """So many records of which a person said the same at once; `note` begins with who it was."""

    note: str
    at: datetime
    records: int


def accepted_groups(session: Session) -> tuple[Accepted, ...]:
    """What people decided: accepted as it is, or that ActiveCollab's side counts; in the order in which they did."""
    query = (
        select(InboxItem.accepted_note, InboxItem.accepted_at, func.count())
        # A decision that was carried out is closed, and still has its maker.
        .where(InboxItem.state != ItemState.OPEN.value, InboxItem.accepted_at.is_not(None))
        .group_by(InboxItem.accepted_note, InboxItem.accepted_at)
        .order_by(InboxItem.accepted_at, InboxItem.accepted_note)
    )
    return tuple(Accepted(note, at, records) for note, at, records in session.execute(query) if at is not None)


def open_count(session: Session) -> dict[ItemKind, int]:
    """How many wait, by kind; only kinds of which some do. What a person undid is listed, but waits for nobody."""
    query = select(InboxItem.kind, func.count()).where(*_WAITS).group_by(InboxItem.kind)
    return {ItemKind(kind): count for kind, count in session.execute(query)}


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """The open ones of one kind and reason: how many, how long their records are, and since when the first waits."""

    kind: ItemKind
    reason: str
    records: int
    seconds: int
    since: datetime


def open_groups(session: Session) -> tuple[OpenGroup, ...]:
    """What waits for somebody, most first within each kind; of what cannot be used as much time as could be read."""
    by_key = _rejected_time(SourceReject.source_id, SourceReject.source_id.is_not(None))
    by_place = _rejected_time(_PLACE, SourceReject.source_id.is_(None))
    known = func.coalesce(SourceRecord.seconds, by_key.c.seconds, by_place.c.seconds, 0)
    query = (
        select(InboxItem.kind, InboxItem.reason, func.count(), whole_sum(known), func.min(InboxItem.since))
        .outerjoin(SourceRecord, SourceRecord.id == InboxItem.source_id)
        .outerjoin(by_key, by_key.c.which == InboxItem.source_id)
        .outerjoin(by_place, InboxItem.source_id.is_(None) & (by_place.c.which == InboxItem.place))
        .where(*_WAITS)
        .group_by(InboxItem.kind, InboxItem.reason)
        .order_by(InboxItem.kind, func.count().desc(), InboxItem.reason)
    )
    return tuple(
        OpenGroup(ItemKind(kind), reason, count, int(seconds), since)
        for kind, reason, count, seconds, since in session.execute(query)
    )


def open_page(
    session: Session, *, kind: ItemKind | None = None, reason: str = "", after: int = 0, size: int = 50
) -> tuple[SavedItem, ...]:
    """The first `size` of what waits for somebody behind the item `after`, in the order of their numbers."""
    query = select(InboxItem).where(*_WAITS, InboxItem.id > after)
    if kind is not None:
        query = query.where(InboxItem.kind == kind.value)
    if reason:
        query = query.where(InboxItem.reason == reason)
    return tuple(_saved(row) for row in session.scalars(query.order_by(InboxItem.id).limit(size)))


_PLACE = SourceReject.document + case(
    (SourceReject.line != 0, ":" + cast(SourceReject.line, String)), else_=literal("")
)
"""As `core.model.Origin` writes it, and an item remembers it."""


def _rejected_time(which: ColumnElement[Any] | InstrumentedAttribute[Any], of: ColumnElement[bool]) -> Subquery:
    """The longest reading of each rejected record (Any: a key or a place)."""
    query = select(which.label("which"), func.max(SourceReject.seconds).label("seconds")).where(of).group_by(which)
    return query.subquery()


def accept(session: Session, ids: Collection[int], note: str, now: datetime) -> int:
    """Record that a person accepts open ones as they are; returns how many."""
    accepted = 0
    for page in pages_of(ids):
        waiting = (InboxItem.id.in_(page), InboxItem.state == ItemState.OPEN.value)
        accepted += session.scalar(select(func.count()).where(*waiting)) or 0
        session.execute(
            update(InboxItem)
            .where(*waiting)
            .values(state=ItemState.ACCEPTED.value, accepted_note=note, accepted_at=now)
            .execution_options(synchronize_session=False)
        )
    return accepted


def set_state(session: Session, ids: Collection[int], state: ItemState) -> None:
    """Open or close what a person decided otherwise."""
    for page in pages_of(ids):
        session.execute(
            update(InboxItem)
            .where(InboxItem.id.in_(page))
            .values(state=state.value)
            .execution_options(synchronize_session=False)
        )


def _identity(item: NewItem) -> _Identity:
    return item.kind.value, item.place if item.source_id is None else item.source_id


def _sync_page(session: Session, run_id: int, items: dict[_Identity, NewItem], now: datetime) -> None:
    known = _known(session, list(items.values()))
    fresh: list[Row] = []
    again: list[Row] = []
    for identity, found in items.items():
        row: Row = {**_columns(found), "seen_run": run_id}
        before = known.get(identity)
        if before is None:
            fresh.append({**row, "since": now, "state": "open", "accepted_note": "", "accepted_at": None})
            continue
        still_accepted = before.state is ItemState.ACCEPTED and before.new.digest == found.digest
        again.append(
            {
                **row,
                "id": before.id,
                "since": now if before.state is ItemState.CLOSED else before.since,
                "state": "accepted" if still_accepted else "open",
                "accepted_note": before.accepted_note if still_accepted else "",
                "accepted_at": before.accepted_at if still_accepted else None,
            }
        )
    if fresh:
        session.execute(insert(table_of(InboxItem)), fresh)
    upsert(session, InboxItem, again)


def _known(session: Session, items: Sequence[NewItem]) -> dict[_Identity, SavedItem]:
    ids = [each.source_id for each in items if each.source_id is not None]
    places = [each.place for each in items if each.source_id is None]
    found: dict[_Identity, SavedItem] = {}
    for condition in (
        InboxItem.source_id.in_(ids),
        InboxItem.source_id.is_(None) & InboxItem.place.in_(places),
    ):
        for row in session.scalars(select(InboxItem).where(condition).order_by(InboxItem.id)):
            saved = _saved(row)
            found[_identity(saved.new)] = saved
    return found


def _columns(item: NewItem) -> Row:
    return {
        "kind": item.kind.value,
        "source_id": item.source_id,
        "activity_id": item.activity_id,
        "place": item.place,
        "reason": item.reason,
        "message": item.message,
        "digest": item.digest,
        "source": item.source,
        "target": item.target,
    }


def _saved(row: InboxItem | SqlRow[Any]) -> SavedItem:
    new = NewItem(
        kind=ItemKind(row.kind),
        reason=row.reason,
        message=row.message,
        source_id=optional_source_id(row.source_id),
        activity_id=optional_moco_id(row.activity_id),
        place=row.place,
        digest=row.digest,
        source=row.source,
        target=row.target,
    )
    return SavedItem(
        id=row.id,
        new=new,
        since=row.since,
        seen_run=row.seen_run,
        state=ItemState(row.state),
        accepted_note=row.accepted_note,
        accepted_at=row.accepted_at,
    )
