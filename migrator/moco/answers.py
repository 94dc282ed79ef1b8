"""JSON from MOCO, turned into typed values; what cannot be understood is named by endpoint and field."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from migrator.core.model import (
    Booking,
    MocoId,
    Seconds,
    TargetCompany,
    TargetContract,
    TargetEntry,
    TargetProject,
    TargetTask,
    TargetUser,
)
from migrator.errors import TryAgainLater

BULK = "POST /activities/bulk"
DISREGARD = "POST /activities/disregard"
A_WRITE = "a write"

_LARGEST_ID = 2**63 - 1
_LARGEST_HOURS = 10**6
_LARGEST_SECONDS = _LARGEST_HOURS * 3600


class AnswerError(TryAgainLater):
    """MOCO's answer is not what its API describes; names endpoint and field, never the content."""

    def __init__(self, endpoint: str, expected: str) -> None:
        super().__init__(
            f"MOCO's answer to {endpoint} cannot be used: expected {expected}",
            hint="Try again later; if it stays, MOCO's API may have changed or a proxy answered instead.",
        )
        self.endpoint = endpoint


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


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def parse_json(body: bytes, endpoint: str) -> object:
    """The JSON value in `body`, fractions as Decimal; raises `AnswerError`."""
    try:
        parsed: object = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise AnswerError(endpoint, "JSON") from None
    return parsed


def rows_of(parsed: object, endpoint: str) -> tuple[object, ...]:
    """The rows of a list; raises `AnswerError` when it is none."""
    if not isinstance(parsed, list):
        raise AnswerError(endpoint, "a JSON array")
    return tuple(parsed)


class _Row:
    """One JSON object and the endpoint it came from, so that every complaint can name both."""

    def __init__(self, value: object, endpoint: str, path: str = "") -> None:
        if not isinstance(value, dict):
            raise AnswerError(endpoint, f"a JSON object{f' in `{path}`' if path else ''}")
        self._fields: dict[str, object] = value
        self._endpoint = endpoint
        self._path = path

    def wrong(self, field: str, expected: str) -> AnswerError:
        name = f"{self._path}.{field}" if self._path else field
        return AnswerError(self._endpoint, f"{expected} in `{name}`")

    def has(self, field: str) -> bool:
        return self._fields.get(field) is not None

    def inner(self, field: str) -> _Row:
        if not isinstance(self._fields.get(field), dict):
            raise self.wrong(field, "an object")
        return _Row(self._fields[field], self._endpoint, field)

    def array(self, field: str) -> tuple[object, ...] | None:
        """The array in `field`; None when it is missing or null."""
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.wrong(field, "an array")
        return tuple(value)

    def id(self, field: str = "id") -> MocoId:
        value = self._fields.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST_ID:
            raise self.wrong(field, "an id")
        return MocoId(value)

    def text(self, field: str) -> str:
        """Text; missing and null are "", as is usual between MOCO's versions; numbers are written out."""
        value = self._fields.get(field)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(field, "text")
        # Half a surrogate pair is legal in JSON and fails in every database and file later.
        return str(value).encode("utf-8", "replace").decode("utf-8")

    def flag(self, field: str, *, when_missing: bool | None = None) -> bool:
        value = self._fields.get(field)
        if value is None and when_missing is not None:
            return when_missing
        if not isinstance(value, bool):
            raise self.wrong(field, "true or false")
        return value

    def day(self, field: str) -> date:
        try:
            return date.fromisoformat(self.text(field))
        except ValueError:
            raise self.wrong(field, "a day, YYYY-MM-DD") from None

    def moment(self, field: str) -> datetime:
        text = self.text(field)
        try:
            # "2020-01-12 15:38:35 UTC" was recorded in 2020, "2022-04-17T06:46:21Z" since.
            parsed = datetime.fromisoformat(text.removesuffix(" UTC"))
            zoned = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong(field, "a time, YYYY-MM-DDTHH:MM:SSZ") from None
        return zoned.replace(microsecond=0)

    def duration(self) -> Seconds:
        """`seconds`, or `hours` where a server does not know seconds yet (recorded until 2021)."""
        seconds = self._fields.get("seconds")
        if isinstance(seconds, int) and not isinstance(seconds, bool) and abs(seconds) <= _LARGEST_SECONDS:
            return Seconds(seconds)
        hours = self._fields.get("hours")
        if seconds is not None or isinstance(hours, bool) or not isinstance(hours, int | Decimal):
            raise self.wrong("seconds", "whole seconds")
        # Compared before multiplied: 1e999999 is legal JSON and would overflow.
        if not -_LARGEST_HOURS <= hours <= _LARGEST_HOURS:
            raise self.wrong("hours", "hours")
        return Seconds(int((Decimal(hours) * 3600).quantize(Decimal(1), ROUND_HALF_UP)))


