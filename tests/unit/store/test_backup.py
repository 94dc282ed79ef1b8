from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from migrator.errors import LockedByAnotherRun, UsageError
from migrator.store.account import fact, learn
from migrator.store.backup import backup, restore
from migrator.store.engine import open_engine, reading, writing
from migrator.store.lease import Right, acquire, check, release
from migrator.store.schema import check as check_schema
from migrator.store.schema import upgrade
from tests.unit.store.builders import WHEN


@pytest.fixture
def live(sqlite_url: str) -> Iterator[Engine]:
    """A SQLite database in use."""
    engine = open_engine(sqlite_url)
    upgrade(engine)
    yield engine
    engine.dispose()


def remember(engine: Engine, value: str) -> None:
    with writing(engine) as session:
        learn(session, "what", value, WHEN)


def remembered(engine: Engine) -> str | None:
    with reading(engine) as session:
        return fact(session, "what")


def test_a_backup_brings_back_what_was_there(live: Engine, sqlite_url: str, tmp_path: Path) -> None:
    remember(live, "before")
    backup(live, tmp_path / "copy")
    remember(live, "after")
    restore(sqlite_url, tmp_path / "copy")
    assert remembered(live) == "before"
    assert check_schema(live) == ()


def test_a_backup_is_its_owners_only_and_replaces_no_file(live: Engine, tmp_path: Path) -> None:
    backup(live, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="exists"):
        backup(live, tmp_path / "copy")


def test_a_backup_can_be_restored_where_nothing_was(live: Engine, tmp_path: Path) -> None:
    remember(live, "before")
    backup(live, tmp_path / "copy")
    restore(f"sqlite:///{tmp_path}/other.sqlite", tmp_path / "copy")
    other = open_engine(f"sqlite:///{tmp_path}/other.sqlite")
    assert remembered(other) == "before"
    other.dispose()


@pytest.mark.parametrize("right", Right)
def test_nothing_is_restored_while_a_run_works_or_a_service_may_begin_one(
    live: Engine, sqlite_url: str, tmp_path: Path, right: Right
) -> None:
    backup(live, tmp_path / "copy")
    remember(live, "after")
    with writing(live) as session:
        epoch = acquire(session, "elsewhere", 1, "", "migrator serve", right=right)
    with pytest.raises(LockedByAnotherRun, match="migrator serve"):
        restore(sqlite_url, tmp_path / "copy")
    assert remembered(live) == "after"
    with writing(live) as session:
        release(session, epoch, right)
    restore(sqlite_url, tmp_path / "copy")
    assert remembered(live) is None


def test_a_run_from_before_the_restore_has_lost_its_lease(live: Engine, sqlite_url: str, tmp_path: Path) -> None:
    backup(live, tmp_path / "copy")
    with writing(live) as session:
        stopped = acquire(session, "here", 1, "", "migrator apply", ttl=0)
    restore(sqlite_url, tmp_path / "copy")
    with writing(live) as session:
        assert acquire(session, "here", 2, "", "migrator apply") > stopped
    with pytest.raises(LockedByAnotherRun), writing(live) as session:
        check(session, stopped)


@pytest.mark.parametrize("content", [b"", b"Dear Sir or Madam"])
def test_what_is_no_backup_is_refused(live: Engine, sqlite_url: str, tmp_path: Path, content: bytes) -> None:
    remember(live, "after")
    (tmp_path / "letter").write_bytes(content)
    with pytest.raises(UsageError, match="no backup"):
        restore(sqlite_url, tmp_path / "letter")
    with pytest.raises(UsageError, match="no file"):
        restore(sqlite_url, tmp_path / "missing")
    assert remembered(live) == "after"


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="needs PostgreSQL's pg_dump")
def test_a_postgresql_database_is_dumped_and_not_restored_by_us(postgres_url: str, tmp_path: Path) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    backup(engine, tmp_path / "dump")
    assert (tmp_path / "dump").read_bytes().startswith(b"PGDMP")
    assert stat.S_IMODE((tmp_path / "dump").stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="not restored"):
        restore(postgres_url, tmp_path / "dump")
    engine.dispose()
