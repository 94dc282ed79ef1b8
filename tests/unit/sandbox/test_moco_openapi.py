"""Answers of the simulated MOCO against MOCO's own OpenAPI document.

The whole document is used when the environment variable MOCO_OPENAPI names a copy (as JSON); otherwise the
part below, which says the same of the objects that matter most.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from tests.unit.sandbox.account import Account

Schema = dict[str, Any]


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": "string", "nullable": True}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ACTIVITY = _object(
    id=INTEGER,
    date=DAY,
    hours=NUMBER,
    seconds=INTEGER,
    worked_seconds=INTEGER,
    description=TEXT_OR_NULL,
    billed=BOOLEAN,
    billable=BOOLEAN,
    invoice_id={"type": "integer", "nullable": True},
    tag=TEXT_OR_NULL,
    remote_service=TEXT_OR_NULL,
    remote_id=TEXT_OR_NULL,
    remote_url=TEXT_OR_NULL,
    project=_object(id=INTEGER, name=TEXT, billable=BOOLEAN),
    task=_object(id=INTEGER, name=TEXT, billable=BOOLEAN),
    customer=_object(id=INTEGER, name=TEXT),
    user=_object(id=INTEGER, firstname=TEXT, lastname=TEXT),
    hourly_rate=NUMBER,
    timer_started_at={"type": "string", "format": "date-time", "nullable": True},
    created_at=MOMENT,
    updated_at=MOMENT,
)
ACTIVITIES: Schema = {"type": "array", "items": ACTIVITY}
WEB_HOOK = _object(
    id=INTEGER,
    target=TEXT,
    event=TEXT,
    hook=TEXT,
    disabled=BOOLEAN,
    disabled_at={"type": "string", "format": "date-time", "nullable": True},
    created_at=MOMENT,
    updated_at=MOMENT,
)
SESSION = _object(id=INTEGER, uuid=TEXT) | {"required": ["id", "uuid"]}
BUILT_IN: dict[tuple[str, str], Schema] = {
    ("get", "/session"): SESSION,
    ("get", "/activities"): ACTIVITIES,
    ("post", "/activities"): ACTIVITY,
    ("get", "/activities/{id}"): ACTIVITY,
    ("put", "/activities/{id}"): ACTIVITY,
    ("post", "/activities/bulk"): ACTIVITIES,
    ("post", "/activities/disregard"): {"type": "array", "items": INTEGER},
    ("get", "/account/web_hooks"): {"type": "array", "items": WEB_HOOK},
    ("put", "/account/web_hooks/{id}/disable"): WEB_HOOK,
    ("put", "/account/web_hooks/{id}/enable"): WEB_HOOK,
}


def _hook(account: Account) -> int:
    return account.sandbox.add_web_hook("https://example.com/hook").id


CALLS: dict[tuple[str, str], Callable[[Account, int], TestResponse]] = {
    ("get", "/session"): lambda a, n: a.call("GET", "/session"),
    ("get", "/profile"): lambda a, n: a.call("GET", "/profile"),
    ("get", "/activities"): lambda a, n: a.call("GET", "/activities"),
    ("post", "/activities"): lambda a, n: a.call("POST", "/activities", a.row()),
    ("get", "/activities/{id}"): lambda a, n: a.call("GET", f"/activities/{n}"),
    ("put", "/activities/{id}"): lambda a, n: a.call("PUT", f"/activities/{n}", {"tag": "x"}),
    ("delete", "/activities/{id}"): lambda a, n: a.call("DELETE", f"/activities/{n}"),
    ("post", "/activities/bulk"): lambda a, n: a.bulk(a.row()),
    ("post", "/activities/disregard"): lambda a, n: a.call(
        "POST", "/activities/disregard", {"reason": "x", "company_id": a.company.id, "activity_ids": [n]}
    ),
    ("get", "/projects"): lambda a, n: a.call("GET", "/projects"),
    ("post", "/projects"): lambda a, n: a.call(
        "POST",
        "/projects",
        {"name": "x", "currency": "EUR", "leader_id": a.admin.id, "company_id": a.company.id},
    ),
    ("get", "/projects/{id}"): lambda a, n: a.call("GET", f"/projects/{a.project.id}"),
    ("put", "/projects/{id}/archive"): lambda a, n: a.call("PUT", f"/projects/{a.project.id}/archive"),
    ("get", "/projects/assigned"): lambda a, n: a.call("GET", "/projects/assigned"),
    ("get", "/projects/{id}/report"): lambda a, n: a.call("GET", f"/projects/{a.project.id}/report"),
    ("get", "/projects/{project_id}/tasks"): lambda a, n: a.call("GET", f"/projects/{a.project.id}/tasks"),
    ("post", "/projects/{project_id}/tasks"): lambda a, n: a.call(
        "POST", f"/projects/{a.project.id}/tasks", {"name": "x"}
    ),
    ("get", "/projects/{project_id}/contracts"): lambda a, n: a.call("GET", f"/projects/{a.project.id}/contracts"),
    ("post", "/projects/{project_id}/contracts"): lambda a, n: a.call(
        "POST",
        f"/projects/{a.project.id}/contracts",
        {"user_id": a.sandbox.add_user("Tina", "Dritte").id},
    ),
    ("get", "/companies"): lambda a, n: a.call("GET", "/companies"),
    ("post", "/companies"): lambda a, n: a.call("POST", "/companies", {"name": "x", "type": "supplier"}),
    ("get", "/companies/{id}"): lambda a, n: a.call("GET", f"/companies/{a.company.id}"),
    ("get", "/users"): lambda a, n: a.call("GET", "/users"),
    ("get", "/users/{id}"): lambda a, n: a.call("GET", f"/users/{a.plain.id}"),
    ("get", "/account/web_hooks"): lambda a, n: a.call("GET", f"/account/web_hooks?ids={_hook(a)}"),
    ("post", "/account/web_hooks"): lambda a, n: a.call(
        "POST", "/account/web_hooks", {"target": "Activity", "event": "delete", "hook": "https://example.com/x"}
    ),
    ("get", "/account/web_hooks/{id}"): lambda a, n: a.call("GET", f"/account/web_hooks/{_hook(a)}"),
    ("put", "/account/web_hooks/{id}/disable"): lambda a, n: a.call("PUT", f"/account/web_hooks/{_hook(a)}/disable"),
    ("put", "/account/web_hooks/{id}/enable"): lambda a, n: a.call("PUT", f"/account/web_hooks/{_hook(a)}/enable"),
}


def _described() -> dict[tuple[str, str], Schema]:
    """The schema of every 200 that is described, by method and path."""
    named = os.environ.get("MOCO_OPENAPI")
    if not named:
        return BUILT_IN
    paths = json.loads(Path(named).read_text())["paths"]
    return {
        (method, path): paths[path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        for method, path in CALLS
    }


def _plain(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema.

    `oneOf` becomes `anyOf`: the document offers a short and a long customer, and a short one is both.
    """
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {
        "anyOf" if name == "oneOf" else name: _plain(value)
        for name, value in schema.items()
        if name not in ("nullable", "example")
    }
    if not schema.get("nullable"):
        return rest
    return {"anyOf": [{"type": "null"}, rest]}


def _faults(schema: Schema, found: object) -> list[str]:
    checker = Draft202012Validator(_plain(schema), format_checker=FormatChecker())
    return [f"{list(error.absolute_path)}: {error.message}" for error in checker.iter_errors(found)]


DESCRIBED = _described()


@pytest.mark.parametrize("newer_fields", [True, False])
@pytest.mark.parametrize(("method", "path"), sorted(DESCRIBED))
def test_an_answer_fits_the_published_schema(account: Account, method: str, path: str, newer_fields: bool) -> None:
    account.switches.newer_fields = newer_fields
    account.switches.delete_returns_object = True
    booked = account.book()
    response = CALLS[method, path](account, booked["id"])
    assert response.status_code == 200, response.get_data(as_text=True)
    assert _faults(DESCRIBED[method, path], response.get_json()) == []


def test_the_check_finds_a_wrong_type(account: Account) -> None:
    wrong = account.book() | {"seconds": "3600", "date": "gestern", "user": None}
    assert len(_faults(BUILT_IN["post", "/activities"], wrong)) == 3
