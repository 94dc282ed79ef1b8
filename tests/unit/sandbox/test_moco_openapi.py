"""Requests to the simulated MOCO, and its answers, against MOCO's own OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pytest
from werkzeug.test import TestResponse

from tests.unit.sandbox.account import Account, listed, shown
from tests.unit.sandbox.published import ACTIVITY, Call, Described, described, example, faults

DESCRIBED = described()
WRITTEN = {call: told for call, told in DESCRIBED.items() if told.taken is not None}
CHANGED = {call: told for call, told in WRITTEN.items() if call[0] in ("put", "patch")}
UNREAD = {("put", "/projects/{id}/assign_project_group"), ("patch", "/activities/{id}/billable_seconds")}
"""Requests whose field has another name in the answer, or none."""


def fresh_project(account: Account) -> int:
    return account.sandbox.add_project(account.company, "Leer", leader=account.admin).id


def activity_today(account: Account) -> int:
    today = account.sandbox.state.today()
    return account.sandbox.add_activity(account.admin, account.task, today, 60).id


def running(account: Account) -> int:
    found = activity_today(account)
    shown(account.call("PATCH", f"/activities/{found}/start_timer"))
    return found


def contract(account: Account) -> int:
    found = account.sandbox.state.contract_of(account.project.id, account.admin.id)
    assert found is not None
    return found.id


OBJECTS: dict[str, Callable[[Account], int]] = {
    "/account/task_templates": lambda a: listed(a.call("GET", "/account/task_templates"))[0]["id"],
    "/account/web_hooks": lambda a: a.sandbox.add_web_hook("https://example.com/hook").id,
    "/activities": lambda a: a.book()["id"],
    "/companies": lambda a: a.company.id,
    "/projects": lambda a: a.project.id,
    "/projects/groups": lambda a: a.sandbox.add_project_group(a.company, "Web").id,
    "/projects/{project_id}/tasks": lambda a: a.task.id,
    "/projects/{project_id}/contracts": contract,
    "/units": lambda a: a.sandbox.add_unit("Design").id,
    "/users": lambda a: a.plain.id,
    "/users/presences": lambda a: a.sandbox.add_presence(a.admin, date(2024, 3, 20), "08:00", "12:00").id,
}
SPECIAL: dict[Call, Callable[[Account], int]] = {
    ("patch", "/activities/{id}/start_timer"): activity_today,
    ("patch", "/activities/{id}/stop_timer"): running,
    ("delete", "/projects/{id}"): fresh_project,
    ("delete", "/companies/{id}"): lambda a: a.sandbox.add_company("Leer").id,
    ("delete", "/users/{id}"): lambda a: a.sandbox.add_user("Tina", "Dritte").id,
}
"""Where it must be another object than the usual one."""


def place(account: Account, call: Call) -> str:
    """The path of `call`, with the ids of objects that are there."""
    collection = call[1].partition("/{id}")[0]
    found = SPECIAL.get(call, OBJECTS.get(collection, lambda _: 0))(account)
    return call[1].replace("{project_id}", str(account.project.id)).replace("{id}", str(found))


def values(account: Account, path: str) -> Mapping[str, object]:
    """What fields must hold that refer to something or obey a rule."""
    people = {"leader_id": account.admin.id, "co_leader_id": account.plain.id, "user_id": account.plain.id}
    contact = account.sandbox.add_contact("Kim", "Kontakt").id
    contacts = dict.fromkeys(("contact_id", "secondary_contact_id", "billing_contact_id"), contact)
    common: dict[str, object] = {
        **people,
        **contacts,
        "company_id": account.company.id,
        "customer_id": account.company.id,
        "deal_id": account.sandbox.add_deal("Relaunch").id,
        "project_group_id": account.sandbox.add_project_group(account.company, "Web").id,
        "project_id": account.project.id,
        "task_id": account.task.id,
        "unit_id": account.sandbox.add_unit("Druck").id,
        "role_id": next(iter(account.sandbox.state.roles)),
        "currency": "EUR",
        "start_date": "2024-01-01",
        "finish_date": "2024-12-31",
        "seconds": 3600,
        "remote_service": "jira",
        "email": "neu@example.com",
        "hook": "https://example.com/new",
        "target": "Activity",
        "event": "delete",
        "from": "13:00",
        "to": "17:00",
    }
    if path.endswith("/disregard"):
        common["activity_ids"] = [account.book()["id"]]
    if path.endswith("/contracts"):
        common["user_id"] = account.sandbox.add_user("Tina", "Dritte").id
    if path == "/session":
        common |= {"email": account.admin.email, "password": account.admin.password}
    return common


def send(account: Account, call: Call, told: Described) -> TestResponse:
    """The request with every field that the document names."""
    account.switches.delete_returns_object = True
    body = None if told.taken is None else example(told.taken, values(account, call[1]))
    return account.call(call[0].upper(), place(account, call), body)


@pytest.mark.parametrize("call", sorted(DESCRIBED), ids=" ".join)
def test_every_published_field_is_taken_and_the_answer_fits_the_published_schema(account: Account, call: Call) -> None:
    told = DESCRIBED[call]
    response = send(account, call, told)
    assert response.status_code == told.status, response.get_data(as_text=True)
    if told.answered is None:
        assert response.get_data() == b""
    else:
        assert faults(told.answered, response.get_json()) == []


@pytest.mark.parametrize("call", sorted(call for call in DESCRIBED if call[0] == "get"), ids=" ".join)
def test_what_an_older_server_shows_fits_the_published_schema_too(account: Account, call: Call) -> None:
    account.switches.newer_fields = False
    told = DESCRIBED[call]
    assert told.answered is not None
    assert faults(told.answered, send(account, call, told).get_json()) == []


@pytest.mark.parametrize("call", sorted(CHANGED), ids=" ".join)
def test_each_published_field_can_be_changed_alone_and_is_read_as_it_was_written(account: Account, call: Call) -> None:
    taken = CHANGED[call].taken
    assert taken is not None
    whole = example(taken, values(account, call[1]))
    assert isinstance(whole, dict)
    path, method = place(account, call), call[0].upper()
    shown(account.call(method, path, whole))
    for name, value in whole.items():
        answered = shown(account.call(method, path, {name: value}))
        if name in answered and call not in UNREAD:
            assert answered[name] == value, name


@pytest.mark.parametrize("call", sorted(WRITTEN), ids=" ".join)
def test_a_field_of_the_wrong_type_is_refused_by_its_name(account: Account, call: Call) -> None:
    taken = WRITTEN[call].taken
    assert taken is not None
    whole = example(taken, values(account, call[1]))
    assert isinstance(whole, dict)
    path = place(account, call)
    for name in whole.keys() - unchecked(call):
        refused = account.call(call[0].upper(), path, whole | {name: {"nicht": "so"}})
        assert refused.status_code == 422, (name, refused.get_data(as_text=True))
        assert name in refused.get_json()


def unchecked(call: Call) -> set[str]:
    """Fields that another one outweighs, whose refusal has tests of its own, or that cannot be changed."""
    unchecked = {"customer_id", "labels", "hours", "invoice_due_days", "custom_properties", "avatar", "from", "to"}
    unchecked |= {"stop_timer", "activities", "password"}
    unchecked |= {"name"} if "users" in call[1] else set()
    unchecked |= {"email"} if call[1] == "/session" else set()
    return unchecked | ({"target", "event"} if call[0] != "post" else set())


def test_the_check_finds_a_wrong_type(account: Account) -> None:
    wrong = account.book() | {"seconds": "3600", "date": "gestern", "user": None}
    assert len(faults(ACTIVITY, wrong)) == 3
