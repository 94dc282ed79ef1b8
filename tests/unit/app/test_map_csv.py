"""Spreadsheets write CSV in their own ways, and calculate what they can."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.app.mapping.csv_file import COLUMNS, read_sheet, write_sheet

EXAMPLE = Path(__file__).parents[3] / "config" / "map.example.csv"


def a_row(**cells: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"kind": "user", "source_id": "1"} | cells


def read_one(text: str) -> dict[str, str]:
    sheet = read_sheet(text.encode(), "map.csv")
    assert sheet.problems == ()
    (line,) = sheet.lines
    return dict(line.cells)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "''@"])
def test_a_cell_that_a_spreadsheet_would_calculate_is_written_as_text_and_read_back(start: str) -> None:
    name = start + 'cmd|"/c calc"!A1'
    content = write_sheet([a_row(source_name=name)])
    written = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert written[0]["source_name"] == "'" + name
    assert read_sheet(content, "map.csv").lines[0].cells["source_name"] == name


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=17, max_size=17))
def test_whatever_is_written_is_read_back(texts: list[str]) -> None:
    row = dict(zip(COLUMNS, ["user", "1", *texts], strict=True))
    sheet = read_sheet(write_sheet([row]), "map.csv")
    assert sheet.problems == ()
    assert [dict(line.cells) for line in sheet.lines] == [row]


def test_the_file_begins_with_the_mark_that_spreadsheets_know_utf_8_by() -> None:
    content = write_sheet([a_row(source_name="Jörg Müßig")])
    assert content.startswith(b"\xef\xbb\xbfkind;source_id;")
    assert content.endswith(b"\r\n")
    assert "Jörg Müßig".encode() in content


@pytest.mark.parametrize(
    "text",
    [
        "kind;source_id;action;target_id\nuser;12;map;7\n",
        "kind,source_id,action,target_id\nuser,12,map,7\n",
        "\ufeffkind;source_id;action;target_id\r\nuser;12;map;7\r\n",
        '"kind";"source_id";"action";"target_id"\n"user";"12";"map";"7"',
        "\n Kind ; SOURCE_ID ;action;target_id;;\nuser;12;map;7;;\n;;;;;\n\n",
    ],
)
def test_every_usual_way_of_writing_is_read(text: str) -> None:
    sheet = read_sheet(text.encode(), "map.csv")
    assert sheet.problems == ()
    (line,) = sheet.lines
    assert [line.cell(name) for name in ("kind", "source_id", "action", "target_id")] == ["user", "12", "map", "7"]


def test_a_row_is_named_by_the_line_it_begins_in() -> None:
    text = 'kind;source_id;action;target_id;note\nuser;1;map;7;"two\nlines"\nuser;2;map;7;\n'
    assert [line.where for line in read_sheet(text.encode(), "map.csv").lines] == ["map.csv:2", "map.csv:4"]


def test_a_quoted_cell_holds_delimiters_quotes_and_line_breaks() -> None:
    found = read_one('kind;source_id;action;target_id;note\nuser;1;map;7;"a;b ""c""\r\nd"\n')
    assert found["note"] == 'a;b "c"\r\nd'


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        (b"kind;source_id,action;target_id\n", "map.csv:1", "divided by ; only"),
        (b"kind;source_id;action;target_id\nuser,12,map,7\n", "map.csv:2", "divided by ; only"),
        (b"kind;action;target_id\nuser;map;7\n", "map.csv:1", "a column source_id"),
        (b"kind;source_id;action\nuser;1;map\n", "map.csv:1", "target_id or target_name"),
        (b"kind;source_id;action;target_id;cut_over\n", "map.csv:1", "the column cutover"),
        (b"kind;source_id;action;target_id;kind\n", "map.csv:1", "each column once"),
        (b"kind;source_id;action;target_id\nuser;1;map;7;8\n", "map.csv:2", "4 cells"),
        (b'kind;source_id;action;target_id\nuser;1;map;"7\n', "map.csv:2", "well-formed CSV"),
        (b"kind;source_id;action;target_id\nuser;1;map;M\xfcller\n", "map.csv:2", "UTF-8"),
        (b"\xff\xfek\x00i\x00", "map.csv:1", "UTF-8"),
        (b"", "map.csv:1", "a first line"),
        (b"\xef\xbb\xbf\r\n\r\n", "map.csv:1", "a first line"),
    ],
)
def test_an_unreadable_file_is_told_with_its_line(content: bytes, where: str, words: str) -> None:
    problems = read_sheet(content, "map.csv").problems
    assert any(each.where == where and words in each.expected for each in problems), problems


@given(st.binary(max_size=200))
def test_no_file_makes_the_reader_fail(content: bytes) -> None:
    sheet = read_sheet(content, "map.csv")
    assert sheet.lines or sheet.problems or content.strip()


def test_the_commented_example_is_read_whole() -> None:
    sheet = read_sheet(EXAMPLE.read_bytes(), "map.example.csv")
    assert sheet.problems == ()
    assert tuple(sheet.lines[0].cells) == COLUMNS
