"""Companies, people and teams of the simulated MOCO in all their fields."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.sandbox.moco_records import EVERY_PERMISSION
from migrator.sandbox.moco_state import ADMIN_ROLE_ID, DEFAULT_UNIT_ID
from tests.unit.sandbox.account import PLAIN_KEY, Account, listed, shown

PERSON: dict[str, object] = {
    "firstname": "Nora",
    "lastname": "Neu",
    "email": "Nora@Example.com",
    "unit_id": DEFAULT_UNIT_ID,
}
RECORDED_COMPANY = {
    *("id", "type", "name", "website", "email", "billing_email_cc", "phone", "fax", "address", "country_code"),
    *("vat_identifier", "tags", "user", "labels", "info", "footer", "custom_properties", "created_at", "updated_at"),
}
RECORDED_CUSTOMER = {
    *("identifier", "intern", "billing_tax", "billing_vat", "currency", "default_invoice_due_days", "projects"),
}


def create(account: Account, **more: object) -> dict[str, Any]:
    return shown(account.call("POST", "/users", PERSON | more))


def company(account: Account, **more: object) -> dict[str, Any]:
    return shown(account.call("POST", "/companies", {"name": "Neu", "type": "customer"} | more))


@pytest.mark.parametrize(
    ("kind", "more"), [("customer", RECORDED_CUSTOMER), ("supplier", {"iban"}), ("organization", set())]
)
def test_the_keys_of_a_company_are_those_of_its_type(account: Account, kind: str, more: set[str]) -> None:
    account.switches.newer_fields = False
    assert company(account, type=kind).keys() == RECORDED_COMPANY | more


def test_every_field_of_a_company_is_written_and_read(account: Account) -> None:
    account.sandbox.define_property("Company", "AC")
    plain = {
        "website": "https://example.com",
        "email": "a@example.com",
        "billing_email_cc": "b@example.com",
        "phone": "1",
        "fax": "2",
        "address": "Hafen 1",
        "country_code": "CH",
        "vat_identifier": "CHE1",
        "info": "i",
        "footer": "f",
        "currency": "CHF",
        "default_invoice_due_days": 15,
        "invoice_format": "x_invoice",
        "default_payment_means": "credit_transfer",
        "billing_notes": "n",
        "debit_number": 10001,
        "alternative_correspondence_language": True,
        "custom_properties": {"AC": "7"},
    }
    created = company(account, **plain, customer_tax=25.5, labels=["b", "a"], user_id=account.plain.id)
    assert {name: created[name] for name in plain} == plain
    assert (created["billing_tax"], created["customer_vat"]["tax"], created["tags"]) == (25.5, 25.5, ["a", "b"])
    assert created["user"]["id"] == account.plain.id
    supplier = company(account, type="supplier", iban="FI03", bank_bic="B", bank_owner="O", credit_number=7)
    assert [supplier[name] for name in ("iban", "bank_bic", "bank_owner", "credit_number")] == ["FI03", "B", "O", 7]
    for name, given in (("custom_properties[AC]", "7"), ("tags", "a, z"), ("identifier", created["identifier"])):
        assert [each["id"] for each in listed(account.call("GET", f"/companies?{name}={given}"))] == [created["id"]]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [({"type": "supplier"}, "type"), ({"invoice_format": "fax"}, "invoice_format"), ({"user_id": 7}, "user_id")],
)
def test_a_bad_change_of_a_company_is_refused(account: Account, changed: dict[str, object], wrong: str) -> None:
    refused = account.call("PUT", f"/companies/{account.company.id}", changed)
    assert (refused.status_code, list(refused.get_json())) == (422, [wrong])


def test_a_company_without_projects_is_deleted(account: Account) -> None:
    assert account.call("DELETE", f"/companies/{account.company.id}").status_code == 422
    created = company(account)
    gone = account.call("DELETE", f"/companies/{created['id']}")
    assert (gone.status_code, gone.get_data()) == (200, b"")
    account.switches.delete_returns_object = True
    again = company(account)
    assert shown(account.call("DELETE", f"/companies/{again['id']}")) == again


def test_manual_number_ranges_of_customers_demand_an_identifier(account: Account) -> None:
    account.switches.manual_company_identifiers = True
    refused = account.call("POST", "/companies", {"name": "Neu", "type": "customer"})
    assert (refused.status_code, list(refused.get_json())) == (422, ["identifier"])
    assert company(account, identifier="K7")["identifier"] == "K7"
    company(account, type="organization")


def test_every_field_of_a_person_is_written_by_one_name_and_read_by_another(account: Account) -> None:
    account.sandbox.define_property("User", "Start")
    unit = account.sandbox.add_unit("Design")
    same: dict[str, object] = {"mobile_phone": "1", "work_phone": "2", "home_address": "Hafen", "info": "i"}
    same |= {
        "iban": "CH1",
        "credit_number": "70000",
        "tags": ["a", "b"],
        "custom_properties": {"Start": "2015"},
        "active": False,
    }
    written = {"external": True, "bday": "1970-01-01", "unit_id": unit.id, "role_id": ADMIN_ROLE_ID, "language": "de"}
    created = create(account, **same, **written, password="geheim", avatar={"filename": "x", "base64": "eA=="})
    assert {name: created[name] for name in same} == same
    assert (created["extern"], created["birthday"], created["email"]) == (True, "1970-01-01", "nora@example.com")
    assert (created["unit"]["name"], created["role"]["name"]) == ("Design", "Administrator")
    assert account.sandbox.state.users[created["id"]].permissions == EVERY_PERMISSION
    team = shown(account.call("GET", f"/units/{unit.id}"))
    assert [each["email"] for each in team["users"]] == ["nora@example.com"]
    found = listed(account.call("GET", "/users?custom_properties[Start]=2015&include_archived=true"))
    assert [each["id"] for each in found] == [created["id"]]
    logged_in = account.call("POST", "/session", {"email": "anna.adler@example.com", "password": "geheim"})
    assert shown(logged_in)["user_id"] == account.admin.id


def test_name_is_another_word_for_the_last_name(account: Account) -> None:
    fields = PERSON | {"name": "Anders"}
    del fields["lastname"]
    assert shown(account.call("POST", "/users", fields))["lastname"] == "Anders"


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"unit_id": None}, "unit_id"),
        ({"unit_id": 7}, "unit_id"),
        ({"email": "PAUL.plain@example.com"}, "email"),
        ({"email": "nora"}, "email"),
        ({"lastname": ""}, "lastname"),
        ({"role_id": 7}, "role_id"),
        ({"language": "nl"}, "language"),
        ({"bday": "x"}, "bday"),
        ({"welcome_email": "no"}, "welcome_email"),
    ],
)
def test_a_bad_person_is_refused(account: Account, changed: dict[str, object], wrong: str) -> None:
    refused = account.call("POST", "/users", PERSON | changed)
    assert (refused.status_code, list(refused.get_json())) == (422, [wrong])
    assert (len(account.sandbox.state.users), account.sandbox.welcome_mails) == (2, [])


def test_a_new_person_is_welcomed_unless_told_otherwise(account: Account) -> None:
    create(account, welcome_email=False)
    create(account, email="b@example.com")
    create(account, email="c@example.com", active=False, welcome_email=True)
    assert account.sandbox.welcome_mails == ["b@example.com", "c@example.com"]


def test_a_person_without_hours_is_deleted(account: Account) -> None:
    created = create(account)
    account.sandbox.add_contract(account.project, account.sandbox.state.users[created["id"]])
    gone = account.call("DELETE", f"/users/{created['id']}")
    assert (gone.status_code, gone.get_data()) == (204, b"")
    assert account.call("GET", f"/users/{created['id']}").status_code == 404
    account.book(acting_as=account.plain)
    for user in (account.plain, account.admin):
        refused = account.call("DELETE", f"/users/{user.id}")
        assert (refused.status_code, list(refused.get_json())) == (422, ["base"])
    assert account.call("POST", "/users", PERSON, key=PLAIN_KEY).status_code == 403


def test_people_are_sorted_on_demand_and_roles_listed(account: Account) -> None:
    ordered = listed(account.call("GET", "/users?sort_by=firstname desc"))
    assert [each["firstname"] for each in ordered] == ["Paul", "Anna"]
    roles = listed(account.call("GET", "/users/roles"))
    assert [(each["is_default"], each["is_admin"], each["permission"]["people"]) for each in roles] == [
        (False, True, "full"),
        (True, False, "none"),
    ]


def test_teams_are_made_renamed_and_deleted_when_empty(account: Account) -> None:
    made = shown(account.call("POST", "/units", {"name": "Design"}))
    one = f"/units/{made['id']}"
    account.clock.sleep(60)
    renamed = shown(account.call("PUT", one, {"name": "Druck"}))
    assert (renamed["name"], renamed["users"]) == ("Druck", [])
    assert [each["name"] for each in listed(account.call("GET", "/units"))] == ["Agentur", "Druck"]
    later = listed(account.call("GET", "/units?updated_after=2024-06-12T09:00:30Z"))
    assert [each["name"] for each in later] == ["Druck"]
    assert account.call("DELETE", f"/units/{DEFAULT_UNIT_ID}").status_code == 422
    assert account.call("DELETE", one).status_code == 204
    assert account.call("GET", one).status_code == 404
    assert account.call("POST", "/units", {"name": ""}).status_code == 422
    assert account.call("GET", "/units", key=PLAIN_KEY).status_code == 403


def test_employments_are_noted_and_held_against_booked_time(account: Account) -> None:
    week = {"am": [4, 4, 4, 4, 0], "pm": [4, 4, 4, 4, 0]}
    sent = {"user_id": account.plain.id, "pattern": week, "from": "2024-03-18", "to": "2024-03-31"}
    made = shown(account.call("POST", "/users/employments", sent))
    assert (made["weekly_target_hours"], made["from"], made["to"]) == (32.0, "2024-03-18", "2024-03-31")
    account.book(acting_as=account.plain, seconds=5400)
    report = shown(account.call("GET", f"/users/{account.plain.id}/performance_report?year=2024"))
    march = report["monthly"][2]
    assert (march["target_hours"], march["hours_tracked_total"], march["hours_billable_total"]) == (64.0, 1.5, 1.5)
    assert (march["variation"], report["annually"]["variation_until_today"]) == (-62.5, -62.5)
    assert account.call("GET", f"/users/{account.plain.id}/performance_report?year=x").status_code == 400
    one = f"/users/employments/{made['id']}"
    for query, count in (("", 1), ("?from=2024-04-01", 0), ("?to=2024-03-17", 0), (f"?user_id={account.admin.id}", 0)):
        assert len(listed(account.call("GET", f"/users/employments{query}"))) == count, query
    assert account.call("POST", "/users/employments", sent | {"pattern": {"am": [1]}}).status_code == 422
    without_from = {name: value for name, value in sent.items() if name != "from"}
    assert account.call("POST", "/users/employments", without_from).status_code == 500
    assert shown(account.call("GET", one)) == made
    assert account.call("DELETE", one).status_code == 204
    assert account.call("GET", one).status_code == 404


def test_the_standard_services_are_shown(account: Account) -> None:
    every = listed(account.call("GET", "/account/task_templates"))
    assert [each["name"] for each in every] == ["Projektleitung", "Entwicklung", "Grafik"]
    assert shown(account.call("GET", f"/account/task_templates/{every[1]['id']}")) == every[1]
    assert account.call("GET", "/account/task_templates/7").status_code == 404
    assert account.call("GET", "/account/task_templates", key=PLAIN_KEY).status_code == 403
