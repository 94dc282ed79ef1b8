"""A project as MOCO shows it: whole, as somebody's assignment, as a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from migrator.core.model import MocoId
from migrator.moco.calls.companies import Company, read_company
from migrator.moco.calls.contracts import Contract, read_contract
from migrator.moco.calls.parts import CustomProperties, Named, Person, custom_properties_of, id_of, named, person
from migrator.moco.calls.tasks import Task, read_task
from migrator.moco.json_values import JsonObject


@dataclass(frozen=True, slots=True)
class Project:
    """A project; money is in `currency`, `hourly_rate` per hour, moments are UTC.

    `company` is the whole customer where it was asked for. `billable` is False for the account's own projects.
    `tasks` and `contracts` are None where MOCO did not nest them. Texts are "" where MOCO has null; `retainer` and
    what else is newer than a server is None. `retainer_billing_date` is a day of the month.
    `customer_report_url` is a public address and not shown by `repr`.
    """

    id: MocoId
    identifier: str
    name: str
    active: bool
    archived_on: datetime | None
    billable: bool
    fixed_price: bool | None
    retainer: bool | None
    start_date: date | None
    finish_date: date | None
    currency: str
    billing_variant: str
    billing_address: str
    billing_email_to: str
    billing_email_cc: str
    billing_notes: str
    setting_include_time_report: bool | None
    budget: Decimal | None
    budget_monthly: Decimal | None
    budget_expenses: Decimal | None
    hourly_rate: Decimal | None
    info: str
    retainer_billing_date: int | None
    retainer_billing_title: str
    retainer_billing_description: str
    color: str
    customer_report_url: str = field(repr=False)
    tags: tuple[str, ...]
    custom_properties: CustomProperties
    leader: Person | None
    co_leader: Person | None
    customer: Named | None
    company: Company | None
    tasks: tuple[Task, ...] | None
    contracts: tuple[Contract, ...] | None
    deal: Named | None
    project_group: Named | None
    billing_contact: Person | None
    contact: Person | None
    secondary_contact: Person | None
    created_at: datetime | None
    updated_at: datetime | None

    @property
    def company_id(self) -> MocoId | None:
        """The customer's id, by the name it is written with."""
        return id_of(self.customer)


@dataclass(frozen=True, slots=True)
class AssignedTask:
    """A task as an assignment shows it."""

    id: MocoId
    name: str
    active: bool
    billable: bool | None


@dataclass(frozen=True, slots=True)
class AssignedProject:
    """A project somebody may book on; `contract_active` is None on servers until 2022."""

    id: MocoId
    identifier: str
    name: str
    active: bool
    billable: bool | None
    customer: Named | None
    tasks: tuple[AssignedTask, ...]
    user_id: MocoId | None
    contract_active: bool | None


@dataclass(frozen=True, slots=True)
class TaskCosts:
    """What was booked on one task: hours, and costs in the account's currency."""

    id: MocoId
    name: str
    hours_total: Decimal | None
    total_costs: Decimal | None


