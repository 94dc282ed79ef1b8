"""The fault matrix: what can go wrong with a request, with which kind of request, at the first, a middle, the last one.

Each cell is one run in which one thing goes wrong. The table says how that run ends; what is not final then is healed
by running the same command again. What MOCO holds in the end is always the same.

A command that sends another kind of request gets a line in `KINDS` (and, if `sync` does not send it, a command and a
story of its own); something else that can go wrong gets a line in `FAULTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from migrator.sandbox.faults import (
    AnswerInstead,
    Delay,
    Drop,
    Effect,
    LateCommit,
    LoseAnswer,
    SlowBytes,
    TruncatedJson,
)
from tests.system.export import Record
from tests.torture.kills import Stage, billed_twice, judge, rests
from tests.torture.points import Fate, Refused
from tests.torture.stories import EDITED_BY_HAND, Story
from tests.torture.telling import PAID_RECORDS, nothing
from tests.torture.worlds import ForkedWorld

TIMEOUT, SETTLE = 1.0, 0.5
"""Seconds, in the settings of the matrix."""


@dataclass(frozen=True, slots=True)
class Ends:
    """How a run ends: its exit code, and the words that stop it, if any."""

    code: int = 0
    words: str = ""


WELL = Ends()
"""The run itself makes good what went wrong."""

LOGIN_REFUSED = Ends(12, "refuse")
USELESS_ANSWER = Ends(5, "cannot be used")
OUT_OF_REACH = Ends(5, "cannot be reached")
NOT_CREATED = Ends(5, "does not create")
NO_ANSWER = Ends(5, "refused")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: in MOCO or on the way there (an effect), or a connection that is refused.

    `otherwise` holds how a run ends where that depends on the kind of request, by the name of the kind.
    """

    name: str
    what: Effect | Refused
    ends: Ends = WELL
    otherwise: Mapping[str, Ends] = field(default_factory=dict)

    def ending(self, kind: RequestKind) -> Ends:
        """How a run ends that this befalls."""
        return self.otherwise.get(kind.name, self.ends)


@dataclass(frozen=True, slots=True)
class RequestKind:
    """A kind of request that a story of the matrix sends at least three times; `path` is a regular expression."""

    name: str
    method: str
    path: str
    story: Story


class Place(Enum):
    """Which request of its kind."""

    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"

    def among(self, many: int) -> int:
        """Its number, from 1."""
        return {Place.FIRST: 1, Place.MIDDLE: (many + 1) // 2, Place.LAST: many}[self]


FAULTS = (
    Fault("connection refused", Refused("", "")),
    Fault(
        "connection refused for good",
        Refused("", "", times=0),
        OUT_OF_REACH,
        {
            "contract": NOT_CREATED,
            "task": NOT_CREATED,
            "scan": NO_ANSWER,
        },
    ),
    Fault("reset before applying", Drop(applied=False)),
    Fault("reset after applying", Drop(applied=True)),
    Fault("timeout, applied late", Delay(TIMEOUT + SETTLE / 2)),
    Fault("500", AnswerInstead(500)),
    Fault("502", AnswerInstead(502)),
    Fault("503", AnswerInstead(503)),
    Fault("502 after applying", LoseAnswer(502)),
    Fault("504, applied late", LateCommit(TIMEOUT / 2, 504)),
    Fault("truncated JSON", TruncatedJson(), otherwise={"scan": USELESS_ANSWER}),
    Fault("429", AnswerInstead(429)),
    Fault("429 with Retry-After", AnswerInstead(429, retry_after=1)),
    Fault("401 midway", AnswerInstead(401), LOGIN_REFUSED),
    Fault("slow bytes", SlowBytes(pause=0.3, piece=50)),
)


def three_of_each(world: ForkedWorld) -> None:
    """Three withdrawals, three updates, and creates that need three tasks and three assignments."""
    for number in (101, 102, 103):
        world.change(number, trashed=True)
    for number in (104, 105, 107):
        world.change(number, text="Changed")
    for number in range(6):
        person = 1 + number % 3
        world.records[201 + number] = Record(id=201 + number, person=person, project=person + 2, text=f"New {number}")


# What was edited by hand is not verified, so it must not be asked for.
VERIFIED = tuple(replace(each, status=1) if each.id == EDITED_BY_HAND else each for each in PAID_RECORDS)
PAID = frozenset(each.id for each in VERIFIED if each.status == 3)

QUICK = {"moco__timeout_seconds": TIMEOUT, "moco__settle_seconds": SETTLE}

SYNCED = Story("matrix", ("sync",), three_of_each, 0, settings=QUICK)
MARKED = Story("matrix of billed", ("billed", "--yes"), nothing, 0, records=VERIFIED, billed=PAID, settings=QUICK)

KINDS = (
    RequestKind("bulk", "POST", "/activities/bulk", SYNCED),
    RequestKind("update", "PUT", "/activities/[0-9]+", SYNCED),
    RequestKind("delete", "DELETE", "/activities/[0-9]+", SYNCED),
    RequestKind("contract", "POST", "/projects/[0-9]+/contracts", SYNCED),
    RequestKind("task", "POST", "/projects/[0-9]+/tasks", SYNCED),
    RequestKind("scan", "GET", "/activities", SYNCED),
    RequestKind("disregard", "POST", "/activities/disregard", MARKED),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One run in which one thing goes wrong."""

    fault: Fault
    kind: RequestKind
    place: Place

    def __str__(self) -> str:
        return f"{self.fault.name} at the {self.place.value} {self.kind.name}"


CELLS = tuple(Cell(fault, kind, place) for fault in FAULTS for kind in KINDS for place in Place)

PAIRS = tuple(
    Cell(fault, kind, tuple(Place)[(row + column) % len(Place)])
    for row, fault in enumerate(FAULTS)
    for column, kind in enumerate(KINDS)
)
"""Every fault with every kind, every fault at every place, every kind at every place."""


STORIES = (SYNCED, MARKED)


def cells(story: Story) -> list[Cell]:
    """Those that one story can tell."""
    return [cell for cell in CELLS if cell.kind.story is story]


def suffer(stage: Stage, cell: Cell, *, once_more: bool = True) -> None:
    """One cell: the run ends as the table says, and running again heals what is not final.

    `once_more` runs everything again at the end, which must write nothing.
    """
    nth = cell.place.among(stage.sent(cell.kind.method, cell.kind.path))
    world, fate = stage.moment.again(), Fate()
    match cell.fault.what:
        case Refused(times=times):
            fate = Fate(refused=Refused(cell.kind.method, cell.kind.path, nth, times))
        case effect:
            world.moco.fault(effect, method=cell.kind.method, path=cell.kind.path, nth=nth)
    finished = world.run(*cell.kind.story.command, fate=fate)
    ends = cell.fault.ending(cell.kind)
    assert finished.code == ends.code, f"{cell}: {finished}"
    assert ends.words in finished.message, f"{cell}: {finished}"
    assert bool(finished.message) == bool(ends.words), f"{cell}: {finished}"
    assert len(world.moco.faults) == 0, f"{cell}: it never happened"
    if ends == WELL:
        assert not billed_twice(world), f"{cell}"
        assert world.held() == stage.unharmed, f"{cell}"
        if once_more:
            rests(world, stage, str(cell))
    else:
        judge(world, stage, str(cell), once_more=once_more)
