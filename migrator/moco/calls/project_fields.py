"""What can be written to a project, and what MOCO would refuse of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from migrator.core.terms import ends_month
from migrator.moco.calls.parts import CustomValue, check_choice, check_text, written
from migrator.moco.errors import RefusedLocally


class BillingVariant(StrEnum):
    """Whose hourly rate counts: the project's, each task's or each person's."""

    PROJECT = "project"
    TASK = "task"
    USER = "user"


class ProjectFields(TypedDict, total=False):
    """What can be written beside name, currency, customer and leader.

    Money is in the project's currency, `hourly_rate` per hour, `retainer_billing_date` a day of the month (1 to 31).
    `identifier` is needed where the account's number ranges are manual. E-mail addresses are separated by semicolons.
    Only newer servers take `contact_id`, `secondary_contact_id` and `billing_contact_id`. `skip_favorite` keeps the
    project out of its creator's favourites. `custom_properties` of an update must be whole, since servers until
    2024-03-20 remove what is left out (`parts.merged_properties`).
    """

    identifier: str
    fixed_price: bool
    deal_id: int | None
    project_group_id: int | None
    co_leader_id: int | None
    contact_id: int | None
    secondary_contact_id: int | None
    billing_contact_id: int | None
    info: str | None
    start_date: date | None
    finish_date: date | None
    retainer: bool
    retainer_billing_date: int | None
    retainer_billing_title: str | None
    retainer_billing_description: str | None
    billing_variant: BillingVariant | str
    hourly_rate: Decimal | None
    budget: Decimal | None
    budget_monthly: Decimal | None
    budget_expenses: Decimal | None
    billing_address: str | None
    billing_notes: str | None
    setting_include_time_report: bool
    billing_email_to: str | None
    billing_email_cc: str | None
    skip_favorite: bool
    tags: Sequence[str]
    custom_properties: Mapping[str, CustomValue]


class ProjectChanges(ProjectFields, total=False):
    """What an update can change; the currency cannot be."""

    name: str
    company_id: int
    leader_id: int


def project_body(fields: ProjectChanges, *, currency: str | None = None) -> dict[str, object]:
    """The body of a new project in `currency`, or of an update without one; raises `RefusedLocally`."""
    check_choice(BillingVariant, fields, "billing_variant")
    if "currency" in fields:
        raise RefusedLocally("a project's currency cannot be changed once it was created", "currency")
    if "name" in fields:
        check_text("name", fields["name"])
    body = written("a project", ProjectChanges.__annotations__, fields)
    if "company_id" in body:
        # The older name, which recorded servers and MOCO's written pages want and its OpenAPI document still takes.
        body["customer_id"] = body["company_id"]
    if currency is None:
        return body
    check_text("currency", currency)
    if fields.get("retainer"):
        _check_retainer(fields)
    return {**body, "currency": currency}


def _check_retainer(fields: ProjectChanges) -> None:
    start, finish = fields.get("start_date"), fields.get("finish_date")
    if start is None or start.day != 1:
        raise RefusedLocally(f"a retainer starts on the first of a month, not {start or 'without a day'}", "start_date")
    if finish is None or not ends_month(finish):
        raise RefusedLocally(
            f"a retainer finishes on the last of a month, not {finish or 'without a day'}", "finish_date"
        )
    if finish < start:
        raise RefusedLocally(f"a retainer cannot finish on {finish}, before it starts on {start}", "finish_date")
    if fields.get("budget_monthly") is None:
        raise RefusedLocally("a retainer needs a monthly budget", "budget_monthly")
