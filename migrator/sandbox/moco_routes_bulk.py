"""Many activities at once: bulk create and disregard of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response, request

from migrator.sandbox.moco_problems import Invalid, Problems, Words
from migrator.sandbox.moco_records import Activity, Permission
from migrator.sandbox.moco_routes_activities import booking_user, created_json, refuse_rows
from migrator.sandbox.moco_rules import Draft, draft_activity, store_draft
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_switches import Bulk, BulkAnswer
from migrator.sandbox.moco_web import API_ROOT, Stop, answer, caller, sent_fields


class BulkRoutes:
    """`POST /activities/bulk` and `POST /activities/disregard`."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        app.add_url_rule(f"{API_ROOT}/activities/bulk", view_func=self.create_many, methods=["POST"])
        app.add_url_rule(f"{API_ROOT}/activities/disregard", view_func=self.disregard, methods=["POST"])

    def create_many(self) -> Response:
        """Create up to 100 activities of the effective user, answered as an array (DOC).

        415 for another content type, 400 with a message without the array (DOC), for an empty one and over
        the limit (GUESS). Impersonation works here (GUESS). What a bad row does is a switch (GUESS atomic);
        its 422 is that of the first bad row (GUESS).
        """
        rows = self._rows()
        drafts: list[Draft] = []
        first: Invalid | None = None
        owner = booking_user()
        bulk = self._state.switches.bulk
        for row in rows:
            try:
                if not isinstance(row, dict):
                    raise Invalid({"base": [Words.INVALID]})
                refuse_rows(row)
                drafts.append(draft_activity(self._state, owner, row))
            except Invalid as refusal:
                first = first or refusal
                if bulk is Bulk.PREFIX:
                    break
        if first is not None and bulk is Bulk.ATOMIC:
            raise first
        created = [store_draft(self._state, draft) for draft in drafts]
        if first is not None and bulk is not Bulk.PARTIAL_ANSWERED:
            raise first
        return self._answered(created)

    def _rows(self) -> list[object]:
        if request.mimetype != "application/json":
            raise Stop(415)
        rows = sent_fields().get("activities")
        if not isinstance(rows, list) or not rows:
            raise Stop(400, {"message": "param is missing or the value is empty: activities"})
        switches = self._state.switches
        if len(rows) > switches.bulk_limit:
            told = f"At most {switches.bulk_limit} activities are allowed"
            if switches.bulk_over_limit_status == 422:
                raise Invalid({"activities": [told]})
            raise Stop(switches.bulk_over_limit_status, {"message": told})
        return rows

    def _answered(self, created: list[Activity]) -> Response:
        state = self._state
        told = created[: max(0, len(created) - state.switches.bulk_rows_missing)]
        shown = [created_json(state, activity) for activity in told]
        match state.switches.bulk_answer:
            case BulkAnswer.ARRAY:
                return answer(shown)
            case BulkAnswer.SHUFFLED:
                return answer(shown[1::2] + shown[::2])
            case BulkAnswer.IDS_ONLY:
                return answer([activity.id for activity in told])
            case BulkAnswer.EMPTY:
                return answer([])
            case BulkAnswer.WRAPPED:
                return answer({"activities": shown})
            case BulkAnswer.NO_CONTENT:
                return answer(None, 204)

    def disregard(self) -> Response:
        """Mark as already billed; answers the ids (RECORDED); `billed` turning true is GUESS, a switch.

        `reason`, `company_id` (or the older `customer_id`) and `activity_ids` are required (DOC). Ids that
        are unknown, named twice, of another company or project, or billed already refuse all of them with 422, so do
        more ids than a bulk may carry, and without the projects permission it is 403 (GUESS, strict). Whether the
        fitting ones are marked all the same is a switch.
        """
        caller().require(Permission.PROJECTS)
        sent = sent_fields()
        company_id = sent.get("company_id", sent.get("customer_id"))
        problems: Problems = {}
        reason = sent.get("reason")
        if not isinstance(reason, str) or not reason.strip():
            problems["reason"] = [Words.INVALID if reason else Words.BLANK]
        if type(company_id) is not int or company_id not in self._state.companies:
            problems["company_id"] = [Words.BLANK if company_id is None else Words.INVALID]
        if sent.get("project_id") not in (None, *self._state.projects):
            problems["project_id"] = [Words.INVALID]
        ids = sent.get("activity_ids")
        if not isinstance(ids, list) or not ids:
            raise Invalid(problems | {"activity_ids": [Words.BLANK]})
        fitting = self._fitting(ids, company_id, sent.get("project_id"))
        refused: Problems = {}
        for activity in fitting:
            try:
                refuse_rows({"id": activity.id, "remote_id": activity.remote_id})
            except Invalid as refusal:
                refused |= refusal.problems
                fitting = [each for each in fitting if each.id != activity.id]
        if len(fitting) < len(ids) and not refused:
            problems["activity_ids"] = [Words.INVALID]
        if problems or refused:
            if not problems.keys() - {"activity_ids"} and self._state.switches.disregard_partial:
                self._mark(fitting)
            raise Invalid(problems | refused)
        left_alone = self._state.switches.disregard_left_alone
        marked = fitting[: max(0, len(fitting) - left_alone)]
        self._mark(marked)
        told = [activity.id for activity in marked]
        return answer(told[: max(0, len(told) - self._state.switches.disregard_ids_missing)])

    def _fitting(self, ids: list[object], company_id: object, project_id: object) -> list[Activity]:
        """Those of the named activities that can be marked together; none when there are too many of them."""
        if len(ids) > self._state.switches.bulk_limit:
            return []
        chosen = [self._state.activities.get(each) for each in dict.fromkeys(ids) if type(each) is int]
        return [
            found
            for found in chosen
            if found is not None
            and not found.billed
            and self._state.projects[found.project_id].company_id == company_id
            and project_id in (None, found.project_id)
        ]

    def _mark(self, activities: list[Activity]) -> None:
        if self._state.switches.disregard_shows_billed:
            for activity in activities:
                self._state.activities.put(replace(activity, billed=True, updated_at=self._state.now()))
