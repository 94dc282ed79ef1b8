"""A JSON document of any length, object by object, in constant memory, with exact numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import ijson  # type: ignore[import-untyped]  # it brings no types

from migrator.activecollab.json_bytes import CleanBytes

MOST_BYTES_PER_OBJECT = 8_000_000
"""A record, or a company with its people, is held in memory whole; a longer one is no honest document, and the
parser takes four times as long for twice as long a text."""

MOST_VALUES_PER_OBJECT = 200_000
"""The same for values: many small ones take far more memory than bytes."""

DEEPEST = 64
"""ActiveCollab's answers nest five deep."""

_MOST_DIGITS = 1_000
# Beyond the 4,300 digits that Python makes a number of, the parser's C code does not fail but crash (ijson 3.6).
_ENDLESS_NUMBER = re.compile(rb"[0-9]{%d}" % _MOST_DIGITS)

_TOO_MANY = f"one object holds more than {MOST_VALUES_PER_OBJECT:,} values; the rest was not read"
_OPENINGS = frozenset({"start_array", "start_map"})


@dataclass(frozen=True, slots=True)
class Repeated:
    """The different values of a key that stands more than once in one object."""

    values: tuple[Json, ...]


Json = str | int | Decimal | bool | list["Json"] | dict[str, "Json"] | Repeated | None
"""One value; numbers are as exact as they were written, never floats."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One member of a list, or of a map by id, and the keys that lead to it; none in a bare list."""

    keys: tuple[str, ...]
    value: Json


@dataclass(frozen=True, slots=True)
class Whole:
    """The document itself, after its pieces; lists and maps that came in pieces are empty in it."""

    value: Json


class UnreadableJsonError(Exception):
    """The document cannot be read further; the message says why."""


