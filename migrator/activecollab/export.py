"""A saved export: files, folders and patterns in, documents with the place of every value out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from io import BufferedReader
from pathlib import Path
from typing import assert_never

from migrator.activecollab.archives import (
    DEFAULT_LIMITS,
    DOCUMENTS,
    GZIP,
    ZIP,
    Contents,
    Limits,
    Member,
    UnpackError,
    Unusable,
    open_members,
    unpack_gzip,
)
from migrator.activecollab.json_reader import read_json_document
from migrator.activecollab.xml_prologue import HEAD, inspect
from migrator.activecollab.xml_reader import read_document, skim_document
from migrator.core.model import DocumentNote, DocumentProblem, Origin, Reading, Skimmed
from migrator.errors import UsageError

_SUFFIXES = DOCUMENTS | {".gz", ".zip"}
_TAR = (b"ustar", 257)


def find_documents(patterns: Sequence[str], base: Path) -> tuple[Path, ...]:
    """The files that `patterns` name, sorted and distinct.

    A pattern is a file, a folder (all `.xml`, `.json`, `.gz` and `.zip` below it) or a glob (`**` for any depth),
    relative to `base`. Raises `UsageError` for a pattern that matches nothing, so that a mistyped path is not an
    empty export.
    """
    found: set[Path] = set()
    for pattern in patterns:
        matches = set(_matches(pattern, base))
        if not matches:
            raise UsageError(
                f"{pattern!r} matches no document in {base}",
                hint="name an XML, JSON, .gz or .zip file, a folder that holds some, or a pattern like 'export/*.xml'",
            )
        found |= matches
    return tuple(sorted(found))


def _matches(pattern: str, base: Path) -> Iterator[Path]:
    whole = base / Path(pattern).expanduser()
    # A file may be called "time[2024].xml"; only what does not exist under its own name is a pattern.
    start = Path(whole.anchor) if Path(pattern).expanduser().is_absolute() else base
    places = [whole] if whole.exists() else start.glob(str(whole.relative_to(start)))
    for place in places:
        if place.is_dir():
            yield from (path for path in place.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
        else:
            yield place


@dataclass(frozen=True, slots=True)
class Document:
    """One document of an export, and what it tells; to be read before the next document is asked for."""

    name: str
    readings: Iterator[Reading | Skimmed]


def read_documents(paths: Iterable[Path], base: Path, *, timezone: tzinfo, today: date) -> Iterator[Reading]:
    """Everything the documents at `paths` tell, one after the other; see `open_documents`."""
    for path in paths:
        for document in open_documents(path, base, timezone=timezone, today=today):
            for each in document.readings:
                yield from each.read() if isinstance(each, Skimmed) else (each,)


def _never(_: str) -> bool:
    return False


def open_documents(
    path: Path,
    base: Path,
    *,
    timezone: tzinfo,
    today: date,
    base_url: str = "",
    limits: Limits = DEFAULT_LIMITS,
    known: Callable[[str], bool] = _never,
) -> Iterator[Document]:
    """The documents in the file at `path`: itself, or, when it is a ZIP archive, its members and the archive.

    What a file begins with decides how it is read (`read_document`, `read_json_document`), its name only where
    that says nothing; `base_url` is where the paths in JSON lead. Documents are named by their path relative to
    `base`, members behind it: `export.zip/time-7.xml`. The records of those that are `known`, because they were read
    whole before, may come unread (`Skimmed`). What cannot be opened or read is a `DocumentProblem`; the
    others are still read.
    """
    name = _name_of(path, base)
    opener = _Opener(timezone, today, base_url, limits, known)
    try:
        with path.open("rb", buffering=0) as raw:
            file: BufferedReader = BufferedReader(raw, HEAD)
            size = os.fstat(raw.fileno()).st_size
            begins = file.peek(HEAD)
            if path.suffix.lower() == ".zip" or begins.startswith(ZIP):
                yield from opener.archive(file, name, size)
            elif begins.startswith(GZIP):
                yield Document(name, opener.readings(unpack_gzip(file, size, limits), name))
            else:
                yield Document(name, opener.readings(file, name))
    except OSError as error:
        yield Document(name, iter([_unread(name, error, usable_part=False)]))


@dataclass(frozen=True, slots=True)
class _Opener:
    """Knows how to read documents, whatever file they are in."""

    timezone: tzinfo
    today: date
    base_url: str
    limits: Limits
    known: Callable[[str], bool]

    def archive(self, file: BufferedReader, name: str, size: int) -> Iterator[Document]:
        """What is to be said of a ZIP archive itself, and its members."""
        for part in open_members(file, size, self.limits):
            match part:
                case Contents(problem=problem, note=note):
                    yield Document(name, _said_of(Origin(name, 0), note, problem))
                case Unusable(member, reason):
                    yield Document(f"{name}/{member}", _said_of(Origin(f"{name}/{member}", 0), "", reason))
                case Member(member, stream):
                    yield Document(f"{name}/{member}", self.readings(stream, f"{name}/{member}"))
                case _:
                    assert_never(part)

    def readings(self, stream: BufferedReader, name: str) -> Iterator[Reading | Skimmed]:
        """Everything one document tells."""
        anything = False
        try:
            head = stream.peek(HEAD)
            mark, place = _TAR
            if head.startswith(mark, place):
                yield from _said_of(Origin(name, 0), "", "tar archives are not read; pack the documents as ZIP")
                return
            for reading in self._read(head, stream, name):
                anything = True
                yield reading
        except OSError as error:
            yield _unread(name, error, usable_part=anything)

    def _read(self, head: bytes, stream: BufferedReader, name: str) -> Iterator[Reading | Skimmed]:
        if is_json(head, name):
            return read_json_document(stream, name, timezone=self.timezone, today=self.today, base_url=self.base_url)
        read = skim_document if self.known(name) else read_document
        return read(stream, name, timezone=self.timezone, today=self.today)


def is_json(head: bytes, name: str) -> bool:
    """Whether a document is JSON, by what it begins with, and by its name where that says nothing."""
    markup = head[inspect(head).skip :]
    if markup.startswith((b"{", b"[", b"<")):
        return not markup.startswith(b"<")
    return name.lower().removesuffix(".gz").endswith(".json")


def _said_of(origin: Origin, note: str, problem: str) -> Iterator[Reading]:
    if note:
        yield DocumentNote(origin, note)
    if problem:
        yield DocumentProblem(origin, problem, usable_part=False)


def _unread(name: str, error: OSError, *, usable_part: bool) -> DocumentProblem:
    reason = error.strerror or "unknown reason"
    shown = reason if isinstance(error, UnpackError) else f"cannot be read: {reason}"
    return DocumentProblem(Origin(name, 0), shown, usable_part=usable_part)


def _name_of(path: Path, base: Path) -> str:
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()
