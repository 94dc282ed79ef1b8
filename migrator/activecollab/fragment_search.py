"""A record looked up again as it is written in a saved document, by its line and its hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from migrator.activecollab.archives import GZIP, ZIP, Member, open_members, unpack_gzip
from migrator.activecollab.export import is_json
from migrator.activecollab.fragments import context_of, kept
from migrator.activecollab.json_bytes import CleanBytes
from migrator.activecollab.json_prologue import inspect_json
from migrator.activecollab.json_stream import Piece, UnreadableJsonError, Whole, stream_json
from migrator.activecollab.json_texts import digest_of, readable_form, site_of
from migrator.activecollab.record_values import RECORD_NAMES
from migrator.activecollab.xml_bytes import Utf8Source
from migrator.activecollab.xml_faults import UnreadableError
from migrator.activecollab.xml_pieces import Pieces, opening_of
from migrator.activecollab.xml_prologue import HEAD, inspect
from migrator.activecollab.xml_reader import head_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record was read and how: `line` is the ordinal of the object in JSON; the rest is part of its hash.

    `version` is that of the program that read it, `base_url` the address it knew ActiveCollab under.
    """

    line: int
    fragment_hash: str
    version: str
    timezone: tzinfo
    base_url: str = ""


def find_fragment(file: Path, member: str, place: Place) -> str | None:
    """The record at `place` of the document in `file`, or in a `member` of that archive; None where it is not.

    None also where another record stands there now, where the document cannot be read up to there, and where the
    hash was made under other settings. Raises `OSError` when the file cannot be read.
    """
    with file.open("rb") as raw, _document(raw, file, member) as stream:
        if stream is None:
            return None
        find = _in_json if is_json(stream.peek(HEAD), member or file.name) else _in_xml
        try:
            return find(stream, place)
        except (UnreadableError, UnreadableJsonError):
            return None


@contextmanager
def _document(raw: BufferedReader, file: Path, member: str) -> Iterator[BufferedReader | None]:
    """The document itself, unpacked."""
    size, begins = file.stat().st_size, raw.peek(HEAD)
    if not member:
        yield unpack_gzip(raw, size) if begins.startswith(GZIP) else raw
    elif begins.startswith(ZIP) or file.suffix.lower() == ".zip":
        found = (part for part in open_members(raw, size) if isinstance(part, Member) and part.name == member)
        part = next(found, None)
        yield None if part is None else part.stream
    else:
        yield None


def _in_xml(stream: BinaryIO, place: Place) -> str | None:
    head = head_of(stream)
    prologue = inspect(head)
    source = Utf8Source(head[prologue.skip :], stream)
    opening = opening_of(source.head)
    if prologue.objection or opening is None:
        return None
    context = context_of(place.version, place.timezone, "")
    if b"xmlns" in opening.tag:
        context += opening.tag
    listing = opening.local_name not in RECORD_NAMES
    pieces = Pieces(source, opening, listing=listing, line=prologue.lines + 1, flat=RECORD_NAMES)
    while (piece := pieces.next()) is not None and piece.line <= place.line:
        # Several records may begin in one line.
        if piece.line == place.line and sha256(context + piece.raw).hexdigest() == place.fragment_hash:
            return kept(piece.raw)
    return None


def _in_json(stream: BinaryIO, place: Place) -> str | None:
    prologue = inspect_json(stream)
    if prologue.objection:
        return None
    context = context_of(place.version, place.timezone, site_of(place.base_url))
    for ordinal, part in enumerate(stream_json(CleanBytes(prologue.head, stream)), 1):
        match part:
            case Piece(value=dict() as one) | Whole(value=dict() as one) if ordinal == place.line:
                same = sha256(context + digest_of(one).encode()).hexdigest() == place.fragment_hash
                return kept(readable_form(one)) if same else None
    return None
