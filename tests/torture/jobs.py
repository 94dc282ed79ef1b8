"""The work of `make torture` as a fixed list of jobs, what one worker makes of a job, and the notes of what is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from random import Random

from tests.support.forkserver import ForkServer
from tests.support.postgres import postgres_server
from tests.torture import faults
from tests.torture.faults import Cell, cells, suffer
from tests.torture.kills import Stage, staged, strike, strike_at_random, twice
from tests.torture.telling import STORIES
from tests.torture.worlds import quick_folder, rehearse

DATABASES = ("sqlite", "postgresql")
CONCURRENCIES = (1, 4)

AT_ONCE = 12
"""Kills or cells in one job: enough to be worth its stage, few enough to be soon noted."""

MOST_POINTS = 480
ABOUT_POINTS = 225
"""More than any story has, and what one has at least on an average; how many there are is found out on its stage."""

IN_A_ROW = 3
SURVIVING = 2
"""Kills of one series, and how many of these happen at least: a repetition has less to do, and fewer points."""


@dataclass(frozen=True, slots=True)
class Job:
    """`many` deaths or cells of a story on a database, from the number `first` on.

    `kind` is "every" (each point once), "again" (seeded series of kills), "random" (real processes) or "cells".
    """

    kind: str
    story: str
    database: str
    concurrency: int
    first: int
    many: int
    seed: int

    @property
    def group(self) -> str:
        """What its figures are added to."""
        return f"{self.kind} {self.story} {self.database} x{self.concurrency}"

    @property
    def name(self) -> str:
        """Its name in the notes."""
        return f"{self.group} {self.first}+{self.many}"


@dataclass(slots=True)
class Result:
    """What became of a job."""

    job: str
    group: str
    survived: int = 0
    doubled: int = 0
    lost: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def jobs(seed: int, points: int, databases: Sequence[str], *, with_cells: bool, random: int) -> list[Job]:
    """The whole work for about `points` kills: single ones first, then series of them; the same for the same seed."""
    groups = [(story.name, base, many) for story in STORIES for base in databases for many in CONCURRENCIES]
    single = [
        Job("every", *group, first, AT_ONCE, seed) for group in groups for first in range(0, MOST_POINTS, AT_ONCE)
    ]
    Random(seed).shuffle(single)
    whole = len(groups) * ABOUT_POINTS
    chosen = single if points >= whole else single[: -(-points // AT_ONCE)]
    series = -(-max(0, points - whole) // (AT_ONCE * SURVIVING))
    chosen += [Job("again", *groups[number % len(groups)], number, AT_ONCE, seed) for number in range(series)]
    for base in databases:
        for first in range(0, random, AT_ONCE):
            chosen.append(Job("random", "sync", base, 4, first, min(AT_ONCE, random - first), seed))
        if with_cells:
            chosen += [
                Job("cells", story.name, base, 1, first, AT_ONCE, seed)
                for story in faults.STORIES
                for first in range(0, len(cells(story)), AT_ONCE)
            ]
    return chosen


def carry_out(job: Job) -> Result:
    """Set the stage of a job, and let happen on it what it is made of; runs in a worker."""
    result, began = Result(job.name, job.group), time.monotonic()
    with ExitStack() as stack:
        try:
            stage = stack.enter_context(_stage(job))
            for step in _steps(job, stage):
                _try(stage, step, result)
        except AssertionError as error:
            result.failures.append(f"{job.name}: {error}")
    result.seconds = time.monotonic() - began
    return result


def _steps(job: Job, stage: Stage) -> Iterator[Callable[[], int]]:
    """Each gives how many kills or cells it was."""
    numbers = range(job.first, job.first + job.many)
    match job.kind:
        case "every":
            for point in stage.points[job.first : job.first + job.many]:
                yield partial(strike, stage, point)
        case "again":
            chance = Random(f"{job.seed} {job.name}")
            for _ in numbers:
                yield partial(strike, stage, *chance.sample(stage.points, IN_A_ROW))
        case "random":
            for number in numbers:
                yield partial(strike_at_random, stage, job.seed * MOST_POINTS + number)
        case _:
            for cell in cells(stage.story)[job.first : job.first + job.many]:
                yield partial(_suffer, stage, cell)


def _suffer(stage: Stage, cell: Cell) -> int:
    suffer(stage, cell)
    return 1


def _try(stage: Stage, step: Callable[[], int], result: Result) -> None:
    try:
        result.survived += step()
    except (AssertionError, TimeoutError) as error:
        result.failures.append(str(error))
        world = stage.moment.world
        there = {each.remote_id for each in world.moco.activities}
        result.doubled += len(twice(world))
        result.lost += sum(each.marker not in there for each in stage.unharmed.activities)


@contextmanager
def _stage(job: Job) -> Iterator[Stage]:
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if job.database == "postgresql" else None
        folder = stack.enter_context(quick_folder())
        (story,) = [each for each in (*STORIES, *faults.STORIES) if each.name == job.story]
        yield stack.enter_context(staged(_server(), folder, story, postgres, job.concurrency))


@cache
def _server() -> ForkServer:
    """One for each worker; it ends with it."""
    server = _kept.enter_context(ForkServer())
    rehearse(server)
    return server


_kept = ExitStack()


# -- the notes -----------------------------------------------------------------------------------------------------


def write_result(notes: Path, result: Result) -> None:
    """Note what became of a job."""
    with notes.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result)) + "\n")


def read_results(notes: Path) -> dict[str, Result]:
    """What was noted before, by the name of the job; a line that was cut off is not there."""
    found: dict[str, Result] = {}
    if notes.is_file():
        for line in notes.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                result = Result(**json.loads(line))
                found[result.job] = result
    return found
