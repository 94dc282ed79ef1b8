"""Two days of the service at high speed; `make soak` takes longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.days import Soak


@pytest.mark.own_database
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_two_days_of_edits_and_faults_keep_every_promise(tmp_path: Path) -> None:
    # Over the night in which clocks are changed.
    found = Soak(tmp_path, 2, "6h", 5, lambda _: None).run()
    assert found.unexplained == []
    assert found.outcomes["sync 0"] + found.outcomes["sync 3"] >= 7
    assert sum(count for name, count in found.outcomes.items() if name.startswith("audit")) >= 2
    assert found.events["faults of MOCO"] > 0
