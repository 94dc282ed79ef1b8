"""Web hooks of the simulated MOCO's account, as they are managed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Flask, Response

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_hook_sending import is_loopback
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_query import query_ids, query_moment
from migrator.sandbox.moco_records import EVERY_PERMISSION, WebHook
from migrator.sandbox.moco_shapes import web_hook_json
from migrator.sandbox.moco_state import MocoState
from migrator.sandbox.moco_web import API_ROOT, Stop, answer, caller, page_of, sent_fields

HOOK_EVENTS = ("create", "update", "delete")
HOOK_TARGETS = frozenset(
    [
        "Activity",
        "Comment",
        "Company",
        "Contact",
        "Contract",
        "Deal",
        "Expense",
        "Invoice",
        "Invoice::Approval",
        "Invoice::BookkeepingExport",
        "Invoice::Payment",
        "InvoiceDraft",
        "InvoiceReminder",
        "Offer",
        "PlanningEntry",
        "Presence",
        "Project",
        "Project::PaymentSchedule",
        "ProjectGroup",
        "Purchase",
        "Purchase::Approval",
        "Purchase::BookkeepingExport",
        "Purchase::Draft",
        "Purchase::Order",
        "Purchase::Payment",
        "RecurringExpense",
        "Schedule",
        "Task",
        "User",
        "User::HolidayRequest",
        "User::AbsenceRequest",
        "User::PeriodLockOverride",
        "User::WorkTimeAdjustment",
    ]
)
"""What a web hook can watch (MOCO's OpenAPI document)."""


class HookRoutes:
    """`/account/web_hooks`; only for people with every permission (GUESS), and not in a trial (DOC: 403 is GUESS)."""

    def __init__(self, state: MocoState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the endpoints to `app`."""
        many, one = f"{API_ROOT}/account/web_hooks", f"{API_ROOT}/account/web_hooks/<int:hook_id>"
        rules: tuple[tuple[str, Callable[..., Response], list[str]], ...] = (
            (many, self.list_hooks, ["GET"]),
            (many, self.create, ["POST"]),
            (one, self.show, ["GET"]),
            (one, self.update, ["PUT", "PATCH"]),
            (one, self.delete, ["DELETE"]),
            (f"{one}/disable", self.disable, ["PUT"]),
            (f"{one}/enable", self.enable, ["PUT"]),
        )
        for rule, view, methods in rules:
            app.add_url_rule(rule, endpoint=f"web_hooks.{view.__name__}", view_func=view, methods=methods)

    def list_hooks(self) -> Response:
        """Paged (DOC), in the order of ids (GUESS)."""
        self._admit()
        ids, after = query_ids("ids"), query_moment("updated_after")
        chosen = [
            hook
            for hook in sorted(self._state.web_hooks.values(), key=lambda each: each.id)
            if (ids is None or hook.id in ids) and (after is None or hook.updated_at >= after)
        ]
        return page_of(chosen, web_hook_json)

    def show(self, hook_id: int) -> Response:
        """One hook (DOC), 404 empty (LIVE)."""
        self._admit()
        return answer(web_hook_json(self._hook(hook_id)))

    def create(self) -> Response:
        """200 (DOC); an unknown target or event is 422 (GUESS: on its field), and so is plain http (DOC: https)."""
        self._admit()
        fields = FieldReader(sent_fields())
        target, event, hook = fields.text("target"), fields.text("event"), fields.text("hook")
        if target and target not in HOOK_TARGETS:
            fields.complain("target", Words.NOT_A_CHOICE)
        if event and event not in HOOK_EVENTS:
            fields.complain("event", Words.NOT_A_CHOICE)
        self._check_address(fields, hook)
        fields.check()
        now = self._state.now()
        return self._store(WebHook(self._state.new_id(), target, event, hook, None, now, now))

    def update(self, hook_id: int) -> Response:
        """Only `hook` can be changed (DOC); everything else that is sent is ignored (GUESS)."""
        self._admit()
        known, fields = self._hook(hook_id), FieldReader(sent_fields())
        hook = fields.text("hook", known.hook)
        self._check_address(fields, hook)
        fields.check()
        return self._store(replace(known, hook=hook, updated_at=self._state.now()))

    def disable(self, hook_id: int) -> Response:
        """200 and the hook, also when it is disabled already (DOC: idempotent)."""
        self._admit()
        known, now = self._hook(hook_id), self._state.now()
        return self._store(known if known.disabled_at else replace(known, disabled_at=now, updated_at=now))

    def enable(self, hook_id: int) -> Response:
        """200 and the hook, also when it is enabled already (DOC: idempotent)."""
        self._admit()
        known, now = self._hook(hook_id), self._state.now()
        return self._store(replace(known, disabled_at=None, updated_at=now) if known.disabled_at else known)

    def delete(self, hook_id: int) -> Response:
        """200 and the object (DOC); afterwards it is 404 (a client's tests)."""
        self._admit()
        known = self._hook(hook_id)
        del self._state.web_hooks[hook_id]
        return answer(web_hook_json(known))

    def _admit(self) -> None:
        if caller().permissions < EVERY_PERMISSION or not self._state.switches.web_hooks_offered:
            raise Stop(403)

    def _hook(self, hook_id: int) -> WebHook:
        hook = self._state.web_hooks.get(hook_id)
        if hook is None:
            raise Stop(404)
        return hook

    def _store(self, hook: WebHook) -> Response:
        self._state.web_hooks[hook.id] = hook
        return answer(web_hook_json(hook))

    def _check_address(self, fields: FieldReader, hook: str) -> None:
        parts = urlsplit(hook)
        by_http = self._state.switches.hooks_by_http and parts.scheme == "http" and is_loopback(parts.hostname or "")
        if hook and not by_http and (parts.scheme != "https" or not parts.hostname):
            fields.complain("hook", Words.INVALID)
