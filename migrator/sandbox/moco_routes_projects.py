"""Projects of the simulated MOCO."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Invalid, Words
from migrator.sandbox.moco_projects import add_defaults, changed_project, drafted_project, wanted_projects
from migrator.sandbox.moco_query import query_flag, sorted_by
from migrator.sandbox.moco_records import Permission, Project
from migrator.sandbox.moco_shapes import Json
from migrator.sandbox.moco_shapes_projects import assigned_json, project_json, report_json, share_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    by_name,
    caller,
    deleted_whole,
    page_of,
    sent_fields,
)


class ProjectRoutes:
    """`/projects`; without the projects permission 403, but for what one is assigned to (GUESS: which right)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/projects", f"{API_ROOT}/projects/<int:project_id>"
        app.add_url_rule(many, view_func=self.list_projects, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_project, methods=["POST"])
        app.add_url_rule(f"{many}/assigned", view_func=self.list_assigned, methods=["GET"])
        app.add_url_rule(one, view_func=self.show_project, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_project, methods=["PUT", "PATCH"])
        app.add_url_rule(one, view_func=self.delete_project, methods=["DELETE"])
        app.add_url_rule(f"{one}/report", view_func=self.show_report, methods=["GET"])
        for name, view in (
            ("archive", self.archive_project),
            ("unarchive", self.unarchive_project),
            ("share", self.share),
            ("disable_share", self.disable_share),
            ("assign_project_group", self.assign_group),
            ("unassign_project_group", self.unassign_group),
        ):
            app.add_url_rule(f"{one}/{name}", view_func=view, methods=["PUT"])

    def list_projects(self) -> Response:
        """Paged, by name (RECORDED) or as `sort_by` says (DOC)."""
        caller().require(Permission.PROJECTS)
        whole = query_flag("include_company") is True
        chosen = sorted_by(
            by_name(wanted_projects(self._state), lambda p: p.name),
            {
                "id": lambda p: p.id,
                "name": lambda p: p.name.casefold(),
                "identifier": lambda p: p.identifier,
                "created_at": lambda p: p.created_at,
                "updated_at": lambda p: p.updated_at,
            },
        )
        return page_of(chosen, lambda p: project_json(self._state, p, whole))

    def list_assigned(self) -> Response:
        """What the user may book on: unpaged, by id, archived ones unless `active=true` (RECORDED)."""
        user = caller().person()
        chosen: list[Json] = []
        for project in sorted(self._state.projects.values(), key=lambda p: p.id):
            contract = self._state.contract_of(project.id, user.id)
            if contract is not None and (project.active or query_flag("active") is not True):
                chosen.append(assigned_json(self._state, project, contract))
        return answer(chosen)

    def show_project(self, project_id: int) -> Response:
        """One project (RECORDED), its whole company on demand (DOC)."""
        whole = query_flag("include_company") is True
        return answer(project_json(self._state, self._project(project_id), whole))

    def create_project(self) -> Response:
        """200 with number, default tasks and the leader's contract (RECORDED); 422 otherwise."""
        caller().require(Permission.PROJECTS)
        project = drafted_project(self._state, FieldReader(sent_fields()))
        self._state.projects[project.id] = project
        add_defaults(self._state, project)
        return answer(project_json(self._state, project))

    def update_project(self, project_id: int) -> Response:
        """Partial update: PUT (RECORDED), PATCH (DOC)."""
        project = self._project(project_id)
        return self._store(changed_project(self._state, project, FieldReader(sent_fields())))

    def delete_project(self, project_id: int) -> Response:
        """200 and nothing (RECORDED), or the object (DOC), by switch; with activities 422 base (DOC, body GUESS)."""
        project = self._project(project_id)
        if any(self._state.activities_on(project_id=project.id)):
            raise Invalid({"base": [Words.IN_USE]})
        shown = project_json(self._state, project)
        for task in self._state.tasks_of(project.id):
            self._state.remove_task(task)
        for contract in self._state.contracts_of(project.id):
            self._state.remove_contract(contract)
        del self._state.projects[project.id]
        return deleted_whole(self._state, shown)

    def archive_project(self, project_id: int) -> Response:
        """200 and the whole project, `active` false (RECORDED)."""
        now = self._state.now()
        return self._store(replace(self._project(project_id), active=False, archived_at=now, updated_at=now))

    def unarchive_project(self, project_id: int) -> Response:
        """200 and the whole project, `active` true (RECORDED)."""
        now = self._state.now()
        return self._store(replace(self._project(project_id), active=True, archived_at=None, updated_at=now))

    def show_report(self, project_id: int) -> Response:
        """The figures of a project (RECORDED, DOC)."""
        return answer(report_json(self._state, self._project(project_id)))

    def share(self, project_id: int) -> Response:
        """`{id, active, url}` (DOC); the address stays while it is shared (GUESS)."""
        project = self._project(project_id)
        return self._shared(project, project.share_token or secrets.token_hex(10))

    def disable_share(self, project_id: int) -> Response:
        """`{id, active: false, url: null}` (DOC)."""
        return self._shared(self._project(project_id), None)

    def assign_group(self, project_id: int) -> Response:
        """200 and the project; an unknown group is 422 (DOC, key GUESS)."""
        project, fields = self._project(project_id), FieldReader(sent_fields())
        group_id = fields.reference("project_group_id", self._state.project_groups)
        fields.check()
        return self._store(replace(project, project_group_id=group_id, updated_at=self._state.now()))

    def unassign_group(self, project_id: int) -> Response:
        """200 and the project, also when it is in none (DOC, the latter GUESS)."""
        project = self._project(project_id)
        return self._store(replace(project, project_group_id=None, updated_at=self._state.now()))

    def _project(self, project_id: int) -> Project:
        caller().require(Permission.PROJECTS)
        project = self._state.projects.get(project_id)
        if project is None:
            raise Stop(404)
        return project

    def _store(self, project: Project) -> Response:
        self._state.projects[project.id] = project
        return answer(project_json(self._state, project))

    def _shared(self, project: Project, token: str | None) -> Response:
        shared = replace(project, share_token=token, updated_at=self._state.now())
        self._state.projects[project.id] = shared
        return answer(share_json(shared))
