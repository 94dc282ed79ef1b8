"""Links: our memory of what was sent for each record, and what MOCO answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from migrator.core.fingerprint import VERSION, canonical, from_canonical
from migrator.core.model import Booking, MocoId, Seconds, SourceId, TargetEntry
from migrator.core.quick import quickly_made
from migrator.core.record import Link
from migrator.store.rows import PAGE, Row, among, columns_of, pages_of, upsert
from migrator.store.tables import LinkRow, SourceRecord, TargetActivity


@dataclass(frozen=True, slots=True)
class NewLink:
    """What a write or an adoption taught us of one record; `sent` is None when rebuilt from MOCO alone."""

    source_id: SourceId
    sent: Booking | None
    entry: TargetEntry
    disregarded: bool = False
    answered: Booking | None = None
    """What MOCO answered, where a person edited the activity before we saw it; else as `entry` shows it."""


@quickly_made
@dataclass(frozen=True, slots=True)
class SavedLink:
    """A link with what is known around it; `gone` once a request by id answered 404."""

    source_id: SourceId
    link: Link
    run_id: int
    linked_at: datetime
    gone: bool


@dataclass(frozen=True, slots=True)
class Canary:
    """A marker that is known to exist in MOCO: a listing that does not show it is not to be trusted."""

    marker: str
    activity_id: MocoId
    day: date


def links_of(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, Link]:
    """The links of these records, as far as there are any."""
    return {saved.source_id: saved.link for saved in saved_links(session, source_ids)}


def saved_links(session: Session, source_ids: Collection[SourceId]) -> tuple[SavedLink, ...]:
    """The links of these records with their runs, in the order of the ids."""
    return tuple(
        _saved(*row)
        for page in pages_of(sorted(source_ids))
        for row in session.execute(
            select(*_COLUMNS).where(among(session, LinkRow.source_id, page)).order_by(LinkRow.source_id)
        )
    )


def links_of_run(session: Session, run_id: int) -> Iterator[tuple[SavedLink, ...]]:
    """The links that were last written in one run, in pages by record id; for undoing it."""
    after = 0
    while True:
        query = select(*_COLUMNS).where(LinkRow.run_id == run_id, LinkRow.source_id > after)
        page = tuple(_saved(*row) for row in session.execute(query.order_by(LinkRow.source_id).limit(PAGE)))
        if not page:
            return
        yield page
        after = page[-1].source_id


def linked_source_ids(session: Session, activity_ids: Collection[MocoId]) -> dict[MocoId, SourceId]:
    """Which record each of these activities is linked to, as far as it is."""
    found: dict[MocoId, SourceId] = {}
    for page in pages_of(activity_ids):
        query = select(LinkRow.activity_id, LinkRow.source_id).where(LinkRow.activity_id.in_(page))
        for activity_id, source_id in session.execute(query):
            found[MocoId(activity_id)] = SourceId(source_id)
    return found


def put_link(
    session: Session,
    source_id: SourceId,
    *,
    sent: Booking | None,
    entry: TargetEntry,
    run_id: int,
    now: datetime,
) -> None:
    """Remember that `entry` is the activity of a record, as MOCO showed it."""
    put_links(session, [NewLink(source_id, sent, entry)], run_id, now)


def put_links(session: Session, links: Iterable[NewLink], run_id: int, now: datetime) -> None:
    """Remember many links; one that exists is replaced."""
    for page in pages_of(links):
        upsert(session, LinkRow, [_columns(link, run_id, now) for link in page])


def close_link(session: Session, source_id: SourceId) -> None:
    """Forget the link of a record."""
    session.execute(delete(LinkRow).where(LinkRow.source_id == source_id))


def mark_gone(session: Session, source_id: SourceId, gone: bool) -> None:
    """Remember whether the linked activity is proved gone (a request by id answered 404)."""
    session.execute(update(LinkRow).where(LinkRow.source_id == source_id).values(gone=gone))


def mark_disregarded(session: Session, source_ids: Collection[SourceId], disregarded: bool) -> None:
    """Remember whether we asked MOCO to mark the linked activities as already billed."""
    for page in pages_of(source_ids):
        session.execute(update(LinkRow).where(LinkRow.source_id.in_(page)).values(disregarded=disregarded))


def count_links(session: Session) -> int:
    """How many records are linked."""
    return session.scalar(select(func.count()).select_from(LinkRow)) or 0


def any_link(session: Session) -> Canary | None:
    """Some link to an activity not known to be gone, the newest; None when there is none."""
    return next(iter(_newest(session, None, 1)), None)


def canary_of(session: Session, user_id: MocoId) -> list[Canary]:
    """Up to three newest activities of a person that are known to exist."""
    return _newest(session, user_id, 3)


def _newest(session: Session, user_id: MocoId | None, limit: int) -> list[Canary]:
    query = select(LinkRow).where(~LinkRow.gone)
    if user_id is not None:
        query = query.where(LinkRow.user_id == user_id)
    found = []
    for row in session.scalars(query.order_by(LinkRow.activity_id.desc()).limit(limit)):
        booking = from_canonical(row.answered)
        found.append(Canary(booking.marker, MocoId(row.activity_id), booking.day))
    return found


def _columns(link: NewLink, run_id: int, now: datetime) -> Row:
    entry = link.entry
    return {
        "source_id": link.source_id,
        "activity_id": entry.id,
        "user_id": entry.booking.user_id,
        "sent": None if link.sent is None else canonical(link.sent),
        "answered": canonical(link.answered or entry.booking),
        "version": VERSION,
        "updated_at": entry.updated_at,
        "disregarded": link.disregarded,
        "run_id": run_id,
        "linked_at": now,
        "gone": False,
    }


_COLUMNS = columns_of(
    LinkRow,
    *("source_id", "run_id", "linked_at", "gone"),
    *("activity_id", "sent", "answered", "version", "updated_at", "disregarded"),
)


def _saved(
    source_id: int,
    run_id: int,
    linked_at: datetime,
    gone: bool,
    activity_id: int,
    sent: str | None,
    answered: str,
    *rest: Any,
) -> SavedLink:
    """The link of the values of `_COLUMNS`."""
    known = from_canonical(answered)
    # Mostly MOCO answers what was sent.
    asked = known if sent == answered else None if sent is None else from_canonical(sent)
    return SavedLink(SourceId(source_id), Link(MocoId(activity_id), asked, known, *rest), run_id, linked_at, gone)


def linked_between(session: Session, user_id: MocoId, first: date, last: date, before: datetime) -> dict[str, MocoId]:
    """A person's activities on some days (inclusive) that were linked before a moment, oldest first, by marker."""
    query = (
        select(TargetActivity.marker, TargetActivity.id)
        .join(LinkRow, LinkRow.activity_id == TargetActivity.id)
        .where(
            LinkRow.user_id == user_id,
            LinkRow.gone.is_(False),
            LinkRow.linked_at <= before,
            TargetActivity.day.between(first, last),
        )
        .order_by(LinkRow.linked_at, LinkRow.source_id)
    )
    return {marker: MocoId(activity_id) for marker, activity_id in session.execute(query)}


