"""Writing to MOCO: each request is sent once and ends in one of four values; nothing is ever repeated."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from migrator.core.model import Booking, MocoId
from migrator.moco.answers import read_activities, read_activity, read_ids, read_task
from migrator.moco.call import Call
from migrator.moco.calls import activities, contracts, projects, users, web_hooks
from migrator.moco.outcomes import WriteKind, WriteOutcome, classify_write
from migrator.moco.pacing import Permit
from migrator.moco.payload import activity_body
from migrator.moco.reading import MocoReader

STALE_AFTER = 2.0
"""Seconds between the commit of an intent and the first byte, above which nothing is sent."""


class Freshness:
    """Whether an intent committed at `committed_at` (seconds since 1970) is still young enough to be sent.

    The wall clock sees a machine that slept, the monotonic clock a wall clock that was set back meanwhile.
    """

    def __init__(
        self,
        committed_at: float,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._committed_at = committed_at
        self._wall = wall
        self._steady = steady
        self._age_at_first = wall() - committed_at
        self._first = steady()

    def objection(self) -> str | None:
        """Why the request must not leave any more; None while it may."""
        age = self._wall() - self._committed_at
        steady_age = max(0.0, self._age_at_first) + self._steady() - self._first
        if abs(age) > STALE_AFTER or steady_age > STALE_AFTER:
            return f"more than {STALE_AFTER:g} s passed since the intent was committed"
        return None


def _never() -> None:
    """The objection to what cannot become too old."""


class MocoWriter(MocoReader):
    """A client that reads and writes.

    Every write takes the permit that its caller got from the window before committing the intent, and gives
    it back when the answer or failure is in; `committed_at` is when the intent was committed (`time.time()`).
    Only a redirect raises (`WrongAddress`), everything else is a `WriteOutcome`. After a 429 the caller blocks
    the window.
    """

    def send(
        self, call: Call[Any], permit: Permit, committed_at: float | None, as_user: MocoId | None = None
    ) -> WriteOutcome:
        """Any call that writes; `Answered.body` is for `call.read`.

        `committed_at` None: no intent stands behind it, so that it cannot become too old.
        """
        try:
            objection = _never if committed_at is None else Freshness(committed_at).objection
            transfer = self._transport.write(call.method, call.path, call.body, as_user, objection, call.params)
        finally:
            self.window.free(permit)
        return classify_write(transfer, call.kind)

    def create_activities(
        self, bookings: Sequence[Booking], as_user: MocoId | None, permit: Permit, committed_at: float
    ) -> WriteOutcome:
        """`POST /activities/bulk`: 1 to 100 bookings of one person; `Answered.body` is for `read_activities`.

        A bulk of one counts as a single record: its 422 is `Refused`, that of several is `Unclear`.
        """
        kind = WriteKind.ONE_RECORD if len(bookings) == 1 else WriteKind.SEVERAL_RECORDS
        try:
            if not 1 <= len(bookings) <= activities.LARGEST_BULK or len({one.user_id for one in bookings}) != 1:
                raise ValueError(f"a bulk holds 1 to {activities.LARGEST_BULK} bookings of one person")
            body = {"activities": [activity_body(one) for one in bookings]}
        except ValueError:
            self.window.free(permit)
            raise
        call = Call("POST", "/activities/bulk", read_activities, body=body, kind=kind)
        return self.send(call, permit, committed_at, as_user)

    def update_activity(
        self,
        activity_id: MocoId,
        booking: Booking,
        as_user: MocoId | None,
        permit: Permit,
        committed_at: float,
    ) -> WriteOutcome:
        """`PUT /activities/{id}` with every field that a booking sets; an empty url or tag leaves MOCO's."""
        try:
            body = activity_body(booking)
        except ValueError:
            self.window.free(permit)
            raise
        call = Call("PUT", f"/activities/{activity_id}", read_activity, body=body)
        return self.send(call, permit, committed_at, as_user)

    def delete_activity(
        self, activity_id: MocoId, as_user: MocoId | None, permit: Permit, committed_at: float
    ) -> WriteOutcome:
        """`DELETE /activities/{id}`; `Refused` with 404 means that it was gone already."""
        return self.send(activities.delete(activity_id), permit, committed_at, as_user)

    def create_task(
        self, project_id: MocoId, name: str, *, billable: bool = True, permit: Permit, committed_at: float
    ) -> WriteOutcome:
        """`POST /projects/{id}/tasks`; `Answered.body` is for `read_task`."""
        body = {"name": name, "billable": billable}
        call = Call("POST", f"/projects/{project_id}/tasks", lambda value: read_task(value, project_id), body=body)
        return self.send(call, permit, committed_at)

    def create_contract(self, project_id: MocoId, user_id: MocoId, permit: Permit, committed_at: float) -> WriteOutcome:
        """`POST /projects/{id}/contracts`: assign a person; `Answered.body` is for `read_contract`."""
        return self.send(contracts.create(project_id, user_id=user_id), permit, committed_at)

    def disregard(
        self,
        activity_ids: Sequence[MocoId],
        company_id: MocoId,
        project_id: MocoId | None,
        reason: str,
        permit: Permit,
        committed_at: float,
    ) -> WriteOutcome:
        """`POST /activities/disregard`: mark as already billed, final; `Answered.body` is for `read_ids`.

        All activities are of projects of one company, and of one project when that is named. A 422 of several
        activities is `Unclear`, because MOCO does not document that the request is all or nothing.
        """
        body: dict[str, object] = {
            "reason": reason,
            "company_id": int(company_id),
            "activity_ids": [int(each) for each in activity_ids],
        }
        if project_id is not None:
            body["project_id"] = int(project_id)
        kind = WriteKind.ONE_RECORD if len(activity_ids) == 1 else WriteKind.SEVERAL_RECORDS
        call = Call("POST", "/activities/disregard", read_ids, body=body, kind=kind)
        return self.send(call, permit, committed_at)

    def set_project_active(
        self, project_id: MocoId, *, active: bool, permit: Permit, committed_at: float
    ) -> WriteOutcome:
        """`PUT /projects/{id}/unarchive` or `/archive`; `Answered.body` is for `read_openness`."""
        change = projects.unarchive if active else projects.archive
        return self.send(change(project_id), permit, committed_at)

    def set_user_active(self, user_id: MocoId, *, active: bool, permit: Permit, committed_at: float) -> WriteOutcome:
        """`PUT /users/{id}` with nothing but `active`; `Answered.body` is for `read_openness`."""
        return self.send(users.update(user_id, active=active), permit, committed_at)

    def switch_web_hook(self, hook_id: MocoId, *, active: bool, permit: Permit, committed_at: float) -> WriteOutcome:
        """`PUT /account/web_hooks/{id}/enable` or `/disable`, idempotent; `Answered.body` is for `read_web_hook`."""
        switch = web_hooks.enable if active else web_hooks.disable
        return self.send(switch(hook_id), permit, committed_at)
