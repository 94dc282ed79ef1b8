"""What all endpoints of the simulated ActiveCollab share: refusals, the caller, and how legacy answers are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from flask import Response, g, request

from migrator.sandbox.activecollab_records import Project, Seen, State, TimeRecord
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import Access, Detail
from migrator.sandbox.activecollab_tree import Fields, Format, Items, Look, write_json, write_xml

COMMANDS = "/command"
"""Below it every API request is routed, whatever its address was."""
View = Callable[..., Response]
_TYPES = {Format.XML: "application/xml; charset=utf-8", Format.JSON: "application/json; charset=utf-8"}
_MESSAGES = {
    400: "Bad Request",
    401: "You are not authenticated",
    403: "Forbidden",
    404: "Not Found",
    500: "Operation failed",
}


class Stop(Exception):
    """Ends a request with an error of the API; `problems` and `sent` are by field."""

    def __init__(
        self,
        status: int,
        message: str = "",
        problems: Mapping[str, list[str]] | None = None,
        sent: Mapping[str, object] | None = None,
        kind: str = "",
    ) -> None:
        super().__init__(status)
        self.status = status
        self.message = message or _MESSAGES.get(status, "Error")
        self.problems = problems or {}
        self.sent = sent or {}
        self.kind = kind


def caller_id() -> int:
    """The owner of the token of the current request."""
    found = g.caller_id
    assert isinstance(found, int)
    return found


def require_writing(state: ActiveCollabState) -> None:
    """403 where API clients may only read."""
    if state.switches.access is not Access.READ_WRITE:
        raise Stop(403, "API is read-only")


def project_found(project: Project | None) -> Project:
    """A project that the caller may see; 404 when there is none, 403 when it is hidden."""
    if project is None:
        raise Stop(404)
    if project.seen is Seen.NOTHING:
        raise Stop(403)
    return project


def tracked_found(project: Project | None) -> Project:
    """A project whose time the caller may see."""
    found = project_found(project)
    if found.seen is Seen.WITHOUT_TIME:
        raise Stop(403)
    return found


def record_found(state: ActiveCollabState, project: Project, record_id: int) -> TimeRecord:
    """A record below `project`, as the switches answer for trashed and for moved ones; 404 when there is none."""
    record = state.records.get(record_id)
    if record is None:
        raise Stop(404)
    if record.project_id != project.id:
        _answered(state.switches.moved_detail)
    if record.state is State.TRASHED:
        _answered(state.switches.trashed_detail)
    return record


def _answered(detail: Detail) -> None:
    match detail:
        case Detail.NOT_FOUND:
            raise Stop(404)
        case Detail.FORBIDDEN:
            raise Stop(403)
        case Detail.SHOWN:
            pass


class LegacyAnswers:
    """Writes trees as the client wants them: `format=` first, then Accept, else XML (DOC)."""

    def __init__(self, state: ActiveCollabState) -> None:
        self._state = state

    def one(self, root: str, fields: Fields) -> Response:
        """One object."""
        return self._written(root, fields)

    def many(self, root: str, child: str, rows: Iterable[Fields]) -> Response:
        """A list."""
        return self._written(root, Items(child, list(rows)))

    def refused(self, stop: Stop) -> Response:
        """An error document: `message`, problems by field, and what was sent as generation 3 repeats it."""
        fields: Fields = {"message": stop.message}
        if stop.problems:
            fields["field_errors"] = {name: " ".join(texts) for name, texts in stop.problems.items()}
        if self._state.generation == 3:
            fields = {"type": stop.kind or "Error", **fields}
            if stop.sent:
                fields["object_fields"] = {name: str(value) for name, value in stop.sent.items()}
        response = self._written(self._state.switches.error_root, fields)
        response.status_code = stop.status
        return response

    def _written(self, root: str, node: object) -> Response:
        switches = self._state.switches
        dates = None if self._state.generation == 2 else switches.date_form
        look = Look(dates, switches.empty_list, switches.declaration)
        wanted = wanted_format()
        body = write_json(node, look) if wanted is Format.JSON else write_xml(root, node, look)
        return Response(body, content_type=_TYPES[wanted])


def wanted_format() -> Format:
    """What the client asked for; an unknown `format=` is XML."""
    asked = request.args.get("format")
    if asked is not None:
        return Format.JSON if asked == "json" else Format.XML
    return Format.JSON if "application/json" in request.headers.get("Accept", "") else Format.XML


def form_fields(prefix: str) -> dict[str, object]:
    """The fields of a legacy form, `time[value]` under `value`.

    400 unless it is a POST with `submitted=submitted` (DOC).
    """
    if request.method != "POST" or request.form.get("submitted") != "submitted":
        raise Stop(400)
    start = f"{prefix}["
    return {
        name[len(start) : -1]: value
        for name, value in request.form.items()
        if name.startswith(start) and name.endswith("]")
    }


def json_text(body: object) -> str:
    """JSON as PHP writes it, with its slashes escaped."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def json_answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of generation 5."""
    return Response(json_text(body), status, headers, content_type=_TYPES[Format.JSON])
