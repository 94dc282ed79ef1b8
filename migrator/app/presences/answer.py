"""The answer of `presences`: one sentence, the books of the days, and the days that wait with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.app.answer import Answer
from migrator.app.presences.book import IN_WORDS, WORDS, DayBook
from migrator.core.actions import Word
from migrator.core.duration import format_hours
from migrator.core.tally import Tally
from migrator.core.working_days import DayReason
from migrator.errors import ExitCode, MigratorError, severest

SHOWN = 20

_TOLD = {
    Word.UNCHANGED: "written before",
    Word.SKIPPED: "skipped",
    Word.HELD: "held",
    Word.PENDING: "pending",
    Word.UNCLEAR: "unclear",
}


def answer_of(
    run_id: int,
    book: DayBook,
    stand_ins: Tally,
    requests: Mapping[str, int],
    *,
    dry_run: bool = False,
    stop: MigratorError | None = None,
    unsettled: int = 0,
) -> Answer:
    """How the run ended; `stand_ins` is the time that is booked on somebody else and makes nobody's day.

    `unsettled` writes of an earlier life are still unclear.
    """
    unfinished = book.days[Word.PENDING] + book.days[Word.UNCLEAR] + unsettled
    code = severest(
        stop.exit_code if stop else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unfinished and not stop else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if book.waiting else ExitCode.DONE,
    )
    verdict = _verdict(book, dry_run=dry_run)
    document: dict[str, object] = {
        "schema": "migrator.presences/1",
        "run": run_id,
        "dry_run": dry_run,
        "verdict": verdict,
        "counts": {"read": book.whole.days, **{word.value: book.days[word] for word in WORDS}},
        "seconds": {"read": book.whole.seconds, **{word.value: book.seconds[word] for word in WORDS}},
        "reasons": {reason.value: book.reasons[reason] for reason in DayReason if book.reasons[reason]},
        "presences": book.spans,
        "held": [each.as_json() for each in book.listed],
        "stand_ins": stand_ins.as_json(),
        "requests": dict(requests),
        "exit_code": int(code),
    }
    if stop is not None:
        document["stopped"] = {"message": stop.message, "hint": stop.hint, "code": int(stop.exit_code)}
    lines = [f"Run {run_id}: {verdict}", *_reasons(book), *_days(book)]
    if stand_ins.records:
        lines.append(f"Left out, because they are booked on a stand-in: {stand_ins}")
    return Answer("\n".join(lines), document, code, failure=stop)


def _verdict(book: DayBook, *, dry_run: bool) -> str:
    if not book.whole.days:
        return "No day has records in MOCO, so there is nothing to derive."
    created = book.days[Word.CREATED]
    hours = format_hours(book.seconds[Word.CREATED])
    doing = "would be written" if dry_run else "written"
    presences = f"{book.spans:,} {'presence' if book.spans == 1 else 'presences'}"
    parts = [f"{created:,} {doing} ({presences}, {hours} h)"]
    parts += [f"{book.days[word]:,} {told}" for word, told in _TOLD.items() if book.days[word]]
    days = "The one day" if book.whole.days == 1 else f"All {book.whole.days:,} days"
    are = "is" if book.whole.days == 1 else "are"
    rest = " Nothing was written." if dry_run else ""
    if book.days[Word.PENDING] + book.days[Word.UNCLEAR]:
        return f"{book.whole.days:,} days with records: {', '.join(parts)}; run the same command again.{rest}"
    return f"{days} with records {are} accounted for: {', '.join(parts)}.{rest}"


def _reasons(book: DayBook) -> list[str]:
    told = [(reason, book.reasons[reason]) for reason in DayReason if book.reasons[reason]]
    return [f"  {count:>7,}  {IN_WORDS[reason]}" for reason, count in told]


def _days(book: DayBook) -> list[str]:
    if not book.listed:
        return []
    lines = [
        f"  {each.worked.day}  person {each.worked.person}, {format_hours(each.worked.seconds)} h: {each.message}"
        for each in book.listed[:SHOWN]
    ]
    if len(book.listed) > SHOWN:
        lines.append("  … and more with --json")
    return ["Waiting:", *lines]