def read_activity(value: object, endpoint: str = A_WRITE) -> TargetEntry:
    """An activity; tolerates missing `hourly_rate`, `worked_seconds`, `seconds`, and unknown fields.

    Null and "" are the same in text fields (MOCO gives "" for tag, null for remote_id). Raises `AnswerError`.
    """
    row = _Row(value, endpoint)
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
    row = _Row(value, endpoint)
    return TargetUser(
        id=row.id(),
        firstname=row.text("firstname") or row.text("first_name"),
        lastname=row.text("lastname") or row.text("last_name"),
        email=row.text("email").strip().lower(),
        active=row.flag("active", when_missing=True),
    )


def read_openness(value: object, endpoint: str = A_WRITE) -> Openness:
    """Whether a project is not archived, or a person not deactivated; raises `AnswerError`."""
    row = _Row(value, endpoint)
    return Openness(row.flag("active"), row.moment("updated_at") if row.has("updated_at") else None)


def read_assigned(value: object, endpoint: str) -> MocoId:
    """The id of a project in `/projects/assigned`; raises `AnswerError`."""
    return _Row(value, endpoint).id()


def read_company(value: object, endpoint: str) -> TargetCompany:
    """A company; suppliers and organisations have no identifier. Raises `AnswerError`."""
    row = _Row(value, endpoint)
    return TargetCompany(
        id=row.id(),
        name=row.text("name"),
        identifier=row.text("identifier"),
        active=row.flag("active", when_missing=not row.has("archived_on")),
    )


def read_project(value: object, endpoint: str) -> ProjectWithParts:
    """A project with the tasks and contracts nested in it; raises `AnswerError`."""
    row = _Row(value, endpoint)
    project = TargetProject(
        id=row.id(),
        name=row.text("name"),
        identifier=row.text("identifier"),
        company_id=row.inner("customer").id() if row.has("customer") else None,
        active=row.flag("active", when_missing=not row.has("archived_on")),
        billable=row.flag("billable", when_missing=True),
    )
    tasks, contracts = row.array("tasks"), row.array("contracts")
    return ProjectWithParts(
        project,
        None if tasks is None else tuple(read_task(task, project.id, endpoint) for task in tasks),
        None if contracts is None else tuple(read_contract(one, project.id, endpoint) for one in contracts),
    )


def read_task(value: object, project_id: MocoId, endpoint: str = A_WRITE) -> TargetTask:
    """A task of `project_id`, which MOCO's task object does not name; raises `AnswerError`."""
    row = _Row(value, endpoint)
    return TargetTask(
        id=row.id(),
        project_id=project_id,
        name=row.text("name"),
        active=row.flag("active", when_missing=True),
        billable=row.flag("billable", when_missing=True),
    )


def read_contract(value: object, project_id: MocoId, endpoint: str = A_WRITE) -> TargetContract:
    """A person's assignment to `project_id`; raises `AnswerError`."""
    row = _Row(value, endpoint)
    return TargetContract(
        id=row.id(),
        project_id=project_id,
        user_id=row.id("user_id"),
        active=row.flag("active", when_missing=True),
    )


def read_session(value: object, endpoint: str) -> LoginSession:
    """`GET /session`; what an account's own key gets is not documented, so both fields may be missing."""
    row = _Row(value, endpoint)
    return LoginSession(row.id() if row.has("id") else None, row.text("uuid"))


def read_web_hook(value: object, endpoint: str = A_WRITE) -> WebHook:
    """A web hook; `disabled` is missing on no documented server, but then `disabled_at` tells. Raises `AnswerError`."""
    row = _Row(value, endpoint)
    disabled = row.flag("disabled", when_missing=row.has("disabled_at"))
    return WebHook(row.id(), row.text("target"), row.text("event"), row.text("hook"), not disabled)
