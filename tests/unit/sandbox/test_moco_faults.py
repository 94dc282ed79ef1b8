"""Faults of the simulated MOCO, in process: what was applied and what the caller learns."""

from __future__ import annotations

import json

import pytest

from migrator.sandbox.faults import (
    AnswerInstead,
    ConnectionDropped,
    CutBody,
    Delay,
    Drop,
    Effect,
    Fault,
    FaultQueue,
    Hang,
    LateCommit,
    LoseAnswer,
    NoAnswer,
    RefuseRows,
    SlowBytes,
    TruncatedJson,
    WrongUser,
    fault_from_json,
)
from migrator.sandbox.moco_switches import Bulk
from tests.unit.sandbox.account import DAY, Account, listed

BULK = "/activities/bulk"


def stored(account: Account) -> list[str | None]:
    return [activity.remote_id for activity in account.sandbox.activities]


@pytest.mark.parametrize(
    ("effect", "status", "applied"),
    [
        (AnswerInstead(500), 500, False),
        (AnswerInstead(503), 503, False),
        (AnswerInstead(429, retry_after=7), 429, False),
        (AnswerInstead(401), 401, False),
        (AnswerInstead(403), 403, False),
        (LoseAnswer(), 502, True),
        (LoseAnswer(504), 504, True),
    ],
)
def test_another_answer_is_given_before_or_after_applying(
    account: Account, effect: Effect, status: int, applied: bool
) -> None:
    account.sandbox.fault(effect, method="POST", path=BULK)
    response = account.bulk(account.row(remote_id="m"))
    assert (response.status_code, stored(account)) == (status, ["m"] if applied else [])
    assert response.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert account.sandbox.requests[-1].status == status
    assert account.bulk(account.row()).status_code == 200


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (500, "text/plain; charset=utf-8", "500 Internal Server Error"),
        (502, "text/html; charset=utf-8", "<html>"),
        (401, "application/json; charset=utf-8", '{"message":"Invalid API key."}'),
        (429, "application/json; charset=utf-8", '{"message":"Too many requests"}'),
        (403, None, ""),
    ],
)
def test_a_canned_answer_looks_like_the_real_one(
    account: Account, status: int, content_type: str | None, body: str
) -> None:
    account.sandbox.fault(AnswerInstead(status))
    response = account.call("GET", "/session")
    assert response.headers.get("Content-Type") == content_type
    assert response.get_data(as_text=True).startswith(body)
    assert bool(response.get_data()) is bool(body)


@pytest.mark.parametrize(
    ("effect", "raised", "applied"),
    [
        (Drop(applied=False), ConnectionDropped, False),
        (Drop(applied=True), ConnectionDropped, True),
        (Hang(applied=False), NoAnswer, False),
        (Hang(applied=True), NoAnswer, True),
        (CutBody(), ConnectionDropped, True),
    ],
)
def test_a_broken_connection_leaves_the_application_as_an_error(
    account: Account, effect: Effect, raised: type[Exception], applied: bool
) -> None:
    account.sandbox.fault(effect)
    with pytest.raises(raised):
        account.bulk(account.row(remote_id="m")).get_data()
    assert stored(account) == (["m"] if applied else [])


def test_a_late_request_takes_effect_when_it_is_due(account: Account) -> None:
    account.sandbox.fault(LateCommit(20), path=BULK)
    assert account.bulk(account.row(remote_id="m"), acting_as=account.plain).status_code == 504
    account.clock.sleep(19)
    assert listed(account.call("GET", "/activities")) == []
    account.clock.sleep(11)
    [found] = listed(account.call("GET", "/activities?remote_id=m"))
    assert (found["created_at"], found["user"]["id"]) == ("2024-06-12T09:00:20Z", account.plain.id)
    assert account.sandbox.wsgi.unsettled == 0


def test_a_late_request_is_seen_from_outside_the_api_too(account: Account) -> None:
    account.sandbox.fault(LateCommit(5))
    account.bulk(account.row(remote_id="m"))
    assert account.sandbox.with_marker("m") == []
    account.clock.sleep(5)
    assert len(account.sandbox.with_marker("m")) == 1


def test_truncated_json_cannot_be_read_though_applied(account: Account) -> None:
    account.sandbox.fault(TruncatedJson())
    response = account.bulk(account.row(remote_id="m"))
    assert int(response.headers["Content-Length"]) == len(response.get_data())
    with pytest.raises(ValueError, match=r"."):
        json.loads(response.get_data())
    assert stored(account) == ["m"]


