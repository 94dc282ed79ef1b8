"""What `read` says: the sentence, the figures of each document and project, and all that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.app.answer import Answer
from migrator.app.reading.documents import COUNTED, DocumentCount, ReadBook
from migrator.app.reading.live_book import LiveBook
from migrator.app.reading.live_text import live_document, live_lines, live_sentence
from migrator.app.wiring import Workplace
from migrator.core.actions import Word
from migrator.core.duration import format_hours
from migrator.core.model import Rejected, Seconds
from migrator.errors import ExitCode, severest
from migrator.store import source, totals
from migrator.store.engine import reading
from migrator.store.totals import SourceTotals

SHOWN = 20
"""Rejects and problems shown in the text; the JSON answer carries them all up to `LISTED`."""

LISTED = 10_000


def answer_of(place: Workplace, run_id: int, book: ReadBook, live: LiveBook | None) -> Answer:
    """The answer of a reading; exit 3 when something cannot be used or was not read whole."""
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
        rejects = source.list_rejects(session)
        expenses = totals.count_expenses(session)
    problems = [each.named_problem for each in book.documents if each.problem]
    if live is not None:
        problems += [each for each in live.problems if each not in problems]
    notes = [f"{each.name}: {each.note}" for each in book.documents if each.note]
    rejected = staged.rejects_without_key + staged.rejected_keys
    missing = live is not None and live.needs_a_person
    code = ExitCode.NEEDS_A_PERSON if rejected or problems or missing else ExitCode.DONE
    if live is not None and live.out_of_reach:
        code = severest(code, ExitCode.TRY_AGAIN)
    verdict = _verdict(staged, rejected, problems, book, live)
    document: dict[str, object] = {
        "schema": "migrator.read/1",
        "run": run_id,
        "verdict": verdict,
        "counts": _counts(staged, rejected, expenses, book, live),
        "seconds": {
            "read": staged.seconds + staged.reject_seconds,
            Word.REJECTED.value: staged.reject_seconds,
        },
        "first_day": staged.first_day.isoformat() if staged.first_day else None,
        "last_day": staged.last_day.isoformat() if staged.last_day else None,
        "documents": [_document(each) for each in book.documents],
        "rejects": [_reject(each) for each in rejects[:LISTED]],
        "problems": problems,
        "notes": notes,
        "requests": dict(live.requests) if live else {},
        **(live_document(live) if live else {}),
        "exit_code": int(code),
    }
    lines = [verdict, _found(staged, book, expenses)]
    lines += live_lines(live) if live else []
    lines += [f"  {each.message}" for each in rejects[:SHOWN]]
    if len(rejects) > SHOWN:
        lines.append(f"  … and {len(rejects) - SHOWN:,} more: `migrator inbox list --kind rejected`")
    lines += [f"  {message}" for message in (problems + notes)[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"  … and {len(problems) - SHOWN:,} more: `migrator read --json`")
    return Answer("\n".join(lines), document, code)


def _counts(
    staged: SourceTotals, rejected: int, expenses: int, book: ReadBook, live: LiveBook | None
) -> dict[str, int]:
    return {
        "read": staged.records + staged.rejects_without_key,
        Word.REJECTED.value: rejected,
        "expenses_ignored": expenses,
        "trashed": staged.trashed,
        "private": staged.private,
        "people": staged.people,
        "projects": staged.projects,
        **{name: book.counts[name] for name in COUNTED},
        **({name: live.fates[name] for name in ("deleted", "invisible", "unknown", "unseen", "lost")} if live else {}),
    }


def _document(each: DocumentCount) -> dict[str, object]:
    return {
        "name": each.name,
        "records": each.entries,
        "rejects": each.rejects,
        "expenses": each.expenses,
        "problem": each.problem,
    }


def _reject(each: Rejected) -> dict[str, object]:
    return {
        "source_id": each.source_id,
        "file": each.origin.document,
        "line": each.origin.line,
        "field": each.field,
        "value": each.value,
        "expected": each.expected,
        "message": each.message,
    }


def _verdict(
    staged: SourceTotals, rejected: int, problems: Sequence[str], book: ReadBook, live: LiveBook | None
) -> str:
    hours = format_hours(Seconds(staged.seconds + staged.reject_seconds))
    records = staged.records + staged.rejects_without_key
    days = f", {staged.first_day} to {staged.last_day}" if staged.first_day else ""
    state = "all usable" if not rejected else f"{rejected:,} rejected"
    broken = f"; {len(problems):,} of {len(book.documents):,} documents not wholly readable" if problems else ""
    known = f"{records:,} time records with {hours} h are known from ActiveCollab{days}; {state}{broken}."
    return f"{known} {live_sentence(live)}" if live else known


def _found(staged: SourceTotals, book: ReadBook, expenses: int) -> str:
    counts = book.counts
    words = ("new", "changed", "unchanged", "superseded")
    parts = [f"{counts[name]:,} {name}" for name in words if counts[name]]
    if counts["moved"]:
        parts.append(f"{counts['moved']:,} of the changed moved to another project")
    beside = [f"{staged.people:,} people", f"{staged.projects:,} projects"]
    beside += [f"{staged.trashed:,} trashed or deleted"] if staged.trashed else []
    beside += [f"{expenses:,} expenses not counted"] if expenses else []
    return f"This reading: {', '.join(parts) or 'no time records'}. In all: {', '.join(beside)}."
