"""Activities: the hours people book, their timers, and what is billed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Required, TypedDict, Unpack

from migrator.core.model import MocoId, Seconds
from migrator.moco.answers import read_ids
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import (
    Named,
    Person,
    among,
    changed_since,
    check_choice,
    check_text,
    has_tag,
    id_of,
    named,
    person,
    same,
    sorting,
    within,
    written,
)
from migrator.moco.errors import AnswerError, RefusedLocally
from migrator.moco.json_values import JsonObject, rows_of
from migrator.moco.outcomes import WriteKind

LARGEST_BULK = 100
"""Activities in one bulk request (MOCO's OpenAPI document)."""

_RENAMED = {"day": "date"}


class RemoteService(StrEnum):
    """The names that MOCO takes as `remote_service`; it answers any other with 422."""

    NONE = ""
    TRELLO = "trello"
    JIRA = "jira"
    ASANA = "asana"
    BASECAMP = "basecamp"
    WUNDERLIST = "wunderlist"
    BASECAMP2 = "basecamp2"
    BASECAMP3 = "basecamp3"
    TOGGL = "toggl"
    MITE = "mite"
    GITHUB = "github"
    YOUTRACK = "youtrack"


@dataclass(frozen=True, slots=True)
class ActivityProject:
    """A project as an activity shows it; `billable` None and `identifier` "" where MOCO leaves them out."""

    id: MocoId
    name: str
    identifier: str
    billable: bool | None


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """A task as an activity shows it."""

    id: MocoId
    name: str
    billable: bool | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One booking: `seconds` are those to be billed, `worked_seconds` those that count for the person.

    `hours` is MOCO's own rounding of `seconds`; `hourly_rate` (money per hour) is None without the right to see it;
    moments are UTC. Texts are "" where MOCO has null. `worked_seconds`, `invoice_id` and `deal` are None on servers
    that do not have them yet. `timer_started_at` is None unless the timer runs.
    """

    id: MocoId
    day: date
    seconds: Seconds
    worked_seconds: Seconds | None
    hours: Decimal | None
    description: str
    billable: bool
    billed: bool
    invoice_id: MocoId | None
    tag: str
    remote_service: str
    remote_id: str
    remote_url: str
    project: ActivityProject
    task: ActivityTask
    customer: Named | None
    user: Person | None
    deal: Named | None
    hourly_rate: Decimal | None
    timer_started_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


class ActivityFields(TypedDict, total=False):
    """What can be written beside day, project and task.

    `seconds` is the duration (`hours` is its deprecated form, never both); without `billable` the project and the task
    decide; `company_id` is a shortcut that nobody needs. Zero seconds on today's date start a timer.
    """

    seconds: int
    hours: Decimal
    description: str
    billable: bool
    tag: str
    remote_service: RemoteService | str | None
    remote_id: str | None
    remote_url: str | None
    company_id: int


class NewActivity(ActivityFields, total=False):
    """One activity of a bulk."""

    day: Required[date]
    project_id: Required[int]
    task_id: Required[int]


class ActivityChanges(ActivityFields, total=False):
    """What an update can change; `stop_timer` stops a running timer first, without which `seconds` cannot change."""

    day: date
    project_id: int
    task_id: int
    stop_timer: bool


def read_activity(value: object, endpoint: str = "a write") -> Activity:
    """An activity, of whatever age the server is; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    project, task = row.inner("project"), row.inner("task")
    worked = row.maybe_count("worked_seconds")
    return Activity(
        id=row.id(),
        day=row.day("date"),
        seconds=row.duration(),
        worked_seconds=None if worked is None else Seconds(worked),
        hours=row.maybe_amount("hours"),
        description=row.text("description"),
        billable=row.flag("billable"),
        billed=row.flag("billed", when_missing=False),
        invoice_id=row.maybe_id("invoice_id"),
        tag=row.text("tag"),
        remote_service=row.text("remote_service"),
        remote_id=row.text("remote_id"),
        remote_url=row.text("remote_url"),
        project=ActivityProject(
            project.id(), project.text("name"), project.text("identifier"), project.maybe_flag("billable")
        ),
        task=ActivityTask(task.id(), task.text("name"), task.maybe_flag("billable")),
        customer=named(row.maybe_inner("customer")),
        user=person(row.maybe_inner("user")),
        deal=named(row.maybe_inner("deal")),
        hourly_rate=row.maybe_amount("hourly_rate"),
        timer_started_at=row.maybe_moment("timer_started_at"),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def listed(
    *,
    day_from: date | None = None,
    day_to: date | None = None,
    user_id: int | None = None,
    project_id: int | None = None,
    task_id: int | None = None,
    company_id: int | None = None,
    deal_ids: Sequence[int] = (),
    billable: bool | None = None,
    billed: bool | None = None,
    tags: Sequence[str] = (),
    remote_ids: Sequence[str] = (),
    term: str = "",
    ids: Sequence[int] = (),
    updated_after: datetime | None = None,
    sort_by: str = "",
) -> ListCall[Activity]:
    """`GET /activities`: those that fit every filter; days are inclusive.

    Without `user_id` a key with the right to it sees everybody's. `term` searches tag, description and marker;
    `sort_by` is a field, or `field desc`. `deal_ids`, `tags` and `remote_ids` are of 2026: an older server ignores
    them and is then read to the end.
    """
    query = query_of(
        {
            "from": day_from,
            "to": day_to,
            "user_id": user_id,
            "project_id": project_id,
            "task_id": task_id,
            "company_id": company_id,
            "deal_id": deal_ids,
            "billable": billable,
            "billed": billed,
            "tag": tags,
            "remote_id": remote_ids,
            "term": term or None,
            "ids": ids,
            "updated_after": updated_after,
            "sort_by": sorting(sort_by),
        }
    )

    def keeps(row: Activity) -> bool:
        return (
            within(row.day, day_from, day_to)
            and same(id_of(row.user), user_id)
            and same(row.project.id, project_id)
            and same(row.task.id, task_id)
            and same(id_of(row.customer), company_id)
            and among(id_of(row.deal), deal_ids)
            and same(row.billable, billable)
            and same(row.billed, billed)
            and has_tag((row.tag,), tags)
            and among(row.remote_id, remote_ids)
            and among(row.id, ids)
            and changed_since(row.updated_at, updated_after)
        )

    return ListCall("/activities", lambda value: read_activity(value, "GET /activities"), query, keeps)


def get(activity_id: int) -> Call[Activity]:
    """`GET /activities/{id}`."""
    return _one("GET", f"/activities/{activity_id:d}")


def create(*, day: date, project_id: int, task_id: int, **fields: Unpack[ActivityFields]) -> Call[Activity]:
    """`POST /activities`: one activity of the person the request acts as; MOCO has no field for the person."""
    new: NewActivity = {"day": day, "project_id": project_id, "task_id": task_id, **fields}
    return _one("POST", "/activities", _body(new, NewActivity.__annotations__))


def bulk(activities: Sequence[NewActivity]) -> Call[tuple[Activity, ...]]:
    """`POST /activities/bulk`: 1 to 100 activities of the person the request acts as, answered in their order.

    MOCO does not say whether all or nothing is stored when one is refused: a 422 of several leaves it open.
    """
    if not 1 <= len(activities) <= LARGEST_BULK:
        raise RefusedLocally(f"a bulk holds 1 to {LARGEST_BULK} activities, not {len(activities)}", "activities")
    body = {"activities": [_body(each, NewActivity.__annotations__) for each in activities]}

    endpoint = "POST /activities/bulk"

    def read_all(value: object) -> tuple[Activity, ...]:
        rows = value.get("activities") if isinstance(value, dict) else value
        read = tuple(read_activity(row, endpoint) for row in rows_of(rows, endpoint))
        if len(read) != len(activities):
            raise AnswerError(endpoint, f"{len(activities)} activities, not {len(read)}")
        return read

    return Call("POST", "/activities/bulk", read_all, body=body, kind=_kind(len(activities)))


def update(activity_id: int, **fields: Unpack[ActivityChanges]) -> Call[Activity]:
    """`PUT /activities/{id}`: what is given is changed, the rest stays."""
    return _one("PUT", f"/activities/{activity_id:d}", _body(fields, ActivityChanges.__annotations__))


def billable_seconds(activity_id: int, seconds: int) -> Call[Activity]:
    """`PATCH /activities/{id}/billable_seconds`: change what is billed, not what was worked; for project leaders."""
    return _one("PATCH", f"/activities/{activity_id:d}/billable_seconds", {"seconds": int(seconds)})


def start_timer(activity_id: int) -> Call[Activity]:
    """`PATCH /activities/{id}/start_timer`: only on today's date, and while no timer of it runs."""
    return _one("PATCH", f"/activities/{activity_id:d}/start_timer")


def stop_timer(activity_id: int) -> Call[Activity]:
    """`PATCH /activities/{id}/stop_timer`: adds the whole minutes that passed."""
    return _one("PATCH", f"/activities/{activity_id:d}/stop_timer")


def delete(activity_id: int) -> Call[None]:
    """`DELETE /activities/{id}`: refused for what is billed or locked."""
    return Call("DELETE", f"/activities/{activity_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def disregard(
    activity_ids: Sequence[int], *, company_id: int, reason: str, project_id: int | None = None
) -> Call[tuple[MocoId, ...]]:
    """`POST /activities/disregard`: mark as already billed, for good; answers the ids.

    All are of projects of one company, and of one project when that is named.
    """
    check_text("reason", reason)
    if not activity_ids:
        raise RefusedLocally("activity_ids is empty: there is nothing to disregard", "activity_ids")
    body: dict[str, object] = {
        "reason": reason,
        "company_id": int(company_id),
        "activity_ids": [int(each) for each in activity_ids],
    }
    if project_id is not None:
        body["project_id"] = int(project_id)
    return Call("POST", "/activities/disregard", read_ids, body=body, kind=_kind(len(activity_ids)))


def _body(fields: ActivityFields, allowed: dict[str, object]) -> dict[str, object]:
    check_choice(RemoteService, fields, "remote_service")
    if "seconds" in fields and "hours" in fields:
        raise RefusedLocally("an activity takes seconds or hours, and MOCO leaves open what both mean", "seconds")
    return written("an activity", allowed, fields, _RENAMED)


def _kind(records: int) -> WriteKind:
    return WriteKind.ONE_RECORD if records == 1 else WriteKind.SEVERAL_RECORDS


def _one(method: str, path: str, body: dict[str, object] | None = None) -> Call[Activity]:
    return Call(method, path, lambda value: read_activity(value, f"{method} {path}"), body=body)
