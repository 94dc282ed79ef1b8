"""Standard services of the simulated MOCO, which its API only shows here: those that new projects begin with."""

from __future__ import annotations

from flask import Flask, Response

from migrator.sandbox.moco_query import query_ids
from migrator.sandbox.moco_records import Permission
from migrator.sandbox.moco_shapes import Json, stamp
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import API_ROOT, Stop, answer, caller, page_of

_FIRST_ID = 909_300_001


class TemplateRoutes:
    """`/account/task_templates`; they are what the switch `default_tasks` names."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many = f"{API_ROOT}/account/task_templates"
        app.add_url_rule(many, view_func=self.list_templates, methods=["GET"])
        app.add_url_rule(f"{many}/<int:template_id>", view_func=self.show_template, methods=["GET"])

    def list_templates(self) -> Response:
        """Paged (DOC), in their order (GUESS)."""
        caller().require(Permission.PROJECTS)
        ids = query_ids()
        return page_of([each for each in self._templates() if ids is None or each["id"] in ids], lambda each: each)

    def show_template(self, template_id: int) -> Response:
        """One of them (DOC), 404 empty."""
        caller().require(Permission.PROJECTS)
        found = next((each for each in self._templates() if each["id"] == template_id), None)
        if found is None:
            raise Stop(404)
        return answer(found)

    def _templates(self) -> list[Json]:
        founded = stamp(self._state.founded_at)
        return [
            {
                "id": _FIRST_ID + place,
                "name": name,
                "description": None,
                "revenue_category": None,
                "billable": True,
                "project_default": True,
                "index": place,
                "created_at": founded,
                "updated_at": founded,
            }
            for place, name in enumerate(self._state.switches.default_tasks)
        ]
