"""A small agency on both sides, and the program as its users start it: one process for each command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.app.cli.main import run
from migrator.sandbox.company import Agency, Furnished, Generation, build_agency, furnish, write_export
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import Switches
from migrator.sandbox.serve import serve
from tests.system.databases import Current
from tests.system.started import Forked

RECORDS = 60
"""Nearly the smallest agency there is: every oddity occurs in it."""

BEFORE_PYTHON = {"PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "_MIGRATOR_COMPLETE", "SHELL"}
"""What is read when Python or the program starts, which forked ones have behind them."""

TRACEBACK = "Traceback (most recent call last)"

_CONFIG = """\
[database]
url = "{database}"

[activecollab]
files = ["export/*.xml"]

[moco]
url = "{url}"
api_key = "{api_key}"
requests_per_window = 100000
window_seconds = 1
timeout_seconds = 60
settle_seconds = 0.1

{more}
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout (Any: JSON); fails when there is more than one, or none."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The one error object on stderr (Any: JSON)."""
        assert self.out == ""
        found = json.loads(self.err)
        assert list(found) == ["error"]
        told = found["error"]
        assert list(told) == ["code", "message", "hint"]
        assert told["code"] == self.code
        assert isinstance(told, dict)
        return told


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process, without settings of whoever runs the tests."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("MIGRATOR", "NO_COLOR"))}
    return {**kept, "COLUMNS": "120", **more}


def command_line(*arguments: str) -> list[str]:
    """The program with its arguments, as `subprocess` takes them."""
    return [sys.executable, "-m", "migrator", *arguments]


def migrator(*arguments: str, cwd: Path, stdin: str = "", **environ: str) -> Done:
    """Run one command to its end; no command ever shows a traceback unless it is asked for one."""
    if stdin or BEFORE_PYTHON & environ.keys() or "--show-completion" in arguments:
        done = subprocess.run(
            command_line(*arguments),
            cwd=cwd,
            env=environment(environ),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    else:
        code, out, err = Forked.begin(cwd, arguments, environment(environ)).end(120)
    if not {"-v", "-vv", "--verbose"} & set(arguments):
        assert TRACEBACK not in out + err, err
    return Done(code, out, err)


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """Begin one command; the caller ends it."""
    return subprocess.Popen(
        command_line(*arguments),
        cwd=cwd,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with configuration and export, and the MOCO that the configuration names."""

    folder: Path
    agency: Agency
    sandbox: MocoSandbox
    furnished: Furnished
    url: str
    gate: threading.Event
    """A delayed answer of this MOCO leaves as soon as it is set."""

    def run(self, *arguments: str, **environ: str) -> Done:
        """Run one command in the folder."""
        return migrator(*arguments, cwd=self.folder, **environ)

    def done(self, *arguments: str, code: int = 0, **environ: str) -> Done:
        """Run one command that must end with `code`."""
        done = self.run(*arguments, **environ)
        assert done.code == code, (done.code, done.out, done.err)
        return done

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "migrator.db"

    def prepare(self, *arguments: str, code: int = 0) -> Done:
        """Run one command on the way to what is tested, in this process: that is quicker."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            found = run(["--config", str(self.folder / "migrator.toml"), *arguments])
        assert found == code, (found, out.getvalue(), err.getvalue())
        return Done(found, out.getvalue(), err.getvalue())

    def configure(self, more: str = "", *, url: str = "", api_key: str = "") -> None:
        """Write the configuration; `more` are further sections."""
        text = _CONFIG.format(
            database=Current.databases.url(self.folder),
            url=url or self.url,
            api_key=api_key or self.furnished.api_key,
            more=more,
        )
        (self.folder / "migrator.toml").write_text(text, encoding="utf-8")


def _wait_at(gate: threading.Event) -> None:
    assert gate.wait(120)


@contextmanager
def staged(folder: Path, *, generation: Generation = 2, more: str = "") -> Iterator[Stage]:
    """An agency, its export in `folder`, and its MOCO, which answers until the block ends."""
    agency = build_agency(1, RECORDS, generation=generation)
    gate = threading.Event()
    sandbox = MocoSandbox(switches=Switches(rate_limits=()), sleep=lambda _: _wait_at(gate))
    furnished = furnish(agency, sandbox)
    write_export(agency, folder / "export")
    with serve(sandbox) as served:
        stage = Stage(folder, agency, sandbox, furnished, served.url, gate)
        stage.configure(more)
        yield stage
        gate.set()
