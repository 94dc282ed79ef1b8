"""The books of a run: every record and every second in exactly one final word, and one sentence about it."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from migrator.core.actions import Word
from migrator.core.model import Seconds
from migrator.errors import BooksDoNotBalance


class Extra(StrEnum):
    """What is counted beside the equation."""

    WITHDRAWN = "withdrawn"
    UNSEEN = "unseen"
    SUPERSEDED = "superseded"
    EDITED_IN_TARGET = "edited_in_target"
    EXPENSES_IGNORED = "expenses_ignored"


_IN_MOCO = (Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.UNCHANGED)

_TOLD = {
    Word.SKIPPED: "skipped",
    Word.HELD: "held",
    Word.CONFLICTS: "in conflict",
    Word.QUARANTINED: "quarantined",
    Word.REJECTED: "rejected",
    Word.PENDING: "pending",
    Word.UNCLEAR: "unclear",
}


class Ledger:
    """Counts records and seconds by final word; memory does not grow with the records."""

    def __init__(self) -> None:
        self.extras: Counter[str] = Counter({extra.value: 0 for extra in Extra})
        self._records: Counter[Word] = Counter()
        self._seconds: Counter[Word] = Counter()

    def count(self, word: Word, seconds: int, n: int = 1) -> None:
        """Enter `n` records of together `seconds` under `word`."""
        self._records[word] += n
        self._seconds[word] += seconds

    def records(self, *words: Word) -> int:
        """The records in `words`; in all words when none is named."""
        return sum(self._records[word] for word in words or Word)

    def seconds(self, *words: Word) -> Seconds:
        """The seconds in `words`; in all words when none is named."""
        return Seconds(sum(self._seconds[word] for word in words or Word))

    def balance(self, read_records: int, read_seconds: int) -> None:
        """Raise BooksDoNotBalance, naming the gap, unless what was read is what the words hold."""
        records = read_records - self.records()
        seconds = read_seconds - self.seconds()
        if records or seconds:
            raise BooksDoNotBalance(
                f"the books do not balance: {read_records:,} records of {read_seconds:,} seconds were read, "
                f"{self.records():,} of {self.seconds():,} are in a final word; "
                f"{_gap(records, 'record')} and {_gap(seconds, 'second')}",
                hint="nothing more is written; run `migrator verify` and report this with its output",
            )

    def verdict(self, duplicates: int = 0, unexplained_seconds: int = 0) -> str:
        """The sentence a run ends with; it says "accounted for" only when that is so."""
        total = self.records()
        noun = "source record" if total == 1 else "source records"
        parts = "; ".join(
            (
                self._shares(),
                f"{duplicates:,} {'duplicate' if duplicates == 1 else 'duplicates'}",
                f"{unexplained_seconds:,} {'second' if unexplained_seconds == 1 else 'seconds'} unexplained",
            )
        )
        if self.records(Word.PENDING, Word.UNCLEAR):
            return f"{total:,} {noun}: {parts}; run the same command again."
        if unexplained_seconds:
            return f"{total:,} {noun}: {parts}."
        if total == 1:
            return f"The one source record is accounted for: {parts}."
        return f"All {total:,} {noun} are accounted for: {parts}."

    def as_json(self) -> tuple[dict[str, int], dict[str, int]]:
        """Counts and seconds by word, all eleven of them."""
        counts = {word.value: self._records[word] for word in Word}
        seconds = {word.value: self._seconds[word] for word in Word}
        return counts, seconds

    def _shares(self) -> str:
        shares = [f"{self.records(*_IN_MOCO):,} in MOCO"]
        shares += [f"{self.records(word):,} {told}" for word, told in _TOLD.items() if self.records(word)]
        return ", ".join(shares)


def _gap(difference: int, noun: str) -> str:
    amount = abs(difference)
    unit = noun if amount == 1 else f"{noun}s"
    return f"{amount:,} {unit} {'too many' if difference < 0 else 'missing'}"
