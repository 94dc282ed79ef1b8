"""What `apply` and `sync` have in common: write, then close the books, fill the inbox and say how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migrator.app.adopting import adopt_all
from migrator.app.answer import Answer
from migrator.app.billed.invoiced import find_open, open_as_json, open_in_words
from migrator.app.books import WorkBook, as_json, inbox_items, waiting_digest
from migrator.app.carrying import Carrier
from migrator.app.changing import Changer
from migrator.app.counted import counted
from migrator.app.creating import BulkCreator
from migrator.app.deciding import Decided
from migrator.app.doubles import doubles_text, find_doubles
from migrator.app.limits import Limits
from migrator.app.provision.archiving import archive_finished
from migrator.app.provision.prerequisites import create_needed
from migrator.app.provision.reopening import Reopening
from migrator.app.provision.shut import left_open, shutting_again
from migrator.app.reasons import in_words
from migrator.app.runs import ended
from migrator.app.trouble import Trouble
from migrator.core.actions import ConflictReason, HoldReason, Word
from migrator.core.billed import REFUSED
from migrator.core.ledger import Ledger
from migrator.core.model import SourceId
from migrator.core.sides import side_of
from migrator.errors import ExitCode, LockedByAnotherRun, MigratorError, severest
from migrator.store import inbox, intents, rulings, source, target, totals, work
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem
from migrator.store.merge import Selection, count_selected, merged_of
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
    reopening = Reopening(carrier, trouble, book.decider.reopenable)
    try:
        with shutting_again(carrier):
            create_needed(carrier, trouble, reopening)
            adopt_all(carrier)
            Changer(carrier, limits, trouble, reopening=reopening).run()
            BulkCreator(carrier, limits, trouble, reopening=reopening).run()
        archive_finished(carrier, book.decider)
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
    _fill_inbox(carrier, book, selection, stop)
    with reading(place.engine) as session:
        waiting = {kind.value: count for kind, count in inbox.open_count(session).items()}
        duplicates = target.count_duplicates(session)
        unshut = left_open(session)
    still_open = find_open(place)
    counts, seconds = ledger.as_json()
    unsettled = ledger.records(Word.UNCLEAR) > 0
    left = ledger.records(Word.PENDING) > 0
    code = severest(
        stop.exit_code if stop else ExitCode.DONE,
        ExitCode.LIMIT if limits.hit else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unsettled or (left and not limits.hit and not stop) else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if waiting else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unshut else ExitCode.DONE,
        read,
    )
    verdict = ledger.verdict(duplicates=duplicates)
    doubles = find_doubles(place, book.decider.mapping)
    document: dict[str, object] = {
        "schema": f"migrator.{command}/1",
        "run": carrier.run_id,
        "verdict": verdict,
        "counts": {"read": ledger.records(), **counts, **ledger.extras},
        "seconds": {"read": int(ledger.seconds()), **seconds},
        "duplicates": duplicates,
        "inbox": waiting,
        "invoiced_but_open": open_as_json(still_open),
        "provisioned": carrier.provided,
        "archived": list(carrier.archived),
        "reopened": sorted(carrier.reopened),
        "left_open": [each.natural_key for each in unshut],
        "opened_by_others": list(carrier.left_alone),
        "changed_since_plan": list(book.changed),
        "possible_double": doubles,
        "requests": dict(carrier.writer.requests),
        "exit_code": int(code),
    }
    if stop is not None:
        document["stopped"] = {"message": stop.message, "hint": stop.hint, "code": int(stop.exit_code)}
    ended(place, carrier.run_id, code, document)
    text = "\n".join([_text(document, waiting, limits, doubles), *open_in_words(place, still_open)])
    answer = Answer(text, document, code, failure=stop)
    return Outcome(answer, complete=not (left or unsettled or unshut))


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


def _fill_inbox(carrier: Carrier, book: WorkBook, selection: Selection, stop: MigratorError | None) -> None:
    """What was refused or disputed while writing waits for a person; what is no longer so is closed."""
    now = carrier.place.clock.now()
    after = SourceId(0)
    while True:
        with writing(carrier.place.engine) as session:
            page = work.stream_work(session, carrier.run_id, list(_KIND_OF), after=after, size=PAGE)
            known = merged_of(session, carrier.run_id, frozenset(item.source_id for item in page))
            decided = {source_id: book.decider.decide(each, None) for source_id, each in known.items()}
            inbox.sync_inbox(session, carrier.run_id, list(_items(page, decided)), now)
        if len(page) < PAGE:
            break
        after = page[-1].source_id
    with writing(carrier.place.engine) as session:
        rulings.close_carried_out(session, carrier.run_id)
    if selection.is_whole and stop is None:
        with writing(carrier.place.engine) as session:
            inbox.close_unseen(session, carrier.run_id, list(_KIND_OF.values()), but_not=REFUSED)


def _items(page: list[WorkItem], decided: Mapping[SourceId, Decided]) -> Iterator[NewItem]:
    """What waits as the next run will see it, so that an acceptance holds; else as this run came upon it."""
    for item in page:
        if item.word is None:
            continue
        kind = _KIND_OF[item.word]
        now = decided.get(item.source_id)
        again = [each for each in inbox_items(now, now.action) if each.kind is kind] if now else []
        yield from again or [_as_found(item, kind)]


def _as_found(item: WorkItem, kind: ItemKind) -> NewItem:
    present = item.target if item.reason != ConflictReason.DELETED_IN_TARGET.value else None
    return NewItem(
        kind=kind,
        source_id=item.source_id,
        activity_id=item.activity_id,
        reason=item.reason,
        message=in_words(item.reason, item.detail),
        digest=waiting_digest(item.reason, item.booking, []),
        source=as_json({"wanted": side_of(item.booking)}),
        target=as_json(side_of(present) if present else None),
    )


def _text(document: dict[str, object], waiting: dict[str, int], limits: Limits, doubles: dict[str, object]) -> str:
    lines = [f"Run {document['run']}: {document['verdict']}"]
    if limits.hit:
        lines.append("Stopped at the limit you set; run the same command again to go on.")
    changed = document["changed_since_plan"]
    if isinstance(changed, list) and changed:
        shown = ", ".join(str(each) for each in changed)
        lines.append(f"Different from the plan, because something changed meanwhile: records {shown}.")
    lines += _told_of_places(document)
    lines += _told_of_reopening(document)
    lines += doubles_text(doubles)
    if waiting:
        told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(waiting.items()))
        lines.append(f"Waiting for a person: {told}. See `migrator inbox list`.")
    return "\n".join(lines)


def _told_of_places(document: Mapping[str, Any]) -> list[str]:
    """The companies and projects that had to be there first, and those that are finished (Any: a JSON document)."""
    told = [
        f"{counted(count, kind)} {way}"
        for kind, ways in document["provisioned"].items()
        for way, count in ways.items()
        if count
    ]
    lines = [f"In MOCO first: {', '.join(told)}."] if told else []
    if document["archived"]:
        lines.append(f"Finished and archived in MOCO: {', '.join(map(str, document['archived']))}.")
    return lines


def _told_of_reopening(document: Mapping[str, Any]) -> list[str]:
    """What was opened for writes, and above all what is not shut again (Any: a JSON document)."""
    lines = []
    if document["reopened"]:
        lines.append(f"Opened for a while: {', '.join(document['reopened'])}.")
    if document["left_open"]:
        lines.append(
            f"STILL OPEN, though archived or deactivated before: {', '.join(document['left_open'])}; "
            "the next apply or sync shuts them again."
        )
    if document["opened_by_others"]:
        lines.append(f"Left open, because somebody opened them meanwhile: {', '.join(document['opened_by_others'])}.")
    return lines
