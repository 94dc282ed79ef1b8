"""Command lines under way: forked from a process that imported the product once, or started anew by a launcher."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import migrator
from tests.support.forkserver import ERR, OUT, ForkServer

ROOT = Path(migrator.__file__).parent.parent


class Ended(NamedTuple):
    """How a command line ended: exit code (negative for a signal), and both streams."""

    code: int
    out: str
    err: str


class Started(Protocol):
    """A process that was started; the caller ends it."""

    @property
    def pid(self) -> int: ...

    def send_signal(self, sign: signal.Signals) -> None: ...

    def end(self, seconds: float) -> Ended:
        """Wait for its end, and make one when that takes longer."""
        ...


@cache
def fork_server() -> ForkServer:
    """The one of this test process; forking costs a twentieth of starting Python and importing everything."""
    server = ForkServer(ROOT)
    atexit.register(server.__exit__, None, None, None)
    return server


@dataclass(frozen=True, slots=True)
class Forked:
    """A child of the fork server, and the folder with its streams."""

    pid: int
    left: Path

    @classmethod
    def begin(cls, folder: Path, words: Sequence[str], environ: Mapping[str, str] | None = None) -> Forked:
        """Begin the product in a folder."""
        left = Path(tempfile.mkdtemp(prefix="run-"))
        return cls(fork_server().start(folder, left, words, environ=environ), left)

    def send_signal(self, sign: signal.Signals) -> None:
        # As long as nobody waited for it, its number is nobody else's.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, sign)

    def end(self, seconds: float) -> Ended:
        try:
            code = fork_server().wait(self.pid, seconds)
            return Ended(code, *((self.left / name).read_text(encoding="utf-8") for name in (OUT, ERR)))
        finally:
            shutil.rmtree(self.left, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Launched:
    """A Python process of its own."""

    process: subprocess.Popen[str]

    @classmethod
    def begin(cls, folder: Path, program: Sequence[str], words: Sequence[str]) -> Launched:
        """Begin a Python program in a folder."""
        process = subprocess.Popen(
            [sys.executable, *program, *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self.process.pid

    def send_signal(self, sign: signal.Signals) -> None:
        self.process.send_signal(sign)

    def end(self, seconds: float) -> Ended:
        with self.process as process:
            try:
                out, err = process.communicate(timeout=seconds)
            finally:
                process.kill()
        return Ended(process.returncode, out, err)
