"""A saved export: files, folders and patterns in, documents with the place of every value out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, tzinfo
from pathlib import Path

from migrator.activecollab.xml_reader import read_document
from migrator.core.model import DocumentProblem, Origin, Reading
from migrator.errors import UsageError

_NOT_YET = frozenset({".json", ".gz", ".zip"})


def find_documents(patterns: Sequence[str], base: Path) -> tuple[Path, ...]:
    """The documents that `patterns` name, sorted and distinct.

    A pattern is a file, a folder (all `*.xml` below it) or a glob (`**` for any depth), relative to `base`.
    Raises `UsageError` for a pattern that matches nothing, so that a mistyped path is not an empty export, and
    for formats that cannot be read.
    """
    found: set[Path] = set()
    for pattern in patterns:
        matches = set(_matches(pattern, base))
        if not matches:
            raise UsageError(
                f"{pattern!r} matches no document in {base}",
                hint="name an XML file, a folder that holds some, or a pattern such as 'export/*.xml'",
            )
        found |= matches
    for path in sorted(found):
        if path.suffix.lower() in _NOT_YET:
            raise UsageError(
                f"{_name_of(path, base)}: {path.suffix} files are not available yet",
                hint="unpack archives and name the XML files in them",
            )
    return tuple(sorted(found))


def _matches(pattern: str, base: Path) -> Iterator[Path]:
    whole = base / Path(pattern).expanduser()
    # A file may be called "time[2024].xml"; only what does not exist under its own name is a pattern.
    start = Path(whole.anchor) if Path(pattern).expanduser().is_absolute() else base
    places = [whole] if whole.exists() else start.glob(str(whole.relative_to(start)))
    for place in places:
        if place.is_dir():
            yield from (path for path in place.rglob("*") if path.suffix.lower() == ".xml" and path.is_file())
        else:
            yield place


def read_documents(paths: Iterable[Path], base: Path, *, timezone: tzinfo, today: date) -> Iterator[Reading]:
    """Everything the documents at `paths` tell, one after the other; see `read_document`.

    Documents are named by their path relative to `base`. One that cannot be opened or read is a
    `DocumentProblem`; the others are still read.
    """
    for path in paths:
        name = _name_of(path, base)
        anything = False
        try:
            with path.open("rb") as stream:
                for reading in read_document(stream, name, timezone=timezone, today=today):
                    anything = True
                    yield reading
        except OSError as error:
            reason = error.strerror or "unknown reason"
            yield DocumentProblem(Origin(name, 0), f"cannot be read: {reason}", usable_part=anything)


def _name_of(path: Path, base: Path) -> str:
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()
