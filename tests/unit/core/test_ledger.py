"""The books balance or say by how much they do not, and the verdict never claims more than is so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.actions import Word
from migrator.core.ledger import Extra, Ledger
from migrator.errors import BooksDoNotBalance


def a_ledger(**words: int) -> Ledger:
    ledger = Ledger()
    for name, records in words.items():
        ledger.count(Word(name), records * 60, records)
    return ledger


def test_the_verdict_of_a_good_migration() -> None:
    ledger = a_ledger(created=250_000, adopted=30, updated=20, unchanged=30, held=34, rejected=3)
    assert ledger.verdict() == (
        "All 250,117 source records are accounted for: 250,080 in MOCO, 34 held, 3 rejected; "
        "0 duplicates; 0 seconds unexplained."
    )


def test_every_other_word_is_told_when_it_is_not_empty() -> None:
    ledger = a_ledger(unchanged=1, skipped=2, held=3, conflicts=12, quarantined=5, rejected=6)
    assert ledger.verdict(duplicates=1) == (
        "All 29 source records are accounted for: 1 in MOCO, 2 skipped, 3 held, 12 in conflict, 5 quarantined, "
        "6 rejected; 1 duplicate; 0 seconds unexplained."
    )


def test_an_unfinished_run_does_not_claim_to_account_for_all() -> None:
    assert a_ledger(created=1300, pending=699, unclear=1).verdict() == (
        "2,000 source records: 1,300 in MOCO, 699 pending, 1 unclear; 0 duplicates; 0 seconds unexplained; "
        "run the same command again."
    )


def test_unexplained_seconds_are_not_accounted_for() -> None:
    verdict = a_ledger(created=2).verdict(unexplained_seconds=1)
    assert verdict == "2 source records: 2 in MOCO; 0 duplicates; 1 second unexplained."


def test_one_record_is_spoken_of_in_the_singular() -> None:
    assert a_ledger(created=1).verdict() == (
        "The one source record is accounted for: 1 in MOCO; 0 duplicates; 0 seconds unexplained."
    )


def test_no_record_at_all() -> None:
    assert Ledger().verdict() == (
        "All 0 source records are accounted for: 0 in MOCO; 0 duplicates; 0 seconds unexplained."
    )


ENTRIES = st.lists(st.tuples(st.sampled_from(Word), st.integers(0, 10**6), st.integers(0, 50)))


@given(ENTRIES)
def test_what_was_counted_balances_and_nothing_else_does(entries: list[tuple[Word, int, int]]) -> None:
    ledger = Ledger()
    for word, seconds, records in entries:
        ledger.count(word, seconds, records)
    records, seconds = sum(n for *_, n in entries), sum(s for _, s, _ in entries)
    ledger.balance(records, seconds)
    assert (ledger.records(), ledger.seconds()) == (records, seconds)
    for wrong in ((records + 1, seconds), (records, seconds + 1), (records - 1, seconds)):
        with pytest.raises(BooksDoNotBalance):
            ledger.balance(*wrong)


@given(ENTRIES)
def test_json_has_every_word(entries: list[tuple[Word, int, int]]) -> None:
    ledger = Ledger()
    for word, seconds, records in entries:
        ledger.count(word, seconds, records)
    counts, seconds_of = ledger.as_json()
    assert list(counts) == list(seconds_of) == [word.value for word in Word]
    assert (sum(counts.values()), sum(seconds_of.values())) == (ledger.records(), ledger.seconds())


def test_the_gap_is_named_in_records_and_seconds() -> None:
    with pytest.raises(BooksDoNotBalance, match="1 record missing and 60 seconds too many"):
        a_ledger(created=2).balance(3, 60)


def test_extras_stand_beside_the_equation() -> None:
    ledger = a_ledger(created=1)
    ledger.extras[Extra.SUPERSEDED] += 2
    assert ledger.extras["superseded"] == 2
    assert ledger.extras["withdrawn"] == 0
    ledger.balance(1, 60)
