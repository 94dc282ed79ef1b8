"""A simulated service without a socket: its WSGI application as an adapter of requests."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication

from requests import ConnectionError as RequestsConnectionError
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse


class WsgiAdapter(HTTPAdapter):
    """Calls `app` in the sender's thread.

    A ConnectionError out of the application, from the call or from the body, becomes requests' own, as a
    dropped connection would.
    """

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__()
        self._app = app

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:  # Any: requests' own arguments
        """Answer `request` by calling the application once."""
        status, headers, written = "", list[tuple[str, str]](), io.BytesIO()

        def start_response(
            told: str, fields: list[tuple[str, str]], _error: object = None, /
        ) -> Callable[[bytes], object]:
            nonlocal status, headers
            status, headers = told, fields
            return written.write

        try:
            chunks = self._app(_environ(request), start_response)
            try:
                for chunk in chunks:
                    written.write(chunk)
            finally:
                close = getattr(chunks, "close", None)
                if close is not None:
                    close()
        except ConnectionError as error:
            raise RequestsConnectionError(str(error), request=request) from error
        written.seek(0)
        answer = HTTPResponse(
            written,
            headers=HTTPHeaderDict(headers),
            status=int(status.split(maxsplit=1)[0]),
            reason=status.partition(" ")[2],
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        return self.build_response(request, answer)


def _environ(request: PreparedRequest) -> dict[str, Any]:
    """PEP 3333's environment of a request."""
    parts = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(str(parts.path), encoding="latin-1"),
        "QUERY_STRING": str(parts.query),
        "SERVER_NAME": str(parts.hostname),
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": str(parts.scheme),
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, text in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    return environ