@pytest.mark.parametrize("applied", [True, False])
def test_a_delay_passes_on_the_clock(account: Account, applied: bool) -> None:
    account.sandbox.fault(Delay(3.5, applied=applied))
    created = listed(account.bulk(account.row()))[0]
    assert account.clock.slept == [3.5]
    assert created["created_at"] == ("2024-06-12T09:00:00Z" if applied else "2024-06-12T09:00:03Z")


def test_slow_bytes_arrive_in_pieces(account: Account) -> None:
    account.sandbox.fault(SlowBytes(0.25, piece=20))
    body = account.call("GET", "/session").get_data()
    assert json.loads(body)["id"] == account.admin.id
    assert account.clock.slept == [0.25] * -(-len(body) // 20)


@pytest.mark.parametrize(("bulk", "left"), [(Bulk.ATOMIC, []), (Bulk.PARTIAL, ["m0"]), (Bulk.PREFIX, ["m0"])])
def test_chosen_rows_are_refused_for_as_long_as_wanted(account: Account, bulk: Bulk, left: list[str]) -> None:
    account.switches.bulk = bulk
    account.sandbox.fault(RefuseRows.with_markers("m1"), times=None)
    response = account.bulk(account.row(remote_id="m0"), account.row(remote_id="m1"))
    assert (response.status_code, response.get_json()) == (422, {"base": ["Refused by a fault"]})
    assert stored(account) == left
    assert account.call("POST", "/activities", account.row(remote_id="m1")).status_code == 422
    assert account.call("POST", "/activities", account.row(remote_id="m2")).status_code == 200


def test_rows_are_refused_by_any_predicate_with_given_words(account: Account) -> None:
    effect = RefuseRows(lambda row: row["date"] == DAY, {"date": ("is a holiday",)})
    account.sandbox.fault(effect, path="/activities")
    response = account.call("POST", "/activities", account.row())
    assert (response.status_code, response.get_json()) == (422, {"date": ["is a holiday"]})


def test_the_wrong_user_fault_forgets_the_impersonation(account: Account) -> None:
    account.sandbox.fault(WrongUser(), path=BULK)
    [created] = listed(account.bulk(account.row(), acting_as=account.plain))
    assert created["user"]["id"] == account.admin.id
    [right] = listed(account.bulk(account.row(), acting_as=account.plain))
    assert right["user"]["id"] == account.plain.id


def test_a_refused_request_of_the_rate_limit_uses_up_no_fault(account: Account) -> None:
    account.sandbox.switches.set("rate_limits", [[1, 10]])
    account.call("GET", "/session")
    account.sandbox.fault(AnswerInstead(500))
    assert account.call("GET", "/session").status_code == 429
    assert len(account.sandbox.faults) == 1


def test_a_fault_waits_for_its_request_and_stays_so_often() -> None:
    queue = FaultQueue[Effect]()
    queue.add(Fault(AnswerInstead(500), "POST", "/activities/.*", nth=2, times=2))
    asked = [("GET", "/activities/1"), ("POST", "/activities"), ("POST", "/activities/bulk")] + [
        ("POST", "/activities/bulk")
    ] * 3
    assert [bool(queue.effects_for(*one)) for one in asked] == [False, False, False, True, True, False]
    assert len(queue) == 0


def test_several_faults_meet_in_one_request(account: Account) -> None:
    account.sandbox.fault(Delay(1))
    account.sandbox.fault(LoseAnswer())
    assert account.bulk(account.row(remote_id="m")).status_code == 502
    assert (account.clock.slept, stored(account)) == ([1], ["m"])


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"effect": "answer", "status": 503}, Fault(AnswerInstead(503))),
        (
            {"effect": "lose_answer", "method": "POST", "path": BULK, "nth": 3, "times": None},
            Fault(LoseAnswer(), "POST", BULK, 3, None),
        ),
        ({"effect": "late_commit", "seconds": 2.5}, Fault(LateCommit(2.5))),
        ({"effect": "drop", "applied": True}, Fault(Drop(applied=True))),
        ({"effect": "wrong_user"}, Fault(WrongUser())),
    ],
)
def test_a_fault_is_read_from_json(given: dict[str, object], fault: Fault[Effect]) -> None:
    assert fault_from_json(given) == fault


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"effect": "nope"},
        {"effect": "answer"},
        {"effect": "answer", "status": "500"},
        {"effect": "answer", "status": 500, "more": 1},
        {"effect": "drop"},
        {"effect": "wrong_user", "path": "("},
        {"effect": "wrong_user", "nth": "1"},
    ],
)
def test_an_unreadable_fault_says_what_is_wrong(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        fault_from_json(given)
