"""Projects of the simulated MOCO in all their fields, their groups and reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from migrator.sandbox.moco_properties import PropertyKind
from tests.unit.sandbox.account import Account, listed, shown


def create(account: Account, **more: object) -> dict[str, Any]:
    return shown(account.call("POST", "/projects", fields(account, **more)))


def fields(account: Account, **more: object) -> dict[str, object]:
    required = {"name": "Neu", "currency": "EUR", "leader_id": account.admin.id, "company_id": account.company.id}
    return required | more


def found(account: Account, query: str) -> set[str]:
    return {each["name"] for each in listed(account.call("GET", f"/projects?{query}"))}


def test_every_field_is_written_and_read(account: Account) -> None:
    contacts = [account.sandbox.add_contact("Kim", name) for name in ("Eins", "Zwei", "Drei")]
    deal, group = account.sandbox.add_deal("Relaunch"), account.sandbox.add_project_group(account.company, "Web")
    plain = {
        "fixed_price": True,
        "start_date": "2024-01-01",
        "finish_date": "2024-12-31",
        "retainer": True,
        "retainer_billing_date": 15,
        "retainer_billing_title": "Wartung",
        "retainer_billing_description": "je Monat",
        "billing_variant": "task",
        "budget": 20000.0,
        "budget_monthly": 2000.0,
        "budget_expenses": 500.0,
        "billing_address": "Kunde AG\nHafen 1",
        "billing_notes": "bar",
        "billing_email_to": "a@example.com",
        "billing_email_cc": "b@example.com",
        "setting_include_time_report": True,
        "info": "https://ac.example.com/projects/7",
        "identifier": "AC-7",
    }
    references = {
        "co_leader_id": account.plain.id,
        "contact_id": contacts[0].id,
        "secondary_contact_id": contacts[1].id,
        "billing_contact_id": contacts[2].id,
        "deal_id": deal.id,
        "project_group_id": group.id,
    }
    created = create(account, **plain, **references, tags=["b", "a"], hourly_rate=150, skip_favorite=True)
    assert {name: created[name] for name in plain} == plain
    assert created["hourly_rate"] == 100.0
    assert created["co_leader"]["id"] == account.plain.id
    named = [created[name]["lastname"] for name in ("contact", "secondary_contact", "billing_contact")]
    assert named == ["Eins", "Zwei", "Drei"]
    assert (created["deal"], created["project_group"]) == (
        {"id": deal.id, "name": "Relaunch"},
        {"id": group.id, "name": "Web"},
    )
    one = f"/projects/{created['id']}"
    assert shown(account.call("PATCH", one, {"billing_variant": "project"}))["hourly_rate"] == 150.0
    emptied = shown(account.call("PUT", one, dict.fromkeys(references)))
    assert [emptied[name] for name in ("co_leader", "contact", "deal", "project_group")] == [None] * 4
    assert emptied["budget"] == 20000.0


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"retainer": True}, ["start_date", "finish_date", "budget_monthly"]),
        (
            {"retainer": True, "start_date": "2024-01-02", "finish_date": "2024-02-28", "budget_monthly": 1},
            ["start_date", "finish_date"],
        ),
        ({"start_date": "2024-02-01", "finish_date": "2024-01-31"}, ["finish_date"]),
        ({"currency": "Euro"}, ["currency"]),
        ({"contact_id": 7}, ["contact_id"]),
        ({"project_group_id": 7}, ["project_group_id"]),
        ({"co_leader_id": 7}, ["co_leader_id"]),
        ({"retainer_billing_date": 32}, ["retainer_billing_date"]),
        ({"custom_properties": ["x"]}, ["custom_properties"]),
        ({"custom_properties": {"x": "y" * 12_289}}, ["custom_properties"]),
    ],
)
def test_a_bad_field_is_named(account: Account, changed: dict[str, object], wrong: list[str]) -> None:
    refused = account.call("POST", "/projects", fields(account, **changed))
    assert (refused.status_code, list(refused.get_json())) == (422, wrong)
    assert len(account.sandbox.state.projects) == 1


def test_a_leap_year_retainer_and_another_customer_are_accepted(account: Account) -> None:
    created = create(account, retainer=True, start_date="2024-02-01", finish_date="2024-02-29", budget_monthly=1)
    own = account.sandbox.add_company("Agentur", intern=True)
    moved = shown(account.call("PUT", f"/projects/{created['id']}", {"company_id": own.id}))
    assert (moved["customer"]["name"], moved["billable"], moved["retainer"]) == ("Agentur", False, True)


def test_suppliers_and_archived_customers_get_no_project(account: Account) -> None:
    supplier = account.sandbox.add_company("Lieferant", kind="supplier")
    gone = account.sandbox.add_company("Weg", active=False)
    for company in (supplier, gone):
        assert account.call("POST", "/projects", fields(account, company_id=company.id)).status_code == 422


def test_custom_properties_are_those_of_the_account(account: Account) -> None:
    define = account.sandbox.define_property
    define("Project", "AC")
    define("Project", "Ja", PropertyKind.YES_NO)
    define("Project", "Tag", PropertyKind.DATE)
    define("Project", "Art", PropertyKind.SELECT, ["A", "B"])
    define("Project", "Arten", PropertyKind.MULTI_SELECT, ["A", "B", "C"])
    define("Company", "Nur Firmen")
    good = {"AC": "7", "Ja": "1", "Tag": "2024-01-31", "Art": "A", "Arten": ["A", "B"]}
    created = create(account, custom_properties=good | {"Nur Firmen": "x", "Fremd": "x"})
    assert created["custom_properties"] == good
    one = f"/projects/{created['id']}"
    bad = {"AC": None, "Ja": "vielleicht", "Tag": "31.1.2024", "Art": "Z", "Arten": ["A", "Z"]}
    assert shown(account.call("PUT", one, {"custom_properties": bad}))["custom_properties"] == good
    merged = shown(account.call("PUT", one, {"custom_properties": {"Ja": False}}))["custom_properties"]
    assert merged == good | {"Ja": "0"}
    account.switches.custom_properties_merged = False
    replaced = shown(account.call("PUT", one, {"custom_properties": {"Art": "B"}}))["custom_properties"]
    assert replaced == {"Art": "B"}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("[AC]=7", True),
        ("[AC]=8", False),
        ("[Fremd]=7", False),
        ("[Ja]=true", True),
        ("[Ja]=false", False),
        ("[Arten][]=A&custom_properties[Arten][]=B", True),
        ("[Arten][]=C", False),
        ("[Art]=", False),
    ],
)
def test_projects_are_found_by_custom_properties(account: Account, query: str, fits: bool) -> None:
    for name, kind in (("AC", PropertyKind.TEXT), ("Ja", PropertyKind.YES_NO), ("Art", PropertyKind.TEXT)):
        account.sandbox.define_property("Project", name, kind)
    account.sandbox.define_property("Project", "Arten", PropertyKind.MULTI_SELECT, ["A", "B", "C"])
    create(account, custom_properties={"AC": "7", "Ja": True, "Arten": ["A", "B"]})
    assert found(account, f"custom_properties{query}") == ({"Neu"} if fits else set())


def test_the_list_is_filtered_by_days_people_groups_and_sorted(account: Account) -> None:
    group, deal = account.sandbox.add_project_group(account.company, "Web"), account.sandbox.add_deal("Relaunch")
    account.clock.sleep(86400)
    more = {"project_group_id": group.id, "deal_id": deal.id, "co_leader_id": account.plain.id}
    create(account, **more, identifier="Z1")
    for query in (
        "created_from=2024-06-13",
        "updated_from=2024-06-13&updated_to=2024-06-13",
        f"project_group_id=7,{group.id}",
        f"deal_id={deal.id}",
        f"leader_id={account.plain.id}",
        "identifier=Z1,Z2",
    ):
        assert found(account, query) == {"Neu"}, query
    for query in ("created_to=2024-06-12", "updated_to=2024-06-12"):
        assert found(account, query) == {"Website"}, query
    assert found(account, "retainer=true") == set()
    assert found(account, f"company_id={account.company.id},7") == {"Neu", "Website"}
    ordered = listed(account.call("GET", "/projects?sort_by=identifier desc"))
    assert [each["name"] for each in ordered] == ["Neu", "Website"]
    for query in ("created_from=2024-06-13&created_to=2024-06-12", "updated_to=gestern"):
        refused = account.call("GET", f"/projects?{query}")
        assert (refused.status_code, refused.get_json()) == (400, {"message": "Invalid date range"})


def test_a_project_without_time_is_deleted_with_all_that_is_its(account: Account) -> None:
    created = create(account)
    one = f"/projects/{created['id']}"
    gone = account.call("DELETE", one)
    assert (gone.status_code, gone.get_data()) == (200, b"")
    assert account.call("GET", one).status_code == 404
    assert {each.project_id for each in account.sandbox.state.tasks.values()} == {account.project.id}
    account.switches.delete_returns_object = True
    again = create(account)
    assert shown(account.call("DELETE", f"/projects/{again['id']}")) == again
    account.book()
    refused = account.call("DELETE", f"/projects/{account.project.id}")
    assert (refused.status_code, list(refused.get_json())) == (422, ["base"])


def test_the_report_is_shared_and_no_longer(account: Account) -> None:
    one = f"/projects/{account.project.id}"
    public = shown(account.call("PUT", f"{one}/share"))
    assert (public["id"], public["active"]) == (account.project.id, True)
    assert shown(account.call("GET", one))["customer_report_url"] == public["url"]
    assert shown(account.call("PUT", f"{one}/share")) == public
    private = {"id": account.project.id, "active": False, "url": None}
    assert shown(account.call("PUT", f"{one}/disable_share")) == private


def test_projects_enter_and_leave_groups(account: Account) -> None:
    group = account.sandbox.add_project_group(account.company, "Web", user=account.admin)
    other = account.sandbox.add_project_group(account.sandbox.add_company("Andere"), "Druck")
    account.sandbox.edit(replace(account.project, budget=1000.0))
    one = f"/projects/{account.project.id}"
    inside = shown(account.call("PUT", f"{one}/assign_project_group", {"project_group_id": group.id}))
    assert inside["project_group"] == {"id": group.id, "name": "Web"}
    seen = shown(account.call("GET", f"/projects/groups/{group.id}"))
    assert (seen["budget"], [each["id"] for each in seen["projects"]]) == (1000.0, [account.project.id])
    assert [each["name"] for each in listed(account.call("GET", "/projects/groups"))] == ["Druck", "Web"]
    for query in (f"user_id={account.admin.id}", f"company_id={account.company.id}", f"ids={group.id}"):
        assert [each["id"] for each in listed(account.call("GET", f"/projects/groups?{query}"))] == [group.id], query
    assert account.call("GET", f"/projects/groups/{account.project.id}").status_code == 404
    outside = shown(account.call("PUT", f"{one}/unassign_project_group"))
    assert outside["project_group"] is None
    refused = account.call("PUT", f"{one}/assign_project_group", {"project_group_id": account.project.id})
    assert (refused.status_code, list(refused.get_json())) == (422, ["project_group_id"])
    assert other.id != group.id


def test_the_report_counts_hours_by_task_and_what_they_earn(account: Account) -> None:
    design = account.sandbox.add_task(account.project, "Design", hourly_rate=50.0)
    account.sandbox.edit(replace(account.project, budget=1000.0, billing_variant="task"))
    account.book(seconds=5400)
    account.book(seconds=3600, task_id=design.id)
    account.book(seconds=1800, billable=False)
    report = shown(account.call("GET", f"/projects/{account.project.id}/report"))
    assert (report["hours_total"], report["hours_billable"]) == (3.0, 2.5)
    assert [(each["name"], each["hours_total"]) for each in report["costs_by_task"]] == [
        ("Entwicklung", 2.0),
        ("Design", 1.0),
    ]
    assert (report["budget_total"], report["budget_remaining"], report["budget_progress_in_percentage"]) == (
        1000.0,
        770.0,
        23,
    )


@pytest.mark.parametrize(("variant", "rate"), [("project", 80.0), ("task", 120.0), ("user", 90.0)])
def test_the_billing_variant_decides_which_rate_counts(account: Account, variant: str, rate: float) -> None:
    contract = account.sandbox.state.contract_of(account.project.id, account.admin.id)
    assert contract is not None
    account.sandbox.edit(replace(contract, hourly_rate=90.0))
    account.sandbox.edit(replace(account.project, hourly_rate=80.0, billing_variant=variant))
    assert account.book()["hourly_rate"] == rate


def test_tasks_have_places_and_all_without_hours_are_destroyed(account: Account) -> None:
    path = f"/projects/{account.project.id}/tasks"
    first = shown(account.call("POST", path, {"name": "Zuerst", "index": 0, "description": "vor allem"}))
    last = shown(account.call("POST", path, {"name": "Zuletzt"}))
    assert (first["description"], first["revenue_category"], last["description"]) == ("vor allem", None, None)
    account.book()
    nested = shown(account.call("GET", f"/projects/{account.project.id}"))["tasks"]
    assert [each["name"] for each in nested] == ["Entwicklung", "Zuerst", "Zuletzt"]
    shown(account.call("PUT", f"{path}/{account.task.id}", {"index": 9}))
    nested = shown(account.call("GET", f"/projects/{account.project.id}"))["tasks"]
    assert [each["name"] for each in nested] == ["Zuerst", "Zuletzt", "Entwicklung"]
    gone = account.call("DELETE", f"{path}/destroy_all")
    assert (gone.status_code, gone.get_data()) == (204, b"")
    assert [each["name"] for each in listed(account.call("GET", path))] == ["Entwicklung"]


def test_activities_are_found_by_the_deal_of_their_project(account: Account) -> None:
    deal = account.sandbox.add_deal("Relaunch")
    account.book()
    assert listed(account.call("GET", f"/activities?deal_id={deal.id}")) == []
    account.sandbox.edit(replace(account.project, deal_id=deal.id))
    found = listed(account.call("GET", f"/activities?deal_id=7,{deal.id}&from={date(2024, 1, 1)}"))
    assert [each["deal"]["name"] for each in found] == ["Relaunch"]
