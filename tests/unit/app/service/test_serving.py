"""The loop of the service under a clock of the test's own: clocks that are set, machines that sleep, two services."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from migrator.app import log
from migrator.app.service.controls import Controls
from migrator.app.service.listeners import Listeners
from migrator.app.service.schedule import Schedule
from migrator.app.service.serving import Service
from migrator.app.service.shift import Shift
from migrator.app.service.worker import Worker
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import DatabaseNotReady, ExitCode
from migrator.store import lease, outcomes, runs
from migrator.store.engine import reading, writing
from tests.support.story import Story
from tests.unit.app.service.place import Time, opened


class Passing:
    """A clock's alarm that lets a minute pass whenever it is waited for."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.times: Mapping[Kind, datetime] = {}

    def set(self, times: Mapping[Kind, datetime]) -> None:
        self.times = dict(times)

    def wait(self, seconds: float) -> bool:
        self.time.pass_(seconds=60)
        return False


class Heard:
    """A listener that breaks after it has heard."""

    def __init__(self) -> None:
        self.began_at: list[tuple[Kind, datetime]] = []
        self.outcomes: list[Outcome] = []

    def began(self, kind: Kind, at: datetime) -> None:
        self.began_at.append((kind, at))
        raise RuntimeError("a listener is broken")

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        raise RuntimeError("a listener is broken")

    def close(self, within: float) -> None:
        raise RuntimeError("a listener is broken")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def place(sqlite_url: str, time: Time) -> Iterator[Workplace]:
    """Every quarter of an hour; there is nothing to read, so each sync ends with 2."""
    with opened(sqlite_url, time) as made:
        yield made


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(place: Workplace, time: Time, heard: Heard) -> Iterator[Service]:
    shift = Shift(place)
    yield Service(
        place, shift, Worker(place, Listeners([heard])), Schedule.of(place.config, lambda: 0.5), Passing(time)
    )
    shift.end()


def syncs(place: Workplace) -> int:
    with reading(place.engine) as session:
        return len(outcomes.newest_outcomes(session, "sync", 100))


def turns(service: Service, many: int) -> None:
    for _ in range(many):
        service.turn()


def test_an_hour_has_four_quarters(service: Service, place: Workplace, time: Time) -> None:
    began = time.now
    while time.now < began + timedelta(minutes=59):
        service.turn()
    assert syncs(place) == 4


def test_a_machine_that_slept_for_days_catches_up_once(service: Service, place: Workplace, time: Time) -> None:
    turns(service, 3)
    time.now += timedelta(days=3)
    turns(service, 10)
    assert syncs(place) == 2


def test_a_clock_that_is_put_back_stops_nothing(service: Service, place: Workplace, time: Time) -> None:
    turns(service, 3)
    assert syncs(place) == 1
    time.now -= timedelta(hours=2)
    turns(service, 14)
    assert syncs(place) == 1
    turns(service, 4)
    assert syncs(place) == 2
    turns(service, 16)
    assert syncs(place) == 3


def test_a_listener_that_breaks_holds_nothing_up(service: Service, place: Workplace, heard: Heard, time: Time) -> None:
    began = time.now
    turns(service, 2)
    (outcome,) = heard.outcomes
    assert heard.began_at == [(Kind.SYNC, began)]
    assert (outcome.kind, outcome.code, outcome.good, outcome.started_at) == (Kind.SYNC, 2, False, began)
    assert outcome.verdict
    Listeners([heard]).close()
    assert syncs(place) == 1


def test_once_a_day_it_is_time_for_the_digest(service: Service, time: Time, heard: Heard) -> None:
    time.now = time.now.replace(hour=5, minute=58)
    turns(service, 5)
    # At eight in Berlin.
    (digest,) = [each for each in heard.outcomes if each.kind is Kind.DIGEST]
    assert (digest.started_at.hour, digest.started_at.minute, digest.good) == (6, 0, True)


def test_paused_it_does_only_what_a_person_asks_for(service: Service, place: Workplace, time: Time) -> None:
    turns(service, 2)
    buttons = Controls(place)
    buttons.pause()
    turns(service, 40)
    assert syncs(place) == 1
    buttons.sync_now()
    turns(service, 3)
    assert syncs(place) == 2
    buttons.resume()
    turns(service, 15)
    assert syncs(place) == 3


def test_a_schema_that_was_upgraded_meanwhile_is_left_to_the_newer_version(
    service: Service, place: Workplace, heard: Heard
) -> None:
    with writing(place.engine) as session:
        epoch = lease.acquire(session, "elsewhere", 1, "", "serve", ttl=3600, right=lease.Right.SERVE)
    turns(service, 2)
    with writing(place.engine) as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        lease.release(session, epoch, lease.Right.SERVE)
    with pytest.raises(DatabaseNotReady):
        service.run(lambda: False)
    assert heard.began_at == []


def test_it_stops_when_it_is_told_so(service: Service, place: Workplace) -> None:
    service.run(lambda: syncs(place) == 1)
    assert syncs(place) == 1


def test_who_comes_too_late_leaves_nothing_and_forgets_no_wish(place: Workplace, heard: Heard) -> None:
    Controls(place).sync_now()
    with writing(place.engine) as session:
        lease.acquire(session, "elsewhere", 1, "", "apply 7")
    outcome = Worker(place, Listeners([heard])).do(Kind.SYNC)
    assert outcome.code is ExitCode.LOCKED
    assert "`apply 7` is working" in outcome.verdict
    assert syncs(place) == 0
    with reading(place.engine) as session:
        assert outcomes.wishes(session).asked_at is not None


TOKEN = "9-a-token-that-nobody-must-see"


@pytest.mark.parametrize(
    ("error", "code", "verdict"),
    [
        (KeyError(f"no {TOKEN}"), ExitCode.ERROR, "unexpected KeyError"),
        (IntegrityError(TOKEN, None, sqlite3.IntegrityError(TOKEN)), ExitCode.ERROR, "unexpected IntegrityError"),
        (OperationalError(TOKEN, None, OSError(TOKEN)), ExitCode.TRY_AGAIN, "the database does not answer"),
    ],
)
def test_a_defect_is_told_once_with_its_traceback_and_its_run_and_ends_that_run(
    error: Exception, code: ExitCode, verdict: str, sqlite_url: str, time: Time
) -> None:
    def broken(_seconds: float) -> None:
        raise error

    source = {"activecollab__url": "http://127.0.0.1:9/api/v1", "activecollab__token": TOKEN}
    with opened(sqlite_url, time, **source) as place, Story().heard() as story:
        # Nobody answers there, so it is about to wait: within the run that reads.
        outcome = Worker(replace(place, clock=replace(time.clock, sleep=broken))).do(Kind.SYNC)
        with reading(place.engine) as session:
            (run,) = runs.list_runs(session)
    assert (outcome.code, outcome.verdict) == (code, verdict)
    assert (run.kind, run.exit_code, run.verdict) == ("read", 1, f"unexpected {type(error).__name__}")
    (told,) = [each for each in story.told() if log.WORK_FAILED in each]
    assert f"job=sync run={run.id} " in told
    assert "Traceback" in told
    assert "in broken" in told
    assert "***" in told
    assert TOKEN not in told


def test_while_somebody_else_writes_nothing_is_begun(service: Service, place: Workplace, heard: Heard) -> None:
    with writing(place.engine) as session:
        epoch = lease.acquire(session, "elsewhere", 1, "", "apply 7", ttl=3600)
    turns(service, 5)
    assert heard.began_at == []
    with writing(place.engine) as session:
        lease.release(session, epoch)
    turns(service, 1)
    assert syncs(place) == 1
