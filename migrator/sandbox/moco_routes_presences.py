"""Presences of the simulated MOCO: when people worked, and the clock they punch."""

from __future__ import annotations

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_presences import MalformedTime, drafted_presence, store_presence, touched_presence
from migrator.sandbox.moco_query import query_day, query_flag, query_ids, query_moment, query_number
from migrator.sandbox.moco_records import Permission, Presence
from migrator.sandbox.moco_shapes import presence_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    broken,
    caller,
    deleted,
    page_of,
    sent_fields,
)


class PresenceRoutes:
    """`/users/presences`; a person is given by the key or by impersonation, never by a field (RECORDED)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/users/presences", f"{API_ROOT}/users/presences/<int:presence_id>"
        app.register_error_handler(MalformedTime, lambda _: broken())
        app.add_url_rule(many, view_func=self.list_presences, methods=["GET"])
        app.add_url_rule(many, view_func=self.create_presence, methods=["POST"])
        app.add_url_rule(f"{many}/touch", view_func=self.touch, methods=["POST"])
        app.add_url_rule(one, view_func=self.show_presence, methods=["GET"])
        app.add_url_rule(one, view_func=self.update_presence, methods=["PUT", "PATCH"])
        app.add_url_rule(one, view_func=self.delete_presence, methods=["DELETE"])

    def list_presences(self) -> Response:
        """Paged (RECORDED), by day and time (GUESS); `from` and `to` count only together (DOC).

        Without the staff permission only one's own are there, whatever `user_id` says (LIVE without it, else GUESS).
        """
        chosen = [each for each in self._state.presences.values() if self._wanted(each)]
        chosen.sort(key=lambda each: (each.date, each.start, each.id))
        return page_of(chosen, lambda each: presence_json(self._state, each))

    def show_presence(self, presence_id: int) -> Response:
        """One presence (RECORDED); 404 empty, also for one that the caller must not see (GUESS)."""
        return answer(presence_json(self._state, self._presence(presence_id)))

    def create_presence(self) -> Response:
        """200 (RECORDED), without `to` an open one, also on a past day (LIVE)."""
        user, state = caller().person(), self._state
        created = drafted_presence(state, user.id, FieldReader(sent_fields()))
        return self._stored(created)

    def update_presence(self, presence_id: int) -> Response:
        """Partial update: PUT (RECORDED), PATCH (LIVE)."""
        known = self._own(presence_id)
        return self._stored(drafted_presence(self._state, known.user_id, FieldReader(sent_fields()), known))

    def delete_presence(self, presence_id: int) -> Response:
        """200 and the object (LIVE of 2026), or 204 (RECORDED until 2022), by switch."""
        known = self._own(presence_id)
        del self._state.presences[presence_id]
        as_object = self._state.switches.presence_delete_returns_object
        return deleted(self._state, presence_json(self._state, known), as_object)

    def touch(self) -> Response:
        """Closes the open presence at this minute or opens one (RECORDED); 423 empty when that cannot be (DOC).

        `override` is not looked at: the documents contradict each other about it.
        """
        touched = touched_presence(self._state, caller().person().id)
        if touched is None:
            raise Stop(423)
        return answer(None if self._state.switches.touch_answers_nothing else presence_json(self._state, touched))

    def _stored(self, presence: Presence) -> Response:
        store_presence(self._state, presence)
        return answer(presence_json(self._state, presence))

    def _presence(self, presence_id: int) -> Presence:
        presence = self._state.presences.get(presence_id)
        if presence is None or not self._visible(presence):
            raise Stop(404)
        return presence

    def _own(self, presence_id: int) -> Presence:
        """The presence, if the caller may change it; another's is 403 without impersonation (GUESS, strict)."""
        presence = self._presence(presence_id)
        user = caller().user
        if not self._state.switches.foreign_writes and (user is None or user.id != presence.user_id):
            raise Stop(403)
        return presence

    def _visible(self, presence: Presence) -> bool:
        return Permission.STAFF in caller().permissions or presence.user_id == caller().person().id

    def _wanted(self, presence: Presence) -> bool:
        first, last = query_day("from"), query_day("to")
        ids, after = query_ids(), query_moment("updated_after")
        return (
            self._visible(presence)
            and query_number("user_id") in (None, presence.user_id)
            and (first is None or last is None or first <= presence.date <= last)
            and query_flag("is_home_office") in (None, presence.is_home_office)
            and (ids is None or presence.id in ids)
            and (after is None or presence.updated_at.replace(microsecond=0) > after)
        )
