"""Project groups, which can only be read; a project is put into one by `projects.assign_group`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import (
    CustomProperties,
    CustomValue,
    Named,
    Person,
    among,
    changed_since,
    custom_filter,
    custom_properties_of,
    has_properties,
    id_of,
    named,
    person,
    same,
)
from migrator.moco.json_values import JsonObject


@dataclass(frozen=True, slots=True)
class GroupProject:
    """A project as its group shows it; `budget` in the project's currency."""

    id: MocoId
    identifier: str
    name: str
    active: bool | None
    budget: Decimal | None


@dataclass(frozen=True, slots=True)
class ProjectGroup:
    """A group and its projects; `budget` in `currency`, `user` is the person in charge, moments are UTC."""

    id: MocoId
    name: str
    user: Person | None
    company: Named | None
    budget: Decimal | None
    currency: str
    info: str
    custom_properties: CustomProperties
    customer_report_url: str
    projects: tuple[GroupProject, ...]
    created_at: datetime | None
    updated_at: datetime | None


def read_group(value: object, endpoint: str) -> ProjectGroup:
    """A project group; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return ProjectGroup(
        id=row.id(),
        name=row.text("name"),
        user=person(row.maybe_inner("user")),
        company=named(row.maybe_inner("company")),
        budget=row.maybe_amount("budget"),
        currency=row.text("currency"),
        info=row.text("info"),
        custom_properties=custom_properties_of(row),
        customer_report_url=row.text("customer_report_url"),
        projects=tuple(_read_project(each) for each in row.objects("projects")),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def _read_project(row: JsonObject) -> GroupProject:
    return GroupProject(
        row.id(), row.text("identifier"), row.text("name"), row.maybe_flag("active"), row.maybe_amount("budget")
    )


def listed(
    *,
    user_id: int | None = None,
    company_id: int | None = None,
    custom_properties: Mapping[str, CustomValue] | None = None,
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
) -> ListCall[ProjectGroup]:
    """`GET /projects/groups`: those that fit every filter."""
    properties = custom_properties or {}
    query = query_of({"user_id": user_id, "company_id": company_id, "ids": ids, "updated_after": updated_after})

    def keeps(row: ProjectGroup) -> bool:
        return (
            same(id_of(row.user), user_id)
            and same(id_of(row.company), company_id)
            and has_properties(row.custom_properties, properties)
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        )

    return ListCall(
        "/projects/groups",
        lambda value: read_group(value, "GET /projects/groups"),
        {**query, **custom_filter(properties)},
        keeps,
    )


def get(group_id: int) -> Call[ProjectGroup]:
    """`GET /projects/groups/{id}`."""
    path = f"/projects/groups/{group_id:d}"
    return Call("GET", path, lambda value: read_group(value, f"GET {path}"))