class _Source:
    """A document as the parser reads it: no endless number, and never too much of one object."""

    def __init__(self, stream: CleanBytes) -> None:
        self._stream = stream
        self._since_object = 0
        self._tail = b""
        self._refused = False
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises `UnreadableJsonError` and what the stream raises."""
        if not size:
            return b""  # the parser asks so whether this gives bytes or text
        if self._refused:
            raise UnreadableJsonError(f"more than {_MOST_DIGITS:,} digits in a row; the rest was not read")
        piece = self._stream.read(65_536 if size < 0 else size)
        self._since_object += len(piece)
        if self._since_object > MOST_BYTES_PER_OBJECT:
            limit = f"{MOST_BYTES_PER_OBJECT // 1_000_000} MB"
            raise UnreadableJsonError(f"one object is longer than {limit}; the rest was not read")
        if found := _ENDLESS_NUMBER.search(self._tail + piece):
            self._refused = True
            return piece[: max(found.start() - len(self._tail), 0)] or b" "
        self._tail = (self._tail + piece)[-_MOST_DIGITS:]
        self.ended = not piece
        return piece

    def object_ended(self) -> None:
        """Begin to count the bytes of the next object."""
        self._since_object = 0


def stream_json(stream: CleanBytes) -> Iterator[Piece | Whole]:
    """The pieces of a document, and at last the `Whole`.

    Lists come in pieces, and so do maps by id (`{"5": {…}}`) and everything below `related`. An object that
    has named its own `id` is one thing: what it holds stays in it. Raises `UnreadableJsonError` when the
    document ends or breaks too early, after the pieces before; an error of the stream is left to the caller.
    """
    source = _Source(stream)
    try:
        yield from _Splitter(source).pieces()
    except ijson.JSONError as error:
        raise UnreadableJsonError(_meaning(error, cut_off=source.ended)) from None
    except (ArithmeticError, ValueError):
        # From inside the parser: half of a surrogate pair, or a number that no machine can hold.
        what = "a character or a number that cannot be represented"
        raise UnreadableJsonError(f"the document holds {what}; the rest was not read") from None


def _meaning(error: ijson.JSONError, *, cut_off: bool) -> str:
    said = str(error.args[0] if error.args else "")
    if cut_off:
        return "the document is cut off; what came before the end was read. Fetch or export it again"
    if "trailing garbage" in said:
        return "something stands behind the end of the document; everything before it was read"
    if "invalid character inside string" in said:
        return "a line break or tab inside a text, which JSON writes as \\n or \\t; mend it and read again"
    # The second line of the parser shows the place, and with it names, texts or an API key.
    reason = said.partition("\n")[0].partition(":")[2].strip() or "it cannot be parsed"
    return f"not well-formed JSON: {reason}"


class _Splitter:
    """Walks over the events of the parser."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._events: Iterator[tuple[str, Json]] = ijson.basic_parse(source)
        self._values = 0

    def pieces(self) -> Iterator[Piece | Whole]:
        """Everything in the document."""
        opening, whole = next(self._events)
        if opening == "start_array":
            whole = []
            yield from self._members(())
        elif opening == "start_map":
            whole = {}
            yield from self._outermost(whole)
        yield Whole(whole)
        for _ in self._events:
            pass  # nothing can follow; the parser complains when something does

    def _outermost(self, whole: dict[str, Json]) -> Iterator[Piece]:
        for key, opening, value in self._entries():
            if len(whole) > MOST_VALUES_PER_OBJECT:
                raise UnreadableJsonError(_TOO_MANY)
            if "id" in whole or opening not in _OPENINGS:
                _put(whole, key, self._value(opening, value, 1))
            elif opening == "start_array":
                whole.setdefault(key, [])
                yield from self._members((key,))
            else:
                whole.setdefault(key, {})
                yield from self._map((key,))

    def _members(self, keys: tuple[str, ...]) -> Iterator[Piece]:
        for opening, value in self._events:
            if opening == "end_array":
                return
            yield self._piece(keys, opening, value)

    def _map(self, keys: tuple[str, ...]) -> Iterator[Piece]:
        """A map in pieces when it is one by id, else in one piece; what is `related` are maps by kind and id."""
        for key, opening, value in self._entries():
            if keys == ("related",) and opening == "start_array":
                yield from self._members((*keys, key))
            elif keys == ("related",) and opening == "start_map":
                yield from self._map((*keys, key))
            elif key.isdigit():
                yield self._piece((*keys, key), opening, value)
            else:
                one: dict[str, Json] = {}
                _put(one, key, self._value(opening, value, 2))
                self._fill(one, 2)
                yield Piece(keys, one)
                self._begin_object()
                return

    def _piece(self, keys: tuple[str, ...], opening: str, value: Json) -> Piece:
        piece = Piece(keys, self._value(opening, value, 1))
        self._begin_object()
        return piece

    def _begin_object(self) -> None:
        self._source.object_ended()
        self._values = 0

    def _entries(self) -> Iterator[tuple[str, str, Json]]:
        """The keys of an object, each with the event that opens its value, which the caller reads."""
        for kind, key in self._events:
            if kind == "end_map":
                return
            assert isinstance(key, str)
            yield key, *next(self._events)

    def _value(self, opening: str, value: Json, depth: int) -> Json:
        """The value that begins with an event, to its end."""
        self._values += 1
        if self._values > MOST_VALUES_PER_OBJECT:
            raise UnreadableJsonError(_TOO_MANY)
        if opening not in _OPENINGS:
            return value
        if depth > DEEPEST:
            raise UnreadableJsonError(f"values nested more than {DEEPEST} deep; the rest was not read")
        if opening == "start_map":
            one: dict[str, Json] = {}
            self._fill(one, depth)
            return one
        members: list[Json] = []
        for inside, member in self._events:
            if inside == "end_array":
                break
            members.append(self._value(inside, member, depth + 1))
        return members

    def _fill(self, one: dict[str, Json], depth: int) -> None:
        for key, opening, value in self._entries():
            _put(one, key, self._value(opening, value, depth + 1))


def _put(one: dict[str, Json], key: str, value: Json) -> None:
    present = one.setdefault(key, value)
    if present is value or present == value:
        return
    one[key] = Repeated((*present.values, value) if isinstance(present, Repeated) else (present, value))
