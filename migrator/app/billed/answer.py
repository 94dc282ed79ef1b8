"""The answer of `billed`: one sentence, a table of customers, what stays open, and what a person still has to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.app.answer import Answer
from migrator.app.billed.book import BilledBook, OpenRecord, listed_by_name
from migrator.app.billed.invoiced import find_open, open_as_json, open_in_words
from migrator.app.configuration.choices import PendingPayment
from migrator.app.deciding import Decider
from migrator.app.wiring import Workplace
from migrator.core.billed import Marking
from migrator.core.duration import format_hours
from migrator.core.model import Seconds
from migrator.core.tally import Tally
from migrator.errors import ExitCode, MigratorError, severest
from migrator.store.billing import pending_by_project
from migrator.store.engine import reading

SHOWN = 20

_HEADINGS = {
    Marking.DISREGARDED: "marked",
    Marking.BILLED_IN_MOCO: "billed there",
    Marking.OPEN: "open",
    Marking.REFUSED: "refused",
    Marking.UNCLEAR: "unclear",
    Marking.PENDING: "to mark",
}

_WORDS = {
    Marking.BILLED_IN_MOCO: "billed in MOCO meanwhile",
    Marking.OPEN: "left open, because they are not verified",
    Marking.REFUSED: "refused by MOCO",
    Marking.UNCLEAR: "unclear",
    Marking.PENDING: "not reached",
}


def answer_of(
    place: Workplace,
    run_id: int,
    decider: Decider,
    book: BilledBook,
    requests: Mapping[str, int],
    *,
    dry_run: bool = False,
    stop: MigratorError | None = None,
    unsettled: int = 0,
) -> Answer:
    """How the run ended; `unsettled` writes of an earlier life are still unclear."""
    tallies = {word: book.of(word) for word in Marking}
    pending = _pending_payment(place, decider)
    found = find_open(place)
    code = severest(
        stop.exit_code if stop else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unsettled or tallies[Marking.UNCLEAR].records else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if book.unexplained else ExitCode.DONE,
    )
    verdict = _verdict(book, dry_run=dry_run)
    document: dict[str, object] = {
        "schema": "migrator.billed/1",
        "run": run_id,
        "dry_run": dry_run,
        "verdict": verdict,
        "counts": {"read": book.whole.records, **{word.value: tally.records for word, tally in tallies.items()}},
        "seconds": {"read": book.whole.seconds, **{word.value: tally.seconds for word, tally in tallies.items()}},
        "customers": book.table(),
        "marking_requests": book.requests,
        "ends_undo": tallies[Marking.PENDING if dry_run else Marking.DISREGARDED].as_json(),
        "open": [each.as_json() for each in book.listed],
        "pending_payment": pending,
        "invoiced_but_open": open_as_json(found),
        "requests": dict(requests),
        "exit_code": int(code),
    }
    if stop is not None:
        document["stopped"] = {"message": stop.message, "hint": stop.hint, "code": int(stop.exit_code)}
    lines = [f"Run {run_id}: {verdict}", *_customers(document), *_open_lines(book.listed)]
    lines += _pending_lines(pending)
    lines += [] if dry_run else open_in_words(place, found)
    return Answer("\n".join(lines), document, code, failure=stop)


def _verdict(book: BilledBook, *, dry_run: bool) -> str:
    if not book.whole.records:
        return "Nothing to mark: MOCO shows nothing open that ActiveCollab invoiced."
    done = book.of(Marking.PENDING if dry_run else Marking.DISREGARDED)
    requests = f"{book.requests:,} {'request' if book.requests == 1 else 'requests'}"
    left = {word: told for word, told in _WORDS.items() if not (dry_run and word is Marking.PENDING)}
    others = [f"{book.of(word).records:,} {told}" for word, told in left.items() if book.of(word).records]
    rest = f"; {', '.join(others)}" if others else ""
    final = " This is final: `undo` does not reach them any more." if done.records else ""
    if dry_run:
        final = " This would be final: `undo` would not reach them any more." if done.records else ""
        return f"{done} would be marked as billed in MOCO, by {requests}{rest}.{final} Nothing was written."
    are = "is" if done.records == 1 else "are"
    return f"{done} {are} now marked as billed in MOCO, by {requests}{rest}.{final}"


def _pending_payment(place: Workplace, decider: Decider) -> list[dict[str, object]]:
    """Records pending payment by customer, while nobody decided what they are."""
    if place.config.policy.pending_payment is not PendingPayment.UNDECIDED:
        return []
    with reading(place.engine) as session:
        by_project = pending_by_project(session)
    named: list[tuple[str, Tally]] = []
    for project_id, tally in by_project.items():
        project = decider.known.projects.get(project_id)
        company = decider.known.companies.get(project.company_id) if project and project.company_id else None
        named.append((company.name if company else "", tally))
    return listed_by_name(named)


def _customers(document: Mapping[str, Any]) -> list[str]:  # JSON
    rows = document["customers"][:SHOWN]
    if not rows:
        return []
    shown = [word for word in Marking if any(word.value in row for row in rows)]
    words = [word.value for word in shown]
    width = max(len("customer"), *(len(row["name"]) for row in rows))
    lines = [f"  {'customer':<{width}}" + "".join(f"  {_HEADINGS[word] + ' h':>16}" for word in shown)]
    for row in rows:
        cells = [format_hours(Seconds(row[word]["seconds"])) if word in row else "-" for word in words]
        lines.append(f"  {row['name']:<{width}}" + "".join(f"  {cell:>16}" for cell in cells))
    more = len(document["customers"]) - len(rows)
    return [*lines, *([f"  … and {more} more with --json"] if more else [])]


def _open_lines(listed: list[OpenRecord]) -> list[str]:
    lines = [f"  record {each.source_id}, activity {each.activity_id}: {each.message}" for each in listed[:SHOWN]]
    if len(listed) > SHOWN:
        lines.append("  … and more with --json")
    return ["Open:", *lines] if lines else []


def _pending_lines(pending: list[dict[str, object]]) -> list[str]:
    if not pending:
        return []
    lines = ['Pending payment in ActiveCollab, left alone while policy.pending_payment = "undecided":']
    for row in pending[:SHOWN]:
        records, seconds = row["records"], row["seconds"]
        assert isinstance(records, int)
        assert isinstance(seconds, int)
        lines.append(f"  {row['name'] or 'no customer'}: {Tally(records, seconds)}")
    if len(pending) > SHOWN:
        lines.append(f"  … and {len(pending) - SHOWN} more customers with --json")
    return lines
