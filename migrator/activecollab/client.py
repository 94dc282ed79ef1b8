"""A running ActiveCollab: one small interface for all generations of its API, and what a listing proves.

`connect` (in `connecting.py`) picks the class for a server. Reading yields the same values as files do
(`FoundEntry`, `FoundMaster`, `Rejected`, …); their documents are named `api:` and the command, such as
`api:projects/7/time`, and never hold a host or a token.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from migrator.core.model import FoundEntry, Project, Reading, SourceId
from migrator.errors import MigratorError


class Generation(StrEnum):
    """How a server is spoken to: `api.php` of 1.x and 2.x, of 3.x and 4.x, or the JSON API of 5.x and later."""

    TWO = "2"
    THREE = "3"
    FIVE = "5"


class ActiveCollabRefused(MigratorError):
    """ActiveCollab did not do what was asked; repeating the same will not help.

    `status` is HTTP's, `said` what the server said (no markup, at most 300 characters, empty when it said
    nothing usable), `field_errors` the fields it objected to, each with its words.
    """

    def __init__(self, status: int, said: str, field_errors: tuple[tuple[str, str], ...], *, command: str) -> None:
        told = "; ".join((*([said] if said else []), *(f"{field}: {words}" for field, words in field_errors)))
        super().__init__(
            f"ActiveCollab refused {command} with status {status}: {told or 'it gave no reason'}",
            hint="correct what it objects to, or look in ActiveCollab first where it says so",
        )
        self.status = status
        self.said = said
        self.field_errors = field_errors


@dataclass(frozen=True, slots=True)
class Info:
    """What a server says of itself; what it leaves out is empty or None.

    `user_id` is the owner of the token: lists show what that person may see.
    """

    generation: Generation
    api_version: str = ""
    system_version: str = ""
    edition: str = ""
    read_only: bool | None = None
    user_id: SourceId | None = None


class Listing(ABC, Iterator[Reading]):
    """One list of a server, read once from beginning to end; only then its verdict is known.

    Iterating never raises for what the server answered: an unusable answer ends the listing and is told by
    `problem`. `LoginRefused` (the token is dead) and `TryAgainLater` (nobody answers at all) are raised.
    """

    name: str
    """The document of its readings, such as `api:projects/7/time`."""

    @property
    @abstractmethod
    def problem(self) -> str:
        """Why the list is not complete, in words; empty when it is proved complete. Known at the end only."""

    @property
    def capped(self) -> bool:
        """Whether the server may have cut the list at a limit of its own; lists of single tasks can tell more."""
        return False

    @property
    def out_of_reach(self) -> bool:
        """Whether it failed because nobody answered or the server was overloaded: trying again later may help."""
        return False

    @property
    @abstractmethod
    def forbidden(self) -> bool:
        """Whether the server said that this list may not be seen (403): not visible is not gone."""


@dataclass(frozen=True, slots=True)
class Present:
    """The record is there, perhaps in another project than it was looked for."""

    found: FoundEntry


@dataclass(frozen=True, slots=True)
class Trashed:
    """The record lies in the trash; `found` is what its detail said, where it said anything."""

    found: FoundEntry | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The server does not know the record (404, 410)."""

    status: int


@dataclass(frozen=True, slots=True)
class Invisible:
    """The record may not be seen with this token (403)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer tells nothing about the record; `why` says what came instead."""

    why: str


Whereabouts = Present | Trashed | Gone | Invisible | Unknown
"""What asking for one record that vanished from its list found out."""


class Client(ABC):
    """One ActiveCollab server; every method that reads may be repeated, those that write are sent once.

    All raise `LoginRefused` for a dead token and `TryAgainLater` when the server is out of reach or overloaded
    beyond the retries. The `list_…` methods cost nothing until they are iterated.
    """

    generation: Generation
    requests: Counter[str]
    """Requests sent so far, by method."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; the client can still be used."""

    @abstractmethod
    def recent_requests(self) -> tuple[float, ...]:
        """How many seconds ago each request was answered that still counts for the pace; for the next client."""

    @abstractmethod
    def fetch_info(self) -> Info:
        """What the server says of itself."""

    @abstractmethod
    def list_projects(self) -> Listing:
        """Every project that the token may see, archived ones included (`Project.archived` tells)."""

    @abstractmethod
    def list_people(self) -> Listing:
        """Every company and person, archived ones included."""

    @abstractmethod
    def list_job_types(self) -> Listing:
        """Every job type; empty in generation 2, which has none."""

    @abstractmethod
    def list_tasks(self, project: Project) -> Listing:
        """The tickets or tasks of a project, archived ones included."""

    @abstractmethod
    def list_time(self, project: Project, days: tuple[date, date] | None = None) -> Listing:
        """The time records of a project, its tasks' included; expenses are told apart and counted.

        `days` (both included) limits the list by `record_date` where `filters_by_day`; elsewhere it is ignored.
        """

    @abstractmethod
    def list_task_time(self, project: Project, task_number: int) -> Listing:
        """The time records of one task, by its number within the project."""

    @abstractmethod
    def find_time(self, project: Project, record_id: SourceId, task_number: int | None = None) -> Whereabouts:
        """Where one record is; `task_number` is the number of the task it hangs on, which some paths need."""

    @abstractmethod
    def list_trash(self) -> frozenset[SourceId] | None:
        """The time records in the trash; None where the generation has no such list."""

    @property
    @abstractmethod
    def filters_by_day(self) -> bool:
        """Whether `list_time` can be limited to days."""

    @abstractmethod
    def listing_cost(self, records: int) -> int:
        """How many requests `list_time` takes for so many records."""

    @abstractmethod
    def add_time(
        self,
        project: Project,
        *,
        user_id: SourceId,
        hours: str,
        day: date,
        billable_status: int = 0,
        text: str = "",
        task_id: SourceId | None = None,
        job_type_id: SourceId | None = None,
    ) -> FoundEntry:
        """Add a time record; person, hours (`5:30`, `5.5`) and day are required before anything is sent."""

    @abstractmethod
    def edit_time(
        self,
        project: Project,
        record_id: SourceId,
        *,
        user_id: SourceId | None = None,
        hours: str | None = None,
        day: date | None = None,
        billable_status: int | None = None,
        text: str | None = None,
    ) -> FoundEntry:
        """Change some fields of a time record; gives the record as the server shows it afterwards."""

    @abstractmethod
    def trash_time(self, project: Project, record_id: SourceId) -> None:
        """Move a time record to the trash."""
