"""Fuzzes for a given time: `python -m tests.fuzz --seconds 3600`.

With atheris (`pip install atheris`; it is not among the locked packages) the inputs follow the branches of the
readers; without it they are drawn by Hypothesis. A document that breaks a law is left in `.fuzz/`: put it into
`tests/data/activecollab/cases/` with its outcome.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from hypothesis import HealthCheck, Phase, given, settings

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from tests.fuzz.laws import Damaged

FOUND = Path(".fuzz")
EXAMPLES_PER_ROUND = 3_000
SEEDS = 32
MOST_GROWTH = 300_000_000
"""Bytes; libxml2 remembers every name it ever saw, which is some megabytes an hour."""


def main() -> int:
    """The exit code: 0 when no law was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="fuzz the readers of ActiveCollab")
    parser.add_argument("--seconds", type=int, default=600, help="how long (default: %(default)s)")
    seconds = parser.parse_args().seconds
    FOUND.mkdir(exist_ok=True)
    if importlib.util.find_spec("atheris") is None:
        _say(f"atheris is not installed: Hypothesis draws the documents for {seconds} s")
        return _by_hypothesis(seconds)
    _say(f"atheris looks for new branches for {seconds} s")
    return _by_atheris(seconds)


def _law() -> Any:  # Any: Hypothesis hangs the handle that atheris needs on the function it makes
    # Imported here and not above: for atheris the modules under test must be instrumented first.
    laws = importlib.import_module("tests.fuzz.laws")
    anything: SearchStrategy[Damaged] = laws.anything
    drawn_anew = settings(
        max_examples=EXAMPLES_PER_ROUND,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate, Phase.target, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    return drawn_anew(given(anything)(_keeping(laws.check)))


def _by_hypothesis(seconds: int) -> int:
    a_round = _law()
    until, rounds, first = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until:
        a_round()
        rounds += 1
        resident = psutil.Process().memory_info().rss
        first = first or resident
        if resident - first > MOST_GROWTH:
            _say(f"memory grew from {first:,} to {resident:,} bytes")
            return 1
    _say(f"{rounds * EXAMPLES_PER_ROUND:,} documents, no law broken; memory {first:,} to {resident:,} bytes")
    return 0


def _by_atheris(seconds: int) -> int:
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["migrator.activecollab", "migrator.core"]):
        law = _law()
    corpus = FOUND / "inputs"
    corpus.mkdir(exist_ok=True)
    for number in range(SEEDS):
        # Each is long enough to draw a whole document from; libFuzzer would begin with nothing.
        (corpus / f"seed-{number}").write_bytes(random.Random(number).randbytes(4_096))
    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        "-max_len=16384",
        "-len_control=0",
        "-timeout=30",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([*arguments, f"-artifact_prefix={FOUND}/", str(corpus)], law.hypothesis.fuzz_one_input)
    atheris.Fuzz()  # ends the process
    return 0


def _keeping(check: Callable[[Damaged], None]) -> Callable[[Damaged], None]:
    """`check`, leaving each document that broke a law in `FOUND`; the last one is the smallest."""

    def check_and_keep(case: Damaged) -> None:
        try:
            check(case)
        except Exception:
            digest = hashlib.sha256(case.document).hexdigest()[:12]
            path = FOUND / f"{digest}{Path(case.name).suffix}"
            path.write_bytes(case.document)
            _say(f"a law is broken by {path}")
            raise

    return check_and_keep


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
