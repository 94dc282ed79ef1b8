"""Contracts: who is assigned to a project and may book on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import Named, changed_since, named, written
from migrator.moco.json_values import JsonObject
from migrator.moco.outcomes import WriteKind


@dataclass(frozen=True, slots=True)
class Contract:
    """A person's assignment; `budget` in the project's currency, `hourly_rate` in the same per hour.

    `project_id` is the one it was asked for with; `project` None where a server does not show it. Contracts nested in a
    project have no moments.
    """

    id: MocoId
    project_id: MocoId
    user_id: MocoId
    firstname: str
    lastname: str
    billable: bool
    active: bool
    budget: Decimal | None
    hourly_rate: Decimal | None
    project: Named | None
    created_at: datetime | None
    updated_at: datetime | None


class ContractFields(TypedDict, total=False):
    """What can be written beside the person; a rate counts only where the project's `billing_variant` is `user`."""

    billable: bool
    active: bool
    budget: Decimal | None
    hourly_rate: Decimal | None


def read_contract(value: object, project_id: int, endpoint: str = "a write") -> Contract:
    """An assignment to `project_id`; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Contract(
        id=row.id(),
        project_id=MocoId(project_id),
        user_id=row.id("user_id"),
        firstname=row.text("firstname"),
        lastname=row.text("lastname"),
        billable=row.flag("billable", when_missing=True),
        active=row.flag("active", when_missing=True),
        budget=row.maybe_amount("budget"),
        hourly_rate=row.maybe_amount("hourly_rate"),
        project=named(row.maybe_inner("project")),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def listed(project_id: int, *, updated_after: datetime | None = None) -> ListCall[Contract]:
    """`GET /projects/{id}/contracts`: those of active people only, says MOCO."""
    path = f"/projects/{project_id:d}/contracts"
    return ListCall(
        path,
        lambda value: read_contract(value, project_id, f"GET {path}"),
        query_of({"updated_after": updated_after}),
        lambda row: changed_since(row.updated_at, updated_after),
    )


def get(project_id: int, contract_id: int) -> Call[Contract]:
    """`GET /projects/{id}/contracts/{id}`."""
    return _one("GET", f"/projects/{project_id:d}/contracts/{contract_id:d}", project_id)


def create(project_id: int, *, user_id: int, **fields: Unpack[ContractFields]) -> Call[Contract]:
    """`POST /projects/{id}/contracts`: assign a person; billable, active and without a rate unless said otherwise."""
    body = {"user_id": int(user_id), **_body(fields)}
    return _one("POST", f"/projects/{project_id:d}/contracts", project_id, body)


def update(project_id: int, contract_id: int, **fields: Unpack[ContractFields]) -> Call[Contract]:
    """`PUT /projects/{id}/contracts/{id}`: what is given is changed; the person cannot be."""
    return _one("PUT", f"/projects/{project_id:d}/contracts/{contract_id:d}", project_id, _body(fields))


def delete(project_id: int, contract_id: int) -> Call[None]:
    """`DELETE /projects/{id}/contracts/{id}`: refused once the person booked hours."""
    return Call("DELETE", f"/projects/{project_id:d}/contracts/{contract_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def _body(fields: ContractFields) -> dict[str, object]:
    return written("a contract", ContractFields.__annotations__, fields)


def _one(method: str, path: str, project_id: int, body: dict[str, object] | None = None) -> Call[Contract]:
    return Call(method, path, lambda value: read_contract(value, project_id, f"{method} {path}"), body=body)
