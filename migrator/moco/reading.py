"""Reading MOCO: one method per endpoint, GET only, repeated where that is harmless."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from requests.adapters import BaseAdapter

from migrator.core.model import MocoId, TargetCompany, TargetContract, TargetEntry, TargetTask, TargetUser
from migrator.moco import answers
from migrator.moco.answers import LoginSession, Openness, ProjectWithParts, WebHook
from migrator.moco.call import Answer, Call, ListCall
from migrator.moco.errors import Forbidden, NoAnswer, TooManyRequests
from migrator.moco.json_values import AnswerError, parse_json, rows_of
from migrator.moco.listing import PER_PAGE, ActivityFilter, Page, Query, Row, turn_page
from migrator.moco.outcomes import Reply, read_refusal, retry_after_seconds, server_time
from migrator.moco.pacing import Priority, Window
from migrator.moco.refusing import error_of
from migrator.moco.transport import Network, Transport

__all__ = ["Forbidden", "MocoReader"]

PAUSES = (0.5, 2.0)
"""Seconds between the tries of a read: one more try than pauses."""

LONGEST_BLOCK = 300.0
"""A 429 that asks for more seconds than this ends the command instead of waiting."""


class MocoReader:
    """A client that can only read; share it between threads, close it at the end.

    Every read waits for the request window and is tried three times against network errors, 5xx and 429;
    then it raises `NoAnswer` or `TooManyRequests`. `KeyRefused` for a 401, `PermissionMissing` for a 403, `Forbidden`
    for one while impersonating, `WrongAddress` for a redirect, `AnswerError` for what cannot be understood.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        window: Window,
        *,
        timeout_seconds: float = 30.0,
        window_seconds: float = 15.0,
        network: Network | None = None,
        adapter: BaseAdapter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        answers: Counter[str] | None = None,
    ) -> None:
        """`window_seconds` is how long a 429 without `Retry-After` blocks; `adapter` replaces the network.

        `answers` counts, for whoever gives it, requests by method and status, as `GET 200`; `GET none` without one.

        Without `api_key` requests carry none, which only `POST /session` allows.
        """
        self._transport = Transport(
            base_url, api_key, timeout_seconds=timeout_seconds, network=network, adapter=adapter, answers=answers
        )
        self.window = window
        self.window_seconds = window_seconds
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every kept connection."""
        self._transport.close()

    @property
    def root(self) -> str:
        """The address that every request begins with; it holds no secret."""
        return self._transport.root

    @property
    def requests(self) -> Counter[str]:
        """How many requests were sent so far, by method."""
        return self._transport.counted

    # -- who am I ----

    def fetch_session(self) -> LoginSession:
        """`GET /session`: whose key this is; nobody's for an account key where MOCO has no session for it.

        What MOCO answers to an account key is not known; only a 401 is a refused login here, and what the key may
        do shows in the requests that follow.
        """
        reply = self._ask("/session", {}, None, Priority.SCAN)
        if reply.status in {403, 404, 422}:
            return LoginSession(None, "")
        _check_login(reply, "/session", None)
        return answers.read_session(_json_of(reply, "/session"), "GET /session")

    def fetch_profile(self, as_user: MocoId | None = None) -> TargetUser:
        """`GET /profile`: the person a request acts as, which proves that impersonation works."""
        return answers.read_user(self._fetch("/profile", {}, as_user, Priority.SCAN), "GET /profile")

    def fetch_server_time(self) -> datetime | None:
        """What MOCO's clock says now, whole seconds: the `Date` of an answer; None where it has none."""
        return server_time(self._ask("/session", {}, None, Priority.SCAN))

    def list_web_hooks(self) -> tuple[WebHook, ...]:
        """All web hooks of the account; needs the right to manage it, and no trial has any."""
        path = "/account/web_hooks"
        return tuple(answers.read_web_hook(row, f"GET {path}") for page in self.pages(path, {}) for row in page.rows)

    # -- activities ----

    def fetch_activity(
        self, activity_id: MocoId, as_user: MocoId | None = None, priority: Priority = Priority.PROOF
    ) -> TargetEntry | None:
        """One activity; None when MOCO says that it is gone (404, 410).

        While impersonating, a 404 may also mean that the person is unknown: prove absence without `as_user`.
        """
        path = f"/activities/{activity_id}"
        reply = self._get(path, {}, as_user, priority)
        if reply.status in {404, 410}:
            return None
        return answers.read_activity(_json_of(reply, path), f"GET {path}")

    def list_activities(
        self, filters: ActivityFilter, as_user: MocoId | None = None, priority: Priority = Priority.SCAN
    ) -> Iterator[Page[TargetEntry]]:
        """The activities of a filter, page by page as MOCO sends them; `scan` re-checks what comes."""
        for page in self.pages("/activities", filters.params(), as_user, priority):
            entries = tuple(answers.read_activity(row, "GET /activities") for row in page.rows)
            yield Page(entries, page.number, page.total, page.is_last)

    # -- master data, archived and deactivated ones included ----

    def list_users(self) -> tuple[TargetUser, ...]:
        """All people; needs the Staff permission."""
        return tuple(answers.read_user(row, "GET /users") for row in self._all("/users"))

    def list_companies(self) -> tuple[TargetCompany, ...]:
        """All companies."""
        return tuple(answers.read_company(row, "GET /companies") for row in self._all("/companies"))

    def list_projects(self) -> tuple[ProjectWithParts, ...]:
        """All projects with their tasks and contracts, which are asked for where MOCO did not nest them."""
        found = (answers.read_project(row, "GET /projects") for row in self._all("/projects"))
        return tuple(
            ProjectWithParts(
                one.project,
                self.list_tasks(one.project.id) if one.tasks is None else one.tasks,
                self.list_contracts(one.project.id) if one.contracts is None else one.contracts,
            )
            for one in found
        )

    def list_tasks(self, project_id: MocoId) -> tuple[TargetTask, ...]:
        """All tasks of a project."""
        path = f"/projects/{project_id}/tasks"
        return tuple(answers.read_task(row, project_id, f"GET {path}") for row in self._all(path))

    def list_contracts(self, project_id: MocoId) -> tuple[TargetContract, ...]:
        """All assignments of a project; MOCO leaves out those of deactivated people."""
        path = f"/projects/{project_id}/contracts"
        return tuple(answers.read_contract(row, project_id, f"GET {path}") for row in self._all(path))

    # -- what is shut, and who may book where ----

    def fetch_openness(self, path: str) -> Openness | None:
        """Whether the project or person at `path` takes bookings now; None when there is none (404)."""
        reply = self._get(path, {}, None, Priority.PROOF)
        if reply.status in {404, 410}:
            return None
        return answers.read_openness(_json_of(reply, path), f"GET {path}")

    def fetch_assigned(self, as_user: MocoId) -> frozenset[MocoId]:
        """`GET /projects/assigned` as a person: the projects of that person's assignments, all in one request."""
        path = "/projects/assigned"
        rows = rows_of(self._fetch(path, {}, as_user, Priority.PROOF), f"GET {path}")
        return frozenset(answers.read_assigned(row, f"GET {path}") for row in rows)

    # -- any other call ----

    def fetch(
        self, call: Call[Answer], as_user: MocoId | None = None, priority: Priority = Priority.SCAN
    ) -> Answer | None:
        """What a GET answers; None when there is no such thing (404, 410)."""
        reply = self._get(call.path, call.params, as_user, priority)
        if reply.status in {404, 410}:
            return None
        return call.read(_json_of(reply, call.path))

    def fetch_all(
        self, call: ListCall[Row], as_user: MocoId | None = None, priority: Priority = Priority.SCAN
    ) -> Iterator[Row]:
        """Every row of a list that its filter keeps, page after page."""
        for values in self._row_groups(call, as_user, priority):
            for value in values:
                row = call.read(value)
                if call.keeps(row):
                    yield row

    def _row_groups(
        self, call: ListCall[Row], as_user: MocoId | None, priority: Priority
    ) -> Iterator[tuple[object, ...]]:
        if not call.paged:
            yield rows_of(self._fetch(call.path, call.params, as_user, priority), call.endpoint)
            return
        for page in self.pages(call.path, call.params, as_user, priority):
            yield page.rows

    # -- the way there ----

    def pages(
        self,
        path: str,
        params: Query,
        as_user: MocoId | None = None,
        priority: Priority = Priority.SCAN,
    ) -> Iterator[Page[object]]:
        """The pages of any list; every address is built here, `Link` only tells whether there is one more."""
        endpoint, received, number = f"GET {path}", 0, 1
        before: Page[object] = Page((), 0, None, is_last=False)
        while True:
            asked = {**params, "page": str(number), "per_page": str(PER_PAGE)}
            reply = self._get(path, asked, as_user, priority)
            rows = rows_of(_json_of(reply, path), endpoint)
            if rows and rows == before.rows:
                if before.total is None:
                    return  # a list without pages, which is as long as a page by chance
                raise AnswerError(endpoint, f"page {number} to differ from the page before it")
            received += len(rows)
            before = page = turn_page(rows, number, received, reply.headers)
            yield page
            if page.is_last:
                return
            number += 1

    def _all(self, path: str) -> Iterator[object]:
        for page in self.pages(path, {"include_archived": "true"}):
            yield from page.rows

    def _fetch(self, path: str, params: Query, as_user: MocoId | None, priority: Priority) -> object:
        return _json_of(self._get(path, params, as_user, priority), path)

    def _get(self, path: str, params: Query, as_user: MocoId | None, priority: Priority) -> Reply:
        """Any answer that is no reason to try again, and no refused login."""
        reply = self._ask(path, params, as_user, priority)
        _check_login(reply, path, as_user)
        return reply

    def _ask(self, path: str, params: Query, as_user: MocoId | None, priority: Priority) -> Reply:
        """Any answer that is no reason to try again."""
        problem, told = "", None
        for pause in (*PAUSES, None):
            permit = self.window.take(priority)
            try:
                transfer = self._transport.get(path, params, as_user)
            finally:
                self.window.free(permit)
            if not isinstance(transfer, Reply):
                problem = transfer.reason
            elif transfer.status == 429:
                problem = "too many requests"
                told = retry_after_seconds(transfer)
                seconds = self.window_seconds if told is None else told
                self.window.block(seconds)
                if seconds > LONGEST_BLOCK:
                    break
                continue  # the window itself waits
            elif transfer.status == 408 or transfer.status >= 500:
                problem = f"it answered {transfer.status}"
            else:
                return transfer
            if pause is not None:
                self._sleep(pause)
        words = f"MOCO did not answer GET {path}: {problem}"
        hint = "Run the same command again later; it is safe."
        if isinstance(transfer, Reply) and transfer.status == 429:
            raise TooManyRequests(words, endpoint=f"GET {path}", hint=hint, retry_after=told)
        status = transfer.status if isinstance(transfer, Reply) else None
        raise NoAnswer(words, endpoint=f"GET {path}", status=status, hint=hint)


def _json_of(reply: Reply, path: str) -> object:
    """The JSON of a 2xx; every other status is an `AnswerError` with MOCO's own words."""
    if not 200 <= reply.status < 300:
        said = read_refusal(reply).text
        raise AnswerError(f"GET {path}", f"200, not {reply.status}{f' ({said})' if said else ''}")
    return parse_json(reply.body, f"GET {path}")


def _check_login(reply: Reply, path: str, as_user: MocoId | None) -> None:
    """Raise `KeyRefused` for 401, `PermissionMissing` for 403."""
    if reply.status in {401, 403}:
        raise error_of(f"GET {path}", read_refusal(reply), as_user)
