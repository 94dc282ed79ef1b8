"""ActiveCollab 5 and later, and the cloud: JSON below `/api/v1`, the token in a header, lists in pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from migrator.activecollab.client import (
    ActiveCollabRefused,
    Gone,
    Info,
    Invisible,
    Listing,
    Present,
    Trashed,
    Unknown,
    Whereabouts,
)
from migrator.activecollab.conversation import ConversingClient, ReadListing, Verdict
from migrator.activecollab.json_reader import read_json_document
from migrator.activecollab.legacy import NOT_SHOWN, NOTHING, archived, project_named_in
from migrator.activecollab.pages import PER_PAGE, Page, Paging, read_pages
from migrator.activecollab.requested import require_record, require_some_change, require_time
from migrator.activecollab.system_info import read_info
from migrator.activecollab.wanted_lists import (
    COMPANIES,
    JOB_TYPES,
    PROJECTS,
    TASKS,
    TIME,
    USERS,
    Wanted,
    is_empty_list,
)
from migrator.activecollab.wire import Answer
from migrator.core.duration import parse_hours
from migrator.core.model import (
    LIVE,
    FoundEntry,
    FoundMaster,
    Project,
    Reading,
    SourceId,
    Task,
)

_NOT_FOR_EVERYBODY = frozenset({403, 404})
_LARGEST_TRASH = 64 * 2**20


class Generation5Client(ConversingClient):
    """One server of 5.x or later, or one account of the cloud (fact sheet §5)."""

    @property
    def filters_by_day(self) -> bool:
        """Always."""
        return True

    def listing_cost(self, records: int) -> int:
        """A request per hundred, and one more to see the end of a last page that is full."""
        return records // PER_PAGE + 1

    def fetch_info(self) -> Info:
        """What the server says of itself; the owner of the token is known from the token."""
        with closing(self._talk.fetch("info").body) as body:
            info = read_info(body)
        if info is None:
            raise ActiveCollabRefused(200, "the answer does not tell a version", (), command="info")
        return replace(info, generation=self.generation, user_id=info.user_id or self._talk.owner)

    def list_projects(self) -> Listing:
        """Every project that the token may see; completed ones are the archived ones."""

        def read(verdict: Verdict) -> Iterator[Reading]:
            yield from self._pages("projects", PROJECTS, verdict)
            yield from archived(self._pages("projects/archive", PROJECTS, verdict), Project)

        return ReadListing(f"{LIVE}projects", read)

    def list_people(self) -> Listing:
        """Every company and person, archived ones included."""

        def read(verdict: Verdict) -> Iterator[Reading]:
            yield from self._all_or_active("companies", COMPANIES, verdict)
            yield from self._all_or_active("users", USERS, verdict)

        return ReadListing(f"{LIVE}people", read)

    def list_job_types(self) -> Listing:
        """Every job type."""
        return self._listing("job-types", JOB_TYPES)

    def list_tasks(self, project: Project) -> Listing:
        """The tasks of a project, completed ones included."""
        command = f"projects/{project.id}/tasks"

        def read(verdict: Verdict) -> Iterator[Reading]:
            yield from self._pages(command, TASKS, verdict)
            yield from self._pages(f"{command}/archive", TASKS, verdict, tolerates=frozenset({404}))

        return ReadListing(LIVE + command, read)

    def list_time(self, project: Project, days: tuple[date, date] | None = None) -> Listing:
        """The time records of a project and its tasks, of all days or of those from the first to the last."""
        command = f"projects/{project.id}/time-records"
        if days is None:
            return self._listing(command, TIME)
        params = (("from", days[0].isoformat()), ("to", days[1].isoformat()))
        return self._listing(f"{command}/filtered-by-date", TIME, params)

    def list_task_time(self, project: Project, task_number: int) -> Listing:
        """The time records of one task; its number is looked up in the project's list of tasks."""
        command = f"projects/{project.id}/tasks"

        def read(verdict: Verdict) -> Iterator[Reading]:
            task_id: SourceId | None = None
            for reading in self.list_tasks(project):
                if isinstance(reading, FoundMaster) and isinstance(reading.value, Task):
                    task_id = reading.value.id if reading.value.number == task_number else task_id
            if task_id is None:
                verdict.add(f"{LIVE}{command}: no task number {task_number} is listed")
            else:
                yield from self._pages(f"{command}/{task_id}/time-records", TIME, verdict)

        return ReadListing(f"{LIVE}{command}/number-{task_number}/time-records", read)

    def find_time(self, project: Project, record_id: SourceId, task_number: int | None = None) -> Whereabouts:
        """Where one record is."""
        command = f"projects/{project.id}/time-records/{record_id}"
        got = self._talk.look(command)
        if isinstance(got, Gone | Invisible | Unknown):
            return got
        verdict = Verdict()
        found = self._first_entry(command, got, verdict)
        if found is None or found.entry.id != record_id:
            return Unknown(str(verdict) or "the answer does not show this time record")
        return Trashed(found) if found.entry.trashed else Present(found)

    def list_trash(self) -> frozenset[SourceId] | None:
        """The time records in the trash; None where it cannot be read."""
        verdict = Verdict()
        answer = self._talk.ask("trash", verdict, tolerates=NOTHING)
        if answer is None:
            return None
        with closing(answer.body):
            try:
                told = json.loads(answer.head(_LARGEST_TRASH))
            except (ValueError, RecursionError):
                return None
        # PHP writes an empty map as an empty list.
        records = told.get("TimeRecord") or {} if isinstance(told, dict) else told
        if records == []:
            return frozenset()
        if not isinstance(records, dict) or not all(re.fullmatch(r"[0-9]{1,18}", number) for number in records):
            return None
        return frozenset(SourceId(int(number)) for number in records)

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
        """Add a time record; person, hours and day are required before anything is sent."""
        require_time(user_id=user_id, hours=hours, day=day, billable_status=billable_status)
        fields = _fields(user_id, hours, day, billable_status, text)
        if task_id is not None:
            fields["task_id"] = task_id
        if job_type_id is not None:
            fields["job_type_id"] = job_type_id
        command = f"projects/{project.id}/time-records"
        return self._shown(command, self._talk.write("POST", command, {}, fields))

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
        """Change some fields; gives the record as the server shows it afterwards."""
        fields = _fields(user_id, hours, day, billable_status, text)
        require_some_change(record_id, fields, hours=hours, billable_status=billable_status)
        command = f"projects/{project.id}/time-records/{record_id}"
        self._talk.write("PUT", command, {}, fields).body.close()
        return self._shown(command, self._talk.fetch(command))

    def trash_time(self, project: Project, record_id: SourceId) -> None:
        """Move a time record to the trash."""
        require_record(record_id)
        self._talk.write("PUT", f"move-to-trash/time-record/{record_id}", {}, {}).body.close()

    def _listing(self, command: str, wanted: Wanted, params: tuple[tuple[str, str], ...] = ()) -> Listing:
        return ReadListing(LIVE + command, lambda verdict: self._pages(command, wanted, verdict, params))

    def _pages(
        self,
        command: str,
        wanted: Wanted,
        verdict: Verdict,
        params: tuple[tuple[str, str], ...] = (),
        *,
        tolerates: frozenset[int] = NOTHING,
    ) -> Iterator[Reading]:
        own = Verdict()

        def fetch(page: int) -> Page | None:
            answer = self._talk.ask(command, own, (*params, ("page", str(page))), tolerates=tolerates)
            return (
                None if answer is None else (Paging.told_by(answer.headers), self._page(command, wanted, answer, own))
            )

        yield from read_pages(LIVE + command, fetch, wanted.identify, own)
        verdict.take(own)

    def _all_or_active(self, command: str, wanted: Wanted, verdict: Verdict) -> Iterator[Reading]:
        """`users/all` and `companies/all`; who may not see those is shown the active ones."""
        anything = False
        for reading in self._pages(f"{command}/all", wanted, verdict, tolerates=_NOT_FOR_EVERYBODY):
            anything = True
            yield reading
        if not anything:
            yield from self._pages(command, wanted, verdict)

    def _page(self, command: str, wanted: Wanted, answer: Answer, verdict: Verdict) -> Iterator[Reading]:
        with closing(answer.body):
            anything = False
            for reading in self._read(command, answer, verdict):
                anything = anything or wanted.identify(reading) is not None
                yield reading
            if not anything and not verdict and not is_empty_list(answer, wanted.key):
                verdict.add(f"{LIVE}{command}: the answer is no list of {wanted.key}")

    def _read(self, command: str, answer: Answer, verdict: Verdict) -> Iterator[Reading]:
        readings = read_json_document(
            answer.body,
            LIVE + command,
            timezone=self._timezone,
            today=self._today,
            base_url=self._talk.transport.endpoint.site,
            project_id=project_named_in(command),
        )
        return self._talk.readings(readings, verdict)

    def _first_entry(self, command: str, answer: Answer, verdict: Verdict) -> FoundEntry | None:
        with closing(answer.body):
            entries = [it for it in self._read(command, answer, verdict) if isinstance(it, FoundEntry)]
        return entries[0] if entries else None

    def _shown(self, command: str, answer: Answer) -> FoundEntry:
        found = self._first_entry(command, answer, Verdict())
        if found is None:
            raise ActiveCollabRefused(answer.status, NOT_SHOWN, (), command=command)
        return found


def _fields(
    user_id: SourceId | None, hours: str | None, day: date | None, billable_status: int | None, text: str | None
) -> dict[str, object]:
    """The fields that are given, by ActiveCollab's names; hours as a number with two decimals."""
    told: dict[str, object | None] = {
        "user_id": user_id,
        "value": None if hours is None else _hours(hours),
        "record_date": None if day is None else day.isoformat(),
        "billable_status": billable_status,
        "summary": text,
    }
    return {name: value for name, value in told.items() if value is not None}


def _hours(text: str) -> float:
    # What is no duration was refused before; two decimals are what the server keeps.
    return float((Decimal(parse_hours(text)) / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP))
