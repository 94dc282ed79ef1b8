"""One document of ActiveCollab into the database: a saved file or a live list, in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from migrator.app.wiring import Workplace
from migrator.core.model import (
    DocumentNote,
    DocumentProblem,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    Reading,
    Rejected,
)
from migrator.store import source
from migrator.store.engine import writing
from migrator.store.staging import StageCounts

BATCH = 5000
"""Records of one transaction: with fewer, the pages of indexes are written again and again."""

COUNTED = ("new", "changed", "unchanged", "moved", "superseded", "conflicting")


@dataclass(slots=True)
class DocumentCount:
    """What one document held.

    `records` counts the distinct ones that no other document of this reading showed before, `changes` those of
    them that were new or different.
    """

    name: str
    entries: int = 0
    rejects: int = 0
    expenses: int = 0
    masters: int = 0
    problem: str = ""
    note: str = ""
    batches: int = 0
    records: int = 0
    changes: int = 0

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
        for name in COUNTED:
            self.counts[name] += getattr(counts, name)


def stage_document(
    place: Workplace, run_id: int, name: str, readings: Iterable[Reading], book: ReadBook
) -> DocumentCount:
    """Stage one document in batches, a small one in a single transaction; says what it held.

    It is entered in `book` also when `readings` raises, as a document that was not read to its end.
    """
    count = DocumentCount(name)
    book.documents.append(count)
    ended = False
    batches = _batches(readings)
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
            stored = source.stage(session, run_id, batch)
            if ended:
                finish_document(session, run_id, count)
        book.staged(stored)
        count.records += stored.new + stored.changed + stored.unchanged
        count.changes += stored.new + stored.changed
    return count


def finish_document(session: Session, run_id: int, count: DocumentCount) -> None:
    """Remember what a document held, and why it was not wholly readable."""
    source.finish_document(
        session,
        run_id,
        count.name,
        entries=count.entries,
        rejects=count.rejects,
        expenses=count.expenses,
        problem=count.problem,
    )


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
        case DocumentNote(message=message):
            count.note = message


def _batches(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    batch: list[Reading] = []
    for each in readings:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
