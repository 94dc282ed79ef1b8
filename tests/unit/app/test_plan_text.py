"""Tests for `migrator.app.plan_text`."""

from __future__ import annotations

from migrator.app.plan_text import plan_text

PLAN: dict[str, object] = {
    "plan": 3,
    "verdict": "9 source records: 9 to create.",
    "actions": {"create": {"records": 9, "seconds": 3600}},
    "by_year": [],
    "by_person": [],
    "by_project": [],
    "to_create": {"tasks": 0, "contracts": 0},
    "warnings": [],
    "requests_needed": {"reopen": 10},
    "eta_seconds": 0,
    "undo_seconds": 0,
    "is_noop": False,
}


def test_a_plan_says_what_it_would_open() -> None:
    told = plan_text({**PLAN, "to_reopen": {"projects": 2, "people": 1}})
    assert "Opened for the writes, then shut again: 2 archived projects and 1 deactivated people." in told


def test_nothing_is_said_of_opening_where_nothing_is_opened() -> None:
    assert "Opened" not in plan_text({**PLAN, "to_reopen": {"projects": 0, "people": 0}})
    assert "Opened" not in plan_text(PLAN)
