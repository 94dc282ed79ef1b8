"""`undo`: takes back what a run created in MOCO, and says what stays and why; `--release` lets it be created again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.app.answer import Answer
from migrator.app.carrying import Carrier
from migrator.app.limits import Limits
from migrator.app.plan_text import duration_words
from migrator.app.presences.command import RUN_KIND as PRESENCES
from migrator.app.recover import recover
from migrator.app.runs import ended, started
from migrator.app.trouble import Trouble
from migrator.app.undo.findings import Findings, Left, created_pages, fate_of, look_at
from migrator.app.undo.text import message_of, undo_text, verdict
from migrator.app.undo.undoing import Undoer
from migrator.app.wiring import Workplace, connect_reader, connect_writer, leased, open_window
from migrator.core.actions import Word
from migrator.core.cost import eta_seconds, undo_requests
from migrator.core.model import Seconds
from migrator.core.plan import Tally
from migrator.core.undo import Fate, StayReason
from migrator.errors import (
    BooksDoNotBalance,
    ExitCode,
    LockedByAnotherRun,
    MigratorError,
    UsageError,
    severest,
)
from migrator.moco.client import MocoReader
from migrator.store import intents, runs, undone, work
from migrator.store.engine import reading, writing

WRITING_KINDS = ("apply", "sync", PRESENCES)
_LEFT_WORDS = (Word.UPDATED, Word.ADOPTED, Word.SKIPPED)

_STAYS = {
    "task": StayReason.TASK,
    "contract": StayReason.CONTRACT,
    "project": StayReason.PROJECT,
    "company": StayReason.COMPANY,
}
"""Why something that no record stands for stays, by what was written."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What undoing a run costs at most: activities to delete, requests, and the least seconds they take."""

    undone_run: int
    activities: int
    requests: int
    seconds: int
    unsettled: bool
    """An interrupted run left writes open whose outcome has to be found out first."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to be confirmed."""
        return bool(self.activities or self.unsettled)

    @property
    def sentence(self) -> str:
        """For the person who is asked to confirm it."""
        return (
            f"Undoing run {self.undone_run} deletes up to {self.activities:,} activities in MOCO: "
            f"{self.requests:,} requests, {duration_words(self.seconds)}."
        )


def run_number(place: Workplace, ref: str) -> int:
    """The run that a person means: a number, or `last` for the newest that writes. Raises `UsageError`."""
    with reading(place.engine) as session:
        if ref == "last":
            newest = max((runs.last_run_id(session, kind) or 0 for kind in WRITING_KINDS), default=0)
            if not newest:
                raise UsageError("nothing was written to MOCO yet, so there is nothing to take back")
            return newest
        if not (ref.isascii() and ref.isdecimal()) or len(ref) > 18:
            raise UsageError(f"{ref!r} is no run", hint="give its number, or `last` for the newest that wrote")
        return runs.load_run(session, int(ref)).id


def wrote_presences(place: Workplace, number: int) -> bool:
    """Whether a run wrote working times instead of records."""
    with reading(place.engine) as session:
        return runs.load_run(session, number).kind == PRESENCES


def estimate(place: Workplace, undone_run: int) -> Estimate:
    """What undoing a run costs, from memory alone."""
    pages = created_pages(place, undone_run)
    activities = sum(fate_of(record, undone_run) in {Fate.PENDING, Fate.UNCLEAR} for page in pages for record in page)
    needed = undo_requests(activities)
    moco = place.config.moco
    with reading(place.engine) as session:
        unsettled = bool(intents.list_open(session))
    seconds = eta_seconds(needed, moco.requests_per_window, moco.window_seconds)
    return Estimate(undone_run, activities, needed, seconds, unsettled)


def preview(place: Workplace, cost: Estimate) -> Answer:
    """The dry run: reads MOCO and says what would be taken back and what would stay; writes nothing there."""
    findings = Findings()
    with started(place, "undo") as run_id:
        reader = connect_reader(place)
        for page in created_pages(place, cost.undone_run):
            for item, _, entry in look_at(reader, cost.undone_run, page, findings):
                findings.enter(item, Fate.GONE if entry is None else Fate.PENDING)
        return _answer(place, run_id, cost, findings, reader, dry_run=True)


def undo(place: Workplace, cost: Estimate) -> Answer:
    """Take back what the run created, as far as nobody did anything to it since."""
    findings = Findings()
    with leased(place, f"undo {cost.undone_run}") as epoch, started(place, "undo") as run_id:
        window = open_window(place)
        writer = connect_writer(place, window)
        carrier = Carrier(place, writer, window, run_id, epoch)
        stop = _carry_out(carrier, cost, findings)
        return _answer(place, run_id, cost, findings, writer, stop=stop)


