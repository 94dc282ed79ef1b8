"""A document cut into its elements: where each begins and ends, in constant memory, before any parser sees it.

Cutting is by name and forgiving: an element that is not well-formed ends with its own end tag all the same, so that
the elements behind it can be read. Whether a piece is well-formed is for libxml2 to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from migrator.activecollab.xml_bytes import BLOCK, Utf8Source
from migrator.activecollab.xml_faults import BEHIND_THE_END, CUT_OFF, UnreadableError
from migrator.activecollab.xml_prologue import PHP_NOTICE

MOST_BYTES_PER_ELEMENT = 32_000_000
"""A record, or a company with its people, is held in memory whole; a longer one is no honest document."""

_TOO_LONG = f"one element is longer than {MOST_BYTES_PER_ELEMENT // 1_000_000} MB; the rest was not read"
LOW = 16_384
"""Bytes that should lie ahead, so that hardly a record straddles the end of what was read."""

_NAME = rb"[^\s<>/!?\"'=&;]+"
_REST_OF_TAG = rb"(?:[^<>\"']|\"[^<\"]*+\"|'[^<']*+')*+>"
_ROOT = re.compile(
    rb"(?:[ \t\r\n]++|<\?.*?\?>|<!--.*?-->)*+(<(" + _NAME + rb")(?=[\s/>])" + _REST_OF_TAG + rb")", re.DOTALL
)
_BLANK = re.compile(rb"[ \t\r\n]*+")
_ELEMENT = re.compile(rb"<(" + _NAME + rb")(?=[\s/>])")
_TAG = re.compile(rb"</?" + _NAME + _REST_OF_TAG)
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
_MOST_AT_ONCE = 4_000_000
_NOTICE_BEGINS = (b"<br", b"<b>", b"PHP ", b"Notice:", b"Warning:", b"Deprecated:", b"Strict Sta")
_LONGEST_NOTICE = 12_000
_LONGEST_OPENING = 512
"""Bytes of a tag's beginning that may lie before the end of what was read so far."""


