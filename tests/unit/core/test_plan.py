"""Totals of a plan add up, its digest ignores the order and nothing else, its cost follows MOCO's rules."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Keep,
    Quarantined,
    Rebook,
    Skip,
    SkipReason,
    Update,
    Withdraw,
    Word,
)
from migrator.core.model import Billing, MocoId
from migrator.core.plan import (
    Labels,
    PlanTotals,
    action_name,
    eta_seconds,
    requests_needed,
    undo_requests,
)
from tests.unit.core.builders import OTHER, SENT, a_time_entry, an_entry

LABELS = Labels("Relaunch", "Jo Doe", "Acme")
NAMED: list[tuple[Action, str]] = [
    (Create(SENT), "create"),
    (Adopt(an_entry(), SENT), "adopt"),
    (Adopt(an_entry(), OTHER, then_update=True), "adopt_update"),
    (Update(an_entry(), OTHER), "update"),
    (Withdraw(an_entry()), "withdraw"),
    (Rebook(an_entry(), OTHER), "rebook"),
    (Keep(), "keep"),
    (Hold(HoldReason.UNMAPPED), "hold"),
    (Conflict(ConflictReason.BILLED), "conflict"),
    (Skip(SkipReason.TRASHED), "skip"),
    (Quarantined("no"), "quarantined"),
]
ACTIONS = [action for action, _ in NAMED]


def totals_of(*rows: tuple[Action, int, int]) -> PlanTotals:
    totals = PlanTotals()
    for action, record, seconds in rows:
        totals.add(action, a_time_entry(record=record, seconds=seconds), LABELS, payload=f"p{record}")
    return totals


@pytest.mark.parametrize(("action", "name"), NAMED)
def test_every_action_has_a_name(action: Action, name: str) -> None:
    assert action_name(action) == name


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(1, 999), st.integers(0, 9999))))
def test_every_breakdown_adds_up_to_all_records_and_seconds(rows: list[tuple[Action, int, int]]) -> None:
    totals = totals_of(*rows)
    whole = (len(rows), sum(seconds for *_, seconds in rows))
    for tallies in (
        totals.by_action.values(),
        totals.by_word.values(),
        totals.by_project.values(),
        totals.by_person.values(),
        totals.by_year.values(),
    ):
        found = list(tallies)
        assert (sum(each.records for each in found), sum(each.seconds for each in found)) == whole
    assert totals.records == len(rows)


def test_totals_are_kept_by_what_a_reader_asks_for() -> None:
    totals = PlanTotals()
    totals.add(Create(SENT), a_time_entry(1), LABELS)
    totals.add(Create(SENT), a_time_entry(2, day=date(2021, 1, 1)), Labels("Intranet", "Ann Poe"))
    totals.add(Hold(HoldReason.NOT_ESTABLISHED), a_time_entry(3), LABELS)
    totals.add_rejected(60)
    assert totals.by_project["Relaunch"].records == 2
    assert totals.by_person["Ann Poe"].seconds == 3600
    assert totals.by_year[2021].records == 1
    assert totals.by_word[Word.CREATED].records == 2
    assert totals.by_word[Word.PENDING].records == 1
    assert (totals.by_word[Word.REJECTED].records, totals.by_word[Word.REJECTED].seconds) == (1, 60)
    assert (totals.of_action("create"), totals.of_action("withdraw"), totals.records) == (2, 0, 4)
    assert totals.creates_per_person == {MocoId(7): 2}


@pytest.mark.parametrize(("action", "name"), NAMED)
def test_a_plan_without_writes_is_a_noop(action: Action, name: str) -> None:
    writes = {"create", "adopt", "adopt_update", "update", "withdraw", "rebook"}
    assert totals_of((action, 1, 60)).is_noop is (name not in writes)


def test_the_digest_does_not_depend_on_the_order() -> None:
    rows: list[tuple[Action, int, int]] = [(Create(SENT), 1, 60), (Update(an_entry(), OTHER), 2, 60), (Keep(), 3, 60)]
    assert len({totals_of(*order).digest for order in permutations(rows)}) == 1


def test_the_digest_tells_plans_apart() -> None:
    row = (Create(SENT), 1, 60)
    digests = {
        totals_of().digest,
        totals_of(row).digest,
        totals_of(row, row).digest,
        totals_of((Keep(), 1, 60)).digest,
        totals_of((Create(SENT), 2, 60)).digest,
    }
    assert len(digests) == 5
    other = PlanTotals()
    other.add(Create(SENT), a_time_entry(1), LABELS, payload="another")
    assert other.digest not in digests


def test_warnings_tell_what_a_person_should_know() -> None:
    totals = PlanTotals()
    totals.add(Create(SENT), a_time_entry(1, private=True), LABELS)
    totals.add(Create(SENT), a_time_entry(2, seconds=90_000), LABELS)
    totals.add(Create(SENT), a_time_entry(3), Labels("P", "J", billable_place=False))
    totals.add(Keep(), a_time_entry(4, billing=Billing.PENDING_PAYMENT), LABELS)
    assert totals.warnings == (
        "1 record (25.00 h) of more than 24 hours each are sent as they are",
        "1 record (1.00 h) private in ActiveCollab: in MOCO everybody sees them who sees the project",
        "1 record (1.00 h) billable in ActiveCollab, where MOCO does not bill the project or task",
        "1 record (1.00 h) pending payment in ActiveCollab: Acme 1.00 h",
    )


@pytest.mark.parametrize("action", [Keep(), Withdraw(an_entry()), Hold(HoldReason.UNMAPPED)])
def test_records_that_are_not_sent_give_no_warning(action: Action) -> None:
    totals = PlanTotals()
    entry = a_time_entry(seconds=90_000, private=True)
    totals.add(action, entry, Labels("P", "J", billable_place=False))
    assert totals.warnings == ()


def test_bulk_requests_carry_one_person_each() -> None:
    found = requests_needed({MocoId(1): 101, MocoId(2): 100, MocoId(3): 1}, 100)
    assert found["bulk"] == 4
    assert sum(found.values()) == 4


def test_other_phases_are_counted_beside_it() -> None:
    found = requests_needed(
        {},
        100,
        scan=5,
        proofs=2,
        places=6,
        tasks=3,
        contracts=4,
        reopened=2,
        updates=150,
        withdrawals=1,
        rebooks=1,
        verify=7,
        billed=1,
    )
    assert found == {
        "scan": 5,
        "proofs": 2,
        "places": 6,
        "tasks": 3,
        "contracts": 4,
        "reopen": 10,
        "bulk": 0,
        "single": 2 + 150 + 1 + 3,
        "verify": 7,
        "billed": 1,
    }


@pytest.mark.parametrize(("requests", "seconds"), [(0, 0), (15, 0), (16, 15), (30, 15), (31, 30), (2500, 2490)])
def test_the_time_is_what_moco_s_window_leaves(requests: int, seconds: int) -> None:
    assert eta_seconds(requests, per_window=15, window_seconds=15) == seconds


def test_undoing_deletes_one_by_one() -> None:
    assert [undo_requests(created) for created in (0, 1, 100, 101)] == [0, 2, 101, 103]
