"""Presences: from when to when a person worked on a day, whatever on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypedDict, Unpack

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import Person, among, changed_since, id_of, person, same, within, written
from migrator.moco.errors import RefusedLocally
from migrator.moco.json_values import JsonObject
from migrator.moco.outcomes import WriteKind

_PATH = "/users/presences"
_RENAMED = {"day": "date", "start": "from", "end": "to"}


@dataclass(frozen=True, slots=True)
class Presence:
    """One presence: whole minutes of the account's own clock, without a zone; `end` None while it is open.

    `start` is None only where MOCO has null. `is_home_office` is None on servers until 2021; moments are UTC.
    """

    id: MocoId
    day: date
    start: time | None
    end: time | None
    is_home_office: bool | None
    user: Person | None
    created_at: datetime | None
    updated_at: datetime | None


class PresenceFields(TypedDict, total=False):
    """What can be written beside day and start; `is_home_office` is applied by MOCO to the whole day."""

    end: time | None
    is_home_office: bool


class PresenceChanges(PresenceFields, total=False):
    """What an update can change."""

    day: date
    start: time


def read_presence(value: object, endpoint: str = "a write") -> Presence:
    """A presence; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Presence(
        id=row.id(),
        day=row.day("date"),
        start=row.maybe_clock("from"),
        end=row.maybe_clock("to"),
        is_home_office=row.maybe_flag("is_home_office"),
        user=person(row.maybe_inner("user")),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def read_touched(value: object, endpoint: str = f"POST {_PATH}/touch") -> Presence | None:
    """What a touch answers: nothing until 2021, and perhaps nothing for a presence that it discarded."""
    return None if value is None or value == {} else read_presence(value, endpoint)


def listed(
    *,
    day_from: date | None = None,
    day_to: date | None = None,
    user_id: int | None = None,
    is_home_office: bool | None = None,
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
) -> ListCall[Presence]:
    """`GET /users/presences`: those that fit every filter; days are inclusive and come together or not at all.

    Without `user_id` it depends on the key's rights whose presences are shown.
    """
    if (day_from is None) != (day_to is None):
        raise RefusedLocally("MOCO takes the first and the last day of presences only together", "day_from", "day_to")
    query = query_of(
        {
            "from": day_from,
            "to": day_to,
            "user_id": user_id,
            "is_home_office": is_home_office,
            "ids": ids,
            "updated_after": updated_after,
        }
    )

    def keeps(row: Presence) -> bool:
        return (
            within(row.day, day_from, day_to)
            and (row.user is None or same(id_of(row.user), user_id))
            and (row.is_home_office is None or same(row.is_home_office, is_home_office))
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        )

    return ListCall(_PATH, lambda value: read_presence(value, f"GET {_PATH}"), query, keeps)


def get(presence_id: int) -> Call[Presence]:
    """`GET /users/presences/{id}`."""
    return _one("GET", f"{_PATH}/{presence_id:d}")


def create(*, day: date, start: time, **fields: Unpack[PresenceFields]) -> Call[Presence]:
    """`POST /users/presences`: a presence of the person the request acts as; without `end` it is open.

    One that overlaps another is refused, and so is a second open one.
    """
    new: PresenceChanges = {"day": day, "start": start, **fields}
    return _one("POST", _PATH, _body(new))


def touch(*, is_home_office: bool | None = None, override: bool | None = None) -> Call[Presence | None]:
    """`POST /users/presences/touch`: opens a presence now, or closes the open one; 423 says: not in this minute.

    Answers None where MOCO shows nothing. What `override` does is described in two ways; do not rely on it.
    """
    query = query_of({"is_home_office": is_home_office, "override": override})
    return Call("POST", f"{_PATH}/touch", read_touched, params=query, kind=WriteKind.MAYBE_SILENT)


def update(presence_id: int, **fields: Unpack[PresenceChanges]) -> Call[Presence]:
    """`PUT /users/presences/{id}`: what is given is changed, the rest stays."""
    return _one("PUT", f"{_PATH}/{presence_id:d}", _body(fields))


def delete(presence_id: int) -> Call[None]:
    """`DELETE /users/presences/{id}`."""
    return Call("DELETE", f"{_PATH}/{presence_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def _body(fields: PresenceChanges) -> dict[str, object]:
    start, end = fields.get("start"), fields.get("end")
    if start is not None and end is not None and end < start:
        raise RefusedLocally(f"a presence from {start:%H:%M} to {end:%H:%M} ends before it begins", "end")
    return written("a presence", PresenceChanges.__annotations__, fields, _RENAMED)


def _one(method: str, path: str, body: dict[str, object] | None = None) -> Call[Presence]:
    return Call(method, path, lambda value: read_presence(value, f"{method} {path}"), body=body)
