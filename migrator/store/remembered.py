"""All that is remembered of one record, for `explain`: its copies, its words, its requests, who showed it last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from migrator.core.model import MocoId, Origin, Rejected, Seconds, SourceId
from migrator.store.rows import optional_source_id, pages_of
from migrator.store.tables import (
    InboxItem,
    Intent,
    LinkRow,
    MadeRow,
    MappingVersion,
    Run,
    Scan,
    SourceRecord,
    SourceReject,
    TargetActivity,
    UndoneRow,
    WorkRow,
)


@dataclass(frozen=True, slots=True)
class StagedCopy:
    """What is kept of the newest copy of a record beside its values; `program` is the version that read it last."""

    origin: Origin
    fragment_hash: str
    content_hash: str
    warnings: tuple[str, ...]
    read_run: int
    changed_run: int
    program: str
    rejected: str
    fate: str
    fate_told: str
    fate_run: int


@dataclass(frozen=True, slots=True)
class KeptReject:
    """A copy that cannot be used, and the run that read it."""

    value: Rejected
    read_run: int


@dataclass(frozen=True, slots=True)
class RunWord:
    """What one run did about a record: the write, and the word it ended in (empty while pending)."""

    run_id: int
    write: str
    word: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class RunName:
    """A run as a person tells it from others."""

    id: int
    kind: str
    verdict: str
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class ShownBy:
    """The listing of MOCO that showed an activity last, or had begun when it was shown beside any listing."""

    scan: int
    run_id: int
    kind: str
    listed_at: datetime


@dataclass(frozen=True, slots=True)
class VersionMade:
    """Who put a version of the mapping into force, when, and out of what."""

    id: int
    created_at: datetime
    made_by: str
    origin: str


def is_known(session: Session, source_id: SourceId) -> bool:
    """Whether anything at all is remembered of a record."""
    columns = (
        SourceRecord.id,
        SourceReject.source_id,
        LinkRow.source_id,
        Intent.source_id,
        InboxItem.source_id,
        TargetActivity.source_id,
    )
    return any(session.scalar(select(column).where(column == source_id).limit(1)) is not None for column in columns)


def staged_copy(session: Session, source_id: SourceId) -> StagedCopy | None:
    """The newest copy of a record; None where none could be used."""
    return staged_copies(session, [source_id]).get(source_id)


def staged_copies(session: Session, source_ids: Collection[SourceId]) -> dict[SourceId, StagedCopy]:
    """The newest copies of these records, as far as they could be used."""
    programs: dict[int, str] = {}
    found: dict[SourceId, StagedCopy] = {}
    columns = (
        *(SourceRecord.id, SourceRecord.document, SourceRecord.line, SourceRecord.fragment_hash),
        *(SourceRecord.content_hash, SourceRecord.warnings, SourceRecord.read_run, SourceRecord.changed_run),
        *(SourceRecord.rejected, SourceRecord.fate, SourceRecord.fate_told, SourceRecord.fate_run),
    )
    for page in pages_of(source_ids):
        for row in session.execute(select(*columns).where(SourceRecord.id.in_(page))):
            if row.read_run not in programs:
                programs[row.read_run] = session.scalar(select(Run.program).where(Run.id == row.read_run)) or ""
            found[SourceId(row.id)] = StagedCopy(
                origin=Origin(row.document, row.line),
                fragment_hash=row.fragment_hash,
                content_hash=row.content_hash,
                warnings=tuple(filter(None, row.warnings.split("\n"))),
                read_run=row.read_run,
                changed_run=row.changed_run,
                program=programs[row.read_run],
                rejected=row.rejected,
                fate=row.fate,
                fate_told=row.fate_told,
                fate_run=row.fate_run,
            )
    return found


def rejects_of(session: Session, source_id: SourceId) -> tuple[KeptReject, ...]:
    """The copies of a record that cannot be used, by document and line."""
    query = select(SourceReject).where(SourceReject.source_id == source_id)
    return _rejects(session, query.order_by(SourceReject.document, SourceReject.line, SourceReject.id))


def rejects_at(session: Session, place: str) -> tuple[KeptReject, ...]:
    """The copies without a readable id that stand at a place, as `Origin` writes it."""
    document, colon, line = place.rpartition(":")
    numbered = colon and line.isascii() and line.isdigit() and len(line) <= 18
    origin = (document, int(line)) if numbered else (place, 0)
    query = select(SourceReject).where(SourceReject.document == origin[0], SourceReject.line == origin[1])
    return _rejects(session, query.where(SourceReject.source_id.is_(None)).order_by(SourceReject.id))


def _rejects(session: Session, query: Select[SourceReject]) -> tuple[KeptReject, ...]:
    return tuple(
        KeptReject(
            Rejected(
                origin=Origin(row.document, row.line),
                source_id=optional_source_id(row.source_id),
                field=row.field,
                value=row.value,
                expected=row.expected,
                seconds=Seconds(row.seconds),
                updated_on=row.updated_on,
                version=row.version,
                fragment=row.fragment,
            ),
            row.read_run,
        )
        for row in session.scalars(query)
    )


def words_of(session: Session, source_id: SourceId) -> tuple[RunWord, ...]:
    """What every run that queued a write for a record came to, oldest first."""
    query = select(WorkRow).where(WorkRow.source_id == source_id).order_by(WorkRow.run_id)
    return tuple(RunWord(row.run_id, row.write, row.word, row.reason, row.detail) for row in session.scalars(query))


def runs_named(session: Session, ids: set[int]) -> dict[int, RunName]:
    """Some runs by number."""
    query = select(Run).where(Run.id.in_(ids))
    return {row.id: RunName(row.id, row.kind, row.verdict, row.exit_code) for row in session.scalars(query)}


def place_in_batch(session: Session, batch: str, intent_id: int) -> tuple[int, int]:
    """Which row of its request an intent was, from 1 on, and of how many."""
    earlier = select(func.count()).where(Intent.batch == batch, Intent.id <= intent_id)
    whole = select(func.count()).where(Intent.batch == batch)
    return session.scalar(earlier) or 0, session.scalar(whole) or 0


def shown_by(session: Session, activity_id: MocoId) -> ShownBy | None:
    """The listing that showed an activity last; None for one that the snapshot does not hold."""
    query = (
        select(Scan).join(TargetActivity, TargetActivity.seen_scan == Scan.id).where(TargetActivity.id == activity_id)
    )
    scan = session.scalar(query)
    return None if scan is None else ShownBy(scan.id, scan.run_id, scan.kind, scan.started_at)


def held_since_undo(session: Session, source_id: SourceId) -> tuple[int, datetime] | None:
    """The run that was taken back, and when, where the record is still held because of it."""
    row = session.get(UndoneRow, source_id, populate_existing=True)
    return None if row is None else (row.run_id, row.undone_at)


def version_made(session: Session, version: int) -> VersionMade | None:
    """How a version of the mapping came about."""
    row = session.get(MappingVersion, version)
    return None if row is None else VersionMade(row.id, row.created_at, row.made_by, row.origin)


def made_in(session: Session, kind: str, source_id: SourceId) -> tuple[int, bool] | None:
    """The run that created a company, project or person in MOCO, and whether it found it there; None for others."""
    row = session.get(MadeRow, (kind, source_id))
    return None if row is None else (row.run_id, row.adopted)
