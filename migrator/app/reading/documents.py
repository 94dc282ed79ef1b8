"""One document of ActiveCollab into the database: a saved file or a live list, in batches."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from migrator.app.wiring import Workplace
from migrator.core.expenses import Amounts
from migrator.core.model import (
    DocumentNote,
    DocumentProblem,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    Reading,
    Rejected,
    Skimmed,
)
from migrator.store import source
from migrator.store.engine import writing
from migrator.store.staging import StageCounts
from migrator.store.unread import settle

BATCH = 250
"""Readings staged together, and held in memory: fewer cost time for each batch, more cost memory."""

FILE_BATCHES = 40
"""Batches of a saved file in one transaction: with fewer, the pages of indexes are written again and again."""

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
    amounts: Amounts = field(default_factory=Amounts)
    masters: int = 0
    problem: str = ""
    note: str = ""
    batches: int = 0
    records: int = 0
    changes: int = 0

    @property
    def named_problem(self) -> str:
        """The problem with the name of the document, which it may begin with already; empty when there is none."""
        return (
            self.problem if not self.problem or self.problem.startswith(self.name) else f"{self.name}: {self.problem}"
        )

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


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for unreachable cycles less often: records come by thousands, go together, and hold none."""
    before = gc.get_threshold()
    gc.set_threshold(20_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def stage_document(
    place: Workplace,
    run_id: int,
    name: str,
    readings: Iterable[Reading | Skimmed],
    book: ReadBook,
    batches_at_once: int = 1,
) -> DocumentCount:
    """Stage one document in batches, a small one in a single transaction; says what it held.

    With `batches_at_once` greater than one, `readings` are also asked for while a transaction is open, so they must
    not wait for anybody. The document is entered in `book` also when they raise, as one that was not read to its end.
    """
    count = DocumentCount(name)
    book.documents.append(count)
    batches = _batches(readings)
    ended = False
    while not ended:
        batch = next(batches, [])
        done: list[StageCounts] = []
        with writing(place.engine) as session:
            while True:
                ended = len(batch) < BATCH
                done.append(_stage_batch(session, run_id, batch, count))
                if ended or len(done) == batches_at_once:
                    break
                batch = next(batches, [])
            if ended:
                finish_document(session, run_id, count)
        for stored in done:
            book.staged(stored)
            count.records += stored.new + stored.changed + stored.unchanged
            count.changes += stored.new + stored.changed
    return count


def _stage_batch(session: Session, run_id: int, batch: list[Reading | Skimmed], count: DocumentCount) -> StageCounts:
    if not count.batches:
        count.name = batch[0].origin.document if batch else count.name
        source.begin_document(session, run_id, count.name)
    settled = settle(session, run_id, batch)
    for each in settled.readings:
        _count(count, each)
    count.entries += settled.unchanged
    count.batches += 1
    staged = source.stage(session, run_id, settled.readings)
    staged.unchanged += settled.unchanged
    return staged


def finish_document(session: Session, run_id: int, count: DocumentCount) -> None:
    """Remember what a document held, and why it was not wholly readable."""
    source.finish_document(
        session,
        run_id,
        count.name,
        entries=count.entries,
        rejects=count.rejects,
        expenses=count.expenses,
        amounts=count.amounts.as_text(),
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
        case ExpenseIgnored(amount=amount, currency=currency):
            count.expenses += 1
            count.amounts.count(amount, currency)
        case DocumentProblem(message=message):
            count.problem = message
        case DocumentNote(message=message):
            count.note = message


def _batches(readings: Iterable[Reading | Skimmed]) -> Iterator[list[Reading | Skimmed]]:
    batch: list[Reading | Skimmed] = []
    for each in readings:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
