"""Bodies of requests and answers, taken, given back, cut and slowed down: what simulated services share below HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from migrator.sandbox.faults import ConnectionDropped

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def take_body(environ: WSGIEnvironment) -> bytes:
    """Read the whole body, so that it can be logged and applied later."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body: bytes = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ.update(with_body({}, body))
    return body


def with_body(environ: WSGIEnvironment, body: bytes) -> WSGIEnvironment:
    """A fresh environment that holds `body`, without what earlier handling left in it."""
    fresh = {name: value for name, value in environ.items() if not name.startswith(("werkzeug.", "flask."))}
    return fresh | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def cut(body: bytes) -> Iterator[bytes]:
    """Half of `body`, then a reset connection."""
    yield body[: len(body) // 2]
    raise ConnectionDropped("reset in the middle of the body")


def slowly(body: bytes, pause: float, piece: int, sleep: Callable[[float], None]) -> Iterator[bytes]:
    """`body` in pieces, a pause before each."""
    for start in range(0, len(body), piece):
        sleep(pause)
        yield body[start : start + piece]
