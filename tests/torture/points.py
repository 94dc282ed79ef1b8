"""The points: every moment in which the program awaits the outside, counted, and the one at which it ends.

Installed in a forked child, from outside the product: the lowest functions of the wire and of the database driver's
dialect are wrapped, nothing in the product knows of it. A point is a kind and a number, so that it means the same
moment also where several requests are in flight.
"""

from __future__ import annotations

import re
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Self

from requests import PreparedRequest, Session
from sqlalchemy.engine.default import DefaultDialect
from urllib3.connection import HTTPConnection

from migrator.app import carrying, wiring
from migrator.moco import transport, wire
from migrator.store import lease

CLOSED_PORT = 1
"""A port of this machine where nobody listens."""


class Kind(Enum):
    """Where in a commit or a request."""

    COMMITTING = "before a commit"
    COMMITTED = "after a commit"
    LEAVING = "before a request's first byte leaves"
    HALF = "between a request's head and its body"
    LEFT = "after a request left, before its answer"
    ANSWERED = "after an answer"


@dataclass(frozen=True, slots=True)
class Point:
    """The `number`th time of a kind, from 1."""

    kind: Kind
    number: int

    def __str__(self) -> str:
        return f"{self.number}. time {self.kind.value}"


class Sign(Enum):
    """What happens at a point; both at once and from inside, so that not one instruction follows."""

    KILL = "SIGKILL"
    STOP = "SIGSTOP"


@dataclass(frozen=True, slots=True)
class Refused:
    """The connection of the `nth` matching request is refused, and of the next ones up to `times` (0: all)."""

    method: str
    path: str
    nth: int = 1
    times: int = 1


@dataclass(frozen=True, slots=True)
class Fate:
    """What shall happen to one run of the program; by default nothing but the counting."""

    at: Point | None = None
    sign: Sign = Sign.KILL
    refused: Refused | None = None
    lease_seconds: float = 0.0
    """How long a lease lasts without renewal, and it is not renewed; 0 leaves the product's own time."""

    def to_json(self) -> dict[str, object]:
        """For the way to the fork server."""
        at = None if self.at is None else [self.at.kind.name, self.at.number]
        refused = None if self.refused is None else asdict(self.refused)
        return {"at": at, "sign": self.sign.name, "refused": refused, "lease_seconds": self.lease_seconds}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:  # JSON
        """The same fate again."""
        at = None if told["at"] is None else Point(Kind[told["at"][0]], told["at"][1])
        refused = None if told["refused"] is None else Refused(**told["refused"])
        return cls(at, Sign[told["sign"]], refused, told["lease_seconds"])


class Counted:
    """Counts the points of this process and ends it at the chosen one."""

    def __init__(self, fate: Fate) -> None:
        self.passed: list[Kind] = []
        self._seen: Counter[Kind] = Counter()
        self._fate = fate
        self._lock = threading.Lock()

    def reach(self, kind: Kind) -> None:
        """The process is at a point."""
        with self._lock:
            self.passed.append(kind)
            self._seen[kind] += 1
            if Point(kind, self._seen[kind]) == self._fate.at:
                # To this very thread: another one might be scheduled too late to keep it from going on.
                signal.pthread_kill(threading.get_ident(), signal.Signals[self._fate.sign.value])


def install(fate: Fate) -> Counted:
    """Wrap the outside of this process; only once in its life."""
    counted = Counted(fate)
    _wrap_commits(counted.reach)
    _wrap_requests(counted.reach)
    if fate.refused is not None:
        _wrap_connecting(fate.refused)
    if fate.lease_seconds:
        lease.TTL_SECONDS, wiring.RENEW_EVERY = fate.lease_seconds, 3600.0
        # It relies on leases that are much longer.
        carrying.CHECK_LEASE_EVERY = 0.0
    return counted


def _wrap_commits(reach: Callable[[Kind], None]) -> None:
    commit: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit  # Any: as below

    def do_commit(self: DefaultDialect, connection: Any) -> None:  # Any: SQLAlchemy's own argument
        reach(Kind.COMMITTING)
        commit(self, connection)
        reach(Kind.COMMITTED)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _wrap_requests(reach: Callable[[Kind], None]) -> None:
    send, exchange = wire._WatchedConnection.send, transport.__dict__["exchange"]
    getresponse = HTTPConnection.getresponse

    def watched_send(self: wire._WatchedConnection, data: Any) -> None:  # Any: http.client's own argument
        reach(Kind.HALF if wire._current.get().begun else Kind.LEAVING)
        send(self, data)

    def watched_getresponse(self: HTTPConnection) -> Any:  # Any: urllib3's own answer
        reach(Kind.LEFT)
        return getresponse(self)

    def watched_exchange(*given: Any, **named: Any) -> Any:  # Any: passed on unread
        transfer = exchange(*given, **named)
        reach(Kind.ANSWERED)
        return transfer

    wire._WatchedConnection.send = watched_send  # type: ignore[method-assign]
    wire._WatchedConnection.getresponse = watched_getresponse  # type: ignore[method-assign]
    transport.__dict__["exchange"] = watched_exchange


def _wrap_connecting(refused: Refused) -> None:
    """Let chosen requests knock at a port where nobody listens, over a new connection."""
    exchange, new_connection = transport.__dict__["exchange"], wire._WatchedConnection._new_conn
    elsewhere = threading.local()
    lock = threading.Lock()
    seen = 0

    def chosen(request: PreparedRequest) -> bool:
        nonlocal seen
        path = str(request.path_url).partition("?")[0].removeprefix(transport.API_PATH)
        if request.method != refused.method or not re.fullmatch(refused.path, path):
            return False
        with lock:
            seen += 1
            return seen >= refused.nth and (not refused.times or seen < refused.nth + refused.times)

    def watched_exchange(session: Session, request: PreparedRequest, *given: Any, **named: Any) -> Any:
        elsewhere.now = chosen(request)
        if elsewhere.now:
            session.close()
        return exchange(session, request, *given, **named)

    def connect(self: wire._WatchedConnection) -> Any:  # Any: a socket
        if getattr(elsewhere, "now", False):
            self.port = CLOSED_PORT
        return new_connection(self)

    transport.__dict__["exchange"] = watched_exchange
    wire._WatchedConnection._new_conn = connect  # type: ignore[method-assign]
