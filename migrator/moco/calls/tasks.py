"""Tasks of a project ("Leistungen"): what its hours are booked on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import changed_since, check_text, written
from migrator.moco.json_values import JsonObject
from migrator.moco.outcomes import WriteKind


@dataclass(frozen=True, slots=True)
class RevenueCategory:
    """What a task's revenue is booked as; `assignment_kind` is only_tasks, only_expenses or tasks_and_expenses."""

    id: MocoId
    name: str
    revenue_account: int | None
    cost_category: str
    assignment_kind: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task; `budget` in the project's currency, `hourly_rate` in the same per hour, 0 where it was never set.

    `project_id` is the one it was asked for with: MOCO's object does not name it. Tasks nested in a project have no
    moments and no revenue category.
    """

    id: MocoId
    project_id: MocoId
    name: str
    description: str
    billable: bool
    active: bool
    budget: Decimal | None
    hourly_rate: Decimal | None
    revenue_category: RevenueCategory | None
    created_at: datetime | None
    updated_at: datetime | None


class TaskFields(TypedDict, total=False):
    """What can be written beside the name; `index` is the place in the project's list, from 0.

    A rate counts only where the project's `billing_variant` is `task`.
    """

    description: str | None
    billable: bool
    active: bool
    budget: Decimal | None
    hourly_rate: Decimal | None
    index: int


class TaskChanges(TaskFields, total=False):
    """What an update can change."""

    name: str


def read_task(value: object, project_id: int, endpoint: str = "a write") -> Task:
    """A task of `project_id`; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    category = row.maybe_inner("revenue_category")
    return Task(
        id=row.id(),
        project_id=MocoId(project_id),
        name=row.text("name"),
        description=row.text("description"),
        billable=row.flag("billable", when_missing=True),
        active=row.flag("active", when_missing=True),
        budget=row.maybe_amount("budget"),
        hourly_rate=row.maybe_amount("hourly_rate"),
        revenue_category=None if category is None else _read_category(category),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def _read_category(row: JsonObject) -> RevenueCategory:
    return RevenueCategory(
        id=row.id(),
        name=row.text("name"),
        revenue_account=row.maybe_count("revenue_account"),
        cost_category=row.text("cost_category"),
        assignment_kind=row.text("assignment_kind"),
    )


def listed(project_id: int, *, updated_after: datetime | None = None) -> ListCall[Task]:
    """`GET /projects/{id}/tasks`: all of them, the inactive too; needs the right to projects."""
    path = f"/projects/{project_id:d}/tasks"
    return ListCall(
        path,
        lambda value: read_task(value, project_id, f"GET {path}"),
        query_of({"updated_after": updated_after}),
        lambda row: changed_since(row.updated_at, updated_after),
    )


def get(project_id: int, task_id: int) -> Call[Task]:
    """`GET /projects/{id}/tasks/{id}`."""
    return _one("GET", f"/projects/{project_id:d}/tasks/{task_id:d}", project_id)


def create(project_id: int, *, name: str, **fields: Unpack[TaskFields]) -> Call[Task]:
    """`POST /projects/{id}/tasks`: billable and active unless said otherwise."""
    check_text("name", name)
    new: TaskChanges = {"name": name, **fields}
    return _one("POST", f"/projects/{project_id:d}/tasks", project_id, _body(new))


def update(project_id: int, task_id: int, **fields: Unpack[TaskChanges]) -> Call[Task]:
    """`PUT /projects/{id}/tasks/{id}`: what is given is changed, the rest stays."""
    return _one("PUT", f"/projects/{project_id:d}/tasks/{task_id:d}", project_id, _body(fields))


def delete(project_id: int, task_id: int) -> Call[None]:
    """`DELETE /projects/{id}/tasks/{id}`: refused once hours were booked on it."""
    return Call("DELETE", f"/projects/{project_id:d}/tasks/{task_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def destroy_all(project_id: int) -> Call[None]:
    """`DELETE /projects/{id}/tasks/destroy_all`: all of a project's tasks but those with hours, which stay."""
    return Call("DELETE", f"/projects/{project_id:d}/tasks/destroy_all", lambda _: None, kind=WriteKind.REMOVAL)


def _body(fields: TaskChanges) -> dict[str, object]:
    return written("a task", TaskChanges.__annotations__, fields)


def _one(method: str, path: str, project_id: int, body: dict[str, object] | None = None) -> Call[Task]:
    return Call(method, path, lambda value: read_task(value, project_id, f"{method} {path}"), body=body)
