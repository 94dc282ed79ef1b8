"""Sums of expenses: exact, by currency, and nothing that cannot be read is lost from the count."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.expenses import Amounts

_AMOUNTS = st.none() | st.decimals(min_value=-(10**12), max_value=10**12, places=2)


@given(st.lists(st.tuples(_AMOUNTS, st.sampled_from(["EUR", "USD", ""]))), st.integers(0, 30))
def test_what_is_written_down_is_what_was_counted(spent: list[tuple[Decimal | None, str]], cut: int) -> None:
    whole, parts = Amounts(), Amounts()
    for part in (spent[:cut], spent[cut:]):
        read = Amounts()
        for amount, currency in part:
            whole.count(amount, currency)
            read.count(amount, currency)
        parts.merge(read.as_text(), len(part))
    assert parts.by_currency == whole.by_currency
    for currency, each in whole.by_currency.items():
        own = [amount for amount, said in spent if said == currency]
        assert each.amount == sum((amount for amount in own if amount is not None), Decimal(0))
        assert (each.expenses, each.unreadable) == (len(own), own.count(None))


def test_expenses_that_an_older_version_only_counted_have_no_amount_that_is_known() -> None:
    amounts = Amounts()
    amounts.merge("{}", 3)
    assert (amounts.by_currency[""].expenses, amounts.by_currency[""].unreadable) == (3, 3)


def test_texts_that_are_no_currencies_cannot_fill_the_memory() -> None:
    amounts = Amounts()
    for number in range(1_000):
        amounts.count(Decimal(1), f"text {number}")
    assert len(amounts.by_currency) <= 41
    assert sum(each.expenses for each in amounts.by_currency.values()) == 1_000
