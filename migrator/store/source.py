"""Staging: the newest copy of every time record, those that cannot be used, the documents that were read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from migrator.core.fingerprint import content_hash
from migrator.core.model import (
    FoundEntry,
    FoundMaster,
    Origin,
    Reading,
    Rejected,
    Seconds,
    SourceId,
)
from migrator.store.copies import Stored, disputed, insert_stored, load_stagings, mark_read, stored_form
from migrator.store.rows import Row, optional_source_id, pages_of, source_row, table_of, upsert
from migrator.store.source_masters import load_masters, stage_masters
from migrator.store.staging import StageCounts, Staged, StagedReject
from migrator.store.tables import SourceDocument, SourceRecord, SourceReject
from migrator.store.totals import By, Hours, SourceTotals, hours_by, source_totals, source_version

__all__ = [
    "By",
    "Hours",
    "SourceTotals",
    "StageCounts",
    "StagedDocument",
    "begin_document",
    "finish_document",
    "hours_by",
    "list_documents",
    "list_rejects",
    "load_masters",
    "source_totals",
    "source_version",
    "stage",
    "stage_masters",
    "unstaged_rejects",
    "was_read",
]

_UNFINISHED = "it was not read to its end"

_AT_ONCE = 5_000
"""Readings staged together; each is one bound value of a question, and SQLite takes 32,766."""

_PLACES = (SourceReject.document, SourceReject.line, SourceReject.id)


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """A document and what was found in it; `problem` is empty when it was read whole."""

    name: str
    read_run: int
    entries: int
    rejects: int
    expenses: int
    problem: str
    amounts: str = "{}"
    """Sums of the expenses, as `core.expenses` writes them."""


def begin_document(session: Session, run_id: int, name: str) -> None:
    """Start reading the document `name`: forget which copies in it could not be used before."""
    session.execute(delete(SourceReject).where(SourceReject.document == name))
    _put_document(session, StagedDocument(name, run_id, 0, 0, 0, _UNFINISHED))


def finish_document(
    session: Session,
    run_id: int,
    name: str,
    *,
    entries: int,
    rejects: int,
    expenses: int = 0,
    problem: str = "",
    amounts: str = "{}",
) -> None:
    """Record what was found in the document `name`; `problem` tells why it could not be read whole."""
    _put_document(session, StagedDocument(name, run_id, entries, rejects, expenses, problem, amounts))


def was_read(session: Session, name: str) -> bool:
    """Whether the document `name` was read to its end the last time."""
    problem = session.scalar(select(SourceDocument.problem).where(SourceDocument.name == name))
    return problem is not None and problem != _UNFINISHED


def list_documents(session: Session) -> tuple[StagedDocument, ...]:
    """Every document ever read, by name."""
    return tuple(
        StagedDocument(row.name, row.read_run, row.entries, row.rejects, row.expenses, row.problem, row.amounts)
        for row in session.scalars(select(SourceDocument).order_by(SourceDocument.name))
    )


def stage(session: Session, run_id: int, found: Iterable[Reading]) -> StageCounts:
    """Store what was read, keeping the newest copy of each record, by the rules of `migrator.store.staging`.

    Expenses and problems of documents are the caller's affair and left aside.
    """
    counts = StageCounts()
    for page in pages_of(found, _AT_ONCE):
        stage_masters(session, [each for each in page if isinstance(each, FoundMaster)])
        copies = [each for each in page if isinstance(each, (FoundEntry, Rejected))]
        counts.add(_stage_copies(session, run_id, copies))
    return counts


def list_rejects(session: Session) -> tuple[Rejected, ...]:
    """Every copy that cannot be used, by document and line."""
    return tuple(_rejected(row) for row in session.scalars(select(SourceReject).order_by(*_PLACES)))


def unstaged_rejects(session: Session) -> tuple[Rejected, ...]:
    """The rejects of which no copy is staged: those without an id, and for each key the longest."""
    staged = select(SourceRecord.id).where(SourceRecord.id == SourceReject.source_id).exists()
    query = select(SourceReject).where(~staged).order_by(*_PLACES)
    by_key: dict[int, Rejected] = {}
    for row in session.scalars(query):
        # Rows without id get keys that no record has.
        key = row.source_id if row.source_id is not None else -row.id
        if key not in by_key or row.seconds >= by_key[key].seconds:
            by_key[key] = _rejected(row)
    return tuple(by_key.values())


def _stage_copies(session: Session, run_id: int, copies: list[FoundEntry | Rejected]) -> StageCounts:
    """Nearly all copies are new, or what is staged already; the rules are asked about the others."""
    counts = StageCounts()
    keys = [_key(each) for each in copies]
    known = [key for key in keys if key is not None]
    left = disputed(session, known)
    present = load_stagings(session, set(known))
    stored_as = stored_form(session)
    new: list[Stored] = []
    seen: list[SourceId] = []
    others: list[FoundEntry | Rejected] = []
    for key, copy in zip(keys, copies, strict=True):
        staged = None if key is None else present.get(key)
        if key is None or key in left or not isinstance(copy, FoundEntry):
            others.append(copy)
        elif staged is None:
            new.append(stored_as(copy))
        elif staged.read_run != run_id and staged.says(copy):
            seen.append(key)
        else:
            others.append(copy)
    counts.new += len(new)
    counts.unchanged += len(seen)
    insert_stored(session, run_id, new)
    mark_read(session, run_id, seen)
    counts.add(_judge_copies(session, run_id, others))
    return counts


def _judge_copies(session: Session, run_id: int, copies: list[FoundEntry | Rejected]) -> StageCounts:
    counts = StageCounts()
    if not copies:
        return counts
    keyless: list[StagedReject] = []
    ids = {_key(each) for each in copies}
    states = _load_states(session, {each for each in ids if each is not None})
    for each in copies:
        match each:
            case FoundEntry(entry=entry):
                states[entry.id].take(source_row(each, content_hash(entry)), run_id, counts)
            case Rejected(source_id=None):
                keyless.append(StagedReject(each, run_id))
                counts.rejected += 1
            case Rejected(source_id=int() as source_id):
                states[SourceId(source_id)].reject(each, run_id)
                counts.rejected += 1
    _store_states(session, run_id, states.values(), keyless)
    return counts


def _key(copy: FoundEntry | Rejected) -> SourceId | None:
    return copy.entry.id if isinstance(copy, FoundEntry) else copy.source_id


def _load_states(session: Session, ids: Collection[SourceId]) -> dict[SourceId, Staged]:
    states = {each: Staged(each) for each in ids}
    table = table_of(SourceRecord)
    for found in session.execute(select(table).where(table.c.id.in_(ids))).mappings():
        row: Row = dict(found)
        state = states[SourceId(found["id"])]
        state.read_run = found["read_run"]
        state.changed_run = found["changed_run"]
        state.rejected = found["rejected"]
        for name in ("read_run", "changed_run", "rejected", "fate", "fate_told", "fate_run"):
            del row[name]
        state.row = row
    for reject in session.scalars(select(SourceReject).where(SourceReject.source_id.in_(ids))):
        assert reject.source_id is not None
        staged = StagedReject(_rejected(reject), reject.read_run, reject.id)
        states[SourceId(reject.source_id)].rejects.append(staged)
    return states


def _store_states(session: Session, run_id: int, states: Collection[Staged], keyless: list[StagedReject]) -> None:
    changed = [state for state in states if state.dirty]
    upsert(
        session,
        SourceRecord,
        [
            {
                **(state.row or {}),
                "read_run": state.read_run,
                "changed_run": state.changed_run,
                "rejected": state.rejected,
            }
            for state in changed
        ],
    )
    only_seen = [state.source_id for state in states if state.seen and not state.dirty]
    if only_seen:
        session.execute(
            update(SourceRecord)
            .where(SourceRecord.id.in_(only_seen), SourceRecord.read_run < run_id)
            .values(read_run=run_id)
            .execution_options(synchronize_session=False)
        )
    dropped = [row_id for state in states for row_id in state.dropped]
    if dropped:
        session.execute(
            delete(SourceReject).where(SourceReject.id.in_(dropped)).execution_options(synchronize_session=False)
        )
    fresh = keyless + [each for state in states for each in state.rejects if each.row_id is None]
    if fresh:
        session.execute(insert(table_of(SourceReject)), [_reject_row(each) for each in fresh])


def _reject_row(reject: StagedReject) -> Row:
    value = reject.value
    return {
        "source_id": value.source_id,
        "document": value.origin.document,
        "line": value.origin.line,
        "field": value.field,
        "value": value.value,
        "expected": value.expected,
        "message": value.message,
        "seconds": value.seconds,
        "updated_on": value.updated_on,
        "version": value.version,
        "read_run": reject.read_run,
        "fragment": value.fragment,
    }


def _rejected(row: SourceReject) -> Rejected:
    return Rejected(
        origin=Origin(row.document, row.line),
        source_id=optional_source_id(row.source_id),
        field=row.field,
        value=row.value,
        expected=row.expected,
        seconds=Seconds(row.seconds),
        updated_on=row.updated_on,
        version=row.version,
        fragment=row.fragment,
    )


def _put_document(session: Session, document: StagedDocument) -> None:
    row: Row = {
        "name": document.name,
        "read_run": document.read_run,
        "entries": document.entries,
        "rejects": document.rejects,
        "expenses": document.expenses,
        "problem": document.problem,
        "amounts": document.amounts,
    }
    upsert(session, SourceDocument, [row])