def without_activity(session: Session, after: int = 0, size: int = 100) -> dict[SourceId, MocoId]:
    """Linked activities that the snapshot does not show and that are not known to be gone, by record."""
    query = (
        select(LinkRow.source_id, LinkRow.activity_id)
        .outerjoin(TargetActivity, TargetActivity.id == LinkRow.activity_id)
        .where(TargetActivity.id.is_(None), LinkRow.gone.is_(False), LinkRow.source_id > after)
        .order_by(LinkRow.source_id)
        .limit(size)
    )
    return {SourceId(source_id): MocoId(activity_id) for source_id, activity_id in session.execute(query)}


def newest_durations(session: Session, limit: int) -> list[tuple[Seconds, Seconds]]:
    """What was sent and what MOCO stored, of the links written last; those rebuilt from MOCO alone tell nothing."""
    query = select(LinkRow.sent, LinkRow.answered).where(LinkRow.sent.is_not(None))
    rows = session.execute(query.order_by(LinkRow.linked_at.desc(), LinkRow.source_id).limit(limit))
    return [(from_canonical(sent).seconds, from_canonical(answered).seconds) for sent, answered in rows if sent]


def newest_in_project(session: Session, project_id: SourceId) -> datetime | None:
    """When a record of one project of ActiveCollab was last linked or changed in MOCO; None when none ever was."""
    query = (
        select(func.max(LinkRow.linked_at))
        .join(SourceRecord, SourceRecord.id == LinkRow.source_id)
        .where(SourceRecord.project_id == project_id)
    )
    return session.scalar(query)
