"""What stands between the product and the simulated MOCO: a place where something can happen at a chosen request."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from migrator.sandbox.moco import MocoSandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Moment(Enum):
    """Where in the life of a request something happens."""

    ARRIVING = "before MOCO applies it"
    APPLIED = "after MOCO applied it, before its answer leaves"
    ANSWERED = "a little after its answer left"


@dataclass(frozen=True, slots=True)
class At:
    """The `number`th request from now on (of those that write, or of all); `pause` seconds after its answer."""

    number: int
    moment: Moment = Moment.APPLIED
    pause: float = 0.0
    writes_only: bool = True


@dataclass(slots=True)
class Door:
    """Stands before the simulation: another one can be put behind it, and something can happen at a request."""

    sandbox: MocoSandbox
    authorizations: set[str] = field(default_factory=set)
    forbidden: set[int] = field(default_factory=set)
    """People for whom every write is answered 403."""
    turned_away: list[int] = field(default_factory=list)
    """For whom these were."""
    watch: Callable[[WSGIEnvironment, bytes], None] | None = None
    """Sees every write, with its body, before MOCO does."""
    told_instead: dict[str, object] = field(default_factory=dict)
    """What is answered, as JSON, to a GET of a path below the API's root, instead of what MOCO says."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at: At | None = None
    _act: Callable[[], None] = lambda: None
    _seen: int = 0

    @property
    def wsgi(self) -> WSGIApplication:
        """What is served."""
        return self._answer

    def replace(self, sandbox: MocoSandbox) -> None:
        """Put another simulation behind the door, and forget all that was agreed for the old one."""
        self.sandbox = sandbox
        self.forbidden, self.turned_away, self.told_instead = set(), [], {}
        with self._lock:
            self._at = None

    def expect(self, at: At, act: Callable[[], None]) -> None:
        """Let `act` happen once, at a request to come."""
        with self._lock:
            self._at, self._act, self._seen = at, act, 0

    def reached(self) -> bool:
        """Whether what was agreed has begun to happen."""
        with self._lock:
            return self._at is None

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.authorizations.add(str(environ.get("HTTP_AUTHORIZATION")))
        writes = environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        if writes:
            # Head and body come one after the other: whoever is killed at a request shall have sent all of it.
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            if self.watch is not None:
                self.watch(environ, body)
        person = int(environ.get("HTTP_X_IMPERSONATE_USER_ID", 0))
        at = self._reached(writes=writes)
        if at is not None and at.moment is Moment.ARRIVING:
            self._act()
        if writes and person in self.forbidden:
            self.turned_away.append(person)
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        path = str(environ["PATH_INFO"]).removeprefix("/api/v1")
        if not writes and path in self.told_instead:
            body = json.dumps(self.told_instead[path]).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        answer = self.sandbox.wsgi(environ, start_response)
        if at is not None and at.moment is Moment.APPLIED:
            self._act()
        if at is not None and at.moment is Moment.ANSWERED:
            threading.Timer(at.pause, self._act).start()
        return answer

    def _reached(self, *, writes: bool) -> At | None:
        with self._lock:
            if self._at is None or (self._at.writes_only and not writes):
                return None
            self._seen += 1
            if self._seen < self._at.number:
                return None
            at, self._at = self._at, None
            return at
