"""What `undo` says: the sentence, and all that stays with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.app.undo.findings import Findings, Left
from migrator.core.duration import format_hours
from migrator.core.model import Seconds
from migrator.core.undo import Fate, StayReason

SHOWN = 20

_WORDS: dict[StayReason, str] = {
    StayReason.BILLED: "it is billed in MOCO",
    StayReason.DISREGARDED: "it was marked as billed in MOCO by us, which cannot be taken back",
    StayReason.EDITED: "it was edited in MOCO",
    StayReason.REFUSED: "MOCO refuses to delete it",
    StayReason.FORBIDDEN: "MOCO refuses to write for its person",
    StayReason.UPDATE: "the run updated it; what it said before is not brought back",
    StayReason.WORKER_CHANGED: "the run moved it to another person, which is an update",
    StayReason.ADOPTED: "it was in MOCO before the run, which only linked it",
    StayReason.WITHDRAWN: "the run deleted its activity, which is not brought back",
    StayReason.TASK: "the task stays",
    StayReason.CONTRACT: "the assignment stays",
    StayReason.PROJECT: "the project stays",
    StayReason.COMPANY: "the company stays",
    StayReason.OTHER: "it stays",
}

_BESIDE = {
    StayReason.COMPANY: "companies",
    StayReason.PROJECT: "projects",
    StayReason.TASK: "tasks",
    StayReason.CONTRACT: "assignments",
    StayReason.OTHER: "others",
}
"""What no record stands for. A migration makes hundreds, and they would hide the records that stay."""

_FATES = {
    Fate.UNDONE_BEFORE: "taken back before",
    Fate.GONE: "not in MOCO any more",
    Fate.STAYS: "stay",
    Fate.UNCLEAR: "unclear",
    Fate.PENDING: "pending",
}


def message_of(left: Left) -> str:
    """Why something stays, in a person's words."""
    words = _WORDS[left.reason]
    return f"{words}: {left.detail}" if left.detail else words


def verdict(undone_run: int, findings: Findings, *, dry_run: bool) -> str:
    """The undo in one sentence."""
    records = findings.records
    created = sum(records.values())
    if not created:
        return f"Run {undone_run} created no activity in MOCO, so there is nothing to take back."
    if created == records[Fate.UNDONE_BEFORE] + records[Fate.GONE]:
        was = "was undone already" if records[Fate.UNDONE_BEFORE] else "has nothing left to take back"
        return f"Run {undone_run} {was}: of the {created:,} records it created none is in MOCO any more."
    taken, done = (Fate.PENDING, "would be taken back") if dry_run else (Fate.UNDONE, "taken back")
    hours = format_hours(Seconds(findings.seconds[taken]))
    parts = [f"{records[taken]:,} of {created:,} created records {done} ({hours} h)"]
    parts += [f"{records[fate]:,} {words}" for fate, words in _FATES.items() if fate is not taken and records[fate]]
    return f"Run {undone_run}: {', '.join(parts)}.{' Nothing was written.' if dry_run else ''}"


def undo_text(undone_run: int, findings: Findings, document: Mapping[str, object]) -> str:
    """The answer for a terminal."""
    lines = [str(document["verdict"])]
    if findings.listed:
        of_records = [left for left in findings.listed if left.reason not in _BESIDE]
        lines += ["Stays in MOCO:", *(f"  {_line(left)}" for left in of_records[:SHOWN])]
        beside = {words: findings.reasons[reason] for reason, words in _BESIDE.items() if findings.reasons[reason]}
        more = findings.reasons.total() - sum(beside.values()) - min(SHOWN, len(of_records))
        if more:
            lines.append(f"  … and {more:,} more with --json")
        if beside:
            told = ", ".join(f"{words} {count:,}" for words, count in beside.items())
            lines.append(f"  beside the records, named by --json: {told}")
    if findings.records[Fate.UNDONE]:
        lines.append(f"No sync creates them again until: migrator undo {undone_run} --release")
    return "\n".join(lines)


def _line(left: Left) -> str:
    place = f"record {left.source_id}"
    if left.activity_id is not None:
        place += f", activity {left.activity_id}"
    return f"{place}: {message_of(left)}"
