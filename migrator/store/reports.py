"""What a report asks of all that is stored, in sums, and the reports that were made before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from migrator.core.model import LIVE, MocoId, SourceId
from migrator.store.account import fact, learn
from migrator.store.rows import table_of, whole_sum
from migrator.store.tables import (
    Intent,
    LinkRow,
    MappingRow,
    MappingVersion,
    ReportRow,
    Run,
    Scan,
    SourceDocument,
    SourceListing,
    TargetActivity,
)
from migrator.store.target import DAYS
from migrator.store.totals import source_version

_CONCERNED = ("create", "update", "withdraw", "undo", "disregard")
"""The kinds of writes that change activities."""

_LINKED = select(LinkRow.source_id).where(LinkRow.activity_id == TargetActivity.id).exists()
_OURS: ColumnElement[bool] = or_(TargetActivity.source_id.is_not(None), _LINKED)


def stamp(session: Session) -> str:
    """A text that is another one as soon as anything was read, written or listed meanwhile."""
    runs = session.execute(select(func.count(), func.count(Run.ended_at))).one()
    writes = session.execute(select(func.max(Intent.id), func.count(Intent.closed_at))).one()
    listed = session.scalar(select(func.max(Scan.id)))
    shown = session.scalar(select(func.max(TargetActivity.seen_scan)))
    return f"{source_version(session)} {tuple(runs)} {tuple(writes)} {listed} {shown}"


# -- what MOCO holds -----------------------------------------------------------------------------------------


def seconds_of_ours(session: Session) -> int:
    """The time of all activities in the snapshot that carry a marker of ours or that a link names."""
    return session.scalar(select(whole_sum(TargetActivity.seconds)).where(_OURS)) or 0


def open_of_others(session: Session, as_of: date) -> dict[MocoId, int]:
    """Billable time that nobody billed, up to a day, of activities that are not ours: seconds by project of MOCO."""
    query = (
        select(TargetActivity.project_id, whole_sum(TargetActivity.seconds))
        .where(~_OURS, TargetActivity.billable, ~TargetActivity.billed, TargetActivity.day <= as_of)
        .group_by(TargetActivity.project_id)
    )
    return {MocoId(project_id): int(seconds) for project_id, seconds in session.execute(query) if seconds}


class Aside(Enum):
    """What `verify` compares beside the records; the value names the fact that keeps how many of them differed."""

    BOOKS = "moco_books_differ"
    """Projects by MOCO's own reports."""

    PRESENCES = "presences_differ"


def remember_differing(session: Session, what: Aside, many: int, at: datetime) -> None:
    """Keep how many differed when they were last compared whole."""
    learn(session, what.value, str(many), at)


