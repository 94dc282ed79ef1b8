"""`verify --full` against MOCO's own books: its reports of each project."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from migrator.sandbox.faults import AnswerInstead
from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Kept, World


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with World(tmp_path_factory.mktemp("books"), some_records(12)) as world:
        world.prepare()
        assert world.run("apply", "last").code == 0
        yield Kept.now(world)


@pytest.fixture
def world(applied: Kept) -> World:
    return applied.again()


def booked_by_hand(world: World, seconds: int) -> int:
    """Somebody books in MOCO, where one of our records is; gives the project."""
    like = world.activity(101)
    state = world.moco.state
    task = state.tasks[like.task_id]
    world.moco.add_activity(state.users[like.user_id], task, date(2019, 1, 2), seconds, description="by hand")
    return like.project_id


def columns(book: dict[str, Any]) -> tuple[int, ...]:
    names = ("moco", "migrated", "booked_in_moco", "unexplained")
    return tuple(book[f"{name}_seconds"] for name in names)


def test_what_others_booked_is_a_column_of_its_own(world: World) -> None:
    project = booked_by_hand(world, 5400)
    world.forget_requests()
    verified = world.run("verify", "--full")
    assert (verified.code, verified.document["verdict"].startswith("The books agree.")) == (0, True)
    books = {each["project_id"]: each for each in verified.document["projects"]}
    total, migrated, booked, unexplained = columns(books.pop(project))
    assert (total, booked, abs(unexplained) <= 18) == (migrated + 5400 + unexplained, 5400, True)
    assert {each["booked_in_moco_seconds"] for each in books.values()} == {0}
    ours = sum(each.seconds for each in world.records.values())
    assert migrated + sum(columns(each)[1] for each in books.values()) == ours
    reports = [each for each in world.moco.requests if each.path.endswith("/report")]
    assert len(reports) == len(books) + 1
    assert verified.document["requests"] == {"GET": len(world.moco.requests)}
    assert "projects" not in world.run("verify").document


def test_time_that_nothing_explains_is_a_difference(world: World) -> None:
    project = world.activity(101).project_id
    world.door.told_instead[f"/projects/{project}/report"] = {"hours_total": 99.5, "hours_billable": None}
    verified = world.run("verify", "--full")
    assert (verified.code, verified.document["exit_code"]) == (4, 4)
    assert verified.document["verdict"].startswith("MOCO's own books differ in 1 project. ")
    book = next(each for each in verified.document["projects"] if each["project_id"] == project)
    assert (book["moco_hours"], book["agrees"]) == ("99.50", False)
    assert book["unexplained_seconds"] == 99.5 * 3600 - book["migrated_seconds"]
    # A report is never greener, until MOCO's own books agree again.
    told = world.run("report", "-o", str(world.folder / "out"), "--format", "json")
    assert (told.code, told.document["reasons"]) == (4, ["moco_books_differ"])
    world.door.told_instead.clear()
    assert world.run("verify", "--full").code == 0
    assert world.run("report", "-o", str(world.folder / "out"), "--format", "json").code == 0


def test_a_report_without_a_total_is_named_and_no_difference(world: World) -> None:
    project = world.activity(101).project_id
    world.door.told_instead[f"/projects/{project}/report"] = {"hours_total": None, "hours_billable": 0.0}
    verified = world.run("verify", "--full")
    book = next(each for each in verified.document["projects"] if each["project_id"] == project)
    assert (verified.code, book["told"], book["agrees"]) == (0, "without a total of hours in MOCO's report", None)


def test_what_others_count_as_billable_is_not_judged(world: World) -> None:
    project = world.activity(101).project_id
    hours = sum(each.seconds for each in world.moco.activities if each.project_id == project) / 3600
    world.door.told_instead[f"/projects/{project}/report"] = {"hours_total": round(hours, 2), "hours_billable": 0.0}
    verified = world.run("verify", "--full")
    assert verified.code == 0
    book = next(each for each in verified.document["projects"] if each["project_id"] == project)
    assert book["billable_difference_seconds"] == -book["billable_seconds"] != 0


def test_who_books_while_the_reports_are_read_is_no_difference(world: World) -> None:
    world.forget_requests()
    assert world.run("verify", "--full").code == 0
    paths = [each.path for each in world.moco.requests]
    project = world.activity(101).project_id
    number = next(i for i, path in enumerate(paths, 1) if path.endswith(f"/projects/{project}/report"))

    def meanwhile() -> None:
        booked_by_hand(world, 7200)

    world.door.expect(At(number, Moment.ARRIVING, writes_only=False), meanwhile)
    verified = world.run("verify", "--full")
    assert (verified.code, world.door.reached()) == (0, True)
    book = next(each for each in verified.document["projects"] if each["project_id"] == project)
    assert book["booked_in_moco_seconds"] == 7200


def test_a_report_that_the_key_may_not_see_is_a_note(world: World) -> None:
    world.moco.fault(AnswerInstead(403), path="/projects/.*/report", times=100)
    verified = world.run("verify", "--full")
    assert verified.code == 0
    assert {each["told"] for each in verified.document["projects"]} == {"not shown to this key"}
