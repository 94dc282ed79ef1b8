"""The report as one Excel workbook: real numbers and dates, sums as formulas, and room for a person's decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from xlsxwriter.workbook import Workbook

from migrator.app.report.tables import Table
from migrator.app.report.tables_lines import LineTables
from migrator.app.report.tables_sums import SumTables
from migrator.app.report.wording import Language, Wording
from migrator.app.report.wording_sheets import TEXTS, word_of
from migrator.app.report.xlsx_sheet import EXCEL_ROWS, Style, add_tables
from migrator.app.report.xlsx_summary import add_summary
from migrator.core.report.figures import Figures
from migrator.core.report.line import Lines
from migrator.core.report.typed import shown
from migrator.errors import MigratorError

FILE = "report.xlsx"


def write_xlsx(
    directory: Path, figures: Figures, lines: Lines, language: Language, most_rows: int = EXCEL_ROWS
) -> list[Path]:
    """Write the workbook; rows go to disk as they come, whatever their number. Gives the file.

    Raises `MigratorError` when it cannot be written.
    """
    path = directory / FILE
    try:
        with path.open("wb") as file:
            options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
            workbook = Workbook(file, options)
            _describe(workbook, figures, language)
            style = Style(workbook, language)
            footer = f"{figures.run.kind} {figures.run.id} · {figures.fingerprint[:16]}"
            add_summary(style, figures, footer)
            for table in _tables(figures, lines, Wording(language)):
                add_tables(style, table, footer, most_rows)
            workbook.close()
    except OSError as error:
        raise MigratorError(
            f"{path}: {error.strerror or error}; expected a file that can be written", hint="name another folder"
        ) from error
    return [path]


def _tables(figures: Figures, lines: Lines, wording: Wording) -> Iterator[Table]:
    """Every table in the order of the worksheets; the ones that need not be there are left out when empty."""
    sums, streamed = SumTables(figures, wording), LineTables(figures, lines, wording)
    yield from (sums.customers(), sums.projects(), sums.months(), sums.people())
    yield from (streamed.differences(), streamed.exceptions())
    yield from (sums.open_hours(), sums.matrix(), sums.stand_ins(), sums.left_out(), sums.ledger())
    if figures.control is not None:
        yield sums.control()
    if figures.before is not None:
        yield sums.changes()
    yield from (sums.decisions(), sums.outside())


def _describe(workbook: Workbook, figures: Figures, language: Language) -> None:
    """The properties of the document; fixed by the report, so that the same report is the same file."""
    workbook.set_properties(
        {
            "title": word_of(TEXTS, "title", language),
            "author": shown(figures.made_by, figures.with_people),
            "comments": figures.fingerprint,
            "created": figures.made_at.astimezone(UTC).replace(tzinfo=None),
        }
    )
