"""Lines of a report into sums: by customer, project and month, by person, as a ledger; each line lands exactly once.

Memory grows with the places, people and months, never with the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from migrator.core.actions import SkipReason, Word
from migrator.core.compare import DifferenceKind
from migrator.core.duration import HoursError, exact_hours
from migrator.core.model import SourceId
from migrator.core.report.figures import CustomerSums, LedgerRow, MonthSums, PersonSums, ProjectSums, Sums
from migrator.core.report.line import RecordLine, Rule
from migrator.core.tally import Tally

_Person = tuple[SourceId | None, str]
_Key = TypeVar("_Key")


class Totals:
    """The time of both sides by customer, project and month; sums of the larger are made of those of the smaller.

    ActiveCollab's time counts in its project and in the month of its day, MOCO's where and when MOCO holds it.
    """

    def __init__(self) -> None:
        self._months: dict[str, dict[SourceId, dict[date, Sums]]] = {}
        self._names: dict[SourceId, str] = {}

    def add(self, line: RecordLine) -> None:
        """Count one line."""
        months = self._place(line.customer, line.project_id, line.project)
        here = there = line.day.replace(day=1)
        if line.target_day is not None and line.target_day != line.day:
            there = line.target_day.replace(day=1)
        if line.elsewhere is not None:
            _cell(months, here).count_left(line, line.elsewhere.rule)
            place = line.elsewhere.place
            moved = self._place(place.customer, place.project_id, place.project)
            _cell(moved, there).count_come(line, line.elsewhere.rule)
            return
        if here == there:
            _cell(months, here).count(line)
            return
        _cell(months, here).count_source(line)
        _cell(months, there).count_target(line)

    def _place(self, customer: str, project_id: SourceId, project: str) -> dict[date, Sums]:
        self._names[project_id] = project
        return self._months.setdefault(customer, {}).setdefault(project_id, {})

    def customers(self) -> tuple[CustomerSums, ...]:
        """All customers by name, those projects that have none last."""
        found = [
            CustomerSums(name, merged(project.sums for project in projects), projects)
            for name, projects in ((name, self._projects(each)) for name, each in self._months.items())
        ]
        return tuple(sorted(found, key=lambda each: (not each.name, each.name.casefold(), each.name)))

    def _projects(self, projects: Mapping[SourceId, Mapping[date, Sums]]) -> tuple[ProjectSums, ...]:
        found = []
        for project_id, months in projects.items():
            each = tuple(MonthSums(month, months[month]) for month in sorted(months))
            found.append(ProjectSums(project_id, self._names[project_id], merged(month.sums for month in each), each))
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))


class People:
    """The time of both sides by worker of ActiveCollab."""

    def __init__(self) -> None:
        self._sums: dict[_Person, Sums] = {}

    def add(self, line: RecordLine) -> None:
        """Count one line."""
        self._sums.setdefault(_person(line), Sums()).count(line)

    def rows(self, emails: Mapping[SourceId, str]) -> tuple[PersonSums, ...]:
        """All people by name; `emails` knows the addresses of some."""
        found = [
            PersonSums(id_, name, emails.get(id_, "") if id_ is not None else "", sums)
            for (id_, name), sums in self._sums.items()
        ]
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id or 0)))


class LedgerBook:
    """The rounding ledger: from the hours as written to the seconds as stored, by project, person, month and rule."""

    def __init__(self) -> None:
        self._rows: dict[tuple[SourceId, str, _Person, date, Rule, str], _Entry] = {}

    def add(self, line: RecordLine) -> None:
        """Count one line, in the month of ActiveCollab's day."""
        key = (line.project_id, line.project, _person(line), line.day.replace(day=1), line.rule, line.reason)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _Entry()
        row.count(line)

    def close(self) -> tuple[LedgerRow, ...]:
        """All rows by project, person and month; the book is empty afterwards, because there may be very many."""
        found = []
        for key in sorted(self._rows, key=_ledger_place):
            row, (_, project, (_, person), month, rule, reason) = self._rows.pop(key), key
            hours = _decimal(Fraction(row.parts, _PARTS_OF_AN_HOUR) + row.rest)
            found.append(
                LedgerRow(project, person, month, rule, reason, row.records, hours, row.read, row.sent, row.stored)
            )
        return tuple(found)


