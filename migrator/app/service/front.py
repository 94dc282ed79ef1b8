"""The door of the service: a socket, waitress in a thread, and an application that can be exchanged behind it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify
from waitress import create_server  # type: ignore[import-untyped] # it brings no types

from migrator.app.service.health import NOT_READY, healthz
from migrator.app.service.metrics import out_of_reach
from migrator.app.service.web import CAREFUL
from migrator.errors import UsageError
from migrator.moco.webhooks import LARGEST_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 4

CONNECTIONS = 500
"""More than a handful of idle browsers and probes; the usual 100 are soon taken by connections that say nothing."""

SILENT_SECONDS = 20
"""How long a connection may say nothing before its place is given to others."""

_TOO_EARLY = "the database has not been reached yet"


class Front:
    """Serves from `open` to `close`; until `show` it says that the service begins."""

    def __init__(self, at: socket.socket) -> None:
        self._application: WSGIApplication = beginning()
        self._server = server_at(at, self._answer)
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)
        self._thread.start()

    def show(self, application: WSGIApplication) -> None:
        """Let this application answer from now on."""
        self._application = application

    def close(self) -> None:
        """Take no more requests."""
        # In its own thread: what it waits for must not be closed under it.
        self._server.trigger.pull_trigger(self._server.close)
        self._thread.join(timeout=2)

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start)


def server_at(at: socket.socket, application: WSGIApplication) -> Any:
    """The waitress that answers at a socket, once it runs."""
    return create_server(
        application,
        sockets=[at],
        threads=THREADS,
        ident=None,
        # It refuses what is as long as its limit, we what is longer than ours.
        max_request_body_size=LARGEST_BODY + 1,
        connection_limit=CONNECTIONS,
        channel_timeout=SILENT_SECONDS,
        cleanup_interval=5,
        # What it would use instead fails from the 1,024th file on.
        asyncore_use_poll=True,
    )


def bound(host: str, port: int) -> socket.socket:
    """A socket at an address, port 0 being any free one; raises `UsageError` where it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            hint="choose another --host or --port (web.host, web.port)",
        ) from error
    return made


def address_of(at: socket.socket) -> str:
    """The address of a socket as a URL without a path."""
    host, port = at.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def beginning() -> Flask:
    """What is answered before the database was reached: to people and MOCO, that they come too early."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/metrics", view_func=out_of_reach)

    @app.route("/readyz")
    def readyz() -> Response:
        answer = jsonify({"ready": False, "state": "failing", "reason": _TOO_EARLY})
        answer.status_code = NOT_READY
        return answer

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def too_early(path: str) -> Response:
        return Response(f"{_TOO_EARLY}\n", NOT_READY, {"Retry-After": "5"}, content_type="text/plain")

    @app.after_request
    def carefully(response: Response) -> Response:
        response.headers.update(CAREFUL)
        return response

    return app
