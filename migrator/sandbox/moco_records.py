"""What the simulated MOCO stores: frozen records; a change replaces the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum


class Permission(Enum):
    """An area of rights; a user without any is the ordinary user of the live reports."""

    STAFF = "staff"
    """People: see users, act for others."""
    PROJECTS = "projects"
    """See and change projects, tasks and contracts; see hourly rates."""
    COMPANIES = "companies"
    """Change companies."""


EVERY_PERMISSION = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class User:
    """A person of the account."""

    id: int
    firstname: str
    lastname: str
    email: str
    active: bool
    permissions: frozenset[Permission]
    external: bool
    password: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Company:
    """A customer, supplier or organization; `intern` is the account's own company."""

    id: int
    kind: str
    name: str
    identifier: str | None
    active: bool
    intern: bool
    currency: str
    user_id: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a company."""

    id: int
    identifier: str
    name: str
    company_id: int
    leader_id: int | None
    active: bool
    billable: bool
    currency: str
    start_date: date | None
    finish_date: date | None
    fixed_price: bool
    retainer: bool
    billing_variant: str
    budget: float | None
    hourly_rate: float
    info: str
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A service of a project that time is booked on."""

    id: int
    project_id: int
    name: str
    billable: bool
    active: bool
    budget: float | None
    hourly_rate: float
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Contract:
    """The assignment of a person to a project."""

    id: int
    project_id: int
    user_id: int
    billable: bool
    active: bool
    budget: float | None
    hourly_rate: float
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """Booked time; `seconds` are the billable ones, `worked_seconds` the person's."""

    id: int
    date: date
    user_id: int
    project_id: int
    task_id: int
    seconds: int
    worked_seconds: int
    description: str
    billable: bool
    billed: bool
    tag: str
    remote_service: str
    remote_id: str | None
    remote_url: str | None
    timer_started_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """Working time of a person on one day, in whole minutes after the account's midnight; open while `end` is None."""

    id: int
    user_id: int
    date: date
    start: int
    end: int | None
    is_home_office: bool
    created_at: datetime
    updated_at: datetime


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


@dataclass(frozen=True, slots=True)
class WebHook:
    """Where the account tells somebody of an event; enabled while `disabled_at` is None."""

    id: int
    target: str
    event: str
    hook: str
    disabled_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a user, or of the account (`user_id` None), which may be read-only."""

    user_id: int | None
    read_only: bool = False
