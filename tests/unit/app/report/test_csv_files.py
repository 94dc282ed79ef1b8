"""CSV files read back in both dialects."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from migrator.app.report.csv_files import write_csv
from migrator.app.report.wording import Language
from migrator.core.duration import format_hours
from migrator.core.report.figures import Figures
from migrator.core.report.line import Lines
from tests.support.reports import KeptLines, a_hostile_report, a_line, a_troubled_report, figures_of

Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    german = path.name.endswith(".de.csv")
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") is german
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if german else ",", strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


def files(folder: Path, figures: Figures, lines: Lines, language: Language = Language.EN) -> dict[str, Rows]:
    return {path.name: read(path) for path in write_csv(folder, figures, lines, language)}


def test_both_dialects_say_the_same(tmp_path: Path) -> None:
    figures, lines = a_troubled_report()
    found = files(tmp_path, figures, lines)
    tables = ("totals", "differences", "exceptions", "ledger", "open_hours")
    assert list(found) == [f"{name}{suffix}" for name in tables for suffix in (".de.csv", ".csv")]
    for name in tables:
        german, plain = found[f"{name}.de.csv"], found[f"{name}.csv"]
        assert len(german) == len(plain) > 0
        for ours, theirs in zip(german, plain, strict=True):
            for header, cell in theirs.items():
                if header.endswith(("(h)", "(s)")):
                    assert Decimal(ours[header].replace(",", ".")) == Decimal(cell)
                elif header in ("Day", "Month", "Day in MOCO") and cell:
                    day = datetime.strptime(ours[header], "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone
                    assert day == date.fromisoformat(cell)
                elif not header.endswith("(UTC)"):
                    assert ours[header] == cell


def test_the_rows_add_up_to_the_figures(tmp_path: Path) -> None:
    figures, lines = a_troubled_report()
    found = files(tmp_path, figures, lines)
    totals = found["totals.csv"]
    assert sum(int(row["ActiveCollab (s)"]) for row in totals) == figures.totals.source_seconds
    assert sum(int(row["MOCO (s)"]) for row in totals) == figures.totals.target_seconds
    assert totals[0]["ActiveCollab (h)"] == format_hours(int(totals[0]["ActiveCollab (s)"]))
    ledger = found["ledger.csv"]
    assert sum(int(row["Stored (s)"]) for row in ledger) == figures.totals.target_seconds
    assert sum(Decimal(row["As written (h)"]) for row in ledger) == sum(row.written for row in figures.ledger)
    assert len(found["differences.csv"]) == sum(tally.records for tally in figures.differences.values())
    assert len(found["exceptions.de.csv"]) == len(lines.waiting)


def test_german_headers_and_a_decimal_comma_for_a_german_excel(tmp_path: Path) -> None:
    kept = KeptLines([a_line(1, read=450_000, stored=450_000)])
    (row,) = files(tmp_path, figures_of(kept), kept, Language.DE)["totals.de.csv"]
    assert (row["Kunde"], row["ActiveCollab (h)"]) == (kept.lines[0].customer, "125,00")
    assert row["Monat"] == f"01.{kept.lines[0].day:%m.%Y}"


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", " =", "x;=", 'x,"=', "x\n="]
)
def test_no_cell_of_a_text_is_a_formula_with_whatever_delimiter_it_is_opened(tmp_path: Path, start: str) -> None:
    name = f"{start}HYPERLINK(0)"
    kept = KeptLines([a_line(1, customer=name, project=name, person=name, detail=name)])
    for path in write_csv(tmp_path, figures_of(kept), kept, Language.EN):
        content = path.read_bytes().decode("utf-8-sig")
        for delimiter in (";", ",", "\t"):
            for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter):
                texts = [cell for cell in row if "HYPERLINK" in cell]
                assert all(cell.lstrip(' "')[0] not in "=+-@＝＋－＠\t\r\n" for cell in texts), texts


def test_hostile_texts_stay_in_their_cells_and_addresses_are_masked(tmp_path: Path) -> None:
    figures, lines = a_hostile_report()
    found = files(tmp_path, figures, lines)
    every = [cell for rows in found.values() for row in rows for cell in row.values()]
    assert not any("example.com" in cell or "\u202e" in cell or "\x07" in cell or "\n" in cell for cell in every)
    assert not any(cell.startswith(("javascript:", "data:")) for cell in every)
    open_book = files(tmp_path, replace(figures, with_people=True), lines)
    assert any("ada@example.com" in cell for row in open_book["totals.csv"] for cell in row.values())
