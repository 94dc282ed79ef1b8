"""The simulated MOCO as a WSGI application: log, rate limit, faults, then the endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Flask, Response, g, request
from flask.typing import RouteCallable
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response as AnyResponse

from migrator.sandbox.faults import (
    AnswerInstead,
    ConnectionDropped,
    CutBody,
    Delay,
    Drop,
    Effect,
    FaultQueue,
    Hang,
    LateCommit,
    LoseAnswer,
    NoAnswer,
    SlowBytes,
    TruncatedJson,
)
from migrator.sandbox.moco_hooks import HookQueue
from migrator.sandbox.moco_limits import RateWindows
from migrator.sandbox.moco_log import RequestLog
from migrator.sandbox.moco_problems import Invalid
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import API_ROOT, RAILS_500, Caller, Stop, answer, authenticate, dress, refused
from migrator.sandbox.wsgi_bodies import cut, slowly, take_body, with_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONTROL_ROOT = "/_sandbox"
DELIVER_PATH = f"{CONTROL_ROOT}/web_hooks/deliver"
_EFFECTS = "migrator.sandbox.effects"

_ADDRESSES = Flask.url_map_class()
_COMPILED: set[tuple[str, str]] = set()
"""The addresses of all sandboxes, which are the same: compiling them takes longer than most tests."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request that was answered 504 and takes effect later."""

    due: datetime
    environ: WSGIEnvironment
    body: bytes


