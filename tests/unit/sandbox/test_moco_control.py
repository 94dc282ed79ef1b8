"""The remote control of the simulated MOCO."""

from __future__ import annotations

from datetime import date

import pytest

from migrator.sandbox.moco_switches import Bulk
from tests.unit.sandbox.account import ADMIN_KEY, DAY, Account, listed, shown


def test_state_and_requests_are_shown_without_keys(account: Account) -> None:
    account.book()
    state = shown(account.control("GET", "/state"))
    assert (state["activities"], state["seconds"], state["requests"], state["rate_violations"]) == (
        1,
        3600,
        1,
        0,
    )
    response = account.control("GET", "/requests")
    [record] = listed(response)
    assert (record["method"], record["path"], record["status"]) == ("POST", "/api/v1/activities", 200)
    assert ADMIN_KEY not in response.get_data(as_text=True)


def test_switches_are_set_by_their_words(account: Account) -> None:
    sent = {"bulk": "partial", "retry_after": True, "bulk_limit": 5, "rate_limits": [[15, 15]]}
    assert shown(account.control("POST", "/switches", sent)) == {"set": sorted(sent)}
    assert (account.switches.bulk, account.switches.retry_after, account.switches.bulk_limit) == (
        Bulk.PARTIAL,
        True,
        5,
    )
    assert account.switches.rate_limits == ((15, 15),)


@pytest.mark.parametrize("sent", [{"nope": 1}, {"bulk": "x"}, {"bulk_limit": "5"}, {"retry_after": 1}, {"timezone": 1}])
def test_a_switch_that_does_not_exist_or_fit_is_explained(account: Account, sent: dict[str, object]) -> None:
    response = account.control("POST", "/switches", sent)
    assert response.status_code == 400
    assert response.get_json()["message"]


def test_a_fault_is_queued_and_taken_back(account: Account) -> None:
    sent = {"effect": "answer", "status": 503, "path": "/session", "times": 1}
    assert shown(account.control("POST", "/faults", sent)) == {"faults_waiting": 1}
    assert account.call("GET", "/session").status_code == 503
    account.control("POST", "/faults", sent)
    assert shown(account.control("DELETE", "/faults")) == {"faults_waiting": 0}
    assert account.call("GET", "/session").status_code == 200
    assert account.control("POST", "/faults", {"effect": "nope"}).status_code == 400


def test_refused_rows_are_queued_by_marker(account: Account) -> None:
    account.control("POST", "/faults", {"effect": "refuse_rows", "markers": ["m"], "times": None})
    assert account.bulk(account.row(remote_id="m")).status_code == 422
    assert account.bulk(account.row(remote_id="n")).status_code == 200


def test_a_period_is_locked_and_unlocked(account: Account) -> None:
    account.control("POST", "/lock", {"before": "2024-04-01"})
    assert account.call("POST", "/activities", account.row()).status_code == 422
    account.control("POST", "/lock", {"before": None})
    assert account.call("POST", "/activities", account.row()).status_code == 200
    assert account.control("POST", "/lock", {"before": "x"}).status_code == 400


def test_activities_are_added_edited_and_deleted_by_hand(account: Account) -> None:
    account.switches.locked_before = date(2030, 1, 1)
    sent = {"user_id": account.plain.id, "task_id": account.task.id, "date": DAY, "seconds": 60, "tag": "x"}
    added = shown(account.control("POST", "/activities", sent))
    assert (added["user"]["id"], added["seconds"], added["tag"]) == (account.plain.id, 60, "x")
    account.clock.sleep(60)
    place = f"/activities/{added['id']}"
    edited = shown(account.control("POST", place, {"seconds": 90, "date": "2024-05-01", "billed": True}))
    assert (edited["seconds"], edited["date"], edited["billed"]) == (90, "2024-05-01", True)
    assert edited["updated_at"] == "2024-06-12T09:01:00Z"
    assert listed(account.control("GET", "/activities")) == [edited]
    assert account.control("DELETE", place).status_code == 204
    assert account.control("DELETE", place).status_code == 404
    assert account.sandbox.activities == []


@pytest.mark.parametrize(
    "sent",
    [{"seconds": -1}, {"date": "x"}, {"id": 5}, {"tag": None}, {"task_id": 7}, {"user_id": 7}, {"billed": 1}],
)
def test_an_impossible_edit_is_explained(account: Account, sent: dict[str, object]) -> None:
    activity = account.book()
    assert account.control("POST", f"/activities/{activity['id']}", sent).status_code == 400
    assert account.sandbox.activities[0].updated_at == account.clock.now()


def test_adding_by_hand_needs_a_person_and_a_task(account: Account) -> None:
    sent = {"user_id": 7, "task_id": account.task.id, "date": DAY, "seconds": 60}
    assert account.control("POST", "/activities", sent).status_code == 400
    assert account.sandbox.activities == []


def test_the_control_hears_only_the_same_machine_and_only_json(account: Account) -> None:
    for address in ("127.0.0.1", "::1"):
        assert account.control("GET", "/state", address=address).status_code == 200
    assert account.control("GET", "/state", address="192.0.2.7").status_code == 403
    form = account.sandbox.wsgi.test_client().post("/_sandbox/lock", data={"before": "2024-01-01"})
    assert form.status_code == 415
    assert account.sandbox.requests == []
