"""What ActiveCollab 2 shows of its objects (field names: the API pages and the vendor's PHP wrapper)."""

from __future__ import annotations

from migrator.sandbox.activecollab_records import Company, Person, Project, State, Task, TimeRecord
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import ProjectParent, UserForm
from migrator.sandbox.activecollab_tree import Fields, Items, Number, Plain, hours_shown, overridden
from migrator.sandbox.agency_xml import HOST, link

_MODULES = ("milestone", "discussion", "file", "page", "ticket", "timerecord")


class Shapes2:
    """Builds the trees of generation 2; `caller_id` is the owner of the token."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def system(self, caller_id: int, *, read_only: bool) -> Fields:
        """`info`; the logged user is an address."""
        caller = self._state.people[caller_id]
        return {
            "api_version": "2.0",
            "system_version": self._state.system_version,
            "system_edition": "corporate",
            "logged_user": self.link(f"people/{caller.company_id}/users/{caller.id}", root=f"{HOST}/"),
            "read_only": read_only,
        }

    def company(self, company: Company) -> Fields:
        """A company as the list shows it."""
        return {
            "id": company.id,
            "name": company.name,
            "created_on": Plain("2008-01-02 09:00:00"),
            "permalink": self.link(f"people/{company.id}"),
            "office_address": None,
            "office_phone": None,
            "office_fax": None,
            "office_homepage": None,
        }

    def company_detail(self, company: Company, caller_id: int) -> Fields:
        """A company with its people and its logo."""
        staff = [each for each in self._state.people.values() if each.company_id == company.id]
        return {
            **self.company(company),
            "users": Items("user", [self.user(person, caller_id) for person in staff]),
            "logo_url": f"{HOST}/public/logos/{company.id}.png",
        }

    def user(self, person: Person, caller_id: int) -> Fields:
        """A person; the caller's own API key stands inside. One recording has blanks inside the CDATA."""
        token = next((each for each, owner in self._state.tokens.items() if owner == person.id), None)
        return {
            "id": person.id,
            "first_name": f" {person.first_name} ",
            "last_name": person.last_name,
            "email": person.email,
            "last_visit_on": Plain("2011-01-01 08:00:00"),
            "permalink": self.link(f"people/{person.company_id}/users/{person.id}"),
            "role_id": 1 if person.administrator else 3,
            "is_administrator": person.administrator,
            "is_project_manager": person.administrator,
            "is_people_manager": person.administrator,
            **({"token": token} if token and person.id == caller_id else {}),
            "company_id": person.company_id,
        }

    def project(self, project: Project) -> Fields:
        """A project as the list shows it."""
        return {
            **self._project_head(project),
            "leader_id": project.leader_id,
            "company_id": project.company_id,
            "group_id": 0,
        }

    def project_detail(self, project: Project, caller_id: int) -> Fields:
        """A project by itself: leader and company nested, the caller's permissions."""
        company = self._state.companies.get(project.company_id)
        leader = self._state.people.get(project.leader_id)
        return {
            **self._project_head(project),
            "leader": self.user(leader, caller_id) if leader else None,
            **({"company": self.company(company)} if company else {}),
            "company_id": project.company_id,
            "group_id": 0,
            "logged_user_permissions": {"role": "administrator", "permissions": dict.fromkeys(_MODULES, 3)},
            "icon_url": f"{HOST}/public/projects_icons/default.40x40.gif",
        }

    def project_user(self, person: Person, project: Project) -> Fields:
        """A person's part in a project."""
        return {
            "user_id": person.id,
            "permalink": self.link(f"people/{person.company_id}/users/{person.id}"),
            "role_id": 0,
            "role": "Custom",
            "permissions": {**dict.fromkeys(_MODULES, 2), "timerecord": 3 if person.id == project.leader_id else 2},
        }

    def ticket(self, task: Task) -> Fields:
        """A ticket as the lists show it; `ticket_id` is its number within the project."""
        return {
            "id": task.id,
            "type": "Ticket",
            "name": task.name,
            "body": None,
            "state": int(State.VISIBLE),
            "visibility": 1,
            "permalink": self.link(f"projects/{task.project_id}/tickets/{task.number}"),
            "project_id": task.project_id,
            "parent_id": None,
            "milestone_id": None,
            "ticket_id": task.number,
            "priority": 0,
            "completed_on": Plain("2011-03-04 16:30:00") if task.state is State.ARCHIVED else None,
        }

    def ticket_detail(self, task: Task) -> Fields:
        """A ticket with the tasks below it."""
        tasks = [
            {
                "id": subtask.id,
                "type": "Task",
                "name": subtask.name,
                "body": subtask.name,
                "permalink": self.link(f"projects/{task.project_id}/tasks/{subtask.id}"),
                "project_id": task.project_id,
                "parent_id": task.id,
                "parent_type": "Ticket",
            }
            for subtask in task.subtasks
        ]
        return {**self.ticket(task), "tasks": Items("task", tasks), "assignees": Items("assignee", [])}

    def time_record(self, record: TimeRecord, *, detail: bool) -> Fields:
        """A time record in a list or by itself."""
        switches = self._state.switches
        hours = hours_shown(record.hours, long=switches.long_floats)
        never_edited = switches.null_updated_on and record.version == 1
        shape: Fields = {
            "id": record.id,
            "type": "TimeRecord",
            "name": f"{hours} hours",
            "body": record.text,
            "state": int(record.state),
            "visibility": int(not record.private),
            "created_on": record.created_on,
            "created_by_id": record.created_by_id,
            "updated_on": None if never_edited else record.updated_on,
            "updated_by_id": record.updated_by_id,
            "version": record.version,
            "permalink": self.link(f"projects/{record.project_id}/time/{record.id}"),
            "project_id": record.project_id,
            "parent_id": self._parent(record),
            "milestone_id": None,
            "permissions": {
                "can_edit": True,
                "can_delete": True,
                "can_change_visibility": True,
                "can_move": False,
                "can_copy": False,
            },
            **({} if switches.old_billing else {"billable_status": record.billable_status}),
            "value": Number(hours),
            "record_date": record.day,
            "is_billable": record.billable_status > 0,
            "is_billed": record.billable_status == 3,
            **self._user(record, detail=detail),
        }
        if record.task_id is None and switches.project_parent is ProjectParent.MISSING:
            del shape["parent_id"]
        return overridden(shape, record.as_is)

    def link(self, path: str, root: str | None = None) -> str:
        """The address of an object in the browser."""
        shown = path.replace("/", "%2F") if self._state.switches.encoded_links else path
        return link(shown) if root is None else root + shown

    def _project_head(self, project: Project) -> Fields:
        return {
            "id": project.id,
            "name": project.name,
            "overview": f"<p>{project.slug}</p>",
            "status": project.status,
            "type": "Project",
            "permalink": self.link(f"projects/{project.id}"),
        }

    def _parent(self, record: TimeRecord) -> int | None:
        if record.task_id is not None:
            return record.task_id
        return 0 if self._state.switches.project_parent is ProjectParent.ZERO else None

    def _user(self, record: TimeRecord, *, detail: bool) -> Fields:
        form = self._state.switches.user_form
        if form is UserForm.NESTED_IN_DETAIL:
            form = UserForm.NESTED if detail else UserForm.FLAT
        person = self._state.people.get(record.user_id or 0)
        flat: Fields = {"user_id": record.user_id}
        nested: Fields = {"user": {"id": record.user_id, "name": person.name if person else ""}}
        match form:
            case UserForm.FLAT:
                return flat
            case UserForm.NESTED:
                return nested
            case _:
                return nested | flat
