"""A mapping's coverage in sentences and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from fractions import Fraction

from migrator.app.mapping.cover import Cover
from migrator.app.mapping.sheet import Suggestion
from migrator.app.mapping.sides import Sides
from migrator.core.actions import HoldReason, SkipReason
from migrator.core.duration import format_hours
from migrator.core.mapping import MapKind
from migrator.errors import ExitCode

_SHOWN = 30

_SEVERAL = {
    MapKind.USER: ("person", "people"),
    MapKind.COMPANY: ("company", "companies"),
    MapKind.PROJECT: ("project", "projects"),
    MapKind.TASK: ("ticket", "tickets"),
    MapKind.JOB_TYPE: ("job type", "job types"),
}

_WHY_NOT = {
    SkipReason.MAPPED_TO_SKIP: "left out, because somebody decided to skip them",
    SkipReason.AFTER_CUTOVER: "left out, because they are dated on or after a cutover",
    HoldReason.MAPPED_TO_HOLD: "waiting, because somebody decided to hold them",
    HoldReason.WITHOUT_ACCOUNT: "waiting, because their worker has no account in ActiveCollab",
    HoldReason.TASK_MISSING: "waiting, because their task is missing in MOCO and tasks are not to be created",
    HoldReason.PROJECT_ARCHIVED: "mapped, but their project is archived in MOCO",
    HoldReason.TASK_INACTIVE: "mapped, but their task is inactive in MOCO",
    HoldReason.CONTRACT_MISSING: "mapped, but their person is not assigned to the project in MOCO",
}


def coverage_sentence(cover: Cover) -> str:
    """The verdict: `96.4 % of hours mapped; the last 3 people hold 212.00 h.`"""
    if cover.share is None:
        return "There are no hours to map."
    parts = []
    for kind in MapKind:
        lacking = [seconds for thing, seconds in cover.lacking.items() if thing[0] is kind]
        if lacking:
            one, many = _SEVERAL[kind]
            who = f"{one} holds" if len(lacking) == 1 else f"{len(lacking)} {many} hold"
            parts.append(f"the last {who} {_hours_of(kind, lacking)}")
    rest = f"; {', '.join(parts)}" if parts else ""
    return f"{percent(cover.share)} of hours mapped{rest}."


def _hours_of(kind: MapKind, lacking: Iterable[int]) -> str:
    # Within one kind a record waits for one thing only, so this adds up.
    return f"{format_hours(sum(lacking))} h"


def percent(share: Fraction) -> str:
    """A share with one decimal, rounded down: 100.0 % means everything."""
    tenths = int(share * 1000)
    return f"{tenths // 10}.{tenths % 10} %"


def coverage_lines(cover: Cover) -> list[str]:
    """One line for each reason why time does not move as it is, most time first."""
    lines = []
    known = HoldReason.UNMAPPED
    reasons: Counter[Enum] = Counter()
    for counter in (cover.waiting, cover.left_out, cover.obstacles):
        reasons.update({reason: seconds for reason, seconds in counter.items() if reason is not known})
    for reason, seconds in sorted(reasons.items(), key=lambda pair: (-pair[1], str(pair[0].value))):
        lines.append(f"{format_hours(seconds):>12} h {_WHY_NOT.get(reason, str(reason.value))}")
    return lines


def suggestion_lines(suggestions: Sequence[Suggestion], sides: Sides) -> list[str]:
    """A table of what is not mapped, with the best proposal of each."""
    if not suggestions:
        return []
    lines = [f"{'hours':>12}  {'kind':8}  {'id':>8}  {'name':32}  {'score':>5}  proposal"]
    for each in suggestions[:_SHOWN]:
        kind, source_id = each.thing
        name = _short(sides.source_name(kind, source_id) or "(no name)")
        proposal = each.proposal
        told = f"{proposal.score:>5}  {proposal.target_id} {proposal.name}" if proposal else f"{'':>5}  none"
        marked = f" ({each.note})" if each.note.startswith("ambiguous") else ""
        hours = format_hours(each.tally.seconds)
        lines.append(f"{hours:>12}  {kind.value:8}  {source_id:>8}  {name:32}  {told}{marked}")
    if len(suggestions) > _SHOWN:
        lines.append(f"{'':12}  … and {len(suggestions) - _SHOWN} more in the file of `migrator map export`")
    return lines


def _short(name: str) -> str:
    folded = " ".join(name.split())
    return folded if len(folded) <= 32 else folded[:31] + "…"


def coverage_document(command: str, version: int, cover: Cover, verdict: str, code: ExitCode) -> dict[str, object]:
    """What every `map` command answers to a script; times are whole seconds."""
    share = cover.share
    return {
        "schema": "migrator.map/1",
        "command": command,
        "mapping_version": version,
        "verdict": verdict,
        "coverage": {
            "share": None if share is None else int(share * 10_000) / 10_000,
            "mapped": cover.mapped,
            "unmapped": cover.unmapped,
            "left_out": cover.left_out.total(),
        },
        "waiting": _by_name(cover.waiting),
        "left_out": _by_name(cover.left_out),
        "obstacles": _by_name(cover.obstacles),
        "exit_code": int(code),
    }


def suggestion_documents(suggestions: Iterable[Suggestion], sides: Sides) -> list[dict[str, object]]:
    """What is not mapped, for a script."""
    return [
        {
            "kind": each.thing[0].value,
            "source_id": int(each.thing[1]),
            "name": sides.source_name(*each.thing),
            "records": each.tally.records,
            "seconds": each.tally.seconds,
            "proposal": None
            if each.proposal is None
            else {"id": int(each.proposal.target_id), "name": each.proposal.name, "score": each.proposal.score},
            "note": each.note,
        }
        for each in suggestions
    ]


def _by_name(reasons: Counter[HoldReason] | Counter[SkipReason]) -> dict[str, int]:
    return {reason.value: seconds for reason, seconds in sorted(reasons.items(), key=lambda pair: pair[0].value)}
