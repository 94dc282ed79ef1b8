"""What may be invoiced where: open hours by customer up to a day, and status against status by fiscal year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from migrator.core.model import Billing
from migrator.core.report.figures import OpenHours, StatusYear
from migrator.core.report.line import RecordLine, TargetState


@dataclass(slots=True)
class _Open:
    source_open: int = 0
    target_open: int = 0
    in_moco: int = 0
    booked_in_moco: int = 0
    only_in_activecollab: int = 0
    invoiced_already: int = 0
    pending: int = 0
    settled_in_moco: int = 0
    pending_in_moco: int = 0
    made_billable: int = 0
    without_record: int = 0
    apart: int = 0


class OpenBook:
    """Open hours of every customer up to a day, that day included."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self._customers: dict[str, _Open] = {}

    def add(self, line: RecordLine, *, deleted: bool = False) -> None:
        """Count one line; what is `deleted` in ActiveCollab cannot be invoiced there."""
        if line.day <= self._as_of and not deleted:
            _count_source(self._row(line.customer), line)
        if line.state is TargetState.OPEN and (line.target_day or line.day) <= self._as_of:
            _count_target(self._row(line.target_customer), line, deleted)

    def add_booked(self, customer: str, seconds: int) -> None:
        """Count open time that people booked in MOCO itself."""
        row = self._row(customer)
        row.booked_in_moco += seconds
        row.target_open += seconds

    def rows(self) -> tuple[OpenHours, ...]:
        """Every customer with open hours on either side, by name; those without a customer last."""
        found = (
            OpenHours(
                customer,
                row.source_open,
                row.target_open,
                row.in_moco,
                row.booked_in_moco,
                row.only_in_activecollab,
                row.invoiced_already,
                row.pending,
                row.settled_in_moco,
                row.pending_in_moco,
                row.made_billable,
                row.without_record,
                row.apart,
            )
            for customer, row in self._customers.items()
            if row.source_open or row.target_open or row.pending
        )
        return tuple(sorted(found, key=lambda each: (not each.customer, each.customer.casefold(), each.customer)))

    def _row(self, customer: str) -> _Open:
        found = self._customers.get(customer)
        if found is None:
            found = self._customers[customer] = _Open()
        return found


def _count_source(row: _Open, line: RecordLine) -> None:
    if line.billing is Billing.PENDING_PAYMENT:
        row.pending += line.read
    if line.billing is not Billing.BILLABLE:
        return
    row.source_open += line.read
    match line.state:
        case TargetState.ABSENT:
            row.only_in_activecollab += line.read
        case TargetState.BILLED | TargetState.NON_BILLABLE:
            row.settled_in_moco += line.read
        case TargetState.OPEN:
            row.apart -= line.read


def _count_target(row: _Open, line: RecordLine, deleted: bool) -> None:
    row.target_open += line.stored
    if line.billing is Billing.PAID:
        # Deleted meanwhile or not: an invoice was written.
        row.invoiced_already += line.stored
        return
    match None if deleted else line.billing:
        case Billing.BILLABLE:
            row.in_moco += line.stored
            row.apart += line.stored
        case Billing.PENDING_PAYMENT:
            row.pending_in_moco += line.stored
        case Billing.NOT_BILLABLE:
            row.made_billable += line.stored
        case None:
            row.without_record += line.stored
        case _ as never:
            assert_never(never)


class StatusBook:
    """Seconds by ActiveCollab's status and how MOCO holds them, by fiscal year."""

    def __init__(self, first_month: int = 1) -> None:
        """`first_month` is the month in which a fiscal year begins, 1 to 12."""
        self._first_month = first_month
        self._years: dict[int, dict[tuple[Billing | None, TargetState], int]] = {}

    def add(self, line: RecordLine) -> None:
        """Count one line, in the year in which MOCO holds it; what MOCO has not, in ActiveCollab's."""
        year = self._years.setdefault(self._year(line.target_day or line.day), {})
        key = (line.billing, line.state)
        year[key] = year.get(key, 0) + (line.read if line.state is TargetState.ABSENT else line.stored)

    def rows(self) -> tuple[StatusYear, ...]:
        """All years, oldest first."""
        return tuple(StatusYear(self._name(year), dict(self._years[year])) for year in sorted(self._years))

    def _year(self, day: date) -> int:
        return day.year if day.month >= self._first_month else day.year - 1

    def _name(self, year: int) -> str:
        return f"{year}" if self._first_month == 1 else f"{year}/{(year + 1) % 100:02}"
