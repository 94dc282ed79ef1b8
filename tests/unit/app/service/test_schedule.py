"""What is due when: after failures, while paused, when a clock was set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from migrator.app.config import Config
from migrator.app.service.schedule import Known, Schedule
from migrator.core.outcomes import Kind
from migrator.errors import ExitCode
from migrator.store.outcomes import SavedOutcome, Wishes
from migrator.store.runs import SavedRun

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NEVER = Wishes(None, None, None)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


RUN = SavedRun(1, "sync", NOW, NOW, None, 0, "", "{}", "{}", "{}", "", "", "")
BEGAN = NOW - minutes(5)


def schedule(chance: float = 0.5) -> Schedule:
    """The default: every quarter of an hour."""
    return Schedule.of(Config(), lambda: chance)


def known(code: int | None = 0, *, began: datetime = BEGAN, failures: int = 0, wishes: Wishes = NEVER) -> Known:
    """A sync that took a minute; `code` None: it was killed."""
    ended = None if code is None else began + minutes(1)
    last = SavedOutcome(7, "sync", began, ended, code, 1, (), "")
    return Known(MappingProxyType({Kind.SYNC: last}), failures, wishes, RUN)


@pytest.mark.parametrize(
    ("code", "failures", "after"),
    [
        (ExitCode.DONE, 0, minutes(10)),
        (ExitCode.NEEDS_A_PERSON, 0, minutes(10)),
        (ExitCode.GATE, 1, minutes(10)),
        (ExitCode.UNBALANCED, 1, minutes(10)),
        # What is missing outside may be back soon, but no later than the schedule says.
        (ExitCode.TRY_AGAIN, 1, -minutes(4) + timedelta(seconds=15)),
        (ExitCode.TRY_AGAIN, 4, -minutes(4) + timedelta(seconds=120)),
        (ExitCode.TRY_AGAIN, 40, minutes(10)),
        # A refused login is not repeated until somebody is locked out.
        (ExitCode.LOGIN, 1, minutes(11)),
        (ExitCode.LOGIN, 3, minutes(56)),
        (ExitCode.LOGIN, 30, minutes(116)),
        # What was cut off is finished at once.
        (ExitCode.INTERRUPTED, 1, minutes(0)),
        (None, 1, minutes(0)),
    ],
)
def test_when_a_sync_is_due_again(code: int | None, failures: int, after: timedelta) -> None:
    ours = schedule()
    ours.times(Known({}, 0, NEVER, None), NOW)
    assert ours.times(known(code, failures=failures), NOW)[Kind.SYNC] == NOW + after


def test_a_login_that_was_refused_before_the_start_is_tried_at_once() -> None:
    ours = schedule()
    assert ours.times(known(ExitCode.LOGIN, failures=1), NOW)[Kind.SYNC] == NOW
    again = SavedOutcome(8, "sync", NOW, NOW + minutes(1), ExitCode.LOGIN, 2, (), "")
    refused = Known({Kind.SYNC: again}, 2, NEVER, RUN)
    assert ours.times(refused, NOW + minutes(1))[Kind.SYNC] == NOW + minutes(31)


def test_several_processes_do_not_try_again_in_step() -> None:
    soon, late = (schedule(chance).times(known(5, failures=1), NOW)[Kind.SYNC] for chance in (0.0, 0.99))
    assert late - soon > timedelta(seconds=7)


def test_a_pause_is_drawn_once() -> None:
    chances = iter([0.1, 0.9])
    drawn = Schedule.of(Config(), lambda: next(chances))
    assert drawn.times(known(5, failures=1), NOW) == drawn.times(known(5, failures=1), NOW)


def test_the_first_time_is_now_and_stays_so() -> None:
    fresh, nothing = schedule(), Known({}, 0, NEVER, None)
    assert fresh.times(nothing, NOW)[Kind.SYNC] == fresh.times(nothing, NOW + minutes(1))[Kind.SYNC] == NOW
    # There is nothing to audit.
    assert Kind.AUDIT not in fresh.times(nothing, NOW)


def test_while_paused_nothing_is_due_but_what_a_person_asks_for() -> None:
    paused = Wishes(NOW - minutes(60), None, None)
    assert schedule().times(known(began=NOW - minutes(60), wishes=paused), NOW) == {}
    asked = Wishes(NOW - minutes(60), None, NOW)
    assert schedule().times(known(wishes=asked), NOW) == {Kind.SYNC: NOW}
    assert schedule().times(known(wishes=Wishes(None, None, NOW)), NOW)[Kind.SYNC] == NOW


def test_a_clock_that_went_back_lets_nothing_wait_until_it_is_where_it_was() -> None:
    ours, future = schedule(), known(began=NOW + minutes(120))
    assert ours.times(future, NOW)[Kind.SYNC] == NOW + minutes(15)
    # Counted from when it was noticed, not from now, which would never be over.
    assert ours.times(future, NOW + minutes(14))[Kind.SYNC] == NOW + minutes(15)


def test_the_audit_and_the_digest_have_their_own_times() -> None:
    times = schedule().times(known(), NOW)
    assert times[Kind.AUDIT] == datetime(2026, 5, 5, 1, 40, tzinfo=UTC)
    assert times[Kind.DIGEST] == datetime(2026, 5, 5, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "due"),
    [
        (ExitCode.TRY_AGAIN, NOW + minutes(11)),
        (ExitCode.DATABASE, NOW + minutes(11)),
        (ExitCode.DIFFERENCES, datetime(2026, 5, 5, 1, 40, tzinfo=UTC)),
        (ExitCode.DONE, datetime(2026, 5, 5, 1, 40, tzinfo=UTC)),
        (None, datetime(2026, 5, 5, 1, 40, tzinfo=UTC)),
    ],
)
def test_an_audit_that_reached_nobody_is_tried_again_before_the_next_night(code: int | None, due: datetime) -> None:
    ended = None if code is None else BEGAN + minutes(1)
    audit = SavedOutcome(8, "audit", BEGAN, ended, code, 1, (), "")
    newest = MappingProxyType({**known().newest, Kind.AUDIT: audit})
    assert schedule().times(Known(newest, 0, NEVER, RUN), NOW)[Kind.AUDIT] == due
