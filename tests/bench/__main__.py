"""`python -m tests.bench [--small]`: speed of reading; memory and speed of read, plan, apply and report; the window.

Memory must not grow with the number of records; the last column says how much it does. Seconds are those of this
machine and of a simulated MOCO without a rate limit: the real one allows about one request per second. The last
table is about that limit: how many times the least possible time a push of single requests takes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.measure import COMMANDS, Cost, migrate
from tests.bench.pushing import CONCURRENCY, measure_pushing
from tests.bench.pushing import FULL as FULL_PACE
from tests.bench.pushing import SMALL as SMALL_PACE
from tests.bench.reading import measure_reading, ratios
from tests.support.pushing import Pace, Pushed

FULL = (10_000, 200_000)
SMALL = (2_000, 20_000)


def main() -> None:
    """Measure both sizes and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--small", action="store_true", help=f"{SMALL[0]:,} and {SMALL[1]:,} records, for a quick look")
    parser.add_argument("--window", action="store_true", help="nothing but the use of the request window")
    chosen = parser.parse_args()
    few, many = SMALL if chosen.small else FULL
    pace = SMALL_PACE if chosen.small else FULL_PACE
    # A pipe counts as 80 columns, too few for the headings.
    console = Console(width=max(Console().width, 100))
    if not chosen.window:
        _records(console, few, many)
    console.print(f"pushing at {pace.limit:,} requests per {pace.window} s …")
    with tempfile.TemporaryDirectory(prefix="migrator-bench-") as folder:
        console.print(_pushing_table(pace, measure_pushing(Path(folder), pace)))


def _records(console: Console, few: int, many: int) -> None:
    console.print(f"reading {many:,} records …")
    with tempfile.TemporaryDirectory(prefix="migrator-bench-") as folder:
        console.print(_reading_table(many, measure_reading(Path(folder), many)))
    costs: dict[int, dict[str, Cost]] = {}
    for records in (few, many):
        console.print(f"migrating {records:,} records …")
        with tempfile.TemporaryDirectory(prefix="migrator-bench-") as folder:
            costs[records] = migrate(Path(folder), records)
    console.print(_table(few, many, costs))


def _reading_table(records: int, seconds: dict[str, list[float]]) -> Table:
    table = Table("reading", title=f"speed of reading {records:,} records of 30 fields")
    for heading in ("best\nµs/record", "median\nratio", "least\nratio", "most\nratio"):
        table.add_column(heading, justify="right")
    for name, (least, median, most) in ratios(seconds).items():
        best = min(seconds[name]) / records * 1e6
        table.add_row(name, f"{best:.1f}", f"{median:.2f}", f"{least:.2f}", f"{most:.2f}")
    return table


def _pushing_table(pace: Pace, pushed: dict[str, Pushed]) -> Table:
    table = Table(
        "single requests",
        title=f"{pace.limit:,} requests per {pace.window} s, answers after {pace.latency} s, {CONCURRENCY} in flight",
    )
    for heading in ("requests", "least\nseconds", "ratio", "fullest\nwindow"):
        table.add_column(heading, justify="right")
    for name, each in pushed.items():
        table.add_row(name, f"{each.requests:,}", f"{each.allowed:,.1f}", f"{each.ratio:.3f}", f"{each.fullest:,}")
    return table


def _table(few: int, many: int, costs: dict[int, dict[str, Cost]]) -> Table:
    table = Table("command", title="memory and speed")
    for records in (few, many):
        for heading in ("seconds", "records/s", "peak MB"):
            table.add_column(f"{heading}\n{records:,}", justify="right")
    table.add_column(f"peak ratio\n{many // few}-fold", justify="right")
    for name in COMMANDS:
        cells = [name]
        for records in (few, many):
            cost = costs[records][name]
            cells += [
                f"{cost.seconds:,.1f}",
                f"{records / cost.seconds:,.0f}",
                f"{cost.peak_kilobytes / 1024:,.0f}",
            ]
        ratio = costs[many][name].peak_kilobytes / costs[few][name].peak_kilobytes
        table.add_row(*cells, f"{ratio:.2f}")
    return table


if __name__ == "__main__":
    main()
