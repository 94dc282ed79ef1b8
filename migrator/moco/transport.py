"""How MOCO is reached: address, key, network settings, and sessions that read or write but never repeat."""

from __future__ import annotations

import json
import re
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlsplit

from requests import PreparedRequest, Request, Response, Session
from requests.adapters import BaseAdapter
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from migrator import __version__
from migrator.errors import ConfigurationError
from migrator.moco.errors import WrongAddress
from migrator.moco.listing import Query
from migrator.moco.outcomes import NotSent, Reply, Transfer
from migrator.moco.wire import GetOnlyAdapter, WatchedAdapter, exchange

API_PATH = "/api/v1"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|::1", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Network:
    """How to get out: a proxy's address (may hold a password, so never shown) and a file of CA certificates.

    The environment's own proxy settings, `.netrc` and CA variables are not used.
    """

    proxy: str = field(default="", repr=False)
    ca_file: str = ""


class TokenAuth(AuthBase):
    """MOCO's `Authorization: Token token=KEY`; the key is never shown."""

    def __init__(self, api_key: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", api_key):
            raise ConfigurationError(
                ("moco.api_key: the key is empty or holds blanks or characters that no key has",),
                hint="Copy it again from MOCO: profile, Integrations.",
            )
        self._api_key = api_key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Token token={self._api_key}"
        return request

    def __repr__(self) -> str:
        return "TokenAuth(...)"

    def without_key(self, reply: Reply) -> Reply:
        """The same answer without the key, should a server or proxy between repeat it in an error that is shown."""
        secret = self._api_key.encode("ascii")
        return replace(reply, body=reply.body.replace(secret, b"...")) if secret in reply.body else reply


def api_root(url: str) -> str:
    """The address that every request's URL is built from: scheme, host, port, `/api/v1`.

    `/api/v1` may be given or not. Raises `ConfigurationError` for all but https, or http to this machine.
    """
    expected = "expected https://NAME.mocoapp.com"
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError((f"moco.url is not an address; {expected}",)) from None
    if parts.scheme not in {"https", "http"} or not _HOST.fullmatch(host):
        raise ConfigurationError((f"moco.url is not an address; {expected}",))
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ConfigurationError((f"moco.url: plain http is for this machine only; {expected}",))
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigurationError((f"moco.url holds more than an address; {expected}",))
    if parts.path.rstrip("/") not in {"", API_PATH}:
        raise ConfigurationError((f"moco.url: the path after the host is not MOCO's API; {expected}",))
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{API_PATH}"


class _Session(Session):
    """Follows nothing, not even to look: requests would read a redirect's body without limit."""

    def get_redirect_target(self, resp: Response) -> str | None:
        return None


class Transport:
    """Everything that reading and writing share; counts requests by method, safe to share between threads."""

    def __init__(
        self,
        url: str,
        api_key: str | None,
        *,
        timeout_seconds: float,
        network: Network | None = None,
        adapter: BaseAdapter | None = None,
        answers: Counter[str] | None = None,
    ) -> None:
        """`answers` counts requests by method and end, as `GET 200`; `GET none` got no whole answer."""
        self.root = api_root(url)
        self._auth = None if api_key is None else TokenAuth(api_key)
        self._timeout = timeout_seconds
        self._network = network or Network()
        self._adapter = adapter
        if self._network.ca_file and not Path(self._network.ca_file).is_file():
            raise ConfigurationError((f"network.ca_file: {self._network.ca_file} is not a file",))
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._answers: Counter[str] = Counter() if answers is None else answers
        self._of_thread = threading.local()
        self._open: weakref.WeakSet[Session] = weakref.WeakSet()

    @property
    def counted(self) -> Counter[str]:
        """How many requests were sent, by method; those that never left are not counted."""
        with self._lock:
            return Counter(self._counted)

    def get(self, path: str, params: Query, as_user: int | None) -> Transfer:
        """Send one GET over this thread's kept connection; `path` begins with a slash."""
        request = Request("GET", self.root + path, params=params, headers=_impersonation(as_user))
        session = getattr(self._of_thread, "session", None)
        if session is None:
            session = self._new_session(GetOnlyAdapter(self._adapter or WatchedAdapter()))
            self._of_thread.session = session
            with self._lock:
                self._open.add(session)
        return self._exchange(session, request, lambda: None)

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        as_user: int | None,
        objection: Callable[[], str | None],
        params: Query | None = None,
    ) -> Transfer:
        """Send one write over a connection of its own, so that a stale one cannot make the outcome unclear.

        `objection` is asked when the connection stands; when it answers with words, nothing is sent.
        """
        headers = _impersonation(as_user) | {"Connection": "close"}
        content: bytes | None = None
        if body is not None:
            # Without exactly this type MOCO sees no fields, or answers 415.
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        request = Request(method, self.root + path, params=params or {}, data=content, headers=headers)
        with self._new_session(self._adapter or WatchedAdapter()) as session:
            return self._exchange(session, request, objection)

    def close(self) -> None:
        """Close every kept connection."""
        with self._lock:
            sessions = list(self._open)
        for session in sessions:
            session.close()

    def _new_session(self, adapter: BaseAdapter) -> Session:
        session = _Session()
        session.trust_env = False
        session.auth = self._auth
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        session.headers = CaseInsensitiveDict(
            {
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"migrator/{__version__}",
            }
        )
        if self._network.ca_file:
            session.verify = self._network.ca_file
        if self._network.proxy and urlsplit(self.root).hostname not in _LOOPBACK:
            session.proxies = {"http": self._network.proxy, "https": self._network.proxy}
        session.adapters.clear()
        session.mount(self.root, adapter)
        return session

    def _exchange(self, session: Session, request: Request, objection: Callable[[], str | None]) -> Transfer:
        prepared = session.prepare_request(request)
        transfer = exchange(session, prepared, self._timeout, objection, on_wire=self._adapter is None)
        if not isinstance(transfer, NotSent):
            with self._lock:
                self._counted[request.method or ""] += 1
                status = transfer.status if isinstance(transfer, Reply) else "none"
                self._answers[f"{request.method} {status}"] += 1
        if isinstance(transfer, Reply) and 300 <= transfer.status < 400:
            raise WrongAddress(
                f"{self.root} answered {request.method} with {transfer.status}, a redirect: not followed",
                status=transfer.status,
                hint="Check moco.url: use the https address of the account itself.",
            )
        if isinstance(transfer, Reply) and transfer.status >= 400 and self._auth is not None:
            return self._auth.without_key(transfer)
        return transfer


def _impersonation(as_user: int | None) -> dict[str, str]:
    return {} if as_user is None else {"X-IMPERSONATE-USER-ID": str(as_user)}
