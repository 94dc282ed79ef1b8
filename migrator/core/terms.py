"""What a person wrote about a project that is to be created in MOCO; what is empty is left to others to decide."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


def ends_month(day: date) -> bool:
    """Whether a day is the last of its month; people write 9999-12-31, behind which there is none, for no end."""
    return day.day == monthrange(day.year, day.month)[1]


class BillingVariant(StrEnum):
    """Where the hourly rates of a MOCO project stand; those of tasks and contracts count only under their own word."""

    PROJECT = "project"
    TASK = "task"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one project, from the columns of its mapping row.

    `leader` is the e-mail of a MOCO person, `customer` the id or name of a MOCO company, `budget_monthly` an amount in
    the currency of the project, `project_group` the name of a group of MOCO.
    """

    currency: str = ""
    leader: str = ""
    customer: str = ""
    identifier: str = ""
    billing_variant: BillingVariant | None = None
    fixed_price: bool = False
    retainer: bool = False
    budget_monthly: Decimal | None = None
    start_date: date | None = None
    finish_date: date | None = None
    project_group: str = ""
    tags: tuple[str, ...] = ()

    @property
    def lacks_for_retainer(self) -> str:
        """What MOCO demands of a retainer and these terms do not have; "" when nothing, or when it is none.

        MOCO's OpenAPI document: `start_date` the first and `finish_date` the last day of a month, `budget_monthly` set.
        """
        if not self.retainer:
            return ""
        if self.start_date is None or self.start_date.day != 1:
            return "a retainer's start_date must be the first day of a month"
        if self.finish_date is None or not ends_month(self.finish_date):
            return "a retainer's finish_date must be the last day of a month"
        if self.finish_date < self.start_date:
            return "a retainer's finish_date must not be before its start_date"
        if self.budget_monthly is None:
            return "a retainer needs budget_monthly"
        return ""


NO_TERMS = Terms()
