"""The fork server: a process that imported the product once and forks a child for every command line.

A run costs tens of milliseconds instead of a second of imports. The server has one thread and opens nothing; databases
and connections begin in the child, which is the real program from its entry to its exit code. Another source tree can
be served by putting it first on the path: that is how planted mistakes are run.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import sqlalchemy
import typer
from sqlalchemy import URL, Engine

ROOT = Path(__file__).parent.parent.parent
LONGEST = 60.0
"""Seconds after which a run is given up."""

OUT, ERR, PASSED = "stdout", "stderr", "points"
"""What a child leaves in its own folder: its two streams, and in order the points it passed, if it ended by itself."""


class ForkServer:
    """The caller's side: starts command lines and waits for them, until the `with` block ends."""

    def __init__(self, source: Path = ROOT) -> None:
        """`source` holds the folder `migrator`, perhaps a changed one."""
        path = os.pathsep.join(dict.fromkeys((str(source), str(ROOT))))
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=source,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        served = self._ask({"do": "hello"})["source"]
        assert Path(served) == source, f"the product came from {served} instead of {source}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._server:
            assert self._server.stdin is not None
            self._server.stdin.close()

    def rehearse(self, cwd: Path, *words: str) -> None:
        """Let the server itself run a command line, so that its children find compiled what every run compiles."""
        self._ask({"do": "rehearse", "cwd": str(cwd), "words": words})

    def start(
        self,
        cwd: Path,
        left: Path,
        words: Sequence[str],
        fate: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> int:
        """Begin a run in the folder `cwd`; what it leaves goes into `left`. Gives its process id."""
        left.mkdir(parents=True, exist_ok=True)
        (left / PASSED).unlink(missing_ok=True)
        order = {"do": "start", "cwd": str(cwd), "left": str(left), "words": list(words), "fate": fate}
        return int(self._ask({**order, "environ": dict(os.environ if environ is None else environ)})["pid"])

    def wait(self, pid: int, seconds: float = LONGEST) -> int:
        """Wait for the end of a run, while others may begin; gives its exit code, negative for a signal."""
        # Looking again and again would cost as much as the run.
        ended = os.pidfd_open(pid)
        try:
            if not select.select([ended], [], [], seconds)[0]:
                os.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"process {pid} did not end within {seconds:g} s")
        finally:
            os.close(ended)
        return int(self._ask({"do": "reap", "pid": pid})["code"])

    def _ask(self, order: Mapping[str, object]) -> dict[str, Any]:  # JSON
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with self._lock:
            self._server.stdin.write(json.dumps(order) + "\n")
            self._server.stdin.flush()
            if not select.select([self._server.stdout], [], [], LONGEST)[0]:
                raise TimeoutError(f"no answer to {order} within {LONGEST:g} s")
            line = self._server.stdout.readline()
            if not line:
                raise RuntimeError(f"the fork server ended instead of answering {order}")
            answer: dict[str, Any] = json.loads(line)
        return answer


def await_stopped(pid: int, seconds: float = LONGEST) -> None:
    """Wait until a process stands still by SIGSTOP."""
    ends = time.monotonic() + seconds
    while True:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        if state == "T":
            return
        # Not as an assertion: that would pass for a mistake that was caught.
        if state in "ZX" or time.monotonic() > ends:
            raise RuntimeError("the process ended instead of stopping" if state in "ZX" else "it does not stop")
        time.sleep(0.005)


# -- the server's side ---------------------------------------------------------------------------------------------


def _serve() -> None:
    import migrator  # noqa: PLC0415 - the caller imports this module without the product it serves

    _import_all("migrator.app", "migrator.store", "migrator.moco", "migrator.activecollab", "migrator.core")
    importlib.import_module("sqlalchemy.dialects.postgresql.psycopg")
    importlib.import_module("tests.torture.points")
    _keep_the_commands()
    gc.freeze()
    alive = set[int]()
    for line in sys.stdin:
        order = json.loads(line)
        match order["do"]:
            case "start":
                pid = _fork(order)
                alive.add(pid)
                _answer({"pid": pid})
            case "rehearse":
                _answer({"code": _rehearse(order)})
            case "reap":
                _, status = os.waitpid(order["pid"], 0)
                alive.discard(order["pid"])
                _answer({"code": os.waitstatus_to_exitcode(status)})
            case _:
                _answer({"source": str(Path(migrator.__file__).parent.parent)})
    # A test that failed, or a mistake that was caught, leaves processes that stand still.
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _answer(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _import_all(*packages: str) -> None:
    for package in packages:
        found = importlib.import_module(package)
        for each in pkgutil.walk_packages(found.__path__, f"{package}."):
            importlib.import_module(each.name)


def _keep_the_commands() -> None:
    """Let children find the command line parsed, which is the same for all of them."""
    command = typer.main.get_command(importlib.import_module("migrator.app.cli.root").build())
    typer.main.__dict__["get_command"] = lambda _: command


_first_engines: dict[str, Engine] = {}
"""By dialect, those of the first rehearsal."""


def _create_first(url: URL, **given: Any) -> Engine:  # Any: SQLAlchemy's own arguments
    created: Engine = sqlalchemy.create_engine(url, **given)
    _first_engines.setdefault(created.name, created)
    return _compiled(created)


def _create(url: URL, **given: Any) -> Engine:  # Any: SQLAlchemy's own arguments
    return _compiled(sqlalchemy.create_engine(url, **given))


def _compiled(created: Engine) -> Engine:
    """The engine with what a rehearsal compiled: for a dialect, so that the cache is of use to no other one."""
    known = _first_engines.get(created.name, created)
    created.dialect, created._compiled_cache = known.dialect, known._compiled_cache
    return created


def _rehearse(order: dict[str, Any]) -> int:  # JSON
    """One whole run in this process; what it compiled is handed on, its connections are not."""
    from migrator.app.cli.main import run  # noqa: PLC0415
    from migrator.store import engine  # noqa: PLC0415

    engine.__dict__["create_engine"] = _create_first
    os.chdir(order["cwd"])
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        code = run([*order["words"], "--json"])
    engine.__dict__["create_engine"] = _create
    for each in _first_engines.values():
        each.dispose()
    assert threading.active_count() == 1, "a thread would be lost in every child"
    # What is shared with every child shall not be copied by a collection.
    gc.collect()
    gc.freeze()
    return code


def _fork(order: dict[str, Any]) -> int:  # JSON
    pid = os.fork()
    if pid == 0:
        _live(order)
    return pid


def _live(order: dict[str, Any]) -> NoReturn:
    """The whole life of a child; ends without the server's own cleaning up."""
    code = 99
    try:
        os.environ.clear()
        os.environ.update(order["environ"])
        os.chdir(order["cwd"])
        left = Path(order["left"])
        for stream, name in ((0, os.devnull), (1, left / OUT), (2, left / ERR)):
            opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, stream)
            os.close(opened)
        from migrator.app.cli.main import run  # noqa: PLC0415 - imported already, by the server
        from tests.torture.points import Fate, install  # noqa: PLC0415

        counted = install(Fate.from_json(order["fate"])) if order["fate"] else None
        code = run(order["words"])
        if counted is not None:
            (left / PASSED).write_text(json.dumps([kind.name for kind in counted.passed]))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        # Whatever it is, the test shall see it.
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
