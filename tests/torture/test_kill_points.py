"""Killed at every await of the outside and run again: the same target as if nothing had happened.

`make test` strikes at some of the points of each story, `make torture` at all of them.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.torture.conftest import Stages
from tests.torture.kills import Stage, strike, strike_at_random
from tests.torture.telling import STORIES

TAKEN = {
    "sync": (16, 5),
    "apply": (48, 1),
    "first": (36, 1),
    "creating": (24, 2),
    "partial": (48, 1),
    "slow": (96, 1),
    "billed": (5, 7),
    "undo": (2, 9),
    "undo after a sync": (16, 2),
    "reopening": (20, 6),
    "pausing hooks": (40, 2),
    "resolving": (1, 1),
    "resolved": (8, 4),
}
"""Every how manieth point of a story is taken here (more where a run costs less), and over how many tests.

About five kills are a test, so that workers share them evenly.
"""

SELDOM = 24
"""Where a story's points are taken by other tests, too."""

ONCE_MORE = 8
"""After every eighth death everything is run once more."""

BY_NAME = {story.name: story for story in STORIES}


def strike_each(stage: Stage, first: int, step: int) -> int:
    """Kill at every `step`th point; gives how many of the kills happened."""
    chosen = stage.points[first::step]
    return sum(strike(stage, point, once_more=n % ONCE_MORE == 1) for n, point in enumerate(chosen))


def test_some_points_of_every_story_are_taken() -> None:
    assert list(TAKEN) == list(BY_NAME)


@pytest.mark.parametrize(
    ("name", "share"), [(name, share) for name, (_, tests) in TAKEN.items() for share in range(tests)]
)
def test_a_story_killed_at_any_point_ends_as_one_that_was_never_killed(stages: Stages, name: str, share: int) -> None:
    stage = stages.of(BY_NAME[name])
    every, tests = TAKEN[name]
    first, step = share * every, every * tests
    assert strike_each(stage, first, step) == len(stage.points[first::step]) > 2


@pytest.mark.parametrize("share", range(3))
def test_with_several_requests_in_flight_a_killed_sync_ends_as_one_that_was_never_killed(
    stages: Stages, share: int
) -> None:
    stage = stages.of(BY_NAME["sync"], concurrency=4)
    assert strike_each(stage, 3 + share * SELDOM, 3 * SELDOM) > 2


@pytest.mark.parametrize("share", range(2))
@pytest.mark.parametrize("name", ["undo", "billed"])
def test_on_postgresql_a_killed_story_ends_as_one_that_was_never_killed(
    stages_on_postgres: Stages, name: str, share: int
) -> None:
    stage = stages_on_postgres.of(BY_NAME[name])
    assert strike_each(stage, 7 + share * SELDOM, 2 * SELDOM) > 1


@pytest.mark.parametrize("seed", range(4))
def test_a_sync_whose_repetition_is_killed_as_well_ends_as_one_that_was_never_killed(stages: Stages, seed: int) -> None:
    stage, chance = stages.of(BY_NAME["sync"]), Random(seed)
    dead = [strike(stage, *chance.sample(stage.points, 3), once_more=False) for _ in range(2)]
    assert sum(dead) > len(dead)


@pytest.mark.parametrize("seed", range(3))
def test_a_real_process_killed_at_a_random_moment_ends_as_one_that_was_never_killed(stages: Stages, seed: int) -> None:
    strike_at_random(stages.of(BY_NAME["sync"]), seed)
