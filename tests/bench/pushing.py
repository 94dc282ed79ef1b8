"""How much longer a push takes than MOCO's request window makes it, with slow answers and several in flight."""

from __future__ import annotations

from pathlib import Path

from tests.support.pushing import KINDS, Pace, Pushed, push
from tests.system.export import some_records
from tests.system.harness import World

FULL = Pace(limit=1_200, window=120, latency=0.3)
SMALL = Pace(limit=120, window=12, latency=0.3)
"""As many requests per second."""

CONCURRENCY = 4
WINDOWS = 2


def measure_pushing(folder: Path, pace: Pace) -> dict[str, Pushed]:
    """Fill a little more than two windows with single requests of each kind."""
    return {kind: _pushed(folder / kind, kind, pace) for kind in KINDS}


def _pushed(folder: Path, kind: str, pace: Pace) -> Pushed:
    folder.mkdir()
    records = some_records(WINDOWS * pace.limit + 2)
    with World(folder, records, moco__timeout_seconds=30, moco__bulk_size=100) as world:
        return push(world, kind, pace, CONCURRENCY)
