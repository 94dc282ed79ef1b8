"""What was met of late in a document, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Hashable

_MOST = 20_000
"""Hashes, 70 bytes each; above the number of tickets of nearly every account."""


class Seen:
    """What was met of late: its hash, because the names themselves take ten times the memory.

    It forgets everything when it is full, so that it never grows with the document; who is asked again may hear
    again that something is new. Two hashes that agree by chance would need more documents than there are.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def is_new(self, value: Hashable) -> bool:
        """Whether `value` was not met of late; it is remembered."""
        known = hash(value)
        if known in self._hashes:
            return False
        if len(self._hashes) >= _MOST:
            self._hashes.clear()
        self._hashes.add(known)
        return True
