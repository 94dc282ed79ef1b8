"""The bytes of a JSON document as clean UTF-8, so that a bad one does not end the reading of all that is behind it."""

from __future__ import annotations

from typing import BinaryIO

from migrator.activecollab.xml_bytes import is_clean, mended

_LEADS = ((0xF0, 4), (0xE0, 3), (0xC0, 2))
"""From which first byte on a character has how many bytes, in UTF-8."""


class CleanBytes:
    """A document from `head` on: control characters are left out, bytes that are no UTF-8 read as Windows-1252.

    `mends` tells afterwards which of the two happened, in words; line breaks and tabs are left to the parser.
    """

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream
        self._begun = b""
        self.mends: set[str] = set()

    def read(self, size: int) -> bytes:
        """About so many bytes more, empty at the end; raises what the stream raises."""
        while True:
            given = self._head[:size] if self._head else self._stream.read(size)
            self._head = self._head[len(given) :]
            piece, self._begun = self._begun + given, b""
            if given:
                # A character that goes on in the next piece waits for it.
                whole = len(piece) - _begun_at_the_end(piece)
                piece, self._begun = piece[:whole], piece[whole:]
            if piece and not is_clean(piece):
                piece, warnings = mended(piece)
                self.mends.update(_without_count(each) for each in warnings)
            if piece or not given:
                return piece


def _begun_at_the_end(piece: bytes) -> int:
    """How many bytes at the end are the beginning of a character that needs more."""
    for length in range(1, min(3, len(piece)) + 1):
        byte = piece[-length]
        if byte & 0xC0 != 0x80:
            needed = next((needed for lead, needed in _LEADS if byte >= lead), 1)
            return length if needed > length else 0
    return 0


def _without_count(warning: str) -> str:
    return "control characters were left out" if "control" in warning else "bytes were read as Windows-1252"
