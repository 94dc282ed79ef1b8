"""What ActiveCollab 5 to 7 show of their objects, as JSON (keys: the API documentation, recordings, public clients)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.sandbox.activecollab_records import (
    Company,
    JobType,
    LeftOut,
    Person,
    Project,
    State,
    Task,
    TimeRecord,
)
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import Related
from migrator.sandbox.activecollab_tree import hours_shown, unix

Json = dict[str, object]


class Shapes5:
    """Builds the objects of generation 5."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def time_record(self, record: TimeRecord) -> Json:
        """A time record; the day is unix seconds at midnight UTC."""
        switches = self._state.switches
        trashed = record.state is State.TRASHED
        never_edited = switches.null_updated_on and record.version == 1
        shape: Json = {
            "id": record.id,
            "class": "TimeRecord",
            "url_path": f"/projects/{record.project_id}/time-records/{record.id}",
            "is_trashed": trashed,
            "trashed_on": unix(record.trashed_on) if trashed and record.trashed_on else None,
            "trashed_by_id": record.updated_by_id or 0 if trashed else 0,
            "billable_status": record.billable_status,
            "value": _number(hours_shown(record.hours, long=switches.long_floats)),
            "record_date": unix(record.day),
            "summary": record.text or None,
            "user_id": record.user_id or 0,
            "parent_type": "Project" if record.task_id is None else "Task",
            "parent_id": record.project_id if record.task_id is None else record.task_id,
            "created_on": unix(record.created_on),
            "created_by_id": record.created_by_id,
            "updated_on": None if never_edited or record.updated_on is None else unix(record.updated_on),
            "updated_by_id": record.updated_by_id,
            "job_type_id": record.job_type_id,
        }
        if record.stranger is not None:
            shape |= {"user_name": record.stranger.name, "user_email": record.stranger.email}
        return {name: value for name, value in {**shape, **record.as_is}.items() if value is not LeftOut.FIELD}

    def time_list(self, records: Iterable[TimeRecord]) -> Json:
        """Time records and what they hang on; nulls when there are none."""
        shown = list(records)
        if not shown:
            return {"time_records": None, "related": None}
        return {"time_records": [self.time_record(each) for each in shown], "related": self._related(shown)}

    def _related(self, records: list[TimeRecord]) -> Json | None:
        kind = self._state.switches.related
        if kind is Related.NULL:
            return None
        projects = {each.project_id: self.project_stub(each.project_id) for each in records}
        tasks = {each.id: each for each in map(self._state.task_of, records) if each is not None}
        found: Json = {"Project": {str(key): short for key, short in projects.items()}}
        if kind is not Related.WITHOUT_TASK:
            found["Task"] = {str(task.id): self.task(task) for task in tasks.values()}
        return {name: _listed_as(shown, kind) for name, shown in found.items()}

    def project_stub(self, project_id: int) -> Json:
        """A project as `related` shows it."""
        project = self._state.projects[project_id]
        return {"id": project.id, "class": "Project", "url_path": f"/projects/{project.id}", "name": project.name}

    def project(self, project: Project) -> Json:
        """A project; a completed one has a day of completion."""
        done = project.state is State.ARCHIVED
        return {
            **self.project_stub(project.id),
            "completed_on": 1_475_949_441 if done else None,
            "completed_by_id": project.leader_id if done else None,
            "is_completed": done,
            "members": [project.leader_id],
            "is_trashed": project.state is State.TRASHED,
            "trashed_on": None,
            "trashed_by_id": 0,
            "created_on": 1_475_949_434,
            "created_by_id": project.leader_id,
            "updated_on": 1_475_949_441,
            "updated_by_id": project.leader_id,
            "body": "",
            "body_formatted": "",
            "company_id": project.company_id,
            "leader_id": project.leader_id,
            "is_tracking_enabled": True,
        }

    def task(self, task: Task) -> Json:
        """A task; `task_number` counts within its project."""
        return {
            "id": task.id,
            "class": "Task",
            "url_path": f"/projects/{task.project_id}/tasks/{task.id}",
            "name": task.name,
            "project_id": task.project_id,
            "task_number": task.number,
            "is_completed": task.state is State.ARCHIVED,
            "is_trashed": task.state is State.TRASHED,
            "assignee_id": 0,
        }

    def user(self, person: Person) -> Json:
        """A person."""
        return {
            "id": person.id,
            "class": "Owner" if person.administrator else "Member",
            "url_path": f"/users/{person.id}",
            "is_archived": person.state is State.ARCHIVED,
            "is_trashed": person.state is State.TRASHED,
            "trashed_on": None,
            "trashed_by_id": 0,
            "first_name": person.first_name,
            "last_name": person.last_name or None,
            "display_name": person.name,
            "short_display_name": f"{person.first_name} {person.last_name[:1]}."
            if person.last_name
            else person.first_name,
            "email": person.email,
            "additional_email_addresses": [],
            "company_id": person.company_id,
        }

    def company(self, company: Company) -> Json:
        """A company."""
        return {
            "id": company.id,
            "class": "Company",
            "url_path": f"/companies/{company.id}",
            "name": company.name,
            "is_archived": company.state is State.ARCHIVED,
            "is_trashed": company.state is State.TRASHED,
            "is_owner": company.id == min(self._state.companies),
        }

    def job_type(self, job_type: JobType) -> Json:
        """A job type."""
        return {
            "id": job_type.id,
            "class": "JobType",
            "url_path": f"/job-types/{job_type.id}",
            "name": job_type.name,
            "is_archived": False,
            "updated_on": None,
            "is_default": job_type.id == 1,
            "default_hourly_rate": 100,
        }

    def trash(self) -> Json | list[object]:
        """What lies in the trash by class and id; an empty trash is an empty array."""
        found: dict[str, dict[str, object]] = {}
        for record in self._state.records.values():
            if record.state is State.TRASHED:
                task = self._state.task_of(record)
                title = f"Task #{task.number} - {record.text}" if task else record.text
                found.setdefault("TimeRecord", {})[str(record.id)] = title
        for task in self._state.tasks.values():
            if task.state is State.TRASHED:
                found.setdefault("Task", {})[str(task.id)] = task.name
        return dict(found) if found else []


def _listed_as(found: object, kind: Related) -> object:
    """A map of `related`; an empty one as PHP writes it where the switch says so."""
    return [] if kind is Related.EMPTY_ARRAYS and not found else found


def _number(written_as: str) -> object:
    value = float(written_as)
    return int(value) if value.is_integer() else value


def error_body(kind: str, message: str, problems: Mapping[str, list[str]], *, trace: bool) -> Json:
    """What an error of generation 5 says; older versions leak where it happened."""
    leaked: Json = {"file": "/srv/activecollab/FwUsers.class.php", "line": 1341, "trace": None, "previous": None}
    told: Json = {"field_errors": {name: list(texts) for name, texts in problems.items()}} if problems else {}
    return {"type": kind, "message": message, **told, **(leaked if trace else {})}
