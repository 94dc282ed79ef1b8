"""`read`: what ActiveCollab exported goes into the database; never talks to MOCO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from migrator.activecollab.export import find_documents, read_documents
from migrator.app.answer import Answer
from migrator.app.runs import ended, started
from migrator.app.wiring import Workplace
from migrator.core.actions import HoldReason, Word
from migrator.core.duration import format_hours
from migrator.core.fingerprint import digest
from migrator.core.model import (
    DocumentProblem,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    Reading,
    Rejected,
    Seconds,
)
from migrator.errors import ExitCode, MigratorError, severest
from migrator.store import inbox, source, totals
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.staging import StageCounts
from migrator.store.totals import SourceTotals

BATCH = 1000
"""Records of one transaction."""

SHOWN = 20
"""Rejects and problems shown in the text; the JSON answer carries them all up to `LISTED`."""

LISTED = 10_000


@dataclass(slots=True)
class DocumentCount:
    """What one document held."""

    name: str
    entries: int = 0
    rejects: int = 0
    expenses: int = 0
    masters: int = 0
    problem: str = ""
    batches: int = 0

    @property
    def usable(self) -> bool:
        return not self.problem or self.entries + self.rejects + self.expenses + self.masters > 0


@dataclass(slots=True)
class ReadBook:
    """What one reading found, without growing with the number of records."""

    documents: list[DocumentCount] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def staged(self, counts: StageCounts) -> None:
        """Add what a transaction stored."""
        for name in ("new", "changed", "unchanged", "superseded", "conflicting"):
            self.counts[name] += getattr(counts, name)


def read_source(place: Workplace, paths: Sequence[str]) -> Answer:
    """Read the named files, or those of the configuration, and say what was found.

    Raises `UsageError` for a path or glob that matches nothing, `MigratorError` when nothing was usable at all.
    """
    config = place.config
    base = Path.cwd() if paths else (config.path.parent if config.path else Path.cwd())
    documents = find_documents(tuple(paths) or config.activecollab.files, base)
    book = ReadBook()
    with started(place, "read") as run_id:
        with place.progress.phase("reading ActiveCollab", len(documents)) as bar:
            for path in documents:
                _read_document(place, run_id, path, base, book)
                bar.advance(1)
        if documents and not any(document.usable for document in book.documents):
            problem = book.documents[0].problem
            raise MigratorError(
                f"none of {len(documents)} documents can be used; the first: {problem}",
                hint="check activecollab.files: they should be what ActiveCollab's API or export answered",
            )
        _fill_inbox(place, run_id)
        answer = _answer(place, run_id, book)
        ended(place, run_id, answer.exit_code, answer.document)
    return answer


def _read_document(place: Workplace, run_id: int, path: Path, base: Path, book: ReadBook) -> None:
    """Stage one document in batches; a small one in a single transaction."""
    zone = ZoneInfo(place.config.activecollab.timezone)
    # A day is over in some time zones before it is in UTC.
    today = place.clock.today() + timedelta(days=1)
    count = DocumentCount(path.name)
    ended = False
    batches = _batches(read_documents([path], base, timezone=zone, today=today))
    while not ended:
        batch = next(batches, [])
        first, ended = count.batches == 0, len(batch) < BATCH
        if batch and first:
            count.name = batch[0].origin.document
        for each in batch:
            _count(count, each)
        count.batches += 1
        with writing(place.engine) as session:
            if first:
                source.begin_document(session, run_id, count.name)
            book.staged(source.stage(session, run_id, batch))
            if ended:
                _finish_document(session, run_id, count)
    book.documents.append(count)


def _finish_document(session: Session, run_id: int, count: DocumentCount) -> None:
    source.finish_document(
        session,
        run_id,
        count.name,
        entries=count.entries,
        rejects=count.rejects,
        expenses=count.expenses,
        problem=count.problem,
    )


def _fill_inbox(place: Workplace, run_id: int) -> None:
    """What cannot be used waits for a person; what was corrected waits no more."""
    now = place.clock.now()
    with writing(place.engine) as session:
        rejects = source.list_rejects(session)
        items = (
            NewItem(
                kind=ItemKind.REJECTED,
                reason=HoldReason.REJECTED.value,
                message=each.message,
                source_id=each.source_id,
                place=str(each.origin),
                digest=digest([each.message]),
            )
            for each in rejects
        )
        inbox.sync_inbox(session, run_id, items, now)
        inbox.close_unseen(session, run_id, [ItemKind.REJECTED])


def _count(count: DocumentCount, each: Reading) -> None:
    match each:
        case FoundEntry():
            count.entries += 1
        case FoundMaster():
            count.masters += 1
        case Rejected():
            count.rejects += 1
        case ExpenseIgnored():
            count.expenses += 1
        case DocumentProblem(message=message):
            count.problem = message


def _batches(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    batch: list[Reading] = []
    for each in readings:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _answer(place: Workplace, run_id: int, book: ReadBook) -> Answer:
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
        rejects = source.list_rejects(session)
        expenses = totals.count_expenses(session)
    problems = [f"{document.name}: {document.problem}" for document in book.documents if document.problem]
    rejected = staged.rejects_without_key + staged.rejected_keys
    records = staged.records + staged.rejects_without_key
    seconds = staged.seconds + staged.reject_seconds
    code = severest(ExitCode.NEEDS_A_PERSON if rejected or problems else ExitCode.DONE)
    verdict = _verdict(staged, records, rejected, problems, len(book.documents))
    document: dict[str, object] = {
        "schema": "migrator.read/1",
        "run": run_id,
        "verdict": verdict,
        "counts": {
            "read": records,
            Word.REJECTED.value: rejected,
            "superseded": book.counts["superseded"],
            "expenses_ignored": expenses,
            "trashed": staged.trashed,
            "private": staged.private,
            "people": staged.people,
            "projects": staged.projects,
            **{name: book.counts[name] for name in ("new", "changed", "unchanged", "conflicting")},
        },
        "seconds": {"read": seconds, Word.REJECTED.value: staged.reject_seconds},
        "first_day": staged.first_day.isoformat() if staged.first_day else None,
        "last_day": staged.last_day.isoformat() if staged.last_day else None,
        "documents": [
            {
                "name": each.name,
                "records": each.entries,
                "rejects": each.rejects,
                "expenses": each.expenses,
                "problem": each.problem,
            }
            for each in book.documents
        ],
        "rejects": [
            {
                "source_id": each.source_id,
                "file": each.origin.document,
                "line": each.origin.line,
                "field": each.field,
                "value": each.value,
                "expected": each.expected,
                "message": each.message,
            }
            for each in rejects[:LISTED]
        ],
        "problems": problems,
        "requests": {},
        "exit_code": int(code),
    }
    lines = [verdict, _found(staged, book, expenses)]
    lines += [f"  {each.message}" for each in rejects[:SHOWN]]
    if len(rejects) > SHOWN:
        lines.append(f"  … and {len(rejects) - SHOWN:,} more: `migrator inbox list --kind rejected`")
    lines += [f"  {problem}" for problem in problems[:SHOWN]]
    return Answer("\n".join(lines), document, code)


def _verdict(staged: SourceTotals, records: int, rejected: int, problems: Sequence[str], documents: int) -> str:
    hours = format_hours(Seconds(staged.seconds + staged.reject_seconds))
    days = f", {staged.first_day} to {staged.last_day}" if staged.first_day else ""
    state = "all usable" if not rejected else f"{rejected:,} rejected"
    broken = f"; {len(problems):,} of {documents:,} documents not wholly readable" if problems else ""
    return f"{records:,} time records with {hours} h are known from ActiveCollab{days}; {state}{broken}."


def _found(staged: SourceTotals, book: ReadBook, expenses: int) -> str:
    counts = book.counts
    parts = [f"{counts[name]:,} {name}" for name in ("new", "changed", "unchanged", "superseded") if counts[name]]
    beside = [f"{staged.people:,} people", f"{staged.projects:,} projects"]
    beside += [f"{staged.trashed:,} trashed"] if staged.trashed else []
    beside += [f"{expenses:,} expenses not counted"] if expenses else []
    return f"This reading: {', '.join(parts) or 'no time records'}. In all: {', '.join(beside)}."
