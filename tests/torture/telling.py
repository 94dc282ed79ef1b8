"""The stories whose every moment is struck: migrating and syncing, marking as billed, taking back, and what is lent."""

from __future__ import annotations

from dataclasses import replace

from tests.system.export import PROJECTS, some_records
from tests.torture.stories import (
    EDITED_BY_HAND,
    MIGRATED,
    MOVED,
    REFUSED,
    UPDATED,
    Story,
    everything,
    is_slow,
    only_new,
    refuses_one,
    refuses_one_and_stores_the_rest,
)
from tests.torture.worlds import ForkedWorld

ARCHIVED, LEFT = PROJECTS[0], 2
"""A project that is archived in MOCO, and a person of ActiveCollab who is deactivated there."""

LISTENING = ("https://one.example/moco", "https://two.example/moco")
"""Web hooks of others."""

PAID_RECORDS = tuple(
    replace(each, project=2 if each.project == 2 else 5, status=1 if each.id == UPDATED else 3)
    for each in some_records(MIGRATED + 2)
)
"""Of two people, in projects of two customers; all but one are paid."""

PAID = frozenset(each.id for each in PAID_RECORDS if each.status == 3)
OF_THE_RUN = frozenset(each.id for each in some_records(MIGRATED, projects=1))


def nothing(_: ForkedWorld) -> None:
    """Nobody edits anything."""


def everything_where_it_is_shut(world: ForkedWorld) -> None:
    """Every kind of write, in an archived project and in the name of somebody who left, too."""
    everything(world)
    state = world.moco.state
    for each in list(state.projects.values()):
        if each.name == ARCHIVED.name:
            world.moco.edit(replace(each, active=False))
    world.moco.edit(replace(state.users[world.user_id(LEFT)], active=False))


def everything_while_others_listen(world: ForkedWorld) -> None:
    """Every kind of write, and web hooks of others, one of which they switched off."""
    everything(world)
    for address in LISTENING:
        world.moco.add_web_hook(address)
    world.moco.add_web_hook("https://off.example/moco", disabled=True)


def both_sides_edit(world: ForkedWorld) -> None:
    """What was edited by hand is edited in the source, too; another activity is deleted by hand."""
    world.change(EDITED_BY_HAND, text="Changed as well")
    world.moco.remove(world.activity(MOVED))
    world.change(UPDATED, text="Changed")


def nothing_but_people(world: ForkedWorld) -> None:
    """MOCO has no project and no customer yet, and the mapping asks for them."""
    only_new(world)
    world.moco.state.projects.clear()
    world.moco.state.companies.clear()
    rows = ("kind;source_id;action;target_id", "company;1;create;", "project;2;create;", "project;3;create;")
    (world.folder / "map.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def for_the_source(record_id: int) -> tuple[str, ...]:
    """The words with which a person decides that ActiveCollab counts."""
    return ("inbox", "resolve", str(record_id), "--keep", "source")


EVERY_DAY = {"sync__window_every": "0s", "sync__window_days": 3660}
"""Every sync looks at all days, so that it misses what was deleted."""

PLANNED = (("read",), ("plan",))
USED = (7, "carried out already")
BUT_ONE = frozenset({REFUSED})

STORIES = (
    Story("sync", ("sync",), everything, 3, moco=refuses_one, missing=BUT_ONE),
    Story(
        "apply", ("apply", "last"), everything, 3, first=PLANNED, carried_out=USED, moco=refuses_one, missing=BUT_ONE
    ),
    Story("first", ("sync",), only_new, 3, migrated=False, moco=refuses_one, missing=BUT_ONE),
    Story(
        "creating",
        ("sync",),
        nothing_but_people,
        0,
        migrated=False,
        first=(("read",), ("map", "apply", "map.csv")),
        settings={
            "mapping__create": ["companies", "projects", "tasks", "contracts"],
            "provision__currency": "EUR",
            "provision__leader": "ada.admin@example.com",
        },
    ),
    Story("partial", ("sync",), everything, 3, moco=refuses_one_and_stores_the_rest, missing=BUT_ONE),
    Story("slow", ("sync",), everything, 3, moco=is_slow, missing=BUT_ONE),
    # What was edited by hand is not verified, so it is not marked.
    Story(
        "billed",
        ("billed", "--yes"),
        nothing,
        3,
        records=PAID_RECORDS,
        billed=PAID - {EDITED_BY_HAND},
        rests=0,
    ),
    # What was edited by hand is not taken back, either.
    Story("undo", ("undo", "last", "--yes"), nothing, 3, missing=OF_THE_RUN - {EDITED_BY_HAND}, rests=0),
    Story(
        "undo after a sync",
        ("undo", "2", "--yes"),
        nothing,
        3,
        between=(("sync",),),
        missing=OF_THE_RUN - {EDITED_BY_HAND},
        rests=0,
    ),
    Story(
        "reopening",
        ("sync",),
        everything_where_it_is_shut,
        3,
        moco=refuses_one,
        missing=BUT_ONE,
        settings={"policy__archived_projects": "reopen", "policy__inactive_people": "reactivate"},
    ),
    Story(
        "pausing hooks",
        ("apply", "last", "--pause-hooks"),
        everything_while_others_listen,
        3,
        first=PLANNED,
        carried_out=USED,
        moco=refuses_one,
        missing=BUT_ONE,
    ),
    Story(
        "resolving",
        for_the_source(EDITED_BY_HAND),
        both_sides_edit,
        0,
        first=(("sync",), for_the_source(MOVED)),
        then=(("sync",),),
        carried_out=(2, "does not wait any more"),
        overruled=True,
        settings=EVERY_DAY,
    ),
    Story(
        "resolved",
        ("sync",),
        both_sides_edit,
        0,
        first=(("sync",), for_the_source(MOVED), for_the_source(EDITED_BY_HAND)),
        overruled=True,
        settings=EVERY_DAY,
    ),
)
