"""What ActiveCollab 3 and 4 show of their objects (field names: the legacy API book and public clients)."""

from __future__ import annotations

from migrator.sandbox.activecollab_records import Company, Expense, JobType, Person, Project, State, Task, TimeRecord
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import References
from migrator.sandbox.activecollab_tree import Fields, Items, Number, hours_shown, overridden
from migrator.sandbox.agency_xml import link

_MODULES = ("milestone", "discussion", "file", "notebook", "repository", "task", "tracking")


class Shapes3:
    """Builds the trees of generation 3."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def system(self, caller_id: int, *, read_only: bool) -> Fields:
        """`info`; the logged user is nested."""
        caller = self._state.people[caller_id]
        modules = ("system", "tasks", "tracking", "notebooks")
        return {
            "api_version": "3.0.0",
            "system_version": self._state.system_version,
            "logged_user": {**self._person(caller), "company_id": caller.company_id, "role_id": 1},
            "read_only": read_only,
            "loaded_frameworks": Items("framework", ["environment", "authentication"]),
            "enabled_modules": Items("module", modules),
            "max_upload_size": 8_388_608,
        }

    def job_type(self, job_type: JobType) -> Fields:
        """A job type."""
        return {"id": job_type.id, "class": "JobType", "name": job_type.name, "is_default": job_type.id == 1}

    def company(self, company: Company) -> Fields:
        """A company; with its people when the switch says so."""
        staff = [each for each in self._state.people_in(State.VISIBLE) if each.company_id == company.id]
        inside: Fields = {"users": Items("user", [self.user(person) for person in staff])}
        return {
            "id": company.id,
            "class": "Company",
            "name": company.name,
            "permalink": self.link(f"people/{company.id}"),
            **_state(company.state),
            **(inside if self._state.switches.company_users else {}),
        }

    def user(self, person: Person) -> Fields:
        """A person."""
        return {
            "id": person.id,
            "class": "Administrator" if person.administrator else "Member",
            "name": person.name,
            "display_name": person.name,
            "first_name": person.first_name,
            "last_name": person.last_name or None,
            "email": person.email,
            "permalink": self.link(f"people/{person.company_id}/users/{person.id}"),
            "company_id": person.company_id,
            **_state(person.state),
        }

    def project(self, project: Project) -> Fields:
        """A project; its permalink names the slug."""
        company = self._state.companies.get(project.company_id)
        leader = self._state.people.get(project.leader_id)
        return {
            "id": project.id,
            "class": "Project",
            "name": project.name,
            "slug": project.slug,
            "permalink": self.link(f"projects/{project.slug}"),
            "is_completed": project.status == "completed",
            **_state(project.state),
            "company": {"id": company.id, "name": company.name} if company else None,
            "leader": self._person(leader) if leader else None,
            "is_member": project.member,
        }

    def project_user(self, person: Person) -> Fields:
        """A person's part in a project: `user_id` and a nested user together."""
        return {
            "user_id": person.id,
            "role_id": 0,
            "role": "Custom",
            "permissions": dict.fromkeys(_MODULES, 2),
            "user": self.user(person),
        }

    def task(self, task: Task) -> Fields:
        """A task; `task_id` is its number within the project."""
        project = self._state.projects[task.project_id]
        return {
            "id": task.id,
            "class": "Task",
            "task_id": task.number,
            "name": task.name,
            "permalink": self.link(f"projects/{project.slug}/tasks/{task.number}"),
            "project": {"id": project.id, "name": project.name},
            **_state(task.state),
            "priority": 0,
        }

    def time_record(self, record: TimeRecord) -> Fields:
        """A time record, in the mixed list or by itself."""
        switches = self._state.switches
        hours = hours_shown(record.hours, long=switches.long_floats)
        task, project = self._state.task_of(record), self._state.projects[record.project_id]
        place = f"projects/{project.slug}/tasks/{task.number}" if task else f"projects/{project.slug}"
        creator = self._state.people.get(record.created_by_id)
        job_type = self._state.job_types.get(record.job_type_id)
        never_edited = switches.null_updated_on and record.version == 1
        shape: Fields = {
            "id": record.id,
            "class": "TimeRecord",
            "name": f"{hours} hours",
            "permalink": self.link(f"{place}/tracking/time/{record.id}"),
            "created_on": record.created_on,
            **self._named("created_by", record.created_by_id, creator.name if creator else ""),
            "updated_on": None if never_edited else record.updated_on,
            "updated_by_id": record.updated_by_id,
            **_state(record.state),
            **self._named("project", project.id, project.name),
            "parent_class": "Project" if record.task_id is None else "Task",
            "parent_id": project.id if record.task_id is None else record.task_id,
            "billable_status": record.billable_status,
            "value": Number(hours),
            "record_date": record.day,
            "summary": record.text,
            **self._worker(record),
            **self._named("job_type", record.job_type_id, job_type.name if job_type else ""),
        }
        return overridden(shape, record.as_is)

    def expense(self, expense: Expense) -> Fields:
        """An expense as the mixed list shows it: `value` is money."""
        project = self._state.projects[expense.project_id]
        person = self._state.people[expense.user_id]
        return {
            "id": expense.id,
            "class": "Expense",
            "name": f"EUR {expense.amount}",
            "permalink": self.link(f"projects/{project.slug}/tracking/expenses/{expense.id}"),
            "created_on": expense.created_on,
            **self._named("created_by", person.id, person.name),
            "updated_on": None,
            **_state(State.VISIBLE),
            **self._named("project", project.id, project.name),
            "parent_class": "Project",
            "parent_id": project.id,
            "billable_status": 1,
            "value": Number(expense.amount),
            "record_date": expense.day,
            "summary": expense.text,
            "user": self._person(person),
            "category": {"id": 1, "name": expense.category},
        }

    def link(self, path: str) -> str:
        """The address of an object in the browser."""
        return link(path.replace("/", "%2F") if self._state.switches.encoded_links else path)

    def _named(self, name: str, ident: int, title: str) -> Fields:
        if self._state.switches.references is References.FLAT:
            return {f"{name}_id": ident}
        return {name: {"id": ident, "name": title}}

    def _person(self, person: Person) -> Fields:
        return {"id": person.id, "name": person.name, "email": person.email}

    def _worker(self, record: TimeRecord) -> Fields:
        if record.stranger is not None:
            return {"user": None, "record_user": {"name": record.stranger.name, "email": record.stranger.email}}
        person = self._state.people.get(record.user_id or 0)
        return {"user": self._person(person) if person else {"id": record.user_id}}


def _state(state: State) -> Fields:
    return {"state": int(state), "is_archived": state is State.ARCHIVED, "is_trashed": state is State.TRASHED}
