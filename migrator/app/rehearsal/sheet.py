"""The run sheet as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from migrator.app.plan_text import duration_words
from migrator.app.reasons import in_words
from migrator.core.duration import format_hours
from migrator.core.run_sheet import TimedStep, WayBack
from migrator.errors import ExitCode, MigratorError


@dataclass(frozen=True, slots=True)
class Held:
    """Records that will wait for a person for one reason."""

    action: str
    reason: str
    detail: str
    records: int
    seconds: int

    @property
    def words(self) -> str:
        """Why, as a person says it."""
        return in_words(self.reason, self.detail)

    def as_json(self) -> dict[str, object]:
        """What `--json` shows."""
        named = {"action": self.action, "reason": self.reason, "message": self.words}
        return {**named, "records": self.records, "seconds": self.seconds}


def document_of(
    steps: Sequence[TimedStep],
    held: Sequence[Held],
    undone: Sequence[dict[str, Any]],
    answer_time: timedelta,
    code: ExitCode,
    stopped: MigratorError | None,
) -> dict[str, Any]:
    """The answer as JSON; `undone` are the dry runs of `undo` after the last step."""
    last = steps[-1]
    document: dict[str, Any] = {
        "schema": "migrator.rehearse/1",
        "verdict": _verdict(steps, held, stopped),
        "starts": steps[0].begins.isoformat(),
        "ends": last.ends.isoformat(),
        "requests": sum(each.step.requests for each in steps),
        "answer_seconds": answer_time.total_seconds(),
        "steps": [_step(each) for each in steps],
        "point_of_no_return": next((each.number for each in steps if each.no_return), None),
        "held": [each.as_json() for each in held],
        "undo": [{name: each[name] for name in ("undone_run", "counts", "reasons", "verdict")} for each in undone],
        "exit_code": int(code),
    }
    if stopped is not None:
        document["stopped"] = {"message": stopped.message, "hint": stopped.hint, "code": int(stopped.exit_code)}
    return document


def _step(each: TimedStep) -> dict[str, object]:
    step, back = each.step, each.step.way_back
    return {
        "number": each.number,
        "command": step.command,
        "does": step.does,
        "begins": each.begins.isoformat(),
        "ends": each.ends.isoformat(),
        "seconds": round(step.seconds, 1),
        "requests": step.requests,
        "exit_code": step.exit_code,
        "verdict": step.verdict,
        "no_return": each.no_return,
        "undo": {
            "activities": back.activities,
            "requests": back.requests,
            "eta_seconds": back.seconds,
            "final_records": back.final,
        },
    }


def _verdict(steps: Sequence[TimedStep], held: Sequence[Held], stopped: MigratorError | None) -> str:
    if stopped is not None:
        return f"The rehearsal stopped behind step {len(steps)}: {stopped.message}"
    begins, ends = steps[0].begins, steps[-1].ends
    waiting = sum(each.records for each in held)
    told = f"{waiting:,} records will wait for a person" if waiting else "nothing will wait for a person"
    return (
        f"Begun on {begins:%Y-%m-%d} at {begins:%H:%M}, it would be done on {ends:%Y-%m-%d} at {ends:%H:%M}, "
        f"without the time that people take between the steps; {told}. Nothing was sent."
    )


def sheet_text(document: dict[str, Any], steps: Sequence[TimedStep]) -> str:
    """The run sheet to print and to tick off."""
    lines = [str(document["verdict"]), ""]
    for each in steps:
        lines += _lines(each)
    lines += ["", *_no_return(steps)]
    if document["held"]:
        lines += ["", "Will wait for a person (`migrator inbox list` afterwards):"]
        lines += [
            f"  {row['records']:>9,}  {format_hours(row['seconds']):>12} h  {row['action']:<11} {row['message']}"
            for row in document["held"]
        ]
    seconds = document["answer_seconds"]
    lines += [
        "",
        f"Predicted with answers after {seconds:g} s and the request window of the configuration. Not foreseen is what",
        "only the real MOCO refuses: locked periods, descriptions that it demands, people or projects closed since.",
    ]
    return "\n".join(lines)


def _lines(each: TimedStep) -> Iterator[str]:
    step = each.step
    if each.no_return:
        yield "  ── point of no return: what the next step does stays in MOCO, whatever is undone ──"
    yield f"{each.number:>3}  {each.begins:%a %H:%M}–{each.ends:%H:%M}  {step.command}"
    ended = f", exit {step.exit_code}" if step.exit_code else ""
    yield f"{'':19}{step.does}: {step.requests:,} requests, {_span(step.seconds)}{ended}"
    if step.way_back != WayBack():
        yield f"{'':19}to turn back then: {_back(step.way_back)}"


def _back(back: WayBack) -> str:
    told = f"{back.activities:,} activities, {back.requests:,} requests, {duration_words(back.seconds)}"
    return f"{told}; {back.final:,} records stay as written" if back.final else told


def _no_return(steps: Sequence[TimedStep]) -> Iterator[str]:
    final = [each for each in steps if each.no_return]
    if not final:
        yield "Every step can be taken back with `migrator undo`, until somebody edits, bills or locks in MOCO."
        return
    for each in final:
        yield (
            f"Point of no return: step {each.number}, {each.begins:%A %H:%M} (`{each.step.command}`): "
            f"{each.step.way_back.final:,} records stay afterwards, whatever is undone."
        )


def _span(seconds: float) -> str:
    """A duration in the largest unit that tells something."""
    if seconds < 90:
        return f"{round(seconds)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
