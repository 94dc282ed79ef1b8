"""Works ahead in a thread: what comes next is computed while the caller waits for the database."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")

_PAGE = 250
_PAGES_AHEAD = 6
"""Together a little more than is staged at once."""
_TURN_SECONDS = 0.0005
"""How long a thread may keep the other from running; Python's own 5 ms are longer than most statements take."""


def ahead(values: Iterable[T]) -> Iterator[T]:
    """The same values, at most some hundred of them before they are asked for.

    They are computed in one other thread, so `values` must not touch what belongs to the caller's, such as a
    database session. An exception they end with is raised here, in its place. Close it to stop early.
    """
    return chain.from_iterable(_pages(values))


def _pages(values: Iterable[T]) -> Iterator[list[T]]:
    ready: SimpleQueue[list[T] | BaseException | None] = SimpleQueue()
    room = threading.Semaphore(_PAGES_AHEAD)
    stopped = threading.Event()

    def work() -> None:
        page: list[T] = []
        end: BaseException | None = None
        try:
            for value in values:
                page.append(value)
                if len(page) == _PAGE:
                    ready.put(page)
                    page = []
                    room.acquire()
                    if stopped.is_set():
                        break
        except BaseException as error:  # whatever it is, the caller gets it, after the values before it
            end = error
        ready.put(page)
        ready.put(end)

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    thread.start()
    try:
        while isinstance(page := ready.get(), list):
            room.release()
            yield page
        if page is not None:
            raise page
    finally:
        stopped.set()
        room.release()
        thread.join()
        sys.setswitchinterval(usual)
