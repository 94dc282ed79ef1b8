"""Killed at every await of the outside and run again: the same target as if nothing had happened.

`make test` strikes at every third point of one story and at some of the others; `make torture` at all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from tests.support.forkserver import ForkServer
from tests.support.postgres import PostgresServer
from tests.torture.kills import Stage, staged, strike, strike_at_random
from tests.torture.stories import Story
from tests.torture.telling import STORIES
from tests.torture.worlds import quick_folder

SHARES = 8
"""The points of the first story are spread over so many tests, so that several workers share them."""

EVERY = 3
SELDOM = 10
"""Of the points of the first story every third one is taken here, of the others every tenth."""

ONCE_MORE = 8
"""After every eighth death everything is run once more."""

SYNC, *OTHERS = STORIES


@contextmanager
def on_stage(
    server: ForkServer, story: Story, postgres: PostgresServer | None = None, concurrency: int = 1
) -> Iterator[Stage]:
    with quick_folder() as folder, staged(server, folder, story, postgres, concurrency) as stage:
        yield stage


def strike_each(stage: Stage, first: int, step: int) -> int:
    """Kill at every `step`th point; gives how many of the kills happened."""
    chosen = stage.points[first::step]
    return sum(strike(stage, point, once_more=n % ONCE_MORE == 0) for n, point in enumerate(chosen))


@pytest.mark.parametrize("share", range(SHARES))
def test_a_sync_killed_at_any_point_ends_as_one_that_was_never_killed(server: ForkServer, share: int) -> None:
    with on_stage(server, SYNC) as stage:
        assert len(stage.points) > 300
        chosen = stage.points[share * EVERY :: SHARES * EVERY]
        assert strike_each(stage, share * EVERY, SHARES * EVERY) == len(chosen)


@pytest.mark.parametrize("story", OTHERS, ids=lambda story: story.name)
def test_another_story_killed_at_any_point_ends_as_one_that_was_never_killed(server: ForkServer, story: Story) -> None:
    with on_stage(server, story) as stage:
        # Waiting for slow answers takes long and shows nothing at most points.
        assert strike_each(stage, 5, 3 * SELDOM if story.name == "slow" else SELDOM) > 8


def test_with_several_requests_in_flight_a_killed_sync_ends_as_one_that_was_never_killed(server: ForkServer) -> None:
    with on_stage(server, SYNC, concurrency=4) as stage:
        assert strike_each(stage, 3, SELDOM) > 15


def test_on_postgresql_a_killed_sync_ends_as_one_that_was_never_killed(
    server: ForkServer, postgres: PostgresServer
) -> None:
    with on_stage(server, SYNC, postgres) as stage:
        assert strike_each(stage, 7, SELDOM) > 15


def test_a_sync_whose_repetition_is_killed_as_well_ends_as_one_that_was_never_killed(server: ForkServer) -> None:
    with on_stage(server, SYNC) as stage:
        chance = Random(4)
        dead = [strike(stage, *chance.sample(stage.points, 3), once_more=False) for _ in range(8)]
        assert sum(dead) > len(dead)


@pytest.mark.parametrize("seed", range(3))
def test_a_real_process_killed_at_a_random_moment_ends_as_one_that_was_never_killed(
    server: ForkServer, seed: int
) -> None:
    with on_stage(server, SYNC) as stage:
        strike_at_random(stage, seed)
