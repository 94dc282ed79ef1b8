"""`python -m tests.soak --days 30 --every 15m --seed 1`: a long soak and its figures; fails where a promise broke.

Also where a run ended as none should, with everything the product told of it.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from tests.soak.days import Figures, Soak

MOST_GROWTH = 1.0
"""Megabytes a day, both simulations and their growing accounts included."""


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--every", default="15m")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=1, help="chances of a fault before each run")
    chosen = parser.parse_args()
    # The whole story is heard by the soak, which tells it where somebody has to look; nobody else is told.
    logging.getLogger().setLevel(logging.INFO)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak = Soak(Path(folder), chosen.days, chosen.every, chosen.seed, console.print, chosen.faults)
        try:
            found = soak.run()
        except BaseException:
            _print(console, soak.figures, 0)
            _tell(console, "the last runs", soak.last)
            raise
        size = (Path(folder) / "migrator.db").stat().st_size
    asked = f"every {chosen.every}, seed {chosen.seed}, faults {chosen.faults}"
    took = f"{chosen.days:g} virtual days in {found.seconds:.0f} s, {asked}"
    console.print(f"{took}: I1 to I10 hold")
    _print(console, found, size)
    assert not found.unexplained, f"{len(found.unexplained)} runs ended as none should"
    assert found.growth() <= MOST_GROWTH, "memory grows"


def _print(console: Console, found: Figures, size: int) -> None:
    rows = {
        "work by kind and exit code": dict(sorted(found.outcomes.items())),
        "what happened meanwhile": dict(sorted(found.events.items())),
        "written to MOCO": f"{dict(found.words)}, {found.requests:,} requests",
        "records, lives of the service": f"{found.records:,}, {found.restarts:,}",
        "database": f"{size / 2**20:.1f} MB",
        "memory, day by day": f"{[round(each) for each in found.memory]} MB, {found.growth():+.2f} MB a day",
    }
    for name, value in rows.items():
        console.print(f"  {name:<30} {value}")
    _tell(console, "ended as none should", found.unexplained)


def _tell(console: Console, heading: str, stories: Iterable[str]) -> None:
    for each in stories:
        console.print(f"-- {heading} --\n{each}")


if __name__ == "__main__":
    main()
