"""The remote control of a served sandbox, below `/_sandbox`, for callers on the same machine only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from migrator.sandbox.faults import fault_from_json
from migrator.sandbox.moco_app import CONTROL_ROOT, DELIVER_PATH
from migrator.sandbox.moco_records import Activity
from migrator.sandbox.moco_shapes import Json, activity_json, presence_json, stamp, web_hook_json
from migrator.sandbox.moco_web import Stop, answer

if TYPE_CHECKING:
    from migrator.sandbox.moco import MocoSandbox


class ControlRoutes:
    """State, log, switches, faults, and activities as a person would edit them by hand.

    Bodies are JSON objects with that content type (415 otherwise, so that no web page can post them);
    what cannot be read is 400 `{"message"}`; another machine gets 403.
    """

    def __init__(self, sandbox: MocoSandbox) -> None:
        self._sandbox = sandbox

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        app.before_request(_require_loopback)
        app.register_error_handler(ValueError, _explain)
        activities, one = f"{CONTROL_ROOT}/activities", f"{CONTROL_ROOT}/activities/<int:activity_id>"
        app.add_url_rule(f"{CONTROL_ROOT}/state", view_func=self.show_state, methods=["GET"])
        app.add_url_rule(f"{CONTROL_ROOT}/requests", view_func=self.show_requests, methods=["GET"])
        app.add_url_rule(f"{CONTROL_ROOT}/faults", view_func=self.add_fault, methods=["POST"])
        app.add_url_rule(f"{CONTROL_ROOT}/faults", view_func=self.clear_faults, methods=["DELETE"])
        app.add_url_rule(f"{CONTROL_ROOT}/switches", view_func=self.set_switches, methods=["POST"])
        app.add_url_rule(f"{CONTROL_ROOT}/lock", view_func=self.set_lock, methods=["POST"])
        app.add_url_rule(f"{CONTROL_ROOT}/presences", view_func=self.show_presences, methods=["GET"])
        app.add_url_rule(f"{CONTROL_ROOT}/web_hooks", view_func=self.show_web_hooks, methods=["GET"])
        app.add_url_rule(f"{CONTROL_ROOT}/web_hooks", view_func=self.add_web_hook, methods=["POST"])
        app.add_url_rule(DELIVER_PATH, view_func=self.deliver_hooks, methods=["POST"])
        app.add_url_rule(activities, view_func=self.show_activities, methods=["GET"])
        app.add_url_rule(activities, view_func=self.add_by_hand, methods=["POST"])
        app.add_url_rule(one, view_func=self.edit_by_hand, methods=["POST"])
        app.add_url_rule(one, view_func=self.delete_by_hand, methods=["DELETE"])

    def show_state(self) -> Response:
        """Counts of everything."""
        sandbox, state = self._sandbox, self._sandbox.state
        return answer(
            {
                "now": stamp(state.now()),
                "users": len(state.users),
                "companies": len(state.companies),
                "projects": len(state.projects),
                "tasks": len(state.tasks),
                "contracts": len(state.contracts),
                "activities": len(state.activities),
                "presences": len(state.presences),
                "seconds": sum(activity.seconds for activity in state.activities),
                "requests": len(sandbox.requests),
                "rate_violations": sandbox.rate_violations,
                "faults_waiting": len(sandbox.faults),
                "hook_deliveries_waiting": len(sandbox.hooks),
                "webhook_key": sandbox.webhook_key,
                "late_requests": sandbox.wsgi.unsettled,
            }
        )

    def show_activities(self) -> Response:
        """Every activity as it is stored, whatever the switches hide."""
        return answer([self._raw(activity) for activity in self._sandbox.state.activities])

    def show_presences(self) -> Response:
        """Every presence."""
        return answer([presence_json(self._sandbox.state, each) for each in self._sandbox.presences])

    def show_web_hooks(self) -> Response:
        """Every web hook of the account."""
        return answer([web_hook_json(hook) for hook in self._sandbox.state.web_hooks.values()])

    def add_web_hook(self) -> Response:
        """Add a web hook past every rule; `hook` is required, `target`, `event` and `disabled` have defaults."""
        sent = {"target": "Activity", "event": "create", "disabled": False, **_sent()}
        hook, target, event, disabled = (sent.get(name) for name in ("hook", "target", "event", "disabled"))
        if not (isinstance(hook, str) and isinstance(target, str) and isinstance(event, str)):
            raise ValueError("hook, target and event must be texts")
        added = self._sandbox.add_web_hook(hook, target=target, event=event, disabled=disabled is True)
        return answer(web_hook_json(added))

    def deliver_hooks(self) -> Response:
        """Call the web hooks whose events are due now; answers how many were called, and how many took it."""
        attempts = self._sandbox.deliver_hooks()
        return answer({"sent": len(attempts), "taken": sum(attempt.taken for attempt in attempts)})

    def show_requests(self) -> Response:
        """The log, without keys; bodies as text."""
        return answer(
            [
                {
                    "number": record.number,
                    "method": record.method,
                    "path": record.path,
                    "query": record.query,
                    "impersonated": record.impersonated,
                    "content_type": record.content_type,
                    "authorization_scheme": record.authorization_scheme,
                    "body": record.body.decode(errors="replace"),
                    "received_at": record.received_at.isoformat(),
                    "status": record.status,
                }
                for record in self._sandbox.requests
            ]
        )

    def add_fault(self) -> Response:
        """Queue a fault, in the words of `fault_from_json`."""
        self._sandbox.faults.add(fault_from_json(_sent()))
        return answer({"faults_waiting": len(self._sandbox.faults)})

    def clear_faults(self) -> Response:
        """Forget every waiting fault."""
        self._sandbox.faults.clear()
        return answer({"faults_waiting": 0})

    def set_switches(self) -> Response:
        """Set the named switches."""
        sent = _sent()
        for name, value in sent.items():
            self._sandbox.switches.set(name, value)
        return answer({"set": sorted(sent)})

    def set_lock(self) -> Response:
        """`{"before": "2024-01-01"}` locks the days before; null unlocks."""
        before = _sent().get("before")
        self._sandbox.switches.set("locked_before", before)
        return answer({"locked_before": before})

    def add_by_hand(self) -> Response:
        """Add an activity past every rule; `user_id`, `task_id`, `date` and `seconds` are required."""
        sent, state = _sent(), self._sandbox.state
        user = state.users.get(_whole(sent, "user_id"))
        task = state.tasks.get(_whole(sent, "task_id"))
        if user is None or task is None:
            raise ValueError("user_id and task_id must exist")
        day = date.fromisoformat(str(sent.get("date")))
        activity = self._sandbox.add_activity(user, task, day, _whole(sent, "seconds"))
        return answer(self._raw(self._edited(activity, sent)))

    def edit_by_hand(self, activity_id: int) -> Response:
        """Change an activity past every rule; `updated_at` becomes now."""
        return answer(self._raw(self._edited(self._found(activity_id), _sent())))

    def delete_by_hand(self, activity_id: int) -> Response:
        """Delete an activity past every rule."""
        self._sandbox.remove(self._found(activity_id))
        return answer(None, 204)

    def _found(self, activity_id: int) -> Activity:
        activity = self._sandbox.state.activities.get(activity_id)
        if activity is None:
            raise Stop(404, {"message": f"there is no activity {activity_id}"})
        return activity

    def _edited(self, activity: Activity, sent: Mapping[str, object]) -> Activity:
        return self._sandbox.edit(edited_activity(activity, sent, self._sandbox))

    def _raw(self, activity: Activity) -> Json:
        shown = activity_json(self._sandbox.state, activity, rates=True)
        return shown | {"worked_seconds": activity.worked_seconds}


def edited_activity(activity: Activity, sent: Mapping[str, object], sandbox: MocoSandbox) -> Activity:
    """`activity` with the fields of `sent`; raises ValueError for a field that cannot be edited so."""
    changes: dict[str, object] = {}
    for name, value in sent.items():
        if name == "date":
            changes[name] = date.fromisoformat(str(value))
        elif name == "seconds":
            changes |= {"seconds": _whole(sent, name), "worked_seconds": _whole(sent, name)}
        elif name == "task_id":
            task = sandbox.state.tasks.get(_whole(sent, name))
            if task is None:
                raise ValueError("task_id must exist")
            changes |= {"task_id": task.id, "project_id": task.project_id}
        elif name == "user_id":
            if value not in sandbox.state.users:
                raise ValueError("user_id must exist")
            changes[name] = value
        elif isinstance(value, _EDITABLE.get(name, ())):
            changes[name] = value
        else:
            raise ValueError(f"{name} cannot be {value!r}")
    return replace_fields(activity, changes)


def replace_fields(activity: Activity, changes: Mapping[str, object]) -> Activity:
    """A copy with other values; the caller has checked their types."""
    return replace(activity, **changes)  # type: ignore[arg-type]  # checked field by field above


_EDITABLE: dict[str, tuple[type, ...]] = {
    "description": (str,),
    "billable": (bool,),
    "billed": (bool,),
    "tag": (str,),
    "remote_service": (str,),
    "remote_id": (str, type(None)),
    "remote_url": (str, type(None)),
}


def _whole(sent: Mapping[str, object], name: str) -> int:
    value = sent.get(name)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return value


def _sent() -> dict[str, object]:
    if request.mimetype != "application/json":
        raise Stop(415, {"message": "send application/json"})
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise ValueError("send a JSON object")
    return sent


def _explain(wrong: ValueError) -> Response:
    """400 for what the remote control cannot read; anywhere else it is a mistake of the sandbox."""
    if not request.path.startswith(CONTROL_ROOT):
        raise wrong
    return answer({"message": str(wrong)}, 400)


def _require_loopback() -> None:
    """Only the same machine may steer; in process there is no address."""
    address = request.remote_addr
    if request.path.startswith(CONTROL_ROOT) and address and not ip_address(address).is_loopback:
        raise Stop(403)