def last_differing(session: Session, what: Aside) -> int:
    """How many differed then; 0 when nobody compared them."""
    return int(fact(session, what.value) or 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to which listing MOCO is known, and the last write to it; None where there was none."""

    listed_at: datetime | None
    listed_ended: datetime | None
    written_at: datetime | None

    @property
    def since_last_write(self) -> bool:
        """Whether MOCO was listed whole after whatever was written last."""
        return self.listed_at is not None and (self.written_at is None or self.written_at <= self.listed_at)


def seen(session: Session, first: date | None, last: date | None) -> Seen:
    """The newest complete listing of all days from `first` to `last`, and the last write of an activity."""
    covers = [Scan.complete, Scan.kind.in_(DAYS)]
    if first is not None and last is not None:
        covers.append(or_(Scan.day_from.is_(None), Scan.day_from <= first))
        covers.append(or_(Scan.day_to.is_(None), Scan.day_to >= last))
    scan = session.scalar(select(Scan).where(and_(*covers)).order_by(Scan.started_at.desc()).limit(1))
    ended = None if scan is None else session.scalar(select(Run.ended_at).where(Run.id == scan.run_id))
    write = select(func.max(func.coalesce(Intent.closed_at, Intent.sent_at))).where(Intent.write.in_(_CONCERNED))
    return Seen(None if scan is None else scan.started_at, ended, session.scalar(write))


# -- the source ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Extract:
    """What was read of ActiveCollab, and when; `problems` counts documents and lists that were not read whole."""

    documents: tuple[str, ...]
    lists: int
    begun: datetime | None
    ended: datetime | None
    problems: int


def extract(session: Session) -> Extract:
    """The reading that the staged records come from: its files, its lists, or both."""
    # What a running ActiveCollab answered is told by its lists.
    columns = (SourceDocument.name, SourceDocument.read_run, SourceDocument.problem)
    documents = session.execute(select(*columns).where(~SourceDocument.name.startswith(LIVE))).all()
    files = {row.read_run for row in documents}
    moments = session.execute(select(func.min(Run.started_at), func.max(Run.ended_at)).where(Run.id.in_(files))).one()
    lists, begun, ended = session.execute(
        select(func.count(), func.min(SourceListing.whole_at), func.max(SourceListing.whole_at))
    ).one()
    broken = session.scalar(select(func.count()).select_from(SourceListing).where(SourceListing.problem != "")) or 0
    starts = [moment for moment in (moments[0], begun) if moment is not None]
    ends = [moment for moment in (moments[1], ended) if moment is not None]
    return Extract(
        documents=tuple(sorted(row.name for row in documents)),
        lists=lists,
        begun=min(starts, default=None),
        ended=max(ends, default=None),
        problems=broken + sum(bool(row.problem) for row in documents),
    )


def expenses(session: Session) -> list[tuple[int, str]]:
    """How many expenses each document or list holds, and their sums as `core.expenses` writes them."""
    query = select(SourceDocument.expenses, SourceDocument.amounts).where(SourceDocument.expenses > 0)
    return [(count, amounts) for count, amounts in session.execute(query)]


# -- the mapping ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the mapping, and who applied it."""

    id: int
    created_at: datetime
    origin: str
    made_by: str


def version_in_force(session: Session) -> Version | None:
    """The mapping in force; None while there is none."""
    row = session.scalar(select(MappingVersion).order_by(MappingVersion.id.desc()).limit(1))
    return None if row is None else Version(row.id, row.created_at, row.origin, row.made_by)


def decided_rows(session: Session, version: int) -> dict[str, int]:
    """How many rows a version has, by kind and action: `user map`."""
    query = (
        select(MappingRow.kind, MappingRow.action, func.count())
        .where(MappingRow.version_id == version)
        .group_by(MappingRow.kind, MappingRow.action)
        .order_by(MappingRow.kind, MappingRow.action)
    )
    return {f"{kind} {action}": count for kind, action, count in session.execute(query)}


def stand_in_versions(session: Session) -> dict[SourceId, Version]:
    """For each stand-in in force the version that made them what they are, with nothing else in between."""
    versions = {
        row.id: Version(row.id, row.created_at, row.origin, row.made_by)
        for row in session.scalars(select(MappingVersion).order_by(MappingVersion.id))
    }
    query = select(MappingRow).where(MappingRow.kind == "user").order_by(MappingRow.version_id)
    chosen: dict[SourceId, tuple[int, int | None, int]] = {}
    for row in session.scalars(query):
        key = SourceId(row.source_id)
        before = chosen.get(key)
        if row.action != "stand_in":
            chosen.pop(key, None)
        elif before is None or before[1] != row.target_id or not _follows(versions, before[2], row.version_id):
            chosen[key] = (row.version_id, row.target_id, row.version_id)
        else:
            chosen[key] = (before[0], before[1], row.version_id)
    newest = max(versions, default=0)
    return {key: versions[first] for key, (first, _, last) in chosen.items() if last == newest}


def _follows(versions: dict[int, Version], before: int, after: int) -> bool:
    """Whether no version lies between two."""
    return not any(before < number < after for number in versions)


# -- reports -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A report that was made; `totals` is JSON as text."""

    id: int
    run_id: int
    made_at: datetime
    made_by: str
    fingerprint: str
    verdict: str
    directory: str
    totals: str


def save_report(
    session: Session,
    *,
    run_id: int,
    made_at: datetime,
    made_by: str,
    fingerprint: str,
    verdict: str,
    directory: str,
    totals: str,
) -> None:
    """Remember that a report was made."""
    row = {
        "run_id": run_id,
        "made_at": made_at,
        "made_by": made_by,
        "fingerprint": fingerprint,
        "verdict": verdict,
        "directory": directory,
        "totals": totals,
    }
    session.execute(insert(table_of(ReportRow)), [row])


def is_known(session: Session, fingerprint: str) -> bool:
    """Whether this database made the report with that fingerprint."""
    return session.scalar(select(func.count()).where(ReportRow.fingerprint == fingerprint)) != 0


def reports_before(session: Session, limit: int = 20) -> tuple[SavedReport, ...]:
    """The reports made last, newest first."""
    query = select(ReportRow).order_by(ReportRow.id.desc()).limit(limit)
    return tuple(
        SavedReport(
            row.id,
            row.run_id,
            row.made_at,
            row.made_by,
            row.fingerprint,
            row.verdict,
            row.directory,
            row.totals,
        )
        for row in session.scalars(query)
    )
