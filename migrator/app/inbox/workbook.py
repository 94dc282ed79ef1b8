"""Workbooks of strangers as rows of plain values: nothing in them is calculated, followed or unpacked without limit."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from migrator.errors import UsageError

MOST_PARTS = 2_000
MOST_BYTES = 512_000_000
"""Of everything unpacked; a report on 200,000 records has a tenth of it."""

MOST_TEXTS = 64_000_000
"""Bytes of any part that is no worksheet: such parts are read into memory."""

EXCEL_ROWS = 1_048_576

_HINT = "name the workbook that `migrator report` wrote, saved as .xlsx"
_PIECE = 1 << 16
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(rb"^<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")
_OVERLAP = 64


class Formula(NamedTuple):
    """A cell that a spreadsheet would calculate."""

    text: str


Value = str | int | float | bool | date | datetime | time | timedelta | Formula | None


@dataclass(frozen=True, slots=True)
class SheetRows:
    """One worksheet: its name, whether cells are merged, and once its rows that hold something, with their numbers."""

    title: str
    merged: bool
    rows: Iterator[tuple[int, tuple[Value, ...]]]


@contextmanager
def opened(path: Path) -> Iterator[Iterator[SheetRows]]:
    """The worksheets of a workbook, each to be read before the next.

    Raises `UsageError` for whatever is none, has a DTD, is encoded unusually, or grows beyond measure.
    """
    merged = _checked(path)
    # Reading a report needs it, and nothing else does: it takes a fifth of a second.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        # openpyxl would leave a file of its own open when it fails.
        with path.open("rb") as file, warnings.catch_warnings():
            # About parts of spreadsheets that it does not know, and nobody asks for here.
            warnings.simplefilter("ignore")
            workbook = load_workbook(file, read_only=True, keep_links=False)
            try:
                yield (_sheet(each, merged) for each in workbook.worksheets if hasattr(each, "reset_dimensions"))
            finally:
                workbook.close()
    except (UsageError, KeyboardInterrupt):
        raise
    except Exception as error:
        # openpyxl meets a damaged document with whatever its own code happens to raise.
        raise UsageError(f"{path}: the workbook cannot be read: {type(error).__name__}: {error}", hint=_HINT) from error


def _checked(path: Path) -> frozenset[str]:
    """Look at every part before any parser does; gives the names of those with merged cells."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = [part for part in packed.infolist() if not part.is_dir()]
            # Never more than a part declares comes out of it, so that the sum is a limit.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise UsageError(f"{path}: unpacked it would be larger than any report", hint=_HINT)
            return frozenset(part.filename for part in parts if _part(path, packed, part))
    except OSError as error:
        raise UsageError(f"{path}: the workbook cannot be read: {error.strerror}", hint=_HINT) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        expected = "expected a workbook (.xlsx) without a password"
        raise UsageError(f"{path}: {expected}: {error}", hint=_HINT) from error


def _part(path: Path, packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Check one part; whether it has merged cells."""
    name = part.filename
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return False
    if part.file_size > MOST_TEXTS and not name.startswith("xl/worksheets/"):
        raise UsageError(f"{path}: {name} would be larger than that of any report", hint=_HINT)
    merged, before, first = False, b"", True
    with packed.open(part) as stream:
        while piece := stream.read(_PIECE):
            if first:
                _expect_utf_8(path, name, piece)
                first = False
            window = before + piece
            if _DOCTYPE.search(window):
                raise UsageError(f"{path}: {name} has a DTD, which no spreadsheet writes", hint=_HINT)
            merged = merged or _MERGED.search(window) is not None
            before = window[-_OVERLAP:]
    return merged


def _expect_utf_8(path: Path, name: str, head: bytes) -> None:
    """A DTD could hide in another encoding; spreadsheets write UTF-8."""
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = _DECLARED.match(bare)
    if (
        not bare.startswith(b"<")
        or b"\0" in bare[:200]
        or (declared and declared[1].lower() not in {b"utf-8", b"ascii"})
    ):
        raise UsageError(f"{path}: {name} is not in UTF-8, as every spreadsheet writes it", hint=_HINT)


def _sheet(sheet: Any, merged: frozenset[str]) -> SheetRows:
    # Any: the stubs know another class of worksheets. What a file says of its own size may be wrong.
    sheet.reset_dimensions()
    numbered = enumerate(islice(sheet.iter_rows(), EXCEL_ROWS), 1)
    rows = ((number, tuple(map(_value, row))) for number, row in numbered if any(cell.value for cell in row))
    # Which part a worksheet is, no public name of openpyxl tells.
    return SheetRows(sheet.title, sheet._worksheet_path in merged, rows)


def _value(cell: Any) -> Value:
    value: object = cell.value  # Any: as above
    if cell.data_type == "f":
        return Formula(str(value))
    if value is None or isinstance(value, (str, int, float, date, time, timedelta)):
        return value
    return str(value)
