"""Ctrl-C and SIGTERM stop the program between transactions, never inside one.

An exception that a signal raises at any place could leave a transaction open that nobody ends: its lock would then
stand in the way of writing down how the run ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _State:
    """Of the main thread, the only one that signals interrupt."""

    open_transactions: int = 0
    asked_to_stop: bool = False


_state = _State()


def interrupt(_number: int = 0, _frame: object = None) -> None:
    """What a signal does: raise `KeyboardInterrupt`, at once or when the open transaction has ended."""
    if _state.open_transactions:
        _state.asked_to_stop = True
        return
    raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[None]:
    """A transaction: a signal that comes inside takes effect at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.open_transactions += 1
    try:
        yield
    finally:
        _state.open_transactions -= 1
        if _state.asked_to_stop and not _state.open_transactions:
            _state.asked_to_stop = False
            raise KeyboardInterrupt
