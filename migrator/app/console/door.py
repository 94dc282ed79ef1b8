"""Who may come in, and who may press a button: hosts, tokens, sessions and forms, checked before any page is made."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from werkzeug import Request

from migrator.app.configuration.loopback import is_loopback
from migrator.app.console.seal import Seals, same
from migrator.app.secret import Secret
from migrator.app.wiring import Workplace
from migrator.errors import UsageError

COOKIE: Final = "migrator_console"
_GUESSES: Final = 10
_GUESSES_WITHIN: Final = 60.0
"""So many wrong tokens in so many seconds, from wherever they come; then nobody may try for a while."""

_HANDED_ON: Final = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def require_token(host: str, token: Secret) -> None:
    """Refuse to show the console to other machines without a token. Raises `UsageError`."""
    if not is_loopback(host) and not token:
        raise UsageError(
            f"the console would be open to everybody who reaches {host}",
            hint="set web.token (or web.token_file), or serve at 127.0.0.1",
        )


class Refusal(Enum):
    """Why somebody may not do what was asked; the value is the status of the answer."""

    WRONG_HOST = 421
    """The name by which the service was called is not its own: another site's name was made to lead here."""
    NOT_FROM_HERE = 403
    """Without a token only this machine may look, and nobody on behalf of others."""
    LOGIN_NEEDED = 401
    TOO_MANY_GUESSES = 429
    FOREIGN_FORM = 400
    """A button of another site, or of a page from before the login."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may come in; `session` is empty for a script with a bearer token."""

    session: str
    new: bool = False
    """The session was made just now, so its cookie has to be set."""


class Door:
    """Checks requests. Share it between threads."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._token = place.config.web.token.reveal()
        self.seals = Seals(place, self._token)
        self._guesses: deque[float] = deque()
        self._lock = threading.Lock()

    @property
    def needs_token(self) -> bool:
        """Whether people have to log in."""
        return bool(self._token)

    def visitor(self, request: Request) -> Visitor | Refusal:
        """Who asks for a page."""
        refusal = self._wrong_place(request)
        if refusal is not None:
            return refusal
        given = request.headers.get("Authorization", "")
        if self._token and given.lower().startswith("bearer "):
            return self.guess(given[len("bearer ") :].strip()) or Visitor("")
        now = self._place.clock.now()
        session = request.cookies.get(COOKIE, "")
        if self.seals.holds(session, now):
            return Visitor(session)
        return Refusal.LOGIN_NEEDED if self._token else Visitor(self.seals.new_session(now), new=True)

    def presser(self, request: Request) -> Visitor | Refusal:
        """Who presses a button: a visitor whose form came from a page of ours."""
        visitor = self.visitor(request)
        if isinstance(visitor, Refusal) or not visitor.session:
            # No browser sends a bearer token by itself, so no other site can have it sent.
            return visitor
        genuine = same(request.form.get("form", ""), self.seals.form_token(visitor.session))
        return visitor if genuine and not visitor.new and own_origin(request) else Refusal.FOREIGN_FORM

    def enter(self, request: Request) -> Visitor | Refusal:
        """Who types the token into the form of the login."""
        refusal = self._wrong_place(request)
        if refusal is not None:
            return refusal
        if not own_origin(request):
            return Refusal.FOREIGN_FORM
        return self.guess(request.form.get("token", "")) or Visitor(
            self.seals.new_session(self._place.clock.now()), new=True
        )

    def guess(self, token: str) -> Refusal | None:
        """Whether a token is wrong; after many wrong ones the right one has to wait, too."""
        now = self._place.clock.steady()
        with self._lock:
            while self._guesses and now - self._guesses[0] > _GUESSES_WITHIN:
                self._guesses.popleft()
            if len(self._guesses) >= _GUESSES:
                return Refusal.TOO_MANY_GUESSES
            if self._token and same(token, self._token):
                return None
            self._guesses.append(now)
        return Refusal.LOGIN_NEEDED

    def _wrong_place(self, request: Request) -> Refusal | None:
        """With a token any name will do: cookies belong to a name, and a foreign one brings none."""
        if self._token:
            return None
        if not is_loopback(_name(request.host)):
            return Refusal.WRONG_HOST
        from_here = is_loopback(request.remote_addr or "")
        if not from_here or any(name in request.headers for name in _HANDED_ON):
            return Refusal.NOT_FROM_HERE
        return None


def own_origin(request: Request) -> bool:
    """Whether a form was sent from a page of this very service, as far as the browser tells."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:
        return False


def _name(host: str) -> str:
    """The name of a `Host`, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
