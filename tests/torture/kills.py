"""One death after the other: a story struck at chosen points, told again to its end, judged by MOCO's own memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from signal import SIGKILL

from migrator.sandbox.moco_log import RequestRecord
from tests.support.forkserver import ForkServer
from tests.support.postgres import PostgresServer
from tests.system.door import At
from tests.system.door import Moment as When
from tests.system.harness import Finished
from tests.torture.points import Fate, Kind, Point
from tests.torture.stories import Story, expected
from tests.torture.worlds import ForkedWorld, Held, Moment

DISREGARD, REFUSED_THERE = "/activities/disregard", 422

LAST_REQUEST_AFTER = 0.6
"""Seconds from the first answer to the last one, or about that."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A story right before its command, what became of it unharmed, and the points that this passed."""

    story: Story
    moment: Moment
    unharmed: Held
    passed: Sequence[Kind]
    requests: Sequence[RequestRecord]

    @property
    def points(self) -> list[Point]:
        """Every point of the unharmed run, kind by kind."""
        return [Point(kind, number + 1) for kind in Kind for number in range(self.passed.count(kind))]

    def sent(self, method: str, path: str) -> int:
        """How many requests of a method and path (a regular expression, below the API's root) it sent."""
        whole = re.compile(f"/api/v1{path}")
        return sum(each.method == method and whole.fullmatch(each.path) is not None for each in self.requests)


@contextmanager
def staged(
    server: ForkServer, folder: Path, story: Story, postgres: PostgresServer | None = None, concurrency: int = 1
) -> Iterator[Stage]:
    """Bring a story to its moment and tell it once unharmed, with its database in a file or on a server."""
    settings: dict[str, object] = {**story.settings, "moco__concurrency": concurrency}
    if postgres is not None:
        settings["database__url"] = postgres.create()
    with ForkedWorld(server, folder, (), **settings) as world:
        story.begin(world)
        moment = Moment.now(world, postgres, story.moco)
        try:
            moment.again()
            before = world.lent()
            finished = world.run(*story.command)
            assert finished.code == story.code, finished
            passed = world.passed()
            _tell_the_rest(world, story)
            unharmed = world.held()
            assert unharmed.activities == expected(world, story)
            assert unharmed.billed == sorted(f"ac:main:{each}" for each in story.billed), finished
            assert unharmed.lent == before
            yield Stage(story, moment, unharmed, passed, world.moco.requests)
        finally:
            moment.forget()


def strike(stage: Stage, *points: Point, once_more: bool = True) -> int:
    """Kill the story at a point, its repetition at the next one, and so on; then judge it.

    Gives how many of the kills happened: the order of requests in flight may vary, and a repetition has less to do.
    `once_more` runs everything again at the end, which must write nothing.
    """
    world, story = stage.moment.again(), stage.story
    dead = 0
    for point in points:
        finished = world.run(*story.command, fate=Fate(point))
        survived = finished.code == story.code or carried_out_before(story, finished)
        assert survived or finished.code == -SIGKILL, f"{story.name} killed at the {point}: {finished}"
        dead += finished.code == -SIGKILL
    for words in story.between:
        world.run_to_the_end(*words)
    told = f"{story.name}, killed at the {' and the '.join(map(str, points))}"
    judge(world, stage, told, once_more=once_more)
    return dead


def strike_at_random(stage: Stage, seed: int) -> int:
    """Kill a real process, started as a person starts it, at a moment between its first request and its end.

    The moment is drawn from `seed`; where it falls in the program is up to the machine.
    """
    world, chance = stage.moment.again(), Random(seed)
    pause = chance.uniform(0, LAST_REQUEST_AFTER)
    world.program = ("-m", "migrator")
    finished = world.run_and_strike(At(1, When.ANSWERED, pause, writes_only=False), *stage.story.command)
    world.program = ()
    judge(world, stage, f"{stage.story.name}, killed {pause:.3f} s after its first answer", once_more=True)
    return int(finished.code == -SIGKILL)


def judge(world: ForkedWorld, stage: Stage, told: str, *, once_more: bool) -> None:
    """Tell the story to its end: MOCO holds what it holds after an unharmed one, and another run changes nothing."""
    story = stage.story
    finished = world.run_to_the_end(*story.command)
    assert finished.code == story.code or carried_out_before(story, finished), f"{told}: {finished}"
    _tell_the_rest(world, story)
    assert not twice(world), f"{told}: {twice(world)} are there twice"
    assert not billed_twice(world), f"{told}: what is billed was to be marked again"
    assert world.held() == stage.unharmed, told
    if once_more:
        rests(world, stage, told)


def rests(world: ForkedWorld, stage: Stage, told: str) -> None:
    """Another run ends the same way and writes nothing."""
    world.forget_requests()
    finished = world.run("sync")
    code = stage.story.code if stage.story.rests is None else stage.story.rests
    assert finished.code == code, f"{told}, then run once more: {finished}"
    assert world.writes() == [], f"{told}, then run once more"


def _tell_the_rest(world: ForkedWorld, story: Story) -> None:
    for words in story.then:
        finished = world.run_to_the_end(*words)
        assert finished.code in {0, 3}, finished


def carried_out_before(story: Story, finished: Finished) -> bool:
    """Whether a command says that it has nothing to do any more, because its first life did it."""
    if story.carried_out is None:
        return False
    code, words = story.carried_out
    return finished.code == code and words in finished.message


def billed_twice(world: ForkedWorld) -> bool:
    """Whether the program asked to mark what was marked already: MOCO refuses that."""
    # A killed process may have sent no body.
    asked = [each for each in world.moco.requests if each.path.endswith(DISREGARD) and each.body]
    return any(each.status == REFUSED_THERE for each in asked)


def twice(world: ForkedWorld) -> Sequence[str]:
    """Markers that more than one activity carries."""
    markers = [each.remote_id for each in world.moco.activities if each.remote_id is not None]
    return sorted({marker for marker in markers if markers.count(marker) > 1})
