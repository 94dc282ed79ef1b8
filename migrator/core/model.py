"""The values everything else speaks in: what ActiveCollab recorded, and what MOCO holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as detail
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import NewType

from migrator.core.quick import quickly_made

SourceId = NewType("SourceId", int)
"""An id that ActiveCollab gave: a time record, person, project, task or job type."""

MocoId = NewType("MocoId", int)
"""An id that MOCO gave."""

Seconds = NewType("Seconds", int)
"""A duration in whole seconds; never a float."""


class Billing(IntEnum):
    """ActiveCollab's `billable_status` (fact sheet §3.1)."""

    NOT_BILLABLE = 0
    BILLABLE = 1
    PENDING_PAYMENT = 2
    PAID = 3


_MARKER = re.compile(r"ac:([a-z0-9-]{1,16}):([1-9][0-9]{0,17})")


@quickly_made
@dataclass(frozen=True, slots=True)
class Key:
    """Identity of one time record across both systems."""

    instance: str
    id: SourceId

    @property
    def marker(self) -> str:
        """The key as MOCO stores it in `remote_id`."""
        return marker_of(self.instance, self.id)

    @classmethod
    def from_marker(cls, marker: str) -> Key | None:
        """The key behind `marker`; None when some other tool wrote it."""
        found = _MARKER.fullmatch(marker)
        return cls(found[1], SourceId(int(found[2]))) if found else None


def marker_of(instance: str, id_: SourceId) -> str:
    """The marker of a record of an instance."""
    return f"ac:{instance}:{id_}"


LIVE = "api:"
"""How documents begin that a running ActiveCollab answered with; what follows is the command."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was read: a document, and the line its element begins in (1-based, 0 = unknown)."""

    document: str
    line: int

    @property
    def live(self) -> bool:
        """Whether a running ActiveCollab told it, not a saved file."""
        return self.document.startswith(LIVE)

    def __str__(self) -> str:
        return f"{self.document}:{self.line}" if self.line else self.document


# -- the source ------------------------------------------------------------------------------------------------


class ParentKind(Enum):
    """What a time record hangs on."""

    PROJECT = "project"
    TASK = "task"
    UNKNOWN = "unknown"


