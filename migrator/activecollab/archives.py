"""Packed exports, `.gz` and `.zip`: their documents as streams, never unpacked to disk and never without limit."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO

GZIP = b"\x1f\x8b"
"""What every gzip file begins with."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""What ZIP files begin with, full or empty ones, unless something was put before them."""

DOCUMENTS = frozenset({".xml", ".json"})
"""The members of an archive that are read, by the end of their names."""

_ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"})
_ENCRYPTED = 0x1
_SHOWN = 10
_LONGEST_END = 22 + 65_535
"""The record at the end of a ZIP file: its fields and the longest comment."""
_MANY = 0xFFFF
"""Written where the number of members does not fit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to: bytes, and bytes for each packed byte once `unsuspected` bytes are read."""

    document: int = 8_000_000_000
    """The longest exports are thought to have 2 GB; what is longer takes hours, and is no honest document."""

    archive: int = 32_000_000_000
    ratio: int = 200
    """Time records pack at about 20:1, very uniform ones at 60:1; a bomb at 1,000:1, which is all Deflate can do."""

    unsuspected: int = 10_000_000
    """So much is read in a second, whatever its ratio: a short list of the same few words packs well."""

    members: int = 100_000


DEFAULT_LIMITS = Limits()


class UnpackError(OSError):
    """An archive, or a document in it, cannot be unpacked further; `strerror` says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(0, message)


class _Allowance:
    """How many bytes an archive, or a document in it, may still unpack to."""

    def __init__(self, what: str, most: int, packed: int, limits: Limits) -> None:
        self._what = what
        self._most = most
        self._likely = max(limits.unsuspected, limits.ratio * packed)
        self._ratio = limits.ratio
        self._unpacked = 0

    def take(self, count: int) -> None:
        """Count bytes that were unpacked; raises `UnpackError` when they are too many."""
        self._unpacked += count
        if self._unpacked > self._likely:
            raise UnpackError(
                f"{self._what} unpacks to more than {self._ratio} times its size, as a bomb does; "
                "the rest was not read. Unpack it yourself if you trust it"
            )
        if self._unpacked > self._most:
            raise UnpackError(
                f"{self._what} unpacks to more than {self._most:,} bytes; the rest was not read. Split the export"
            )


class _Unpacked(io.RawIOBase):
    """What a decompressor gives, counted, and with its faults in words."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile, *allowances: _Allowance) -> None:
        super().__init__()
        self._inner = inner
        self._allowances = allowances

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # BufferedReader gives memoryviews
        try:
            piece = self._inner.read(len(buffer))
        except EOFError:
            raise UnpackError("the archive is cut off; what came before the end was read") from None
        except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError, struct.error):
            raise UnpackError("the archive is damaged; what came before was read. Pack or fetch it again") from None
        for allowance in self._allowances:
            allowance.take(len(piece))
        buffer[: len(piece)] = piece
        return len(piece)


def unpack_gzip(packed: BinaryIO, size: int, limits: Limits = DEFAULT_LIMITS) -> io.BufferedReader:
    """The document in a gzip file of `size` bytes; reading raises `UnpackError` when it breaks or is too long."""
    inner = gzip.GzipFile(fileobj=packed, mode="rb")
    return _buffered(_Unpacked(inner, _Allowance("the document", limits.document, size, limits)))


def _buffered(raw: _Unpacked) -> io.BufferedReader:
    return io.BufferedReader(raw, 65_536)


@dataclass(frozen=True, slots=True)
class Member:
    """A document in an archive: opened, it is to be read before the next is asked for."""

    name: str
    stream: io.BufferedReader


@dataclass(frozen=True, slots=True)
class Unusable:
    """A member that may hold time and cannot be opened."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be said of an archive itself: what in it is no document, and why it cannot be used, if so."""

    left_out: tuple[str, ...] = ()
    problem: str = ""

    @property
    def note(self) -> str:
        """The names that were left out, the first of them."""
        if not self.left_out:
            return ""
        more = f" and {len(self.left_out) - _SHOWN:,} more" if len(self.left_out) > _SHOWN else ""
        return f"left out, being neither XML nor JSON: {', '.join(self.left_out[:_SHOWN])}{more}"


def open_members(
    packed: BinaryIO, size: int, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Contents | Member | Unusable]:
    """What a ZIP file of `size` bytes holds: its `Contents` first, then its documents by name.

    Archives inside it, encrypted and damaged members are `Unusable`. Reading a member raises `UnpackError` when
    it breaks or is too long.
    """
    try:
        archive = zipfile.ZipFile(packed)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError, OverflowError):
        yield Contents(problem="this is no ZIP archive, or it is damaged or cut off; pack or fetch it again")
        return
    with archive:
        entries = sorted((entry for entry in archive.infolist() if not _is_folder(entry)), key=_by_name)
        if len(entries) > limits.members:
            yield Contents(problem=f"the archive has more than {limits.members:,} members; it was not read")
            return
        documents = [entry for entry in entries if _kind(entry) in DOCUMENTS | _ARCHIVES]
        problem = "" if documents else "the archive holds no XML or JSON document"
        if _counted(packed, size) not in {None, len(archive.infolist())}:
            problem = "the archive is damaged: its directory does not name all of its members; pack or fetch it again"
        yield Contents(tuple(_shown(entry) for entry in entries if _kind(entry) not in DOCUMENTS | _ARCHIVES), problem)
        whole = _Allowance("the archive", limits.archive, size, limits)
        names: Counter[str] = Counter()
        for entry in documents:
            names[_shown(entry)] += 1
            # ZIP allows a name twice; both are read, and told apart.
            times = names[_shown(entry)]
            name = _shown(entry) if times == 1 else f"{_shown(entry)}#{times}"
            yield _opened(archive, entry, name, whole, limits)


def _counted(packed: BinaryIO, size: int) -> int | None:
    """How many members a ZIP file says it has, which `zipfile` does not compare with what it finds; None if unknown."""
    packed.seek(max(0, size - _LONGEST_END))
    end = packed.read(_LONGEST_END)
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) < place + 12:
        return None
    (count,) = struct.unpack_from("<H", end, place + 10)
    return None if count == _MANY else int(count)


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Whether a member is a folder only: one with content is a damaged name, and must not vanish."""
    return entry.filename.endswith("/") and entry.file_size == 0


def _by_name(entry: zipfile.ZipInfo) -> tuple[str, int]:
    return entry.filename, entry.header_offset


def _kind(entry: zipfile.ZipInfo) -> str:
    """The end of a member's name, in small letters; empty for what only the system that packed it needs."""
    path = PurePosixPath(entry.filename)
    # macOS packs a shadow "._time.xml" beside time.xml, which is no XML.
    return "" if path.name.startswith("._") or "__MACOSX" in path.parts else path.suffix.lower()


def _shown(entry: zipfile.ZipInfo) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in entry.filename)


def _opened(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, whole: _Allowance, limits: Limits
) -> Member | Unusable:
    if _kind(entry) in _ARCHIVES:
        return Unusable(name, "an archive inside an archive is not read; unpack it and name it by itself")
    if entry.flag_bits & _ENCRYPTED:
        return Unusable(name, "it is encrypted; pack it without a password")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # The other methods give no way to unpack a little at a time.
        return Unusable(name, "it is packed by a method that is not supported; pack it with the usual one (Deflate)")
    try:
        inner = archive.open(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error, EOFError):
        return Unusable(name, "it is damaged, or its archive is; pack or fetch it again")
    mine = _Allowance("the document", limits.document, entry.compress_size, limits)
    return Member(name, _buffered(_Unpacked(inner, mine, whole)))
