"""The requests a simulated service received, as tests and curious people read them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request: the bytes sent, never the key; `status` None when no answer was given (yet)."""

    number: int
    method: str
    path: str
    query: str
    impersonated: str | None
    content_type: str | None
    authorization_scheme: str | None
    body: bytes
    received_at: datetime
    status: int | None = None
    command: str = ""
    """What a simulated ActiveCollab was asked for, such as `projects/7/time`, whatever the address."""


class RequestLog:
    """The latest requests in the order of arrival; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[int, RequestRecord] = {}
        self._received = 0

    def add(self, environ: WSGIEnvironment, body: bytes, received_at: datetime, command: str = "") -> int:
        """Note a request that just arrived; returns its number, from 1."""
        with self._lock:
            self._received += 1
            self._records[self._received] = RequestRecord(
                number=self._received,
                method=str(environ["REQUEST_METHOD"]),
                path=str(environ.get("PATH_INFO", "")),
                query=str(environ.get("QUERY_STRING", "")),
                impersonated=environ.get("HTTP_X_IMPERSONATE_USER_ID"),
                content_type=environ.get("CONTENT_TYPE") or None,
                authorization_scheme=_scheme(environ.get("HTTP_AUTHORIZATION")),
                body=body,
                received_at=received_at,
                command=command,
            )
            if len(self._records) > _KEPT:
                del self._records[next(iter(self._records))]
            return self._received

    def finish(self, number: int, status: int) -> None:
        """Note the status that request `number` is answered with."""
        with self._lock:
            if number in self._records:
                self._records[number] = replace(self._records[number], status=status)

    def clear(self) -> None:
        """Forget all; numbers go on."""
        with self._lock:
            self._records = {}

    def all(self) -> list[RequestRecord]:
        """Every remembered request, oldest first."""
        with self._lock:
            return list(self._records.values())


def _scheme(authorization: str | None) -> str | None:
    """`Token` or `Bearer`; a bare value may be the key itself and is not repeated."""
    scheme, separator, _ = (authorization or "").partition(" ")
    return scheme if separator and scheme in ("Token", "Bearer", "Basic") else None
