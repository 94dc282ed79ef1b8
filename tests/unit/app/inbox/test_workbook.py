"""Workbooks that are none, that attack whoever opens them, or that a spreadsheet program wrote in its own way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from migrator.app.inbox import workbook
from migrator.app.inbox.workbook import Formula, Value, opened
from migrator.errors import UsageError

SHEET = "xl/worksheets/sheet1.xml"


def a_workbook(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The same workbook with parts changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, change(name, content))
    return path


def rows_of(path: Path) -> list[tuple[Value, ...]]:
    with opened(path) as sheets:
        return [values for sheet in sheets for _, values in sheet.rows]


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        rows_of(path)
    return caught.value.message


def test_cells_are_values_and_what_would_be_calculated_is_told_apart(tmp_path: Path) -> None:
    day = datetime(2026, 1, 9)  # noqa: DTZ001 - cells have no zone
    path = a_workbook(tmp_path / "f.xlsx", [["i1", 2, 2.5, day, None, True], ["=1+1", "text"]])
    first, second = rows_of(path)
    assert first == ("i1", 2, 2.5, day, None, True)
    assert second[:2] == (Formula("=1+1"), "text")


def test_a_size_that_a_worksheet_claims_is_not_believed(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "f.xlsx", [["a", "b"], ["c", "d"]])
    rewritten(path, lambda name, content: content.replace(b'ref="A1:B2"', b'ref="A1:A1"'))
    assert rows_of(path) == [("a", "b"), ("c", "d")]


def test_a_row_far_below_is_not_filled_up_to(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "f.xlsx", [["a"], ["c"]])
    rewritten(path, lambda name, content: content.replace(b'<row r="2"', b'<row r="999999999"'))
    assert rows_of(path) == [("a",)]


def _dtd(content: bytes) -> bytes:
    return content.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet', 1)


def _late_dtd(content: bytes) -> bytes:
    """Behind a comment, across the border between two pieces that are looked at."""
    head, _, rest = content.partition(b"<worksheet")
    comment = b"<!--" + b"x" * (workbook._PIECE - len(head) - 12) + b"-->"
    return head + comment + b"<!DOCTYPE x []>" + b"<worksheet" + rest


def _utf_16(content: bytes) -> bytes:
    return content.decode().replace("<worksheet", "<!DOCTYPE x []><worksheet").encode("utf-16")


def _utf_7(content: bytes) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x []>' + content[content.index(b"<worksheet") :]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_dtd, "has a DTD"),
        (_late_dtd, "has a DTD"),
        (_utf_16, "not in UTF-8"),
        (_utf_7, "not in UTF-8"),
        (lambda content: content[:200], "cannot be read"),
        (lambda content: b"", "cannot be read"),
        (lambda content: content.replace(b'r="A1"', b'r="!"'), "cannot be read"),
    ],
)
def test_a_worksheet_that_attacks_or_is_broken_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes], says: str
) -> None:
    path = a_workbook(tmp_path / "f.xlsx", [["a", "b"], ["c", "d"]])
    rewritten(path, lambda name, content: change(content) if name == SHEET else content)
    assert says in refusal(path)


def test_what_would_grow_beyond_measure_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_workbook(tmp_path / "f.xlsx", [["a"]])
    bomb = b"<worksheet>" + b" " * 3_000_000
    rewritten(path, lambda name, content: bomb if name == SHEET else content)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(workbook, "MOST_BYTES", 2_000_000)
    assert "larger than any report" in refusal(path)
    rewritten(path, lambda name, content: b"<sst>" + b" " * 70_000 if name.endswith("styles.xml") else b"<x/>")
    monkeypatch.setattr(workbook, "MOST_TEXTS", 60_000)
    assert "xl/styles.xml would be larger" in refusal(path)
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(workbook.MOST_PARTS + 1):
            packed.writestr(f"{number}", b"")
    assert "larger than any report" in refusal(path)


def _nothing(path: Path) -> None:
    path.unlink(missing_ok=True)


def _text(path: Path) -> None:
    path.write_text("ID;Disposition", encoding="utf-8")


def _locked(path: Path) -> None:
    # What Excel makes of a workbook with a password is no ZIP.
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))


def _other_zip(path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("readme.txt", "hello")
    path.write_bytes(buffer.getvalue())


@pytest.mark.parametrize("make", [_nothing, _text, _locked, _other_zip])
def test_what_is_no_workbook_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "f.xlsx")
    assert "f.xlsx" in refusal(tmp_path / "f.xlsx")


def test_merged_cells_are_told(tmp_path: Path) -> None:
    book = Workbook()
    first, second = book.active, book.create_sheet("second")
    assert first is not None
    for sheet in (first, second):
        sheet.append(["a", "b"])
    second.merge_cells("A1:B1")
    book.save(tmp_path / "f.xlsx")
    with opened(tmp_path / "f.xlsx") as sheets:
        assert [(sheet.title, sheet.merged) for sheet in sheets] == [("Sheet", False), ("second", True)]
