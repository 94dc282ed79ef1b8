"""`--json`: exactly one document on stdout, with the keys and sums that scripts rely on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from migrator.core.actions import Word
from tests.system.cli.stage import Stage

WORDS = {word.value for word in Word}
BESIDE = {"withdrawn", "unseen", "superseded", "edited_in_target", "expenses_ignored"}
COMMON = {"schema", "run", "verdict", "counts", "seconds", "requests", "exit_code"}


def check(document: dict[str, Any], command: str, code: int) -> None:
    """What every one of these answers carries (Any: JSON)."""
    assert document.keys() >= COMMON
    assert document["schema"] == f"migrator.{command}/1"
    assert document["exit_code"] == code
    assert isinstance(document["run"], int)
    assert document["verdict"].endswith(".")
    assert all(type(count) is int for count in (*document["counts"].values(), *document["seconds"].values()))


def check_equation(document: dict[str, Any]) -> None:
    """Every record and every second in exactly one word (Any: JSON)."""
    counts, seconds = document["counts"], document["seconds"]
    assert counts.keys() >= {"read", *WORDS}
    assert sum(counts[word] for word in WORDS) == counts["read"] == 60
    assert seconds.keys() == {"read", *WORDS}
    assert sum(seconds[word] for word in WORDS) == seconds["read"] == 296_424


def test_a_whole_migration_as_a_script_sees_it(stage: Stage) -> None:
    read = stage.done("read", "--json", code=3)
    check(read.document, "read", 3)
    assert read.document["counts"]["read"] == 60
    assert read.document["counts"]["rejected"] == len(read.document["rejects"]) == 3
    assert read.document["requests"] == {}
    assert {reject["line"] > 0 for reject in read.document["rejects"]} == {True}
    assert (read.document["first_day"], read.document["last_day"]) == ("2022-09-19", "2025-08-29")

    plan = stage.done("--json", "plan")
    check(plan.document, "plan", 0)
    check_equation(plan.document)
    assert plan.document["counts"].keys() == {"read", *WORDS, *BESIDE}
    assert plan.document["plan"] == 1
    assert plan.document["is_noop"] is False
    assert isinstance(plan.document["eta_seconds"], int)
    assert sum(plan.document["requests_needed"].values()) > 0
    assert plan.document["warnings"] == [
        "1 record (3.50 h) private in ActiveCollab: in MOCO everybody sees them who sees the project"
    ]
    assert plan.document["requests"].keys() == {"GET"}
    assert {each.method for each in stage.sandbox.requests} == {"GET"}
    shown = stage.prepare("show", "last", "--format", "json").document
    assert shown["digest"] == plan.document["digest"]

    apply = stage.done("apply", "1", "--approved-by", "Controller", "--json", code=3)
    check(apply.document, "apply", 3)
    check_equation(apply.document)
    assert apply.document["counts"]["created"] == len(stage.sandbox.activities) == 51
    assert apply.document["counts"]["pending"] == apply.document["counts"]["unclear"] == 0
    assert apply.document["requests"]["POST"] > 0
    assert apply.document["seconds"]["created"] == sum(each.seconds for each in stage.sandbox.activities)
    assert stage.prepare("runs", "show", "--json").document["approved_by"] == "Controller"

    sync = stage.done("sync", "--json", code=3)
    check(sync.document, "sync", 3)
    check_equation(sync.document)
    assert sync.document["counts"]["unchanged"] == 51
    assert "POST" not in sync.document["requests"]

    again = stage.prepare("sync", "--dry-run", "--json").document
    check(again, "sync", 0)
    assert again["is_noop"] is True
    # None of these runs had anything to tell beside its answer.
    assert {done.err for done in (read, plan, apply, sync)} == {""}


def test_verify_lists_each_difference_with_both_sides(stage: Stage) -> None:
    stage.prepare("sync", code=3)
    activities = stage.sandbox.activities
    removed, edited, doubled = activities[1], activities[2], activities[3]
    stage.sandbox.remove(removed)
    user, task = stage.sandbox.state.users[doubled.user_id], stage.sandbox.state.tasks[doubled.task_id]
    for marker in (doubled.remote_id, "ac:main:999999"):
        stage.sandbox.add_activity(user, task, doubled.date, doubled.seconds, remote_id=marker)
    stage.sandbox.edit(replace(edited, seconds=edited.seconds + 60))

    document = stage.done("verify", "--json", code=4).document
    check(document, "verify", 4)
    check_equation(document)
    expected = {"source_id", "activity_id", "kind", "source", "target", "explained"}
    assert {frozenset(each) for each in document["differences"]} == {frozenset(expected)}
    found = {each["kind"]: each for each in document["differences"]}
    assert found.keys() == {"deleted", "edited", "duplicate", "extra"}
    assert (found["deleted"]["activity_id"], found["deleted"]["target"]) == (removed.id, None)
    assert found["deleted"]["source"]["seconds"] == removed.seconds
    assert found["edited"]["target"] == {"seconds": edited.seconds + 60}
    assert found["extra"]["source_id"] == 999_999
    assert {kind for kind, each in found.items() if each["explained"]} == {"edited"}
    assert document["unexplained"] == {"deleted": 1, "duplicate": 1, "extra": 1}
    # A window of days knows nothing of the others.
    day = removed.date.isoformat()
    within = stage.prepare("verify", "--from", day, "--to", day, "--json", code=4).document
    assert within["counts"]["read"] < 60


@pytest.mark.parametrize(
    "line", ["status", "inbox list", "runs list", "config show", "config check", "db current", "db check", "--version"]
)
def test_every_other_answer_is_one_document_too(line: str, stage: Stage) -> None:
    stage.prepare("status")
    done = stage.prepare(*line.split(), "--json")
    assert done.document["schema"].startswith("migrator.")
    assert done.document["exit_code"] == 0
    assert done.err == ""
