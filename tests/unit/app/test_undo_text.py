"""What `undo` shows on a terminal: records that stay come first, whatever else the run made."""

from __future__ import annotations

from migrator.app.undo.findings import Findings, Left
from migrator.app.undo.text import SHOWN, undo_text
from migrator.core.model import MocoId, SourceId
from migrator.core.undo import StayReason


def test_tasks_and_assignments_are_counted_and_do_not_hide_the_records_that_stay() -> None:
    findings = Findings()
    for number in range(SHOWN + 10):
        findings.leave(Left(StayReason.CONTRACT, f"contract {number}"))
    findings.leave(Left(StayReason.TASK, "task 7"))
    for number in range(SHOWN + 2):
        findings.leave(Left(StayReason.EDITED, "", SourceId(number), MocoId(100 + number)))
    lines = undo_text(3, findings, {"verdict": "Run 3."}).splitlines()
    assert lines[:3] == ["Run 3.", "Stays in MOCO:", "  record 0, activity 100: it was edited in MOCO"]
    assert lines[2 + SHOWN :] == [
        "  … and 2 more with --json",
        f"  beside the records, named by --json: tasks 1, assignments {SHOWN + 10}",
    ]
