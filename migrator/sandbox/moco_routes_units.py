"""Teams of the simulated MOCO; people are moved by their own `unit_id`."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Invalid, Words
from migrator.sandbox.moco_properties import asked_properties, sent_properties
from migrator.sandbox.moco_query import query_ids, query_moment
from migrator.sandbox.moco_records import Permission, Unit
from migrator.sandbox.moco_shapes_people import unit_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    by_name,
    caller,
    deleted,
    page_of,
    sent_fields,
)


class UnitRoutes:
    """`/units`; which right is needed is GUESS, as for people."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/units", f"{API_ROOT}/units/<int:unit_id>"
        app.add_url_rule(many, view_func=self.list_units, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_unit, methods=["POST"])
        app.add_url_rule(one, view_func=self.show_unit, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_unit, methods=["PUT", "PATCH"])
        app.add_url_rule(one, view_func=self.delete_unit, methods=["DELETE"])

    def list_units(self) -> Response:
        """Paged (RECORDED), by name (GUESS)."""
        caller().require(Permission.STAFF)
        ids, after = query_ids(), query_moment("updated_after")
        chosen = [
            unit
            for unit in self._state.units.values()
            if (ids is None or unit.id in ids)
            and (after is None or unit.updated_at.replace(microsecond=0) > after)
            and asked_properties(self._state.property_fields, "Unit", unit.custom_properties)
        ]
        return page_of(by_name(chosen, lambda u: u.name), lambda u: unit_json(self._state, u))

    def show_unit(self, unit_id: int) -> Response:
        """One team with its people (RECORDED)."""
        return answer(unit_json(self._state, self._unit(unit_id)))

    def create_unit(self) -> Response:
        """200 (DOC); only `name` is required (GUESS)."""
        caller().require(Permission.STAFF)
        now = self._state.now()
        return self._store(Unit(self._state.new_id(), "", now, now))

    def update_unit(self, unit_id: int) -> Response:
        """Partial update (DOC)."""
        return self._store(self._unit(unit_id))

    def delete_unit(self, unit_id: int) -> Response:
        """Only without people, else 422 base (DOC, body GUESS)."""
        unit = self._unit(unit_id)
        if any(user.unit_id == unit.id for user in self._state.users.values()):
            raise Invalid({"base": [Words.IN_USE]})
        shown = unit_json(self._state, unit)
        del self._state.units[unit.id]
        return deleted(self._state, shown)

    def _unit(self, unit_id: int) -> Unit:
        caller().require(Permission.STAFF)
        unit = self._state.units.get(unit_id)
        if unit is None:
            raise Stop(404)
        return unit

    def _store(self, unit: Unit) -> Response:
        state, fields = self._state, FieldReader(sent_fields())
        merged = state.switches.custom_properties_merged
        stored = replace(
            unit,
            name=fields.text("name", unit.name),
            custom_properties=sent_properties(state.property_fields, "Unit", fields, unit.custom_properties, merged),
            updated_at=state.now(),
        )
        fields.check()
        state.units[unit.id] = stored
        return answer(unit_json(state, stored))
