"""The remote control of a served ActiveCollab, below `/_sandbox`, for callers on the same machine only."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, NotFound, UnsupportedMediaType

from migrator.sandbox.activecollab_app import CONTROL_ROOT
from migrator.sandbox.activecollab_effects import activecollab_fault
from migrator.sandbox.activecollab_records import TimeRecord
from migrator.sandbox.activecollab_web import json_answer

if TYPE_CHECKING:
    from migrator.sandbox.activecollab import ActiveCollabSandbox

_EDITABLE: dict[str, tuple[type, ...]] = {
    "hours": (str,),
    "text": (str,),
    "user_id": (int,),
    "project_id": (int,),
    "task_id": (int, type(None)),
    "job_type_id": (int,),
    "billable_status": (int,),
    "as_is": (dict,),
}


class ActiveCollabControl:
    """State, log, switches, faults, and time records as a person would edit them in the browser.

    Bodies are JSON objects with that content type (415 otherwise, so that no web page can post them);
    what cannot be read is 400 `{"message"}`; another machine gets 403.
    """

    def __init__(self, sandbox: ActiveCollabSandbox) -> None:
        self._sandbox = sandbox

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        app.before_request(_require_loopback)
        app.register_error_handler(ValueError, _explain)
        records, one = f"{CONTROL_ROOT}/records", f"{CONTROL_ROOT}/records/<int:record_id>"
        app.add_url_rule(f"{CONTROL_ROOT}/state", view_func=self.show_state, methods=["GET"])
        app.add_url_rule(f"{CONTROL_ROOT}/requests", view_func=self.show_requests, methods=["GET"])
        app.add_url_rule(f"{CONTROL_ROOT}/faults", view_func=self.add_fault, methods=["POST"])
        app.add_url_rule(f"{CONTROL_ROOT}/faults", view_func=self.clear_faults, methods=["DELETE"])
        app.add_url_rule(f"{CONTROL_ROOT}/switches", view_func=self.set_switches, methods=["POST"])
        app.add_url_rule(records, view_func=self.show_records, methods=["GET"])
        app.add_url_rule(records, view_func=self.add_record, methods=["POST"])
        app.add_url_rule(one, view_func=self.edit_record, methods=["POST"])
        app.add_url_rule(one, view_func=self.delete_record, methods=["DELETE"])
        app.add_url_rule(f"{one}/<word>", view_func=self.put_state, methods=["POST"])

    def show_state(self) -> Response:
        """Counts of everything, and what a client needs to get in."""
        sandbox, state = self._sandbox, self._sandbox.state
        return json_answer(
            {
                "generation": state.generation,
                "now": state.now().isoformat(),
                "people": len(state.people),
                "companies": len(state.companies),
                "projects": len(state.projects),
                "tasks": len(state.tasks),
                "records": len(state.records),
                "expenses": len(state.expenses),
                "requests": len(sandbox.requests),
                "faults_waiting": len(sandbox.faults),
            }
        )

    def show_requests(self) -> Response:
        """The log, without tokens and passwords; bodies as text."""
        return json_answer(
            [
                {
                    "number": record.number,
                    "method": record.method,
                    "path": record.path,
                    "query": record.query,
                    "command": record.command,
                    "content_type": record.content_type,
                    "body": record.body.decode(errors="replace"),
                    "received_at": record.received_at.isoformat(),
                    "status": record.status,
                }
                for record in self._sandbox.requests
            ]
        )

    def add_fault(self) -> Response:
        """Queue a fault, in the words of `activecollab_fault`."""
        self._sandbox.faults.add(activecollab_fault(_sent()))
        return json_answer({"faults_waiting": len(self._sandbox.faults)})

    def clear_faults(self) -> Response:
        """Forget every waiting fault."""
        self._sandbox.faults.clear()
        return json_answer({"faults_waiting": 0})

    def set_switches(self) -> Response:
        """Set the named switches."""
        sent = _sent()
        for name, value in sent.items():
            self._sandbox.switches.set(name, value)
        return json_answer({"set": sorted(sent)})

    def show_records(self) -> Response:
        """Every time record as it is stored, those in the trash among them."""
        return json_answer([_raw(record) for record in self._sandbox.records.values()])

    def add_record(self) -> Response:
        """Book time; `project_id`, `user_id`, `hours` and `day` are required."""
        sent = _sent()
        state = self._sandbox.state
        if sent.get("project_id") not in state.projects or sent.get("user_id") not in state.people:
            raise ValueError("project_id and user_id must exist")
        day = date.fromisoformat(str(sent.pop("day", None)))
        project_id, user_id, hours = (sent.pop(name, None) for name in ("project_id", "user_id", "hours"))
        record_id = self._sandbox.add_record(int(str(project_id)), int(str(user_id)), str(hours), day)
        changes = _changes(sent)
        record = self._sandbox.edit_record(record_id, **changes) if changes else self._sandbox.records[record_id]
        return json_answer(_raw(record))

    def edit_record(self, record_id: int) -> Response:
        """Change fields; another `project_id` moves the record, without its task unless one is named."""
        sent = _sent()
        changes = _changes(sent)
        if changes.get("project_id", 0) not in {0, *self._sandbox.state.projects}:
            raise ValueError("project_id must exist")
        if "project_id" in changes:
            changes = {"task_id": None, **changes}
        return json_answer(_raw(self._sandbox.edit_record(self._found(record_id).id, **changes)))

    def delete_record(self, record_id: int) -> Response:
        """Delete a record for good."""
        self._sandbox.delete_record(self._found(record_id).id)
        return Response(status=204)

    def put_state(self, record_id: int, word: str) -> Response:
        """`trash` or `restore`."""
        record = self._found(record_id)
        match word:
            case "trash":
                return json_answer(_raw(self._sandbox.trash_record(record.id)))
            case "restore":
                return json_answer(_raw(self._sandbox.restore_record(record.id)))
            case _:
                raise NotFound

    def _found(self, record_id: int) -> TimeRecord:
        record = self._sandbox.records.get(record_id)
        if record is None:
            raise NotFound(f"there is no time record {record_id}")
        return record


def _changes(sent: dict[str, object]) -> dict[str, object]:
    for name, value in sent.items():
        right = date.fromisoformat(str(value)) if name == "day" else isinstance(value, _EDITABLE.get(name, ()))
        if not right:
            raise ValueError(f"{name} cannot be {value!r}")
    return {name: date.fromisoformat(str(value)) if name == "day" else value for name, value in sent.items()}


def _raw(record: TimeRecord) -> dict[str, object]:
    return {
        "id": record.id,
        "project_id": record.project_id,
        "task_id": record.task_id,
        "user_id": record.user_id,
        "hours": record.hours,
        "day": record.day.isoformat(),
        "billable_status": record.billable_status,
        "text": record.text,
        "state": int(record.state),
        "version": record.version,
        "updated_on": record.updated_on.isoformat() if record.updated_on else None,
    }


def _sent() -> dict[str, object]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send application/json")
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise ValueError("send a JSON object")
    return sent


def _explain(wrong: ValueError) -> Response:
    """400 for what the remote control cannot read; anywhere else it is a mistake of the sandbox."""
    if not request.path.startswith(CONTROL_ROOT):
        raise wrong
    return json_answer({"message": str(wrong)}, 400)


def _require_loopback() -> None:
    """Only the same machine may steer; in process there is no address."""
    address = request.remote_addr
    if request.path.startswith(CONTROL_ROOT) and address and not ip_address(address).is_loopback:
        raise Forbidden
