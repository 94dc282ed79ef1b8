"""The snapshot: every activity as MOCO last showed it, and the listings it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, distinct, func, select
from sqlalchemy.orm import Session

from migrator.core.model import MocoId, SourceId, TargetEntry
from migrator.store.rows import ACTIVITY_COLUMNS, PAGE, activity_row, among, pages_of, target_entry, upsert
from migrator.store.tables import Scan, SourceRecord, TargetActivity
from migrator.store.target_masters import TargetKind, add_masters, is_deactivated, load_target_masters, save_masters

__all__ = [
    "DAYS",
    "PART",
    "RANGE",
    "WINDOW",
    "TargetKind",
    "add_masters",
    "begin_scan",
    "count_duplicates",
    "count_in_range",
    "entries_above",
    "entries_by_id",
    "entries_marked",
    "finish_scan",
    "forget",
    "has_entries",
    "is_deactivated",
    "last_look",
    "load_target_masters",
    "marked_days",
    "orphan_markers",
    "save_masters",
    "store_entries",
]

RANGE = "range"
"""The kind of a scan that lists everything on all days on which there is anything of ours."""

WINDOW = "window"
"""The kind of a scan that lists everything on the recent days and later."""

PART = "part"
"""The kind of a scan that lists everything on some other days."""

DAYS = (RANGE, WINDOW, PART)
"""Whatever such a scan, once complete, does not show on its days is not there; a missing day is no limit."""


def begin_scan(
    session: Session,
    run_id: int,
    kind: str,
    *,
    started_at: datetime,
    day_from: date | None = None,
    day_to: date | None = None,
) -> int:
    """Record that a listing begins; returns its number."""
    scan = Scan(run_id=run_id, kind=kind, started_at=started_at, day_from=day_from, day_to=day_to)
    session.add(scan)
    session.flush()
    return scan.id


def store_entries(
    session: Session, entries: Iterable[TargetEntry], instance: str, *, scan_id: int | None = None
) -> None:
    """Store activities as MOCO showed them; a marker counts as ours when it names `instance`.

    Without `scan_id` they were shown beside any listing: then every listing under way takes them as shown to it,
    because it may have passed their place before they came to be.
    """
    if scan_id is None:
        scan_id = session.scalar(select(func.max(Scan.id))) or 0
    for page in pages_of(entries):
        rows = [activity_row(entry, scan_id, instance) for entry in page]
        upsert(session, TargetActivity, rows, grow=["seen_scan"])


def finish_scan(session: Session, scan_id: int, *, rows: int, pages: int, complete: bool) -> int:
    """Record how a listing ended; returns how many activities left the snapshot.

    When everything on its days was listed, what neither it nor a newer listing showed there has left MOCO
    or these days.
    """
    scan = session.get_one(Scan, scan_id)
    scan.rows, scan.pages, scan.complete = rows, pages, complete
    session.flush()
    if not complete or scan.kind not in DAYS:
        return 0
    not_shown = [TargetActivity.seen_scan < scan.id]
    if scan.day_from is not None:
        not_shown.append(TargetActivity.day >= scan.day_from)
    if scan.day_to is not None:
        not_shown.append(TargetActivity.day <= scan.day_to)
    gone = session.scalar(select(func.count()).where(*not_shown)) or 0
    session.execute(delete(TargetActivity).where(*not_shown).execution_options(synchronize_session=False))
    return gone


def entries_marked(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, tuple[TargetEntry, ...]]:
    """The activities that carry the marker of each record, in the order of their ids."""
    found: dict[SourceId, tuple[TargetEntry, ...]] = {}
    for page in pages_of(source_ids):
        query = select(TargetActivity.source_id, *ACTIVITY_COLUMNS).where(
            among(session, TargetActivity.source_id, page)
        )
        for source_id, *values in session.execute(query.order_by(TargetActivity.id)):
            found[source_id] = (*found.get(source_id, ()), target_entry(values))
    return found


def entries_by_id(session: Session, activity_ids: Collection[MocoId]) -> dict[MocoId, TargetEntry]:
    """The activities of these ids, as far as the snapshot holds them."""
    found: dict[MocoId, TargetEntry] = {}
    for page in pages_of(activity_ids):
        for values in session.execute(select(*ACTIVITY_COLUMNS).where(among(session, TargetActivity.id, page))):
            entry = target_entry(values)
            found[entry.id] = entry
    return found


def entries_above(session: Session, after: MocoId, size: int = PAGE) -> tuple[TargetEntry, ...]:
    """The next activities of the snapshot above the id `after`."""
    query = select(*ACTIVITY_COLUMNS).where(TargetActivity.id > after).order_by(TargetActivity.id).limit(size)
    return tuple(target_entry(values) for values in session.execute(query))


def orphan_markers(session: Session, after: int = 0, size: int = PAGE) -> tuple[TargetEntry, ...]:
    """The next activities above the id `after` whose marker is ours but whose record is not staged."""
    staged = select(SourceRecord.id).where(SourceRecord.id == TargetActivity.source_id).exists()
    query = (
        select(*ACTIVITY_COLUMNS)
        .where(TargetActivity.id > after, TargetActivity.source_id.is_not(None), ~staged)
        .order_by(TargetActivity.id)
        .limit(size)
    )
    return tuple(target_entry(values) for values in session.execute(query))


def count_in_range(session: Session, day_from: date, day_to: date) -> int:
    """How many activities the snapshot holds between two days, both included."""
    return session.scalar(select(func.count()).where(TargetActivity.day.between(day_from, day_to))) or 0


def forget(session: Session, activity_ids: Sequence[MocoId]) -> None:
    """Take activities that are gone out of the snapshot."""
    for page in pages_of(activity_ids):
        session.execute(
            delete(TargetActivity).where(TargetActivity.id.in_(page)).execution_options(synchronize_session=False)
        )


def has_entries(session: Session, user_id: MocoId, first: date, last: date) -> bool:
    """Whether the snapshot shows anything of a person on some days (inclusive)."""
    query = select(TargetActivity.id).where(TargetActivity.user_id == user_id, TargetActivity.day.between(first, last))
    return session.scalar(query.limit(1)) is not None


def last_look(session: Session) -> datetime | None:
    """Up to when the snapshot is whole; None while the days were never listed whole.

    That is the start of the newest complete listing by our clock, or the newest change that MOCO showed by its
    own, whichever is earlier: a clock of ours that runs ahead must not hide changes. A listing of some days says
    nothing about changes on the others.
    """
    if session.scalar(select(Scan.id).where(Scan.kind == RANGE, Scan.complete).limit(1)) is None:
        return None
    started = session.scalar(select(func.max(Scan.started_at)).where(Scan.complete, Scan.kind.not_in([WINDOW, PART])))
    changed = session.scalar(select(func.max(TargetActivity.updated_at)))
    return min((moment for moment in (started, changed) if moment is not None), default=None)


def count_duplicates(session: Session) -> int:
    """How many activities carry a marker of ours beyond the one each record may have."""
    marked = select(func.count(TargetActivity.source_id) - func.count(distinct(TargetActivity.source_id))).where(
        TargetActivity.source_id.is_not(None)
    )
    return session.scalar(marked) or 0


def marked_days(session: Session) -> tuple[date | None, date | None]:
    """The first and last day on which the snapshot shows something of ours."""
    first, last = session.execute(
        select(func.min(TargetActivity.day), func.max(TargetActivity.day)).where(TargetActivity.source_id.is_not(None))
    ).one()
    return first, last


def running_timers(session: Session) -> tuple[MocoId, ...]:
    """The activities whose timer ran when MOCO last showed them."""
    query = select(TargetActivity.id).where(TargetActivity.timer_running).order_by(TargetActivity.id)
    return tuple(MocoId(found) for found in session.scalars(query))
