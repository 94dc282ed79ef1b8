"""Units: the teams that people belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import (
    CustomProperties,
    CustomValue,
    among,
    changed_since,
    custom_filter,
    custom_properties_of,
    has_properties,
)
from migrator.moco.json_values import JsonObject


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a unit shows it."""

    id: MocoId
    firstname: str
    lastname: str
    email: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and its people; a person is moved by `unit_id` of the person. Moments are UTC."""

    id: MocoId
    name: str
    users: tuple[Member, ...]
    custom_properties: CustomProperties
    created_at: datetime | None
    updated_at: datetime | None


def read_unit(value: object, endpoint: str) -> Unit:
    """A unit; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Unit(
        id=row.id(),
        name=row.text("name"),
        users=tuple(
            Member(each.id(), each.text("firstname"), each.text("lastname"), each.text("email"))
            for each in row.objects("users")
        ),
        custom_properties=custom_properties_of(row),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def listed(
    *,
    custom_properties: Mapping[str, CustomValue] | None = None,
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
) -> ListCall[Unit]:
    """`GET /units`: those that fit every filter."""
    properties = custom_properties or {}
    return ListCall(
        "/units",
        lambda value: read_unit(value, "GET /units"),
        {**query_of({"ids": ids, "updated_after": updated_after}), **custom_filter(properties)},
        lambda row: (
            has_properties(row.custom_properties, properties)
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        ),
    )


def get(unit_id: int) -> Call[Unit]:
    """`GET /units/{id}`."""
    path = f"/units/{unit_id:d}"
    return Call("GET", path, lambda value: read_unit(value, f"GET {path}"))
