"""How far a command has come: a bar for a person at a terminal, log lines for everybody else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from migrator.app import log
from migrator.app.secret import mask

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Phase(Protocol):
    """One stretch of work of a known or unknown length."""

    def advance(self, n: int = 1) -> None:
        """`n` more units are done."""


class Progress(Protocol):
    """Where a command tells its story; the answer never depends on it."""

    def phase(self, name: str, total: int | None = None) -> AbstractContextManager[Phase]:
        """A stretch of work; `total` in the units of `advance`, None when nobody knows."""
        ...

    def note(self, text: str) -> None:
        """One sentence for the person who watches; no personal text."""

    def tell(self, text: str) -> None:
        """One sentence for everybody who did not ask for silence; no personal text."""


def progress_for(*, as_json: bool, quiet: bool) -> Progress:
    """A bar on stderr when a person can see it, else the log (which shows it from `-v` on)."""
    seen = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")
    return BarProgress() if seen and not as_json and not quiet else LoggedProgress(silent=quiet or as_json)


class _Count:
    """Counts what a logged phase has done."""

    def __init__(self) -> None:
        self.done = 0

    def advance(self, n: int = 1) -> None:
        self.done += n


class LoggedProgress:
    """Writes the beginning and end of each phase to the log; says nothing else unless the log is asked for.

    `silent` takes back what is told to everybody as well.
    """

    def __init__(self, *, silent: bool = True) -> None:
        self._silent = silent

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Phase]:
        """Log the phase; its end with how much was done, also when it ends by an exception."""
        log.tell(log.PHASE_STARTED, phase=name, total=total)
        count = _Count()
        try:
            yield count
        finally:
            log.tell(log.PHASE_ENDED, phase=name, done=count.done, total=total)

    def note(self, text: str) -> None:
        """Log the sentence."""
        log.tell(log.NOTE_WRITTEN, text=text)

    def tell(self, text: str) -> None:
        """Write the sentence to stderr."""
        if self._silent:
            self.note(text)
        else:
            sys.stderr.write(f"{mask(text)}\n")


class _Bar:
    """One line of the shared display."""

    def __init__(self, display: RichProgress, task: TaskID) -> None:
        self._display = display
        self._task = task

    def advance(self, n: int = 1) -> None:
        self._display.advance(self._task, n)


class BarProgress:
    """Bars with the time left on stderr, gone when their phase ends; phases may lie within each other."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 (only a terminal needs Rich)
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._display = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            # The answer on stdout waits until the bars are gone; redirecting it would take it off a pipe.
            redirect_stdout=False,
        )
        self._open = 0

    @contextmanager
    def phase(self, name: str, total: int | None = None) -> Iterator[Phase]:
        """Show a bar; it moves without an end while `total` is unknown."""
        if self._open == 0:
            self._display.start()
        self._open += 1
        task = self._display.add_task(name, total=total)
        try:
            yield _Bar(self._display, task)
        finally:
            self._display.remove_task(task)
            self._open -= 1
            if self._open == 0:
                self._display.stop()

    def note(self, text: str) -> None:
        """Write the sentence above the bars."""
        self._display.console.print(mask(text), markup=False, highlight=False)

    def tell(self, text: str) -> None:
        """Write the sentence above the bars."""
        self.note(text)
