"""`verify --control`: compares totals of ActiveCollab's own reports with what was read, and remembers the outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.app.answer import Answer
from migrator.app.control.names import Names
from migrator.app.control.table import read_totals
from migrator.app.mapping.csv_file import Problem
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.report.figures import Control, ControlRow
from migrator.core.tally import Tally
from migrator.errors import ExitCode, UsageError, severest
from migrator.store import account, totals
from migrator.store.engine import reading, writing
from migrator.store.parts import projects_with_time, sum_of, sum_of_gone, workers
from migrator.store.source_masters import load_masters

CONTROL_TOTALS = "control_totals"
"""The fact that keeps the last outcome, as JSON of `Control`."""

LARGEST = 20_000_000
"""Bytes; totals of twenty years by person, project and month are a tenth of it."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comparing the totals of a file found; `gone` lies in the trash and counts on neither side."""

    control: Control
    gone: Tally
    unusable: Tally

    @property
    def missed(self) -> tuple[ControlRow, ...]:
        """The totals that were not met."""
        return tuple(row for row in self.control.rows if not row.agrees)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        every = len(self.control.rows)
        if not self.missed:
            return f"All {every:,} control totals of {self.control.file} are met: what was read is complete by them."
        return f"{len(self.missed):,} of {every:,} control totals of {self.control.file} are missed."

    def lines(self) -> list[str]:
        """What was missed, and what does not count."""
        told = [_line(row) for row in self.missed[:SHOWN]]
        if len(self.missed) > SHOWN:
            told.append(f"  … and {len(self.missed) - SHOWN:,} more with --json")
        if self.gone.records:
            told.append(
                f"  {self.gone} in ActiveCollab's trash or deleted there do not count: "
                "ActiveCollab's reports do not show them either."
            )
        if self.unusable.records:
            told.append(
                f"  {self.unusable} could not be used and are missing from these sums: see `migrator inbox list`."
            )
        return told

    def as_json(self) -> dict[str, object]:
        """The outcome as answers carry it; seconds."""
        return {
            **_kept(self.control),
            "agrees": self.control.agrees,
            "missed": len(self.missed),
            "not_counted": {"trashed": self.gone.as_json(), "unusable": self.unusable.as_json()},
        }


def check_control(place: Workplace, path: Path) -> Outcome:
    """Compare each total of a file with the staged records it is about, and remember what came of it.

    Raises `UsageError` with everything that is wrong with the file, or with the names in it, at once.
    """
    content = _content(path)
    table = read_totals(content, path.name)
    with reading(place.engine) as session:
        names = Names(load_masters(session), workers(session), projects_with_time(session))
        staged, gone = totals.source_totals(session), sum_of_gone(session)
        version = totals.source_version(session)
    if table.totals and not any(total.amount.seconds for total in table.totals):
        raise UsageError(
            f"{path}: no total in it is more than 0 hours, so it proves nothing",
            hint="take the totals from ActiveCollab's own time reports, over all years",
        )
    parts = [(total, part) for total in table.totals if (part := names.part_of(total)) is not None]
    _require_none(path, (*table.problems, *names.problems))
    rows = []
    with place.progress.phase("control totals", len(parts)) as bar:
        for total, part in parts:
            with reading(place.engine) as session:
                read = sum_of(session, part).seconds
            rows.append(ControlRow(total.label, total.amount.seconds, read, total.amount.within))
            bar.advance(1)
    now = place.clock.now()
    control = Control(path.name, hashlib.sha256(content).hexdigest(), now, tuple(rows))
    with writing(place.engine) as session:
        account.learn(session, CONTROL_TOTALS, json.dumps({**_kept(control), "source_version": version}), now)
    return Outcome(control, gone, Tally(staged.rejects_without_key, staged.reject_seconds))


def with_control(answer: Answer, outcome: Outcome) -> Answer:
    """The answer of `verify` together with the control totals: a total that is missed is a difference."""
    code = answer.exit_code if not outcome.missed else severest(answer.exit_code, ExitCode.DIFFERENCES)
    before = str(answer.document["verdict"])
    verdict = f"{outcome.sentence} {before}"
    rest = answer.text.removeprefix(before).lstrip("\n")
    text = "\n".join(filter(None, [verdict, *outcome.lines(), rest]))
    document = {**answer.document, "verdict": verdict, "control": outcome.as_json(), "exit_code": int(code)}
    return replace(answer, text=text, document=document, exit_code=code)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: the control totals cannot be read: {error.strerror}",
            hint="name a CSV file with totals of ActiveCollab's own reports",
        ) from error
    if len(content) > LARGEST:
        raise UsageError(
            f"{path}: more than {LARGEST // 1_000_000} MB; expected totals, not single records",
            hint="group ActiveCollab's report by month, project or person",
        )
    return content


def _require_none(path: Path, problems: Sequence[Problem]) -> None:
    if problems:
        many = f"{len(problems):,} {'problem' if len(problems) == 1 else 'problems'}"
        raise UsageError(
            "\n".join([*map(str, problems), f"{path}: {many} found; nothing was compared"]),
            hint="correct the file; README shows what it may hold",
        )


def _kept(control: Control) -> dict[str, object]:
    rows = [
        {"label": row.label, "expected": row.expected, "read": row.read, "within": row.within} for row in control.rows
    ]
    checked_at = control.checked_at.isoformat()
    return {"file": control.file, "sha256": control.sha256, "checked_at": checked_at, "rows": rows}


def _line(row: ControlRow) -> str:
    apart = row.read - row.expected
    word = "less" if apart < 0 else "more"
    hours = format_hours(abs(apart))
    told = f"expected {format_hours(row.expected)} h, read {format_hours(row.read)} h: {hours} h {word}"
    return f"  {row.label}: {told}"
