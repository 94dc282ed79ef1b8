"""What MOCO publishes of its API: schemas of requests and answers by method and path, and example values for them.

The whole OpenAPI document is used when the environment variable MOCO_OPENAPI names a copy (as JSON); otherwise the
part below, which says the same of the objects that matter most.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Schema = dict[str, Any]
Call = tuple[str, str]
_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_UNANSWERED = {(method, "/account/task_templates/{id}") for method in ("put", "patch", "delete")} | {
    ("post", "/account/task_templates")
}
"""What nothing of ours calls and the sandbox does not have."""


@dataclass(frozen=True, slots=True)
class Described:
    """One call: what it takes and answers; None where nothing is described."""

    status: int
    taken: Schema | None
    answered: Schema | None


def described() -> dict[Call, Described]:
    """Every call of the document, or of the part below."""
    named = os.environ.get("MOCO_OPENAPI")
    if not named:
        return BUILT_IN
    found: dict[Call, Described] = {}
    for path, methods in json.loads(Path(named).read_text())["paths"].items():
        for method in methods.keys() & _METHODS:
            if (method, path) not in _UNANSWERED:
                found[method, path] = _read(methods[method])
    return found


def faults(schema: Schema, found: object) -> list[str]:
    """How `found` differs from `schema`."""
    checker = Draft202012Validator(_plain(schema), format_checker=FormatChecker())
    return [f"{list(error.absolute_path)}: {error.message}" for error in checker.iter_errors(found)]


def example(schema: Schema, values: Mapping[str, object], name: str = "") -> object:
    """A value that fits `schema`: that of its name, or the simplest of its type."""
    if name in values:
        return values[name]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    if kind == "object":
        properties = schema.get("properties", {})
        return {each: example(properties[each], values, each) for each in properties}
    if kind == "array":
        return [example(schema["items"], values)]
    text = "2024-01-31" if schema.get("format") == "date" else "x"
    return {"integer": 1, "number": 1.0, "boolean": True, "string": text}[kind]


def _read(operation: Mapping[str, Any]) -> Described:
    status = next(code for code in sorted(operation["responses"]) if code.startswith("2"))
    content = operation["responses"][status].get("content", {})
    taken = operation.get("requestBody", {}).get("content", {})
    return Described(int(status), taken.get(_JSON, {}).get("schema"), content.get(_JSON, {}).get("schema"))


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
ACTIVITY_SENT = _object(
    date=DAY, project_id=INTEGER, task_id=INTEGER, seconds=INTEGER, description=TEXT, tag=TEXT, remote_id=TEXT
)
PRESENCE = _object(date=DAY, to=TEXT_OR_NULL, is_home_office=BOOLEAN, created_at=MOMENT, updated_at=MOMENT)
PRESENCE["properties"]["from"] = TEXT
PRESENCE_SENT = _object(date=DAY, to=TEXT, is_home_office=BOOLEAN)
PRESENCE_SENT["properties"]["from"] = TEXT
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
BUILT_IN: dict[Call, Described] = {
    ("get", "/session"): Described(200, None, SESSION),
    ("get", "/activities"): Described(200, None, ACTIVITIES),
    ("post", "/activities"): Described(200, ACTIVITY_SENT, ACTIVITY),
    ("get", "/activities/{id}"): Described(200, None, ACTIVITY),
    ("put", "/activities/{id}"): Described(200, ACTIVITY_SENT, ACTIVITY),
    ("post", "/users/presences"): Described(200, PRESENCE_SENT, PRESENCE),
    ("patch", "/users/presences/{id}"): Described(200, PRESENCE_SENT, PRESENCE),
    ("get", "/account/web_hooks"): Described(200, None, {"type": "array", "items": WEB_HOOK}),
    ("put", "/account/web_hooks/{id}/disable"): Described(200, None, WEB_HOOK),
    ("put", "/account/web_hooks/{id}/enable"): Described(200, None, WEB_HOOK),
    ("delete", "/projects/{project_id}/tasks/destroy_all"): Described(204, None, None),
}
