"""`undo` of a run of `presences`: what it costs, what would be taken back, and what was; `--release` forgets that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from migrator.app.answer import Answer
from migrator.app.carrying import Carrier
from migrator.app.limits import Limits
from migrator.app.plan_text import duration_words
from migrator.app.presences.undoing import SpanFindings, SpanUndoer, look_at, pages_of_run
from migrator.app.recover import recover
from migrator.app.runs import ended, started
from migrator.app.trouble import Trouble
from migrator.app.wiring import Workplace, connect_reader, connect_writer, leased, open_window
from migrator.core.cost import eta_seconds, undo_requests
from migrator.core.undo import Fate
from migrator.core.working_days import SpanState
from migrator.errors import ExitCode, LockedByAnotherRun, MigratorError, severest
from migrator.moco.client import MocoReader
from migrator.store import intents, presences
from migrator.store.engine import reading, writing

SHOWN = 20


@dataclass(frozen=True, slots=True)
class SpanEstimate:
    """What undoing a run of `presences` costs at most."""

    undone_run: int
    presences: int
    undone_before: int
    requests: int
    seconds: int
    unsettled: bool
    """An interrupted run left writes open whose outcome has to be found out first."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to be confirmed."""
        return bool(self.presences or self.unsettled)

    @property
    def sentence(self) -> str:
        """For the person who is asked to confirm it."""
        return (
            f"Undoing run {self.undone_run} deletes up to {self.presences:,} presences in MOCO: "
            f"{self.requests:,} requests, {duration_words(self.seconds)}."
        )


def estimate(place: Workplace, undone_run: int) -> SpanEstimate:
    """What undoing a run costs, from memory alone."""
    with reading(place.engine) as session:
        states = presences.count_by_state(session, undone_run)
        unsettled = bool(intents.list_open(session))
    known = states.get(SpanState.LINKED, 0)
    needed, moco = undo_requests(known), place.config.moco
    seconds = eta_seconds(needed, moco.requests_per_window, moco.window_seconds)
    return SpanEstimate(undone_run, known, states.get(SpanState.UNDONE, 0), needed, seconds, unsettled)


def preview(place: Workplace, cost: SpanEstimate) -> Answer:
    """The dry run: reads MOCO and says what would be taken back and what would stay; writes nothing there."""
    findings = SpanFindings()
    with started(place, "undo") as run_id:
        reader = connect_reader(place)
        for page in pages_of_run(place, cost.undone_run):
            for _, present in look_at(reader, page, findings):
                findings.fates[Fate.GONE if present is None else Fate.PENDING] += 1
        return _answer(place, run_id, cost, findings, reader, dry_run=True)


def undo(place: Workplace, cost: SpanEstimate) -> Answer:
    """Take back what the run wrote, as far as nobody changed it since."""
    findings = SpanFindings()
    with leased(place, f"undo {cost.undone_run}") as epoch, started(place, "undo") as run_id:
        window = open_window(place)
        writer = connect_writer(place, window)
        carrier = Carrier(place, writer, window, run_id, epoch)
        stop: MigratorError | None = None
        try:
            recover(carrier)
            # What recovering found belongs to the run, too.
            cost = estimate(place, cost.undone_run)
            undoer = SpanUndoer(carrier, Limits(place.clock), Trouble(), undone_run=cost.undone_run, findings=findings)
            undoer.run(cost.presences)
        except LockedByAnotherRun:
            raise
        except MigratorError as error:
            stop = error
        return _answer(place, run_id, cost, findings, writer, stop=stop)


def release(place: Workplace, undone_run: int) -> Answer:
    """Let the next run write again the days that undoing a run took back."""
    with writing(place.engine) as session:
        released = presences.release_run(session, undone_run)
    said = (
        f"Run {undone_run}: {released:,} days are released; the next `migrator presences` writes them again."
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


def _answer(
    place: Workplace,
    run_id: int,
    cost: SpanEstimate,
    findings: SpanFindings,
    client: MocoReader,
    *,
    dry_run: bool = False,
    stop: MigratorError | None = None,
) -> Answer:
    fates = findings.fates
    # What a stop left over is pending.
    fates[Fate.PENDING] += max(0, cost.presences - fates.total())
    fates[Fate.UNDONE_BEFORE] += cost.undone_before
    unfinished = not dry_run and fates[Fate.UNCLEAR] + fates[Fate.PENDING] > 0
    code = severest(
        stop.exit_code if stop else ExitCode.DONE,
        ExitCode.TRY_AGAIN if unfinished and not stop else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if fates[Fate.STAYS] else ExitCode.DONE,
    )
    document: dict[str, object] = {
        "schema": "migrator.undo/1",
        "run": run_id,
        "undone_run": cost.undone_run,
        "dry_run": dry_run,
        "verdict": _verdict(cost.undone_run, fates, dry_run=dry_run),
        "counts": {"created": fates.total(), **{fate.value: fates[fate] for fate in Fate}},
        "stays": [each.as_json() for each in findings.left],
        "requests": dict(client.requests),
        "requests_needed": cost.requests,
        "eta_seconds": cost.seconds,
        "exit_code": int(code),
    }
    if stop is not None:
        document["stopped"] = {"message": stop.message, "hint": stop.hint, "code": int(stop.exit_code)}
    ended(place, run_id, code, document)
    return Answer(_text(document, findings), document, code, failure=stop)


_FATES = {
    Fate.UNDONE_BEFORE: "taken back before",
    Fate.GONE: "not in MOCO any more",
    Fate.STAYS: "stay",
    Fate.UNCLEAR: "unclear",
    Fate.PENDING: "pending",
}


def _verdict(undone_run: int, fates: Counter[Fate], *, dry_run: bool) -> str:
    if not fates.total():
        return f"Run {undone_run} wrote no presence to MOCO, so there is nothing to take back."
    taken, done = (Fate.PENDING, "would be taken back") if dry_run else (Fate.UNDONE, "taken back")
    parts = [f"{fates[taken]:,} of {fates.total():,} presences {done}"]
    parts += [f"{fates[fate]:,} {words}" for fate, words in _FATES.items() if fate is not taken and fates[fate]]
    return f"Run {undone_run}: {', '.join(parts)}.{' Nothing was written.' if dry_run else ''}"


def _text(document: dict[str, object], findings: SpanFindings) -> str:
    lines = [str(document["verdict"])]
    if findings.left:
        lines += [
            "Stays in MOCO:",
            *(f"  {each.saved.day}, person {each.saved.person}: {each.reason}" for each in findings.left[:SHOWN]),
        ]
        if len(findings.left) > SHOWN:
            lines.append(f"  … and {len(findings.left) - SHOWN:,} more with --json")
    if findings.fates[Fate.UNDONE]:
        lines.append(f"These days are not written again until: migrator undo {document['undone_run']} --release")
    return "\n".join(lines)
