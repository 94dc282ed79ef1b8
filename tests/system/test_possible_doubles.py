"""Time that may stand in MOCO twice, booked by hand and in ActiveCollab: it is listed, and nothing is done about it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.system.export import PROJECTS, Record
from tests.system.harness import World
from tests.system.inside import run_inside

DAY = date(2024, 3, 4)
RECORDS = (Record(101, day=DAY), Record(102, person=2, day=DAY), Record(103, project=3, day=date(2024, 3, 5)))


def book(world: World, person: int, project: int, day: date, seconds: int) -> int:
    """Somebody books time in MOCO by hand; gives the activity."""
    state = world.moco.state
    name = next(each.name for each in PROJECTS if each.id == project)
    there = next(each for each in state.projects.values() if each.name == name)
    task = next(each for each in state.tasks.values() if each.project_id == there.id)
    user = state.users[world.user_id(person)]
    return world.moco.add_activity(user, task, day, seconds=seconds).id


def test_what_may_be_booked_twice_is_listed_by_plan_apply_and_sync_and_left_alone(tmp_path: Path) -> None:
    with World(tmp_path, RECORDS) as world:
        same_project = book(world, 1, 2, DAY, 60)
        same_length = book(world, 2, 3, DAY, 13_500)
        book(world, 1, 3, DAY, 60)  # neither
        book(world, 3, 2, DAY, 13_500)  # somebody else
        book(world, 1, 3, date(2024, 3, 6), 13_500)  # another day
        by_hand = world.moco.activities
        assert run_inside(world, "read").code == 0
        expected = {
            "count": 2,
            "first": [
                {
                    "source_id": 101,
                    "activity_id": same_project,
                    "date": "2024-03-04",
                    "source_seconds": 13_500,
                    "target_seconds": 60,
                    "same": ["project"],
                },
                {
                    "source_id": 102,
                    "activity_id": same_length,
                    "date": "2024-03-04",
                    "source_seconds": 13_500,
                    "target_seconds": 13_500,
                    "same": ["length"],
                },
            ],
        }
        for command in (("plan",), ("apply", "last"), ("sync",)):
            assert run_inside(world, *command).document["possible_double"] == expected
        assert [each for each in world.moco.activities if each.remote_id is None] == list(by_hand)
        assert len(world.moco.activities) == len(by_hand) + len(RECORDS)


def test_time_that_is_left_to_moco_is_no_double(tmp_path: Path) -> None:
    with World(tmp_path, RECORDS) as world:
        book(world, 1, 2, DAY, 60)
        assert run_inside(world, "read").code == 0
        target = next(each.id for each in world.moco.state.projects.values() if each.name == PROJECTS[0].name)
        rows = "kind,source_id,action,target_id,target_name,cutover\n" + f"project,2,map,{target},,2024-03-04\n"
        (tmp_path / "map.csv").write_text(rows, encoding="utf-8")
        assert run_inside(world, "map", "apply", str(tmp_path / "map.csv")).code == 0
        plan = run_inside(world, "plan").document
        assert (plan["possible_double"], plan["counts"]["skipped"]) == ({"count": 0, "first": []}, 2)
