"""Bulk create and disregard of the simulated MOCO."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from migrator.sandbox.faults import RefuseRows
from migrator.sandbox.moco_switches import Bulk, BulkAnswer, Envelope, Markers
from tests.unit.sandbox.account import PLAIN_KEY, Account, listed


def rows(account: Account, count: int, *bad: int) -> list[dict[str, object]]:
    """So many rows, those at the positions `bad` without a task."""
    return [
        account.row(remote_id=f"m{number}", **({"task_id": None} if number in bad else {})) for number in range(count)
    ]


def stored(account: Account) -> list[str | None]:
    return [activity.remote_id for activity in account.sandbox.activities]


def test_rows_are_answered_in_order_with_ascending_ids_for_the_impersonated_person(account: Account) -> None:
    created = listed(account.bulk(*rows(account, 100), acting_as=account.plain))
    assert [one["remote_id"] for one in created] == [f"m{number}" for number in range(100)]
    assert [one["id"] for one in created] == sorted(one["id"] for one in created)
    assert {one["user"]["id"] for one in created} == {account.plain.id}
    assert len(account.sandbox.activities) == 100


def test_the_same_marker_twice_makes_two_activities(account: Account) -> None:
    account.bulk(account.row(remote_id="m"), account.row(remote_id="m"))
    assert len(account.sandbox.with_marker("m")) == 2


@pytest.mark.parametrize(
    ("bulk", "status", "left"),
    [
        (Bulk.ATOMIC, 422, []),
        (Bulk.PARTIAL, 422, ["m0", "m2"]),
        (Bulk.PARTIAL_ANSWERED, 200, ["m0", "m2"]),
        (Bulk.PREFIX, 422, ["m0"]),
    ],
)
def test_a_bad_row_does_what_is_switched(account: Account, bulk: Bulk, status: int, left: list[str]) -> None:
    account.switches.bulk = bulk
    response = account.bulk(*rows(account, 4, 1, 3))
    assert (response.status_code, stored(account)) == (status, left)
    if status == 422:
        assert response.get_json() == {"task_id": ["ist nicht gültig"]}
    else:
        assert [one["remote_id"] for one in listed(response)] == left


@pytest.mark.parametrize("sent", [{}, {"activities": []}, {"activities": {}}, {"bulk_data": [{}]}])
def test_without_rows_it_is_a_bad_request(account: Account, sent: object) -> None:
    response = account.call("POST", "/activities/bulk", sent)
    assert response.status_code == 400
    assert list(response.get_json()) == ["message"]


def test_a_row_that_is_no_object_is_refused(account: Account) -> None:
    assert account.bulk(account.row(), 7).status_code == 422
    assert account.sandbox.activities == []


def test_another_content_type_is_unsupported(account: Account) -> None:
    response = account.sandbox.wsgi.test_client().post(
        "/api/v1/activities/bulk", data={"activities": "x"}, headers={"Authorization": f"Bearer {PLAIN_KEY}"}
    )
    assert (response.status_code, response.get_data()) == (415, b"")


@pytest.mark.parametrize(("status", "key"), [(400, "message"), (422, "activities"), (413, "message")])
def test_more_than_a_hundred_rows_are_refused(account: Account, status: int, key: str) -> None:
    account.switches.bulk_over_limit_status = status
    response = account.bulk(*rows(account, 101))
    assert (response.status_code, list(response.get_json())) == (status, [key])
    assert account.sandbox.activities == []


def test_the_limit_can_be_lowered(account: Account) -> None:
    account.switches.bulk_limit = 2
    assert account.bulk(*rows(account, 3)).status_code == 400
    assert account.bulk(*rows(account, 2)).status_code == 200


@pytest.mark.parametrize(
    ("shape", "answered"),
    [
        (BulkAnswer.SHUFFLED, lambda ids: ["m1", "m0", "m2"]),
        (BulkAnswer.IDS_ONLY, lambda ids: ids),
        (BulkAnswer.EMPTY, lambda ids: []),
        (BulkAnswer.WRAPPED, lambda ids: ["m0", "m1", "m2"]),
    ],
)
def test_the_answer_can_have_another_shape(account: Account, shape: BulkAnswer, answered: Any) -> None:
    account.switches.bulk_answer = shape
    body = account.bulk(*rows(account, 3)).get_json()
    found = body["activities"] if shape is BulkAnswer.WRAPPED else body
    names = [one["remote_id"] if isinstance(one, dict) else one for one in found]
    assert names == answered([activity.id for activity in account.sandbox.activities])
    assert stored(account) == ["m0", "m1", "m2"]


def test_the_answer_can_be_no_content(account: Account) -> None:
    account.switches.bulk_answer = BulkAnswer.NO_CONTENT
    response = account.bulk(*rows(account, 2))
    assert (response.status_code, response.get_data(), len(stored(account))) == (204, b"", 2)


def test_rows_can_be_missing_from_the_answer(account: Account) -> None:
    account.switches.bulk_rows_missing = 2
    assert [one["remote_id"] for one in listed(account.bulk(*rows(account, 3)))] == ["m0"]
    assert len(stored(account)) == 3


@pytest.mark.parametrize(("markers", "left"), [(Markers.NOT_ECHOED, ["m0"]), (Markers.NOT_STORED, [None])])
def test_markers_can_get_lost_in_bulk(account: Account, markers: Markers, left: list[str | None]) -> None:
    account.switches.markers = markers
    assert listed(account.bulk(*rows(account, 1)))[0]["remote_id"] is None
    assert stored(account) == left


def test_the_envelope_applies_to_bulk(account: Account) -> None:
    account.switches.envelope = Envelope.ERRORS_LIST
    assert account.bulk(*rows(account, 1, 0)).get_json() == {"errors": ["Task id ist nicht gültig"]}


def test_rows_without_seconds_today_start_one_timer(account: Account) -> None:
    today = account.row(seconds=0, date="2024-06-12")
    account.bulk(today, today)
    assert [one.timer_started_at is not None for one in account.sandbox.activities] == [False, True]


def test_disregarding_marks_as_billed_and_answers_the_ids(account: Account) -> None:
    ids = [one["id"] for one in listed(account.bulk(*rows(account, 3)))][::-1]
    account.clock.sleep(5)
    sent = {"reason": "Kulanz", "company_id": account.company.id, "activity_ids": ids[:2]}
    assert listed(account.call("POST", "/activities/disregard", sent)) == ids[:2]
    assert [one.billed for one in account.sandbox.activities] == [False, True, True]
    assert account.sandbox.activities[-1].updated_at == account.clock.now()
    again = account.call("POST", "/activities/disregard", sent)
    assert (again.status_code, list(again.get_json())) == (422, ["activity_ids"])
    alias = {"reason": "Kulanz", "customer_id": account.company.id, "activity_ids": ids[2:]}
    assert account.call("POST", "/activities/disregard", alias).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"reason": 7}, "reason"),
        ({"company_id": None}, "company_id"),
        ({"company_id": [1]}, "company_id"),
        ({"activity_ids": []}, "activity_ids"),
        ({"activity_ids": [7]}, "activity_ids"),
        ({"activity_ids": ["x"]}, "activity_ids"),
        ({"project_id": 7}, "activity_ids"),
    ],
)
def test_disregarding_needs_reason_company_and_fitting_activities(
    account: Account, changed: dict[str, object], field: str
) -> None:
    booked = account.sandbox.add_activity(account.plain, account.task, date(2024, 1, 1), 60)
    sent = {"reason": "Kulanz", "company_id": account.company.id, "activity_ids": [booked.id]} | changed
    response = account.call("POST", "/activities/disregard", sent)
    assert response.status_code == 422
    assert field in response.get_json()
    assert not account.sandbox.activities[0].billed


def test_disregarding_more_than_a_bulk_holds_or_one_twice_is_refused(account: Account) -> None:
    account.sandbox.switches.bulk_limit = 2
    ids = [one["id"] for one in listed(account.bulk(*rows(account, 2)))]
    other = account.sandbox.add_activity(account.plain, account.task, date(2024, 1, 1), 60)
    for wrong in ([*ids, other.id], [ids[0], ids[0]]):
        sent = {"reason": "Kulanz", "company_id": account.company.id, "activity_ids": wrong}
        assert account.call("POST", "/activities/disregard", sent).status_code == 422
    assert not any(one.billed for one in account.sandbox.activities)


def test_disregarding_can_be_told_to_behave_otherwise(account: Account) -> None:
    switches = account.sandbox.switches
    ids = [one["id"] for one in listed(account.bulk(*rows(account, 8)))]

    def disregard(*some: int) -> tuple[int, list[bool]]:
        sent = {"reason": "Kulanz", "company_id": account.company.id, "activity_ids": some}
        response = account.call("POST", "/activities/disregard", sent)
        told = len(response.get_json()) if response.status_code == 200 else -1
        return told, [one.billed for one in account.sandbox.activities if one.id in some]

    switches.disregard_ids_missing = 1
    assert disregard(*ids[:2]) == (1, [True, True])
    switches.disregard_ids_missing, switches.disregard_left_alone = 0, 1
    assert disregard(*ids[2:4]) == (1, [True, False])
    switches.disregard_left_alone, switches.disregard_partial = 0, True
    assert disregard(ids[4], 7) == (-1, [True])
    switches.disregard_shows_billed = False
    assert disregard(*ids[5:7]) == (2, [False, False])


def test_disregarding_is_refused_for_the_rows_that_a_fault_names(account: Account) -> None:
    ids = [one["id"] for one in listed(account.bulk(*rows(account, 2)))]
    account.sandbox.fault(RefuseRows.with_markers("m1"), path="/activities/disregard", times=None)
    for some, status in ((ids, 422), (ids[1:], 422), (ids[:1], 200)):
        sent = {"reason": "Kulanz", "company_id": account.company.id, "activity_ids": some}
        response = account.call("POST", "/activities/disregard", sent)
        assert response.status_code == status
    assert [one.billed for one in account.sandbox.activities] == [True, False]


def test_disregarding_another_customers_activity_is_refused(account: Account) -> None:
    booked = account.sandbox.add_activity(account.plain, account.task, date(2024, 1, 1), 60)
    other = account.sandbox.add_company("Andere")
    sent = {"reason": "Kulanz", "company_id": other.id, "activity_ids": [booked.id]}
    assert account.call("POST", "/activities/disregard", sent).status_code == 422
    assert account.call("POST", "/activities/disregard", sent, key=PLAIN_KEY).status_code == 403
