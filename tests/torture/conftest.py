"""One fork server for each worker, warmed up by a rehearsal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.forkserver import ForkServer
from tests.torture.worlds import rehearsed


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """A process that forks the product."""
    with rehearsed() as started:
        yield started
