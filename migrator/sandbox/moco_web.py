"""What all endpoints of the simulated MOCO share: who calls, what was sent, how it is answered."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode
from uuid import uuid4

from flask import Response, g, request

from migrator.sandbox.moco_problems import Problems, Words
from migrator.sandbox.moco_query import query_number
from migrator.sandbox.moco_records import EVERY_PERMISSION, Permission, User
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_switches import Envelope, HourlyRate, Language

API_ROOT = "/api/v1"
_PER_PAGE_MAXIMUM = 100

RAILS_500 = (
    "500 Internal Server Error\nIf you are the administrator of this website, then please read this web "
    "application's log file and/or the web server's log file to find out what went wrong."
)

_JSON = "application/json; charset=utf-8"
_T = TypeVar("_T")


class Stop(Exception):
    """Ends a request with this answer."""

    def __init__(self, status: int, body: object = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose rights a request has: the key's owner, or the impersonated person."""

    key_owner: User | None
    user: User | None
    read_only: bool

    @property
    def permissions(self) -> frozenset[Permission]:
        """An account key that acts for nobody has every permission."""
        return EVERY_PERMISSION if self.user is None else self.user.permissions

    def require(self, permission: Permission) -> None:
        """403 with an empty body without the permission (LIVE)."""
        if permission not in self.permissions:
            raise Stop(403)

    def person(self) -> User:
        """The person the request acts as; 403 for an account key that names none (GUESS)."""
        if self.user is None:
            raise Stop(403)
        return self.user


def caller() -> Caller:
    """The caller of the current request."""
    found = g.caller
    assert isinstance(found, Caller)
    return found


def authenticate(state: MocoState) -> Caller:
    """The caller, from `Authorization: Token token=…` or `Bearer …` and the impersonation header.

    401 `{"message":"Invalid API key."}` (LIVE); 403 empty without the staff permission or for a
    deactivated person (GUESS); 404 empty for an unknown person (GUESS); a deactivated owner is 401 (GUESS).
    """
    given = re.fullmatch(r"(?:Token token=\"?([^\s\"]+)\"?|Bearer (\S+))", request.headers.get("Authorization", ""))
    key = state.keys.get(given[1] or given[2]) if given else None
    if key is None:
        raise Stop(401, {"message": "Invalid API key."})
    owner = None if key.user_id is None else state.users[key.user_id]
    if owner is not None and not owner.active:
        raise Stop(401, {"message": "Invalid API key."})
    wanted = request.headers.get("X-IMPERSONATE-USER-ID")
    if wanted is None:
        return Caller(owner, owner, key.read_only)
    if owner is not None and Permission.STAFF not in owner.permissions:
        raise Stop(403)
    user = state.users.get(int(wanted)) if re.fullmatch(r"[0-9]+", wanted) else None
    if user is None:
        raise Stop(404)
    if not user.active and state.switches.deactivated_forbidden:
        raise Stop(403)
    return Caller(owner, user, key.read_only)


def sees_rates(state: MocoState) -> bool:
    """Whether `hourly_rate` is shown to the caller (RECORDED both ways; which right decides is GUESS)."""
    match state.switches.hourly_rate:
        case HourlyRate.ALWAYS:
            return True
        case HourlyRate.NEVER:
            return False
        case HourlyRate.BY_RIGHT:
            return Permission.PROJECTS in caller().permissions


