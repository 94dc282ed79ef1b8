"""The sums of a report hold in every cell and on every level, whatever the lines are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.actions import Word
from migrator.core.duration import HoursError, exact_hours, parse_hours
from migrator.core.model import Billing, MocoId, Seconds, SourceId
from migrator.core.report.billing import OpenBook, StatusBook
from migrator.core.report.figures import Agreement, Sums
from migrator.core.report.line import Elsewhere, Place, RecordLine, Rule, TargetState
from migrator.core.report.totals import Found, LedgerBook, People, Totals, merged
from migrator.core.report.verdict import Proofs, agreement
from tests.support.reports import a_line, waiting

_DAYS = st.dates(date(2023, 11, 1), date(2024, 2, 28))
_SECONDS = st.integers(0, 40_000).map(Seconds)
_EXPLAINING = [rule for rule in Rule if rule not in {Rule.UNEXPLAINED, Rule.SAME}]


@st.composite
def a_record(draw: st.DrawFn, rules: Sequence[Rule] = tuple(_EXPLAINING)) -> RecordLine:
    day, place, person = draw(_DAYS), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    extra = draw(st.integers(0, 9)) == 0
    there = extra or draw(st.booleans())
    read = Seconds(0) if extra else draw(_SECONDS)
    target_day = (draw(_DAYS) if draw(st.booleans()) else day) if there else None
    stored = (draw(_SECONDS) if draw(st.booleans()) else read) if there else Seconds(0)
    same = stored == read and there and target_day is not None and target_day.replace(day=1) == day.replace(day=1)
    elsewhere = None
    if there and not extra and draw(st.integers(0, 3)) == 0:
        # A project of another customer, or one that only MOCO has.
        other = draw(st.sampled_from([each for each in (1, 2, 3, 4, -1, -4) if each != place]))
        why = draw(st.sampled_from([Rule.EDITED_IN_MOCO, Rule.ELSEWHERE_IN_MOCO]))
        elsewhere = Elsewhere(Place(f"customer {other % 2}", SourceId(other), f"project {other % 3}"), why)
    states = [state for state in TargetState if state is not TargetState.ABSENT]
    return a_line(
        draw(st.integers(0, 500)),
        source_id=None if extra else SourceId(draw(st.integers(1, 10**6))),
        activity_id=MocoId(1) if there else None,
        customer=f"customer {place % 2}",
        project_id=SourceId(place),
        project=f"project {place % 3}",
        person_id=SourceId(person),
        person=f"person {person % 2}",
        day=day,
        target_day=target_day,
        billing=None if extra else draw(st.sampled_from(Billing)),
        word=None if extra else draw(st.sampled_from([word for word in Word if word is not Word.SKIPPED])),
        written="" if extra else f"{read // 3600}:{read // 60 % 60}",
        read=read,
        sent=None,
        stored=stored,
        state=draw(st.sampled_from(states)) if there else TargetState.ABSENT,
        rule=Rule.SAME if same else draw(st.sampled_from(list(rules))),
        reason="",
        elsewhere=elsewhere,
    )


RECORDS = st.lists(a_record(), max_size=40)


def closes(sums: Sums) -> bool:
    return sums.source_seconds == sums.target_seconds - sum(sums.apart.values())


def both(lines: Iterable[RecordLine]) -> tuple[int, int, int]:
    kept = list(lines)
    return sum(line.billing is not None for line in kept), sum(line.read for line in kept), sum(map(_stored, kept))


def _stored(line: RecordLine) -> int:
    return line.stored


def told(sums: Sums) -> tuple[int, int, int]:
    return sums.records, sums.source_seconds, sums.target_seconds


def places(line: RecordLine) -> tuple[tuple[str, int], tuple[str, int]]:
    """Customer and project on both sides."""
    here = (line.customer, line.project_id)
    return here, here if line.elsewhere is None else (line.elsewhere.place.customer, line.elsewhere.place.project_id)


@given(RECORDS)
def test_the_books_close_in_every_cell_and_the_cells_are_the_whole(lines: list[RecordLine]) -> None:
    totals = Totals()
    for line in lines:
        totals.add(line)
    customers = totals.customers()
    whole = merged(each.sums for each in customers)
    assert told(whole) == both(lines)
    for rule in Rule:
        # What only changed its place is nothing on the whole.
        apart = sum(line.stored - line.read for line in lines if line.rule is rule)
        assert whole.apart.get(rule, 0) == apart
    assert len({each.id for customer in customers for each in customer.projects}) == sum(
        len(customer.projects) for customer in customers
    )
    for customer in customers:
        assert closes(customer.sums)
        here = [line for line in lines if line.customer == customer.name]
        there = [line for line in lines if line.target_customer == customer.name]
        assert told(customer.sums) == (*both(here)[:2], both(there)[2])
        for project in customer.projects:
            at = (customer.name, project.id)
            here, there = ([line for line in lines if places(line)[side] == at] for side in (0, 1))
            assert closes(project.sums)
            assert told(project.sums) == (*both(here)[:2], both(there)[2])
            for month in project.months:
                then = [line for line in here if line.day.replace(day=1) == month.month]
                now = [line for line in there if (line.target_day or line.day).replace(day=1) == month.month]
                assert closes(month.sums)
                assert told(month.sums) == (*both(then)[:2], both(now)[2])


@given(RECORDS)
def test_people_and_ledger_hold_each_line_exactly_once(lines: list[RecordLine]) -> None:
    people, ledger = People(), LedgerBook()
    for line in lines:
        people.add(line)
        ledger.add(line)
    rows = people.rows({SourceId(1): "ada@example.com"})
    assert told(merged(row.sums for row in rows)) == both(lines)
    assert all(closes(row.sums) for row in rows)
    assert len({row.id for row in rows}) == len(rows)
    entries = ledger.close()
    told_there = [sum(getattr(entry, name) for entry in entries) for name in ("records", "read", "stored")]
    assert told_there == [sum(line.source_id is not None for line in lines), *both(lines)[1:]]


@given(st.lists(a_record(rules=tuple(Rule)), max_size=30))
def test_unexplained_seconds_of_opposite_sign_do_not_cancel_out(lines: list[RecordLine]) -> None:
    found = Found()
    for line in lines:
        found.add(line)
    assert found.unexplained_seconds == sum(line.unexplained_seconds for line in lines)


@given(RECORDS, st.integers(1, 12))
def test_the_matrix_holds_all_of_mocos_time_and_what_it_lacks(lines: list[RecordLine], first_month: int) -> None:
    years = StatusBook(first_month)
    for line in lines:
        years.add(line)
    cells = [cell for year in years.rows() for cell in year.seconds.items()]
    assert sum(seconds for (_, state), seconds in cells if state is not TargetState.ABSENT) == both(lines)[2]
    absent = sum(line.read for line in lines if line.state is TargetState.ABSENT)
    assert sum(seconds for (_, state), seconds in cells if state is TargetState.ABSENT) == absent


@given(st.lists(st.tuples(a_record(), st.booleans()), max_size=40), _DAYS)
def test_what_is_open_on_either_side_is_the_sum_of_its_parts(lines: list[tuple[RecordLine, bool]], as_of: date) -> None:
    book = OpenBook(as_of)
    for line, deleted in lines:
        book.add(line, deleted=deleted)
    book.add_booked("customer 0", 777)
    for row in book.rows():
        source_open = sum(
            line.read
            for line, deleted in lines
            if line.customer == row.customer and line.billing is Billing.BILLABLE and line.day <= as_of and not deleted
        )
        target_open = sum(
            line.stored
            for line, _ in lines
            if line.target_customer == row.customer and line.state is TargetState.OPEN and target_day(line) <= as_of
        )
        assert row.source_open == source_open
        assert row.source_open == row.in_moco - row.apart + row.only_in_activecollab + row.settled_in_moco
        assert row.target_open == target_open + (777 if row.customer == "customer 0" else 0)
        assert row.target_open == row.in_moco + row.booked_in_moco + row.invoiced_already + (
            row.pending_in_moco + row.made_billable + row.without_record
        )


def target_day(line: RecordLine) -> date:
    return line.target_day or line.day


# -- examples ----------------------------------------------------------------------------------------------------------


def test_two_errors_of_opposite_signs_do_not_cancel_each_other() -> None:
    found, ledger = Found(), LedgerBook()
    for change in (60, -60):
        line = a_line(1, stored=Seconds(a_line(1).read + change), rule=Rule.UNEXPLAINED)
        found.add(line)
        ledger.add(line)
    (row,) = ledger.close()
    assert (row.stored - row.read, found.unexplained_seconds) == (0, 120)


def test_hours_as_written_are_added_exactly() -> None:
    ledger = LedgerBook()
    for written in ("0:20", ":20", "0:20", "3,75", "0.17", "1.0E-2"):
        ledger.add(a_line(1, written=written))
    (row,) = ledger.close()
    assert row.written == Decimal("4.93")


@pytest.mark.parametrize(("text", "hours"), [("5:30", "11/2"), ("0,1", "1/10"), ("+1.5", "3/2"), (":20", "1/3")])
def test_a_duration_is_a_fraction_of_hours_that_rounds_to_its_seconds(text: str, hours: str) -> None:
    assert exact_hours(text) == Fraction(hours)
    assert round(exact_hours(text) * 3600) == parse_hours(text)


def test_what_is_no_duration_has_no_hours_but_its_seconds_count() -> None:
    with pytest.raises(HoursError):
        exact_hours("viel")
    ledger = LedgerBook()
    ledger.add(a_line(1, written="viel", read=Seconds(1800)))
    assert ledger.close()[0].written == Decimal("0.5")


@pytest.mark.parametrize(
    ("first_month", "day", "name"),
    [(1, date(2024, 6, 30), "2024"), (7, date(2024, 6, 30), "2023/24"), (7, date(2024, 7, 1), "2024/25")],
)
def test_a_fiscal_year_is_named_after_the_years_it_lies_in(first_month: int, day: date, name: str) -> None:
    book = StatusBook(first_month)
    book.add(a_line(1, day=day, target_day=day))
    assert [year.year for year in book.rows()] == [name]


def test_what_is_open_is_told_by_where_it_may_be_invoiced() -> None:
    book = OpenBook(date(2024, 1, 31))
    day = date(2024, 1, 31)
    common = {"customer": "Nordlicht", "day": day, "target_day": day, "read": Seconds(100), "stored": Seconds(90)}
    absent = {**common, "target_day": None, "stored": Seconds(0), "state": TargetState.ABSENT}
    for line in (
        a_line(1, **common, billing=Billing.BILLABLE, state=TargetState.OPEN),
        a_line(2, **common, billing=Billing.BILLABLE, state=TargetState.BILLED),
        a_line(3, **common, billing=Billing.PAID, state=TargetState.OPEN),
        a_line(4, **common, billing=Billing.PENDING_PAYMENT, state=TargetState.OPEN),
        a_line(5, **absent, billing=Billing.BILLABLE),
        a_line(6, **{**common, "day": date(2024, 2, 1), "target_day": date(2024, 2, 1)}, billing=Billing.BILLABLE),
    ):
        book.add(line)
    book.add(a_line(7, **absent, billing=Billing.BILLABLE), deleted=True)
    # What was deleted in ActiveCollab is in MOCO all the same, and for somebody to look at, not to invoice.
    book.add(a_line(8, **common, billing=Billing.BILLABLE, state=TargetState.OPEN), deleted=True)
    book.add_booked("Nordlicht", 7)
    (row,) = book.rows()
    assert (row.source_open, row.target_open) == (300, 367)
    assert (row.in_moco, row.booked_in_moco, row.only_in_activecollab) == (90, 7, 100)
    assert (row.invoiced_already, row.pending, row.settled_in_moco) == (90, 100, 100)
    assert (row.pending_in_moco, row.without_record, row.apart) == (90, 90, -10)


PROVED = Proofs(seen=True, source_whole=True, control_met=None, closed=True)


@pytest.mark.parametrize(
    ("lines", "proofs", "expected"),
    [
        ([a_line()], PROVED, (Agreement.AGREE, ())),
        ([waiting(1, Word.HELD, "UNMAPPED", "")], replace(PROVED, waits=True), (Agreement.AGREE_BUT, ("waits",))),
        # What a person accepted waits for nobody.
        ([waiting(1, Word.REJECTED, "value", "")], PROVED, (Agreement.AGREE, ())),
        ([a_line()], replace(PROVED, books_differ=True), (Agreement.DIFFER, ("moco_books_differ",))),
        ([a_line()], replace(PROVED, presences_differ=True), (Agreement.DIFFER, ("presences_differ",))),
        ([a_line(word=Word.PENDING)], PROVED, (Agreement.AGREE_BUT, ("pending",))),
        (
            [a_line(rule=Rule.UNEXPLAINED, stored=Seconds(1))],
            PROVED,
            (Agreement.DIFFER, ("unexplained_seconds",)),
        ),
        ([a_line()], Proofs(False, True, True, True), (Agreement.UNPROVED, ("not_verified_since_write",))),
        ([a_line()], Proofs(True, False, None, True), (Agreement.UNPROVED, ("source_not_whole",))),
        (
            [a_line(word=Word.PENDING)],
            Proofs(False, True, False, False),
            (Agreement.DIFFER, ("control_missed", "target_not_closed", "not_verified_since_write", "pending")),
        ),
    ],
)
def test_the_verdict_is_never_greener_than_what_was_found(
    lines: list[RecordLine], proofs: Proofs, expected: tuple[Agreement, tuple[str, ...]]
) -> None:
    found = Found()
    for line in lines:
        found.add(line)
    assert agreement(found, proofs) == expected
