"""Which records `billed` may mark, in which requests, and how long a plan's writes can be taken back."""

from __future__ import annotations

from itertools import chain

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
    KeepReason,
    Quarantined,
    Rebook,
    Skip,
    SkipReason,
    Update,
    Withdraw,
)
from migrator.core.billed import NOT_IN_SYNC, Candidate, Stays, common_project, objection, requests_of
from migrator.core.cost import billed_requests
from migrator.core.finality import IN_WORDS, Finality, points_of_no_return
from migrator.core.model import Billing, MocoId, Seconds, SourceId
from migrator.core.plan import Labels, PlanTotals
from migrator.core.tally import Tally
from tests.unit.core.builders import OTHER, OTHER_WORKER, SENT, a_time_entry, an_entry


def a_candidate(id_: int, company: int = 1, project: int = 1) -> Candidate:
    return Candidate(SourceId(id_), MocoId(id_ + 1000), Seconds(60), MocoId(project), MocoId(company))


@pytest.mark.parametrize(
    ("action", "stays"),
    [
        (Keep(), None),
        (Keep(KeepReason.REBASED, rebase=SENT), None),
        (Keep(KeepReason.EDITED_IN_TARGET), Stays("EDITED_IN_TARGET")),
        (Keep(KeepReason.UNSEEN), Stays("UNSEEN")),
        (Keep(KeepReason.OUT_OF_SCOPE), Stays("OUT_OF_SCOPE", explained=True)),
        (Keep(KeepReason.AFTER_CUTOVER), Stays("AFTER_CUTOVER", explained=True)),
        (Keep(KeepReason.ACCEPTED), Stays("ACCEPTED", explained=True)),
        (Hold(HoldReason.UNSETTLED), Stays("UNSETTLED")),
        (Hold(HoldReason.REJECTED, "no day"), Stays("REJECTED", "no day")),
        (Conflict(ConflictReason.DUPLICATE), Stays("DUPLICATE")),
        (Conflict(ConflictReason.BOTH_EDITED, "seconds"), Stays("BOTH_EDITED", "seconds")),
        (Skip(SkipReason.TRASHED), Stays("TRASHED")),
        (Quarantined("no"), Stays(NOT_IN_SYNC, "no")),
        (Create(SENT), Stays(NOT_IN_SYNC)),
        (Adopt(an_entry(), SENT), Stays(NOT_IN_SYNC)),
        (Update(an_entry(), OTHER), Stays(NOT_IN_SYNC)),
        (Withdraw(an_entry()), Stays(NOT_IN_SYNC)),
        (Rebook(an_entry(), OTHER_WORKER), Stays(NOT_IN_SYNC)),
    ],
)
def test_only_what_both_sides_agree_upon_is_verified(action: Action, stays: Stays | None) -> None:
    assert objection(action) == stays


def test_a_request_is_of_one_company_and_never_too_large() -> None:
    rows = [a_candidate(each, company=1 + (each > 5)) for each in range(1, 9)]
    found = list(requests_of(rows, 3))
    assert [[each.source_id for each in request] for request in found] == [[1, 2, 3], [4, 5], [6, 7, 8]]


@given(st.lists(st.integers(1, 4)).map(sorted), st.integers(1, 100))
def test_requests_hold_every_candidate_once_and_in_order(companies: list[int], size: int) -> None:
    rows = [a_candidate(number, company) for number, company in enumerate(companies, 1)]
    found = list(requests_of(rows, size))
    assert list(chain(*found)) == rows
    assert all(len({each.company_id for each in request}) == 1 and len(request) <= size for request in found)
    per_company = [companies.count(company) for company in set(companies)]
    assert len(found) * 2 == billed_requests(per_company, size)


@pytest.mark.parametrize("size", [0, 101])
def test_a_size_that_no_request_takes_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        list(requests_of([a_candidate(1)], size))


def test_a_project_is_named_only_when_all_share_it() -> None:
    assert common_project([a_candidate(1, project=7), a_candidate(2, project=7)]) == 7
    assert common_project([a_candidate(1, project=7), a_candidate(2, project=8)]) is None


# -- the point of no return ----------------------------------------------------------------------------------------


def test_each_write_of_a_plan_is_in_one_label_and_all_else_in_none() -> None:
    totals = PlanTotals()
    labels = Labels("Relaunch", "Ann Poe", "Kunde AG")
    for record, billing in enumerate(Billing, 1):
        totals.add(Create(SENT), a_time_entry(record, billing=billing), labels)
    others: list[Action] = [
        Adopt(an_entry(), SENT),
        Adopt(an_entry(), SENT, then_update=True),
        Update(an_entry(), OTHER),
        Withdraw(an_entry()),
        Rebook(an_entry(), OTHER_WORKER),
        Keep(),
        Hold(HoldReason.UNDONE),
        Skip(SkipReason.TRASHED),
        Quarantined("no"),
    ]
    for record, action in enumerate(others, 11):
        totals.add(action, a_time_entry(record), labels)
    points = points_of_no_return(totals.by_action, totals.created_by_billing, {Billing.PAID})
    assert {label: tally.records for label, tally in points.items()} == {
        Finality.UNDOABLE: 1,
        Finality.UNTIL_BILLED_OR_LOCKED: 3,
        Finality.UNTIL_MARKED: 1,
        Finality.FINAL: 4,
    }
    assert points[Finality.FINAL].seconds == 4 * 3600
    assert totals.invoiced == {(Billing.PENDING_PAYMENT, "Kunde AG"): 1, (Billing.PAID, "Kunde AG"): 1}


def test_what_nothing_marks_can_be_undone_for_as_long_as_all_else() -> None:
    points = points_of_no_return({}, {Billing.PAID: Tally(2, 120)}, set())
    assert points[Finality.UNTIL_BILLED_OR_LOCKED] == Tally(2, 120)
    assert points[Finality.UNTIL_MARKED] == Tally()


def test_every_label_has_words() -> None:
    assert set(IN_WORDS) == set(Finality)
