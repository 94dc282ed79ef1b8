"""A story: what stands before, what is to be done, and how MOCO behaves meanwhile; `telling.py` holds all of them.

All but one begin with a migrated account in which people then edited both sides. What MOCO shall hold in the end
is computed from the source's records and from what people did in MOCO; the program is never asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from migrator.sandbox.faults import Delay, RefuseRows
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import Bulk
from tests.system.export import PEOPLE, PROJECTS, Record, some_records
from tests.system.harness import BULK, TASK, Booked
from tests.torture.worlds import ForkedWorld

MIGRATED = 8
"""Records that are in MOCO before: of person 1 the odd ids, of person 2 the even ones, all in the first project."""

WITHDRAWN, REBOOKED, UPDATED, MOVED = 101, 103, 104, 107
EDITED_BY_HAND = 106
REFUSED = 205

NOT_OURS = Booked(None, PEOPLE[1].email, PROJECTS[0].name, TASK, "2024-01-05", 900, "", billable=True)
"""An entry that somebody made in MOCO."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story, told by `command` until it no longer says "try again later".

    What is archived, deactivated or paused before it is so again in the end.
    """

    name: str
    command: tuple[str, ...]
    edits: Callable[[ForkedWorld], None]
    code: int
    """How it ends: 3 where a person has to look at something."""
    migrated: bool = True
    records: tuple[Record, ...] = some_records(MIGRATED, projects=1)
    """What is in MOCO before, where that is migrated."""
    first: tuple[tuple[str, ...], ...] = ()
    """What is run before the command, unharmed."""
    between: tuple[tuple[str, ...], ...] = ()
    """What is run after the command died, before it is repeated."""
    then: tuple[tuple[str, ...], ...] = ()
    """What is run after the command, unharmed."""
    carried_out: tuple[int, str] | None = None
    """Exit code and words of a command that is repeated although it was done, where that is no success."""
    moco: Callable[[MocoSandbox], None] = field(default=lambda _: None)
    settings: Mapping[str, object] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    """Records that MOCO shall not hold in the end."""
    overruled: bool = False
    """Whether somebody decided against what was edited by hand."""
    billed: frozenset[int] = frozenset()
    """Those whose activities it shall hold as billed."""
    rests: int | None = None
    """How a later `sync` ends, if not as the command does."""

    def begin(self, world: ForkedWorld) -> None:
        """Bring a new world to the moment right before the command."""
        if self.migrated:
            world.records = {record.id: record for record in self.records}
            world.write_export()
            finished = world.run("sync")
            assert finished.code == 0, finished
            edit_by_hand(world)
        self.edits(world)
        world.write_export()
        self.moco(world.moco)
        for words in self.first:
            finished = world.run(*words)
            assert finished.code in {0, 3}, finished


def edit_by_hand(world: ForkedWorld) -> None:
    """People work in MOCO: one entry of ours gets another text, and one is not ours at all."""
    activity = world.activity(EDITED_BY_HAND)
    world.moco.edit(replace(activity, description="By hand"))
    state = world.moco.state
    day = date.fromisoformat(NOT_OURS.day)
    world.moco.add_activity(state.users[activity.user_id], state.tasks[activity.task_id], day, NOT_OURS.seconds)


def everything(world: ForkedWorld) -> None:
    """Every kind of write: updates, a withdrawal, a changed worker, creates that need tasks and assignments."""
    world.change(WITHDRAWN, trashed=True)
    world.change(REBOOKED, person=2)
    world.change(UPDATED, text="Changed")
    world.change(MOVED, project=3)
    for each in new_records():
        world.records[each.id] = each


def new_records() -> tuple[Record, ...]:
    """Creates for three people, two of whom need an assignment; one record will be refused."""
    return (
        Record(id=201, person=1, text="First new"),
        Record(id=202, person=1, day=date(2024, 3, 1), text="Second new"),
        Record(id=203, person=3, project=3, day=date(2024, 3, 2), text="Needs an assignment"),
        Record(id=204, person=2, project=3, day=date(2024, 3, 3), text="Needs another"),
        Record(id=REFUSED, person=1, day=date(2024, 3, 4), text="Refused"),
        Record(id=206, person=1, day=date(2024, 3, 5), text="Beside the refused one"),
    )


def only_new(world: ForkedWorld) -> None:
    """A first migration: nothing is known in MOCO, so nothing can serve as a canary."""
    world.records = {each.id: each for each in new_records()}


def refuses_one(moco: MocoSandbox) -> None:
    """MOCO refuses one record, and a bulk that holds it."""
    moco.fault(RefuseRows.with_markers(f"ac:main:{REFUSED}"), method="POST", path=BULK, times=None)


def refuses_one_and_stores_the_rest(moco: MocoSandbox) -> None:
    """The same, but the good rows of a refused bulk are stored."""
    moco.switches.bulk = Bulk.PARTIAL
    refuses_one(moco)


def is_slow(moco: MocoSandbox) -> None:
    """Whatever is sent takes effect only when the sender may be dead already, and the next run may have begun."""
    refuses_one(moco)
    for method in ("POST", "PUT", "DELETE"):
        moco.fault(Delay(0.15), method=method, times=None)


def expected(world: ForkedWorld, story: Story) -> list[Booked]:
    """What MOCO shall hold in the end: every record once as the source has it, and what people did in MOCO."""
    wanted = world.wanted(without=story.missing)
    if story.migrated:
        if not story.overruled:
            by_hand = f"ac:main:{EDITED_BY_HAND}"
            wanted = [each._replace(description="By hand") if each.marker == by_hand else each for each in wanted]
        wanted.append(NOT_OURS)
    return sorted(wanted, key=repr)
