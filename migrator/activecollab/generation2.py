"""ActiveCollab 1.x and 2.x: `token=`, `time_records`, archived projects and companies in the same lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from migrator.activecollab.client import Listing
from migrator.activecollab.conversation import Verdict
from migrator.activecollab.legacy import OLDER_SERVER, LegacyClient
from migrator.core.model import Company, FoundMaster, Project, Reading, SourceId


class Generation2Client(LegacyClient):
    """One server of 1.x or 2.x (fact sheet §2.1)."""

    prefix = "time"

    @property
    def text_field(self) -> str:
        """The name of the description."""
        return "body"

    def list_projects(self) -> Listing:
        """Every project that the token may see, of any status."""
        return self._listing("projects", lambda verdict: self._part("projects", ("projects",), verdict))

    def list_people(self) -> Listing:
        """Every company, archived ones included, and the people of each: one request per company."""

        def read(verdict: Verdict) -> Iterator[Reading]:
            companies: dict[SourceId, None] = {}
            for reading in self._part("people", ("companies", "people"), verdict):
                if isinstance(reading, FoundMaster) and isinstance(reading.value, Company):
                    companies[reading.value.id] = None
                yield reading
            for company_id in companies:
                yield from self._part(f"people/{company_id}", ("company",), verdict)

        return self._listing("people", read)

    def list_job_types(self) -> Listing:
        """Nothing: there are no job types."""
        return self._listing("info/job-types", lambda _: iter(()))

    def list_tasks(self, project: Project) -> Listing:
        """The tickets of a project, archived ones included; tasks on tickets are shown in a ticket's detail only."""
        command = f"projects/{project.id}/tickets"

        def read(verdict: Verdict) -> Iterator[Reading]:
            yield from self._part(command, ("tickets",), verdict)
            yield from self._part(f"{command}/archive", ("tickets",), verdict, tolerates=OLDER_SERVER)

        return self._listing(command, read)

    def list_time(self, project: Project, days: tuple[date, date] | None = None) -> Listing:
        """The time records of a project, of everybody the token may see."""
        command = f"projects/{project.id}/time"
        return self._listing(command, lambda verdict: self._part(command, ("time_records",), verdict))

    def list_task_time(self, project: Project, task_number: int) -> Listing:
        """Nothing, and never complete: there is no such list."""
        command = f"projects/{project.id}/tickets/{task_number}/time"

        def read(verdict: Verdict) -> Iterator[Reading]:
            verdict.add("ActiveCollab up to 2.x has no list of a ticket's time; the list of its project holds it")
            return iter(())

        return self._listing(command, read)

    def _places(self, project: Project, record_id: SourceId, task_number: int | None) -> Iterator[str]:
        yield f"projects/{project.id}/time/{record_id}"

    def _place_of(self, project: Project, record_id: SourceId) -> str:
        return f"projects/{project.id}/time/{record_id}"

    def _place_to_add(self, project: Project, task_id: SourceId | None, fields: dict[str, str]) -> str:
        if task_id is not None:
            fields["parent_id"] = str(task_id)
        return f"projects/{project.id}/time/add"

    def _place_to_trash(self, project: Project, record_id: SourceId) -> str:
        return f"projects/{project.id}/objects/{record_id}/move-to-trash"
