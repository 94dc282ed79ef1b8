"""A world after months of work, with everything in it that a report has to tell: to look at, and to compute against.

34 records are held, 3 rejected, 12 in conflict; MOCO rounds to five minutes, people edited, deleted, booked and billed
there; a stand-in, a cut-over, an accepted conflict, and texts that attack whoever shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from migrator.sandbox.moco_switches import Rounding
from tests.system.export import PEOPLE, PROJECTS, Project, Record
from tests.system.harness import World
from tests.system.inside import run_inside

HELD, REJECTED, CONFLICTS = 34, 3, 12
SCRIPT = "<script>alert('Zwirn')</script>"
PLACES = (
    *PROJECTS,
    Project(4, "Relaunch 2024", "Nordlicht eG"),
    Project(5, "=SUMME(A1) Betreuung", "Nordlicht eG"),
)
NOT_IN_MOCO = Project(6, SCRIPT, "Zwirn AG")
HUGO = 3
"""His time is booked on Foo."""

CUTOVER = date(2025, 1, 1)
"""From then on project 5 was booked in MOCO."""

HOURS = (("3.75", 13_500), ("0.17", 612), ("1.5", 5_400), ("7:59", 28_740), ("0,25", 900), (":20", 1_200))
AFTER_SUMMER = date(2024, 9, 2)
MANY = 240
FIRST, FIRST_HELD, FIRST_REJECTED, EMPTY = 1001, 2001, 3001, 3500

BOTH_EDITED = tuple(range(1013, 1021))
DELETED_IN_MOCO = tuple(range(1025, 1029))
ACCEPTED = 1037
"""Deleted in MOCO too, and a person said that this is right."""

EDITED_IN_MOCO = (1049, 1050)
BILLED_IN_MOCO = (1061, 1062, 1063)
BY_HAND = 5_700
"""Seconds of what somebody booked in MOCO for Nordlicht, twice."""


def records() -> list[Record]:
    """All that ActiveCollab has."""
    found = []
    for number in range(MANY):
        hours, seconds = HOURS[number % len(HOURS)]
        found.append(
            Record(
                id=FIRST + number,
                person=PEOPLE[number % 3].id,
                project=PLACES[number // 3 % len(PLACES)].id,
                day=AFTER_SUMMER + timedelta(days=number * 11 % 200),
                hours=hours,
                seconds=seconds,
                status=(1, 3, 1, 0, 1, 2, 1)[number % 7],
                text=f"Entwurf {number}, siehe ida.ilg@kunde.example" if number % 40 == 0 else f"Entwurf {number}",
            )
        )
    for number in range(HELD):
        hours, seconds = HOURS[number % len(HOURS)]
        day = AFTER_SUMMER + timedelta(days=number * 3)
        found.append(Record(FIRST_HELD + number, PEOPLE[number % 4].id, 6, day, hours, seconds, 1, "Konzept"))
    found += [
        Record(FIRST_REJECTED + number, 2, 3, AFTER_SUMMER, "viel", 0, 1, "Unlesbar") for number in range(REJECTED)
    ]
    found.append(Record(EMPTY, 1, 2, AFTER_SUMMER, "0", 0, 1, "Nichts getan"))
    return found


@contextmanager
def reported(folder: Path) -> Iterator[World]:
    """That world, verified."""
    with World(folder, records(), projects=PLACES, policy__rounding_in_moco="accept") as world:
        world.moco.switches.rounding = Rounding.NEAREST_5
        world.projects = (*PLACES, NOT_IN_MOCO)
        world.write_export()
        _migrate(world)
        _work_on(world)
        # Deletions show in lists only.
        _told(world, 4, "verify", "--full")
        _told(world, 3, "sync")
        (item,) = [each for each in _open(world) if each["source_id"] == ACCEPTED]
        _told(world, 0, "inbox", "accept", str(item["id"]), "--note", "Kulanz, mit dem Kunden besprochen")
        _told(world, 3, "sync")
        # What waits differs, too, until somebody decides.
        _told(world, 4, "verify", "--full")
        world.forget_requests()
        yield world


def _migrate(world: World) -> None:
    place = next(each.id for each in world.moco.state.projects.values() if each.name == PLACES[3].name)
    rows = ("kind,source_id,action,target_id,cutover,note", f"user,{HUGO},stand_in,{world.user_id(1)},,ging 2025")
    text = "\n".join((*rows, f"project,5,map,{place},{CUTOVER},"))
    (world.folder / "map.csv").write_text(text + "\n", encoding="utf-8")
    _told(world, 3, "read")
    _told(world, 0, "map", "apply", str(world.folder / "map.csv"))
    _told(world, 0, "plan")
    _told(world, 3, "apply", "last", "--approved-by", "Petra Prüfer")


def _work_on(world: World) -> None:
    """What people did on both sides afterwards."""
    for number in BOTH_EDITED:
        world.moco.edit(
            replace(world.activity(number), seconds=world.activity(number).seconds + 300 * (number % 5 + 1))
        )
        before = world.records[number]
        world.records[number] = replace(before, version=2, hours="2.25", seconds=8_100, text="Nachgetragen")
    for number in (*DELETED_IN_MOCO, ACCEPTED):
        world.moco.remove(world.activity(number))
    for number in EDITED_IN_MOCO:
        world.moco.edit(replace(world.activity(number), seconds=3_300, description="Gekürzt"))
    for number in BILLED_IN_MOCO:
        world.moco.edit(replace(world.activity(number), billed=True))
    project = next(each for each in world.moco.state.projects.values() if each.name == "Relaunch 2024")
    task = next(iter(world.moco.state.tasks_of(project.id)))
    user = world.moco.state.users[world.user_id(2)]
    for billed in (False, False, True):
        world.moco.add_activity(user, task, AFTER_SUMMER, BY_HAND, description="In MOCO gebucht", billed=billed)
    world.write_export()


def _open(world: World) -> list[dict[str, object]]:
    items: list[dict[str, object]] = run_inside(world, "inbox", "list").document["items"]
    return [each for each in items if each["state"] == "open"]


def _told(world: World, code: int, *words: str) -> None:
    finished = run_inside(world, *words)
    assert finished.code == code, (words, finished)
