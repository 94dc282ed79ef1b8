"""The bytes: connections that know whether a request began to leave, and one deadline for all of it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from typing import Any

import urllib3
from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from migrator.errors import MigratorError
from migrator.moco.outcomes import NotSent, Reply, Transfer, Unclear

LARGEST_ANSWER = 20 * 1024 * 1024
"""Bytes, after decompression: 100 activities are far below 1 MB."""

_CHUNK = 65536

_current: ContextVar[_Exchange] = ContextVar("current exchange")


class WriteForbiddenError(MigratorError):
    """A request other than GET was about to be sent by a client that only reads: a mistake in the program."""


class _Withheld(Exception):
    """Raised right before the first byte would have left."""


class _Useless(Exception):
    """An answer came that is not read to its end; the message says why."""


class _Exchange:
    """A request on the wire: its deadline (seconds, for all of it), its socket, whether it began to leave."""

    def __init__(self, seconds: float, objection: Callable[[], str | None]) -> None:
        self.seconds = seconds
        self.begun = False
        self.expired = False
        self._ends = time.monotonic() + seconds
        self._objection = objection
        self._twin: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._token: Token[_Exchange] | None = None

    def __enter__(self) -> _Exchange:
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._token is not None:
            _current.reset(self._token)
        with self._lock:
            if self._twin is not None:
                self._twin.close()
            self._twin = None

    def watch(self, descriptor: int) -> None:
        """Shut this socket down at the deadline.

        A second descriptor of the same connection is kept: TLS takes the first one over, and closing the
        connection object does not end the reading of an answer.
        """
        twin = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
        with self._lock:
            if self._twin is not None:
                self._twin.close()
            self._twin = twin
            if self.expired:
                _shut_down(twin)

    def begin(self) -> None:
        """The first byte is about to leave on a standing connection; raises `_Withheld` when it must not."""
        if self.begun:
            return
        # By the clock: on a busy machine the timer's thread may run late.
        late = time.monotonic() >= self._ends
        reason = f"no connection within {self.seconds:g} s" if late else self._objection()
        if reason is not None:
            raise _Withheld(reason)
        self.begun = True

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            if self._twin is not None:
                _shut_down(self._twin)


def _shut_down(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _WatchedConnection(HTTPConnection):
    """Tells the current exchange of its socket, and asks it before the request's first byte."""

    _connecting = False

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _current.get().watch(sock.fileno())
        return sock

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:  # Any: whatever http.client hands down, passed on unread
        if self.sock is None:
            self.connect()
        # A proxy's CONNECT passes here while connecting; it is not the request.
        if not self._connecting and not _current.get().begun:
            _current.get().watch(self.sock.fileno())
            _current.get().begin()
        super().send(data)


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    """The same over TLS: everything up to the end of the handshake is connecting."""


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


_FAILURES = (
    RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    # http.client lets it out where a chunk says that it is smaller than nothing.
    ValueError,
)

_POOLS = {"http": _WatchedPool, "https": _WatchedTlsPool}


class WatchedAdapter(HTTPAdapter):
    """requests' own adapter on watched connections; repeats nothing."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # Any: requests' own arguments, passed on
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:  # Any: requests' own arguments, passed on
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class GetOnlyAdapter(BaseAdapter):
    """Cannot write: anything but GET raises `WriteForbiddenError` before the one inside is asked."""

    def __init__(self, inside: BaseAdapter) -> None:
        super().__init__()
        self._inside = inside

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send a GET; the other arguments are requests' own."""
        if request.method != "GET":
            raise WriteForbiddenError(f"a client that only reads was asked to send {request.method}")
        return self._inside.send(request, *args, **kwargs)

    def close(self) -> None:
        """Close the adapter inside."""
        self._inside.close()


def exchange(
    session: Session,
    request: PreparedRequest,
    seconds: float,
    objection: Callable[[], str | None],
    *,
    on_wire: bool,
) -> Transfer:
    """Send `request` once and read its answer, all within `seconds`.

    `objection` is asked when the connection stands and nothing was sent yet; its words stop the request.
    `on_wire` is False for an adapter that is not ours: it cannot tell when bytes leave: they count as sent.
    Looking up a name cannot be interrupted and may outlast the deadline; nothing is sent afterwards then.
    """
    status: int | None = None
    with _Exchange(seconds, objection) as watched:
        try:
            if not on_wire:
                watched.begin()
            answer = session.send(request, stream=True, allow_redirects=False, timeout=seconds)
            status = answer.status_code
            with contextlib.closing(answer):
                if status < 200:
                    # The final answer would be taken for that of the next request on this connection.
                    raise _Useless(f"it announced an answer ({status}) that did not come")
                body = _read_capped(answer)
        except _Withheld as withheld:
            return NotSent(str(withheld))
        except _Useless as useless:
            return Unclear(str(useless), status)
        except _FAILURES as error:
            if not watched.begun:
                return NotSent(_say(error, seconds))
            return Unclear(_say_late(watched, error), status)
        # At the deadline the socket ends, which an answer without a length cannot tell from its own end.
        if watched.expired:
            return Unclear(f"no complete answer within {seconds:g} s", status)
    return Reply(status, {name.lower(): text for name, text in answer.headers.items()}, body)


def _read_capped(answer: Response) -> bytes:
    body = bytearray()
    while chunk := answer.raw.read(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise _Useless(f"the answer is larger than {LARGEST_ANSWER // 2**20} MB")
    return bytes(body)


def _say_late(watched: _Exchange, error: BaseException) -> str:
    if watched.expired:
        return f"no complete answer within {watched.seconds:g} s"
    return _say(error, watched.seconds)


def _say(error: BaseException, seconds: float) -> str:
    """What went wrong, in words of ours: the libraries' hold addresses, and a proxy's password with them."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate was refused: {cause.verify_message}"
    for kind, words in _WORDS:
        if any(isinstance(cause, kind) for cause in causes):
            return words.format(seconds=seconds)
    return f"the connection failed ({type(causes[-1]).__name__})"


_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "the host name is not known"),
    (ConnectionRefusedError, "the connection was refused"),
    (TimeoutError, "no answer within {seconds:g} s"),
    (urllib3.exceptions.ConnectTimeoutError, "no connection within {seconds:g} s"),
    (urllib3.exceptions.ReadTimeoutError, "no answer within {seconds:g} s"),
    (ssl.SSLError, "the TLS connection failed"),
    (urllib3.exceptions.ProxyError, "the proxy refused or failed"),
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    (ConnectionResetError, "the connection was reset"),
    (http.client.IncompleteRead, "the answer was cut off"),
    (urllib3.exceptions.IncompleteRead, "the answer was cut off"),
    (urllib3.exceptions.DecodeError, "the answer's compression is broken"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything it was made from; requests and urllib3 nest causes as arguments as well."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        nested = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting.extend(cause for cause in nested if isinstance(cause, BaseException))
