"""Projects, tasks, contracts, companies and users of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.unit.sandbox.account import PLAIN_KEY, Account, listed, shown


def project_fields(account: Account, **changed: object) -> dict[str, object]:
    required = {
        "name": "Neu",
        "currency": "EUR",
        "leader_id": account.admin.id,
        "company_id": account.company.id,
    }
    return required | changed


def test_a_created_project_has_number_default_tasks_and_the_leaders_contract(account: Account) -> None:
    sent = project_fields(account, tags=["low risk", "low income"])
    created = shown(account.call("POST", "/projects", sent))
    assert (created["identifier"], created["active"], created["billable"]) == ("P24002", True, True)
    assert created["tags"] == created["labels"] == ["low income", "low risk"]
    assert [task["name"] for task in created["tasks"]] == ["Projektleitung", "Entwicklung", "Grafik"]
    assert [(one["user_id"], one["hourly_rate"]) for one in created["contracts"]] == [(account.admin.id, 100.0)]
    assert created["customer"] == {"id": account.company.id, "name": "Kunde AG"}
    assert shown(account.call("GET", f"/projects/{created['id']}")) == created


def test_the_older_alias_of_the_company_is_accepted(account: Account) -> None:
    sent = project_fields(account, customer_id=account.company.id)
    del sent["company_id"]
    assert account.call("POST", "/projects", sent).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"currency": None}, "currency"),
        ({"leader_id": 7}, "leader_id"),
        ({"company_id": None}, "company_id"),
        ({"identifier": "P24001"}, "identifier"),
        ({"billing_variant": "x"}, "billing_variant"),
        ({"start_date": "x"}, "start_date"),
        ({"budget": "x"}, "budget"),
        ({"tags": "x"}, "tags"),
        ({"fixed_price": 1}, "fixed_price"),
    ],
)
def test_a_bad_project_is_refused(account: Account, changed: dict[str, object], field: str) -> None:
    response = account.call("POST", "/projects", project_fields(account, **changed))
    assert (response.status_code, list(response.get_json())) == (422, [field])
    assert len(account.sandbox.state.projects) == 1


def test_manual_number_ranges_demand_an_identifier(account: Account) -> None:
    account.switches.manual_identifiers = True
    refused = account.call("POST", "/projects", project_fields(account))
    assert refused.get_json() == {"identifier": ["muss ausgefüllt werden"]}
    created = shown(account.call("POST", "/projects", project_fields(account, identifier="X-1")))
    assert created["identifier"] == "X-1"


def test_a_project_of_the_own_company_is_not_billable(account: Account) -> None:
    own = account.sandbox.add_company("Agentur", intern=True)
    created = shown(account.call("POST", "/projects", project_fields(account, company_id=own.id)))
    assert created["billable"] is False


def test_a_project_is_updated_archived_and_restored(account: Account) -> None:
    place = f"/projects/{account.project.id}"
    changed = shown(account.call("PUT", place, {"name": "Relaunch", "finish_date": "2024-12-31"}))
    assert (changed["name"], changed["finish_date"], changed["identifier"]) == (
        "Relaunch",
        "2024-12-31",
        "P24001",
    )
    assert account.call("PUT", place, {"currency": "CHF"}).get_json() == {"currency": ["kann nicht geändert werden"]}
    assert shown(account.call("PUT", place, {"identifier": "X-2"}))["identifier"] == "X-2"
    assert shown(account.call("PUT", f"{place}/archive"))["active"] is False
    assert listed(account.call("GET", "/projects")) == []
    assert len(listed(account.call("GET", "/projects?include_archived=true"))) == 1
    assert listed(account.call("GET", "/projects?include_archived=True")) == []
    assert shown(account.call("PUT", f"{place}/unarchive"))["active"] is True
    assert account.call("PUT", "/projects/7/archive").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["TestProjectContract.x", "TestProject.get_x", "Website"]),
        ("identifier=P24001", ["Website"]),
        ("identifier=nope", []),
        ("term=kunde", ["Website"]),
        ("term=p24001", ["Website"]),
        ("tags=rot", ["TestProject.get_x"]),
        ("company_id=7", []),
        ("leader_id={admin}", ["Website"]),
        ("ids={project}", ["Website"]),
        ("updated_after=2024-06-12T09:00:00Z", []),
    ],
)
def test_projects_are_filtered_and_sorted_by_a_collation_without_punctuation(
    account: Account, query: str, found: list[str]
) -> None:
    other = account.sandbox.add_company("Andere")
    account.sandbox.add_project(other, "TestProject.get_x", tags=("rot",))
    account.sandbox.add_project(other, "TestProjectContract.x")
    text = query.format(admin=account.admin.id, project=account.project.id)
    assert [one["name"] for one in listed(account.call("GET", f"/projects?{text}"))] == found


def test_include_company_shows_the_whole_customer(account: Account) -> None:
    [whole] = listed(account.call("GET", "/projects?include_company=true"))
    assert whole["customer"]["identifier"] == "K0001"
    [short] = listed(account.call("GET", "/projects?include_company=True"))
    assert list(short["customer"]) == ["id", "name"]


def test_assigned_lists_archived_projects_too_unpaged(account: Account) -> None:
    account.sandbox.edit(replace(account.project, active=False))
    response = account.call("GET", "/projects/assigned", key=PLAIN_KEY)
    assert [one["active"] for one in listed(response)] == [False]
    assert "X-Total" not in response.headers
    assert listed(account.call("GET", "/projects/assigned?active=true", key=PLAIN_KEY)) == []


def test_the_report_counts_hours(account: Account) -> None:
    place = f"/projects/{account.project.id}/report"
    assert shown(account.call("GET", place))["hours_total"] is None
    account.sandbox.add_activity(account.plain, account.task, date(2024, 1, 1), 5400)
    account.sandbox.add_activity(account.plain, account.task, date(2024, 1, 1), 1800, billable=False)
    report = shown(account.call("GET", place))
    assert (report["hours_total"], report["hours_billable"]) == (2.0, 1.5)


def test_a_task_is_created_listed_updated_and_deleted(account: Account) -> None:
    place = f"/projects/{account.project.id}/tasks"
    assert account.call("POST", place, {}).get_json() == {"name": ["muss ausgefüllt werden"]}
    created = shown(account.call("POST", place, {"name": "abcd"}))
    assert (created["billable"], created["active"], created["budget"]) == (True, True, None)
    response = account.call("GET", place)
    assert [task["name"] for task in listed(response)] == ["abcd", "Entwicklung"]
    assert response.headers["X-Total"] == "2"
    one = f"{place}/{created['id']}"
    changed = shown(account.call("PUT", one, {"active": False, "hourly_rate": 90}))
    assert changed == created | {"active": False, "hourly_rate": 90.0}
    assert account.call("PUT", one, {"billable": "x"}).status_code == 422
    assert account.call("DELETE", one).status_code == 204
    assert account.call("GET", one).status_code == 404


def test_a_task_with_hours_stays(account: Account) -> None:
    account.book()
    response = account.call("DELETE", f"/projects/{account.project.id}/tasks/{account.task.id}")
    assert (response.status_code, list(response.get_json())) == (422, ["base"])


def test_a_task_of_another_project_is_not_found(account: Account) -> None:
    other = account.sandbox.add_project(account.company, "Shop")
    assert account.call("GET", f"/projects/{other.id}/tasks/{account.task.id}").status_code == 404
    assert account.call("GET", "/projects/7/tasks").status_code == 404


def test_a_contract_is_created_once_listed_and_deleted(account: Account) -> None:
    third = account.sandbox.add_user("Tina", "Dritte")
    place = f"/projects/{account.project.id}/contracts"
    created = shown(account.call("POST", place, {"user_id": third.id}))
    assert (created["lastname"], created["billable"], created["active"]) == ("Dritte", True, True)
    assert created["hourly_rate"] == 0.0
    again = account.call("POST", place, {"user_id": third.id})
    assert (again.status_code, again.get_json()) == (422, {"user_id": ["ist bereits vergeben"]})
    assert account.call("POST", place, {}).get_json() == {"user_id": ["muss ausgefüllt werden"]}
    one = f"{place}/{created['id']}"
    assert shown(account.call("PUT", one, {"active": False}))["active"] is False
    assert account.call("PUT", one, {"user_id": account.admin.id}).status_code == 422
    assert len(listed(account.call("GET", place))) == 3
    assert account.call("DELETE", one).status_code == 204
    assert account.call("GET", one).status_code == 404
    assert account.call("POST", place, {"user_id": third.id}).status_code == 200


def test_contracts_of_deactivated_people_are_not_listed(account: Account) -> None:
    account.sandbox.edit(replace(account.plain, active=False))
    found = listed(account.call("GET", f"/projects/{account.project.id}/contracts"))
    assert [one["user_id"] for one in found] == [account.admin.id]
    refused = account.call("POST", f"/projects/{account.project.id}/contracts", {"user_id": account.plain.id})
    assert refused.status_code == 422


def test_a_contract_with_hours_stays(account: Account) -> None:
    account.book(acting_as=account.plain)
    contract = account.sandbox.add_contract(account.project, account.plain)
    response = account.call("DELETE", f"/projects/{account.project.id}/contracts/{contract.id}")
    assert (response.status_code, list(response.get_json())) == (422, ["base"])


def test_a_company_needs_only_name_and_type(account: Account) -> None:
    created = shown(account.call("POST", "/companies", {"name": "Neu", "type": "customer"}))
    assert (created["identifier"], created["currency"], created["user"]["id"]) == (
        "K0002",
        "EUR",
        account.admin.id,
    )
    supplier = shown(account.call("POST", "/companies", {"name": "Druck", "type": "supplier"}))
    assert "iban" in supplier
    assert "identifier" not in supplier
    assert account.call("POST", "/companies", {"name": "x", "type": "nope"}).status_code == 422
    assert account.call("POST", "/companies", {}).status_code == 422
    assert account.call("POST", "/companies", {"name": "x", "type": "customer"}, key=PLAIN_KEY).status_code == 403


def test_a_company_is_updated_and_archived(account: Account) -> None:
    place = f"/companies/{account.company.id}"
    assert shown(account.call("PUT", place, {"name": "Kunde SE"}))["name"] == "Kunde SE"
    account.sandbox.add_company("Zweite")
    assert account.call("PUT", place, {"identifier": "K0002"}).status_code == 422
    assert shown(account.call("PUT", f"{place}/archive"))["active"] is False
    assert [one["name"] for one in listed(account.call("GET", "/companies"))] == ["Zweite"]
    assert len(listed(account.call("GET", "/companies?include_archived=true"))) == 2
    assert shown(account.call("PUT", f"{place}/unarchive"))["active"] is True
    assert account.call("GET", "/companies/7").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=supplier", ["Druck"]),
        ("type=suppliers", ["Druck", "Kunde AG"]),
        ("identifier=K0001", ["Kunde AG"]),
        ("term=kunde", ["Kunde AG"]),
    ],
)
def test_companies_are_filtered(account: Account, query: str, found: list[str]) -> None:
    account.sandbox.add_company("Druck", kind="supplier")
    assert [one["name"] for one in listed(account.call("GET", f"/companies?{query}"))] == found


def test_inactive_people_are_listed_only_with_the_archive(account: Account) -> None:
    account.sandbox.edit(replace(account.plain, active=False))
    assert [one["lastname"] for one in listed(account.call("GET", "/users"))] == ["Adler"]
    with_archive = account.call("GET", "/users?include_archived=true")
    assert [one["lastname"] for one in listed(with_archive)] == ["Adler", "Plain"]


@pytest.mark.parametrize(("email", "count"), [("paul.plain@example.com", 1), ("Paul.Plain@example.com", 0)])
def test_the_email_filter_is_exact_and_addresses_are_lower_case(account: Account, email: str, count: int) -> None:
    assert len(listed(account.call("GET", f"/users?email={email}"))) == count


def test_a_person_is_deactivated_and_reactivated(account: Account) -> None:
    place = f"/users/{account.plain.id}"
    assert shown(account.call("PUT", place, {"active": False}))["active"] is False
    assert account.call("GET", "/profile", acting_as=account.plain).status_code == 403
    assert shown(account.call("PUT", place, {"active": True, "external": True}))["extern"] is True
    taken = account.call("PUT", place, {"email": "ANNA.ADLER@example.com"})
    assert taken.get_json() == {"email": ["ist bereits vergeben"]}
    assert account.call("GET", "/users/7").status_code == 404
