"""Customers, projects and people that are created in MOCO: each exactly once, whatever happens on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.sandbox.faults import AnswerInstead, LoseAnswer
from tests.system.door import At, Moment
from tests.system.export import Project, some_records
from tests.system.harness import TASK, World

NEW = (Project(2, "Relaunch", "Neu GmbH"), Project(3, "Website & Shop", "Neu GmbH"), Project(4, "App"))
CUSTOMERS = ("company;1;create", "company;2;create")
ALL = (*CUSTOMERS, "project;2;create", "project;3;create", "project;4;create")
WHOLE = [("App", "Kunde AG"), ("Relaunch", "Neu GmbH"), ("Website & Shop", "Neu GmbH")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """36 records of three people on three projects, and a MOCO that has nothing but the people."""
    settings = {
        "mapping__create": ["companies", "projects", "tasks", "contracts"],
        "provision__currency": "EUR",
        "provision__leader": "ada.admin@example.com",
        "moco__timeout_seconds": 0.7,
        "moco__settle_seconds": 0.2,
    }
    records = [each if number % 3 else replace(each, project=4) for number, each in enumerate(some_records(36, 3, 2))]
    with World(tmp_path, records, complete=False, projects=NEW, **settings) as made:
        state = made.moco.state
        state.projects.clear()
        state.companies.clear()
        yield made


def mapped(world: World, *rows: str, columns: str = "") -> None:
    """Read, and put these rows of a mapping into force."""
    assert world.run("read").code == 0
    header = "kind;source_id;action" + (f";{columns}" if columns else "") + ";target_id"
    lines = [header, *(row + ";" * (header.count(";") - row.count(";")) for row in rows)]
    (world.folder / "map.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    applied = world.run("map", "apply", "map.csv")
    assert applied.code == 0, applied
    world.forget_requests()


def projects(world: World) -> list[tuple[str, str]]:
    state = world.moco.state
    return sorted((each.name, state.companies[each.company_id].name) for each in state.projects.values())


def posted(world: World, path: str) -> int:
    return sum(each.method == "POST" and each.path.endswith(path) for each in world.writes())


def test_a_plan_names_what_apply_creates_first_and_nothing_is_created_twice(world: World) -> None:
    mapped(world, *ALL)
    plan = world.run("plan")
    assert plan.code == 0
    assert plan.document["to_create"] == {"companies": 2, "projects": 3, "tasks": 3, "contracts": 5}
    assert [(each["kind"], each["name"]) for each in plan.document["places"]] == [
        ("company", "Kunde AG"),
        ("company", "Neu GmbH"),
        ("project", "Relaunch"),
        ("project", "Website & Shop"),
        ("project", "App"),
    ]
    assert world.writes() == []
    applied = world.run("apply", "last")
    assert (applied.code, applied.counts) == (0, {"read": 36, "created": 36})
    assert applied.document["provisioned"]["projects"] == {"created": 3, "adopted": 0, "refused": 0}
    assert projects(world) == WHOLE
    assert world.stored() == world.wanted()
    relaunch = next(each for each in world.moco.state.projects.values() if each.name == "Relaunch")
    first = min(each.day for each in world.records.values() if each.project == 2)
    assert (relaunch.currency, relaunch.start_date, relaunch.info) == ("EUR", first, "ActiveCollab project 2")
    world.forget_requests()
    assert world.run("plan").document["is_noop"]
    assert world.run("provision").document["verdict"] == "Everything that the mapping asks for is in MOCO already."
    assert world.run("sync").counts == {"read": 36, "unchanged": 36}
    verified = world.run("verify", "--full")
    assert (verified.code, {each["name"] for each in verified.document["projects"]}) == (0, {name for name, _ in WHOLE})
    assert world.writes() == []


def test_answers_that_get_lost_double_no_customer_and_no_project(world: World) -> None:
    mapped(world, *ALL)
    for path in ("/companies", "/projects"):
        world.moco.fault(LoseAnswer(), method="POST", path=path, times=2)
    provided = world.run("provision")
    assert provided.code == 0
    assert provided.document["counts"]["projects"] == {"created": 3, "adopted": 0, "refused": 0}
    assert (posted(world, "/companies"), posted(world, "/projects")) == (2, 3)
    assert world.run("sync").counts == {"read": 36, "created": 36}
    assert (projects(world), world.stored()) == (WHOLE, world.wanted())


@pytest.mark.parametrize("moment", [Moment.ARRIVING, Moment.APPLIED], ids=lambda it: it.name)
def test_a_run_that_is_killed_at_every_second_write_ends_as_one_that_was_never_killed(
    world: World, moment: Moment
) -> None:
    mapped(world, *ALL)
    kills = 0
    while (struck := world.run_and_strike(At(2, moment), "provision")).code != 0:
        assert struck.code == -signal.SIGKILL
        kills += 1
    assert kills > 3
    assert projects(world) == WHOLE
    assert len(world.moco.state.companies) == 2
    assert len(world.moco.state.contracts) == len(
        {(c.project_id, c.user_id) for c in world.moco.state.contracts.values()}
    )
    assert world.run("sync").counts == {"read": 36, "created": 36}
    assert (projects(world), world.stored()) == (WHOLE, world.wanted())


def test_what_moco_has_under_the_same_name_and_customer_is_adopted(world: World) -> None:
    customer = world.moco.add_company("Neu GmbH")
    there = world.moco.add_project(customer, "  RELAUNCH ")
    other = world.moco.add_project(world.moco.add_company("Andere AG"), "App")
    mapped(world, *ALL)
    provided = world.run("provision")
    assert provided.document["counts"]["companies"] == {"created": 1, "adopted": 1, "refused": 0}
    assert provided.document["counts"]["projects"] == {"created": 2, "adopted": 1, "refused": 0}
    assert world.run("sync").counts == {"read": 36, "created": 36}
    used = {each.project_id for each in world.moco.activities}
    assert there.id in used
    assert other.id not in used


def test_tasks_and_contracts_that_moco_makes_by_itself_are_not_made_again(world: World) -> None:
    world.moco.switches.nested_parts = False
    world.moco.switches.default_tasks = (TASK,)
    mapped(world, *ALL)
    assert world.run("sync").counts == {"read": 36, "created": 36}
    assert len(world.moco.state.tasks) == 3
    pairs = [(each.project_id, each.user_id) for each in world.moco.state.contracts.values()]
    assert len(pairs) == len(set(pairs))


def test_deactivated_people_are_assigned_to_projects_that_are_created(world: World) -> None:
    world.moco.switches.deactivated_forbidden = False
    world.moco.switches.deactivated_assignable = True
    (foo,) = (each for each in world.moco.state.users.values() if each.email == "foo.bar@kunde.example")
    world.moco.edit(replace(foo, active=False))
    mapped(world, *ALL)
    # Their assignments are in no list, so one whose answer was lost must not be asked for again.
    world.moco.fault(LoseAnswer(), method="POST", path=".*/contracts", times=5)
    assert world.run("provision").code == 0
    assert {each.project_id for each in world.moco.state.contracts.values() if each.user_id == foo.id}
    assert posted(world, "/contracts") == 5
    world.forget_requests()
    assert world.run("provision").code == 0
    assert world.writes() == []


def test_a_created_project_that_a_person_deleted_is_named_and_not_brought_back(world: World) -> None:
    mapped(world, *ALL)
    assert world.run("provision").code == 0
    state = world.moco.state
    (shop,) = (each for each in state.projects.values() if each.name == "Website & Shop")
    for contract in state.contracts_of(shop.id):
        state.remove_contract(contract)
    for task in state.tasks_of(shop.id):
        state.remove_task(task)
    del state.projects[shop.id]
    provided = world.run("provision")
    assert (provided.code, [each["source_id"] for each in provided.document["held"]]) == (3, [3])
    assert "is not there any more" in provided.document["held"][0]["message"]
    assert len(state.projects) == 2


def test_two_customers_of_one_name_are_one(world: World) -> None:
    world.projects = (NEW[0], replace(NEW[1], company="NEU  GmbH"), NEW[2])
    world.write_export()
    mapped(world, *ALL, "company;3;create")
    assert world.run("plan").document["to_create"]["companies"] == 2
    assert world.run("sync").counts == {"read": 36, "created": 36}
    assert sorted(each.name for each in world.moco.state.companies.values()) == ["Kunde AG", "Neu GmbH"]


def test_two_projects_of_one_name_are_told_apart_and_never_merged(world: World) -> None:
    world.projects = (*NEW[:2], Project(4, "Relaunch", "Neu GmbH"))
    world.write_export()
    mapped(world, *ALL)
    assert world.run("sync").counts == {"read": 36, "created": 36}
    assert [name for name, _ in projects(world)] == ["Relaunch", "Relaunch", "Website & Shop"]
    by_project = {each.project_id for each in world.moco.activities}
    assert len(by_project) == 3


def test_without_a_currency_nothing_is_created_and_its_records_wait_with_the_reason(world: World) -> None:
    world.configure(provision__currency="")
    mapped(world, *CUSTOMERS, "project;2;create;CHF", "project;3;create", "project;4;create", columns="currency")
    looked = world.run("provision", "--dry-run")
    assert looked.code == 3
    assert [each["source_id"] for each in looked.document["held"]] == [3, 4]
    assert "provision.currency" in looked.document["held"][0]["message"]
    assert world.writes() == []
    synced = world.run("sync")
    assert (synced.code, synced.counts["held"]) == (3, 36 - synced.counts["created"])
    assert [(each.name, each.currency) for each in world.moco.state.projects.values()] == [("Relaunch", "CHF")]
    items = world.run("inbox", "list").document["items"]
    assert {each["reason"] for each in items} == {"PROJECT_MISSING"}


def test_a_manual_number_range_gets_the_number_of_the_mapping_and_no_invented_one(world: World) -> None:
    world.moco.switches.manual_identifiers = True
    world.moco.add_company("Neu GmbH")
    world.moco.add_company("Kunde AG")
    mapped(world, *CUSTOMERS, "project;2;create;R-7", "project;3;create", "project;4;create", columns="identifier")
    provided = world.run("provision")
    assert provided.code == 3
    assert provided.document["counts"]["projects"] == {"created": 1, "adopted": 0, "refused": 2}
    assert [each.identifier for each in world.moco.state.projects.values()] == ["R-7"]
    assert "identifier" in provided.document["held"][0]["message"]
    world.forget_requests()
    assert world.run("provision").code == 3
    assert posted(world, "/projects") == 0
    assert world.run("inbox", "retry", "--all").code == 0
    world.moco.switches.manual_identifiers = False
    assert world.run("provision").code == 0
    assert projects(world) == WHOLE


def test_what_moco_refuses_to_create_is_named_until_it_may_be_tried_again(world: World) -> None:
    mapped(world, *ALL)
    world.moco.fault(AnswerInstead(422), method="POST", path=".*/tasks")
    for _ in range(2):
        provided = world.run("provision")
        assert provided.code == 3
        (held,) = provided.document["held"]
        assert (held["kind"], held["records"] > 0) == ("task", True)
        assert "MOCO refuses to create the task 'ActiveCollab'" in held["message"]
    assert world.run("provision", "--dry-run").document["held"] == [held]
    assert world.run("inbox", "retry", "--all").code == 0
    assert world.run("provision").code == 0
    assert world.run("sync").counts == {"read": 36, "created": 36}


def test_people_are_created_only_when_asked_for_deactivated_and_without_a_mail(world: World) -> None:
    gone = next(each for each in world.moco.state.users.values() if each.email == "foo.bar@kunde.example")
    del world.moco.state.users[gone.id]
    mapped(world, *ALL, "user;1;create")
    waiting = world.run("provision")
    assert "foo.bar@kunde.example" not in {each.email for each in world.moco.state.users.values()}
    assert waiting.code == 0
    world.moco.fault(LoseAnswer(), method="POST", path="/users")
    provided = world.run("provision", "--people")
    assert provided.document["counts"]["people"] == {"created": 1, "adopted": 0, "refused": 0}
    (made,) = (each for each in world.moco.state.users.values() if each.email == "foo.bar@kunde.example")
    assert (made.firstname, made.lastname, made.active) == ("Foo", "Bar", False)
    assert world.moco.welcome_mails == []
    world.configure(policy__inactive_people="reactivate")
    assert world.run("sync").counts == {"read": 36, "created": 36}
    assert not world.moco.state.users[made.id].active


def test_rates_that_nobody_set_are_warned_of(world: World) -> None:
    rows = ("project;2;create;task", "project;3;create;user", "project;4;create")
    mapped(world, *CUSTOMERS, *rows, columns="billing_variant")
    warnings = world.run("provision", "--dry-run").document["warnings"]
    assert [(each.partition(";")[0], each.rpartition(": ")[2]) for each in warnings] == [
        ("billed by the rates of tasks", "Relaunch"),
        ("billed by the rates of people", "Website & Shop"),
    ]


def test_what_is_archived_in_activecollab_is_archived_once_all_of_it_arrived_and_was_verified(world: World) -> None:
    world.configure(provision__archive_after=True, provision__contracts_after="deactivate")
    by_hand = world.user_id(4)
    mapped(world, *ALL)
    assert world.run("sync").code == 0
    relaunch, shop = (
        next(each for each in world.moco.state.projects.values() if each.name == name)
        for name in ("Relaunch", "Website & Shop")
    )
    world.moco.add_contract(relaunch, world.moco.state.users[by_hand])
    world.projects = (replace(NEW[0], archived=True), replace(NEW[1], archived=True), NEW[2])
    late = next(each for each in world.records.values() if each.project == 3)
    world.change(late.id, person=99)
    assert world.run("sync").code == 3
    assert world.run("verify").code == 3
    world.forget_requests()
    synced = world.run("sync")
    assert synced.document["archived"] == [relaunch.id]
    state = world.moco.state
    assert (state.projects[relaunch.id].active, state.projects[shop.id].active) == (False, True)
    of_relaunch = state.contracts_of(relaunch.id)
    active = {each.user_id: each.active for each in of_relaunch if each.user_id != relaunch.leader_id}
    assert active.pop(by_hand)
    assert active
    assert not any(active.values())
    world.forget_requests()
    assert world.run("sync").document["archived"] == []
    assert world.writes() == []
