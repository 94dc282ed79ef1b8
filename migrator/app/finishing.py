"""What `apply` and `sync` have in common: write, then close the books, fill the inbox and say how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.app.adopting import adopt_all
from migrator.app.answer import Answer
from migrator.app.books import WorkBook, booking_shown, waiting_digest
from migrator.app.carrying import Carrier
from migrator.app.changing import Changer
from migrator.app.creating import BulkCreator
from migrator.app.limits import Limits
from migrator.app.prerequisites import create_needed
from migrator.app.reasons import in_words
from migrator.app.runs import ended
from migrator.app.trouble import Trouble
from migrator.core.actions import ConflictReason, HoldReason, Word
from migrator.core.ledger import Ledger
from migrator.core.model import SourceId
from migrator.errors import ExitCode, LockedByAnotherRun, MigratorError, severest
from migrator.store import inbox, intents, source, target, totals, work
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.merge import Selection, count_selected
from migrator.store.work import WorkItem

PAGE = 500
_KIND_OF = {
    Word.HELD: ItemKind.HELD,
    Word.CONFLICTS: ItemKind.CONFLICT,
    Word.QUARANTINED: ItemKind.QUARANTINED,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a run; `complete` when nothing of it is left to do."""

    answer: Answer
    complete: bool


def carry_out(carrier: Carrier, book: WorkBook, selection: Selection, limits: Limits) -> MigratorError | None:
    """Everything that a run writes: what records need first, then changes, then creates.

    Raises `BooksDoNotBalance` before anything is written when a record got lost on the way into the queue, and
    `LockedByAnotherRun` when another run took over: that one has the books now.

    Gives the error that ended it early, if one did: what was not reached stays pending, and the books say so.
    """
    balanced_books(carrier, book, selection)
    trouble = Trouble()
    try:
        create_needed(carrier, trouble)
        adopt_all(carrier)
        Changer(carrier, limits, trouble).run()
        BulkCreator(carrier, limits, trouble).run()
    except LockedByAnotherRun:
        raise
    except MigratorError as stop:
        return stop
    return None


def finish(
    carrier: Carrier,
    book: WorkBook,
    selection: Selection,
    limits: Limits,
    stop: MigratorError | None,
    command: str,
    read: ExitCode = ExitCode.DONE,
) -> Outcome:
    """Close the books and the inbox, and say in one sentence how the run ended.

    `read` is how the reading of the source ended that belongs to this run.
    Raises `BooksDoNotBalance` when a record or second is unaccounted for.
    """
    place = carrier.place
    _mark_unsettled(carrier)
    ledger = balanced_books(carrier, book, selection)
    _fill_inbox(carrier, selection, stop)
    with reading(place.engine) as session:
        waiting = {kind.value: count for kind, count in inbox.open_count(session).items()}
        duplicates = target.count_duplicates(session)
    counts, seconds = ledger.as_json()
    unsettled = ledger.records(Word.UNCLEAR) > 0
    left = ledger.records(Word.PENDING) > 0
    code = severest(
        stop.exit_code if stop else ExitCode.DONE,
        ExitCode.LIMIT if limits.hit else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unsettled or (left and not limits.hit and not stop) else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if waiting else ExitCode.DONE,
        read,
    )
    verdict = ledger.verdict(duplicates=duplicates)
    document: dict[str, object] = {
        "schema": f"migrator.{command}/1",
        "run": carrier.run_id,
        "verdict": verdict,
        "counts": {"read": ledger.records(), **counts, **ledger.extras},
        "seconds": {"read": int(ledger.seconds()), **seconds},
        "duplicates": duplicates,
        "inbox": waiting,
        "changed_since_plan": list(book.changed),
        "requests": dict(carrier.writer.requests),
        "exit_code": int(code),
    }
    if stop is not None:
        document["stopped"] = {"message": stop.message, "hint": stop.hint, "code": int(stop.exit_code)}
    ended(place, carrier.run_id, code, document)
    answer = Answer(_text(document, waiting, limits), document, code, failure=stop)
    return Outcome(answer, complete=not left and not unsettled)


def _mark_unsettled(carrier: Carrier) -> None:
    """What was in flight when the run ended, and whose answer nobody has, is unclear rather than pending."""
    with writing(carrier.place.engine) as session:
        ids = [
            each.source_id
            for each in intents.list_open(session)
            if each.run_id == carrier.run_id and each.source_id is not None
        ]
        work.finish_work(session, carrier.run_id, ids, Word.UNCLEAR, reason=HoldReason.UNSETTLED.value)


def balanced_books(carrier: Carrier, book: WorkBook, selection: Selection) -> Ledger:
    """Every record of the selection in one word, checked against an independent count of the source.

    Raises `BooksDoNotBalance` when a record or second is unaccounted for; called before anything is written, too.
    """
    with reading(carrier.place.engine) as session:
        records, seconds = count_selected(session, selection)
        rejects = [each.seconds for each in source.unstaged_rejects(session)] if selection.is_whole else []
        expenses = totals.count_expenses(session)
    ledger = book.books(rejects=rejects)
    ledger.extras["expenses_ignored"] = expenses
    ledger.balance(records + len(rejects), seconds + sum(rejects))
    return ledger


def _fill_inbox(carrier: Carrier, selection: Selection, stop: MigratorError | None) -> None:
    """What was refused or disputed while writing waits for a person; what is no longer so is closed."""
    now = carrier.place.clock.now()
    after = SourceId(0)
    while True:
        with writing(carrier.place.engine) as session:
            page = work.stream_work(session, carrier.run_id, list(_KIND_OF), after=after, size=PAGE)
            inbox.sync_inbox(session, carrier.run_id, list(_items(page)), now)
        if len(page) < PAGE:
            break
        after = page[-1].source_id
    if selection.is_whole and stop is None:
        with writing(carrier.place.engine) as session:
            inbox.close_unseen(session, carrier.run_id, list(_KIND_OF.values()))


def _items(page: list[WorkItem]) -> Iterator[NewItem]:
    for item in page:
        if item.word is None:
            continue
        shown = booking_shown(item.booking)
        present = item.target if item.reason != ConflictReason.DELETED_IN_TARGET.value else None
        yield NewItem(
            kind=_KIND_OF[item.word],
            source_id=item.source_id,
            activity_id=item.activity_id,
            reason=item.reason,
            message=in_words(item.reason, item.detail),
            digest=waiting_digest(item.reason, item.booking, []),
            source=shown,
            target=booking_shown(present) if present else "null",
        )


def _text(document: dict[str, object], waiting: dict[str, int], limits: Limits) -> str:
    lines = [f"Run {document['run']}: {document['verdict']}"]
    if limits.hit:
        lines.append("Stopped at the limit you set; run the same command again to go on.")
    changed = document["changed_since_plan"]
    if isinstance(changed, list) and changed:
        shown = ", ".join(str(each) for each in changed)
        lines.append(f"Different from the plan, because something changed meanwhile: records {shown}.")
    if waiting:
        told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(waiting.items()))
        lines.append(f"Waiting for a person: {told}. See `migrator inbox list`.")
    return "\n".join(lines)