class Whole(Enum):
    """Whether a piece ends with the end tag of its element."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Piece:
    """One element as it is written, and the line it begins in; the name is as written, with its prefix.

    Without a name it is what stands between elements and is none: text, a stray end tag.
    """

    name: str
    raw: bytes
    line: int
    whole: Whole = Whole.YES

    @property
    def local_name(self) -> str:
        return self.name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Opening:
    """The start tag of the root as written, with its name, and how many bytes and lines it and what is before take."""

    tag: bytes
    name: bytes
    end: int

    @property
    def local_name(self) -> str:
        return self.name.rpartition(b":")[2].decode("utf-8", "replace")

    @property
    def empty(self) -> bool:
        return self.tag.endswith(b"/>")


def opening_of(head: bytes) -> Opening | None:
    """The start tag of the root, when it stands in `head`."""
    found = _ROOT.match(head)
    return Opening(found[1], found[2], found.end()) if found else None


@lru_cache(maxsize=64)
def _landmarks(name: bytes, root: bytes) -> re.Pattern[bytes]:
    """What decides where an element ends: its own tags, the end of the root, and what can hide tags."""
    ends = rb"|</" + re.escape(root) + rb"(?=[\s>])" if root != name else b""
    return re.compile(rb"<!\[CDATA\[|<!--|<\?|</?" + re.escape(name) + rb"(?=[\s/>])" + ends)


class Pieces:
    """The pieces of one document, and where in it we are.

    `buffer[position:]` is what was read and not yet given out; a reader that knows its markup may take records from
    there by itself and tell with `passed`.
    """

    def __init__(self, source: Utf8Source, opening: Opening, *, listing: bool, line: int, flat: frozenset[str]) -> None:
        self.buffer = source.head
        self.position = opening.end if listing else opening.end - len(opening.tag)
        self.line = line + source.head.count(b"\n", 0, self.position)
        self._source = source
        self._root = opening.name
        self._listing = listing
        self._over = listing and opening.empty
        self._flat = flat
        self._exhausted = False
        self.notices = 0
        """How many of PHP's notices stood between or behind the elements; they were passed over."""

    def passed(self, end: int, lines: int) -> None:
        """The caller took the bytes up to `end`, in which there are so many line breaks."""
        self.position = end
        self.line += lines

    def ahead(self) -> None:
        """Read on unless enough lies ahead."""
        if len(self.buffer) - self.position < LOW and not self._exhausted:
            self._fill()

    def next(self) -> Piece | None:
        """The next piece; None behind the last. Raises `UnreadableError` where the document ends too early."""
        while not self._over:
            self._skip(_blank_end(self.buffer, self.position))
            if self._left() < _LONGEST_OPENING and self._fill():
                continue
            if not self._left():
                raise UnreadableError(self.line, CUT_OFF)
            piece = self._piece()
            if piece is not None:
                return piece
        self._nothing_may_follow()
        return None

    def _piece(self) -> Piece | None:
        """What stands here: an element or something that is none; None for what means nothing."""
        begins = self.buffer[self.position : self.position + 10]
        if begins.startswith(_NOTICE_BEGINS) and self._notice():
            return None
        for begin, end in _ENDS.items():
            if begins.startswith(begin):
                hidden = self._take(self._found(end, len(begin)))
                return Piece("", hidden.raw, hidden.line) if begin == b"<![CDATA[" else None
        if begins.startswith(b"</") and (tag := _TAG.match(self.buffer, self.position)):
            if self._listing and tag[0][2:-1].strip() == self._root:
                self._take(tag.end() - self.position)
                self._over = True
                return None
            return self._take(tag.end() - self.position)
        if element := _ELEMENT.match(self.buffer, self.position):
            piece = self._element(element[1])
            self._over = not self._listing
            return piece
        if begins.upper().startswith(b"<!DOCTYPE"):
            raise UnreadableError(self.line, "a document type declaration (<!DOCTYPE>) stands inside the document")
        behind = self._behind(b"<", 1)
        return self._take(behind - 1 if behind else self._left())

    def _notice(self) -> bool:
        """Pass over a notice that PHP printed into its answer, if one begins here."""
        while self._left() < _LONGEST_NOTICE and self._fill():
            pass
        notice = PHP_NOTICE.match(self.buffer, self.position)
        if notice is None:
            return False
        self._skip(notice.end())
        self.notices += 1
        return True

    def _element(self, name: bytes) -> Piece:
        """An element up to its own end tag; elements of the same name inside it are counted, others passed over."""
        landmarks = _landmarks(name, self._root)
        flat = name.rpartition(b":")[2].decode("utf-8", "replace") in self._flat
        at = depth = 0
        inner: list[int] = []
        while (mark := self._landmark(landmarks, at)) is not None:
            begins, at = mark.start() - self.position, mark.end() - self.position
            tag = b"" if mark[0] in _ENDS else self._tag(begins)
            if tag and mark[0] == b"</" + name:
                depth -= 1
            elif tag.startswith(b"</"):
                return self._broken(name, inner, begins)
            elif tag and not tag.endswith(b"/>"):
                depth += 1
                inner += [begins] if depth > 1 else []
                if flat and len(inner) > 1:
                    return self._broken(name, inner, None)
            elif not tag:
                # Something that hides tags, or the beginning of a tag that is none: libxml2 will object to it.
                at = self._behind(_ENDS[mark[0]], at) if mark[0] in _ENDS else at
                if not at:
                    break
                continue
            at = begins + len(tag)
            if depth <= 0 and at <= MOST_BYTES_PER_ELEMENT:
                return self._take(at, name)
        return self._broken(name, inner, None)

    def _landmark(self, landmarks: re.Pattern[bytes], at: int) -> re.Match[bytes] | None:
        """The next landmark from so far ahead on; None when the document, or our patience, ends before."""
        while (mark := landmarks.search(self.buffer, self.position + at)) is None:
            at = max(at, self._left() - _LONGEST_OPENING)
            if self._left() > MOST_BYTES_PER_ELEMENT or not self._fill():
                return None
        return mark if mark.end() - self.position <= MOST_BYTES_PER_ELEMENT else None

    def _behind(self, end: bytes, at: int) -> int:
        """How far ahead the next `end` is over, 0 when there is none."""
        while (found := self.buffer.find(end, self.position + at)) < 0:
            at = max(at, self._left() - len(end) + 1)
            if self._left() > MOST_BYTES_PER_ELEMENT or not self._fill():
                return 0
        return found + len(end) - self.position

    def _broken(self, name: bytes, inner: list[int], root_ends: int | None) -> Piece:
        """An element without its end tag: it ends where the next of its name begins, else where the root ends."""
        end = inner[0] if inner else root_ends
        if end is None:
            too_long = self._left() > MOST_BYTES_PER_ELEMENT
            raise UnreadableError(self.line, _TOO_LONG if too_long else CUT_OFF)
        return self._take(end, name, Whole.NO)

    def _tag(self, begins: int) -> bytes:
        """The whole tag that begins so far ahead; empty when what stands there is no tag."""
        while True:
            tag = _TAG.match(self.buffer, self.position + begins)
            if tag:
                return tag[0]
            if self.buffer.find(b"<", self.position + begins + 1) >= 0 or not self._fill():
                return b""

    def _found(self, end: bytes, after: int) -> int:
        """How far ahead `end` is over; raises `UnreadableError` when the document ends before."""
        behind = self._behind(end, after)
        if not behind:
            raise UnreadableError(self.line, CUT_OFF)
        return behind

    def _nothing_may_follow(self) -> None:
        while True:
            self._skip(_blank_end(self.buffer, self.position))
            if self._left() < _LONGEST_OPENING and self._fill():
                continue
            begins = self.buffer[self.position : self.position + 10]
            if not begins:
                return
            if begins.startswith(_NOTICE_BEGINS) and self._notice():
                continue
            end = b"-->" if begins.startswith(b"<!--") else b"?>" if begins.startswith(b"<?") else b""
            if not end:
                raise UnreadableError(self.line, BEHIND_THE_END)
            self._take(self._found(end, 2))

    def _take(self, length: int, name: bytes = b"", whole: Whole = Whole.YES) -> Piece:
        piece = Piece(
            name.decode("utf-8", "replace"), self.buffer[self.position : self.position + length], self.line, whole
        )
        self._skip(self.position + length)
        return piece

    def _skip(self, end: int) -> None:
        self.line += self.buffer.count(b"\n", self.position, end)
        self.position = end

    def _left(self) -> int:
        return len(self.buffer) - self.position

    def _fill(self) -> bool:
        """Read on; whether there was anything. As much as is held, so that a long element is copied but few times."""
        more = self._source.read(max(BLOCK, min(self._left(), _MOST_AT_ONCE)))
        self._exhausted = not more
        if more:
            self.buffer = self.buffer[self.position :] + more
            self.position = 0
        return bool(more)


def _blank_end(buffer: bytes, position: int) -> int:
    blank = _BLANK.match(buffer, position)
    return blank.end() if blank else position
