"""What the simulated MOCO stores: frozen records; a change replaces the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


Properties = Mapping[str, str | tuple[str, ...]]
"""Custom properties by name; several values only of a field of several choices."""

EVERY_PERMISSION = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class Role:
    """What a person may do; a person who is given a role gets its permissions (GUESS)."""

    id: int
    name: str
    is_default: bool
    is_admin: bool
    permissions: frozenset[Permission]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Unit:
    """A team; every person is in one."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    custom_properties: Properties = field(default_factory=dict)


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
    unit_id: int
    role_id: int
    mobile_phone: str = ""
    work_phone: str = ""
    home_address: str = ""
    info: str = ""
    birthday: date | None = None
    iban: str | None = None
    credit_number: str | None = None
    tags: tuple[str, ...] = ()
    custom_properties: Properties = field(default_factory=dict)


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
    archived_at: datetime | None = None
    website: str = ""
    email: str | None = None
    billing_email_cc: str = ""
    phone: str = ""
    fax: str = ""
    address: str = ""
    country_code: str = "DE"
    vat_identifier: str | None = None
    info: str = ""
    footer: str = ""
    billing_notes: str = ""
    tax: float = 19.0
    invoice_due_days: int = 30
    invoice_format: str | None = None
    payment_means: str | None = None
    other_language: bool = False
    iban: str | None = None
    bank_bic: str | None = None
    bank_owner: str | None = None
    debit_number: int | None = None
    credit_number: int | None = None
    tags: tuple[str, ...] = ()
    custom_properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at a company, who can be named by projects; contacts have no endpoints here."""

    id: int
    firstname: str
    lastname: str


@dataclass(frozen=True, slots=True)
class Deal:
    """A lead that a project came of; deals have no endpoints here."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ProjectGroup:
    """Projects of one company that are seen together."""

    id: int
    name: str
    company_id: int
    user_id: int | None
    currency: str
    created_at: datetime
    updated_at: datetime
    info: str = ""
    custom_properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a company; `share_token` is set while its report is public."""

    id: int
    identifier: str
    name: str
    company_id: int
    leader_id: int | None
    active: bool
    billable: bool
    currency: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    co_leader_id: int | None = None
    contact_id: int | None = None
    secondary_contact_id: int | None = None
    billing_contact_id: int | None = None
    deal_id: int | None = None
    project_group_id: int | None = None
    start_date: date | None = None
    finish_date: date | None = None
    fixed_price: bool = False
    retainer: bool = False
    retainer_billing_date: int | None = None
    retainer_billing_title: str | None = None
    retainer_billing_description: str | None = None
    billing_variant: str = "project"
    hourly_rate: float = 0.0
    budget: float | None = None
    budget_monthly: float | None = None
    budget_expenses: float = 0.0
    billing_address: str = ""
    billing_notes: str | None = None
    billing_email_to: str | None = None
    billing_email_cc: str | None = None
    setting_include_time_report: bool = False
    info: str = ""
    tags: tuple[str, ...] = ()
    custom_properties: Properties = field(default_factory=dict)
    share_token: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A service of a project that time is booked on; `index` is its place among the others."""

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
    index: int = 0


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


@dataclass(frozen=True, slots=True)
class Employment:
    """How many hours a person owes on each weekday, before and after noon, from one day to another."""

    id: int
    user_id: int
    am: tuple[float, ...]
    pm: tuple[float, ...]
    start: date
    end: date | None
    created_at: datetime
    updated_at: datetime


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