def _carry_out(carrier: Carrier, cost: Estimate, findings: Findings) -> MigratorError | None:
    """Give the error that ended it early, if one did: what was not reached stays pending."""
    try:
        recover(carrier)
        undoer = Undoer(carrier, Limits(carrier.place.clock), Trouble(), undone_run=cost.undone_run, findings=findings)
        undoer.run(cost.activities)
    except LockedByAnotherRun:
        raise
    except MigratorError as stop:
        return stop
    return None


def release(place: Workplace, undone_run: int) -> Answer:
    """Let the next sync create again what undoing a run took back."""
    with writing(place.engine) as session:
        released = undone.release_run(session, undone_run)
    said = (
        f"Run {undone_run}: {released:,} records are released; the next sync creates them again."
        if released
        else f"Run {undone_run}: nothing of it is held, so there is nothing to release."
    )
    document: dict[str, object] = {
        "schema": "migrator.undo/1",
        "undone_run": undone_run,
        "verdict": said,
        "counts": {"released": released},
        "exit_code": int(ExitCode.DONE),
    }
    return Answer(said, document)


# -- the answer ----------------------------------------------------------------------------------------------------


def _answer(
    place: Workplace,
    run_id: int,
    cost: Estimate,
    findings: Findings,
    client: MocoReader,
    *,
    dry_run: bool = False,
    stop: MigratorError | None = None,
) -> Answer:
    created = _balance(place, cost.undone_run, findings, stopped=stop is not None)
    for left in _not_created(place, cost.undone_run):
        findings.leave(left)
    records = findings.records
    unfinished = not dry_run and records[Fate.UNCLEAR] + records[Fate.PENDING] > 0
    code = severest(
        stop.exit_code if stop else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unfinished and not stop else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if records[Fate.STAYS] else ExitCode.DONE,
    )
    document: dict[str, object] = {
        "schema": "migrator.undo/1",
        "run": run_id,
        "undone_run": cost.undone_run,
        "dry_run": dry_run,
        "verdict": verdict(cost.undone_run, findings, dry_run=dry_run),
        "counts": {"created": created.records, **{fate.value: records[fate] for fate in Fate}},
        "seconds": {"created": created.seconds, **{fate.value: findings.seconds[fate] for fate in Fate}},
        "reasons": {reason.value: count for reason, count in sorted(findings.reasons.items())},
        "stays": [_shown(left) for left in findings.listed],
        "requests": dict(client.requests),
        "requests_needed": cost.requests,
        "eta_seconds": cost.seconds,
        "exit_code": int(code),
    }
    if stop is not None:
        document["stopped"] = {"message": stop.message, "hint": stop.hint, "code": int(stop.exit_code)}
    ended(place, run_id, code, document)
    return Answer(undo_text(cost.undone_run, findings, document), document, code, failure=stop)


def _balance(place: Workplace, undone_run: int, findings: Findings, *, stopped: bool) -> Tally:
    """Every record that the run created has one fate; those that a stop left over are pending."""
    with reading(place.engine) as session:
        rows, in_all = work.words(session, undone_run).get(Word.CREATED, (0, Seconds(0)))
    missing = rows - sum(findings.records.values()), in_all - sum(findings.seconds.values())
    if missing != (0, 0) and (not stopped or min(missing) < 0):
        raise BooksDoNotBalance(
            f"run {undone_run} created {rows:,} records of {in_all:,} seconds, but {missing[0]:,} records and "
            f"{missing[1]:,} seconds of them have no end",
            hint="nothing more is written; run `migrator verify` and report this with its output",
        )
    findings.records[Fate.PENDING] += missing[0]
    findings.seconds[Fate.PENDING] += missing[1]
    return Tally(rows, in_all)


def _not_created(place: Workplace, undone_run: int) -> Iterator[Left]:
    """What the run did beside creating activities: nothing of that is taken back."""
    after = 0
    while True:
        with reading(place.engine) as session:
            page = work.stream_work(session, undone_run, _LEFT_WORDS, after=after)
        for item in page:
            if item.word is Word.ADOPTED:
                yield Left(StayReason.ADOPTED, "", item.source_id, item.activity_id)
            elif item.word is Word.UPDATED and item.write == "create":
                yield Left(StayReason.WORKER_CHANGED, "", item.source_id)
            elif item.word is Word.UPDATED:
                yield Left(StayReason.UPDATE, "", item.source_id, item.activity_id)
            elif item.write == "withdraw":
                yield Left(StayReason.WITHDRAWN, "", item.source_id, item.activity_id)
        if not page:
            break
        after = page[-1].source_id
    with reading(place.engine) as session:
        others = intents.done_without_record(session, undone_run)
    for intent in others:
        reason = _STAYS.get(intent.write, StayReason.OTHER)
        yield Left(reason, f"{intent.write} {intent.natural_key}")


def _shown(left: Left) -> dict[str, object]:
    return {
        "reason": left.reason.value,
        "source_id": left.source_id,
        "activity_id": left.activity_id,
        "message": message_of(left),
    }
