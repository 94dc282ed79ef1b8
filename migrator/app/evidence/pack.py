"""The archive of a package: the same bytes for the same contents, a hash of every file, and a seal over all bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from migrator.app.evidence.verify import BLOCK, DIGITS, MANIFEST, SCHEMA, SEAL
from migrator.app.files import private_file
from migrator.core.spreadsheet import harmless

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The oldest day that an archive can name, for every file: when it was packed is no evidence of anything."""

_PRIVATE = 0o600
_UNIX = 3


class Pack:
    """A package that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._files: list[dict[str, object]] = []

    def put_json(self, name: str, value: object) -> None:
        """One JSON document."""
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        self.put(name, [text.encode()])

    def put_table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A CSV file with commas, in UTF-8; nothing in it is calculated by a spreadsheet."""
        self.put(name, _table(columns, rows))

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """A file out of pieces, which are never held together."""
        digest, size = hashlib.sha256(), 0
        with self._archive.open(_entry(name), "w", force_zip64=True) as stream:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                stream.write(piece)
        self._files.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})

    def close(self, facts: dict[str, object]) -> str:
        """Write the manifest, with `facts` in it; gives its SHA-256, the root hash of the package."""
        manifest = {"schema": SCHEMA, **facts, "files": sorted(self._files, key=lambda each: str(each["name"]))}
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        with self._archive.open(_entry(MANIFEST), "w") as stream:
            stream.write(text.encode())
        self._archive.comment = SEAL + b"0" * DIGITS
        return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def new_pack(path: Path) -> Iterator[Pack]:
    """A package at `path`, which is there, whole and readable by its owner only, when the `with` block ends well.

    Raises `UsageError` where no file can be written.
    """
    with private_file(path) as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            yield Pack(archive)
        _seal(stream)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _PRIVATE << 16
    return info


def _seal(stream: IO[bytes]) -> None:
    """Write the SHA-256 of all bytes before it over the last ones."""
    end = stream.seek(0, os.SEEK_END) - DIGITS
    stream.seek(0)
    digest, left = hashlib.sha256(), end
    while left:
        block = stream.read(min(BLOCK, left))
        digest.update(block)
        left -= len(block)
    stream.seek(end)
    stream.write(digest.hexdigest().encode())


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(each) for each in row])
        if text.tell() > BLOCK // 8:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return harmless(value)
        case _:
            return value
