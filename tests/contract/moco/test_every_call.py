"""Every call of MOCO's pages is made once: request and answer fit MOCO's document, and nothing of it is left out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from types import ModuleType
from typing import Any

import pytest

from migrator.moco import MocoClient
from migrator.moco.call import Call, ListCall
from migrator.moco.calls import (
    activities,
    companies,
    contracts,
    presences,
    project_groups,
    projects,
    session,
    tasks,
    units,
    users,
    web_hooks,
)
from migrator.sandbox.moco import MocoSandbox
from tests.contract.moco.world import World
from tests.support.openapi import Document, Operation

AnyCall = Call[Any] | ListCall[Any]

MODULES: tuple[ModuleType, ...] = (
    activities,
    companies,
    contracts,
    presences,
    project_groups,
    projects,
    session,
    tasks,
    units,
    users,
    web_hooks,
)


def _contract(w: World) -> int:
    return next(iter(w.moco.contracts.list(w.project.id))).id


def _group(w: World) -> int:
    assert w.sandbox is not None
    return w.sandbox.add_project_group(w.sandbox.state.companies[w.company.id], "Gruppe").id


def _colleague(w: World) -> int:
    return next(person.id for person in w.moco.users.list() if person.id != w.me)


def _today(w: World) -> int:
    return w.new_activity(day=date.today(), seconds=60).id  # noqa: DTZ011 - the account's own day, near enough


def _presence(w: World) -> int:
    return w.new_presence(day=w.another_day(), start=time(8), end=time(9)).id


def _running(w: World) -> int:
    return w.moco.activities.start_timer(_today(w)).id


CALLS: dict[str, Callable[[World], AnyCall]] = {
    "session.get": lambda w: session.get(),
    "session.profile": lambda w: session.profile(),
    "activities.listed": lambda w: activities.listed(day_from=w.day, day_to=w.day, user_id=w.me),
    "activities.get": lambda w: activities.get(w.new_activity().id),
    "activities.create": lambda w: activities.create(
        day=w.day, project_id=w.project.id, task_id=w.task.id, seconds=3600, description="Entwurf"
    ),
    "activities.bulk": lambda w: activities.bulk(
        [{"day": w.day, "project_id": w.project.id, "task_id": w.task.id, "seconds": each} for each in (600, 1200)]
    ),
    "activities.update": lambda w: activities.update(w.new_activity().id, description="Reinzeichnung"),
    "activities.billable_seconds": lambda w: activities.billable_seconds(w.new_activity().id, 1800),
    "activities.start_timer": lambda w: activities.start_timer(_today(w)),
    "activities.stop_timer": lambda w: activities.stop_timer(_running(w)),
    "activities.delete": lambda w: activities.delete(w.new_activity().id),
    "activities.disregard": lambda w: activities.disregard(
        [w.new_activity().id], company_id=w.company.id, reason="schon berechnet"
    ),
    "projects.listed": lambda w: projects.listed(company_ids=(w.company.id,)),
    "projects.assigned": lambda w: projects.assigned(active=True),
    "projects.get": lambda w: projects.get(w.project.id, include_company=True),
    "projects.create": lambda w: projects.create(
        name=f"{w.prefix} Neu", currency="EUR", company_id=w.company.id, leader_id=w.me
    ),
    "projects.update": lambda w: projects.update(w.project.id, info="Notiz"),
    "projects.delete": lambda w: projects.delete(w.new_project().id),
    "projects.archive": lambda w: projects.archive(w.project.id),
    "projects.unarchive": lambda w: projects.unarchive(w.moco.projects.archive(w.project.id).id),
    "projects.report": lambda w: projects.report(w.project.id),
    "projects.share": lambda w: projects.share(w.project.id),
    "projects.disable_share": lambda w: projects.disable_share(w.moco.projects.share(w.project.id).id),
    "projects.assign_group": lambda w: projects.assign_group(w.project.id, _group(w)),
    "projects.unassign_group": lambda w: projects.unassign_group(w.project.id),
    "project_groups.listed": lambda w: project_groups.listed(company_id=w.company.id),
    "project_groups.get": lambda w: project_groups.get(_group(w)),
    "tasks.listed": lambda w: tasks.listed(w.project.id),
    "tasks.get": lambda w: tasks.get(w.project.id, w.task.id),
    "tasks.create": lambda w: tasks.create(w.project.id, name="Gestaltung"),
    "tasks.update": lambda w: tasks.update(w.project.id, w.task.id, active=False),
    "tasks.delete": lambda w: tasks.delete(w.project.id, w.task.id),
    "tasks.destroy_all": lambda w: tasks.destroy_all(w.project.id),
    "contracts.listed": lambda w: contracts.listed(w.project.id),
    "contracts.get": lambda w: contracts.get(w.project.id, _contract(w)),
    "contracts.create": lambda w: contracts.create(w.project.id, user_id=_colleague(w)),
    "contracts.update": lambda w: contracts.update(w.project.id, _contract(w), billable=False),
    "contracts.delete": lambda w: contracts.delete(w.project.id, _contract(w)),
    "companies.listed": lambda w: companies.listed(type="customer", term=w.company.name),
    "companies.get": lambda w: companies.get(w.company.id),
    "companies.create": lambda w: companies.create(name=f"{w.prefix} Neu", type="organization"),
    "companies.update": lambda w: companies.update(w.company.id, info="Notiz"),
    "companies.delete": lambda w: companies.delete(w.new_company().id),
    "companies.archive": lambda w: companies.archive(w.company.id),
    "companies.unarchive": lambda w: companies.unarchive(w.moco.companies.archive(w.company.id).id),
    "users.listed": lambda w: users.listed(include_archived=True),
    "users.get": lambda w: users.get(w.me),
    "users.create": lambda w: users.create(
        firstname="Neue", lastname="Person", email="neu@example.com", unit_id=next(iter(w.moco.units.list())).id
    ),
    "users.update": lambda w: users.update(_colleague(w), info="Notiz"),
    "units.listed": lambda w: units.listed(),
    "units.get": lambda w: units.get(next(iter(w.moco.units.list())).id),
    "presences.listed": lambda w: presences.listed(day_from=w.day, day_to=w.day, user_id=w.me),
    "presences.get": lambda w: presences.get(_presence(w)),
    "presences.create": lambda w: presences.create(day=w.another_day(), start=time(8), end=time(9)),
    "presences.touch": lambda w: presences.touch(),
    "presences.update": lambda w: presences.update(_presence(w), end=time(10)),
    "presences.delete": lambda w: presences.delete(_presence(w)),
    "web_hooks.listed": lambda w: web_hooks.listed(),
    "web_hooks.get": lambda w: web_hooks.get(w.new_hook().id),
    "web_hooks.create": lambda w: web_hooks.create(target="Project", event="update", hook="https://example.com/x"),
    "web_hooks.update": lambda w: web_hooks.update(w.new_hook().id, hook="https://example.com/y"),
    "web_hooks.enable": lambda w: web_hooks.enable(w.moco.web_hooks.disable(w.new_hook().id).id),
    "web_hooks.disable": lambda w: web_hooks.disable(w.new_hook().id),
    "web_hooks.delete": lambda w: web_hooks.delete(w.new_hook().id),
}

NOT_OFFERED = {
    *(Operation(method, "/account/task_templates") for method in ("get", "post")),
    *(Operation(method, "/account/task_templates/{id}") for method in ("get", "put", "patch", "delete")),
    *(Operation(method, "/units/{id}") for method in ("put", "patch", "delete")),
    Operation("post", "/units"),
    Operation("get", "/users/roles"),
    Operation("delete", "/users/{id}"),
}
"""What the document describes and the library leaves out: templates, roles, and changing the team itself."""

BY_PASSWORD = Operation("post", "/session")
"""The only request without a key: `issue_key` sends it, and `test_access.py` tests it."""


def _send(moco: MocoClient, call: AnyCall) -> Any:
    return list(moco.rows(call)) if isinstance(call, ListCall) else moco.send(call)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_answered_and_fits_the_document(sandboxed: MocoSandbox, world: World, name: str) -> None:
    call = CALLS[name](world)
    answer = _send(world.moco, call)
    assert (answer is None) is (isinstance(call, Call) and call.method == "DELETE")


UPDATES = ("activities", "projects", "tasks", "contracts", "companies", "users", "presences", "web_hooks")


@pytest.mark.parametrize("name", UPDATES)
def test_patch_means_the_same_as_put(sandboxed: MocoSandbox, world: World, name: str) -> None:
    call = CALLS[f"{name}.update"](world)
    assert isinstance(call, Call)
    by_put, by_patch = world.moco.send(call), world.moco.send(replace(call, method="PATCH"))
    moments = {"updated_at": None}
    assert replace(by_patch, **moments) == replace(by_put, **moments)


def test_nothing_of_the_resources_or_of_the_document_is_left_out(
    sandboxed: MocoSandbox, world: World, document: Document | None
) -> None:
    offered = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in MODULES
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and not name.startswith(("_", "read_"))
    }
    assert offered == {*CALLS, "session.log_in"}
    if document is None:
        return
    made = {name: make(world) for name, make in CALLS.items()}
    exercised = {
        document.operation("GET" if isinstance(call, ListCall) else call.method, call.path) for call in made.values()
    }
    exercised |= {document.operation("PATCH", made[f"{each}.update"].path) for each in UPDATES}
    assert exercised | NOT_OFFERED | {BY_PASSWORD} == document.operations
    assert not exercised & NOT_OFFERED
