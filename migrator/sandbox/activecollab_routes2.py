"""The commands of ActiveCollab 2."""

from __future__ import annotations

from flask import Flask, Response, request

from migrator.sandbox.activecollab_hand import Hand
from migrator.sandbox.activecollab_inputs import SECOND, read_changes
from migrator.sandbox.activecollab_records import Project, State, Task, TimeRecord
from migrator.sandbox.activecollab_shapes2 import Shapes2
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import Access
from migrator.sandbox.activecollab_web import (
    COMMANDS,
    LegacyAnswers,
    Stop,
    View,
    caller_id,
    form_fields,
    project_found,
    record_found,
    require_writing,
    tracked_found,
)


class Routes2:
    """`api.php?path_info=…&token=…`; project and company ids in paths, tickets by number."""

    def __init__(self, state: ActiveCollabState, hand: Hand) -> None:
        self._state = state
        self._hand = hand
        self._shapes = Shapes2(state)
        self._answers = LegacyAnswers(state)

    def register(self, app: Flask) -> None:
        """Add the commands to `app`."""
        project = "projects/<int:project_id>"
        commands: dict[str, View] = {
            "info": self.show_system,
            "roles/system": self.list_roles,
            "roles/project": self.list_roles,
            "people": self.list_companies,
            "people/<int:company_id>": self.show_company,
            "people/<int:company_id>/users/<int:user_id>": self.show_user,
            "projects": self.list_projects,
            "projects/groups": self.list_groups,
            project: self.show_project,
            f"{project}/people": self.list_project_people,
            f"{project}/tickets": self.list_tickets,
            f"{project}/tickets/archive": self.list_archived_tickets,
            f"{project}/tickets/<int:number>": self.show_ticket,
            f"{project}/time": self.list_time,
            f"{project}/time/<int:record_id>": self.show_time,
            f"{project}/time/add": self.add_time,
            f"{project}/time/<int:record_id>/edit": self.edit_time,
            f"{project}/objects/<int:record_id>/move-to-trash": self.trash_time,
            f"{project}/objects/<int:record_id>/restore-from-trash": self.restore_time,
        }
        for command, view in commands.items():
            app.add_url_rule(f"{COMMANDS}/{command}", view_func=view, methods=["GET", "POST"])

    def show_system(self) -> Response:
        """Versions and the owner of the token."""
        read_only = self._state.switches.access is Access.READ_ONLY
        return self._answers.one("info", self._shapes.system(caller_id(), read_only=read_only))

    def list_roles(self) -> Response:
        """The roles, as many as a small installation has."""
        names = enumerate(("Administrator", "People Manager", "Member"), 1)
        return self._answers.many("roles", "role", ({"id": ident, "name": name} for ident, name in names))

    def list_companies(self) -> Response:
        """All companies, archived ones among them (DOC)."""
        return self._answers.many("companies", "company", map(self._shapes.company, self._state.companies.values()))

    def show_company(self, company_id: int) -> Response:
        """A company with its people, archived ones among them."""
        company = self._state.companies.get(company_id)
        if company is None:
            raise Stop(404)
        return self._answers.one("company", self._shapes.company_detail(company, caller_id()))

    def show_user(self, company_id: int, user_id: int) -> Response:
        """A person."""
        person = self._state.people.get(user_id)
        if person is None or person.company_id != company_id:
            raise Stop(404)
        return self._answers.one("user", self._shapes.user(person, caller_id()))

    def list_projects(self) -> Response:
        """Projects of every status in one list (DOC)."""
        projects = self._state.projects_in(State.VISIBLE, State.ARCHIVED)
        return self._answers.many("projects", "project", map(self._shapes.project, projects))

    def list_groups(self) -> Response:
        """The project groups: none."""
        return self._answers.many("project_groups", "project_group", [])

    def show_project(self, project_id: int) -> Response:
        """A project with leader, company and permissions."""
        project = project_found(self._state.projects.get(project_id))
        return self._answers.one("project", self._shapes.project_detail(project, caller_id()))

    def list_project_people(self, project_id: int) -> Response:
        """Everybody; the simulation knows no teams."""
        project = project_found(self._state.projects.get(project_id))
        people = (self._shapes.project_user(person, project) for person in self._state.people_in(State.VISIBLE))
        return self._answers.many("project_users", "project_user", people)

    def list_tickets(self, project_id: int) -> Response:
        """The tickets that are not archived."""
        return self._tickets(project_id, State.VISIBLE)

    def list_archived_tickets(self, project_id: int) -> Response:
        """The archived tickets."""
        return self._tickets(project_id, State.ARCHIVED)

    def show_ticket(self, project_id: int, number: int) -> Response:
        """A ticket by its number, with the tasks below it."""
        project = project_found(self._state.projects.get(project_id))
        task = self._state.task_numbered(project.id, number)
        if task is None or task.state is State.TRASHED:
            raise Stop(404)
        return self._answers.one("ticket", self._shapes.ticket_detail(task))

    def list_time(self, project_id: int) -> Response:
        """All time of a project, without any limit."""
        project = tracked_found(self._state.projects.get(project_id))
        records = self._state.in_order(self._state.time_of(project.id))
        shown = (self._shapes.time_record(record, detail=False) for record in records)
        return self._answers.many("time_records", "time_record", shown)

    def show_time(self, project_id: int, record_id: int) -> Response:
        """One time record."""
        return self._shown(self._record(project_id, record_id))

    def add_time(self, project_id: int) -> Response:
        """Add time: person, hours and day are required (DOC)."""
        project = tracked_found(self._state.projects.get(project_id))
        changes = self._entered(project, adding=True)
        return self._shown(self._hand.add(project.id, changes, by=caller_id()))

    def edit_time(self, project_id: int, record_id: int) -> Response:
        """Change the fields that are sent."""
        record = self._record(project_id, record_id)
        changes = self._entered(self._state.projects[record.project_id], adding=False)
        return self._shown(self._hand.change(record, changes, by=caller_id()))

    def trash_time(self, project_id: int, record_id: int) -> Response:
        """Move time to the trash; other objects cannot be."""
        return self._put_state(project_id, record_id, State.TRASHED)

    def restore_time(self, project_id: int, record_id: int) -> Response:
        """Take time out of the trash."""
        return self._put_state(project_id, record_id, State.VISIBLE)

    def _put_state(self, project_id: int, record_id: int, state: State) -> Response:
        record = self._state.records.get(record_id)
        if record is None or record.project_id != tracked_found(self._state.projects.get(project_id)).id:
            raise Stop(404)
        require_writing(self._state)
        form_fields("object")
        return self._shown(self._hand.change(record, {"state": state}, by=caller_id()))

    def _tickets(self, project_id: int, state: State) -> Response:
        project = project_found(self._state.projects.get(project_id))
        tasks: list[Task] = [task for task in self._state.tasks_of(project.id) if task.state is state]
        return self._answers.many("tickets", "ticket", map(self._shapes.ticket, tasks))

    def _record(self, project_id: int, record_id: int) -> TimeRecord:
        project = tracked_found(self._state.projects.get(project_id))
        return record_found(self._state, project, record_id)

    def _shown(self, record: TimeRecord) -> Response:
        return self._answers.one("time_record", self._shapes.time_record(record, detail=True))

    def _entered(self, project: Project, *, adding: bool) -> dict[str, object]:
        """The fields sent; a POST whose Content-Type names a charset is 400, as a server of 2010 was seen to answer."""
        require_writing(self._state)
        if "charset" in (request.content_type or ""):
            raise Stop(400)
        sent = form_fields("time")
        changes, problems = read_changes(self._state, sent, SECOND, adding=adding)
        task_id = changes.get("task_id")
        if isinstance(task_id, int) and self._state.holds_task(task_id) != project.id:
            problems = {**problems, "parent_id": ["parent is in another project"]}
        if problems:
            raise Stop(self._state.switches.validation_status, "Validation failed", problems, sent)
        return changes
