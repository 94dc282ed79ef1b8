"""Web hooks: the addresses that MOCO tells of changes; not in a trial account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from migrator.core.model import MocoId
from migrator.moco.call import Call, ListCall, query_of
from migrator.moco.calls.parts import among, changed_since, check_choice, check_text
from migrator.moco.json_values import JsonObject
from migrator.moco.outcomes import WriteKind

_PATH = "/account/web_hooks"


class HookTarget(StrEnum):
    """What a web hook can be told of (MOCO's OpenAPI document)."""

    ACTIVITY = "Activity"
    COMMENT = "Comment"
    COMPANY = "Company"
    CONTACT = "Contact"
    CONTRACT = "Contract"
    DEAL = "Deal"
    EXPENSE = "Expense"
    INVOICE = "Invoice"
    INVOICE_APPROVAL = "Invoice::Approval"
    INVOICE_BOOKKEEPING_EXPORT = "Invoice::BookkeepingExport"
    INVOICE_PAYMENT = "Invoice::Payment"
    INVOICE_DRAFT = "InvoiceDraft"
    INVOICE_REMINDER = "InvoiceReminder"
    OFFER = "Offer"
    PLANNING_ENTRY = "PlanningEntry"
    PRESENCE = "Presence"
    PROJECT = "Project"
    PROJECT_PAYMENT_SCHEDULE = "Project::PaymentSchedule"
    PROJECT_GROUP = "ProjectGroup"
    PURCHASE = "Purchase"
    PURCHASE_APPROVAL = "Purchase::Approval"
    PURCHASE_BOOKKEEPING_EXPORT = "Purchase::BookkeepingExport"
    PURCHASE_DRAFT = "Purchase::Draft"
    PURCHASE_ORDER = "Purchase::Order"
    PURCHASE_PAYMENT = "Purchase::Payment"
    RECURRING_EXPENSE = "RecurringExpense"
    SCHEDULE = "Schedule"
    TASK = "Task"
    USER = "User"
    USER_HOLIDAY_REQUEST = "User::HolidayRequest"
    USER_ABSENCE_REQUEST = "User::AbsenceRequest"
    USER_PERIOD_LOCK_OVERRIDE = "User::PeriodLockOverride"
    USER_WORK_TIME_ADJUSTMENT = "User::WorkTimeAdjustment"


class HookEvent(StrEnum):
    """What can happen to it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class WebHook:
    """A web hook; `hook` is its address, which may carry a secret and is not shown by `repr`. Moments are UTC."""

    id: MocoId
    target: str
    event: str
    hook: str = field(repr=False)
    disabled: bool
    disabled_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


def read_web_hook(value: object, endpoint: str = "a write") -> WebHook:
    """A web hook; without `disabled` the moment tells. Raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return WebHook(
        id=row.id(),
        target=row.text("target"),
        event=row.text("event"),
        hook=row.text("hook"),
        disabled=row.flag("disabled", when_missing=row.has("disabled_at")),
        disabled_at=row.maybe_moment("disabled_at"),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def listed(*, ids: Sequence[int] = (), updated_after: datetime | None = None) -> ListCall[WebHook]:
    """`GET /account/web_hooks`: all of the account, the disabled too; needs the right to its settings."""
    return ListCall(
        _PATH,
        lambda value: read_web_hook(value, f"GET {_PATH}"),
        query_of({"ids": ids, "updated_after": updated_after}),
        lambda row: among(row.id, ids) and changed_since(row.updated_at, updated_after),
    )


def get(hook_id: int) -> Call[WebHook]:
    """`GET /account/web_hooks/{id}`."""
    return _one("GET", f"{_PATH}/{hook_id:d}")


def create(*, target: HookTarget | str, event: HookEvent | str, hook: str) -> Call[WebHook]:
    """`POST /account/web_hooks`: have `hook`, a public https address, told of every such event."""
    check_text("hook", hook)
    check_choice(HookTarget, {"target": target}, "target")
    check_choice(HookEvent, {"event": event}, "event")
    return _one("POST", _PATH, {"target": str(target), "event": str(event), "hook": hook})


def update(hook_id: int, *, hook: str) -> Call[WebHook]:
    """`PUT /account/web_hooks/{id}`: only the address can be changed."""
    check_text("hook", hook)
    return _one("PUT", f"{_PATH}/{hook_id:d}", {"hook": hook})


def enable(hook_id: int) -> Call[WebHook]:
    """`PUT /account/web_hooks/{id}/enable`; harmless when it is."""
    return _one("PUT", f"{_PATH}/{hook_id:d}/enable")


def disable(hook_id: int) -> Call[WebHook]:
    """`PUT /account/web_hooks/{id}/disable`; harmless when it is."""
    return _one("PUT", f"{_PATH}/{hook_id:d}/disable")


def delete(hook_id: int) -> Call[None]:
    """`DELETE /account/web_hooks/{id}`."""
    return Call("DELETE", f"{_PATH}/{hook_id:d}", lambda _: None, kind=WriteKind.REMOVAL)


def _one(method: str, path: str, body: dict[str, object] | None = None) -> Call[WebHook]:
    return Call(method, path, lambda value: read_web_hook(value, f"{method} {path}"), body=body)
