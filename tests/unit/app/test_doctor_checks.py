"""Single checks of `doctor`, and what is made of what probes found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from migrator.app.configuration.model import Config, Moco
from migrator.app.doctor.check import Check, Examined, Status, failed, keep
from migrator.app.doctor.moco import check_rate_plan
from migrator.app.doctor.probing import together
from migrator.app.progress import LoggedProgress
from migrator.app.wiring import Clock, Workplace
from migrator.core.model import Key
from migrator.errors import LoginRefused, TryAgainLater
from migrator.moco.answers import LoginSession
from migrator.moco.client import MocoReader
from migrator.moco.pacing import LocalWindow
from migrator.store import account
from migrator.store.account import Learned
from migrator.store.engine import open_engine, reading
from migrator.store.schema import upgrade
from migrator.store.window import SLOWED_TO

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Workplace]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    yield Workplace(Config(), engine, LoggedProgress(silent=True), Clock(wall=NOON.timestamp))
    engine.dispose()


def examined(place: Workplace, learned: dict[str, Learned], moco: Moco | None = None) -> Examined:
    config = place.config.model_copy(update={"moco": moco or Moco()})
    at = Workplace(config, place.engine, place.progress, place.clock)
    reader = MocoReader("https://x.mocoapp.com", "k" * 24, LocalWindow(1, 1))
    return Examined(at, reader, LoginSession(None, ""), learned)


@pytest.mark.parametrize(
    ("requests", "seconds", "status"),
    [(15, 15, "ok"), (120, 120, "ok"), (16, 15, "unknown"), (150, 15, "unknown"), (151, 15, "warn"), (1000, 1, "warn")],
)
def test_the_pace_is_held_against_the_plans_of_moco(place: Workplace, requests: int, seconds: int, status: str) -> None:
    moco = Moco(requests_per_window=requests, window_seconds=seconds)
    assert check_rate_plan(examined(place, {}, moco)).status == status


def test_a_pace_that_was_too_fast_once_is_a_warning(place: Workplace) -> None:
    check = check_rate_plan(examined(place, {SLOWED_TO: Learned("7", NOON)}))
    assert (check.status, "2026-03-01 12:00" in check.detail) == (Status.WARN, True)


def test_what_a_probe_found_is_kept_with_its_day(place: Workplace) -> None:
    found = Check("staff", Status.FAIL, "nobody", "grant it", login=True)
    keep(place, found)
    with reading(place.engine) as session:
        known = examined(place, account.learned(session))
    assert known.probed("staff") == Check("staff", Status.FAIL, "nobody (probed 2026-03-01)", "grant it", login=True)
    assert known.probed("bulk") is None


def test_a_check_that_cannot_be_carried_out_is_unknown_unless_the_login_is_refused() -> None:
    assert failed("bulk", TryAgainLater("no answer")).status is Status.UNKNOWN
    refused = failed("moco", LoginRefused("no", hint="look"))
    assert (refused.status, refused.login, refused.fix) == (Status.FAIL, True, "look")


def test_of_two_findings_the_one_that_needs_attention_wins_and_both_are_told() -> None:
    fine, odd = Check("bulk", Status.OK, "atomic"), Check("bulk", Status.WARN, "no markers", "wait")
    assert together(odd, fine) == Check("bulk", Status.WARN, "no markers; atomic", "wait")
    assert together(fine, odd) == Check("bulk", Status.WARN, "atomic; no markers", "wait")
    assert together(None, fine) is fine


def test_the_marker_of_a_probe_is_the_key_of_no_record() -> None:
    assert Key.from_marker("ac:main:probe-0123456789-1") is None
