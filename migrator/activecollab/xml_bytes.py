"""The bytes of a document as UTF-8, whatever it declares, and a second reading for those that cannot stand in XML."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

BLOCK = 65_536
"""Bytes asked of a stream at once."""

CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
"""What XML 1.0 forbids below the blank, even as a reference."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\udced[\udca0-\udcbf][\udc80-\udcbf]")
_MISFIT = re.compile("[\udc80-\udcff]")
_REFERENCE = re.compile(rb"&#(?:([0-9]{1,8})|x([0-9a-fA-F]{1,8}));")
_DECLARED = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)[\"']")


class Utf8Source:
    """A document from the markup on, as UTF-8.

    Bytes that do not fit the declared encoding are passed on as they are: nothing in UTF-8 looks like them, and
    `mended` gives them a meaning in the element they stand in.
    """

    def __init__(self, markup: bytes, stream: BinaryIO) -> None:
        self._stream = stream
        self._declared = _declared(markup)
        self.head = self._as_utf8(markup)

    def read(self, size: int) -> bytes:
        """About so many bytes more, empty at the end; raises what the stream raises."""
        return self._as_utf8(self._stream.read(size))

    def _as_utf8(self, piece: bytes) -> bytes:
        # Every encoding that is let in besides UTF-8 has one byte per character, so pieces can be turned alone.
        if self._declared is None or piece.isascii():
            return piece
        return piece.decode(self._declared, "surrogateescape").encode("utf-8", "surrogateescape")


def _declared(markup: bytes) -> str | None:
    """The declared encoding; None for UTF-8, ASCII, none at all, and one that only libxml2 knows."""
    found = _DECLARED.match(markup)
    try:
        name = codecs.lookup(found[1].decode("ascii", "replace")).name if found else "utf-8"
    except LookupError:
        return None
    return None if name in {"utf-8", "ascii"} else name


def is_clean(piece: bytes) -> bool:
    """Whether all of `piece` is UTF-8 and may stand in XML; references are not looked at."""
    return len(piece.translate(None, CONTROLS)) == len(piece) and (piece.isascii() or is_utf8(piece))


def is_utf8(piece: bytes) -> bool:
    """Whether all of `piece` is UTF-8, without the two code points that never are characters."""
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text


def mended(piece: bytes) -> tuple[bytes, tuple[str, ...]]:
    """`piece` as clean UTF-8, with a warning for each kind of change.

    Forbidden characters are left out; bytes that fit no encoding are read as Windows-1252, which is what servers
    that declare UTF-8 but store Latin-1 really send.
    """
    warnings: list[str] = []
    text, forbidden = _FORBIDDEN.subn("", piece.decode("utf-8", "surrogateescape"))
    text, misfits = _MISFIT.subn(lambda found: _windows_1252(ord(found[0]) - 0xDC00), text)
    if forbidden:
        warnings.append(_left_out(forbidden))
    if misfits:
        what = "1 byte that does" if misfits == 1 else f"{misfits} bytes that do"
        warnings.append(f"{what} not fit the declared encoding: read as Windows-1252")
    return text.encode(), tuple(warnings)


def without_forbidden_references(piece: bytes) -> tuple[bytes, tuple[str, ...]]:
    """`piece` without references to characters that XML forbids (`&#0;`), and a warning if there were any."""
    count = 0

    def kept(found: re.Match[bytes]) -> bytes:
        nonlocal count
        code = int(found[1]) if found[1] else int(found[2], 16)
        surrogate = 0xD800 <= code <= 0xDFFF
        allowed = code <= 0x10FFFF and not surrogate and not _FORBIDDEN.match(chr(code))
        count += not allowed
        return found[0] if allowed else b""

    cleaned = _REFERENCE.sub(kept, piece)
    return cleaned, (_left_out(count),) if count else ()


def _left_out(count: int) -> str:
    return "1 control character was left out" if count == 1 else f"{count} control characters were left out"


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)  # five bytes mean nothing there; browsers take them for what they are in Latin-1
