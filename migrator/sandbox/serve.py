"""Serving a sandbox over HTTP, with a server that can break connections when told to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from migrator.sandbox.faults import ConnectionDropped, NoAnswer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_LONGEST_SILENCE = 600.0


class Sandbox(Protocol):
    """Anything that answers as a WSGI application."""

    @property
    def wsgi(self) -> WSGIApplication:
        """The application."""
        ...


class Served:
    """A sandbox that answers at `url` until the `with` block or `close` ends it."""

    def __init__(self, server: BaseWSGIServer) -> None:
        self._server = server
        host = f"[{server.host}]" if ":" in server.host else server.host
        self.url = f"http://{host}:{server.port}"
        self.port = server.port
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering; connections that hang are left to their clients."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Served:
    """Serve `sandbox` from a daemon thread, one thread a request; port 0 is any free one.

    A ConnectionDropped out of the application resets the connection, also in the middle of a body; a
    NoAnswer keeps silent until the client hangs up.
    """
    return Served(make_server(host, port, sandbox.wsgi, threaded=True, request_handler=_Handler))


class _Handler(WSGIRequestHandler):
    """werkzeug's request handler, silent, and able to drop a connection on purpose."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing of requests (the sandbox keeps its own log); errors go to stderr."""
        if type == "error":
            super().log(type, message, *args)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without a Date and Server of its own: the application says what time it is."""
        self.send_response_only(code, message)

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Reset the connection when the application asked for it."""
        if isinstance(error, NoAnswer):
            with contextlib.suppress(OSError):
                self.connection.settimeout(_LONGEST_SILENCE)
                self.connection.recv(1)
        if isinstance(error, ConnectionDropped):
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
