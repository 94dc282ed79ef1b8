"""Activities of the simulated MOCO, one at a time; bulk and disregard lie beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from flask import Flask, Response, g, request

from migrator.sandbox.faults import RefuseRows, WrongUser
from migrator.sandbox.moco_activities import ActivityFilter
from migrator.sandbox.moco_presences import open_presence
from migrator.sandbox.moco_problems import Invalid, Words
from migrator.sandbox.moco_query import (
    query_day,
    query_flag,
    query_ids,
    query_moment,
    query_number,
    query_word,
    query_words,
)
from migrator.sandbox.moco_records import Activity, Permission, User
from migrator.sandbox.moco_rules import (
    draft_activity,
    refuse_change,
    stop_running_timer,
    store_draft,
    update_activity,
    with_stopped_timer,
)
from migrator.sandbox.moco_shapes import Json, activity_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_switches import Markers
from migrator.sandbox.moco_web import (
    API_ROOT,
    Stop,
    answer,
    caller,
    deleted,
    page_of,
    sees_rates,
    sent_fields,
)


class ActivityRoutes:
    """`/activities` and what hangs below one activity."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/activities", f"{API_ROOT}/activities/<int:activity_id>"
        app.add_url_rule(many, view_func=self.list_activities, methods=["GET"])
        app.add_url_rule(many, view_func=self.create, methods=["POST"])
        app.add_url_rule(one, view_func=self.show, methods=["GET"])
        app.add_url_rule(one, view_func=self.update, methods=["PUT", "PATCH"])
        app.add_url_rule(one, view_func=self.delete, methods=["DELETE"])
        app.add_url_rule(f"{one}/start_timer", view_func=self.start_timer, methods=["PATCH"])
        app.add_url_rule(f"{one}/stop_timer", view_func=self.stop_timer, methods=["PATCH"])
        app.add_url_rule(f"{one}/billable_seconds", view_func=self.set_billable_seconds, methods=["PATCH"])

    def list_activities(self) -> Response:
        """All activities the filters leave, by id ascending (filters DOC, order inferred).

        `from` and `to` are inclusive (RECORDED); what cannot be read as a filter is ignored (LIVE).
        """
        state = self._state
        wanted = self._filter()
        stale = state.switches.list_staleness_seconds
        newest = state.now() - timedelta(seconds=stale)
        own = self._only_own()
        narrowed = stale > 0 or own is not None

        def visible(activity: Activity) -> bool:
            return (stale == 0 or activity.created_at <= newest) and own in (None, activity.user_id)

        found = state.activities.select(wanted, visible if narrowed else None)
        return page_of(self._sorted(found), self._shown_id)

    def show(self, activity_id: int) -> Response:
        """One activity (RECORDED), 404 empty (LIVE)."""
        return answer(self._shown(self._activity(activity_id)))

    def create(self) -> Response:
        """Create for the effective user: 200 (RECORDED), 422 (LIVE)."""
        sent = sent_fields()
        refuse_rows(sent)
        created = store_draft(self._state, draft_activity(self._state, booking_user(), sent))
        return answer(created_json(self._state, created))

    def update(self, activity_id: int) -> Response:
        """Partial update: PUT (RECORDED), PATCH (DOC, LIVE); 422 when billed or locked (DOC)."""
        activity = self._own(activity_id)
        sent = sent_fields()
        refuse_rows(sent)
        return answer(self._shown(update_activity(self._state, activity, sent)))

    def delete(self, activity_id: int) -> Response:
        """204 (RECORDED) or 200 with the object (DOC); 422 when billed or locked (DOC)."""
        activity = self._own(activity_id)
        refuse_change(self._state, activity)
        shown = self._shown(activity)
        self._state.activities.remove(activity_id)
        return deleted(self._state, shown)

    def start_timer(self, activity_id: int) -> Response:
        """RECORDED; opens a presence unless one is open; on another day or running already 422 base (LIVE)."""
        activity = self._own(activity_id)
        if activity.timer_started_at is not None:
            raise Invalid({"base": [Words.TIMER_RUNNING]})
        if activity.date != self._state.today():
            raise Invalid({"base": [Words.TIMER_OTHER_DAY]})
        refuse_change(self._state, activity)
        stop_running_timer(self._state, activity.user_id)
        open_presence(self._state, activity.user_id)
        now = self._state.now()
        return self._stored(replace(activity, timer_started_at=now, updated_at=now))

    def stop_timer(self, activity_id: int) -> Response:
        """RECORDED; adds whole minutes (LIVE), not running is 422 base."""
        activity = self._own(activity_id)
        if activity.timer_started_at is None:
            raise Invalid({"base": [Words.TIMER_NOT_RUNNING]})
        return self._stored(with_stopped_timer(self._state, activity))

    def set_billable_seconds(self, activity_id: int) -> Response:
        """Changes `seconds`, keeps `worked_seconds`; 403 unless the caller leads the project (DOC)."""
        activity = self._activity(activity_id)
        if self._state.projects[activity.project_id].leader_id != caller().person().id:
            raise Stop(403)
        refuse_change(self._state, activity)
        seconds = sent_fields().get("seconds")
        if type(seconds) is not int or seconds < 0:
            raise Invalid({"seconds": [Words.NOT_A_NUMBER]})
        return self._stored(replace(activity, seconds=seconds, updated_at=self._state.now()))

    def _stored(self, activity: Activity) -> Response:
        self._state.activities.put(activity)
        return answer(self._shown(activity))

    def _shown(self, activity: Activity) -> Json:
        return activity_json(self._state, activity, sees_rates(self._state))

    def _shown_id(self, activity_id: int) -> Json:
        return self._shown(self._activity(activity_id))

    def _activity(self, activity_id: int) -> Activity:
        activity = self._state.activities.get(activity_id)
        if activity is None:
            raise Stop(404)
        own = self._only_own()
        if own is not None and own != activity.user_id:
            raise Stop(404)
        return activity

    def _own(self, activity_id: int) -> Activity:
        """The activity, if the caller may change it; another's is 403 (GUESS, strict)."""
        activity = self._activity(activity_id)
        user = caller().user
        if not self._state.switches.foreign_writes and (user is None or user.id != activity.user_id):
            raise Stop(403)
        return activity

    def _only_own(self) -> int | None:
        """The one person whose activities the caller sees; None for everybody's (LIVE, depends on rights)."""
        if self._state.switches.colleagues_visible or Permission.STAFF in caller().permissions:
            return None
        return caller().person().id

    def _filter(self) -> ActivityFilter:
        newer = self._state.switches.remote_id_filter
        return ActivityFilter(
            ids=query_ids(),
            markers=query_words("remote_id") if newer else None,
            first_day=query_day("from"),
            last_day=query_day("to"),
            user_id=query_number("user_id"),
            task_id=query_number("task_id"),
            projects=self._projects(),
            billable=query_flag("billable"),
            billed=query_flag("billed"),
            updated_after=query_moment("updated_after"),
            term=query_word("term"),
            tags=query_words("tag") if newer else None,
        )

    def _projects(self) -> frozenset[int] | None:
        project_id, company_id = query_number("project_id"), query_number("company_id")
        deals = query_ids("deal_id") if self._state.switches.remote_id_filter else None
        if company_id is None and deals is None:
            return None if project_id is None else frozenset({project_id})
        return frozenset(
            project.id
            for project in self._state.projects.values()
            if project_id in (None, project.id)
            and company_id in (None, project.company_id)
            and (deals is None or project.deal_id in deals)
        )

    def _sorted(self, found: list[int]) -> list[int]:
        """`sort_by=field` or `sort_by=field desc` (DOC); which fields is GUESS, others are ignored."""
        field, _, direction = request.args.get("sort_by", "").partition(" ")
        if field not in ("id", "date", "created_at", "updated_at", "seconds"):
            return found
        activities = (self._activity(one) for one in found)
        pairs = sorted(((getattr(one, field), one.id) for one in activities), reverse=direction == "desc")
        return [one for _, one in pairs]


def booking_user() -> User:
    """The person new activities belong to; the fault WrongUser forgets the impersonation."""
    if any(isinstance(effect, WrongUser) for effect in g.effects):
        owner = caller().key_owner
        if owner is not None:
            return owner
    return caller().person()


def refuse_rows(sent: Mapping[str, object]) -> None:
    """Raise Invalid when a fault refuses this row."""
    for effect in g.effects:
        if isinstance(effect, RefuseRows) and effect.chosen(sent):
            raise Invalid({name: list(words) for name, words in effect.problems.items()})


def created_json(state: MocoState, created: Activity) -> Json:
    """A new activity as answered, its marker kept back by switch."""
    shown = activity_json(state, created, sees_rates(state))
    if state.switches.markers is Markers.NOT_ECHOED:
        shown["remote_id"] = None
    return shown
