"""Web hooks that are called: each change of a record is queued for whoever watches, signed, and sent until it is taken.

What a hook is told, its headers and its signature are DOC and LIVE; how long a repetition waits is GUESS.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from migrator.sandbox.moco_hook_sending import send_to_this_machine
from migrator.sandbox.moco_properties import shown_properties
from migrator.sandbox.moco_records import Activity, Company, Contract, Presence, Project, Task, User, WebHook
from migrator.sandbox.moco_shapes import Json, activity_json, presence_json
from migrator.sandbox.moco_shapes_people import company_json, user_json
from migrator.sandbox.moco_shapes_projects import contract_json, project_json, task_json
from migrator.sandbox.moco_state import MocoState

SUBDOMAIN = "sandbox"
"""What `X-Moco-Account-Url` says: no address, only the account's name (LIVE)."""
FAILURES_UNTIL_DISABLED = 500
_PATIENCE = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)

Watched = Activity | Project | Task | Contract | Company | User | Presence
Send = Callable[[str, Mapping[str, str], bytes], int]
"""Sends a body to an address and returns the status; OSError when nobody answers."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one hook; the same bytes and headers however often it is sent."""

    hook_id: int
    headers: Mapping[str, str]
    body: bytes
    due: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was sent where, and what became of it; `status` None when nobody answered, `taken` for 2xx in time."""

    address: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None
    taken: bool


@dataclass(frozen=True, slots=True)
class _Change:
    event: str
    record: Watched
    origin: str
    user_id: int | None
    at: datetime


class HookQueue:
    """The events that are still to be delivered; safe between threads."""

    def __init__(self, state: MocoState) -> None:
        self._state = state
        self._changes: list[_Change] = []
        self._waiting: list[Delivery] = []
        self._failures: dict[int, int] = {}
        self._sending = threading.Lock()
        state.watch(self._note)

    def __len__(self) -> int:
        return len(self._waiting)

    @contextmanager
    def caused_by_request(self) -> Iterator[None]:
        """Let changes inside be caused by the API; what they show is how things are at the end of the request."""
        self._state.in_request = True
        try:
            yield
        finally:
            self._state.in_request, self._state.caller_id = False, None
            self._queue_changes()

    def deliver(self, send: Send = send_to_this_machine) -> list[Attempt]:
        """Send everything that is due now, once; what is not taken waits longer each time.

        A receiver may call the account while it is told: no lock of the account is held. A hook that fails 500
        times in a row is disabled and what waits for it forgotten (DOC, the latter GUESS); one success resets that.
        """
        with self._sending:
            return [attempt for each in self._take_due() if (attempt := self._attempt(each, send)) is not None]

    def _note(self, before: object, after: object) -> None:
        record = before if after is None else after
        if before == after or not isinstance(record, Watched):
            return
        event = "create" if before is None else "delete" if after is None else "update"
        if self._watching(record, event):
            by_hand = getattr(record, "user_id", None)
            user_id = self._state.caller_id if self._state.in_request else by_hand
            origin = "api" if self._state.in_request else ""
            self._changes.append(_Change(event, record, origin, user_id, self._state.now()))
            if not self._state.in_request:
                self._queue_changes()

    def _watching(self, record: Watched, event: str) -> list[WebHook]:
        target = type(record).__name__
        hooks = self._state.web_hooks.values()
        return [hook for hook in hooks if (hook.target, hook.event) == (target, event) and hook.disabled_at is None]

    def _queue_changes(self) -> None:
        changes, self._changes = self._changes, []
        for change in changes:
            shown = _deleted(change.record) if change.event == "delete" else _shown(self._state, change.record)
            body = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "X-Moco-Target": type(change.record).__name__,
                "X-Moco-Event": change.event,
                "X-Moco-Timestamp": str(int(change.at.timestamp() * 1000)),
                "X-Moco-Signature": signature(self._state.webhook_key, body),
                "X-Moco-User-Id": "" if change.user_id is None else str(change.user_id),
                "X-Moco-Account-Url": SUBDOMAIN,
                "X-Moco-Origin": change.origin,
            }
            for hook in self._watching(change.record, change.event):
                self._waiting.append(Delivery(hook.id, headers, body, change.at))

    def _take_due(self) -> Sequence[Delivery]:
        """What is due, in the order of the events unless a switch says otherwise (DOC: no order is promised)."""
        with self._state.lock:
            now, switches = self._state.now(), self._state.switches
            due = [each for each in self._waiting if each.due <= now]
            self._waiting = [each for each in self._waiting if each.due > now]
        if switches.hooks_shuffled:
            due = due[1::2] + due[::2]
        return [each for each in due for _ in range(2 if switches.hooks_twice else 1)]

    def _attempt(self, delivery: Delivery, send: Send) -> Attempt | None:
        state = self._state
        with state.lock:
            hook, started = state.web_hooks.get(delivery.hook_id), state.now()
        if hook is None or hook.disabled_at is not None:
            return None
        try:
            status = send(hook.hook, delivery.headers, delivery.body)
        except OSError:
            status = None
        with state.lock:
            now = state.now()
            taken = status is not None and status // 100 == 2 and now - started <= _PATIENCE
            self._settle(hook, delivery, now, taken)
        return Attempt(hook.hook, delivery.headers, delivery.body, status, taken)

    def _settle(self, hook: WebHook, delivery: Delivery, now: datetime, taken: bool) -> None:
        failures = 0 if taken else self._failures.get(hook.id, 0) + 1
        self._failures[hook.id] = failures
        if taken:
            return
        wait = min(timedelta(seconds=2 ** min(delivery.failures + 1, 20)), _LONGEST_WAIT)
        self._waiting.append(replace(delivery, due=now + wait, failures=delivery.failures + 1))
        if failures >= FAILURES_UNTIL_DISABLED and hook.id in self._state.web_hooks:
            self._state.web_hooks[hook.id] = replace(hook, disabled_at=now, updated_at=now)
            self._waiting = [each for each in self._waiting if each.hook_id != hook.id]
            self._failures[hook.id] = 0


def signature(key: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the raw bytes; the key's 32 characters are taken as text (DOC)."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def _shown(state: MocoState, record: Watched) -> Json:
    """The record as GET shows it to somebody with every right."""
    match record:
        case Activity():
            shown = activity_json(state, record, rates=True)
        case Project():
            shown = project_json(state, record)
        case Task():
            shown = task_json(state, record)
        case Contract():
            shown = contract_json(state, record)
        case Company():
            shown = company_json(state, record)
        case User():
            shown = user_json(state, record)
        case Presence():
            shown = presence_json(state, record)
    return shown


def _deleted(record: Watched) -> Json:
    """The id alone, and custom properties where there are such (DOC, LIVE)."""
    match record:
        case Project() | Company() | User():
            return {"id": record.id, "custom_properties": shown_properties(record.custom_properties)}
        case _:
            return {"id": record.id}
