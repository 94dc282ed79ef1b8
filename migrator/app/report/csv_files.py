"""The tables of a report as CSV files: for a German Excel, and plain ones for everybody else."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import assert_never

from migrator.app.report.tables import Cell, Kind, Linked, Table
from migrator.app.report.tables_lines import LineTables
from migrator.app.report.tables_sums import SumTables
from migrator.app.report.wording import Language, Wording
from migrator.app.report.wording_sheets import HEADERS, word_of
from migrator.core.duration import format_hours
from migrator.core.report.figures import Figures
from migrator.core.report.line import Lines
from migrator.core.spreadsheet import harmless_anywhere

_ONLY_IN_WORKBOOKS = (Kind.CLOCK, Kind.HIDDEN)
_UNIQUE = (Kind.LINK, Kind.URL)
_REMEMBERED = 512
"""Cells of each column; some are a thousand characters long."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of CSV file is written."""

    suffix: str
    encoding: str
    delimiter: str
    decimal: str
    day: str
    moment: str


GERMAN = Dialect(".de.csv", "utf-8-sig", ";", ",", "%d.%m.%Y", "%d.%m.%Y %H:%M")
"""What a German Excel opens by a double click; it takes UTF-8 for such only with a mark in front."""

PLAIN = Dialect(".csv", "utf-8", ",", ".", "%Y-%m-%d", "%Y-%m-%dT%H:%MZ")
DIALECTS = (GERMAN, PLAIN)


def write_csv(directory: Path, figures: Figures, lines: Lines, language: Language) -> list[Path]:
    """Write control totals, differences, exceptions, ledger and open hours, each in both dialects; gives the files."""
    sums, streamed = SumTables(figures, Wording(language)), LineTables(figures, lines, Wording(language))
    tables = (sums.months(), streamed.differences(), streamed.exceptions(), sums.ledger(), sums.open_hours())
    return [path for table in tables for path in _write(directory, table, language)]


def _write(directory: Path, table: Table, language: Language) -> list[Path]:
    """One table in both dialects, its rows made once."""
    kept = [place for place, column in enumerate(table.columns) if column.kind not in _ONLY_IN_WORKBOOKS]
    columns = [table.columns[place] for place in kept]
    paths = [directory / f"{table.name}{dialect.suffix}" for dialect in DIALECTS]
    with ExitStack() as stack:
        writers = []
        for path, dialect in zip(paths, DIALECTS, strict=True):
            file = stack.enter_context(path.open("w", encoding=dialect.encoding, newline=""))
            writer = csv.writer(file, delimiter=dialect.delimiter, lineterminator="\r\n")
            writer.writerow(word_of(HEADERS, column.name, language) for column in columns)
            writers.append((writer, [_remembered(column.kind, dialect) for column in columns]))
        for row in table.rows():
            cells = [row[place] for place in kept]
            for writer, writes in writers:
                writer.writerow([write(cell) for write, cell in zip(writes, cells, strict=True)])
    return paths


def _remembered(kind: Kind, dialect: Dialect) -> Callable[[Cell], str]:
    """How the cells of one column are written; most of them are written again and again."""

    # With types, because equal numbers may be written differently.
    @lru_cache(_REMEMBERED, typed=True)
    def write(value: Cell) -> str:
        return "" if value is None else _cell(kind, value, dialect)

    return write.__wrapped__ if kind in _UNIQUE else write


def _cell(kind: Kind, value: str | int | Decimal | date | datetime | Linked, dialect: Dialect) -> str:
    match value:
        case str():
            return harmless_anywhere(value)
        case Linked(number=number):
            return str(number)
        case Decimal():
            return f"{value:f}".replace(".", dialect.decimal)
        case int():
            return format_hours(value).replace(".", dialect.decimal) if kind is Kind.HOURS else str(value)
        case datetime():
            return value.astimezone(UTC).strftime(dialect.moment)
        case date():
            return value.strftime(dialect.day)
        case _:
            assert_never(value)
