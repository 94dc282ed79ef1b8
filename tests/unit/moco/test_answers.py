"""JSON from MOCO becomes values, or a complaint that names endpoint and field but never the content."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.model import MocoId, TargetCompany, TargetContract, TargetTask, TargetUser
from migrator.moco.answers import (
    LoginSession,
    read_activities,
    read_activity,
    read_company,
    read_contract,
    read_ids,
    read_project,
    read_session,
    read_task,
    read_user,
)
from migrator.moco.json_values import AnswerError, parse_json
from migrator.moco.refusals import parse_refusal
from tests.unit.moco.builders import a_booking, activity_json


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def test_a_recorded_activity_is_read_whole() -> None:
    entry = read_activity(activity_json(7), "GET /activities")
    assert entry.id == 1_000_007
    assert entry.booking == a_booking(7)
    assert not entry.billed
    assert not entry.timer_running
    assert entry.updated_at == datetime(2024, 4, 17, 6, 46, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "changed",
    [
        without(activity_json(), "hourly_rate", "worked_seconds", "customer", "remote_service", "remote_url"),
        activity_json(tag=None, remote_service=None, remote_url=""),
        activity_json(invoice_id=None, deal={"id": 1, "name": "x"}, something_new=[1, {"a": None}]),
        without(activity_json(hours=Decimal("1.5")), "seconds"),
        without(activity_json(hours=Decimal("1.4999"), seconds=5400)),
    ],
)
def test_what_differs_between_servers_does_not_matter(changed: dict[str, Any]) -> None:
    assert read_activity(changed, "GET /activities").booking == a_booking()


@pytest.mark.parametrize(
    ("hours", "seconds"),
    [("2.3", 8280), ("0.01", 36), ("0.17", 612), ("0.0001388", 0), ("0.000139", 1), ("3", 10800)],
)
def test_without_seconds_hours_are_turned_exactly(hours: str, seconds: int) -> None:
    fields = without(activity_json(), "seconds", "hours") | {"hours": Decimal(hours)}
    assert read_activity(fields).booking.seconds == seconds


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", "1"),
        ("id", True),
        ("id", 0),
        ("id", 2**63),
        ("date", "21.03.2024"),
        ("date", None),
        ("seconds", "5400"),
        ("seconds", 10**12),
        ("seconds", Decimal("1.5")),
        ("seconds", True),
        ("user", None),
        ("user", 21),
        ("project", {}),
        ("task", []),
        ("billable", "yes"),
        ("billed", None),
        ("description", ["secret"]),
        ("remote_id", {}),
        ("updated_at", "yesterday"),
        ("created_at", None),
    ],
)
def test_a_malformed_field_is_named_and_its_content_is_not(field: str, value: object) -> None:
    with pytest.raises(AnswerError) as caught:
        read_activity(activity_json(description="secret") | {field: value}, "GET /activities")
    assert "GET /activities" in caught.value.message
    assert field in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("hours", [Decimal("1e999999"), Decimal("-1e9"), True, "1.5", None])
def test_impossible_hours_are_refused(hours: object) -> None:
    with pytest.raises(AnswerError):
        read_activity(without(activity_json(), "seconds") | {"hours": hours})


def test_an_old_time_format_and_a_number_as_remote_id_are_read() -> None:
    entry = read_activity(
        activity_json(created_at="2020-01-12 15:38:35 UTC", updated_at="2020-01-12T16:38:35.75+01:00", remote_id=17)
    )
    assert entry.created_at == entry.updated_at == datetime(2020, 1, 12, 15, 38, 35, tzinfo=UTC)
    assert entry.booking.marker == "17"


def test_a_running_timer_is_seen() -> None:
    assert read_activity(activity_json(timer_started_at="2022-04-17T06:47:05Z")).timer_running


def test_half_a_character_or_none_does_not_break_later_storage() -> None:
    text = read_activity(activity_json(description="a\ud800b\0c")).booking.description
    assert text == "a?b\N{REPLACEMENT CHARACTER}c"
    assert parse_refusal(422, b'{"b\\u0000": ["x\\ud800\\u0000"]}', "application/json").text == "b\ufffd: x?\ufffd"
    assert parse_refusal(500, b"x\0", "text/plain").text == "x\ufffd"


@pytest.mark.parametrize(
    "body", [[activity_json(1), activity_json(2)], {"activities": [activity_json(1), activity_json(2)]}]
)
def test_a_bulk_answer_is_read_in_both_shapes(body: object) -> None:
    assert [entry.booking.marker for entry in read_activities(body)] == ["ac:main:1", "ac:main:2"]


def test_rows_of_a_bulk_answer_that_are_no_activities_are_left_out() -> None:
    rows = [1015625531, None, activity_json(2), {"id": 5}]
    assert [entry.booking.marker for entry in read_activities(rows)] == ["ac:main:2"]


@pytest.mark.parametrize("body", [None, {}, {"activities": 3}, "ok", 7, {"message": "queued"}])
def test_a_bulk_answer_without_an_array_is_no_answer(body: object) -> None:
    with pytest.raises(AnswerError):
        read_activities(body)


def test_the_answer_to_a_disregard_is_its_ids() -> None:
    assert read_ids([8, 7]) == (8, 7)
    assert read_ids([]) == ()


@pytest.mark.parametrize("body", [None, {}, {"activity_ids": [7]}, ["7"], [True], [7.0], [{"id": 7}]])
def test_anything_else_is_no_answer_to_a_disregard(body: object) -> None:
    with pytest.raises(AnswerError, match="POST /activities/disregard"):
        read_ids(body)


def test_people_are_read_from_users_and_from_profile() -> None:
    user = {"id": 3, "firstname": "Paul", "lastname": "Plain", "email": "Paul@X.de", "active": False, "extern": True}
    profile = {"id": 3, "first_name": "Paul", "last_name": "Plain", "email": "Paul@X.de", "active": False}
    expected = TargetUser(id=MocoId(3), firstname="Paul", lastname="Plain", email="paul@x.de", active=False)
    assert read_user(user, "GET /users") == read_user(profile, "GET /profile") == expected


def test_companies_of_every_type_are_read() -> None:
    customer = {"id": 5, "name": "Kunde AG", "identifier": "K0014", "active": True}
    supplier = {"id": 6, "name": "Lieferant", "archived_on": "2026-01-01"}
    assert read_company(customer, "") == TargetCompany(MocoId(5), "Kunde AG", "K0014", True)
    assert not read_company(supplier, "").active
    assert read_company({"id": 7, "name": "x"}, "").active


def test_a_project_brings_its_tasks_and_contracts() -> None:
    whole = read_project(
        {
            "id": 31,
            "identifier": "P1",
            "name": "Website",
            "active": False,
            "billable": False,
            "customer": {"id": 51, "name": "Kunde AG"},
            "tasks": [{"id": 41, "name": "Entwicklung", "billable": False, "active": False}],
            "contracts": [{"id": 61, "user_id": 21, "active": False}],
        },
        "GET /projects",
    )
    project = whole.project
    assert (project.identifier, project.company_id, project.active, project.billable) == ("P1", 51, False, False)
    assert whole.tasks == (TargetTask(MocoId(41), project.id, "Entwicklung", False, False),)
    assert whole.contracts is not None
    assert [(one.user_id, one.project_id, one.active) for one in whole.contracts] == [(21, 31, False)]


def test_a_project_without_nested_lists_says_so() -> None:
    bare = read_project({"id": 31, "name": "Website", "identifier": None, "customer": None}, "GET /projects")
    assert (bare.tasks, bare.contracts, bare.project.company_id) == (None, None, None)
    assert bare.project.active


def test_tasks_and_contracts_carry_the_project_they_were_asked_for() -> None:
    project = read_project({"id": 31}, "").project.id
    assert read_task({"id": 41, "name": "T"}, project) == TargetTask(
        read_task({"id": 41}, project).id, project, "T", True, True
    )
    contract = read_contract({"id": 61, "user_id": 21, "active": True}, project)
    assert contract == TargetContract(MocoId(61), project, MocoId(21), True)
    with pytest.raises(AnswerError, match="user_id"):
        read_contract({"id": 61}, project)


def test_a_session_may_lack_either_field() -> None:
    assert read_session({"id": 7, "uuid": "2fe9"}, "") == LoginSession(MocoId(7), "2fe9")
    assert read_session({}, "") == LoginSession(None, "")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b"[1,]", b"NaN", b"\xff\xfe\xfd", b"[" * 100_000, b"1" * 5000, b"1e99999999999999999999"],
)
def test_what_is_no_json_is_told_by_endpoint(body: bytes) -> None:
    with pytest.raises(AnswerError, match="GET /x"):
        parse_json(body, "GET /x")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=json_values, field=st.sampled_from(sorted(activity_json())))
def test_no_json_whatsoever_brings_the_reader_down(value: object, field: str) -> None:
    for candidate in (value, activity_json() | {field: value}):
        try:
            entry = read_activity(candidate, "GET /activities")
        except AnswerError:
            continue
        entry.booking.description.encode("utf-8")
        assert isinstance(entry.booking.seconds, int)
        assert isinstance(entry.booking.day, date)
