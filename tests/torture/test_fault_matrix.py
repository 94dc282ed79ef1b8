"""The pairwise part of the fault matrix; `make torture` runs every cell."""

from __future__ import annotations

import pytest

from tests.torture.conftest import Stages
from tests.torture.faults import PAIRS, Cell, suffer

ONCE_MORE = 4
"""After every fourth cell everything is run once more."""


@pytest.mark.parametrize("cell", PAIRS, ids=str)
def test_whatever_goes_wrong_with_a_request_the_target_is_right_in_the_end(stages: Stages, cell: Cell) -> None:
    suffer(stages.of(cell.kind.story), cell, once_more=PAIRS.index(cell) % ONCE_MORE == 0)
