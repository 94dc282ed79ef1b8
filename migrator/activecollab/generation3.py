"""ActiveCollab 3.x and 4.x: `auth_api_token=`, `tracking_objects` cut at 300, archives in lists of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo

from migrator.activecollab.client import ActiveCollabRefused, Listing
from migrator.activecollab.conversation import Conversation, Verdict
from migrator.activecollab.legacy import OLDER_SERVER, LegacyClient, archived
from migrator.core.model import (
    LIVE,
    Company,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    ParentKind,
    Project,
    Reading,
    Rejected,
    SourceId,
    Task,
    User,
)
from migrator.errors import UsageError

CUT_AT = 300
"""Objects that a list of tracking objects holds at most, the newest, unless `dont_limit_result` is sent."""

_WHOLE = (("dont_limit_result", "1"),)
_COMPANIES = ("companies", "people")


class Generation3Client(LegacyClient):
    """One server of 3.x or 4.x (fact sheet §2.2).

    `honours_dont_limit` is whether this server ever showed more than 300 objects in one list: only then a list
    of exactly 300 is believed to be whole. It may be set from what an earlier run saw.
    """

    prefix = "time_record"

    def __init__(self, conversation: Conversation, *, timezone: tzinfo, today: date) -> None:
        super().__init__(conversation, timezone=timezone, today=today)
        self.honours_dont_limit = False

    @property
    def text_field(self) -> str:
        """The name of the description."""
        return "summary"

    def list_projects(self) -> Listing:
        """Every project that the token may see; without the archive the list is not complete."""

        def read(verdict: Verdict) -> Iterator[Reading]:
            yield from self._part("projects", ("projects",), verdict)
            yield from archived(self._part("projects/archive", ("projects",), verdict), Project)

        return self._listing("projects", read)

    def list_people(self) -> Listing:
        """Every company and person, archived ones included: two requests per company."""

        def read(verdict: Verdict) -> Iterator[Reading]:
            companies: dict[SourceId, None] = {}
            for reading in self._companies(verdict):
                if isinstance(reading, FoundMaster) and isinstance(reading.value, Company):
                    companies[reading.value.id] = None
                yield reading
            for company_id in companies:
                yield from self._people_of(company_id, verdict)

        return self._listing("people", read)

    def list_job_types(self) -> Listing:
        """Every job type."""
        command = "info/job-types"
        return self._listing(command, lambda verdict: self._part(command, ("job_types",), verdict))

    def list_tasks(self, project: Project) -> Listing:
        """The tasks of a project, archived ones included."""
        command = f"projects/{project.id}/tasks"

        def read(verdict: Verdict) -> Iterator[Reading]:
            yield from self._part(command, ("tasks",), verdict)
            yield from self._part(f"{command}/archive", ("tasks",), verdict, tolerates=OLDER_SERVER)

        return self._listing(command, read)

    def list_time(self, project: Project, days: tuple[date, date] | None = None) -> Listing:
        """The time records of a project and its tasks; expenses stand between them and are told apart."""
        return self._tracking(f"projects/{project.id}/tracking")

    def list_task_time(self, project: Project, task_number: int) -> Listing:
        """The time records of one task, by its number within the project."""
        return self._tracking(f"projects/{project.id}/tasks/{task_number}/tracking")

    def _tracking(self, command: str) -> Listing:
        def read(verdict: Verdict) -> Iterator[Reading]:
            count = 0
            for reading in self._part(command, ("tracking_objects", "time_records"), verdict, params=_WHOLE):
                count += isinstance(reading, FoundEntry | Rejected | ExpenseIgnored)
                yield reading
            self.honours_dont_limit |= count > CUT_AT
            if count == CUT_AT and not self.honours_dont_limit:
                verdict.capped = True
                verdict.add(
                    f"{LIVE}{command}: exactly {CUT_AT} objects: the list may be cut there, and this server has "
                    f"not shown yet that it lists more"
                )

        return self._listing(command, read)

    def _companies(self, verdict: Verdict) -> Iterator[Reading]:
        yield from self._part("people", _COMPANIES, verdict)
        yield from archived(self._part("people/archive", _COMPANIES, verdict, tolerates=OLDER_SERVER), Company)

    def _people_of(self, company_id: SourceId, verdict: Verdict) -> Iterator[Reading]:
        """The people of a company; a server without a list of them shows them in the company's detail."""
        command, anybody = f"people/{company_id}/users", False
        for reading in self._part(command, ("users",), verdict, tolerates=OLDER_SERVER):
            anybody = True
            yield reading
        if not anybody:
            yield from self._part(f"people/{company_id}", ("company",), verdict)
        yield from archived(self._part(f"{command}/archive", ("users",), verdict, tolerates=OLDER_SERVER), User)

    def _places(self, project: Project, record_id: SourceId, task_number: int | None) -> Iterator[str]:
        yield f"projects/{project.id}/tracking/time/{record_id}"
        if task_number is not None:
            yield f"projects/{project.id}/tasks/{task_number}/tracking/time/{record_id}"

    def _place_of(self, project: Project, record_id: SourceId) -> str:
        """As `LegacyClient`; a record of a task is looked up in the project's list, which names its task."""
        place = f"projects/{project.id}/tracking/time/{record_id}"
        try:
            self._talk.fetch(place).body.close()
        except ActiveCollabRefused as refused:
            task_id = self._task_of(project, record_id)
            if refused.status != 404 or task_id is None:
                raise
            return f"projects/{project.id}/tasks/{self._number_of(project, task_id)}/tracking/time/{record_id}"
        return place

    def _place_to_add(self, project: Project, task_id: SourceId | None, fields: dict[str, str]) -> str:
        if task_id is None:
            return f"projects/{project.id}/tracking/time/add"
        return f"projects/{project.id}/tasks/{self._number_of(project, task_id)}/tracking/time/add"

    def _place_to_trash(self, project: Project, record_id: SourceId) -> str:
        return f"{self._place_of(project, record_id)}/trash"

    def _task_of(self, project: Project, record_id: SourceId) -> SourceId | None:
        for reading in self.list_time(project):
            if isinstance(reading, FoundEntry) and reading.entry.id == record_id:
                return None if reading.entry.parent_kind is ParentKind.PROJECT else reading.entry.parent_id
        return None

    def _number_of(self, project: Project, task_id: SourceId) -> int:
        for reading in self.list_tasks(project):
            if isinstance(reading, FoundMaster) and isinstance(reading.value, Task) and reading.value.id == task_id:
                number = reading.value.number
                if number is not None:
                    return number
        raise UsageError(
            f"project {project.id} lists no task {task_id}",
            hint="name the task by its id, not by the number in its address",
        )
