"""A plan as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.app.counted import listed
from migrator.app.doubles import doubles_text
from migrator.core.duration import format_hours
from migrator.core.finality import IN_WORDS
from migrator.core.model import Seconds

_SHOWN = 12

_KINDS = ("companies", "projects", "tasks", "contracts")

_ACTIONS = {
    "create": "create",
    "adopt": "adopt (already in MOCO)",
    "adopt_update": "adopt and update",
    "update": "update",
    "withdraw": "withdraw",
    "rebook": "move to another person",
    "keep": "unchanged",
    "skip": "skip",
    "hold": "hold, reject",
    "conflict": "conflict",
    "quarantined": "quarantined",
}


def plan_text(document: Mapping[str, Any]) -> str:
    """The plan a person reads; `document` is its JSON answer (Any: it comes back from the database as JSON)."""
    lines = [f"Plan {document['plan']}: {document['verdict']}", ""]
    actions = document["actions"]
    lines += _table("action", [(words, actions[name]) for name, words in _ACTIONS.items() if name in actions])
    for title, key in (("year", "by_year"), ("person", "by_person"), ("project", "by_project")):
        rows = [(row["name"], row) for row in document[key]]
        lines += ["", *_table(title, rows[:_SHOWN])]
        if len(rows) > _SHOWN:
            lines.append(f"  … and {len(rows) - _SHOWN} more: `migrator show {document['plan']} --format json`")
    created = document["to_create"]
    told = listed({kind: created.get(kind, 0) for kind in _KINDS})
    if told:
        lines += ["", f"In MOCO first: {told} to create."]
        lines += [f"  {each['words']}" for each in document.get("places", [])[:_SHOWN]]
    shut = document.get("to_reopen", {"projects": 0, "people": 0})
    if shut["projects"] or shut["people"]:
        lines += [
            "",
            f"Opened for the writes, then shut again: {shut['projects']} archived projects "
            f"and {shut['people']} deactivated people.",
        ]
    lines += _no_return(document)
    lines += ["", *(f"Warning: {warning}" for warning in document["warnings"])]
    lines += doubles_text(document.get("possible_double", {"count": 0}))
    lines += _cost(document)
    return "\n".join(lines)


def _no_return(document: Mapping[str, Any]) -> list[str]:
    """Until when what the plan writes can be taken back; a plan of an older version does not tell."""
    points = document.get("point_of_no_return", {})
    rows = [
        (words, points[each.value]) for each, words in IN_WORDS.items() if points.get(each.value, {}).get("records")
    ]
    return ["", *_table("point of no return", rows)] if rows else []


def _cost(document: Mapping[str, Any]) -> list[str]:
    needed = {phase: count for phase, count in document["requests_needed"].items() if count}
    phases = ", ".join(f"{phase} {count:,}" for phase, count in needed.items())
    lines = [
        f"Requests needed: {sum(needed.values()):,} ({phases}); they take {duration_words(document['eta_seconds'])}."
    ]
    if not document["is_noop"]:
        lines.append(f"Taking it back would take {duration_words(document['undo_seconds'])}.")
        lines += ["", f"Carry it out with: migrator apply {document['plan']}"]
    return lines


def _table(title: str, rows: list[tuple[str, Mapping[str, int]]]) -> list[str]:
    width = max([len(title), *(len(name) for name, _ in rows)], default=len(title))
    lines = [f"  {title:<{width}}  {'records':>9}  {'hours':>12}"]
    lines += [
        f"  {name:<{width}}  {row['records']:>9,}  {format_hours(Seconds(row['seconds'])):>12}" for name, row in rows
    ]
    return lines


def duration_words(seconds: int) -> str:
    """The least time as a person says it; 0 when everything fits into one request window."""
    if seconds < 90:
        return f"at least {seconds} seconds" if seconds else "no longer than MOCO takes to answer"
    if seconds < 5400:
        return f"at least {round(seconds / 60)} minutes"
    return f"at least {seconds / 3600:.1f} hours"
