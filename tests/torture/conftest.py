"""One fork server for each worker, warmed up by a rehearsal, and its stages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from tests.support.forkserver import ForkServer
from tests.support.postgres import PostgresServer
from tests.system.started import fork_server
from tests.torture.kills import Stage, staged
from tests.torture.stories import Story
from tests.torture.worlds import quick_folder, rehearse


@dataclass(slots=True)
class Stages:
    """Each is set up when it is first asked for: so tests can be small, and any worker can take any of them."""

    server: ForkServer
    kept: ExitStack
    postgres: PostgresServer | None = None
    _ready: dict[tuple[str, int], Stage] = field(default_factory=dict)

    def of(self, story: Story, concurrency: int = 1) -> Stage:
        """A story right before its command."""
        name = (story.name, concurrency)
        if name not in self._ready:
            folder = self.kept.enter_context(quick_folder())
            stage = staged(self.server, folder, story, self.postgres, concurrency)
            self._ready[name] = self.kept.enter_context(stage)
        return self._ready[name]


@pytest.fixture(scope="session")
def server() -> ForkServer:
    """A process that forks the product; the same as that of the system tests."""
    rehearse(fork_server())
    return fork_server()


@pytest.fixture(scope="session")
def stages(server: ForkServer) -> Iterator[Stages]:
    """Those of this worker."""
    with ExitStack() as kept:
        yield Stages(server, kept)


@pytest.fixture(scope="session")
def stages_on_postgres(server: ForkServer, postgres: PostgresServer) -> Iterator[Stages]:
    """The same with their databases on a server, which has to outlive them."""
    with ExitStack() as kept:
        yield Stages(server, kept, postgres)