@dataclass(frozen=True, slots=True)
class ProjectReport:
    """A project by MOCO's own books: hours are hours, costs in the account's currency, budget in the project's.

    `hours_total` is null for a project without hours (recorded).
    """

    budget_total: Decimal | None
    budget_progress_in_percentage: Decimal | None
    budget_remaining: Decimal | None
    invoiced_total: Decimal | None
    currency: str
    hours_total: Decimal | None
    hours_billable: Decimal | None
    hours_remaining: Decimal | None
    costs_expenses: Decimal | None
    costs_activities: Decimal | None
    costs_by_task: tuple[TaskCosts, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whether a project's report is public; `url` is its secret address, "" for none, and not shown by `repr`."""

    id: MocoId
    active: bool
    url: str = field(repr=False)


def read_project(value: object, endpoint: str = "a write") -> Project:
    """A project with whatever MOCO nested in it; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    project_id, tasks, contracts = row.id(), row.array("tasks"), row.array("contracts")
    customer = row.maybe_inner("customer")
    return Project(
        id=project_id,
        identifier=row.text("identifier"),
        name=row.text("name"),
        active=row.flag("active", when_missing=not row.has("archived_on")),
        archived_on=row.maybe_moment("archived_on"),
        billable=row.flag("billable", when_missing=True),
        fixed_price=row.maybe_flag("fixed_price"),
        retainer=row.maybe_flag("retainer"),
        start_date=row.maybe_day("start_date"),
        finish_date=row.maybe_day("finish_date"),
        currency=row.text("currency"),
        billing_variant=row.text("billing_variant"),
        billing_address=row.text("billing_address"),
        billing_email_to=row.text("billing_email_to"),
        billing_email_cc=row.text("billing_email_cc"),
        billing_notes=row.text("billing_notes"),
        setting_include_time_report=row.maybe_flag("setting_include_time_report"),
        budget=row.maybe_amount("budget"),
        budget_monthly=row.maybe_amount("budget_monthly"),
        budget_expenses=row.maybe_amount("budget_expenses"),
        hourly_rate=row.maybe_amount("hourly_rate"),
        info=row.text("info"),
        retainer_billing_date=row.maybe_count("retainer_billing_date"),
        retainer_billing_title=row.text("retainer_billing_title"),
        retainer_billing_description=row.text("retainer_billing_description"),
        color=row.text("color"),
        customer_report_url=row.text("customer_report_url"),
        tags=row.texts("tags") or row.texts("labels"),
        custom_properties=custom_properties_of(row),
        leader=person(row.maybe_inner("leader")),
        co_leader=person(row.maybe_inner("co_leader")),
        customer=named(customer),
        company=None if customer is None or not customer.has("type") else read_company(customer.value, endpoint),
        tasks=None if tasks is None else tuple(read_task(each, project_id, endpoint) for each in tasks),
        contracts=None if contracts is None else tuple(read_contract(each, project_id, endpoint) for each in contracts),
        deal=named(row.maybe_inner("deal")),
        project_group=named(row.maybe_inner("project_group")),
        billing_contact=person(row.maybe_inner("billing_contact")),
        contact=person(row.maybe_inner("contact")),
        secondary_contact=person(row.maybe_inner("secondary_contact")),
        created_at=row.maybe_moment("created_at"),
        updated_at=row.maybe_moment("updated_at"),
    )


def read_assigned(value: object, endpoint: str) -> AssignedProject:
    """A project of `/projects/assigned`; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    contract = row.maybe_inner("contract")
    return AssignedProject(
        id=row.id(),
        identifier=row.text("identifier"),
        name=row.text("name"),
        active=row.flag("active", when_missing=True),
        billable=row.maybe_flag("billable"),
        customer=named(row.maybe_inner("customer")),
        tasks=tuple(
            AssignedTask(
                each.id(), each.text("name"), each.flag("active", when_missing=True), each.maybe_flag("billable")
            )
            for each in row.objects("tasks")
        ),
        user_id=None if contract is None else contract.maybe_id("user_id"),
        contract_active=None if contract is None else contract.maybe_flag("active"),
    )


def read_report(value: object, endpoint: str) -> ProjectReport:
    """A project's report; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return ProjectReport(
        budget_total=row.maybe_amount("budget_total"),
        budget_progress_in_percentage=row.maybe_amount("budget_progress_in_percentage"),
        budget_remaining=row.maybe_amount("budget_remaining"),
        invoiced_total=row.maybe_amount("invoiced_total"),
        currency=row.text("currency"),
        hours_total=row.maybe_amount("hours_total"),
        hours_billable=row.maybe_amount("hours_billable"),
        hours_remaining=row.maybe_amount("hours_remaining"),
        costs_expenses=row.maybe_amount("costs_expenses"),
        costs_activities=row.maybe_amount("costs_activities"),
        costs_by_task=tuple(
            TaskCosts(each.id(), each.text("name"), each.maybe_amount("hours_total"), each.maybe_amount("total_costs"))
            for each in row.objects("costs_by_task")
        ),
    )


def read_sharing(value: object, endpoint: str) -> Sharing:
    """How a project is shared; raises `AnswerError`."""
    row = JsonObject(value, endpoint)
    return Sharing(row.id(), row.flag("active"), row.text("url"))
