"""A whole migration of a made-up export, each command in a process of its own that says what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.sandbox.company import build_agency, write_export

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "read": ("read",),
    "plan": ("plan",),
    "apply": ("apply", "last"),
    "report": ("report", "-o", "{folder}/report"),
}
SEED = 1

_ROOT = Path(__file__).parents[2]
_CONFIG = """\
[activecollab]
files = ["export/*.xml"]

[moco]
url = "{url}"
api_key = "{api_key}"
requests_per_window = 100000
window_seconds = 1
settle_seconds = 1

[gates]
pilot_above = 0
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took: seconds, and the most kilobytes it held at once."""

    seconds: float
    peak_kilobytes: int


def migrate(folder: Path, records: int) -> dict[str, Cost]:
    """Read, plan and apply an export with so many records in `folder`, which is empty before."""
    write_export(build_agency(SEED, records), folder / "export")
    with _served(records) as account:
        (folder / "migrator.toml").write_text(_CONFIG.format(**account), encoding="utf-8")
        return {name: _measured(folder, *arguments) for name, arguments in COMMANDS.items()}


@contextmanager
def _served(records: int) -> Iterator[dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.served", str(SEED), str(records)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def _measured(folder: Path, *arguments: str) -> Cost:
    out = folder / "cost.json"
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MIGRATOR")}
    config = str(folder / "migrator.toml")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.bench.watched",
            str(out),
            "--config",
            config,
            "-q",
            *(each.format(folder=folder) for each in arguments),
        ],
        cwd=_ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    # Some records of the agency wait for a person, on purpose, and nobody verified before the report.
    assert done.returncode in {0, 3, 4}, (arguments, done.returncode, done.stdout, done.stderr)
    cost = json.loads(out.read_text(encoding="utf-8"))
    return Cost(cost["seconds"], cost["peak_kilobytes"])
