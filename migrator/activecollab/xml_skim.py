"""Time records cut out of a document that was read before, with the hash that tells whether they are the same still.

Reading a record costs several times as much as finding its end and hashing it. So of a document that was read whole
once, records are handed out unread, and whoever remembers what was read there decides which of them to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from hashlib import sha256

from migrator.activecollab.quick_values import builder_of
from migrator.activecollab.xml_pieces import LOW, Opening, Piece, Pieces
from migrator.activecollab.xml_records import RecordReader
from migrator.activecollab.xml_shortcut import Shortcut
from migrator.core.model import Origin, Reading, Skimmed

_build_origin = builder_of(Origin)
_build_skimmed = builder_of(Skimmed)
_BEGIN = re.compile(rb"[ \t\r\n]*+<(time_record|tracking_object)>")
_ID = re.compile(rb"<id>\s*+([1-9][0-9]{0,17})\s*+</id>")
_LONGEST = LOW // 2
"""Bytes of a record that is handed out unread: a batch of them is held in memory."""

_VAIN = 2_000
"""So many records more than were the same may turn out to be different before skimming is given up."""


class Skimmer:
    """Hands out the records of one document unread, as long as it is certain where each ends."""

    def __init__(self, records: RecordReader, shortcut: Shortcut, opening: Opening) -> None:
        self._records = records
        self._shortcut = shortcut
        self._root = opening.name
        self._vain = 0

    def skim(self, pieces: Pieces) -> Iterator[Skimmed]:
        """The next records, up to the first that has to be read at once."""
        while self._vain < _VAIN:
            pieces.ahead()
            skimmed = self._next(pieces)
            if skimmed is None:
                return
            self._vain -= self._vain > 0
            yield skimmed

    def _next(self, pieces: Pieces) -> Skimmed | None:
        """The record that begins here; None when it may end elsewhere than it seems, or cannot be told by its id."""
        buffer, position = pieces.buffer, pieces.position
        begin = _BEGIN.match(buffer, position)
        if begin is None or begin[1] not in self._root:
            return None
        name = begin[1]
        start = begin.start(1) - 1
        end = buffer.find(b"</%b>" % name, start, start + _LONGEST) + len(name) + 3
        raw = buffer[start:end]
        # Its own two tags are all that may say its name: no record inside it, no end of the root.
        if end < start or raw.count(name) != 2 or (identity := _ID.search(raw)) is None or _may_hide_tags(raw):
            return None
        line = pieces.line + buffer.count(b"\n", position, start)
        pieces.passed(end, line - pieces.line + raw.count(b"\n"))
        return _build_skimmed(
            int(identity[1]),
            _build_origin(self._records.document, line),
            sha256(self._records.context + raw).hexdigest(),
            partial(self._read, Piece(name.decode(), raw, line)),
        )

    def _read(self, piece: Piece) -> Iterator[Reading]:
        """What a record tells that was handed out unread."""
        self._vain += 2
        return self._shortcut.read_piece(piece)


def _may_hide_tags(raw: bytes) -> bool:
    """Whether the last tag of `raw` may stand where it is none: in a comment, or a CDATA section that goes on."""
    return raw.rfind(b"<![CDATA[") > raw.rfind(b"]]>") or b"<!--" in raw or b"<?" in raw
