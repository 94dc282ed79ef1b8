"""One fork server for each worker, warmed up by a rehearsal, and its stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from tests.support.forkserver import ForkServer
from tests.support.postgres import PostgresServer
from tests.torture.kills import Stage, staged
from tests.torture.stories import Story
from tests.torture.worlds import quick_folder, rehearsed


@dataclass(slots=True)
class Stages:
    """Each is set up when it is first asked for: so tests can be small, and any worker can take any of them."""

    server: ForkServer
    kept: ExitStack
    _ready: dict[tuple[str, bool, int], Stage] = field(default_factory=dict)

    def of(self, story: Story, postgres: PostgresServer | None = None, concurrency: int = 1) -> Stage:
        """A story right before its command."""
        name = (story.name, postgres is not None, concurrency)
        if name not in self._ready:
            folder = self.kept.enter_context(quick_folder())
            self._ready[name] = self.kept.enter_context(staged(self.server, folder, story, postgres, concurrency))
        return self._ready[name]


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """A process that forks the product."""
    with rehearsed() as started:
        yield started


@pytest.fixture(scope="session")
def stages(server: ForkServer) -> Iterator[Stages]:
    """Those of this worker."""
    with ExitStack() as kept:
        yield Stages(server, kept)
