"""Requests to one server: GET is repeated where that may help, POST, PUT and DELETE are sent once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from enum import Enum
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from requests import Request, Session

from migrator.activecollab.address import Endpoint, Params, is_loopback
from migrator.activecollab.client import Generation
from migrator.activecollab.credential import Credential, without_token
from migrator.activecollab.pace import Pace
from migrator.activecollab.wire import Answer, Failure, exchange, open_session
from migrator.errors import ConfigurationError, TryAgainLater

_PAUSES = (1.0, 2.0, 4.0, None)
"""Seconds to wait after each try; the fourth is the last."""
LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more is left alone until the next run."""

_OVERLOADED = frozenset({429, 502, 503, 504})
_LOGIN_PAGE = re.compile(r"\b(log|sign)[-_]?in\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Network:
    """How to speak to a server: limits and the way out.

    `timeout_seconds` is the longest silence. `clock` only moves forward. The environment's proxy settings,
    `.netrc` and CA variables are not used; a proxy's address may hold a password and is never shown.
    """

    timeout_seconds: float
    requests_per_minute: int
    proxy: str
    ca_file: str
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def __repr__(self) -> str:
        return f"Network(timeout_seconds={self.timeout_seconds}, requests_per_minute={self.requests_per_minute})"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answered usefully, however often it was tried; `why` is about the last try."""

    why: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A redirect that was not followed; `login` when it leads to a login page of the same host."""

    why: str
    login: bool


Got = Answer | Silence | Elsewhere


class Purpose(Enum):
    """What a GET is for: the 500 of a list may pass, that of a single object is its answer."""

    LIST = "list"
    DETAIL = "detail"


class Transport:
    """Sends requests to one endpoint at the pace allowed; for one thread. Counts requests by method."""

    def __init__(
        self, endpoint: Endpoint, credential: Credential | None, network: Network, *, pace: Pace | None = None
    ) -> None:
        if network.ca_file and not Path(network.ca_file).is_file():
            raise ConfigurationError((f"network.ca_file: {network.ca_file} is not a file",))
        self.endpoint = endpoint
        self.credential = credential
        self.requests: Counter[str] = Counter()
        self.pace = pace or Pace(network.requests_per_minute, clock=network.clock, sleep=network.sleep)
        self._network = network
        self._session = self._new_session()

    def get(self, command: str, params: Params = (), *, purpose: Purpose = Purpose.LIST) -> Got:
        """Read `command`; the answer's body is to be closed. Raises `TryAgainLater` when told to wait too long."""
        silence = Silence("")
        tolerated = purpose is Purpose.LIST
        for pause in _PAUSES:
            got = self._get_once(command, params)
            wait = pause
            match got:
                case Answer(status=500) if tolerated and pause is not None:
                    tolerated = False
                case Answer(status=status) if status in _OVERLOADED:
                    told, silence = self._told_to_wait(got), Silence(_overloaded(status))
                    wait = pause if told is None else told
                case Failure(why=why, too_much=too_much):
                    silence = Silence(why)
                    wait = None if too_much else pause
                case _:
                    return got
            if isinstance(got, Answer):
                got.body.close()
            if pause is None or wait is None:
                break
            self._network.sleep(wait)
        return silence

    def send(
        self, method: str, command: str, fields: Mapping[str, str], *, body: Mapping[str, object] | None = None
    ) -> Answer:
        """Write: `fields` as a form, or `body` as JSON. Sent once; raises `TryAgainLater` without an answer."""
        content: str | None = urlencode(dict(fields)) if fields else None
        # Without a charset: with one, a server of 2010 answered 400.
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if body is not None:
            content, headers = json.dumps(body), {"Content-Type": "application/json"}
        request = Request(method, self.endpoint.address(command), data=content, headers=headers)
        # A connection of its own: on a kept one that went stale nobody knows whether the request arrived.
        with self._new_session() as session:
            got = self._exchange(request, session)
        why = got.why if isinstance(got, Failure) else ""
        if isinstance(got, Answer) and (got.status in _OVERLOADED or 300 <= got.status < 400):
            got.body.close()
            why = _overloaded(got.status) if got.status in _OVERLOADED else "the server answered with a redirect"
        if why or isinstance(got, Failure):
            raise TryAgainLater(
                f"{method} {command} to ActiveCollab at {self.endpoint.host}: {why}",
                hint="whether it took effect is not known: look in ActiveCollab before you repeat it",
            )
        return got

    def close(self) -> None:
        """Close every kept connection."""
        self._session.close()

    def _get_once(self, command: str, params: Params) -> Answer | Failure | Elsewhere:
        address = self.endpoint.address(command, params)
        got = self._exchange(Request("GET", address))
        if isinstance(got, Failure) or not (300 <= got.status < 400 and "location" in got.headers):
            return got
        got.body.close()
        try:
            target = without_token(urljoin(address, got.headers["location"]))
            objection = _objection_to_follow(address, target)
        except ValueError:
            objection = Elsewhere("the server redirects to something that is no address", login=False)
        if objection is not None:
            return objection
        followed = self._exchange(Request("GET", target))
        if isinstance(followed, Answer) and 300 <= followed.status < 400:
            followed.body.close()
            return Elsewhere("the server redirects twice in a row; set the address it leads to", login=False)
        if target.removeprefix("https:") == address.removeprefix("http:"):
            secure = "https:" + self.endpoint.url.removeprefix("http:")
            self.endpoint = replace(self.endpoint, url=secure)
        return followed

    def _new_session(self) -> Session:
        accept = "application/json" if self.endpoint.generation is Generation.FIVE else "application/xml"
        proxy = "" if is_loopback(self.endpoint.url) else self._network.proxy
        return open_session(accept, proxy=proxy, ca_file=self._network.ca_file)

    def _exchange(self, request: Request, session: Session | None = None) -> Answer | Failure:
        with self.pace.permit():
            self.requests[request.method or ""] += 1
            return exchange(
                session or self._session,
                request,
                self.credential,
                seconds=self._network.timeout_seconds,
                clock=self._network.clock,
            )

    def _told_to_wait(self, answer: Answer) -> float | None:
        seconds = _retry_after(answer.headers)
        if seconds is not None and seconds > LONGEST_WAIT:
            answer.body.close()
            raise TryAgainLater(
                f"ActiveCollab at {self.endpoint.host} asks to wait {seconds:.0f} s",
                hint="run the same command again later",
            )
        return seconds


def _retry_after(headers: Mapping[str, str]) -> float | None:
    told = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", told):
        return float(told)
    try:
        # Against the server's own clock: ours may be off.
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


def _overloaded(status: int) -> str:
    return "too many requests (429)" if status == 429 else f"the server is out of order (status {status})"


def _objection_to_follow(address: str, target: str) -> Elsewhere | None:
    """Why a redirect from `address` to `target` is not followed: the token goes to the same host only."""
    here, there = urlsplit(address), urlsplit(target)
    if there.scheme not in {"http", "https"} or not there.hostname:
        return Elsewhere("the server redirects to something that is no web address", login=False)
    upgraded = (here.scheme, there.scheme) == ("http", "https")
    if here.hostname != there.hostname or (here.port != there.port and not upgraded):
        return Elsewhere(f"the server redirects to another host ({there.hostname}); not followed", login=False)
    if here.scheme == "https" and there.scheme == "http":
        return Elsewhere("the server redirects from https to plain http; not followed", login=False)
    if _LOGIN_PAGE.search(f"{there.path}?{there.query}"):
        return Elsewhere("the server redirects to its login page: the token or the address is not accepted", login=True)
    return None
