"""The pairwise part of the fault matrix; `make torture` runs every cell."""

from __future__ import annotations

import pytest

from tests.torture.conftest import Stages
from tests.torture.faults import PAIRS, Cell, suffer


@pytest.mark.parametrize("cell", PAIRS, ids=str)
def test_whatever_goes_wrong_with_a_request_the_target_is_right_in_the_end(stages: Stages, cell: Cell) -> None:
    suffer(stages.of(cell.kind.story), cell)
