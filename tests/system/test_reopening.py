"""Archived projects and deactivated people: opened for the writes, and as they were before when the run is over."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migrator.sandbox.faults import AnswerInstead, Effect, LoseAnswer
from migrator.sandbox.moco_records import Project, User
from tests.system.door import At, Moment
from tests.system.export import PROJECTS, some_records
from tests.system.harness import World

ARCHIVED = PROJECTS[0]
LEFT = 2
"""The person of ActiveCollab who is deactivated in MOCO."""
OPENING = r"/projects/\d+/unarchive"
SHUTTING = r"/projects/\d+/archive"
PERSON = r"/users/\d+"


@contextmanager
def shut_world(folder: Path, count: int = 16, *, complete: bool = True, **settings: object) -> Iterator[World]:
    """A world with an archived project and a deactivated person, and records of everybody everywhere."""
    with World(folder, some_records(count), complete=complete) as world:
        policy: dict[str, object] = {"policy__archived_projects": "reopen", "policy__inactive_people": "reactivate"}
        world.configure(**policy | settings)
        world.moco.edit(replace(archived(world), active=False))
        world.moco.edit(replace(left(world), active=False))
        yield world


def archived(world: World) -> Project:
    """The project as MOCO has it now."""
    return next(each for each in world.moco.state.projects.values() if each.name == ARCHIVED.name)


def left(world: World) -> User:
    """The person as MOCO has it now."""
    return world.moco.state.users[world.user_id(LEFT)]


def set_archived(world: World, *, active: bool) -> Callable[[], None]:
    """What a person does to the project by hand."""

    def act() -> None:
        world.moco.edit(replace(archived(world), active=active))

    return act


def is_shut(world: World) -> bool:
    """Whether both are as they were before."""
    return not archived(world).active and not left(world).active


def turns(world: World) -> list[str]:
    """Every request since then that opened or shut something, without its number."""
    told = []
    for each in world.writes():
        if each.path.endswith("archive"):
            told.append(each.path.rpartition("/")[2])
        elif "/users/" in each.path:
            told.append(each.body.decode())
    return told


def in_archived(world: World) -> list[int]:
    return [each.id for each in world.records.values() if each.project == ARCHIVED.id]


def of_left(world: World) -> list[int]:
    return [each.id for each in world.records.values() if each.person == LEFT]


def messages(world: World) -> dict[int, str]:
    """What the inbox says of each record that waits."""
    items = world.run("inbox", "list").document["items"]
    return {item["source_id"]: item["message"] for item in items if item["state"] == "open"}


# -- the plain way -------------------------------------------------------------------------------------------------


def test_each_is_opened_once_and_shut_again_and_the_plan_says_so(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        assert world.run("read").code == 0
        plan = world.run("plan").document
        assert plan["to_reopen"] == {"projects": 1, "people": 1}
        assert plan["requests_needed"]["reopen"] == 10
        assert is_shut(world)
        world.forget_requests()
        finished = world.run("apply", "last")
        assert (finished.code, finished.counts) == (0, {"read": 16, "created": 16})
        assert world.stored() == world.wanted()
        assert is_shut(world)
        assert sorted(turns(world)) == ["archive", "unarchive", '{"active": false}', '{"active": true}']
        assert len(finished.document["reopened"]) == 2
        assert finished.document["left_open"] == []


def test_tasks_and_assignments_that_are_missing_there_are_created_while_it_is_open(tmp_path: Path) -> None:
    with shut_world(tmp_path, complete=False) as world:
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()
        assert is_shut(world)
        # Whoever was just reactivated is assigned by the same run, because MOCO showed no assignment before.
        assert world.moco.state.contract_of(archived(world).id, left(world).id) is not None


def test_edits_withdrawals_and_changed_workers_open_what_they_need(tmp_path: Path) -> None:
    with shut_world(tmp_path, 8, policy__source_deleted="delete") as world:
        assert world.run("sync").code == 0
        edited, moved, removed = of_left(world)[:3]
        world.change(edited, text="Nachgetragen")
        world.change(moved, person=1)
        world.change(removed, trashed=True)
        finished = world.run("sync")
        assert (finished.code, finished.counts["updated"]) == (0, 2)
        assert world.stored() == world.wanted()
        assert is_shut(world)
        world.forget_requests()
        assert (world.run("sync").code, world.writes()) == (0, [])


def test_a_limit_opens_no_more_than_it_writes(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        world.prepare()
        finished = world.run("apply", "last", "--limit", "3")
        assert (finished.code, finished.counts["created"]) == (8, 3)
        assert turns(world) == ["unarchive", "archive"]
        assert is_shut(world)


# -- what MOCO refuses ---------------------------------------------------------------------------------------------


def test_what_moco_does_not_open_is_held_in_its_words_and_not_asked_for_again(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        for path in (OPENING, PERSON):
            world.moco.fault(AnswerInstead(403), method="PUT", path=path)
        finished = world.run("sync")
        projects, person = set(in_archived(world)), set(of_left(world))
        theirs = projects | person
        assert (finished.code, finished.counts["held"]) == (3, len(theirs))
        assert world.stored() == world.wanted(without=theirs)
        waiting = messages(world)
        assert set(waiting) == theirs
        for record_id, message in waiting.items():
            told = "reactivate person" if record_id not in projects else "reopen archived project"
            assert f"MOCO refuses to {told}" in message or record_id in projects & person
            assert "403" in message
        assert is_shut(world)
        world.forget_requests()
        assert world.run("sync").code == 3
        assert world.writes() == []
        assert world.run("inbox", "retry", "--all").code == 0
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()
        assert is_shut(world)


def test_what_moco_does_not_shut_again_is_named_until_the_same_command_has_shut_it(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        world.prepare()
        world.moco.fault(AnswerInstead(403), method="PUT", path=SHUTTING)
        finished = world.run("apply", "last")
        name = f"project {archived(world).id}"
        assert (finished.code, finished.document["left_open"]) == (5, [name])
        status = world.run("status").document
        assert (status["left_open"], status["unsettled"]) == ([name], 0)
        resumed = world.run("apply", "last")
        assert (resumed.code, resumed.document["left_open"]) == (0, [])
        assert is_shut(world)


def test_deactivated_people_who_are_held_do_not_count_as_a_missing_permission(tmp_path: Path) -> None:
    with World(tmp_path, some_records(24, people=4)) as world:
        for person in (2, 3, 4):
            world.moco.edit(replace(world.moco.state.users[world.user_id(person)], active=False))
        finished = world.run("sync")
        assert (finished.code, finished.counts) == (3, {"read": 24, "created": 6, "held": 18})


def test_a_deactivated_person_whom_moco_refuses_record_by_record_is_held_until_active_again(tmp_path: Path) -> None:
    with World(tmp_path, some_records(16)) as world:
        world.moco.switches.deactivated_forbidden = False
        who = world.moco.edit(replace(world.moco.state.users[world.user_id(2)], active=False))
        finished = world.run_to_the_end("sync")
        assert (finished.code, finished.counts) == (3, {"read": 16, "created": 8, "held": 8})
        items = world.run("inbox", "list").document["items"]
        assert all("refuses to book for deactivated person" in item["message"] for item in items)
        world.moco.edit(replace(who, active=True))
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()


# -- lost answers, kills, Ctrl-C -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "effect"),
    [(OPENING, LoseAnswer()), (OPENING, AnswerInstead(503)), (SHUTTING, LoseAnswer()), (PERSON, LoseAnswer())],
    ids=["unarchived", "not unarchived", "archived", "person"],
)
def test_an_answer_that_is_lost_is_looked_up(tmp_path: Path, effect: Effect, path: str) -> None:
    with shut_world(tmp_path, 6) as world:
        # Of a person both requests look alike: the first opens, the second shuts.
        world.moco.fault(effect, method="PUT", path=path, times=2 if path == PERSON else 1)
        finished = world.run_to_the_end("sync")
        assert (finished.code, finished.document["left_open"]) == (0, [])
        assert world.stored() == world.wanted()
        assert is_shut(world)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 7, 8])
def test_whenever_a_run_is_killed_the_next_one_leaves_everything_shut(tmp_path: Path, number: int) -> None:
    # While MOCO applies the request, so that nobody reads its answer, or when the answer was there.
    moment = Moment.ARRIVING if number % 2 else Moment.ANSWERED
    with shut_world(tmp_path, 4) as world:
        killed = world.run_and_strike(At(number, moment), "sync")
        assert killed.code == -9 or number == 8
        finished = world.run_to_the_end("sync")
        assert (finished.code, finished.document["left_open"]) == (0, [])
        assert world.stored() == world.wanted()
        assert is_shut(world)


def test_ctrl_c_shuts_what_is_open(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        struck = world.run_and_strike(At(3, Moment.ANSWERED), "sync", sign=signal.SIGINT)
        assert struck.code == 130
        assert "unarchive" in turns(world)
        assert is_shut(world)


# -- people do the same meanwhile ----------------------------------------------------------------------------------


def test_what_a_person_opened_after_a_killed_run_stays_open_and_is_named(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        world.moco.fault(AnswerInstead(503), method="PUT", path=OPENING)  # so ours never took effect
        world.run_and_strike(At(1, Moment.APPLIED), "sync")
        later = datetime.now(UTC) + timedelta(minutes=1)
        world.moco.state.projects[archived(world).id] = replace(archived(world), active=True, updated_at=later)
        finished = world.run("sync")
        assert finished.document["opened_by_others"] == [f"project {archived(world).id}"]
        assert world.stored() == world.wanted()
        assert archived(world).active
        assert not left(world).active
        assert "archive" not in turns(world)


def test_what_a_person_opened_before_the_first_write_is_not_shut(tmp_path: Path) -> None:
    with shut_world(tmp_path, policy__inactive_people="hold") as world:
        world.prepare()
        # The first look at the project itself comes right before its first write.
        process = world.start("apply", "last")
        masters = At(len(["session", "users", "companies", "projects"]), Moment.ANSWERED, writes_only=False)
        world.door.expect(masters, set_archived(world, active=True))
        assert world.finished(process).code == 3
        assert archived(world).active
        assert turns(world) == []


def test_what_a_person_shut_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    with shut_world(tmp_path, policy__inactive_people="hold") as world:
        process = world.start("sync")
        world.door.expect(At(3, Moment.ARRIVING), set_archived(world, active=False))
        finished = world.finished(process)
        assert (finished.code, finished.document["left_open"]) == (3, [])
        assert not archived(world).active
        assert turns(world) == ["unarchive"]


def test_what_a_person_edits_while_its_project_is_opened_stays(tmp_path: Path) -> None:
    with shut_world(tmp_path, 4, policy__inactive_people="hold") as world:
        assert world.run("sync").code == 3
        world.change(101, text="Nachgetragen")

        def edit() -> None:
            world.moco.edit(replace(world.activity(101), description="Von Hand"))

        process = world.start("sync")
        world.door.expect(At(1, Moment.ARRIVING), edit)
        finished = world.finished(process)
        assert (finished.code, finished.counts["conflicts"]) == (3, 1)
        assert world.activity(101).description == "Von Hand"
        assert is_shut(world)
