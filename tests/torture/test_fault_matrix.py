"""The pairwise part of the fault matrix; `make torture` runs every cell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.forkserver import ForkServer
from tests.torture.faults import PAIRS, Cell, matrix, suffer
from tests.torture.kills import Stage
from tests.torture.worlds import quick_folder


@pytest.fixture(scope="module")
def stage(server: ForkServer) -> Iterator[Stage]:
    """A migrated account with three of each kind of write to do."""
    with quick_folder() as folder, matrix(server, folder) as ready:
        yield ready


@pytest.mark.parametrize("cell", PAIRS, ids=str)
def test_whatever_goes_wrong_with_a_request_the_target_is_right_in_the_end(stage: Stage, cell: Cell) -> None:
    suffer(stage, cell)
