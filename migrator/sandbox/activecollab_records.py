"""What the simulated ActiveCollab stores, whatever generation shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum


class State(IntEnum):
    """ActiveCollab's `state`; a deleted object is not stored at all."""

    TRASHED = 1
    ARCHIVED = 2
    VISIBLE = 3


class Seen(Enum):
    """What the token's owner may see of a project."""

    WHOLE = "whole"
    WITHOUT_TIME = "without_time"
    """Listed, but its time is 403: the role's permission for the time module is 0."""
    NOTHING = "nothing"
    """Not listed, everything below it is 403."""


class LeftOut(Enum):
    """In `as_is` of a record: the field is not there at all."""

    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Company:
    """A company; the first one owns the installation."""

    id: int
    name: str
    state: State = State.VISIBLE


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account; a `password` lets log in by `issue-token`."""

    id: int
    first_name: str
    last_name: str
    email: str
    company_id: int
    administrator: bool = False
    state: State = State.VISIBLE
    password: str | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Project:
    """A project; archived is completed. `member` is whether the token's owner takes part in it."""

    id: int
    name: str
    slug: str
    company_id: int
    leader_id: int
    status: str = "active"
    state: State = State.VISIBLE
    member: bool = True
    seen: Seen = Seen.WHOLE


@dataclass(frozen=True, slots=True)
class Subtask:
    """A task below a ticket of generation 2; time may hang on it, yet only the ticket's own page names it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Task:
    """A ticket (generation 2) or task; `number` counts within its project."""

    id: int
    number: int
    project_id: int
    name: str
    state: State = State.VISIBLE
    subtasks: tuple[Subtask, ...] = ()


@dataclass(frozen=True, slots=True)
class JobType:
    """A job type of generation 3 and later."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A person without an account, as text."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class TimeRecord:
    """A time record; `hours` as written (`3.75`), times in UTC, `as_is` replaces fields of its answers.

    `task_id` is the id of a task or subtask; None is time on the project itself. Without a `user_id` the
    `stranger` did the work.
    """

    id: int
    project_id: int
    user_id: int | None
    hours: str
    day: date
    created_on: datetime
    created_by_id: int
    updated_on: datetime | None
    task_id: int | None = None
    job_type_id: int = 1
    billable_status: int = 0
    text: str = ""
    state: State = State.VISIBLE
    private: bool = False
    version: int = 1
    updated_by_id: int | None = None
    trashed_on: datetime | None = None
    stranger: Stranger | None = None
    as_is: Mapping[str, object] = field(default_factory=dict)

    @property
    def seconds(self) -> int:
        """The duration in seconds, rounded; `as_is` is not looked at."""
        return int((Decimal(self.hours) * 3600).to_integral_value())


@dataclass(frozen=True, slots=True)
class Expense:
    """Money spent; generation 3 lists it among the time records, and its ids overlap with theirs."""

    id: int
    project_id: int
    user_id: int
    amount: str
    day: date
    created_on: datetime
    category: str = "Reisekosten"
    text: str = ""
