"""The books of `presences`: what became of each person's day, by word and reason, and the first of those that wait."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from migrator.core.actions import Word
from migrator.core.working_days import DayReason, Leave, WorkedDay
from migrator.errors import BooksDoNotBalance
from migrator.store.working_days import NO_DAYS, DayTotals

LISTED = 1000
"""Days listed in the answer; the counts always cover all."""

WORDS = (Word.CREATED, Word.UNCHANGED, Word.SKIPPED, Word.HELD, Word.PENDING, Word.UNCLEAR)

IN_WORDS = {
    DayReason.UNSETTLED: "a write of that day is not settled yet",
    DayReason.UNDONE: "it was taken back; `migrator undo RUN --release` lets it be written again",
    DayReason.WRITTEN_BEFORE: "written before",
    DayReason.NOT_CLOSED: "the day is not closed yet",
    DayReason.TOO_SHORT: "its records come to less than half a minute",
    DayReason.HALF_WRITTEN: "a part of it was written, then somebody changed the day in MOCO; complete it there",
    DayReason.HAS_PRESENCE: "MOCO has a presence on that day",
    DayReason.TIME_IN_MOCO: (
        "MOCO has time of that person that is no record of ours, so the sum would be too small; enter the day in MOCO"
    ),
    DayReason.INCOMPLETE: "records of that day are not in MOCO yet",
    DayReason.PAST_MIDNIGHT: "the day would pass 23:59; enter it in MOCO",
    DayReason.MADE_MEANWHILE: "somebody made a presence in MOCO meanwhile",
    DayReason.REFUSED: "MOCO refuses it",
    DayReason.FORBIDDEN: "MOCO refuses to act for that person",
    DayReason.NOT_REACHED: "MOCO does not take it at the moment; run the same command again later",
}


@dataclass(frozen=True, slots=True)
class LeftDay:
    """A day that waits, and why."""

    worked: WorkedDay
    leave: Leave

    @property
    def message(self) -> str:
        """The reason in a person's words."""
        told = IN_WORDS[self.leave.reason]
        return f"{told}: {self.leave.detail}" if self.leave.detail else told

    def as_json(self) -> dict[str, object]:
        """As the answer lists it."""
        return {
            "user_id": self.worked.person,
            "date": self.worked.day.isoformat(),
            "records": self.worked.records,
            "seconds": self.worked.seconds,
            "word": self.leave.word.value,
            "reason": self.leave.reason.value,
            "message": self.message,
        }


@dataclass(slots=True)
class DayBook:
    """Days and their seconds by final word; what was not entered when the run ends is pending."""

    whole: DayTotals = NO_DAYS
    """All days that have records, as the database counts them."""
    days: Counter[Word] = field(default_factory=Counter)
    seconds: Counter[Word] = field(default_factory=Counter)
    reasons: Counter[DayReason] = field(default_factory=Counter)
    listed: list[LeftDay] = field(default_factory=list)
    spans: int = 0
    """Presences written, or that would be."""

    def count(self, worked: WorkedDay, word: Word) -> None:
        """Enter one day."""
        self.days[word] += 1
        self.seconds[word] += worked.seconds

    def leave(self, worked: WorkedDay, leave: Leave) -> None:
        """Enter one day on which nothing is written, with the reason."""
        self.count(worked, leave.word)
        self.reasons[leave.reason] += 1
        if leave.word in {Word.HELD, Word.UNCLEAR} and len(self.listed) < LISTED:
            self.listed.append(LeftDay(worked, leave))

    def close(self, *, stopped: bool) -> None:
        """What was not reached is pending.

        Raises `BooksDoNotBalance` when a day has two ends, or has none although nothing stopped the run.
        """
        days = self.whole.days - self.days.total()
        seconds = self.whole.seconds - self.seconds.total()
        if (days, seconds) != (0, 0) and (not stopped or min(days, seconds) < 0):
            raise BooksDoNotBalance(
                f"the days do not balance: {self.whole.days:,} days of {self.whole.seconds:,} seconds have records, "
                f"but {days:,} days and {seconds:,} seconds of them have no end",
                hint="nothing more is written; run `migrator verify` and report this with its output",
            )
        self.days[Word.PENDING] += days
        self.seconds[Word.PENDING] += seconds
        self.reasons[DayReason.NOT_REACHED] += days

    @property
    def waiting(self) -> int:
        """Days that wait for a person; what somebody had taken back does not."""
        return self.days[Word.HELD] - self.reasons[DayReason.UNDONE]
