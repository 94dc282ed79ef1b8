"""Archived projects and deactivated people: opened for the writes, and as they were before when the run is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from migrator.sandbox.moco_records import Project, User
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
    policy = {"policy__archived_projects": "reopen", "policy__inactive_people": "reactivate"} | settings
    with World(folder, some_records(count), complete=complete, **policy) as world:
        world.moco.edit(replace(archived(world), active=False))
        world.moco.edit(replace(left(world), active=False))
        yield world


def archived(world: World) -> Project:
    """The project as MOCO has it now."""
    return next(each for each in world.moco.state.projects.values() if each.name == ARCHIVED.name)


def left(world: World) -> User:
    """The person as MOCO has it now."""
    return world.moco.state.users[world.user_id(LEFT)]


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


def test_each_is_opened_once_and_shut_again(tmp_path: Path) -> None:
    with shut_world(tmp_path) as world:
        world.prepare()
        finished = world.run("apply", "last")
        assert (finished.code, finished.counts) == (0, {"read": 16, "created": 16})
        assert world.stored() == world.wanted()
        assert is_shut(world)
        assert sorted(turns(world)) == ["archive", "unarchive", '{"active": false}', '{"active": true}']
        assert len(finished.document["reopened"]) == 2
        assert finished.document["left_open"] == []
