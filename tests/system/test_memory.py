"""Memory does not grow with the number of records, and reading files loads only what it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import migrator
from tests.bench.measure import COMMANDS, migrate
from tests.bench.records import write_records

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


NEEDLESS = (
    *("alembic", "apscheduler", "flask", "jinja2", "mako", "psycopg", "rapidfuzz", "waitress"),
    *("requests", "urllib3", "http.client"),
    *("structlog", "rich", "pygments", "logging.config"),
    *("sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio"),
    *("migrator.moco", "migrator.sandbox", "migrator.activecollab.wire", "migrator.app.log_form"),
)
"""What no file is read with: each is megabytes in every process. (asyncio and ssl come with SQLAlchemy itself.)"""

_LAUNCHER = """\
import json, sys
from migrator.app.cli.main import run
code = run(sys.argv[1:])
print(json.dumps({"code": code, "modules": list(sys.modules)}), file=sys.stderr)
"""


def test_reading_files_loads_nothing_that_only_other_work_needs(tmp_path: Path) -> None:
    write_records(tmp_path / "export.xml", 3)
    (tmp_path / "migrator.toml").write_text('[activecollab]\nfiles = ["export.xml"]\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, "--config", str(tmp_path / "migrator.toml"), "--json", "read"],
        cwd=Path(migrator.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = json.loads(done.stderr.splitlines()[-1])
    assert told["code"] == 0, done.stdout
    loaded = set(told["modules"])
    assert {"lxml.etree", "sqlalchemy", "migrator.activecollab.xml_reader"} <= loaded
    assert sorted(loaded & set(NEEDLESS)) == []
