"""The quick way through a listing of time records: as long as records look like those before, no parser is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from migrator.activecollab.elements import FieldError, Texts
from migrator.activecollab.quick_values import builder_of
from migrator.activecollab.xml_fields import RecordTable
from migrator.activecollab.xml_layouts import Found, Layout, learn
from migrator.activecollab.xml_pieces import Piece, Pieces
from migrator.activecollab.xml_quick import OddError, QuickReader
from migrator.activecollab.xml_records import RecordReader
from migrator.activecollab.xml_stream import Broken, Parsed, Parser
from migrator.core.model import FoundEntry, Origin, Reading

_build_origin = builder_of(Origin)
_build_found = builder_of(FoundEntry)
_MOST_LAYOUTS = 12
_MOST_LESSONS = 60
_RECORDS_PER_LESSON = 3
"""A layout costs as much as some dozens of records; one that few records share is not worth it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A layout with its reader, and where the values of its records stand."""

    layout: Layout
    table: RecordTable
    quick: QuickReader


class _Alone:
    """One record as a document of its own."""

    def __init__(self, raw: bytes, line: int) -> None:
        self.buffer = raw
        self.position = 0
        self.line = line

    def passed(self, end: int, lines: int) -> None:
        """It was read."""
        self.position = end
        self.line += lines

    def ahead(self) -> None:
        """Nothing is ahead but the record."""


class Shortcut:
    """Reads the records of one document as long as their layouts are known, and learns layouts from the others."""

    def __init__(self, records: RecordReader, parser: Parser) -> None:
        self._records = records
        self._parser = parser
        self._known: list[_Known] = []
        self._lessons = 0
        self._strangers = 0

    def read(self, pieces: Pieces | _Alone) -> Iterator[Reading]:
        """What the next records tell, up to the first that is not of a known layout or odd in another way."""
        place = 0
        while place < len(self._known):
            pieces.ahead()
            before = pieces.position
            yield from self._read_known(self._known[place], pieces)
            if pieces.position == before:
                place += 1
            elif place:
                self._known.insert(0, self._known.pop(place))
                place = 0

    def _read_known(self, known: _Known, pieces: Pieces | _Alone) -> Iterator[Reading]:
        """What the records in the buffer tell, as long as they are of one layout."""
        layout, document, buffer, position = known.layout, self._records.document, pieces.buffer, pieces.position
        context, line, counted = self._records.context, pieces.line, pieces.position
        match, read, before_first = layout.pattern.match, known.quick.read, layout.before_first
        while matched := match(buffer, position):
            found, start, end = matched.groups(), matched.start(1) - before_first, matched.end()
            raw, line = buffer[start:end], line + buffer.count(b"\n", counted, start)
            counted = start
            origin = _build_origin(document, line)
            try:
                entry, warnings, news = read(found)
                named = self._names(known, found, origin) if news else ()
            except (OddError, FieldError):
                break
            if entry is None:
                # An expense: there are few of them, and the parser reads what it costs.
                break
            yield _build_found(entry, origin, sha256(context + raw).hexdigest(), warnings)
            if news:
                yield from named
            position = end
        if position > pieces.position:
            # Counted up to the last record taken, or up to the one that could not be.
            line += buffer.count(b"\n", counted, position) - buffer.count(b"\n", position, counted)
            pieces.passed(position, line - pieces.line)

    def _names(self, known: _Known, found: Found, origin: Origin) -> Iterator[Reading]:
        texts = known.layout.texts(known.quick.naming, (found[hole] for hole in known.quick.naming))
        return self._records.masters_inside(texts, known.table, origin)

    def read_long(self, piece: Piece) -> Iterator[Reading]:
        """What a record tells, read with a parser; its layout may be learned."""
        parsed = self._parser.parse(piece)
        yield from self._records.read(piece, parsed)
        self._saw(piece, parsed)

    def read_piece(self, piece: Piece) -> Iterator[Reading]:
        """What a record tells that was cut out of the document before."""
        alone = _Alone(piece.raw, piece.line)
        yield from self.read(alone)
        if not alone.position:
            yield from self.read_long(piece)

    def _saw(self, piece: Piece, parsed: Parsed | Broken) -> None:
        """Learn from a record that was read the long way."""
        self._strangers += 1
        if (
            isinstance(parsed, Broken)
            or self._strangers < (self._lessons + 1) * _RECORDS_PER_LESSON
            or self._lessons == _MOST_LESSONS
            or any(known.layout.pattern.fullmatch(piece.raw) for known in self._known)
        ):
            return
        self._lessons += 1
        layout = learn(piece, self._texts_in)
        if layout is None:
            return
        name = piece.local_name
        table = self._records.table(name, layout.marked)
        try:
            quick = QuickReader(name, layout, table, self._records.timezone)
        except ValueError:
            return
        self._known = [_Known(layout, table, quick), *self._known[: _MOST_LAYOUTS - 1]]

    def _texts_in(self, piece: Piece) -> Texts | None:
        parsed = self._parser.parse(piece)
        return None if isinstance(parsed, Broken) or parsed.warnings else self._records.texts(parsed)
