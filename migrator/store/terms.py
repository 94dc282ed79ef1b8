"""The terms of projects as the text that a row of the mapping keeps, and back."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from migrator.core.terms import NO_TERMS, BillingVariant, Terms


def terms_text(terms: Terms) -> str:
    """What was written about a project as JSON; "" for nothing."""
    if terms == NO_TERMS:
        return ""
    return json.dumps(
        {
            "currency": terms.currency,
            "leader": terms.leader,
            "customer": terms.customer,
            "identifier": terms.identifier,
            "billing_variant": terms.billing_variant.value if terms.billing_variant else None,
            "fixed_price": terms.fixed_price,
            "retainer": terms.retainer,
            "budget_monthly": None if terms.budget_monthly is None else str(terms.budget_monthly),
            "start_date": terms.start_date.isoformat() if terms.start_date else None,
            "finish_date": terms.finish_date.isoformat() if terms.finish_date else None,
            "project_group": terms.project_group,
            "tags": list(terms.tags),
        },
        ensure_ascii=False,
    )


def terms_of(text: str) -> Terms:
    """The terms behind such a text."""
    if not text:
        return NO_TERMS
    kept = json.loads(text)

    def day(name: str) -> date | None:
        return date.fromisoformat(kept[name]) if kept[name] else None

    return Terms(
        currency=kept["currency"],
        leader=kept["leader"],
        customer=kept["customer"],
        identifier=kept["identifier"],
        billing_variant=BillingVariant(kept["billing_variant"]) if kept["billing_variant"] else None,
        fixed_price=kept["fixed_price"],
        retainer=kept["retainer"],
        budget_monthly=None if kept["budget_monthly"] is None else Decimal(kept["budget_monthly"]),
        start_date=day("start_date"),
        finish_date=day("finish_date"),
        project_group=kept["project_group"],
        tags=tuple(kept["tags"]),
    )
