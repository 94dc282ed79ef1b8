"""A MOCO that only lists: a WSGI application that serves whatever pages a test lays out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

Asked = Mapping[str, str]


@dataclass(frozen=True)
class Given:
    """One answer; `body` is JSON, or bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Lister:
    """Answers with what `answers(path, query)` says; keeps what was asked and as whom."""

    answers: Callable[[str, Asked], Given]
    asked: list[tuple[str, Asked, str | None]] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        query = {name: texts[0] for name, texts in parse_qs(environ["QUERY_STRING"]).items()}
        path = environ["PATH_INFO"].removeprefix("/api/v1")
        self.asked.append((path, query, environ.get("HTTP_X_IMPERSONATE_USER_ID")))
        given = self.answers(path, query)
        content = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
        start_response(f"{given.status} Any", [("Content-Type", "application/json"), *given.headers.items()])
        return [content]

    @property
    def pages_asked(self) -> list[str]:
        return [query.get("page", "") for _, query, _ in self.asked]


def page_of(rows: list[Any], query: Asked, *, per_page: int = 100, total: int | None = -1) -> Given:
    """A page as MOCO sends it; `total` None leaves `X-Total` out, a number replaces the true one."""
    number = int(query["page"])
    here = rows[(number - 1) * per_page : number * per_page]
    headers = {"X-Page": str(number), "X-Per-Page": str(per_page)}
    if total is not None:
        headers["X-Total"] = str(len(rows) if total == -1 else total)
    last = max(1, -(-len(rows) // per_page))
    links = [f'<https://moco/x?page={last}>; rel="last"'] if last > 1 else []
    if number < last:
        links.append(f'<https://evil.example/x?page={number + 1}>; rel="next"')
    if links:
        headers["Link"] = ", ".join(links)
    return Given(here, headers=headers)