class MocoApp(Flask):
    """The WSGI application; each request runs alone, under the state's lock."""

    def __init__(
        self,
        state: MocoState,
        faults: FaultQueue[Effect],
        log: RequestLog,
        hooks: HookQueue,
        sleep: Callable[[float], None],
    ) -> None:
        super().__init__("moco_sandbox", static_folder=None)
        self.config["PROPAGATE_EXCEPTIONS"] = True
        self.url_map = _ADDRESSES
        self._state = state
        self._faults = faults
        self._log = log
        self._hooks = hooks
        self._sleep = sleep
        self._pending: list[_Pending] = []
        self.windows = RateWindows()
        self.before_request(self._admit)
        self.after_request(self._dress)
        self.register_error_handler(Stop, lambda stop: answer(stop.body, stop.status))
        self.register_error_handler(Invalid, lambda refusal: refused(state, refusal.problems))
        self.register_error_handler(HTTPException, lambda _: answer(None, 404))

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Answer an address with `view_func`; what was compiled for an earlier sandbox is taken from there."""
        assert view_func is not None
        name = endpoint or view_func.__name__
        if (rule, name) in _COMPILED:
            self.view_functions[name] = view_func
            return
        super().add_url_rule(rule, name, view_func, provide_automatic_options, **options)
        _COMPILED.add((rule, name))

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; may raise ConnectionDropped instead, also while the body is read."""
        self.settle()
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(CONTROL_ROOT):
            environ[_EFFECTS] = ()
            return self._controlled(environ)(environ, start_response)
        if path.startswith(API_ROOT):
            path = environ["PATH_INFO"] = path.removesuffix(".json")
        body = take_body(environ)
        environ[_EFFECTS] = ()
        number = self._log.add(environ, b"" if path == f"{API_ROOT}/session" else body, self._state.now())
        wait = self._over_limit(_caller_key(environ))
        if wait is not None:
            retry_after = wait if self._state.switches.retry_after else None
            response = self._canned(429, retry_after)
        else:
            below = path.removeprefix(API_ROOT)
            environ[_EFFECTS] = self._faults.effects_for(str(environ["REQUEST_METHOD"]), below)
            response = self._run(environ, body)
        self._log.finish(number, response.status_code)
        return response(environ, start_response)

    def settle(self) -> None:
        """Let every late request whose time has come take effect, at the moment it was due."""
        with self._state.lock:
            now = self._state.now()
            due = sorted((late for late in self._pending if late.due <= now), key=lambda late: late.due)
            self._pending = [late for late in self._pending if late.due > now]
            for late in due:
                with self._state.at(late.due):
                    self._apply(with_body(late.environ, late.body))

    @property
    def unsettled(self) -> int:
        """How many late requests have not taken effect yet."""
        return len(self._pending)

    def _over_limit(self, key: str) -> int | None:
        with self._state.lock:
            return self.windows.admit(key, self._state.now(), self._state.switches.rate_limits)

    def _run(self, environ: WSGIEnvironment, body: bytes) -> AnyResponse:
        effects: tuple[Effect, ...] = environ[_EFFECTS]
        for effect in effects:
            instead = self._before(effect, environ, body)
            if instead is not None:
                return instead
        response = self._apply(environ)
        for effect in effects:
            response = self._after(effect, response)
        return response

    def _apply(self, environ: WSGIEnvironment) -> AnyResponse:
        with self._state.lock, self._hooks.caused_by_request():
            return self._answered(environ)

    def _controlled(self, environ: WSGIEnvironment) -> AnyResponse:
        """The remote control acts as a person's hand; only who delivers must let receivers call the account."""
        if str(environ.get("PATH_INFO", "")) == DELIVER_PATH:
            return self._answered(environ)
        with self._state.lock:
            return self._answered(environ)

    def _answered(self, environ: WSGIEnvironment) -> AnyResponse:
        body, status, headers = run_wsgi_app(super().wsgi_app, environ, buffered=True)
        response = AnyResponse(b"".join(body), status)
        response.headers = headers  # the constructor would add a Content-Type to an empty answer
        return response

    def _before(self, effect: Effect, environ: WSGIEnvironment, body: bytes) -> AnyResponse | None:
        match effect:
            case Delay(seconds=seconds, applied=False):
                self._sleep(seconds)
            case AnswerInstead(status=status, retry_after=retry_after):
                return self._canned(status, retry_after)
            case Drop(applied=False):
                raise ConnectionDropped("reset before the request was applied")
            case Hang(applied=False):
                raise NoAnswer("no answer, nothing applied")
            case LateCommit(seconds=seconds, status=status):
                with self._state.lock:
                    due = self._state.now() + timedelta(seconds=seconds)
                    self._pending.append(_Pending(due, dict(environ), body))
                return self._canned(status, None)
            case _:
                pass
        return None

    def _after(self, effect: Effect, response: AnyResponse) -> AnyResponse:
        match effect:
            case Delay(seconds=seconds, applied=True):
                self._sleep(seconds)
            case LoseAnswer(status=status):
                return self._canned(status, None)
            case Drop(applied=True):
                raise ConnectionDropped("reset after the request was applied")
            case Hang(applied=True):
                raise NoAnswer("no answer, though applied")
            case TruncatedJson():
                text = response.get_data()
                response.set_data(text[: len(text) // 2])
            case CutBody():
                response.response = cut(response.get_data())
            case SlowBytes(pause=pause, piece=piece):
                response.response = slowly(response.get_data(), pause, piece, self._sleep)
            case _:
                pass
        return response

    def _canned(self, status: int, retry_after: int | None) -> AnyResponse:
        """An answer that no endpoint gave: MOCO's own texts, or a gateway's page."""
        messages = {401: '{"message":"Invalid API key."}', 429: '{"message":"Too many requests"}'}
        if status in messages:
            response = AnyResponse(messages[status], status, content_type="application/json; charset=utf-8")
        elif status == 500:
            response = AnyResponse(RAILS_500, status, content_type="text/plain; charset=utf-8")
        elif status > 500:
            page = f"<html><body><h1>{status}</h1></body></html>"
            response = AnyResponse(page, status, content_type="text/html; charset=utf-8")
        else:
            response = AnyResponse(b"", status)
            response.headers.pop("Content-Type", None)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Request-Id"] = str(uuid4())
        response.headers["Date"] = self._state.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def _admit(self) -> None:
        g.started = time.perf_counter()
        g.effects = request.environ[_EFFECTS]
        if request.path.startswith(CONTROL_ROOT):
            return
        if (request.method, request.path) == ("POST", f"{API_ROOT}/session"):
            g.caller = Caller(None, None, read_only=True)
            return
        g.caller = found = authenticate(self._state)
        self._state.caller_id = found.user.id if found.user else None
        if found.read_only and request.method not in ("GET", "HEAD"):
            raise Stop(403)

    def _dress(self, response: Response) -> Response:
        return dress(self._state, response, time.perf_counter() - g.started)


def _caller_key(environ: WSGIEnvironment) -> str:
    """What requests are counted by: the key however it is written, else the address."""
    given = str(environ.get("HTTP_AUTHORIZATION") or environ.get("REMOTE_ADDR", ""))
    return given.rpartition(" ")[2].removeprefix("token=").strip('"')
