"""Workbooks read back: their cells as they were written, and their formulas calculated here."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from migrator.app.report.wording import Language
from migrator.app.report.xlsx import write_xlsx
from migrator.core.report.figures import Figures
from migrator.core.report.line import Lines

_SUBTOTAL = re.compile(r"=(?:SUBTOTAL\(109,|SUM\()([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)\)")
_OTHER = re.compile(r"=SUM\('([^']+)'!([A-Z]+[0-9]+:[A-Z]+[0-9]+)\)")


def written(folder: Path, figures: Figures, lines: Lines, language: Language = Language.EN) -> Path:
    """The workbook of a report."""
    (path,) = write_xlsx(folder, figures, lines, language)
    return path


def formulas(path: Path) -> Workbook:
    """A workbook with its formulas as text."""
    return load_workbook(path)


def cached(path: Path) -> Workbook:
    """A workbook with the values that stand beside its formulas."""
    return load_workbook(path, data_only=True)


def number(value: object) -> float:
    """A cell as a number; durations are days in Excel."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    return float(value) if isinstance(value, (int, float)) else 0.0


def calculated(book: Workbook, formula: str, sheet: Worksheet) -> float:
    """What a formula of a report comes to."""
    if other := _OTHER.fullmatch(formula):
        return calculated(book, f"=SUM({other[2]})", book[other[1]])
    found = _SUBTOTAL.fullmatch(formula)
    assert found, formula
    place = column_index_from_string(found[1])
    values = [value for (value,) in sheet.iter_rows(int(found[2]), int(found[4]), place, place, values_only=True)]
    assert not any(isinstance(value, str) and value.startswith("=") for value in values), "a sum within a sum"
    return sum(map(number, values))


def column(sheet: Worksheet, header: str) -> list[object]:
    """What stands below a header, without the sums."""
    heads = [cell.value for cell in sheet[1]]
    place = heads.index(header) + 1
    filtered = int(str(sheet.auto_filter.ref).rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return [sheet.cell(row, place).value for row in range(2, filtered + 1)]
