"""The exceptions that a person filled in: what is said, and everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pytest

from migrator.app.inbox.sheet import Filled, Said, read_sheets
from migrator.app.inbox.workbook import Formula, SheetRows, Value
from migrator.app.report.wording_sheets import Disposition

TODAY = date(2026, 11, 26)
DIGEST = "0123456789abcdef"
ENGLISH = ("ID", "Disposition", "Name", "Date", "Note", "Kind", "Digest")
GERMAN = ("Nr.", "Entscheidung", "Name", "Datum", "Bemerkung", "Art", "Prüfsumme")

Row = Sequence[Value]


def a_sheet(*rows: Row, title: str = "Exceptions", merged: bool = False) -> SheetRows:
    return SheetRows(title, merged, iter([(number, tuple(row)) for number, row in enumerate(rows, 1)]))


def filled(*rows: Row, headers: Row = ENGLISH) -> Filled:
    return read_sheets([a_sheet(headers, *rows)], TODAY)


def told(found: Filled) -> list[str]:
    return [str(each) for each in found.wrong]


@pytest.mark.parametrize(
    ("word", "headers"),
    [("keep source", ENGLISH), ("ActiveCollab gilt", GERMAN), (" KEEP  SOURCE ", GERMAN), ("keep_source", ENGLISH)],
)
def test_a_row_is_read_in_both_languages(word: str, headers: Row) -> None:
    day = datetime(2026, 1, 9)  # noqa: DTZ001 - cells have no zone
    found = filled(["i17", word, "Petra Prüfer", day, "agreed", "conflict", DIGEST], headers=headers)
    assert found.wrong == []
    (said,) = found.said
    where = "Exceptions, row 2"
    assert said == Said(where, 17, Disposition.KEEP_SOURCE, "Petra Prüfer", date(2026, 1, 9), "agreed", DIGEST)


@pytest.mark.parametrize("date_cell", ["2026-01-09", "9.1.2026", date(2026, 1, 9)])
def test_columns_may_stand_anywhere_below_a_title_and_dates_may_be_typed(date_cell: Value) -> None:
    headers = ("Digest", None, "Note", "Date", "Disposition", "Name", "ID")
    row = (DIGEST, "x", None, date_cell, "retry", "Petra", "i1")
    found = read_sheets([a_sheet(("for Petra",), (), headers, row)], TODAY)
    assert [(said.disposition, said.day, said.note) for said in found.said] == [
        (Disposition.RETRY, date(2026, 1, 9), "")
    ]


def test_rows_that_nobody_filled_in_and_those_for_later_change_nothing() -> None:
    found = filled(
        ["i1", None, None, None, None, "held", DIGEST],
        [None, None, None, None, None, "conflict", None],
        ["i2", "later", "", None, " ", "held", DIGEST],
        ["Total"],
    )
    assert (found.said, found.wrong, found.later, found.empty) == ([], [], 1, 1)


def test_a_second_worksheet_of_exceptions_counts_and_others_do_not() -> None:
    other = a_sheet(("Step", "Who", "Note"), ("approved", "Petra", "fine"), title="Decisions")
    row = ("keep target", "Petra", None, None, "conflict", DIGEST)
    sheets = [other, a_sheet(ENGLISH, ("i1", *row)), a_sheet(ENGLISH, ("i2", *row), title="Exceptions (2)")]
    found = read_sheets(sheets, TODAY)
    assert [(said.item, said.where) for said in found.said] == [(1, "Exceptions, row 2"), (2, "Exceptions (2), row 2")]


def test_everything_that_is_wrong_is_said_at_once_with_sheet_and_row() -> None:
    found = filled(
        ["i1", "keep both", "Petra", None, None, "conflict", DIGEST],
        ["17", "keep target", "Petra", None, None, "conflict", DIGEST],
        ["i3", "keep target", "  ", None, None, "conflict", DIGEST],
        ["i4", "keep target", "Petra", "soon", None, "conflict", DIGEST],
        ["i5", "keep target", "Petra", date(2027, 1, 1), None, "conflict", DIGEST],
        ["i6", "accept", "Petra", None, None, "conflict", DIGEST],
        ["i7", "keep target", "Petra", None, None, "conflict", None],
        ["i8", Formula('=IF(1,"keep source","")'), "Petra", None, None, "conflict", DIGEST],
        ["i9", None, "Petra", None, "?", "conflict", DIGEST],
        ["", "keep target", "Petra", None, None, "held", ""],
        ["i10", "later", "Petra", None, None, "conflict", DIGEST],
        ["i11", "keep target", "Petra", 46_000.5, None, "conflict", DIGEST],
    )
    expected = [
        (2, "one of keep source, keep target, accept, retry, later"),
        (3, "the id of an item, such as i17"),
        (4, "the name of who decides"),
        (5, "a date such as 2026-11-26"),
        (6, "the day of the decision"),
        (7, "why it is right as it is"),
        (8, "the row as the report wrote it"),
        (9, "a value that is typed"),
        (10, "one of keep source"),
        (11, "it was not in the inbox yet; expected nothing filled in here; run `migrator sync`, then make the report"),
        (13, "a date such as"),
    ]
    assert len(found.wrong) == len(expected)
    for line, (row, says) in zip(told(found), expected, strict=True):
        assert line.startswith(f"Exceptions, row {row}: ")
        assert says in line
    assert (found.said, found.later) == ([], 1)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        (("Number", "Disposition", "Name", "Digest"), "no column is called Nr. / ID"),
        (("ID", "Disposition", "Signed", "Digest"), "no column is called Name"),
        (("ID", "Disposition", "Name"), "no column is called Prüfsumme / Digest"),
        (("ID", "Word", "Name", "Digest"), "no column is called Entscheidung / Disposition"),
        (("ID", "Disposition", "Entscheidung", "Name", "Digest"), "Entscheidung / Disposition stands there twice"),
        (("Project", "Hours"), "no worksheet with exceptions"),
    ],
)
def test_headers_that_were_renamed_or_doubled_are_named(headers: Row, says: str) -> None:
    found = filled(["i1", "keep target", "Petra", DIGEST], headers=headers)
    assert says in told(found)[0]
    assert found.said == []


def test_merged_cells_are_refused_because_a_decision_would_count_for_one_row_only() -> None:
    row = ("i1", "keep target", "Petra", None, None, "conflict", DIGEST)
    found = read_sheets([a_sheet(ENGLISH, row, merged=True)], TODAY)
    assert "merged" in told(found)[0]
    assert found.said == []


def test_an_item_that_is_decided_twice_is_refused() -> None:
    row = ("Petra", None, None, "conflict", DIGEST)
    found = filled(["i1", "keep source", *row], ["i1", "keep source", *row])
    assert told(found) == [
        "Exceptions, row 3: i1 is decided a second time; expected one row for each item; see Exceptions, row 2"
    ]
