"""Sorts out, a little after it was heard, what MOCO's web hooks told: echoes of our own writes leave no marks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from migrator.app.hooks.following import sort_out
from migrator.app.wiring import Workplace
from migrator.errors import MigratorError

LOOKS = (0.5, 2.0, 6.0, 20.0)
"""Seconds between looks at what was heard: an event may come before the answer to the write that it echoes."""


class Sorter:
    """A thread that looks at the marks a few times after each delivery; what it leaves the next run asks about."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._heard = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sorter", daemon=True)

    def wake(self) -> None:
        """Something was heard."""
        self._heard.set()

    def _work(self) -> None:
        while self._heard.wait() and not self._stop.is_set():
            self._heard.clear()
            for pause in LOOKS:
                if self._stop.wait(pause):
                    return
                try:
                    sort_out(self._place)
                except (MigratorError, DBAPIError) as error:
                    # The marks stay: the next look, or the next run, does the same.
                    why = error.message if isinstance(error, MigratorError) else "the database does not answer"
                    self._place.progress.note(f"web hooks cannot be sorted out now: {why}")

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work until the block ends; begins with what an earlier life left."""
        self._thread.start()
        self.wake()
        try:
            yield
        finally:
            self._stop.set()
            self._heard.set()
            self._thread.join(timeout=5)
