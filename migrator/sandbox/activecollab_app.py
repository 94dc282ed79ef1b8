"""The simulated ActiveCollab as a WSGI application: log, faults, the token, then the commands."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response as AnyResponse

from migrator.sandbox import activecollab_address as address
from migrator.sandbox.activecollab_effects import (
    PAGE,
    ActiveCollabEffect,
    Redirect,
    RevokeTokens,
    Rewrite,
    Spoil,
    Then,
    spoilt,
)
from migrator.sandbox.activecollab_shapes5 import error_body
from migrator.sandbox.activecollab_state import ActiveCollabState
from migrator.sandbox.activecollab_switches import Access
from migrator.sandbox.activecollab_web import COMMANDS, LegacyAnswers, Stop, json_answer
from migrator.sandbox.faults import (
    AnswerInstead,
    ConnectionDropped,
    CutBody,
    Delay,
    Drop,
    FaultQueue,
    Hang,
    LoseAnswer,
    NoAnswer,
    SlowBytes,
    TruncatedJson,
)
from migrator.sandbox.moco_log import RequestLog
from migrator.sandbox.wsgi_bodies import cut, slowly, take_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONTROL_ROOT = "/_sandbox"
OPEN_COMMANDS = frozenset(f"{COMMANDS}/{name}" for name in ("issue-token", "issue-token-intent", "external/login"))
_APACHE_400 = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>400 Bad Request</title>\n'
    "</head><body>\n<h1>Bad Request</h1>\n</body></html>\n"
)


class ActiveCollabApp(Flask):
    """The WSGI application; each request runs alone, under the state's lock."""

    def __init__(
        self,
        state: ActiveCollabState,
        faults: FaultQueue[ActiveCollabEffect],
        log: RequestLog,
        sleep: Callable[[float], None],
    ) -> None:
        super().__init__("activecollab_sandbox", static_folder=None)
        self.config["PROPAGATE_EXCEPTIONS"] = True
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self._state = state
        self._faults = faults
        self._log = log
        self._sleep = sleep
        self._legacy = LegacyAnswers(state)
        self.before_request(self._admit)
        self.after_request(self._dress)
        self.register_error_handler(Stop, self._refused)
        self.register_error_handler(HTTPException, self._not_found)
        self.add_url_rule(address.PAGE, view_func=_show_page, methods=["GET", "POST", "PUT", "DELETE"])
        self.add_url_rule(address.ALIVE, view_func=_show_alive, methods=["GET", "POST"])

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; may raise ConnectionDropped instead, also while the body is read."""
        if str(environ.get("PATH_INFO", "")).startswith(CONTROL_ROOT):
            return self._apply(environ)(environ, start_response)
        route = address.route_of(self._state.generation, environ)
        command = route.removeprefix(f"{COMMANDS}/")
        body = take_body(environ)
        kept = b"" if address.holds_password(command) or route == address.SUBSCRIBE else body
        number = self._log.add(address.for_the_log(environ), kept, self._state.now(), command)
        effects = self._faults.effects_for(str(environ["REQUEST_METHOD"]), command)
        environ["PATH_INFO"] = route
        response = self._run(environ, effects)
        self._log.finish(number, response.status_code)
        for effect in effects:
            if isinstance(effect, Then):
                effect.action()
        return response(environ, start_response)

    def _run(self, environ: WSGIEnvironment, effects: tuple[ActiveCollabEffect, ...]) -> AnyResponse:
        for effect in effects:
            instead = self._before(effect, environ)
            if instead is not None:
                return instead
        response = self._apply(environ)
        for effect in effects:
            response = self._after(effect, environ, response)
        return response

    def _apply(self, environ: WSGIEnvironment) -> AnyResponse:
        with self._state.lock:
            body, status, headers = run_wsgi_app(super().wsgi_app, environ, buffered=True)
        response = AnyResponse(b"".join(body), status)
        response.headers = headers  # the constructor would add a Content-Type to an empty answer
        return response

    def _before(self, effect: ActiveCollabEffect, environ: WSGIEnvironment) -> AnyResponse | None:
        match effect:
            case Delay(seconds=seconds, applied=False):
                self._sleep(seconds)
            case AnswerInstead(status=status, retry_after=retry_after):
                return self._canned(environ, status, retry_after)
            case Drop(applied=False):
                raise ConnectionDropped("reset before the request was applied")
            case Hang(applied=False):
                raise NoAnswer("no answer, nothing applied")
            case RevokeTokens():
                with self._state.lock:
                    self._state.tokens.clear()
            case Redirect(location=location, status=status, keep_query=keep):
                query = f"?{environ.get('QUERY_STRING', '')}" if keep else ""
                return AnyResponse(b"", status, {"Location": location + query}, content_type="text/html")
            case _:
                pass
        return None

    def _after(self, effect: ActiveCollabEffect, environ: WSGIEnvironment, response: AnyResponse) -> AnyResponse:
        match effect:
            case Delay(seconds=seconds, applied=True):
                self._sleep(seconds)
            case LoseAnswer(status=status):
                return self._canned(environ, status, None)
            case Drop(applied=True):
                raise ConnectionDropped("reset after the request was applied")
            case Hang(applied=True):
                raise NoAnswer("no answer, though applied")
            case TruncatedJson():
                whole = response.get_data()
                response.set_data(whole[: len(whole) // 2])
            case CutBody():
                response.response = cut(response.get_data())
            case SlowBytes(pause=pause, piece=piece):
                response.response = slowly(response.get_data(), pause, piece, self._sleep)
            case Rewrite(change=change):
                response.set_data(change(response.get_data()))
            case Spoil():
                response.set_data(spoilt(effect, response.get_data()))
                if effect is Spoil.HTML_PAGE:
                    response.headers["Content-Type"] = "text/html;charset=UTF-8"
            case _:
                pass
        return response

    def _canned(self, environ: WSGIEnvironment, status: int, retry_after: int | None) -> AnyResponse:
        """An answer that no endpoint gave: Apache's page, a gateway's page, or an error document as usual."""
        if status == 400:
            response = AnyResponse(_APACHE_400, status, content_type="text/html; charset=iso-8859-1")
        elif status == 429 or status > 500:
            page = f"<html><body><h1>{status}</h1></body></html>"
            response = AnyResponse(page, status, content_type="text/html; charset=utf-8")
        else:
            with self.request_context(environ):
                response = self._refused(Stop(status))
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def _admit(self) -> None:
        """The token, wherever it is due: wrong is 403 in legacy (CLI), 401 in generation 5 (OFF)."""
        state = self._state
        if not request.path.startswith(COMMANDS) or (state.generation == 5 and request.path in OPEN_COMMANDS):
            return
        owner = state.tokens.get(address.token_of(state.generation, request.environ) or "")
        if owner is None:
            raise Stop(401, kind="Unauthorized") if state.generation == 5 else Stop(403)
        if state.switches.access is Access.OFF:
            raise Stop(403)
        g.caller_id = owner

    def _not_found(self, problem: HTTPException) -> Response:
        """An unknown command is 404 in the words of the API; the remote control says what it has to say itself."""
        if request.path.startswith(CONTROL_ROOT):
            return json_answer({"message": problem.description}, problem.code or 404)
        return self._refused(Stop(404))

    def _refused(self, stop: Stop) -> Response:
        if self._state.generation < 5:
            return self._legacy.refused(stop)
        trace = self._state.switches.leaks_trace
        body = error_body(stop.kind or "Error", stop.message, stop.problems, trace=trace)
        return json_answer(body, stop.status)

    def _dress(self, response: Response) -> Response:
        response.headers["Date"] = self._state.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        if self._state.generation == 5 and request.path.startswith(COMMANDS):
            response.headers["X-Angie-ApplicationVersion"] = self._state.system_version
        if self._state.switches.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.set_data(gzip.compress(response.get_data(), 1))
            response.headers["Content-Encoding"] = "gzip"
        return response


def _show_page() -> Response:
    """The application itself, with 200: what a wrong base address is answered with (USR)."""
    return Response(PAGE, content_type="text/html;charset=UTF-8")


def _show_alive() -> Response:
    """XML whatever was asked for, and no token needed (CLI)."""
    return Response("<api_is_alive>yes</api_is_alive>", content_type="application/xml; charset=utf-8")
