"""The workbook read back: what an accountant opens, filters, prints, fills in and does not trust."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from migrator.app.report.wording import Language
from migrator.app.report.wording_sheets import DISPOSITIONS, HEADERS, SHEETS, TEXTS, Disposition
from migrator.app.report.xlsx import write_xlsx
from migrator.core.actions import Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import SourceId
from migrator.core.report.figures import Control, ControlRow, Figures
from migrator.errors import MigratorError
from tests.support.reports import (
    KeptLines,
    a_good_report,
    a_hostile_report,
    a_line,
    a_troubled_report,
    exceptions_of,
    figures_of,
    waiting,
)
from tests.unit.app.report.workbooks import cached, calculated, column, formulas, number, written


@dataclass(frozen=True, slots=True)
class Read:
    """A troubled report, and its workbook with formulas and with cached values."""

    figures: Figures
    lines: KeptLines
    path: Path
    formulas: Workbook
    cached: Workbook


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Read:
    figures, lines = a_troubled_report()
    row = ControlRow("2024", 36_018, 36_000, 18)
    figures = replace(figures, control=Control("c.csv", "5f" * 32, figures.made_at, (row,)), fingerprint="ab" * 32)
    lines = KeptLines(lines.lines, [replace(each, digest="0123456789abcdef") for each in lines.waiting])
    path = written(tmp_path_factory.mktemp("troubled"), figures, lines)
    return Read(figures, lines, path, formulas(path), cached(path))


def test_every_worksheet_is_there_frozen_filtered_and_ready_to_print(troubled: Read) -> None:
    assert troubled.formulas.sheetnames == [english for _, english in SHEETS.values()]
    for sheet in troubled.formulas.worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, str(setup.paperSize), setup.fitToHeight) == ("landscape", "9", 0)
        if sheet.title == "Summary":
            continue
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
        assert str(sheet.auto_filter.ref).startswith("A1:")
        widths = [sheet.column_dimensions[get_column_letter(place)].width for place in range(1, sheet.max_column + 1)]
        assert min(widths) >= 13
        assert not sheet.merged_cells.ranges


def test_every_sum_is_a_formula_whose_kept_value_is_what_it_comes_to(troubled: Read) -> None:
    seen = 0
    for sheet in troubled.formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                kept = troubled.cached[sheet.title][cell.coordinate].value
                assert number(kept) == pytest.approx(calculated(troubled.formulas, str(cell.value), sheet), abs=1e-9)
                seen += 1
    assert seen > 60


def test_the_totals_of_all_levels_are_those_of_the_figures(troubled: Read) -> None:
    totals = troubled.figures.totals
    for name in ("customers", "projects", "totals", "people"):
        sheet = troubled.cached[SHEETS[name][1]]
        heads = [cell.value for cell in sheet[1]]
        last = [cell.value for cell in sheet[sheet.max_row]]
        sums = dict(zip(heads, last, strict=True))
        assert sums["Records"] == totals.records
        assert number(sums["ActiveCollab (h)"]) == pytest.approx(totals.source_seconds / 3600)
        assert number(sums["MOCO (h:mm)"]) == pytest.approx(totals.target_seconds / 86_400)
        assert sums["Difference (s)"] == totals.target_seconds - totals.source_seconds
    summary = {row[0].value: row[1].value for row in troubled.cached["Summary"].iter_rows(max_col=2)}
    assert number(summary["Hours in ActiveCollab"]) == pytest.approx(totals.source_seconds / 3600)
    # Hidden by a filter, a row still counts on the sheet that is signed.
    signed = {row[0].value: str(row[1].value) for row in troubled.formulas["Summary"].iter_rows(max_col=2)}
    for label in ("Hours in ActiveCollab", "Hours in MOCO"):
        assert re.fullmatch(r"=SUM\('Totals by customer'![CE]2:[CE][0-9]+\)", signed[label])
    assert number(summary["Hours in MOCO"]) == pytest.approx(totals.target_seconds / 3600)
    assert str(summary["Verdict"]).startswith("✖ ")
    assert summary["Fingerprint (SHA-256)"] == "ab" * 32
    assert summary["Control totals"] == f"all 1 met; c.csv, SHA-256 {'5f' * 32}"
    assert "nobody checked" not in str(summary.values())


def test_hours_dates_and_numbers_are_numbers_and_dates(troubled: Read) -> None:
    sheet = troubled.cached["Differences"]
    first = next(troubled.lines.differences())
    assert column(sheet, "Day")[0] == datetime(first.day.year, first.day.month, first.day.day)  # noqa: DTZ001
    apart = column(sheet, "Difference (h)")
    assert apart == [pytest.approx(line.seconds_apart / 3600) for line in troubled.lines.differences()]
    assert all(isinstance(value, (int, float)) for value in apart)
    months = troubled.cached["Totals by month"]
    assert all(isinstance(value, datetime) for value in column(months, "Month"))
    place = [cell.value for cell in months[1]].index("ActiveCollab (h:mm)") + 1
    assert (months.cell(2, place).number_format, months.cell(2, place - 1).number_format) == ("[h]:mm", "#,##0.00")


def test_numbers_of_records_lead_into_both_systems(tmp_path: Path) -> None:
    there = "https://x.mocoapp.com/activities/9"
    line = a_line(1, difference=DifferenceKind.CHANGED, target_url=there)
    unsafe = a_line(2, difference=DifferenceKind.CHANGED, source_url="javascript:alert(1)")
    # Excel keeps fifteen digits.
    long = a_line(3, source_id=SourceId(123_456_789_012_345_678), difference=DifferenceKind.CHANGED, source_url="")
    kept = KeptLines([line, unsafe, long])
    sheet = formulas(written(tmp_path, figures_of(kept), kept))["Differences"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    linked = {cell.value: cell.hyperlink.target for cell in cells if cell.hyperlink is not None}
    assert linked == {line.source_id: line.source_url, line.activity_id: there}
    assert {unsafe.source_id, str(long.source_id)} <= {cell.value for cell in cells}


def test_exceptions_have_room_for_a_decision_that_is_chosen_from_a_list(troubled: Read) -> None:
    sheet = troubled.formulas["Exceptions"]
    assert sheet.max_row == 49 + 2
    heads = [cell.value for cell in sheet[1]]
    assert heads[:5] == ["ID", "Disposition", "Name", "Date", "Note"]
    assert set(column(sheet, "Disposition")) | set(column(sheet, "Note")) == {None}
    assert set(column(sheet, "Digest")) == {"0123456789abcdef"}
    assert "leave MOCO as it is" in column(sheet, "Meaning of keep target")
    assert sheet.column_dimensions[get_column_letter(len(heads))].hidden
    rules = {str(each.sqref): each for each in sheet.data_validations.dataValidation}
    assert rules["B2:B50"].type == "list"
    assert rules["B2:B50"].formula1 == '"keep source,keep target,accept,retry,later"'
    assert rules["D2:D50"].type == "date"


def test_what_is_not_in_the_inbox_yet_cannot_be_filled_in_and_says_why(tmp_path: Path) -> None:
    lines = [waiting(n, Word.CONFLICTS, "DELETED_IN_TARGET", "DELETED_IN_TARGET") for n in range(3)]
    found = exceptions_of(lines)
    bare = [replace(each, id="", digest="", keep_source="", keep_target="") for each in found[1:]]
    kept = KeptLines(lines, [found[0], *bare])
    sheet = formulas(written(tmp_path, figures_of(kept), kept, Language.DE))["Ausnahmen"]
    meanings = column(sheet, "Bedeutung: ActiveCollab gilt")
    assert "noch nicht im Eingang" not in str(meanings[0])
    assert all(str(each).startswith("noch nicht im Eingang: erst „migrator sync“") for each in meanings[1:])
    assert column(sheet, "Bedeutung: MOCO gilt")[1:] == ["", ""]
    assert {str(each.sqref) for each in sheet.data_validations.dataValidation} == {"B2", "D2"}
    assert sheet["B2"].fill.fgColor.rgb != sheet["B3"].fill.fgColor.rgb
    # A code is never all that is said.
    assert set(column(sheet, "Erläuterung")) == {"wurde in MOCO gelöscht"}


def test_time_of_a_stand_in_is_told_as_both_sides_have_it(troubled: Read) -> None:
    sheet = troubled.cached["Stand-ins"]
    sides = [column(sheet, header) for header in ("Records", "ActiveCollab (h)", "MOCO (h)", "Difference (h)")]
    assert sides == [[12], [27], [27.5], [0.5]]


def test_a_german_workbook_says_everything_in_german(tmp_path: Path) -> None:
    figures, lines = a_good_report(20)
    book = formulas(written(tmp_path, figures, lines, Language.DE))
    assert book.sheetnames[:3] == ["Übersicht", "Summen je Kunde", "Summen je Projekt"]
    assert [cell.value for cell in book["Summen je Monat"][1]][:3] == ["Kunde", "Projekt", "Monat"]
    assert book["Übersicht"]["A3"].value == "Ergebnis"
    assert str(book["Summen je Kunde"].cell(6, 1).value) == "Summe"


def test_every_word_has_both_languages() -> None:
    for table in (SHEETS, HEADERS, TEXTS):
        assert all(german and english for german, english in table.values())
    assert all(len(name) <= 26 and not set(name) & set("[]:*?/\\'") for names in SHEETS.values() for name in names)
    assert set(DISPOSITIONS) == set(Disposition)
    assert all(len(",".join(words[place] for words in DISPOSITIONS.values())) < 255 for place in (0, 1))


def test_what_people_typed_is_never_calculated_linked_or_shown_with_an_address(tmp_path: Path) -> None:
    figures, lines = a_hostile_report()
    path = written(tmp_path, figures, lines)
    for sheet in formulas(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if isinstance(cell.value, str):
                    assert cell.data_type == "s" or cell.value.startswith(("=SUBTOTAL(109,", "=SUM("))
                    assert "example.com" not in cell.value
                    assert "\u202e" not in cell.value
                    assert len(cell.value) <= 1_000
    with zipfile.ZipFile(path) as packed:
        parts = b"".join(packed.read(name) for name in packed.namelist())
    assert b"javascript:" not in parts
    assert b"<script>" not in parts


def test_texts_that_begin_as_a_formula_or_an_address_stay_texts(tmp_path: Path) -> None:
    names = ["=1+1", "{=1}", "@SUM(A1)", "https://example.com", "12", "_x0041_"]
    kept = KeptLines([a_line(1, customer=name, project=name) for name in names])
    sheet = formulas(written(tmp_path, figures_of(kept), kept))["Totals by customer"]
    found = {sheet.cell(row, 1).value: sheet.cell(row, 1) for row in range(2, 8)}
    assert set(found) >= set(names) - {"_x0041_"}
    assert {cell.data_type for cell in found.values()} == {"s"}
    assert all(cell.hyperlink is None for cell in found.values())


def test_rows_that_a_worksheet_does_not_take_go_on_in_the_next(tmp_path: Path) -> None:
    kept = KeptLines([a_line(number) for number in range(60)])
    figures = figures_of(kept)
    (path,) = write_xlsx(tmp_path, figures, kept, Language.EN, most_rows=12)
    book, values = formulas(path), cached(path)
    parts = [name for name in book.sheetnames if name.startswith("Totals by month")]
    assert parts[:2] == ["Totals by month", "Totals by month (2)"]
    rows = [len(column(book[name], "Month")) for name in parts]
    months = sum(len(project.months) for customer in figures.customers for project in customer.projects)
    assert (sum(rows), max(rows)) == (months, 10)
    hours = [number(values[name].cell(values[name].max_row, 5).value) for name in parts]
    assert sum(hours) == pytest.approx(figures.totals.source_seconds / 3600)
    assert {book[name].freeze_panes for name in parts} == {"A2"}


def test_a_day_that_excel_does_not_know_is_a_text_and_an_empty_report_is_a_workbook(tmp_path: Path) -> None:
    kept = KeptLines([])
    book = formulas(written(tmp_path, figures_of(kept, control=None, before=None), kept))
    assert "Control totals" not in book.sheetnames
    assert book["Exceptions"].max_row == 1
    old = KeptLines([a_line(1, day=date(1899, 12, 30), difference=DifferenceKind.CHANGED)])
    sheet = formulas(written(tmp_path, figures_of(old), old))["Differences"]
    assert "1899-12-30" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_the_same_report_is_the_same_file(tmp_path: Path) -> None:
    figures, lines = a_good_report(5)
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        written(folder, figures, lines)
    assert (first / "report.xlsx").read_bytes() == (second / "report.xlsx").read_bytes()
    made = formulas(first / "report.xlsx").properties.created
    assert made == figures.made_at.astimezone(UTC).replace(tzinfo=None)


def test_a_workbook_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    figures, lines = a_good_report(5)
    (tmp_path / "report.xlsx").mkdir()
    with pytest.raises(MigratorError, match="expected a file that can be written"):
        written(tmp_path, figures, lines)
