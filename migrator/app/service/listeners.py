"""Who hears of scheduled work: told when it begins and how it ended, and never able to hold it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from migrator.app import log
from migrator.core.outcomes import Kind, Outcome


class Listener(Protocol):
    """Hears of scheduled work, in the thread that does it: whatever takes time goes to a thread of its own."""

    def began(self, kind: Kind, at: datetime) -> None:
        """Work begins."""

    def ended(self, outcome: Outcome) -> None:
        """Work ended; with the database out of reach the outcome may be known here only."""

    def close(self, within: float) -> None:
        """The service ends: send what is left, for at most so many seconds."""


class Listeners:
    """All of them; what one raises is logged and goes no further."""

    def __init__(self, each: Sequence[Listener] = ()) -> None:
        self._each = tuple(each)

    def began(self, kind: Kind, at: datetime) -> None:
        """Tell everybody that work begins."""
        for listener in self._each:
            try:
                listener.began(kind, at)
            except Exception as error:
                log.warn(log.LISTENER_FAILED, kind=kind.value, error=type(error).__name__)

    def ended(self, outcome: Outcome) -> None:
        """Tell everybody how work ended."""
        for listener in self._each:
            try:
                listener.ended(outcome)
            except Exception as error:
                log.warn(log.LISTENER_FAILED, kind=outcome.kind.value, error=type(error).__name__)

    def close(self, within: float = 3.0) -> None:
        """Let everybody finish."""
        for listener in self._each:
            try:
                listener.close(within)
            except Exception as error:
                log.warn(log.LISTENER_FAILED, kind="close", error=type(error).__name__)
