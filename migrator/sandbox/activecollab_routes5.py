"""The time, projects and people of ActiveCollab 5 to 7, as JSON."""

from __future__ import annotations

from datetime import date

from flask import Flask, Response, request

from migrator.sandbox.activecollab_hand import Hand
from migrator.sandbox.activecollab_inputs import LATER, read_changes, read_day
from migrator.sandbox.activecollab_pages import Pages
from migrator.sandbox.activecollab_records import Project, State, TimeRecord
from migrator.sandbox.activecollab_shapes5 import Json, Shapes5
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_web import (
    COMMANDS,
    Stop,
    View,
    caller_id,
    json_answer,
    project_found,
    record_found,
    require_writing,
    tracked_found,
)


class Routes5:
    """`/api/v1/…` with the token in a header."""

    def __init__(self, state: ActiveCollabState, hand: Hand) -> None:
        self._state = state
        self._hand = hand
        self._shapes = Shapes5(state)
        self._pages = Pages(state)

    def register(self, app: Flask) -> None:
        """Add the commands to `app`."""
        project = "projects/<int:project_id>"
        record = f"{project}/time-records/<int:record_id>"
        trash, restore = "move-to-trash/time-record", "restore-from-trash/time-record"
        commands: dict[tuple[str, str], View] = {
            ("GET", "info"): self.show_system,
            ("GET", "projects"): lambda: self._projects(State.VISIBLE),
            ("GET", "projects/archive"): lambda: self._projects(State.ARCHIVED),
            ("GET", project): self.show_project,
            ("GET", f"{project}/time-records"): self.list_time,
            ("GET", f"{project}/time-records/filtered-by-date"): self.list_time_by_date,
            ("POST", f"{project}/time-records"): self.add_time,
            ("GET", record): self.show_time,
            ("PUT", record): self.edit_time,
            ("DELETE", record): self.delete_time,
            ("GET", f"{project}/tasks"): self.list_tasks,
            ("GET", f"{project}/tasks/archive"): self.list_archived_tasks,
            ("GET", f"{project}/tasks/<int:task_id>/time-records"): self.list_task_time,
            ("GET", "users"): lambda: self._users(State.VISIBLE),
            ("GET", "users/all"): lambda: self._users(*State),
            ("GET", "users/<int:user_id>"): self.show_user,
            ("GET", "users/<int:user_id>/time-records/filtered-by-date"): self.list_user_time,
            ("GET", "companies"): lambda: self._companies(State.VISIBLE),
            ("GET", "companies/all"): lambda: self._companies(*State),
            ("GET", "job-types"): self.list_job_types,
            ("GET", "trash"): lambda: json_answer(self._shapes.trash()),
            ("DELETE", "trash"): self.empty_trash,
            ("PUT", f"{trash}/<int:record_id>"): lambda record_id: self._put_state(record_id, State.TRASHED),
            ("PUT", f"{restore}/<int:record_id>"): lambda record_id: self._put_state(record_id, State.VISIBLE),
        }
        for (method, command), view in commands.items():
            rule = f"{COMMANDS}/{command}"
            app.add_url_rule(rule, endpoint=f"{method} {rule}", view_func=view, methods=[method])

    def show_system(self) -> Response:
        """Application and version."""
        return json_answer({"application": "ActiveCollab", "version": self._state.system_version})

    def show_project(self, project_id: int) -> Response:
        """A project, whatever its state."""
        return json_answer({"single": self._shapes.project(project_found(self._state.projects.get(project_id)))})

    def list_time(self, project_id: int) -> Response:
        """A page of a project's time, newest first unless switched (DOC)."""
        project = tracked_found(self._state.projects.get(project_id))
        records = self._state.in_order(self._state.time_of(project.id))
        return self._pages.page(f"time_records_in_project_{project.id}", records, self._shapes.time_list)

    def list_time_by_date(self, project_id: int) -> Response:
        """A project's time between two days, both included."""
        project = tracked_found(self._state.projects.get(project_id))
        return self._by_date(f"filtered_time_records_in_project_{project.id}", self._state.time_of(project.id))

    def list_user_time(self, user_id: int) -> Response:
        """A person's time between two days, over all projects that the caller sees."""
        if user_id not in self._state.people:
            raise Stop(404)
        records = [each for each in self._state.time_seen() if each.user_id == user_id]
        return self._by_date(f"filtered_time_records_by_user_{user_id}", records)

    def list_task_time(self, project_id: int, task_id: int) -> Response:
        """The time of one task, by its id."""
        project = tracked_found(self._state.projects.get(project_id))
        task = self._state.tasks.get(task_id)
        if task is None or task.project_id != project.id:
            raise Stop(404)
        records = [each for each in self._state.time_of(project.id) if self._state.task_of(each) == task]
        return self._pages.page(f"time_records_in_task_{task.id}", records, self._shapes.time_list)

    def show_time(self, project_id: int, record_id: int) -> Response:
        """One time record."""
        return self._single(self._record(project_id, record_id))

    def add_time(self, project_id: int) -> Response:
        """Add time; person, hours, day and job type are required."""
        project = tracked_found(self._state.projects.get(project_id))
        return self._single(self._hand.add(project.id, self._entered(project, adding=True), by=caller_id()))

    def edit_time(self, project_id: int, record_id: int) -> Response:
        """Change the fields that are sent; `project_id` and `task_id` move the record (DOC)."""
        record = self._record(project_id, record_id)
        target = self._state.projects[record.project_id]
        wanted = _sent().get("project_id")
        if wanted is not None:
            target = tracked_found(self._state.projects.get(int(str(wanted)) if str(wanted).isdecimal() else 0))
        changes = self._entered(target, adding=False)
        if target.id != record.project_id:
            changes = {"task_id": None, **changes, "project_id": target.id}
        return self._single(self._hand.change(record, changes, by=caller_id()))

    def delete_time(self, project_id: int, record_id: int) -> Response:
        """Into the trash; out of it for good (GUESS)."""
        require_writing(self._state)
        record = self._record(project_id, record_id)
        if record.state is State.TRASHED:
            self._state.remove_record(record.id)
            return json_answer({"is_ok": True})
        return self._put_state(record_id, State.TRASHED)

    def list_tasks(self, project_id: int) -> Response:
        """The open tasks, beside their lists (CLI)."""
        tasks = self._tasks(project_id, State.VISIBLE)
        body = {"tasks": tasks, "task_lists": [], "completed_task_ids": []}
        return self._pages.whole(f"tasks_in_project_{project_id}", len(tasks), body)

    def list_archived_tasks(self, project_id: int) -> Response:
        """A page of the completed tasks."""
        return self._pages.page(
            f"archived_tasks_in_project_{project_id}", self._tasks(project_id, State.ARCHIVED), list
        )

    def show_user(self, user_id: int) -> Response:
        """A person, whatever their state."""
        person = self._state.people.get(user_id)
        if person is None:
            raise Stop(404)
        return json_answer({"single": self._shapes.user(person)})

    def list_job_types(self) -> Response:
        """The job types."""
        rows = [self._shapes.job_type(each) for each in self._state.job_types.values()]
        return self._pages.whole("job_types", len(rows), rows)

    def empty_trash(self) -> Response:
        """Delete what lies in the trash; the answer is `text/html` (DOC)."""
        require_writing(self._state)
        trashed = [each.id for each in self._state.records.values() if each.state is State.TRASHED]
        for record_id in trashed[:100]:
            self._state.remove_record(record_id)
        return Response(b"", content_type="text/html; charset=utf-8")

    def _projects(self, state: State) -> Response:
        name = "active_projects" if state is State.VISIBLE else "archived_projects"
        return self._pages.page(name, [self._shapes.project(each) for each in self._state.projects_in(state)], list)

    def _users(self, *states: State) -> Response:
        rows = [self._shapes.user(person) for person in self._state.people_in(*states)]
        return self._pages.whole("users", len(rows), rows)

    def _companies(self, *states: State) -> Response:
        rows = [self._shapes.company(company) for company in self._state.companies_in(*states)]
        return self._pages.whole("companies", len(rows), rows)

    def _tasks(self, project_id: int, state: State) -> list[Json]:
        project = project_found(self._state.projects.get(project_id))
        return [self._shapes.task(task) for task in self._state.tasks_of(project.id) if task.state is state]

    def _by_date(self, name: str, newest: list[TimeRecord]) -> Response:
        records = self._state.in_order(newest)
        if self._state.switches.filters_by_date:
            first, last = _day("from"), _day("to")
            records = [each for each in records if first <= each.day <= last]
        if self._state.switches.filtered_in_pages:
            return self._pages.page(name, records, self._shapes.time_list)
        return self._pages.whole(name, len(records), self._shapes.time_list(records))

    def _record(self, project_id: int, record_id: int) -> TimeRecord:
        return record_found(self._state, tracked_found(self._state.projects.get(project_id)), record_id)

    def _single(self, record: TimeRecord) -> Response:
        return json_answer({"single": self._shapes.time_record(record)})

    def _put_state(self, record_id: int, state: State) -> Response:
        require_writing(self._state)
        record = self._state.records.get(record_id)
        if record is None:
            raise Stop(404)
        tracked_found(self._state.projects.get(record.project_id))
        return self._single(self._hand.change(record, {"state": state}, by=caller_id()))

    def _entered(self, project: Project, *, adding: bool) -> dict[str, object]:
        require_writing(self._state)
        changes, problems = read_changes(self._state, _sent(), LATER, adding=adding)
        task_id = changes.get("task_id")
        if isinstance(task_id, int) and self._state.holds_task(task_id) != project.id:
            problems = {**problems, "task_id": ["task is in another project"]}
        if problems:
            status = self._state.switches.validation_status
            raise Stop(status, "Validation failed", problems, kind="ValidationErrors")
        return changes


def _sent() -> dict[str, object]:
    """The fields sent: JSON (DOC), or a form, which 5.11 was recorded to accept."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return dict(request.form)
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Stop(400)
    return sent


def _day(name: str) -> date:
    try:
        return read_day(request.args.get(name, ""))
    except ValueError as problem:
        raise Stop(500, f"{name}: {problem}", kind="InvalidParamError") from problem
