"""A report's document as text: the file, row by row, and the fingerprint that a signature is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

NAME = "report.json"

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list that is too long to be held: made anew each time that it is written."""

    make: Callable[[], Iterator[Json]]


def fingerprint_of(document: Mapping[str, object]) -> str:
    """SHA-256 (hex) over the document without its `fingerprint`.

    Over the UTF-8 of `json.dumps(…, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` of what a JSON parser
    makes of the file, so that anybody can compute it anew.
    """
    digest = hashlib.sha256()
    for piece in _canonical({name: value for name, value in document.items() if name != "fingerprint"}):
        digest.update(piece.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def write_json(directory: Path, document: Mapping[str, object]) -> list[Path]:
    """Write the document as `report.json`, the rows of its lists line by line; returns the file."""
    path = directory / NAME
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for place, (name, value) in enumerate(document.items()):
            file.write(f"{',' if place else '{'}\n  {_text(name)}: ")
            file.writelines(_written(value, "  "))
        file.write("\n}\n")
    return [path]


_compact = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    # As a parser reads the number that is written.
    default=float,
).encode


_plain = json.JSONEncoder(ensure_ascii=False).encode
_text = json.encoder.encode_basestring
"""The same of a text; a long report has millions of them."""


def _canonical(value: object) -> Iterator[str]:
    match value:
        case Rows(make=make):
            yield "["
            for place, row in enumerate(make()):
                yield f"{',' if place else ''}{_compact(row)}"
            yield "]"
        case dict() if any(isinstance(each, dict | Rows) for each in value.values()):
            for place, name in enumerate(sorted(value)):
                yield f"{',' if place else '{'}{_text(name)}:"
                yield from _canonical(value[name])
            yield "}"
        case _:
            yield _compact(value)


def _written(value: object, indent: str) -> Iterator[str]:
    match value:
        case Rows() | list():
            yield "["
            for place, row in enumerate(value.make() if isinstance(value, Rows) else value):
                yield f"{',' if place else ''}\n{indent}  {_row(row)}"
            yield "]"
        case dict() if any(isinstance(each, list | Rows) for each in value.values()):
            for place, (name, each) in enumerate(value.items()):
                yield f"{',' if place else '{'}\n{indent}  {_text(name)}: "
                yield from _written(each, f"{indent}  ")
            yield f"\n{indent}}}"
        case _:
            yield _row(value)


def _row(value: object) -> str:
    """JSON in one line; Python's own encoder cannot write a decimal number with the places that it has."""
    match value:
        case str():
            return _text(value)
        case int() if not isinstance(value, bool):
            return int.__repr__(value)
        case Decimal():
            return f"{value:f}"
        case dict():
            return "{" + ", ".join([f"{_text(name)}: {_row(each)}" for name, each in value.items()]) + "}"
        case list():
            return "[" + ", ".join(map(_row, value)) + "]"
        case _:
            return _plain(value)
