"""Where the service stands, and what /readyz says about it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from migrator.app.service.controls import Controls
from migrator.app.service.standing import Standing, State, load_standing
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind
from migrator.errors import LockedByAnotherRun
from migrator.store import lease
from migrator.store.engine import writing
from migrator.store.lease import Right
from tests.unit.app.service.place import Time, opened, work


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def place(database_url: str, time: Time) -> Iterator[Workplace]:
    """A service that follows the schedule every quarter of an hour."""
    with opened(database_url, time) as made:
        yield made


def held(place: Workplace, right: Right, host: str = "", command: str = "apply") -> int:
    """Somebody takes a lease; without a host it is this process."""
    with writing(place.engine) as session:
        return lease.acquire(session, host or socket.gethostname(), os.getpid(), "", command, right=right)


def told(place: Workplace) -> tuple[State, bool]:
    standing = load_standing(place)
    return standing.state, standing.ready


def test_nothing_is_ready_before_the_first_success(place: Workplace, time: Time) -> None:
    first = load_standing(place)
    assert (first.state, first.ready, first.reason) == (State.NEVER_RUN, False, "nothing has succeeded yet")
    assert first.next_run == time.now
    work(place, time, 5)
    failed = load_standing(place)
    assert (failed.state, failed.ready, failed.failures) == (State.NEVER_RUN, False, 1)
    assert "ended with 5" in failed.reason
    held(place, Right.WRITE)
    assert told(place) == (State.RUNNING, False)


@pytest.mark.parametrize("code", [0, 3])
def test_three_scheduled_times_without_a_success_are_too_many(place: Workplace, time: Time, code: int) -> None:
    work(place, time, code)
    assert told(place) == (State.IDLE, True)
    success = load_standing(place).last_success
    for missed in (0, 1, 2):
        standing = load_standing(place)
        assert (standing.missed, standing.ready) == (missed, True)
        # Tried again sooner than scheduled: that is still the same time.
        work(place, time, 5)
        work(place, time, 1, minutes=14)
    time.pass_(minutes=1)
    standing = load_standing(place)
    assert (standing.state, standing.missed, standing.failures, standing.ready) == (State.FAILING, 3, 6, False)
    assert standing.reason.startswith("3 scheduled times in a row")
    assert standing.last_success == success
    work(place, time, code)
    assert told(place) == (State.IDLE, True)


def test_a_service_that_is_not_there_is_seen_by_the_others(place: Workplace, time: Time) -> None:
    work(place, time, 0)
    time.pass_(hours=2)
    assert told(place) == (State.FAILING, False)


def test_a_running_apply_is_healthy_and_what_it_held_up_is_not_counted(place: Workplace, time: Time) -> None:
    work(place, time, 0)
    time.pass_(hours=2)
    epoch = held(place, Right.WRITE)
    assert told(place) == (State.RUNNING, True)
    with writing(place.engine) as session:
        lease.release(session, epoch)
    assert told(place) == (State.FAILING, False)
    work(place, time, 3, minutes=180)
    assert told(place) == (State.IDLE, True)


def test_an_attempt_of_our_own_has_to_succeed_first(place: Workplace, time: Time) -> None:
    work(place, time, 0)
    held(place, Right.SERVE, command="serve")
    for _ in range(3):
        work(place, time, 12, minutes=15)
    time.pass_(minutes=2)
    held(place, Right.WRITE, command="serve")
    work(place, time, None, minutes=20)
    assert told(place) == (State.RUNNING, False)
    assert "login" in load_standing(place).reason
    time.pass_(hours=1)
    assert load_standing(place).missed == 3


def test_a_long_audit_is_work_too(place: Workplace, time: Time) -> None:
    work(place, time, 0)
    held(place, Right.SERVE, command="serve")
    work(place, time, None, kind="audit", minutes=90)
    assert told(place) == (State.RUNNING, True)


def test_a_refused_login_is_told_at_once(place: Workplace, time: Time) -> None:
    work(place, time, 0)
    work(place, time, 12)
    standing = load_standing(place)
    assert (standing.state, standing.ready) == (State.FAILING, False)
    assert "login" in standing.reason


def test_paused_is_what_a_person_wanted_and_holds_for_all(place: Workplace, time: Time) -> None:
    controls = Controls(place)
    work(place, time, 0)
    controls.pause()
    since = load_standing(place).wishes.paused_since
    time.pass_(days=2)
    controls.pause()
    standing = load_standing(place)
    assert (standing.state, standing.ready, standing.next_run) == (State.PAUSED, True, None)
    assert standing.wishes.paused_since == since == time.now - timedelta(days=2)
    controls.sync_now()
    controls.resume()
    standing = load_standing(place)
    assert (standing.state, standing.missed, standing.next_run) == (State.IDLE, 0, time.now)


def test_who_stands_by_says_so(place: Workplace, time: Time) -> None:
    work(place, time, 0)
    held(place, Right.SERVE, "another-host", "serve")
    assert told(place) == (State.STANDING_BY, True)
    with pytest.raises(LockedByAnotherRun, match="another-host"):
        held(place, Right.SERVE, command="serve")
    # The right to write is another one.
    epoch = held(place, Right.WRITE)
    assert load_standing(place).state is State.RUNNING
    with writing(place.engine) as session:
        lease.release(session, epoch)


def test_a_lease_of_the_service_ends_with_its_holder(place: Workplace) -> None:
    epoch = held(place, Right.SERVE, command="serve")
    standing = load_standing(place)
    assert standing.here
    assert standing.serving is not None
    with writing(place.engine) as session:
        lease.renew(session, epoch, right=Right.SERVE)
        lease.release(session, epoch, Right.SERVE)
        with pytest.raises(LockedByAnotherRun):
            lease.renew(session, epoch, right=Right.SERVE)
    assert load_standing(place).serving is None


def test_what_was_done_last_is_known_by_kind(place: Workplace, time: Time) -> None:
    run = work(place, time, 0)
    work(place, time, 4, kind="audit")
    standing: Standing = load_standing(place)
    assert standing.newest[Kind.SYNC].run_id == run
    assert standing.newest[Kind.AUDIT].exit_code == 4
    assert standing.last_run is not None
    assert standing.last_run.kind == "verify"