@quickly_made
@dataclass(frozen=True, slots=True)
class TimeEntry:
    """One time record of ActiveCollab in canonical form.

    `hours_raw` and `billing_raw` keep the text as it was written; `text` is the description as plain text;
    `user_id` is the worker, never the creator, and None for people without an account (`worker_name`).
    """

    id: SourceId
    user_id: SourceId | None
    project_id: SourceId
    day: date
    seconds: Seconds
    billing: Billing
    text: str = ""
    parent_kind: ParentKind = ParentKind.PROJECT
    parent_id: SourceId | None = None
    job_type_id: SourceId | None = None
    hours_raw: str = ""
    billing_raw: str = ""
    worker_name: str = ""
    worker_email: str = ""
    permalink: str = ""
    private: bool = False
    trashed: bool = False
    state_raw: str = ""
    created_on: datetime | None = None
    updated_on: datetime | None = None
    version: int | None = None
    milestone_id: SourceId | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person of ActiveCollab; `email` is lower-cased, empty when unknown."""

    id: SourceId
    name: str = ""
    email: str = ""
    company_id: SourceId | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """A company (client) of ActiveCollab."""

    id: SourceId
    name: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A project of ActiveCollab; `identifier` is its slug or short name where there is one."""

    id: SourceId
    name: str = ""
    identifier: str = ""
    company_id: SourceId | None = None
    leader_id: SourceId | None = None
    permalink: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A ticket, task or sub-item of ActiveCollab; `number` is the per-project number, never an identity."""

    id: SourceId
    name: str = ""
    project_id: SourceId | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class JobType:
    """A job type of ActiveCollab 3 and later."""

    id: SourceId
    name: str = ""


Master = User | Company | Project | Task | JobType


# -- what reading yields ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A time record that was read whole.

    `fragment_hash` is SHA-256 (hex) over the record as it is written and all else that its reading depends on: two
    equal ones at the same place are the same reading. Empty when nobody computed it.
    """

    entry: TimeEntry
    origin: Origin
    fragment_hash: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundMaster:
    """A person, company, project, task or job type.

    `mention`: it was only named inside something else, such as a time record; its own element knows better.
    """

    value: Master
    origin: Origin
    mention: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A time record that cannot be used, in words a person can act on.

    `source_id` is None when not even the id is readable; `seconds` is 0 unless the duration itself was readable;
    `updated_on` and `version` tell the age of the copy where readable. `fragment` is the record as it is written, cut
    where it is very long; empty where nobody has it.
    """

    origin: Origin
    source_id: SourceId | None
    field: str
    value: str
    expected: str
    seconds: Seconds = Seconds(0)
    updated_on: datetime | None = None
    version: int | None = None
    fragment: str = detail(default="", repr=False)
    """Never in a log: it holds what people typed."""

    @property
    def message(self) -> str:
        """One line: where, what, what was expected."""
        record = "time record" if self.source_id is None else f"time record {self.source_id}"
        shown = self.value if len(self.value) <= 60 else self.value[:57] + "..."
        return f"{self.origin}: {record}: {self.field} {shown!r} cannot be used; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class ExpenseIgnored:
    """An expense listed beside time records: counted and summed, never sent.

    `amount` is None when nobody can read it; `currency` is empty where neither it nor its project says one.
    """

    origin: Origin
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """A document that is not, or not wholly, readable; what came before the problem was still yielded."""

    origin: Origin
    message: str
    usable_part: bool
    """True when earlier elements of the document were yielded (for example a document that was cut off)."""


@dataclass(frozen=True, slots=True)
class DocumentNote:
    """Something odd about a document that cost nothing: all of it was read, and a person may want to know."""

    origin: Origin
    message: str


Reading = FoundEntry | FoundMaster | Rejected | ExpenseIgnored | DocumentProblem | DocumentNote


@dataclass(frozen=True, slots=True)
class Skimmed:
    """A time record that was found but not read, because it may be the very one that was read there before.

    `source_id` is what it seems to be. A `FoundEntry` with that id, the same origin and the same `fragment_hash` is
    what it would tell; only where there is none, it has to be asked with `read`.
    """

    source_id: SourceId
    origin: Origin
    fragment_hash: str
    read: Callable[[], Iterator[Reading]]


# -- the target ------------------------------------------------------------------------------------------------


@quickly_made
@dataclass(frozen=True, slots=True)
class Booking:
    """The fields a write sets, as wanted, as sent or as stored; `task_id` is 0 while its task is to be created."""

    day: date
    seconds: Seconds
    user_id: MocoId
    project_id: MocoId
    task_id: MocoId
    description: str
    billable: bool
    marker: str
    url: str = ""
    tag: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class TargetEntry:
    """An activity as MOCO showed it; times are UTC, whole seconds."""

    id: MocoId
    booking: Booking
    billed: bool
    created_at: datetime
    updated_at: datetime
    timer_running: bool = False


@dataclass(frozen=True, slots=True)
class TargetUser:
    """A person of MOCO; `email` is lower-cased."""

    id: MocoId
    firstname: str
    lastname: str
    email: str
    active: bool

    @property
    def name(self) -> str:
        return f"{self.firstname} {self.lastname}".strip()


@dataclass(frozen=True, slots=True)
class TargetCompany:
    """A company of MOCO."""

    id: MocoId
    name: str
    identifier: str = ""
    active: bool = True
    type: str = ""
    """customer, supplier or organization; empty where MOCO did not tell."""


@dataclass(frozen=True, slots=True)
class TargetProject:
    """A project of MOCO."""

    id: MocoId
    name: str
    identifier: str
    company_id: MocoId | None
    active: bool
    billable: bool
    billing_variant: str = ""
    """Where hourly rates stand: "project", "task" or "user"; empty where MOCO did not tell."""


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A group of MOCO projects."""

    id: MocoId
    name: str


@dataclass(frozen=True, slots=True)
class TargetTask:
    """A task ("Leistung") of one MOCO project."""

    id: MocoId
    project_id: MocoId
    name: str
    active: bool
    billable: bool


@dataclass(frozen=True, slots=True)
class TargetContract:
    """The assignment of a person to a project; MOCO lists active people only."""

    id: MocoId
    project_id: MocoId
    user_id: MocoId
    active: bool
