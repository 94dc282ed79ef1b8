"""`make torture`: ten thousand kill points and every cell of the fault matrix, on SQLite and on PostgreSQL.

The work is a fixed list of small jobs for a given seed. Each finished job is noted in a file, so that an interrupted
torture goes on where it was; `--anew` forgets it. The exit code is 1 when anything was doubled, lost or different.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.support.postgres import postgres_server
from tests.torture.jobs import DATABASES, Job, Result, carry_out, jobs, read_results, write_result

WAITING = 4
"""Workers for each core: most of the time they wait for writes to settle."""


def main(words: Sequence[str] | None = None) -> int:
    """Run what is left of the list, and print the figures of all of it."""
    given = _parser().parse_args(words)
    notes = Path(given.notes or f".torture/seed-{given.seed}-points-{given.points}.jsonl")
    if given.anew:
        notes.unlink(missing_ok=True)
    notes.parent.mkdir(parents=True, exist_ok=True)
    databases = DATABASES if given.database == "both" else (given.database,)
    planned = list(jobs(given.seed, given.points, databases, with_cells=not given.no_cells, random=given.random))
    done = read_results(notes)
    left = [job for job in planned if job.name not in done]
    _say(f"{len(planned)} jobs, {len(planned) - len(left)} of them done before; notes are in {notes}")
    with postgres_server() as postgres:
        if postgres is None and "postgresql" in databases:
            _say("There is no PostgreSQL here: set TEST_PG_URL, or --database sqlite.")
            return 2
        if postgres is not None:
            # The workers use this server instead of starting their own.
            os.environ["TEST_PG_URL"] = postgres.url
        ends = time.monotonic() + 60 * given.minutes if given.minutes else None
        for result in _results(left, given.workers, ends):
            write_result(notes, result)
            done[result.job] = result
            _tell(result, len(done), len(planned))
    return _figures([done[job.name] for job in planned if job.name in done], len(planned))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--points", type=int, default=10_000, help="how many kills (10,000)")
    parser.add_argument("--random", type=int, default=100, help="how many kills of real processes at random (100)")
    parser.add_argument("--seed", type=int, default=1, help="which points are struck together (1)")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop after so long; the same command goes on")
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both", help="the product's memory (both)")
    parser.add_argument("--no-cells", action="store_true", help="without the fault matrix")
    parser.add_argument("--workers", type=int, default=WAITING * (os.cpu_count() or 1), help="processes at a time")
    parser.add_argument("--notes", default="", help="the file that remembers what is done")
    parser.add_argument("--anew", action="store_true", help="forget what is done")
    return parser


def _results(left: Sequence[Job], workers: int, ends: float | None) -> Iterator[Result]:
    with ProcessPoolExecutor(workers) as pool:
        running = [pool.submit(carry_out, job) for job in left]
        for future in as_completed(running):
            yield future.result()
            if ends is not None and time.monotonic() > ends:
                for other in running:
                    other.cancel()
                # What runs already is finished and noted, too.
                yield from (each.result() for each in running if not each.cancelled() and each is not future)
                return


def _tell(result: Result, done: int, many: int) -> None:
    for failure in result.failures:
        _say(f"FAILED {failure}")
    _say(f"{done}/{many} {result.job}: {result.survived} survived in {result.seconds:.0f} s")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _figures(results: Sequence[Result], planned: int) -> int:
    """Print what happened, by story and database; gives the exit code."""
    survived, failed = Counter[str](), Counter[str]()
    for result in results:
        survived[result.group] += result.survived
        failed[result.group] += len(result.failures)
    width = max((len(group) for group in survived), default=0)
    for group in sorted(survived):
        _say(f"{group:{width}}  {survived[group]:6,} survived  {failed[group]:3,} failed")
    doubled, lost = sum(result.doubled for result in results), sum(result.lost for result in results)
    kills = sum(many for group, many in survived.items() if not group.startswith("cells"))
    cells = sum(survived.values()) - kills
    _say(
        f"{kills:,} kill points survived, {cells:,} fault cells passed, {failed.total():,} failed; "
        f"duplicates {doubled:,}, lost {lost:,}; {len(results):,} of {planned:,} jobs done"
    )
    return 1 if failed.total() or doubled or lost else 0


if __name__ == "__main__":
    sys.exit(main())
