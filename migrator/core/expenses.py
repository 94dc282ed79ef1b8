"""Expenses summed by currency: they are not moved, and a report says what stayed behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

_MOST_CURRENCIES = 40
"""More are no currencies but texts that people typed; the rest count as without one."""

_EXACT = Context(prec=60)


@dataclass(slots=True)
class Spent:
    """The expenses of one currency; `unreadable` of them have no amount that can be read."""

    expenses: int = 0
    amount: Decimal = Decimal(0)
    unreadable: int = 0

    def add(self, expenses: int, amount: Decimal, unreadable: int) -> None:
        """Count more of them."""
        self.expenses += expenses
        self.amount = _EXACT.add(self.amount, amount)
        self.unreadable += unreadable


class Amounts:
    """Sums of expenses; an empty currency gathers those that say none."""

    def __init__(self) -> None:
        self.by_currency: dict[str, Spent] = {}

    def count(self, amount: Decimal | None, currency: str) -> None:
        """Count one expense; without an amount it is one that cannot be read."""
        self._of(currency).add(1, amount or Decimal(0), amount is None)

    def merge(self, text: str, expenses: int) -> None:
        """Count what `as_text` wrote of `expenses`; those of which it says nothing were read by an older version."""
        told: dict[str, Any] = json.loads(text)  # JSON
        for currency, each in told.items():
            self._of(currency).add(int(each["expenses"]), Decimal(each["amount"]), int(each["unreadable"]))
            expenses -= int(each["expenses"])
        if expenses > 0:
            self._of("").add(expenses, Decimal(0), expenses)

    def as_text(self) -> str:
        """All of them as JSON."""
        told = {
            currency: {"expenses": each.expenses, "amount": f"{each.amount:f}", "unreadable": each.unreadable}
            for currency, each in sorted(self.by_currency.items())
        }
        return json.dumps(told, ensure_ascii=False)

    def _of(self, currency: str) -> Spent:
        known = self.by_currency
        return known.setdefault(currency if currency in known or len(known) < _MOST_CURRENCIES else "", Spent())