@dataclass(slots=True)
class _Entry:
    records: int = 0
    parts: int = 0
    rest: Fraction = Fraction(0)
    """Hours as written that are no whole number of parts."""
    read: int = 0
    sent: int = 0
    stored: int = 0

    def count(self, line: RecordLine) -> None:
        self.records += line.source_id is not None
        if line.written:
            parts = _parts(line)
            if parts.denominator == 1:
                self.parts += parts.numerator
            else:
                self.rest += parts / _PARTS_OF_AN_HOUR
        self.read += line.read
        self.sent += line.sent or 0
        self.stored += line.stored


_PARTS_OF_AN_HOUR = 3_600 * 100
"""Of which seconds and hours with two decimals are whole numbers: those add up without any fraction."""


def _parts(line: RecordLine) -> Fraction:
    try:
        return _parts_of(line.written)
    except HoursError:
        # Read under older rules, perhaps: what was made of it then is all that is known.
        return Fraction(line.read * 100)


@lru_cache(maxsize=4096)
def _parts_of(written: str) -> Fraction:
    return exact_hours(written) * _PARTS_OF_AN_HOUR


_PLACES = Context(prec=28)


def _decimal(hours: Fraction) -> Decimal:
    """Exact but for what has no end, such as thirds of an hour: those have 28 digits."""
    return _PLACES.divide(Decimal(hours.numerator), Decimal(hours.denominator))


@dataclass(slots=True)
class Found:
    """What a report counts of its lines besides time: words, differences, rules."""

    words: dict[Word, Tally] = field(default_factory=dict)
    differences: dict[DifferenceKind, Tally] = field(default_factory=dict)
    unexplained: dict[DifferenceKind, Tally] = field(default_factory=dict)
    left_out: dict[SkipReason, Tally] = field(default_factory=dict)
    unexplained_seconds: int = 0
    first_day: date | None = None
    last_day: date | None = None

    def add(self, line: RecordLine) -> None:
        """Count one line."""
        apart = abs(line.seconds_apart)
        if line.word is not None:
            _tally(self.words, line.word, line.read)
        if line.difference is not None:
            _tally(self.differences, line.difference, apart)
            if not line.explained:
                _tally(self.unexplained, line.difference, apart)
        if line.word is Word.SKIPPED:
            _tally(self.left_out, SkipReason(line.reason), line.read)
        self.unexplained_seconds += line.unexplained_seconds
        if line.source_id is not None:
            self.first_day = line.day if self.first_day is None else min(self.first_day, line.day)
            self.last_day = line.day if self.last_day is None else max(self.last_day, line.day)


def merged(parts: Iterable[Sums]) -> Sums:
    """The sum of sums."""
    whole = Sums()
    for part in parts:
        whole.merge(part)
    return whole


def _cell(months: dict[date, Sums], month: date) -> Sums:
    found = months.get(month)
    if found is None:
        found = months[month] = Sums()
    return found


def _person(line: RecordLine) -> _Person:
    """People without an account have no id, and are told apart by name."""
    return line.person_id, line.person


def _ledger_place(key: tuple[SourceId, str, _Person, date, Rule, str]) -> tuple[str, int, str, int, date, str, str]:
    project_id, project, (person_id, person), month, rule, reason = key
    return project.casefold(), project_id, person.casefold(), person_id or 0, month, rule.value, reason


def _tally(tallies: dict[_Key, Tally], key: _Key, seconds: int) -> None:
    found = tallies.get(key)
    if found is None:
        found = tallies[key] = Tally()
    found.add(seconds)
