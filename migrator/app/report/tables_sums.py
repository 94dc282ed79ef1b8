"""The tables of a report that are made from its figures alone: totals, open hours, matrix, ledger, decisions."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.app.report.tables import Cell, Column, Kind, Table, columns_of
from migrator.app.report.wording import Wording
from migrator.app.report.wording_sheets import TEXTS, word_of
from migrator.app.report.written import change
from migrator.core.model import Billing
from migrator.core.report.figures import Figures, ProjectSums, Signer, Sums
from migrator.core.report.line import TargetState
from migrator.core.report.typed import shown
from migrator.core.tally import Tally

_BY_STATUS = (
    ("source_not_billable", Billing.NOT_BILLABLE),
    ("source_billable", Billing.BILLABLE),
    ("source_pending", Billing.PENDING_PAYMENT),
    ("source_paid", Billing.PAID),
)
_BY_STATE = (
    ("moco_non_billable", TargetState.NON_BILLABLE),
    ("moco_open", TargetState.OPEN),
    ("moco_billed", TargetState.BILLED),
)
_SUMS = (
    Column("records", Kind.NUMBER, total=True),
    Column("source", Kind.HOURS, total=True),
    Column("source_clock", Kind.CLOCK, total=True),
    Column("target", Kind.HOURS, total=True),
    Column("target_clock", Kind.CLOCK, total=True),
    Column("apart", Kind.HOURS, total=True),
    Column("source_seconds", Kind.EXACT),
    Column("target_seconds", Kind.EXACT),
    Column("apart_seconds", Kind.SECONDS, total=True),
    Column("reason", Kind.LONG),
    *(Column(name, Kind.HOURS, total=True) for name, _ in _BY_STATUS),
    *(Column(name, Kind.HOURS, total=True) for name, _ in _BY_STATE),
)


class SumTables:
    """The tables of one report in one language, each a method."""

    def __init__(self, figures: Figures, wording: Wording) -> None:
        self._figures = figures
        self._wording = wording

    def _name(self, text: str) -> str:
        """A name as the report shows it; what has none is said to have none."""
        return shown(text, self._figures.with_people) or self._say("none")

    def _project(self, project: ProjectSums) -> str:
        return self._name(project.name) + (f" ({self._say('only_in_moco')})" if project.only_in_moco else "")

    def _say(self, key: str) -> str:
        return word_of(TEXTS, key, self._wording.language)

    # -- totals --------------------------------------------------------------------------------------------------

    def customers(self) -> Table:
        """One row for each customer."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for customer in self._figures.customers:
                yield (self._name(customer.name), *self._sums(customer.sums))

        return Table("customers", columns_of(Column("customer"), _SUMS), rows)

    def projects(self) -> Table:
        """One row for each project."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for customer in self._figures.customers:
                for project in customer.projects:
                    yield self._name(customer.name), self._project(project), *self._sums(project.sums)

        return Table("projects", columns_of(Column("customer"), Column("project"), _SUMS), rows)

    def months(self) -> Table:
        """One row for each month of each project: the finest of the control totals."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for customer in self._figures.customers:
                for project in customer.projects:
                    names = self._name(customer.name), self._project(project)
                    for each in project.months:
                        yield (*names, each.month, *self._sums(each.sums))

        columns = columns_of(Column("customer"), Column("project"), Column("month", Kind.MONTH), _SUMS)
        return Table("totals", columns, rows)

    def people(self) -> Table:
        """One row for each worker; e-mail addresses only where they may be shown."""
        with_people = self._figures.with_people

        def rows() -> Iterator[tuple[Cell, ...]]:
            for person in self._figures.people:
                email = (shown(person.email, True),) if with_people else ()
                yield (self._name(person.name), *email, *self._sums(person.sums))

        email = (Column("email"),) if with_people else ()
        return Table("people", columns_of(Column("person"), email, _SUMS), rows)

    def _sums(self, sums: Sums) -> tuple[Cell, ...]:
        source, target = sums.source_seconds, sums.target_seconds
        reasons = [
            f"{self._wording.term(rule)} ({change(seconds, self._wording.language)} h)"
            for rule, seconds in sorted(sums.apart.items(), key=lambda pair: (-abs(pair[1]), pair[0].value))
            if seconds
        ]
        return (
            *(sums.records, source, source, target, target, target - source),
            *(source, target, target - source, "; ".join(reasons)),
            *(sums.source.get(status, 0) for _, status in _BY_STATUS),
            *(sums.target.get(state, 0) for _, state in _BY_STATE),
        )

    # -- what may be invoiced ------------------------------------------------------------------------------------

    def open_hours(self) -> Table:
        """Billable time that nobody has invoiced, by customer."""
        names = (
            *("source_open", "target_open", "in_moco", "booked_in_moco"),
            *("only_in_activecollab", "settled_in_moco", "invoiced_already", "pending"),
            *("pending_in_moco", "made_billable", "without_record", "open_apart"),
        )

        def rows() -> Iterator[tuple[Cell, ...]]:
            for each in self._figures.open_hours:
                yield (self._name(each.customer), *(getattr(each, name) for name in names[:-1]), each.apart)

        hours = [Column(name, Kind.HOURS, total=True) for name in names]
        return Table("open_hours", columns_of(Column("customer"), hours), rows)

    def matrix(self) -> Table:
        """ActiveCollab's status against how MOCO holds the time, year by year."""
        states = (*_BY_STATE, ("moco_absent", TargetState.ABSENT))

        def rows() -> Iterator[tuple[Cell, ...]]:
            for year in self._figures.status_years:
                for status in (*Billing, None):
                    seconds = [year.seconds.get((status, state), 0) for _, state in states]
                    if status is not None or any(seconds):
                        told = self._say("without_record") if status is None else self._wording.term(status)
                        yield (year.year, told, *seconds)

        hours = [Column(name, Kind.HOURS, total=True) for name, _ in states]
        return Table("matrix", columns_of(Column("year"), Column("status"), hours), rows)

    # -- why, and who --------------------------------------------------------------------------------------------

    def ledger(self) -> Table:
        """From the hours as written to the seconds that MOCO holds, with the rule that explains the difference."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for row in self._figures.ledger:
                rule, reason = self._wording.term(row.rule), self._wording.reason(row.reason)
                apart = row.stored - row.read
                yield (
                    *(self._name(row.project), self._name(row.person), row.month, rule, reason, row.records),
                    *(row.written, row.read, row.sent, row.stored, apart, apart),
                )

        columns = columns_of(
            *(Column("project"), Column("person"), Column("month", Kind.MONTH), Column("rule"), Column("reason")),
            Column("records", Kind.NUMBER, total=True),
            Column("written", Kind.DECIMAL, total=True),
            [Column(f"{name}_seconds", Kind.SECONDS, total=True) for name in ("read", "sent", "stored", "apart")],
            Column("apart", Kind.HOURS, total=True),
        )
        return Table("ledger", columns, rows)

    def stand_ins(self) -> Table:
        """Time that is booked on another person in MOCO."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for each in self._figures.stand_ins:
                note = shown(each.note, self._figures.with_people)
                names = self._name(each.person), self._name(each.booked_on)
                source, target = each.tally.source_seconds, each.tally.target_seconds
                sides = source, target, target - source
                yield *names, each.tally.records, *sides, self._name(each.decided_by), each.decided_at, note

        columns = columns_of(
            *(Column("person"), Column("booked_on"), Column("records", Kind.NUMBER, total=True)),
            [Column(name, Kind.HOURS, total=True) for name in ("source", "target", "apart")],
            *(Column("decided_by"), Column("at", Kind.MOMENT), Column("note", Kind.LONG)),
        )
        return Table("stand_ins", columns, rows)

    def left_out(self) -> Table:
        """What was left out by which rule, and what is counted in the books but told apart."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for reason, tally in self._figures.left_out.items():
                yield self._say("by_rule"), self._wording.reason(reason.value), tally.records, tally.seconds
            beside = self._figures.beside
            for name in ("invisible", "trashed", "deleted", "unseen", "edited_in_target"):
                tally = getattr(beside, name)
                assert isinstance(tally, Tally)
                yield self._say("beside"), self._say(name), tally.records, tally.seconds
            yield self._say("beside"), self._say("superseded"), beside.superseded, None

        # No sums: a record may stand in more than one of these rows.
        columns = columns_of(
            *(Column("group"), Column("what", Kind.LONG), Column("records", Kind.NUMBER), Column("source", Kind.HOURS))
        )
        return Table("left_out", columns, rows)

    def control(self) -> Table:
        """The totals of ActiveCollab's own reports against what was read."""
        control = self._figures.control

        def rows() -> Iterator[tuple[Cell, ...]]:
            for row in control.rows if control is not None else ():
                agrees = self._say("yes" if row.agrees else "no")
                label = shown(self._wording.detail(row.label), self._figures.with_people)
                yield label, row.expected, row.read, row.read - row.expected, row.within, agrees

        # No sums: totals may contain each other.
        columns = columns_of(
            *(Column("label", Kind.LONG), Column("expected", Kind.HOURS), Column("source", Kind.HOURS)),
            *(Column("apart", Kind.HOURS), Column("within", Kind.SECONDS), Column("agrees")),
        )
        return Table("control", columns, rows)

    def changes(self) -> Table:
        """What changed since the report before this one."""
        before = self._figures.before

        def rows() -> Iterator[tuple[Cell, ...]]:
            for customer, project, source, target in before.changed if before is not None else ():
                yield self._name(customer), self._name(project), source, target

        hours = (Column("source", Kind.HOURS, total=True), Column("target", Kind.HOURS, total=True))
        return Table("changes", columns_of(Column("customer"), Column("project"), hours), rows)

    def decisions(self) -> Table:
        """Who planned, approved, applied, verified and accepted."""
        made = self._figures.decisions
        steps = ("planned", "approved", "applied", "verified", "accepted")

        def rows() -> Iterator[tuple[Cell, ...]]:
            for step in steps:
                for signer in getattr(made, step):
                    assert isinstance(signer, Signer)
                    note = shown(signer.note, self._figures.with_people)
                    yield self._say(step), self._name(signer.who), signer.at, signer.run, note

        columns = columns_of(
            *(Column("step"), Column("who"), Column("at", Kind.MOMENT), Column("run", Kind.NUMBER)),
            Column("note", Kind.LONG),
        )
        return Table("decisions", columns, rows)

    def outside(self) -> Table:
        """Expenses, which are not moved; amounts of several currencies have no sum."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            for each in self._figures.outside:
                yield self._name(each.currency), each.expenses, each.amount

        columns = columns_of(
            Column("currency"), Column("count", Kind.NUMBER, total=True), Column("amount", Kind.DECIMAL)
        )
        return Table("outside", columns, rows)