def sent_fields() -> dict[str, object]:
    """The JSON object that was sent.

    With another content type the server sees no fields (issue report of 2019); broken JSON or no object
    is 400 with a message (GUESS).
    """
    if request.mimetype != "application/json":
        return {}
    try:
        parsed = json.loads(request.get_data() or b"{}")
    except ValueError as error:
        raise Stop(400, {"message": "Invalid payload"}) from error
    if not isinstance(parsed, dict):
        raise Stop(400, {"message": "Invalid payload"})
    return parsed


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; None is an empty body."""
    text = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    response = Response(text, status, headers)
    if body is None:
        response.headers.pop("Content-Type", None)
    else:
        response.headers["Content-Type"] = _JSON
    return response


def broken() -> Response:
    """500 in plain text, as the server answers what its own code could not take (RECORDED)."""
    return Response(RAILS_500, 500, content_type="text/plain; charset=utf-8")


def deleted(state: MocoState, body: object, as_object: bool | None = None) -> Response:
    """204 and nothing (RECORDED), or 200 and the deleted object (DOC), by switch or as told."""
    if as_object is None:
        as_object = state.switches.delete_returns_object
    return answer(body) if as_object else answer(None, 204)


def deleted_whole(state: MocoState, body: object) -> Response:
    """What deleting a project or a company answers: 200 and nothing, yet JSON (RECORDED), or the object (DOC)."""
    if state.switches.delete_returns_object:
        return answer(body)
    return Response(b"", 200, content_type="application/json")


def refused(state: MocoState, problems: Problems) -> Response:
    """422 in the account's language and the envelope of the switch."""
    language = 0 if state.switches.language is Language.GERMAN else 1
    told = {
        field: [word.value[language] if isinstance(word, Words) else word for word in words]
        for field, words in problems.items()
    }
    match state.switches.envelope:
        case Envelope.FIELD_MAP:
            return answer(told, 422)
        case Envelope.ERRORS_MAP:
            return answer({"errors": told}, 422)
        case Envelope.ERRORS_LIST:
            sentences = [
                text if field == "base" else f"{field.capitalize().replace('_', ' ')} {text}"
                for field, texts in told.items()
                for text in texts
            ]
            return answer({"errors": sentences}, 422)


def page_of(rows: Sequence[_T], show: Callable[[_T], object]) -> Response:
    """One page of `rows`, with the recorded headers.

    `X-Page`, `X-Per-Page`, `X-Total` always, `Link` only when there are several pages, last before next
    (RECORDED). `per_page` is clamped to 1..100 and a page beyond the end is empty (GUESS).
    """
    page = max(1, query_number("page") or 1)
    asked = query_number("per_page")
    size = min(_PER_PAGE_MAXIMUM, max(1, _PER_PAGE_MAXIMUM if asked is None else asked))
    body = [show(row) for row in rows[(page - 1) * size : page * size]]
    headers = {"X-Page": str(page), "X-Per-Page": str(size), "X-Total": str(len(rows))}
    last = -(-len(rows) // size)
    if last > 1:
        headers["Link"] = _links(page, last)
    return answer(body, headers=headers)


def _links(page: int, last: int) -> str:
    targets: list[tuple[int, str]] = []
    if page > 1:
        targets += [(1, "first"), (min(page - 1, last), "prev")]
    if page < last:
        targets += [(last, "last"), (page + 1, "next")]
    query = {key: request.args.getlist(key)[-1] for key in request.args}
    place = request.host_url.rstrip("/") + request.path
    return ", ".join(
        f'<{place}?{urlencode(sorted({**query, "page": str(number)}.items()))}>; rel="{name}"'
        for number, name in targets
    )


def by_name(rows: Iterable[_T], name: Callable[[_T], str]) -> list[_T]:
    """Sorted by name, ignoring case and punctuation, as the recorded lists are."""
    return sorted(rows, key=lambda row: re.sub(r"[\W_]+", "", name(row)).casefold())


def dress(state: MocoState, response: Response, runtime: float) -> Response:
    """Add the headers that every recorded answer has; 204 carries no Content-Type."""
    plain = response.get_data()
    good = response.status_code == 200 and bool(plain)
    response.headers["Cache-Control"] = "max-age=0, private, must-revalidate" if good else "no-cache"
    if good:
        response.headers["ETag"] = f'W/"{hashlib.md5(plain, usedforsecurity=False).hexdigest()}"'
    response.headers["Vary"] = "Origin, Accept-Encoding" if state.switches.gzip else "Origin"
    response.headers["X-Request-Id"] = str(uuid4())
    response.headers["X-Runtime"] = f"{runtime:.6f}"
    response.headers["Date"] = state.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    if state.switches.gzip and plain and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(plain, 1))
        response.headers["Content-Encoding"] = "gzip"
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)
    return response
