"""The bytes: connections that add the token themselves, answers on disk, and failures in words of ours."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO, cast

import urllib3
from requests import Request, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from migrator import __version__
from migrator.activecollab.credential import Credential

LARGEST_ANSWER = 4 * 2**30
"""Bytes, after decompression: a million time records of generation 2 are about 1 GB."""
LARGEST_RATIO = 200
"""Of bytes after to bytes before decompression: repetitive XML reaches 40."""
_RATIO_COUNTS_FROM = 16 * 2**20
_IN_MEMORY = 2**20
_CHUNK = 65_536
_SLOWEST = 512
"""Bytes in a second, on average, once an answer took longer than `_PATIENCE` times the timeout."""
_PATIENCE = 4

_signing: ContextVar[Credential | None] = ContextVar("credential of the request being sent", default=None)


class _SigningConnection(HTTPConnection):
    """Adds the token to the bytes only: no address, header or exception of requests or urllib3 ever holds it."""

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:
        """Begin a request; the arguments are urllib3's own."""
        credential = _signing.get()
        target = url if credential is None else credential.signed(url)
        super().putrequest(method, target, skip_host=skip_host, skip_accept_encoding=skip_accept_encoding)
        if credential is not None and credential.header is not None:
            self.putheader(*credential.header)

    _hung_up = False

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 itself overrides it
        """Wait for an answer to begin; hangs up on one whose headers drip, which no timeout of a socket ends."""
        seconds = self.timeout if isinstance(self.timeout, int | float) else None
        if seconds is None:
            return super().getresponse()
        watchdog = threading.Timer(_PATIENCE * seconds, self._hang_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = super().getresponse()
        finally:
            watchdog.cancel()
        # http.client takes the end of a connection for the end of the headers.
        if self._hung_up or not answer.headers:
            answer.close()
            raise TimeoutError if self._hung_up else http.client.IncompleteRead(b"")
        return answer

    def _hang_up(self) -> None:
        self._hung_up = True
        with contextlib.suppress(OSError, AttributeError):  # closed meanwhile
            self.sock.shutdown(socket.SHUT_RDWR)


class _SigningTlsConnection(_SigningConnection, HTTPSConnection):
    """The same over TLS."""


class _SigningPool(HTTPConnectionPool):
    ConnectionCls = _SigningConnection


class _SigningTlsPool(HTTPSConnectionPool):
    ConnectionCls = _SigningTlsConnection


_POOLS = {"http": _SigningPool, "https": _SigningTlsPool}


class _SigningAdapter(HTTPAdapter):
    """requests' own adapter on signing connections; repeats nothing."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # Any: requests' own arguments, passed on
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:  # Any: requests' own arguments, passed on
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Session(Session):
    """Follows nothing, not even to look: requests would read a redirect's body without limit."""

    def get_redirect_target(self, resp: Response) -> str | None:
        return None


def open_session(accept: str, *, proxy: str, ca_file: str) -> Session:
    """A session that ignores the environment, keeps no cookies and follows no redirect."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    session.headers = CaseInsensitiveDict(
        {"Accept": accept, "Accept-Encoding": "gzip, deflate", "User-Agent": f"migrator/{__version__}"}
    )
    if ca_file:
        session.verify = ca_file
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    session.adapters.clear()
    session.mount("https://", _SigningAdapter())
    session.mount("http://", _SigningAdapter())
    return session


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names are lower-case, `body` is decompressed, rewound and to be closed."""

    status: int
    headers: Mapping[str, str]
    body: BinaryIO

    def head(self, size: int) -> bytes:
        """The first bytes of the body, which is left rewound."""
        self.body.seek(0)
        first = self.body.read(size)
        self.body.seek(0)
        return first

    def tail(self, size: int) -> bytes:
        """The last bytes of the body, which is left rewound."""
        length = self.body.seek(0, 2)
        self.body.seek(max(0, length - size))
        last = self.body.read()
        self.body.seek(0)
        return last


@dataclass(frozen=True, slots=True)
class Failure:
    """No whole answer came; `why` holds no address. Asking again is of no use when the answer is `too_much`."""

    why: str
    too_much: bool = False


class _TooMuchError(Exception):
    """The body is too large, or unpacks to too much."""


class _TooSlowError(Exception):
    """The body drips."""


class _AnnouncedError(Exception):
    """An interim answer came, such as 103; http.client knows none but 100."""


_FAILURES = (RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


def exchange(
    session: Session,
    request: Request,
    credential: Credential | None,
    *,
    seconds: float,
    clock: Callable[[], float],
) -> Answer | Failure:
    """Send `request` once and take its answer whole, on disk where it is large.

    `seconds` is the longest silence, before and within the answer. Never raises for the network: a foreign
    exception would carry the proxy's password.
    """
    marked = _signing.set(credential)
    body = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - goes out in Answer
    try:
        answer = session.send(session.prepare_request(request), stream=True, allow_redirects=False, timeout=seconds)
        with contextlib.closing(answer):
            if answer.status_code < 200:
                # The final answer would be taken for that of the next request on this connection.
                raise _AnnouncedError(f"the server announced an answer ({answer.status_code}) that did not come")
            _take(answer, body, seconds, clock)
        body.seek(0)
        return Answer(answer.status_code, {name.lower(): text for name, text in answer.headers.items()}, body)
    except _TooMuchError as error:
        failure = Failure(str(error), too_much=True)
    except (_TooSlowError, _AnnouncedError) as error:
        failure = Failure(str(error))
    except _FAILURES as error:
        failure = Failure(_say(error, seconds))
    finally:
        _signing.reset(marked)
    body.close()
    return failure


def _take(answer: Response, body: BinaryIO, seconds: float, clock: Callable[[], float]) -> None:
    """Read the body in small steps: the timeout of a socket alone lets an answer drip for ever."""
    began, size = clock(), 0
    while piece := answer.raw.read1(_CHUNK, decode_content=True):
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise _TooMuchError(f"the answer is larger than {LARGEST_ANSWER // 2**30} GB")
        if size > _RATIO_COUNTS_FROM and size > LARGEST_RATIO * max(1, answer.raw.tell()):
            raise _TooMuchError(f"the answer unpacks to more than {LARGEST_RATIO} times its size")
        late = clock() - began - _PATIENCE * seconds
        if late > 0 and size < _SLOWEST * (late + _PATIENCE * seconds):
            raise _TooSlowError(f"the answer came in slower than {_SLOWEST} bytes in a second")
        body.write(piece)


def _say(error: BaseException, seconds: float) -> str:
    """What went wrong, in words of ours: the libraries' hold addresses, and a proxy's password with them."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate was refused: {cause.verify_message}"
    if any(isinstance(cause, OSError) and cause.errno == errno.ENOSPC for cause in causes):
        return "there is no space left for the answer in the folder of temporary files"
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
    (ssl.SSLError, "the TLS connection failed; servers before about 2014 may offer none that is still accepted"),
    (urllib3.exceptions.ProxyError, "the proxy refused or failed"),
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    (ConnectionResetError, "the connection was reset"),
    (http.client.IncompleteRead, "the answer was cut off"),
    (urllib3.exceptions.IncompleteRead, "the answer was cut off"),
    (urllib3.exceptions.InvalidChunkLength, "the answer was cut off"),
    (urllib3.exceptions.DecodeError, "the answer's compression is broken"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything it was made from; requests and urllib3 nest causes as arguments as well."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            nested = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
            waiting.extend(cause for cause in nested if isinstance(cause, BaseException))
