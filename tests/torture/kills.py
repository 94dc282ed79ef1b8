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
from tests.torture.points import Fate, Kind, Point
from tests.torture.stories import Story, expected
from tests.torture.worlds import ForkedWorld, Held, Moment

LAST_REQUEST_AFTER = 0.6
"""Seconds from the first answer to the last one, or about that."""

USED_PLAN = 7
"""The exit code of an `apply` whose plan was carried out already."""


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
            finished = world.run(*story.command)
            assert finished.code == story.code, finished
            unharmed = world.held()
            assert unharmed.activities == expected(world, story)
            yield Stage(story, moment, unharmed, world.passed(), world.moco.requests)
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
        assert finished.code in {-SIGKILL, story.code, USED_PLAN}, f"{story.name} killed at the {point}: {finished}"
        dead += finished.code == -SIGKILL
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
    used = finished.code == USED_PLAN and "carried out already" in finished.message
    assert finished.code == story.code or used, f"{told}: {finished}"
    assert not twice(world), f"{told}: {twice(world)} are there twice"
    assert world.held() == stage.unharmed, told
    if once_more:
        rests(world, stage, told)


def rests(world: ForkedWorld, stage: Stage, told: str) -> None:
    """Another run ends the same way and writes nothing."""
    world.forget_requests()
    finished = world.run("sync")
    assert finished.code == stage.story.code, f"{told}, then run once more: {finished}"
    assert world.writes() == [], f"{told}, then run once more"


def twice(world: ForkedWorld) -> Sequence[str]:
    """Markers that more than one activity carries."""
    markers = [each.remote_id for each in world.moco.activities if each.remote_id is not None]
    return sorted({marker for marker in markers if markers.count(marker) > 1})
