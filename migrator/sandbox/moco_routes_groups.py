"""Project groups of the simulated MOCO, which its API only shows."""

from __future__ import annotations

from flask import Flask, Response

from migrator.sandbox.moco_properties import asked_properties
from migrator.sandbox.moco_query import query_ids, query_moment, query_number
from migrator.sandbox.moco_records import Permission, ProjectGroup
from migrator.sandbox.moco_shapes_projects import group_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import API_ROOT, Stop, answer, by_name, caller, page_of


class GroupRoutes:
    """`/projects/groups`; which right is needed is GUESS, as for projects."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many = f"{API_ROOT}/projects/groups"
        app.add_url_rule(many, view_func=self.list_groups, methods=["GET"])
        app.add_url_rule(f"{many}/<int:group_id>", view_func=self.show_group, methods=["GET"])

    def list_groups(self) -> Response:
        """Paged (DOC), by name (GUESS)."""
        caller().require(Permission.PROJECTS)
        chosen = [group for group in self._state.project_groups.values() if self._wanted(group)]
        return page_of(by_name(chosen, lambda g: g.name), lambda g: group_json(self._state, g))

    def show_group(self, group_id: int) -> Response:
        """One group (DOC), 404 empty."""
        caller().require(Permission.PROJECTS)
        group = self._state.project_groups.get(group_id)
        if group is None:
            raise Stop(404)
        return answer(group_json(self._state, group))

    def _wanted(self, group: ProjectGroup) -> bool:
        ids, after = query_ids(), query_moment("updated_after")
        return (
            (ids is None or group.id in ids)
            and query_number("user_id") in (None, group.user_id)
            and query_number("company_id") in (None, group.company_id)
            and (after is None or group.updated_at.replace(microsecond=0) > after)
            and asked_properties(self._state.property_fields, "ProjectGroup", group.custom_properties)
        )
