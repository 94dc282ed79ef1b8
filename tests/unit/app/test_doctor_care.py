"""The checks of `doctor` that an operator has to care for, each with what makes it speak up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migrator.app import database
from migrator.app.config import load
from migrator.app.configuration.model import Config, Notify, Schedule, Web
from migrator.app.doctor.care import check_backup, check_files, check_service, check_verified
from migrator.app.doctor.check import Status
from migrator.app.progress import LoggedProgress
from migrator.app.secret import Secret
from migrator.app.wiring import Clock, Workplace
from migrator.core.outcomes import Kind
from migrator.store import lease, outcomes, runs
from migrator.store.engine import open_engine, writing
from migrator.store.links import NewLink, put_links
from migrator.store.schema import upgrade
from tests.unit.store.builders import WHEN, a_booking, a_time_entry, an_activity


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Workplace]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    now = datetime.now(UTC).timestamp()
    yield Workplace(Config(), engine, LoggedProgress(silent=True), Clock(wall=lambda: now))
    engine.dispose()


def write_something(place: Workplace) -> None:
    entry = an_activity(7, a_booking(1))
    with writing(place.engine) as session:
        put_links(session, [NewLink(a_time_entry(1).id, entry.booking, entry)], 1, WHEN)


def a_run(place: Workplace, kind: str, code: int, *, began: datetime, took: timedelta = timedelta()) -> None:
    with writing(place.engine) as session:
        run = runs.start_run(session, kind, began)
        runs.finish_run(session, run, began + took, exit_code=code, verdict="The books say something.")


def later(place: Workplace, **ahead: float) -> Workplace:
    """The same place some time later."""
    moment = (place.clock.now() + timedelta(**ahead)).timestamp()
    return Workplace(place.config, place.engine, place.progress, Clock(wall=lambda: moment))


def configured(place: Workplace, **sections: object) -> Workplace:
    return Workplace(place.config.model_copy(update=sections), place.engine, place.progress, place.clock)


def test_what_others_can_read_is_named(tmp_path: Path) -> None:
    key, token, database_file = tmp_path / "moco.key", tmp_path / "ac.token", tmp_path / "m.db"
    key.write_text("k" * 24)
    token.write_text("7-abcdef")
    database_file.touch()
    config_file = tmp_path / "migrator.toml"
    config_file.write_text(
        f'[database]\nurl = "sqlite:///{database_file}"\n[activecollab]\ntoken_file = "ac.token"\n'
        '[moco]\napi_key_file = "moco.key"\n'
    )
    every = (key, token, database_file, config_file)
    for path in every:
        path.chmod(0o600)
    config_file.chmod(0o644)
    # It names files and holds no secret itself.
    assert check_files(load(config_file, {})).status is Status.OK
    config_file.write_text(config_file.read_text() + '[web]\nwebhook_key = "' + "s" * 32 + '"\n')
    key.chmod(0o640)
    told = check_files(load(config_file, {}))
    assert (told.status, told.fix) == (Status.WARN, f"chmod 600 {config_file}, {key}")


def test_what_a_runtime_mounts_is_its_own_affair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.app.doctor.care._RUNTIME", tmp_path / "run")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "key").write_text("k" * 24)
    (tmp_path / "run" / "key").chmod(0o444)
    environ = {"MIGRATOR__MOCO__API_KEY_FILE": str(tmp_path / "run" / "key")}
    monkeypatch.chdir(tmp_path)
    assert check_files(load(None, environ)).status is Status.OK


def test_a_service_that_contradicts_itself_is_told_how(place: Workplace) -> None:
    sound = check_service(place)
    assert (sound.status, "nobody is told" in sound.detail) == (Status.OK, True)
    a_run(place, "sync", 0, began=place.clock.now(), took=timedelta(minutes=20))
    odd = check_service(
        configured(
            place,
            schedule=Schedule(every=timedelta(minutes=15)),
            web=Web(host="0.0.0.0", token=Secret("t" * 24), webhook_key=Secret("not a key")),
            notify=Notify(smtp_url=Secret("smtp://mail.example:25")),
        )
    )
    assert odd.status is Status.WARN
    for part in ("took 20m", "signature keys", "email_to"):
        assert part in odd.fix
    assert "https" in odd.detail
    told = check_service(configured(place, notify=Notify(heartbeat_url=Secret("https://hc.example/x"))))
    assert "told of trouble: heartbeat" in told.detail


def test_a_service_that_fails_is_named(place: Workplace) -> None:
    with writing(place.engine) as session:
        begun = outcomes.begin_outcome(session, Kind.SYNC.value, place.clock.now() - timedelta(hours=1))
        outcomes.end_outcome(session, begun, place.clock.now(), exit_code=12, run_id=None)
    failing = check_service(place)
    assert (failing.status, "it is failing" in failing.detail) == (Status.WARN, True)
    assert "login" in failing.fix


def test_a_service_that_ran_and_is_gone_is_missed_and_one_that_serves_is_named(place: Workplace) -> None:
    with writing(place.engine) as session:
        run = runs.start_run(session, "sync", place.clock.now())
        runs.finish_run(session, run, place.clock.now(), exit_code=0)
        begun = outcomes.begin_outcome(session, Kind.SYNC.value, place.clock.now())
        outcomes.end_outcome(session, begun, place.clock.now(), exit_code=0, run_id=run)
    gone = check_service(place)
    assert (gone.status, "migrator serve" in gone.fix) == (Status.WARN, True)
    assert "no process follows it now" in gone.detail
    with writing(place.engine) as session:
        lease.acquire(session, "worker-7", 4242, "", "serve", right=lease.Right.SERVE)
    there = check_service(place)
    assert (there.status, "process 4242 on worker-7 follows" in there.detail) == (Status.OK, True)


def test_a_verification_is_missed_once_something_was_written(place: Workplace) -> None:
    assert check_verified(place).status is Status.SKIP
    write_something(place)
    assert check_verified(place).status is Status.WARN
    a_run(place, "verify", 3, began=place.clock.now())
    assert check_verified(place).status is Status.OK
    assert check_verified(later(place, days=32)).status is Status.WARN
    a_run(place, "verify", 4, began=place.clock.now())
    assert (check_verified(place).status, "The books say" in check_verified(place).detail) == (Status.WARN, True)


def test_a_backup_is_known_until_it_is_old(place: Workplace, sqlite_url: str, tmp_path: Path) -> None:
    assert check_backup(place).status is Status.SKIP
    write_something(place)
    assert check_backup(place).status is Status.WARN
    config = tmp_path / "migrator.toml"
    config.write_text(f'[database]\nurl = "{sqlite_url}"\n')
    database.backup(load(config, {}), tmp_path / "copy.db")
    assert check_backup(later(place, hours=1)).status is Status.OK
    assert check_backup(later(place, days=9)).status is Status.WARN
