"""MOCO's OpenAPI document as a judge between client and server: what is sent and what is answered must fit it."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

Schema = dict[str, Any]

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path of the document, `("put", "/projects/{id}")`."""

    method: str
    path: str


class Document:
    """The part of an OpenAPI 3.0 document that says what may be sent and what is answered."""

    def __init__(self, parsed: Any) -> None:
        self._paths: dict[str, Any] = parsed["paths"]
        # Words before numbers: `/projects/assigned` is no project.
        patterns = sorted(self._paths, key=lambda path: (path.count("{"), path))
        self._patterns = [(re.compile(re.sub(r"\{[a-z_]+\}", "[0-9]+", path)), path) for path in patterns]

    @property
    def operations(self) -> set[Operation]:
        """Everything that the document describes."""
        return {Operation(method, path) for path, methods in self._paths.items() for method in methods}

    def operation(self, method: str, path: str) -> Operation:
        """The operation of a request; `path` is below `/api/v1`. Raises KeyError for what is not described."""
        for pattern, described in self._patterns:
            if pattern.fullmatch(path) and method.lower() in self._paths[described]:
                return Operation(method.lower(), described)
        raise KeyError(f"{method} {path} is not described")

    def query_names(self, operation: Operation) -> set[str]:
        """The names that a query may have."""
        parameters = self._paths[operation.path][operation.method].get("parameters", [])
        return {each["name"] for each in parameters if each["in"] == "query"}

    def body(self, operation: Operation) -> Schema:
        """What a request sends."""
        content: Schema = self._paths[operation.path][operation.method]["requestBody"]["content"]
        found: Schema = content["application/json"]["schema"]
        return found

    def body_names(self, operation: Operation) -> set[str]:
        """The fields that a request may send."""
        return set(self.body(operation)["properties"])

    def answer_names(self, operation: Operation) -> set[str]:
        """The fields of the object that is answered."""
        answer = self._paths[operation.path][operation.method]["responses"]["200"]
        return set(answer["content"]["application/json"]["schema"]["properties"])

    def request_faults(self, operation: Operation, query: str, body: bytes) -> list[str]:
        """What of a request does not fit."""
        described = self._paths[operation.path][operation.method]
        declared = {each["name"]: each["schema"] for each in described.get("parameters", []) if each["in"] == "query"}
        faults: list[str] = []
        for name, text in parse_qsl(query, keep_blank_values=True):
            known = declared.get(name.partition("[")[0])
            if known is None:
                faults.append(f"the query has no {name}")
            elif "[" not in name and not _fits_query(known, text):
                faults.append(f"{name}={text} is no {known['type']}")
        content = described.get("requestBody", {}).get("content", {})
        if not content:
            return [*faults, *(["it has no body"] if body else [])]
        schema = content["application/json"]["schema"]
        sent = json.loads(body)
        return [*faults, *_unknown_names(schema, sent), *_faults(operation, "request", schema, sent)]

    def answer_faults(self, operation: Operation, status: int, body: bytes) -> list[str]:
        """What of a successful answer does not fit; every error shape is allowed, since recordings contradict it."""
        if status >= 400:
            return []
        responses = self._paths[operation.path][operation.method]["responses"]
        # Recorded until 2022 of what is removed (204 or 200), until 2021 of a touch; the document shows the object.
        if not body and (operation.method == "delete" or operation.path == "/users/presences/touch"):
            return []
        if str(status) not in responses:
            return [f"it is never answered with {status}"]
        content = responses[str(status)].get("content", {})
        if not content:
            return []
        return _faults(operation, str(status), content["application/json"]["schema"], json.loads(body))


class JudgingAdapter(BaseAdapter):
    """An adapter that lets every request and answer be judged, and remembers what was asked."""

    def __init__(self, inside: BaseAdapter, document: Document) -> None:
        super().__init__()
        self._inside = inside
        self._document = document
        self.exercised: set[Operation] = set()

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:  # Any: requests' own arguments
        """Send it, and raise AssertionError for what does not fit the document."""
        parts = urlsplit(request.url or "")
        method, path = str(request.method), str(parts.path).removeprefix(ROOT)
        operation = self._document.operation(method, path)
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        faults = self._document.request_faults(operation, str(parts.query), body)
        assert faults == [], f"{method} {path}?{parts.query} does not fit: {faults}"
        answer = self._inside.send(request, *args, **kwargs)
        content = answer.raw.read()
        faults = self._document.answer_faults(operation, answer.status_code, content)
        assert faults == [], f"the answer to {method} {path} does not fit: {faults}"
        answer.raw = _Again(content)
        self.exercised.add(operation)
        return answer

    def close(self) -> None:
        """Close the adapter inside."""
        self._inside.close()


class _Again:
    """The body of an answer that was read already, for whoever reads it next."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, amount: int | None = None, **_: object) -> bytes:
        """The next bytes."""
        size = len(self._content) if amount is None else amount
        piece, self._content = self._content[:size], self._content[size:]
        return piece

    def close(self) -> None:
        """Nothing is open."""

    def release_conn(self) -> None:
        """No connection is held."""


def _fits_query(schema: Schema, text: str) -> bool:
    match schema["type"], schema.get("format"):
        case "integer", _:
            return re.fullmatch(r"[0-9]+", text) is not None
        case "boolean", _:
            return text in {"true", "false"}
        case "string", "date":
            return date.fromisoformat(text).isoformat() == text
        case "string", "date-time":
            return datetime.fromisoformat(text).tzinfo is not None and text.endswith("Z")
        case _:
            return text in schema.get("enum", [text])


def _unknown_names(schema: Schema, sent: Any) -> list[str]:
    """Fields that are not described: MOCO would ignore them in silence."""
    if not isinstance(sent, dict):
        return []
    faults: list[str] = []
    for name, value in sent.items():
        inner = schema.get("properties", {}).get(name)
        if inner is None:
            faults.append(f"the body has no {name}")
        elif inner["type"] == "array" and isinstance(value, list):
            faults += [fault for each in value for fault in _unknown_names(inner["items"], each)]
    return faults


_VALIDATORS: dict[tuple[Operation, str], Draft202012Validator] = {}


def _faults(operation: Operation, what: str, schema: Schema, found: object) -> list[str]:
    checker = _VALIDATORS.get((operation, what))
    if checker is None:
        nullable = what == "request"
        checker = Draft202012Validator(_plain(schema, nullable), format_checker=_formats())
        _VALIDATORS[operation, what] = checker
    return [f"{list(error.absolute_path)}: {error.message}" for error in checker.iter_errors(found)]


@functools.cache
def _formats() -> FormatChecker:
    return FormatChecker()


def _plain(schema: Any, nullable: bool) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema.

    `oneOf` becomes `anyOf`: the document offers a short and a long customer, and a short one is both. A field of a
    request may always be null (`nullable`): the document does not say how else something is emptied.
    """
    if isinstance(schema, list):
        return [_plain(one, nullable) for one in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {
        "anyOf" if name == "oneOf" else name: (
            {field: _plain(inner, nullable) for field, inner in value.items()}
            if name == "properties"
            else _plain(value, nullable)
        )
        for name, value in schema.items()
        if name not in ("nullable", "example")
    }
    if not (schema.get("nullable") or (nullable and "type" in schema)):
        return rest
    return {"anyOf": [{"type": "null"}, rest]}
