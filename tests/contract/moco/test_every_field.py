"""Every field and filter of MOCO's document has a name in the library: nothing that is published cannot be said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import pytest

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
from tests.support.openapi import Document, Operation

DAY, MOMENT, IDS, TEXTS = date(2026, 5, 4), datetime(2026, 5, 4, tzinfo=UTC), (1, 2), ("a", "b")
CHANGED: dict[str, Any] = {"updated_after": MOMENT}
COMMON: dict[str, Any] = {**CHANGED, "ids": IDS}
OWN: dict[str, Any] = {"custom_properties": {"Quelle": "17"}}
PAGES = {"page", "per_page"}


def _all(fields: Any, **given: object) -> dict[str, Any]:  # Any: a TypedDict class and its values
    """Every field of a TypedDict; what is not given is null."""
    return {**dict.fromkeys(fields.__annotations__), **given}


ACTIVITY = _all(activities.NewActivity, day=DAY, project_id=1, task_id=2)
del ACTIVITY["hours"]  # never together with seconds, and deprecated
PROJECT = _all(projects.ProjectFields, custom_properties={})
COMPANY = _all(companies.CompanyFields, custom_properties={})
USER = _all(users.UserFields, custom_properties={})

LISTS: dict[str, ListCall[Any]] = {
    "/activities": activities.listed(
        day_from=DAY,
        day_to=DAY,
        user_id=1,
        project_id=1,
        task_id=1,
        company_id=1,
        deal_ids=IDS,
        billable=True,
        billed=True,
        tags=TEXTS,
        remote_ids=TEXTS,
        term="x",
        sort_by="date",
        **COMMON,
    ),
    "/projects": projects.listed(
        include_archived=True,
        include_company=True,
        leader_ids=IDS,
        company_ids=IDS,
        created_from=DAY,
        created_to=DAY,
        updated_from=DAY,
        updated_to=DAY,
        tags=TEXTS,
        identifiers=TEXTS,
        retainer=True,
        project_group_ids=IDS,
        deal_ids=IDS,
        term="x",
        sort_by="name",
        **COMMON,
        **OWN,
    ),
    "/projects/assigned": projects.assigned(active=True),
    "/projects/groups": project_groups.listed(user_id=1, company_id=1, **COMMON, **OWN),
    "/projects/{project_id}/tasks": tasks.listed(1, **CHANGED),
    "/projects/{project_id}/contracts": contracts.listed(1, **CHANGED),
    "/companies": companies.listed(
        type="customer", identifier="x", tags=TEXTS, term="x", include_archived=True, **COMMON, **OWN
    ),
    "/users": users.listed(include_archived=True, email="x", tags=TEXTS, sort_by="lastname", **COMMON, **OWN),
    "/units": units.listed(**COMMON, **OWN),
    "/users/presences": presences.listed(day_from=DAY, day_to=DAY, user_id=1, is_home_office=True, **COMMON),
    "/account/web_hooks": web_hooks.listed(**COMMON),
}

WRITES: dict[Operation, Call[Any]] = {
    Operation("post", "/activities"): activities.create(**ACTIVITY),
    Operation("put", "/activities/{id}"): activities.update(1, **ACTIVITY, stop_timer=True),
    Operation("post", "/activities/disregard"): activities.disregard(IDS, company_id=1, reason="x", project_id=1),
    Operation("patch", "/activities/{id}/billable_seconds"): activities.billable_seconds(1, 1),
    Operation("post", "/projects"): projects.create(name="x", currency="EUR", company_id=1, leader_id=1, **PROJECT),
    Operation("put", "/projects/{id}"): projects.update(1, name="x", company_id=1, leader_id=1, **PROJECT),
    Operation("put", "/projects/{id}/assign_project_group"): projects.assign_group(1, 2),
    Operation("post", "/projects/{project_id}/tasks"): tasks.create(1, name="x", **_all(tasks.TaskFields)),
    Operation("put", "/projects/{project_id}/tasks/{id}"): tasks.update(1, 2, **_all(tasks.TaskChanges)),
    Operation("post", "/projects/{project_id}/contracts"): contracts.create(
        1, user_id=1, **_all(contracts.ContractFields)
    ),
    Operation("put", "/projects/{project_id}/contracts/{id}"): contracts.update(1, 2, **_all(contracts.ContractFields)),
    Operation("post", "/companies"): companies.create(name="x", type="customer", **COMPANY),
    Operation("put", "/companies/{id}"): companies.update(1, name="x", type="customer", **COMPANY),
    Operation("post", "/users"): users.create(firstname="x", lastname="y", email="z", unit_id=1, **USER),
    Operation("post", "/users/presences"): presences.create(day=DAY, start=time(8), **_all(presences.PresenceFields)),
    Operation("put", "/users/presences/{id}"): presences.update(1, **_all(presences.PresenceChanges)),
    Operation("post", "/account/web_hooks"): web_hooks.create(
        target="Activity", event="create", hook="https://x.example"
    ),
    Operation("put", "/account/web_hooks/{id}"): web_hooks.update(1, hook="https://x.example"),
    Operation("post", "/session"): session.log_in("a@example.com", "x"),
}


class Shown(NamedTuple):
    """How an object of the document is called here: its class, and what has another name."""

    kind: type
    path: str
    renamed: dict[str, str]


SHOWN = [
    Shown(activities.Activity, "/activities/{id}", {"date": "day"}),
    Shown(projects.Project, "/projects/{id}", {"labels": "tags"}),
    Shown(project_groups.ProjectGroup, "/projects/groups/{id}", {}),
    Shown(tasks.Task, "/projects/{project_id}/tasks/{id}", {}),
    Shown(contracts.Contract, "/projects/{project_id}/contracts/{id}", {}),
    Shown(
        companies.Company,
        "/companies/{id}",
        {"labels": "tags", "english_correspondence_language": "alternative_correspondence_language"},
    ),
    Shown(users.User, "/users/{id}", {"extern": "external"}),
    Shown(units.Unit, "/units/{id}", {}),
    Shown(presences.Presence, "/users/presences/{id}", {"date": "day", "from": "start", "to": "end"}),
    Shown(web_hooks.WebHook, "/account/web_hooks/{id}", {}),
    Shown(session.Profile, "/profile", {"first_name": "firstname", "last_name": "lastname"}),
    Shown(projects.Sharing, "/projects/{id}/share", {}),
]


@pytest.mark.parametrize("path", LISTS)
def test_every_filter_of_the_document_has_an_argument(document: Document | None, path: str) -> None:
    asked = {name.partition("[")[0] for name in LISTS[path].params}
    assert document is None or asked == document.query_names(Operation("get", path)) - PAGES


@pytest.mark.parametrize("operation", WRITES)
def test_every_field_of_the_document_has_an_argument(document: Document | None, operation: Operation) -> None:
    body = WRITES[operation].body
    assert body
    if document is None:
        return
    described = document.body_names(operation)
    assert set(body) <= described
    # Aliases of what is sent by its present name; a user's name is sent as lastname, a currency never changes.
    aliases = {"customer_id", "labels", "hours", "stop_timer"}
    aliases |= {"name"} if operation.path.startswith("/users") else set()
    aliases |= {"currency"} if operation == Operation("put", "/projects/{id}") else set()
    assert described - set(body) <= aliases


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.kind.__name__)
def test_every_field_of_an_answer_can_be_read(document: Document | None, shown: Shown) -> None:
    here = set(shown.kind.__dataclass_fields__)  # type: ignore[attr-defined]  # all of them are dataclasses
    assert here
    if document is not None:
        method = "put" if shown.path.endswith("share") else "get"
        published = document.answer_names(Operation(method, shown.path))
        assert {shown.renamed.get(name, name) for name in published} <= here


def test_a_touch_takes_what_the_document_says(document: Document | None) -> None:
    asked = set(presences.touch(is_home_office=True, override=False).params)
    assert document is None or asked == document.query_names(Operation("post", "/users/presences/touch"))


def test_the_lists_of_the_document_are_the_lists_here(document: Document | None) -> None:
    if document is None:
        return
    activity, company, user = (
        document.body(Operation("post", path)) for path in ("/activities", "/companies", "/users")
    )
    hook, project = (
        document.body(Operation("post", "/account/web_hooks")),
        document.body(Operation("post", "/projects")),
    )
    assert set(activity["properties"]["remote_service"]["enum"]) == set(activities.RemoteService)
    assert set(company["properties"]["type"]["enum"]) == set(companies.CompanyType)
    assert set(company["properties"]["invoice_format"]["enum"]) == set(companies.InvoiceFormat)
    assert set(company["properties"]["default_payment_means"]["enum"]) == set(companies.PaymentMeans)
    assert set(user["properties"]["language"]["enum"]) == set(users.Language)
    assert set(hook["properties"]["target"]["enum"]) == set(web_hooks.HookTarget)
    assert set(project["properties"]["billing_variant"]["enum"]) > set(projects.BillingVariant)
