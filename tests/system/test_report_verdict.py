"""The verdict of a report beside that of `verify`: the same seconds, nothing greener, and decisions end the waiting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.system.export import Record, some_records
from tests.system.harness import Finished, World
from tests.system.inside import run_inside


def report(world: World) -> tuple[Finished, dict[str, Any]]:  # JSON
    finished = run_inside(world, "report", "-o", str(world.folder / "out"), "--format", "json")
    return finished, json.loads((world.folder / "out" / "report.json").read_text(encoding="utf-8"))


def test_report_and_verify_count_the_same_unexplained_seconds_of_every_difference(tmp_path: Path) -> None:
    with World(tmp_path, some_records(9), policy__rounding="minute") as world:
        run_inside(world, "sync")
        trashed, deleted, edited, copied = (world.activity(number) for number in (101, 102, 103, 104))
        world.records[101] = replace(world.records[101], trashed=True, version=2)
        world.records[103] = replace(world.records[103], version=2, hours="0.17", seconds=612)
        world.write_export()
        run_inside(world, "read")
        world.moco.edit(replace(edited, seconds=edited.seconds + 300))
        world.moco.remove(deleted)
        state = world.moco.state
        owner, task = state.users[copied.user_id], state.tasks[copied.task_id]
        world.moco.add_activity(owner, task, copied.date, copied.seconds, remote_id=copied.remote_id)
        verified = run_inside(world, "verify", "--full")
        told, document = report(world)
        assert (verified.code, told.code) == (4, 4)
        kinds = {kind: each["records"] for kind, each in document["differences"]["unexplained"].items()}
        assert kinds == verified.document["unexplained"]
        seconds = document["unexplained_seconds"]
        assert seconds >= trashed.seconds + deleted.seconds + copied.seconds
        assert f"{seconds:,} seconds unexplained" in verified.document["verdict"]


def test_what_a_person_accepted_waits_for_nobody_any_more(tmp_path: Path) -> None:
    broken = Record(300, hours="viel", seconds=0)
    with World(tmp_path, [*some_records(2), broken]) as world:
        assert run_inside(world, "sync").code == 3
        assert run_inside(world, "verify").code == 3
        _, document = report(world)
        assert document["exceptions"]["counts"]["rejected"]["records"] == 1
        (item,) = run_inside(world, "inbox", "list").document["items"]
        assert run_inside(world, "inbox", "accept", str(item["id"]), "--note", "written off").code == 0
        assert run_inside(world, "verify").code == 0
        told, document = report(world)
        assert (told.code, document["exceptions"]["listed"]) == (0, [])
        assert document["words"]["rejected"]["records"] == 1
        (accepted,) = document["decisions"]["accepted"]
        assert accepted["note"] == "written off"


def test_who_let_activecollab_count_stays_named_after_the_next_run_wrote_it(tmp_path: Path) -> None:
    with World(tmp_path, some_records(2)) as world:
        run_inside(world, "sync")
        world.moco.edit(replace(world.activity(101), seconds=9_000))
        world.change(101, hours="2:00", seconds=7_200)
        assert run_inside(world, "sync").code == 3
        (item,) = run_inside(world, "inbox", "list").document["items"]
        run_inside(world, "inbox", "resolve", str(item["id"]), "--keep", "source", "--note", "Ada said so")
        assert run_inside(world, "sync").code == 0
        assert world.activity(101).seconds == 7_200
        _, document = report(world)
        assert [each["note"] for each in document["decisions"]["accepted"]] == ["Ada said so"]


def test_control_totals_say_nothing_once_what_was_read_has_changed(tmp_path: Path) -> None:
    with World(tmp_path, some_records(2)) as world:
        run_inside(world, "sync")
        hours = sum(each.seconds for each in world.records.values()) / 3_600
        (tmp_path / "control.csv").write_text(f"hours\n{hours:.2f}\n", encoding="utf-8")
        assert run_inside(world, "verify", "--control", str(tmp_path / "control.csv")).code == 0
        assert report(world)[1]["control"]["outdated"] is False
        world.change(101, hours="9:00", seconds=32_400)
        run_inside(world, "sync")
        run_inside(world, "verify")
        assert report(world)[1]["control"]["outdated"] is True
        (tmp_path / "nothing.csv").write_text("year;hours\n1999;0\n", encoding="utf-8")
        refused = run_inside(world, "verify", "--control", str(tmp_path / "nothing.csv"))
        assert (refused.code, "proves nothing" in refused.message) == (2, True)


def test_a_report_on_a_plan_says_first_that_it_is_a_part(tmp_path: Path) -> None:
    with World(tmp_path, some_records(6)) as world:
        for words in (("read",), ("plan", "--sample", "3"), ("apply", "last"), ("verify", "--plan", "last")):
            assert run_inside(world, *words).code == 0
        part = run_inside(world, "report", "3", "-o", str(tmp_path / "out"), "--format", "html")
        assert part.document["verdict"].startswith("Only the records of plan 1: ")
        page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert "about the records of plan 1 only, not about all of ActiveCollab" in page
