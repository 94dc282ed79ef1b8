"""Memory does not grow with the number of records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.measure import COMMANDS, migrate

FEW, MANY = 1_000, 8_000
MOST_GROWTH = 1.25
ALLOWANCE = 8 * 1024
"""Kilobytes: caches of fixed size that a small run does not fill."""


@pytest.mark.timeout(280)
def test_eight_times_the_records_need_hardly_more_memory(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    small, large = migrate(few, FEW), migrate(many, MANY)
    for name in COMMANDS:
        peaks = (small[name].peak_kilobytes, large[name].peak_kilobytes)
        assert peaks[1] <= MOST_GROWTH * peaks[0] + ALLOWANCE, (name, peaks)
