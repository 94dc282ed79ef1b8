"""`rehearse` and `freeze-check`: a run sheet that comes true and touches nothing; and who booked too late."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.export import Record, some_records
from tests.system.harness import World
from tests.system.inside import run_inside


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Thirty records of three people, one of them without a MOCO account, six of which ActiveCollab had invoiced.

    One more cannot be used.
    """
    records = [
        replace(each, status=3 if each.id % 5 == 0 else each.status) for each in some_records(30, people=3, projects=2)
    ]
    records.append(Record(999, hours="1h30"))
    return World(tmp_path, records, complete=False, gates__pilot_above=12, moco__settle_seconds=0.05)


def memory(world: World) -> tuple[object, bytes]:
    """What the database holds: its runs, and of a file every byte."""
    file = world.folder / "migrator.db"
    content = hashlib.sha256(file.read_bytes() if file.exists() else b"").digest()
    return run_inside(world, "runs", "list").document, content


def steps(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps of a run sheet by their commands."""
    return {each["command"]: each for each in document["steps"]}


def test_a_rehearsal_touches_nothing_does_not_wait_and_comes_true(world: World) -> None:
    with world:
        user = next(each for each in world.moco.state.users.values() if each.email == "hugo.huber@kunde.example")
        world.moco.edit(replace(user, email="somebody@else.example", firstname="Sam", lastname="Else"))
        assert run_inside(world, "read").code == 3
        assert run_inside(world, "rehearse").message.startswith("MOCO was never listed")
        run_inside(world, "map", "suggest")
        world.forget_requests()
        before = memory(world)
        world.hang_up()
        world.configure(moco__requests_per_window=2, moco__window_seconds=60)
        began = time.monotonic()
        played = run_inside(world, "rehearse", "--start", "2026-12-04 18:00", "--answer-time", "1s")
        took = time.monotonic() - began
        world.configure(moco__requests_per_window=100_000, moco__window_seconds=1)
        world.pick_up()
        assert memory(world) == before
        assert (played.code, list(world.moco.requests)) == (3, [])
        sheet = played.document
        backup, *others = steps(sheet)
        assert backup.startswith("migrator db backup before-migration.")
        assert others == [
            "migrator read",
            "migrator plan --pilot",
            "migrator apply last --approved-by NAME",
            "migrator verify --plan last",
            "migrator plan",
            "migrator apply last --pause-hooks --approved-by NAME",
            "migrator verify --full",
            "migrator report -o report",
            "migrator billed",
            'migrator freeze-check --since "2026-12-04 18:00"',
        ]
        assert sheet["starts"] == "2026-12-04T18:00:00+01:00"
        assert [each["number"] for each in sheet["steps"] if each["no_return"]] == [sheet["point_of_no_return"]]
        assert [(each["reason"], each["records"]) for each in sheet["held"]] == [("UNMAPPED", 10), ("", 1)]
        lasts = datetime.fromisoformat(sheet["ends"]) - datetime.fromisoformat(sheet["starts"])
        by_the_window = timedelta(minutes=sheet["requests"] / 2) + timedelta(minutes=1)  # the report sends none
        assert abs(lasts - by_the_window) < by_the_window / 10
        assert took < 60 < lasts.total_seconds()
        assert_it_comes_true(world, sheet)
        # What is in MOCO now is known, and so is that nothing is left to do.
        again = run_inside(world, "rehearse").document
        (written,) = (step for command, step in steps(again).items() if "migrator apply" in command)
        assert (written["undo"]["activities"], written["undo"]["final_records"]) == (0, 0)
        assert "20 in MOCO" in written["verdict"]


def assert_it_comes_true(world: World, sheet: dict[str, Any]) -> None:
    """What was predicted for each step is what it does to the real account, request by request."""
    final = 0
    for command, step in steps(sheet).items():
        words = command.replace("NAME", "Ada").split()[1:]
        if words[0] in {"db", "read", "report", "freeze-check"}:
            continue
        done = run_inside(world, *words, "--yes")
        assert (done.code, sum(done.document["requests"].values())) == (step["exit_code"], step["requests"]), command
        if words[0] == "apply":
            taken = run_inside(world, "undo", str(done.document["run"]), "--dry-run").document
            final += taken["counts"]["pending"]
            assert step["undo"]["activities"] == final
    billed = steps(sheet)["migrator billed"]["undo"]
    assert (billed["activities"], billed["final_records"]) == (16, 4)


def test_what_is_booked_after_the_freeze_is_named_with_exit_4(world: World) -> None:
    with world:
        too_early = run_inside(world, "freeze-check", "--since", "2024-01-01")
        assert (too_early.code, "never read" in too_early.message) == (5, True)
        run_inside(world, "read")
        quiet = run_inside(world, "freeze-check", "--since", "2025-02-01 18:00")
        assert (quiet.code, quiet.document["records"]) == (0, 0)
        assert "the freeze of 2025-02-01 18:00 (Europe/Berlin)" in quiet.document["verdict"]
        world.change(107, hours="9", text="nachgetragen")
        run_inside(world, "read")
        late = run_inside(world, "freeze-check", "--since", "2025-02-01 18:00")
        assert (late.code, late.document["why"]) == (4, {"appeared": {"records": 1, "seconds": 32_400}})
        (found,) = late.document["found"]
        assert (found["source_id"], found["person"], found["project"]) == (107, "Foo Bar", "Created through API")
        assert run_inside(world, "freeze-check", "--since", "tomorrow").code == 2
