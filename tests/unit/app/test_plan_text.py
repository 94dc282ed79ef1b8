"""A plan as a person reads it."""

from __future__ import annotations

from typing import Any

from migrator.app.counted import listed
from migrator.app.plan_text import plan_text


def a_document(**more: Any) -> dict[str, Any]:  # JSON
    """The answer of a plan of nothing."""
    empty: dict[str, Any] = {key: [] for key in ("by_year", "by_person", "by_project", "warnings")}
    figures = {"plan": 7, "verdict": "Nothing.", "is_noop": True, "eta_seconds": 0, "requests_needed": {}}
    return {**empty, **figures, "actions": {}, "to_create": {"tasks": 0, "contracts": 0}, **more}


def test_the_point_of_no_return_names_what_is_in_it_with_hours() -> None:
    points = {
        "undoable": {"records": 0, "seconds": 0},
        "until_billed_or_locked": {"records": 3, "seconds": 5400},
        "until_marked": {"records": 2, "seconds": 7200},
        "final": {"records": 1, "seconds": 900},
    }
    text = plan_text(a_document(point_of_no_return=points))
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "point of no return records hours" in rows
    assert "undoable until somebody bills, edits or locks it in MOCO 3 1.50" in rows
    assert "undoable only until `migrator billed` marks it as billed 2 2.00" in rows
    assert "final: undo does not bring back what is changed or deleted 1 0.25" in rows
    assert "only linked" not in text


def test_a_plan_of_an_older_version_names_none() -> None:
    assert "point of no return" not in plan_text(a_document())


def test_a_plan_says_what_it_would_open() -> None:
    told = plan_text(a_document(to_reopen={"projects": 2, "people": 1}))
    assert "Opened for the writes, then shut again: 2 archived projects and 1 deactivated people." in told


def test_nothing_is_said_of_opening_where_nothing_is_opened() -> None:
    assert "Opened" not in plan_text(a_document(to_reopen={"projects": 0, "people": 0}))
    assert "Opened" not in plan_text(a_document())


def test_what_is_created_first_is_counted_in_words() -> None:
    assert listed({"companies": 1, "projects": 2000, "people": 0}) == "1 company, 2,000 projects"
