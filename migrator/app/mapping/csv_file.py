"""The mapping as a CSV file that people edit in a spreadsheet: reading it forgivingly, writing it safely."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from migrator.core.spreadsheet import harmless, plain

COLUMNS = (
    "kind",
    "source_id",
    "source_name",
    "source_email",
    "source_parent",
    "records",
    "hours",
    "first_day",
    "last_day",
    "proposal_id",
    "proposal_name",
    "score",
    "action",
    "target_id",
    "target_name",
    "cutover",
    "note",
    "currency",
    "leader",
)

TERMS = (
    "currency",
    "leader",
    "customer",
    "identifier",
    "billing_variant",
    "fixed_price",
    "retainer",
    "budget_monthly",
    "start_date",
    "finish_date",
    "project_group",
    "tags",
)
"""Columns about projects that are to be created; a file has those that somebody filled in."""

_KNOWN = tuple(dict.fromkeys((*COLUMNS, *TERMS)))

_NEEDED = ("kind", "source_id", "action")
_TARGETS = ("target_id", "target_name")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a mapping from being used; `where` is a line of a file, or a row of a version."""

    where: str
    column: str
    value: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:57] + "..."
        return f"{self.where}: {self.column} {shown!r}: expected {self.expected}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was written, by column; a column that the file does not have is empty."""

    where: str
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """One cell, without the blanks around it."""
        return self.cells.get(column, "").strip()

    def problem(self, column: str, expected: str, remedy: str) -> Problem:
        """What is wrong with one cell."""
        return Problem(self.where, column, self.cell(column), expected, remedy)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, and what kept other rows from being read."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]


def write_sheet(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows by column as UTF-8 with BOM, `;` and Windows line ends, which spreadsheets open without questions.

    A cell that a spreadsheet would calculate gets an apostrophe in front; `read_sheet` takes it away again.
    """
    text = io.StringIO(newline="")
    written = list(rows)
    columns = [name for name in _KNOWN if name in COLUMNS or any(row.get(name) for row in written)]
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in written:
        cells = (row.get(name, "") for name in columns)
        writer.writerow([harmless(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def read_sheet(content: bytes, name: str) -> Sheet:
    """The rows of a file called `name`: UTF-8 with or without BOM, `;` or `,`, quoted cells, any line ends."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = 'save it again as "CSV UTF-8"'
        return Sheet((), (Problem(f"{name}:{line}", "text", repr(content[error.start : error.end]), "UTF-8", remedy),))
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = "," if header.count(",") > header.count(";") else ";"
    return _Reader(name, delimiter).read(text)


class _Reader:
    """Reads one file; its first row names the columns."""

    def __init__(self, name: str, delimiter: str) -> None:
        self._name = name
        self._delimiter = delimiter
        self._other = "," if delimiter == ";" else ";"
        self._problems: list[Problem] = []

    def read(self, text: str) -> Sheet:
        columns: tuple[str, ...] | None = None
        lines: list[Line] = []
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
        begins = 1
        try:
            for cells in rows:
                where, begins = f"{self._name}:{begins}", rows.line_num + 1
                if not any(cell.strip() for cell in cells):
                    continue
                if columns is None:
                    columns = tuple(cell.strip().lower() for cell in cells)
                    if not self._usable(columns, where):
                        break
                elif self._fits(columns, cells, where):
                    lines.append(Line(where, dict(zip(columns, map(plain, cells), strict=False))))
        except csv.Error as error:
            remedy = 'quote cells that hold line breaks or ", and close every quote'
            self._problems.append(Problem(f"{self._name}:{begins}", "text", str(error), "well-formed CSV", remedy))
        if columns is None and not self._problems:
            self._problems.append(Problem(f"{self._name}:1", "text", "", "a first line with the columns", _EXPORT))
        return Sheet(tuple(lines), tuple(self._problems))

    def _usable(self, columns: tuple[str, ...], where: str) -> bool:
        """Whether rows under these columns can be understood; complains about everything that is wrong."""
        mixed = [column for column in columns if self._other in column]
        if mixed:
            self._two_delimiters(mixed[0], where)
            return False
        missing = [column for column in _NEEDED if column not in columns]
        if not any(column in columns for column in _TARGETS):
            missing.append(" or ".join(_TARGETS))
        for column in missing:
            self._problems.append(Problem(where, "columns", ", ".join(columns), f"a column {column}", _EXPORT))
        for column in columns:
            if column and column not in _KNOWN:
                near = difflib.get_close_matches(column, _KNOWN, 1)
                expected = f"the column {near[0]}" if near else "one of " + ", ".join(_KNOWN)
                self._problems.append(Problem(where, "columns", column, expected, "rename or remove this column"))
            elif column and columns.count(column) > 1:
                self._problems.append(Problem(where, "columns", column, "each column once", "remove one of them"))
        return not missing

    def _fits(self, columns: tuple[str, ...], cells: Sequence[str], where: str) -> bool:
        if len(cells) == 1 and self._other in cells[0]:
            self._two_delimiters(cells[0], where)
            return False
        if any(cell.strip() for cell in cells[len(columns) :]):
            expected = f"{len(columns)} cells as in the first line, not {len(cells)}"
            remedy = f"quote cells that hold {self._delimiter}"
            self._problems.append(Problem(where, "text", self._delimiter.join(cells), expected, remedy))
            return False
        return True

    def _two_delimiters(self, value: str, where: str) -> None:
        expected = f"cells divided by {self._delimiter} only, as in the first line"
        remedy = f"save the whole file with {self._delimiter} or with {self._other} between the cells"
        self._problems.append(Problem(where, "text", value, expected, remedy))


_EXPORT = "begin with the file that `migrator map export -o FILE` writes"
