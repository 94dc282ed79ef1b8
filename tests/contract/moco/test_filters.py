"""Lists give what was asked for: filters, order, pages, custom properties, whatever the server ignores."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from migrator.moco import merged_properties
from migrator.sandbox.moco import MocoSandbox
from tests.contract.moco.properties import WRITTEN, define_properties
from tests.contract.moco.world import World

DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_activities_are_found_by_every_filter(world: World) -> None:
    one = world.new_activity(tag=f"{world.prefix}-1", remote_id=f"{world.prefix}:1", description=f"{world.prefix} eins")
    two = world.new_activity(day=world.another_day(), billable=False, seconds=60)
    ours: dict[str, Any] = {"project_id": world.project.id}
    found: dict[str, dict[str, Any]] = {
        "from": {**ours, "day_from": two.day},
        "to": {**ours, "day_to": one.day},
        "billable": {**ours, "billable": True},
        "ids": {"ids": (one.id,)},
        "tags": {"tags": (f"{world.prefix}-1",)},
        "markers": {"remote_ids": (f"{world.prefix}:1", "none")},
        "task": {**ours, "task_id": one.task.id, "ids": (one.id,)},
        "person": {**ours, "user_id": world.me, "day_to": one.day},
        "company": {"company_id": world.company.id, "day_to": one.day},
        "term": {"term": f"{world.prefix} eins"},
        "all": {**ours, "billed": False, "updated_after": LONG_AGO},
    }
    names = {one.id: "one", two.id: "two"}
    listed = {how: [names[each.id] for each in world.moco.activities.list(**filters)] for how, filters in found.items()}
    assert listed == {
        "from": ["two"],
        "to": ["one"],
        "billable": ["one"],
        "ids": ["one"],
        "tags": ["one"],
        "markers": ["one"],
        "task": ["one"],
        "person": ["one"],
        "company": ["one"],
        "term": ["one"],
        "all": ["one", "two"],
    }
    assert list(world.moco.activities.list(project_id=world.project.id, user_id=world.me + 1)) == []


def test_lists_come_in_the_order_that_was_asked_for(world: World) -> None:
    days = [world.new_activity(day=world.another_day()).day for _ in range(3)]
    project = world.project.id
    assert [each.day for each in world.moco.activities.list(project_id=project, sort_by="date")] == days
    assert [each.day for each in world.moco.activities.list(project_id=project, sort_by="date desc")] == days[::-1]


def test_projects_are_found_by_every_filter(sandboxed: MocoSandbox, world: World) -> None:
    group = sandboxed.add_project_group(sandboxed.state.companies[world.company.id], "Gruppe")
    deal = sandboxed.add_deal("Anfrage")
    today = datetime.now(UTC).date()
    colleague = next(user.id for user in world.moco.users.list() if user.id != world.me)
    retainer = {"retainer": True, "start_date": date(2026, 2, 1), "finish_date": date(2026, 2, 28), "budget_monthly": 1}
    one = world.new_project(name="Eins", tags=("Print",), identifier="E1", project_group_id=group.id, deal_id=deal.id)
    two = world.new_project(name="Zwei", leader_id=colleague, **retainer)
    gone = world.moco.projects.archive(world.new_project(name="Alt").id)
    names = {one.id: "one", two.id: "two", gone.id: "gone"}
    found: dict[str, dict[str, Any]] = {
        "all": {"company_ids": (world.company.id,), "include_archived": True, "sort_by": "name"},
        "open": {"leader_ids": (world.me, colleague), "sort_by": "name desc"},
        "leader": {"leader_ids": (colleague,)},
        "tags": {"tags": ("Print",)},
        "identifier": {"identifiers": ("E1", "E2")},
        "retainer": {"retainer": True},
        "no retainer": {"retainer": False},
        "group": {"project_group_ids": (group.id,)},
        "deal": {"deal_ids": (deal.id,)},
        "term": {"term": "wei"},
        "ids": {"ids": (two.id,)},
        "created": {
            "created_from": today - timedelta(days=1),
            "created_to": today + timedelta(days=1),
            "ids": (one.id,),
        },
        "updated": {"updated_from": today + timedelta(days=3)},
        "later": {"updated_after": datetime.now(UTC) + timedelta(days=1)},
    }
    listed = {how: [names[each.id] for each in world.moco.projects.list(**filters)] for how, filters in found.items()}
    assert listed == {
        "all": ["gone", "one", "two"],
        "open": ["two", "one"],
        "leader": ["two"],
        "tags": ["one"],
        "identifier": ["one"],
        "retainer": ["two"],
        "no retainer": ["one"],
        "group": ["one"],
        "deal": ["one"],
        "term": ["two"],
        "ids": ["two"],
        "created": ["one"],
        "updated": [],
        "later": [],
    }
    assert {each.id for each in world.moco.projects.assigned()} == {one.id, gone.id}
    assert {each.id for each in world.moco.projects.assigned(active=True)} == {one.id}


def test_companies_and_people_are_found_by_every_filter(sandboxed: MocoSandbox, world: World) -> None:
    one = world.new_company(name="Eins", identifier="K-1", tags=("A",))
    two = world.new_company(name="Zwei", type="supplier")
    gone = world.moco.companies.archive(world.new_company(name="Alt").id)
    companies = world.moco.companies
    assert [each.id for each in companies.list(type="customer", tags=("A",))] == [one.id]
    assert [each.id for each in companies.list(type="supplier")] == [two.id]
    assert [each.id for each in companies.list(identifier="K-1")] == [one.id]
    assert [each.id for each in companies.list(term="Zwei")] == [two.id]
    assert gone.id not in {each.id for each in companies.list()}
    assert gone.id in {each.id for each in companies.list(include_archived=True)}
    people = world.moco.users
    assert [each.lastname for each in people.list(email="PAUL.Plain@example.com")] == ["Plain"]
    assert [each.lastname for each in people.list(sort_by="lastname desc")] == ["Plain", "Adler"]
    assert [each.id for each in people.list(ids=(world.me,))] == [world.me]


def test_presences_are_found_by_every_filter(world: World) -> None:
    one = world.new_presence(day=world.day, start=time(8), end=time(9))
    day = world.another_day()
    two = world.new_presence(day=day, start=one.start, end=one.end, is_home_office=True)
    presences = world.moco.presences
    both: dict[str, Any] = {"day_from": world.day, "day_to": day, "user_id": world.me}
    assert [each.id for each in presences.list(**both)] == [one.id, two.id]
    assert [each.id for each in presences.list(**both, is_home_office=True)] == [two.id]
    assert [each.id for each in presences.list(**both, ids=(one.id,))] == [one.id]
    assert [each.id for each in presences.list(day_from=day, day_to=day)] == [two.id]


def test_a_server_that_ignores_filters_finds_no_more_than_was_asked_for(sandboxed: MocoSandbox, world: World) -> None:
    sandboxed.switches.remote_id_filter = False
    world.new_activity(remote_id="a", tag="x")
    two = world.new_activity(remote_id="b", tag="y")
    assert [each.id for each in world.moco.activities.list(remote_ids=("b",))] == [two.id]
    assert [each.id for each in world.moco.activities.list(tags=("y",))] == [two.id]
    assert list(world.moco.activities.list(deal_ids=(1,))) == []


@pytest.mark.parametrize("newer", [True, False])
def test_a_server_of_any_age_is_read(sandboxed: MocoSandbox, world: World, newer: bool) -> None:
    sandboxed.switches.newer_fields = newer
    made = world.new_activity()
    assert (made.worked_seconds is not None) is newer
    assert world.moco.projects.get(world.project.id).name == world.project.name
    assert [each.id for each in world.moco.projects.assigned()] == [world.project.id]


def test_a_list_is_read_page_by_page_as_its_rows_are_taken(sandboxed: MocoSandbox, world: World) -> None:
    project, task = sandboxed.state.projects[world.project.id], sandboxed.state.tasks[world.task.id]
    for _ in range(230):
        sandboxed.add_activity(sandboxed.state.users[world.me], task, world.day, 60)
    sandboxed.forget_requests()
    rows = world.moco.activities.list(project_id=project.id)
    assert len(sandboxed.requests) == 0
    for _ in range(100):
        next(rows)
    assert len(sandboxed.requests) == 1
    assert len({each.id for each in rows}) == 130
    assert len(sandboxed.requests) == 3


@pytest.mark.parametrize("target", ["projects", "companies", "users"])
@pytest.mark.parametrize("merged", [True, False])
def test_custom_properties_of_every_kind_round_trip_and_are_found(
    sandboxed: MocoSandbox, world: World, target: str, merged: bool
) -> None:
    sandboxed.switches.custom_properties_merged = merged
    define_properties(sandboxed, {"projects": "Project", "companies": "Company", "users": "User"}[target])
    resource: Any = getattr(world.moco, target)
    chosen = {"projects": world.project.id, "companies": world.company.id, "users": world.me}[target]
    resource.update(chosen, custom_properties=WRITTEN)
    shown = resource.get(chosen).custom_properties
    assert shown == {"Quelle": "17", "Seit": "2026-05-04", "Frei": "1", "Art": "Web", "Arten": ("A", "B")}

    def found(**wanted: Any) -> list[int]:
        kind = {"type": "customer"} if target == "companies" else {}
        return [each.id for each in resource.list(custom_properties=wanted, **kind)]

    for name, value in WRITTEN.items():
        assert found(**{name: value}) == [chosen], name
    assert found(Quelle="18") == found(Frei=False) == found(Arten=["C"]) == found(Unbekannt="x") == []
    whole = merged_properties(shown, {"Frei": False, "Unbekannt": "x"})
    assert resource.update(chosen, custom_properties=whole).custom_properties == {**shown, "Frei": "0"}
    part = resource.update(chosen, custom_properties={"Quelle": "18"}).custom_properties
    assert part == ({**shown, "Frei": "0", "Quelle": "18"} if merged else {"Quelle": "18"})
