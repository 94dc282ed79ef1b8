"""Works ahead in a thread: what comes next is computed while the caller waits for the database."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")

_PAGE = 1000
_PAGES_AHEAD = 2


def ahead(values: Iterable[T]) -> Iterator[T]:
    """The same values, at most some thousand of them before they are asked for.

    They are computed in one other thread, so `values` must not touch what belongs to the caller's, such as a
    database session. An exception they end with is raised here, in its place. Close it to stop early.
    """
    return chain.from_iterable(_pages(values))


def _pages(values: Iterable[T]) -> Iterator[list[T]]:
    ready: SimpleQueue[list[T] | BaseException | None] = SimpleQueue()
    room = threading.Semaphore(_PAGES_AHEAD)
    stopped = threading.Event()

    def work() -> None:
        rest = iter(values)
        end: BaseException | None = None
        try:
            while (room.acquire() or True) and not stopped.is_set() and (page := list(islice(rest, _PAGE))):
                ready.put(page)
        except BaseException as error:  # whatever it is, the caller gets it
            end = error
        ready.put(end)

    thread = threading.Thread(target=work, name="ahead", daemon=True)
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
