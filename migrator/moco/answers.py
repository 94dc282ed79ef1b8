"""JSON from MOCO, turned into typed values; what cannot be understood is named by endpoint and field."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime

from migrator.core.model import (
    Booking,
    MocoId,
    TargetCompany,
    TargetContract,
    TargetEntry,
    TargetProject,
    TargetTask,
    TargetUser,
)
from migrator.moco.json_values import AnswerError, JsonObject, rows_of

BULK = "POST /activities/bulk"
DISREGARD = "POST /activities/disregard"
A_WRITE = "a write"


@dataclass(frozen=True, slots=True)
class LoginSession:
    """Who the key belongs to; `uuid` is empty and `user_id` None where MOCO leaves them out."""

    user_id: MocoId | None
    uuid: str


@dataclass(frozen=True, slots=True)
class WebHook:
    """A web hook of the account; `url` may carry a secret in its path, so it is shown to nobody."""

    id: MocoId
    target: str
    event: str
    url: str = field(repr=False)
    active: bool


@dataclass(frozen=True, slots=True)
class ProjectWithParts:
    """A project with its tasks and contracts; None where MOCO did not nest them in the project."""

    project: TargetProject
    tasks: tuple[TargetTask, ...] | None
    contracts: tuple[TargetContract, ...] | None


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether a project or person takes bookings, and when MOCO last changed it; None where it does not say."""

    active: bool
    changed_at: datetime | None


def read_activity(value: object, endpoint: str = A_WRITE) -> TargetEntry:
    """An activity; tolerates missing `hourly_rate`, `worked_seconds`, `seconds`, and unknown fields.

    Null and "" are the same in text fields (MOCO gives "" for tag, null for remote_id). Raises `AnswerError`.
    """
    row = JsonObject(value, endpoint)
    booking = Booking(
        day=row.day("date"),
        seconds=row.duration(),
        user_id=row.inner("user").id(),
        project_id=row.inner("project").id(),
        task_id=row.inner("task").id(),
        description=row.text("description"),
        billable=row.flag("billable"),
        marker=row.text("remote_id"),
        url=row.text("remote_url"),
        tag=row.text("tag"),
    )
    return TargetEntry(
        id=row.id(),
        booking=booking,
        billed=row.flag("billed"),
        created_at=row.moment("created_at"),
        updated_at=row.moment("updated_at"),
        timer_running=row.has("timer_started_at"),
    )


def read_activities(body: object) -> tuple[TargetEntry, ...]:
    """The activities in the answer to a bulk: an array, also when it is wrapped in `activities`.

    Rows that are no activities are left out: the caller matches by marker, and a record that is not echoed is
    unclear whatever the reason. Raises `AnswerError` when there is no array at all.
    """
    rows = rows_of(body.get("activities") if isinstance(body, dict) else body, BULK)
    entries: list[TargetEntry] = []
    for row in rows:
        with contextlib.suppress(AnswerError):
            entries.append(read_activity(row, BULK))
    return tuple(entries)


def read_ids(body: object) -> tuple[MocoId, ...]:
    """The ids in the answer to a disregard. Raises `AnswerError` when it is anything but an array of whole numbers."""
    rows = rows_of(body, DISREGARD)
    ids = tuple(MocoId(row) for row in rows if isinstance(row, int) and not isinstance(row, bool))
    if len(ids) < len(rows):
        raise AnswerError(DISREGARD, "an array of ids")
    return ids


def read_user(value: object, endpoint: str) -> TargetUser:
    """A person from `/users`, or from `/profile`, which spells names differently; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return TargetUser(
        id=row.id(),
        firstname=row.text("firstname") or row.text("first_name"),
        lastname=row.text("lastname") or row.text("last_name"),
        email=row.text("email").strip().lower(),
        active=row.flag("active", when_missing=True),
    )


def read_openness(value: object, endpoint: str = A_WRITE) -> Openness:
    """Whether a project is not archived, or a person not deactivated; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Openness(row.flag("active"), row.moment("updated_at") if row.has("updated_at") else None)


def read_assigned(value: object, endpoint: str) -> MocoId:
    """The id of a project in `/projects/assigned`; raises `AnswerError`."""
    return JsonObject(value, endpoint).id()


def read_company(value: object, endpoint: str) -> TargetCompany:
    """A company; suppliers and organisations have no identifier. Raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return TargetCompany(
        id=row.id(),
        name=row.text("name"),
        identifier=row.text("identifier"),
        active=row.flag("active", when_missing=not row.has("archived_on")),
        type=row.text("type"),
    )


def read_project(value: object, endpoint: str) -> ProjectWithParts:
    """A project with the tasks and contracts nested in it; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    project = TargetProject(
        id=row.id(),
        name=row.text("name"),
        identifier=row.text("identifier"),
        company_id=row.inner("customer").id() if row.has("customer") else None,
        active=row.flag("active", when_missing=not row.has("archived_on")),
        billable=row.flag("billable", when_missing=True),
        billing_variant=row.text("billing_variant"),
    )
    tasks, contracts = row.array("tasks"), row.array("contracts")
    return ProjectWithParts(
        project,
        None if tasks is None else tuple(read_task(task, project.id, endpoint) for task in tasks),
        None if contracts is None else tuple(read_contract(one, project.id, endpoint) for one in contracts),
    )


def read_task(value: object, project_id: MocoId, endpoint: str = A_WRITE) -> TargetTask:
    """A task of `project_id`, which MOCO's task object does not name; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return TargetTask(
        id=row.id(),
        project_id=project_id,
        name=row.text("name"),
        active=row.flag("active", when_missing=True),
        billable=row.flag("billable", when_missing=True),
    )


def read_contract(value: object, project_id: MocoId, endpoint: str = A_WRITE) -> TargetContract:
    """A person's assignment to `project_id`; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return TargetContract(
        id=row.id(),
        project_id=project_id,
        user_id=row.id("user_id"),
        active=row.flag("active", when_missing=True),
    )


def read_session(value: object, endpoint: str) -> LoginSession:
    """`GET /session`; what an account's own key gets is not documented, so both fields may be missing."""
    row = JsonObject(value, endpoint)
    return LoginSession(row.id() if row.has("id") else None, row.text("uuid"))


def read_web_hook(value: object, endpoint: str = A_WRITE) -> WebHook:
    """A web hook; `disabled` is missing on no documented server, but then `disabled_at` tells. Raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    disabled = row.flag("disabled", when_missing=row.has("disabled_at"))
    return WebHook(row.id(), row.text("target"), row.text("event"), row.text("hook"), not disabled)
