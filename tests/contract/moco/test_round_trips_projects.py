"""Projects, tasks and contracts: what is written is shown, changed in part, and gone when it is removed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from migrator.moco import InvalidRequest, NotFound
from migrator.sandbox.moco import MocoSandbox
from tests.contract.moco.properties import SHOWN, WRITTEN, define_properties, shows
from tests.contract.moco.world import World

PROJECT: dict[str, Any] = {
    "fixed_price": False,
    "retainer": True,
    "start_date": date(2026, 2, 1),
    "finish_date": date(2026, 3, 31),
    "budget_monthly": Decimal("2000.5"),
    "budget_expenses": Decimal("300"),
    "budget": Decimal("4001"),
    "hourly_rate": Decimal("110"),
    "billing_variant": "project",
    "billing_address": "Ring 1\n10115 Berlin",
    "billing_notes": "Netto",
    "billing_email_to": "a@example.com",
    "billing_email_cc": "b@example.com",
    "setting_include_time_report": True,
    "info": "Notiz",
    "retainer_billing_date": 15,
    "retainer_billing_title": "Pauschale",
    "retainer_billing_description": "monatlich",
    "tags": ("Print", "Web"),
}


def test_a_project_shows_what_it_was_created_with(sandboxed: MocoSandbox, world: World) -> None:
    define_properties(sandboxed, "Project")
    deal, contact = sandboxed.add_deal("Anfrage"), sandboxed.add_contact("Carla", "Kunz")
    group = sandboxed.add_project_group(sandboxed.state.companies[world.company.id], "Gruppe")
    colleague = next(user for user in world.moco.users.list() if user.id != world.me)
    made = world.new_project(
        identifier=f"{world.prefix}-1",
        co_leader_id=colleague.id,
        deal_id=deal.id,
        project_group_id=group.id,
        contact_id=contact.id,
        secondary_contact_id=contact.id,
        billing_contact_id=contact.id,
        skip_favorite=True,
        custom_properties=WRITTEN,
        **PROJECT,
    )
    found = world.moco.projects.get(made.id)
    assert found == made
    assert shows(found, **PROJECT, identifier=f"{world.prefix}-1", currency="EUR", custom_properties=SHOWN, active=True)
    people = (found.leader, found.co_leader, found.contact, found.secondary_contact, found.billing_contact)
    assert [each and each.id for each in people] == [world.me, colleague.id, contact.id, contact.id, contact.id]
    assert [each and each.id for each in (found.deal, found.project_group)] == [deal.id, group.id]
    assert found.company_id == world.company.id
    assert found.company is None
    whole = world.moco.projects.get(made.id, include_company=True).company
    assert whole is not None
    assert whole.currency == "EUR"


def test_a_project_is_changed_archived_shared_and_removed(world: World) -> None:
    made = world.project
    assert [each.user_id for each in made.contracts or ()] == [world.me]
    changed = world.moco.projects.update(made.id, name=f"{world.prefix} anders", budget=Decimal(10))
    assert (changed.name, changed.budget, changed.currency) == (f"{world.prefix} anders", Decimal(10), "EUR")
    assert world.moco.projects.archive(made.id).active is False
    assert world.moco.projects.unarchive(made.id).active is True
    shared = world.moco.projects.share(made.id)
    assert (shared.active, bool(shared.url)) == (True, True)
    assert world.moco.projects.disable_share(made.id).active is False
    world.moco.projects.delete(made.id)
    with pytest.raises(NotFound):
        world.moco.projects.get(made.id)


def test_a_project_with_hours_stays_and_reports_them(world: World) -> None:
    world.new_activity(seconds=5400)
    world.new_activity(seconds=1800, billable=False)
    report = world.moco.projects.report(world.project.id)
    assert (report.hours_total, report.hours_billable, report.currency) == (Decimal(2), Decimal("1.5"), "EUR")
    assert {(each.id, each.hours_total) for each in report.costs_by_task} == {(world.task.id, Decimal(2))}
    with pytest.raises(InvalidRequest):
        world.moco.projects.delete(world.project.id)
    with pytest.raises(InvalidRequest):
        world.moco.tasks.delete(world.project.id, world.task.id)


def test_a_project_is_put_into_a_group_and_taken_out(sandboxed: MocoSandbox, world: World) -> None:
    group = sandboxed.add_project_group(sandboxed.state.companies[world.company.id], "Gruppe")
    put = world.moco.projects.assign_group(world.project.id, group.id)
    assert put.project_group is not None
    assert put.project_group.name == "Gruppe"
    assert [each.id for each in world.moco.project_groups.get(group.id).projects] == [world.project.id]
    assert world.moco.projects.unassign_group(world.project.id).project_group is None


def test_a_task_shows_what_it_was_created_with(world: World) -> None:
    given: dict[str, Any] = {
        "description": "Alles",
        "billable": False,
        "active": True,
        "budget": Decimal("500.5"),
        "hourly_rate": Decimal(95),
    }
    made = world.moco.tasks.create(world.project.id, name="Gestaltung", index=0, **given)
    assert shows(made, **given, name="Gestaltung", project_id=world.project.id)
    assert world.moco.tasks.get(world.project.id, made.id) == made
    changed = world.moco.tasks.update(world.project.id, made.id, name="Satz", active=False)
    assert (changed.name, changed.active, changed.budget) == ("Satz", False, Decimal("500.5"))
    assert "Satz" in {each.name for each in world.moco.tasks.list(world.project.id)}
    world.moco.tasks.destroy_all(world.project.id)
    assert list(world.moco.tasks.list(world.project.id)) == []


def test_all_tasks_but_those_with_hours_are_removed(world: World) -> None:
    world.new_activity()
    world.moco.tasks.destroy_all(world.project.id)
    assert [each.id for each in world.moco.tasks.list(world.project.id)] == [world.task.id]


def test_a_contract_shows_what_it_was_created_with(sandboxed: MocoSandbox, world: World) -> None:
    colleague = next(user for user in world.moco.users.list() if user.id != world.me)
    given: dict[str, Any] = {"billable": False, "active": True, "budget": Decimal(40), "hourly_rate": Decimal(80)}
    made = world.moco.contracts.create(world.project.id, user_id=colleague.id, **given)
    assert shows(made, **given, user_id=colleague.id, lastname=colleague.lastname, project_id=world.project.id)
    assert world.moco.contracts.get(world.project.id, made.id) == made
    assert world.moco.contracts.update(world.project.id, made.id, active=False).active is False
    assert {each.user_id for each in world.moco.contracts.list(world.project.id)} == {world.me, colleague.id}
    world.moco.contracts.delete(world.project.id, made.id)
    with pytest.raises(NotFound):
        world.moco.contracts.get(world.project.id, made.id)
