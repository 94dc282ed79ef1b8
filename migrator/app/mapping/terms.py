"""The columns of a mapping file that say how a project is to be created: their cells, and the terms behind them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from migrator.app.mapping.csv_file import TERMS, Line
from migrator.core.terms import BillingVariant, Terms

Complain = Callable[[str, str, str], None]
"""Says what is wrong with a cell: column, what was expected, what to do."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_YES = {"yes", "true", "1", "x", "ja"}
_NO = {"", "no", "false", "0", "nein"}
_MOST = Decimal(10) ** 9


def terms_of(line: Line, complain: Complain, day: Callable[[str], date | None]) -> Terms:
    """What a person wrote about a project; `complain` hears of every cell that cannot be used."""
    terms = Terms(
        currency=_matching(line, "currency", _CURRENCY, "three capital letters such as EUR", complain),
        leader=_matching(line, "leader", _EMAIL, "the e-mail of a person in MOCO", complain).lower(),
        customer=line.cell("customer"),
        identifier=line.cell("identifier"),
        billing_variant=_variant(line, complain),
        fixed_price=_flag(line, "fixed_price", complain),
        retainer=_flag(line, "retainer", complain),
        budget_monthly=_amount(line, "budget_monthly", complain),
        start_date=_day(line, "start_date", complain, day),
        finish_date=_day(line, "finish_date", complain, day),
        project_group=line.cell("project_group"),
        tags=tuple(tag.strip() for tag in line.cell("tags").split(",") if tag.strip()),
    )
    if terms.lacks_for_retainer:
        complain("retainer", "the dates and the budget of a retainer", f"{terms.lacks_for_retainer}; or empty it")
        return replace(terms, retainer=False)
    return terms


def cells_of(terms: Terms) -> dict[str, str]:
    """The same as cells, by column."""
    return {
        "currency": terms.currency,
        "leader": terms.leader,
        "customer": terms.customer,
        "identifier": terms.identifier,
        "billing_variant": terms.billing_variant.value if terms.billing_variant else "",
        "fixed_price": "yes" if terms.fixed_price else "",
        "retainer": "yes" if terms.retainer else "",
        "budget_monthly": "" if terms.budget_monthly is None else str(terms.budget_monthly),
        "start_date": terms.start_date.isoformat() if terms.start_date else "",
        "finish_date": terms.finish_date.isoformat() if terms.finish_date else "",
        "project_group": terms.project_group,
        "tags": ", ".join(terms.tags),
    }


def filled(line: Line) -> list[str]:
    """The columns of terms that a line has something in."""
    return [column for column in TERMS if line.cell(column)]


def _matching(line: Line, column: str, form: re.Pattern[str], expected: str, complain: Complain) -> str:
    text = line.cell(column)
    if text and not form.fullmatch(text):
        complain(column, f"{expected}, or nothing", "correct or empty it")
        return ""
    return text


def _variant(line: Line, complain: Complain) -> BillingVariant | None:
    text = line.cell("billing_variant").lower()
    words = [each.value for each in BillingVariant]
    if text and text not in words:
        complain("billing_variant", f"one of {', '.join(words)}, or nothing", "write one of these, or empty it")
        return None
    return BillingVariant(text) if text else None


def _flag(line: Line, column: str, complain: Complain) -> bool:
    text = line.cell(column).lower()
    if text not in _YES | _NO:
        complain(column, "yes, no or nothing", "write one of these")
    return text in _YES


def _amount(line: Line, column: str, complain: Complain) -> Decimal | None:
    text = line.cell(column)
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        amount = Decimal(-1)
    if not 0 <= amount < _MOST:
        complain(column, "an amount such as 1500 or 1500.50, or nothing", "correct or empty it")
        return None
    return amount


def _day(line: Line, column: str, complain: Complain, day: Callable[[str], date | None]) -> date | None:
    text = line.cell(column)
    found = day(text) if text else None
    if text and found is None:
        complain(column, "a day such as 2024-12-31, or nothing", "correct or empty it")
    return found
