"""A file with totals of ActiveCollab's own reports: its rows, or everything that is wrong with it at once. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.app.control.amounts import Amount, Period, decimal_sign, parse_amount, parse_period
from migrator.app.mapping.csv_file import Problem
from migrator.core.model import Billing
from migrator.core.names import normalise
from migrator.core.spreadsheet import plain

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "year": ("year", "jahr"),
    "month": ("month", "monat", "period", "zeitraum"),
    "customer": ("customer", "client", "company", "kunde", "firma"),
    "project": ("project", "projekt"),
    "person": ("person", "user", "worker", "assignee", "mitarbeiter", "benutzer"),
    "status": ("status", "billable status", "abrechnung", "abrechnungsstatus"),
    "hours": ("hours", "stunden", "time", "zeit", "tracked time", "total hours", "summe stunden"),
}
"""What a column may be called, compared without accents, capitals and superfluous blanks."""

STATUS: Mapping[Billing, tuple[str, ...]] = {
    Billing.NOT_BILLABLE: ("0", "not billable", "non-billable", "non billable", "nicht abrechenbar"),
    Billing.BILLABLE: ("1", "billable", "abrechenbar"),
    Billing.PENDING_PAYMENT: ("2", "pending payment", "pending", "zahlung ausstehend", "ausstehend"),
    Billing.PAID: ("3", "paid", "billed", "bezahlt", "abgerechnet"),
}

_EVERYTHING = ("total", "all", "summe", "gesamt", "gesamtsumme", "alle")
_COLUMN_OF = {name: column for column, names in COLUMNS.items() for name in names}
_STATUS_OF = {name: status for status, names in STATUS.items() for name in names}
_FILTERS = ("year", "month", "customer", "project", "person", "status")
_README = 'README, section "Commands", shows a file of control totals'


@dataclass(frozen=True, slots=True)
class Total:
    """One total as it was written; an empty name and None mean "any"."""

    where: str
    period: Period | None
    customer: str
    project: str
    person: str
    status: Billing | None
    amount: Amount

    @property
    def label(self) -> str:
        """What is summed, in a few words."""
        parts = [_days(self.period), self.customer, self.project, self.person]
        if self.status is not None:
            parts.append(STATUS[self.status][1])
        return " · ".join(part for part in parts if part) or "everything"


@dataclass(frozen=True, slots=True)
class Table:
    """The totals of a file, and what keeps them from being used."""

    totals: tuple[Total, ...]
    problems: tuple[Problem, ...]


def read_totals(content: bytes, name: str) -> Table:
    """The totals in a file called `name`: UTF-8 or Windows-1252; `;`, `,` or tab; German or English headers."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What German spreadsheets write as "CSV"; a name that is none in it will not be found, and is named.
        text = content.decode("cp1252", errors="replace")
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=header.count)
    return _Reader(name).read(text, delimiter)


def _days(period: Period | None) -> str:
    if period is None:
        return ""
    whole = (period.first.month, period.last.month) == (1, 12)
    return f"{period.first:%Y}" if whole else f"{period.first:%Y-%m}"


class _Reader:
    """Reads one file; its first row names the columns."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[Problem] = []

    def read(self, text: str, delimiter: str) -> Table:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns: list[str] = []
        found: list[tuple[str, dict[str, str]]] = []
        try:
            for cells in rows:
                where = f"{self._name}:{rows.line_num}"
                if not any(cell.strip() for cell in cells):
                    continue
                if not columns:
                    columns = self._columns(cells, where)
                    if not columns:
                        return Table((), tuple(self._problems))
                elif self._fits(columns, cells, where):
                    found.append((where, dict(zip(columns, (plain(cell.strip()) for cell in cells), strict=False))))
        except csv.Error as error:
            self._problem(f"{self._name}:{rows.line_num}", "text", str(error), "well-formed CSV", "close every quote")
        if not found and not self._problems:
            self._problem(f"{self._name}:1", "text", "", "a first line with the columns, and totals below", _README)
        totals = self._totals(found)
        self._refuse_twins(totals)
        return Table(tuple(totals), tuple(self._problems))

    def _columns(self, cells: Sequence[str], where: str) -> list[str]:
        """The columns in their order; complains about all that cannot be understood."""
        columns = [_COLUMN_OF.get(normalise(cell), "") for cell in cells]
        for cell, column in zip(cells, columns, strict=True):
            if not column:
                known = ", ".join(COLUMNS)
                self._problem(where, "columns", cell, f"one of {known}", "rename or remove this column")
            elif columns.count(column) > 1:
                self._problem(where, "columns", cell, f"one column {column}", "remove the other one")
        if "hours" not in columns:
            self._problem(where, "columns", ", ".join(cells), "a column hours", _README)
        return [] if self._problems else columns

    def _fits(self, columns: Sequence[str], cells: Sequence[str], where: str) -> bool:
        if any(cell.strip() for cell in cells[len(columns) :]) or len(cells) < len(columns):
            expected = f"{len(columns)} cells as in the first line, not {len(cells)}"
            remedy = "quote cells that hold the delimiter, or a decimal comma in a file with commas"
            self._problem(where, "text", " ".join(cells), expected, remedy)
            return False
        return True

    def _totals(self, found: Sequence[tuple[str, dict[str, str]]]) -> list[Total]:
        try:
            sign = decimal_sign(cells.get("hours", "") for _, cells in found)
        except ValueError as error:
            remedy = "write all hours with the same decimal sign"
            self._problem(self._name, "hours", str(error), "one decimal sign", remedy)
            return []
        totals = [self._total(where, cells, sign) for where, cells in found]
        return [total for total in totals if total is not None]

    def _total(self, where: str, cells: Mapping[str, str], sign: str) -> Total | None:
        given = {name: cells.get(name, "") for name in _FILTERS}
        if _is_everything(given):
            given = dict.fromkeys(_FILTERS, "")
        before = len(self._problems)
        period, amount = None, Amount(0, 0)
        try:
            period = parse_period(given["year"], given["month"])
        except ValueError as error:
            value = f"{given['year']} {given['month']}".strip()
            self._problem(where, "month", value, str(error), "correct the month or the year")
        try:
            amount = parse_amount(cells.get("hours", ""), sign)
        except ValueError as error:
            self._problem(where, "hours", cells.get("hours", ""), str(error), "correct the hours")
        status = _STATUS_OF.get(normalise(given["status"]))
        if given["status"] and status is None:
            known = ", ".join(names[1] for names in STATUS.values())
            self._problem(where, "status", given["status"], f"0 to 3, or one of {known}", "leave it empty for all")
        if len(self._problems) > before:
            return None
        return Total(where, period, given["customer"], given["project"], given["person"], status, amount)

    def _refuse_twins(self, totals: Sequence[Total]) -> None:
        """Two totals of the same part cannot both be met, unless a column is missing that tells them apart."""
        seen: dict[object, str] = {}
        for total in totals:
            names = tuple(normalise(name) for name in (total.customer, total.project, total.person))
            part = (total.period, names, total.status)
            if part in seen:
                self._problem(
                    total.where, "text", total.label, f"each part once; it stands at {seen[part]}", "add them"
                )
            seen.setdefault(part, total.where)

    def _problem(self, where: str, column: str, value: str, expected: str, remedy: str) -> None:
        self._problems.append(Problem(where, column, value, expected, remedy))


def _is_everything(given: Mapping[str, str]) -> bool:
    filled = [value for value in given.values() if value]
    return len(filled) == 1 and normalise(filled[0]) in _EVERYTHING
