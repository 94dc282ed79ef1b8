"""The commands of ActiveCollab 3 and 4."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, request

from migrator.sandbox.activecollab_hand import Hand
from migrator.sandbox.activecollab_inputs import LATER, read_changes
from migrator.sandbox.activecollab_records import Expense, Project, State, Task, TimeRecord
from migrator.sandbox.activecollab_shapes3 import Shapes3
from migrator.sandbox.activecollab_state import ActiveCollabState, newest_first
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


class Routes3:
    """`api.php?path_info=…&auth_api_token=…`; projects by id or slug, tasks by number."""

    def __init__(self, state: ActiveCollabState, hand: Hand) -> None:
        self._state = state
        self._hand = hand
        self._shapes = Shapes3(state)
        self._answers = LegacyAnswers(state)

    def register(self, app: Flask) -> None:
        """Add the commands to `app`."""
        people, project = "people/<int:company_id>", "projects/<project_key>"
        task = f"{project}/tasks/<int:number>"
        commands: dict[str, View] = {
            "info": self.show_system,
            "info/job-types": self.list_job_types,
            "people": lambda: self._companies(State.VISIBLE),
            "people/archive": lambda: self._companies(State.ARCHIVED),
            people: self.show_company,
            f"{people}/users": lambda company_id: self._users(company_id, State.VISIBLE),
            f"{people}/users/archive": lambda company_id: self._users(company_id, State.ARCHIVED),
            f"{people}/users/<int:user_id>": self.show_user,
            "projects": lambda: self._projects(State.VISIBLE),
            "projects/archive": lambda: self._projects(State.ARCHIVED),
            project: self.show_project,
            f"{project}/people": self.list_project_people,
            f"{project}/tasks": lambda project_key: self._tasks(project_key, State.VISIBLE),
            f"{project}/tasks/archive": lambda project_key: self._tasks(project_key, State.ARCHIVED),
            task: self.show_task,
        }
        for place in (project, task):
            commands |= {
                f"{place}/tracking": self.list_tracked,
                f"{place}/tracking/time/add": self.add_time,
                f"{place}/tracking/time/<int:record_id>": self.show_time,
                f"{place}/tracking/time/<int:record_id>/edit": self.edit_time,
                f"{place}/tracking/time/<int:record_id>/trash": self.trash_time,
                f"{place}/tracking/time/<int:record_id>/untrash": self.restore_time,
            }
        for command, view in commands.items():
            rule = f"{COMMANDS}/{command}"
            app.add_url_rule(rule, endpoint=rule, view_func=view, methods=["GET", "POST"])

    def show_system(self) -> Response:
        """Versions, and the owner of the token nested."""
        read_only = self._state.switches.access is Access.READ_ONLY
        return self._answers.one("info", self._shapes.system(caller_id(), read_only=read_only))

    def list_job_types(self) -> Response:
        """The job types."""
        return self._answers.many("job_types", "job_type", map(self._shapes.job_type, self._state.job_types.values()))

    def show_company(self, company_id: int) -> Response:
        """A company."""
        company = self._state.companies.get(company_id)
        if company is None:
            raise Stop(404)
        return self._answers.one("company", self._shapes.company(company))

    def show_user(self, company_id: int, user_id: int) -> Response:
        """A person."""
        person = self._state.people.get(user_id)
        if person is None or person.company_id != company_id:
            raise Stop(404)
        return self._answers.one("user", self._shapes.user(person))

    def show_project(self, project_key: str) -> Response:
        """A project by id or slug."""
        return self._answers.one("project", self._shapes.project(self._project(project_key)))

    def list_project_people(self, project_key: str) -> Response:
        """Everybody; the simulation knows no teams."""
        self._project(project_key)
        people = map(self._shapes.project_user, self._state.people_in(State.VISIBLE))
        return self._answers.many("project_users", "project_user", people)

    def show_task(self, project_key: str, number: int) -> Response:
        """A task by its number."""
        return self._answers.one("task", self._shapes.task(self._task(self._project(project_key), number)))

    def list_tracked(self, project_key: str, number: int | None = None) -> Response:
        """Time and expenses of a project or task, the last 300 unless `dont_limit_result=1` (DOC)."""
        project = tracked_found(self._project(project_key))
        rows: Iterable[TimeRecord | Expense] = [*self._state.time_of(project.id)]
        if number is None:
            rows = [*rows, *self._state.expenses_of(project.id)]
        else:
            task = self._task(project, number)
            rows = [each for each in self._state.time_of(project.id) if self._state.task_of(each) == task]
        newest = newest_first(iter(rows))
        switches = self._state.switches
        if not (switches.honours_dont_limit_result and request.args.get("dont_limit_result") == "1"):
            newest = newest[: switches.list_cap]
        return self._answers.many(
            "tracking_objects", "tracking_object", map(self._tracked, self._state.in_order(newest))
        )

    def show_time(self, project_key: str, record_id: int, number: int | None = None) -> Response:
        """One time record, at the project or at its task."""
        return self._shown(self._record(project_key, number, record_id))

    def add_time(self, project_key: str, number: int | None = None) -> Response:
        """Add time; person, hours, day and job type are required."""
        project = tracked_found(self._project(project_key))
        task_id = None if number is None else self._task(project, number).id
        changes = {**self._entered(adding=True), "task_id": task_id}
        return self._shown(self._hand.add(project.id, changes, by=caller_id()))

    def edit_time(self, project_key: str, record_id: int, number: int | None = None) -> Response:
        """Change the fields that are sent."""
        record = self._record(project_key, number, record_id)
        return self._shown(self._hand.change(record, self._entered(adding=False), by=caller_id()))

    def trash_time(self, project_key: str, record_id: int, number: int | None = None) -> Response:
        """Move time to the trash."""
        return self._put_state(project_key, number, record_id, State.TRASHED)

    def restore_time(self, project_key: str, record_id: int, number: int | None = None) -> Response:
        """Take time out of the trash."""
        return self._put_state(project_key, number, record_id, State.VISIBLE)

    def _companies(self, state: State) -> Response:
        return self._answers.many("companies", "company", map(self._shapes.company, self._state.companies_in(state)))

    def _users(self, company_id: int, state: State) -> Response:
        if company_id not in self._state.companies:
            raise Stop(404)
        staff = (each for each in self._state.people_in(state) if each.company_id == company_id)
        return self._answers.many("users", "user", map(self._shapes.user, staff))

    def _projects(self, state: State) -> Response:
        return self._answers.many("projects", "project", map(self._shapes.project, self._state.projects_in(state)))

    def _tasks(self, project_key: str, state: State) -> Response:
        project = self._project(project_key)
        tasks = (task for task in self._state.tasks_of(project.id) if task.state is state)
        return self._answers.many("tasks", "task", map(self._shapes.task, tasks))

    def _tracked(self, row: TimeRecord | Expense) -> dict[str, object]:
        return self._shapes.time_record(row) if isinstance(row, TimeRecord) else self._shapes.expense(row)

    def _shown(self, record: TimeRecord) -> Response:
        return self._answers.one("time_record", self._shapes.time_record(record))

    def _project(self, key: str) -> Project:
        """By id first: a slug of digits only cannot be told from one."""
        found = self._state.projects.get(int(key)) if key.isdecimal() else None
        by_slug = (each for each in self._state.projects.values() if each.slug == key)
        return project_found(found or next(by_slug, None))

    def _task(self, project: Project, number: int) -> Task:
        task = self._state.task_numbered(project.id, number)
        if task is None or task.state is State.TRASHED:
            raise Stop(404)
        return task

    def _record(self, project_key: str, number: int | None, record_id: int) -> TimeRecord:
        """404 also where the record hangs on something else than the address says."""
        project = tracked_found(self._project(project_key))
        record = record_found(self._state, project, record_id)
        task = self._state.task_of(record)
        if number is None and task is not None and not self._state.switches.task_time_at_project:
            raise Stop(404)
        if number is not None and task != self._task(project, number):
            raise Stop(404)
        return record

    def _put_state(self, project_key: str, number: int | None, record_id: int, state: State) -> Response:
        project = tracked_found(self._project(project_key))
        record = self._state.records.get(record_id)
        if record is None or record.project_id != project.id:
            raise Stop(404)
        if number is not None and self._state.task_of(record) != self._task(project, number):
            raise Stop(404)
        require_writing(self._state)
        form_fields("object")
        return self._shown(self._hand.change(record, {"state": state}, by=caller_id()))

    def _entered(self, *, adding: bool) -> dict[str, object]:
        require_writing(self._state)
        sent = form_fields("time_record")
        changes, problems = read_changes(self._state, sent, LATER, adding=adding)
        if problems:
            status = self._state.switches.validation_status
            raise Stop(status, "Validation failed", problems, sent, kind="ValidationErrors")
        changes.pop("task_id", None)
        return changes
