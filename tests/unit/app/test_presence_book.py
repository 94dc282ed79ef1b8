"""The books of `presences`, and how its answer says them."""

from __future__ import annotations

from datetime import date

import pytest

from migrator.app.presences.answer import answer_of
from migrator.app.presences.book import IN_WORDS, DayBook
from migrator.core.actions import Word
from migrator.core.model import MocoId
from migrator.core.tally import Tally
from migrator.core.working_days import DayReason, Leave, WorkedDay
from migrator.errors import BooksDoNotBalance, ExitCode, LoginRefused, MigratorError
from migrator.store.working_days import DayTotals

DAY = WorkedDay(MocoId(7), date(2026, 3, 2), 2, 3600)


def book(*leaves: Leave, created: int = 0, whole: int | None = None) -> DayBook:
    days = len(leaves) + created if whole is None else whole
    found = DayBook(DayTotals(days, days * DAY.seconds))
    for leave in leaves:
        found.leave(DAY, leave)
    for _ in range(created):
        found.count(DAY, Word.CREATED)
        found.spans += 1
    return found


def code(found: DayBook, stop: MigratorError | None = None, unsettled: int = 0) -> ExitCode:
    found.close(stopped=stop is not None)
    return answer_of(1, found, Tally(), {}, stop=stop, unsettled=unsettled).exit_code


def test_every_day_has_one_end_and_what_was_not_reached_is_pending_only_after_a_stop() -> None:
    short = book(created=1, whole=3)
    with pytest.raises(BooksDoNotBalance, match="2 days and 7,200 seconds"):
        short.close(stopped=False)
    short.close(stopped=True)
    assert (short.days[Word.PENDING], short.seconds[Word.PENDING]) == (2, 7200)
    with pytest.raises(BooksDoNotBalance):
        book(created=2, whole=1).close(stopped=True)


def test_the_exit_code_says_whether_somebody_or_something_is_waited_for() -> None:
    held, undone = Leave(Word.HELD, DayReason.PAST_MIDNIGHT), Leave(Word.HELD, DayReason.UNDONE)
    assert code(book(created=1)) is ExitCode.DONE
    assert code(book(undone)) is ExitCode.DONE
    assert code(book(held, undone)) is ExitCode.NEEDS_A_PERSON
    assert code(book(held, Leave(Word.UNCLEAR, DayReason.UNSETTLED))) is ExitCode.TRY_AGAIN
    assert code(book(created=1), unsettled=1) is ExitCode.TRY_AGAIN
    assert code(book(held, whole=2), stop=LoginRefused("no")) is ExitCode.LOGIN


def test_the_sentence_counts_days_and_the_lines_name_those_that_wait() -> None:
    one = answer_of(4, book(created=1), Tally(2, 7200), {"GET": 3})
    assert one.document["verdict"] == "The one day with records is accounted for: 1 written (1 presence, 1.00 h)."
    assert one.text.endswith("Left out, because they are booked on a stand-in: 2 records (2.00 h)")
    held = answer_of(4, book(Leave(Word.HELD, DayReason.REFUSED, "The day is locked")), Tally(), {}, dry_run=True)
    assert "  2026-03-02  person 7, 1.00 h: MOCO refuses it: The day is locked" in held.text.splitlines()
    unclear = answer_of(4, book(Leave(Word.UNCLEAR, DayReason.UNSETTLED)), Tally(), {})
    assert "run the same command again" in str(unclear.document["verdict"])
    assert "nothing to derive" in str(answer_of(4, book(), Tally(), {}).document["verdict"])
    assert set(IN_WORDS) == set(DayReason)
