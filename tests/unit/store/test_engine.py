from __future__ import annotations

import gc
import os
import sqlite3
import stat
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from migrator.errors import DatabaseNotReady, DatabaseUnreachable, TryAgainLater, UsageError
from migrator.store.account import fact, learn
from migrator.store.engine import impatient, is_sqlite, now, open_engine, reading, writing

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_what_was_written_is_read_again(engine: Engine) -> None:
    with writing(engine) as session:
        learn(session, "bulk", "proved", WHEN)
    with reading(engine) as session:
        assert fact(session, "bulk") == "proved"


def test_an_exception_takes_back_everything_written_before_it(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as session:
            learn(session, "bulk", "proved", WHEN)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with reading(engine) as session:
        assert fact(session, "bulk") is None


def test_a_reading_transaction_cannot_write(engine: Engine) -> None:
    def write() -> None:
        with reading(engine) as session:
            learn(session, "bulk", "proved", WHEN)

    # SQLite calls it a read-only database, PostgreSQL a read-only transaction.
    with pytest.raises((DatabaseNotReady, DBAPIError)):
        write()
    with writing(engine) as session:
        assert fact(session, "bulk") is None


def test_the_database_tells_the_time_in_seconds_since_1970(engine: Engine) -> None:
    before = time.time()
    with reading(engine) as session:
        told = [now(session) for _ in range(50)]
    assert before - 1 < told[0] <= told[-1] < time.time() + 1
    assert any(moment != int(moment) for moment in told)


def test_only_a_few_statements_stay_prepared(tmp_path: Path) -> None:
    # Each that names a thousand ids is 140 kB inside SQLite, and one for 999 ids is another statement.
    opened = open_engine(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    gc.collect()
    before = _prepared_statements()
    with reading(opened) as session:
        for ids in range(1, 60):
            session.connection().exec_driver_sql("SELECT " + ", ".join(["?"] * ids), (1,) * ids).fetchall()
        gc.collect()
        kept = _prepared_statements() - before
    opened.dispose()
    assert 0 < kept <= 20


def _prepared_statements() -> int:
    return sum(type(each).__module__ == "sqlite3" and type(each).__name__ == "Statement" for each in gc.get_objects())


def test_a_mistake_of_ours_is_not_taken_for_a_busy_database(engine: Engine) -> None:
    def double() -> None:
        with writing(engine) as session:
            for _ in range(2):
                session.execute(text("INSERT INTO undone VALUES (1, 1, '2026-01-01 00:00:00')"))

    with pytest.raises(IntegrityError):
        double()


def test_two_writers_take_turns(engine: Engine) -> None:
    def count() -> None:
        for _ in range(10):
            with writing(engine) as session:
                if not is_sqlite(engine):
                    session.execute(text("LOCK TABLE facts"))
                learn(session, "count", str(int(fact(session, "count") or 0) + 1), WHEN)

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert fact(session, "count") == "30"


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "open.sqlite"
    path.touch(mode=0o644)
    open_engine(f"sqlite:///{path}").dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_file_is_its_owners_only(sqlite_url: str, tmp_path: Path) -> None:
    open_engine(sqlite_url).dispose()
    assert stat.S_IMODE((tmp_path / "migrator.sqlite").stat().st_mode) == 0o600


def test_writes_on_sqlite_are_durable_and_deletions_leave_no_trace(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("synchronous", "secure_delete", "foreign_keys", "busy_timeout", "journal_mode")
        }
    engine.dispose()
    journal = "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "truncate"
    assert settings == {
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "journal_mode": journal,
    }


def test_a_database_that_stays_locked_says_try_again_to_who_is_impatient(engine: Engine) -> None:
    hurried = impatient(engine, 0.001)
    with reading(hurried) as session:
        assert fact(session, "bulk") is None
    with writing(engine) as session:
        if is_sqlite(engine):
            # Readers are kept out by the last step of a commit only.
            learn(session, "bulk", "proved", WHEN)
            asking = writing(hurried)
        else:
            session.execute(text("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE"))
            asking = reading(hurried)
        with pytest.raises(TryAgainLater, match=r"holds the database|changed the same rows"), asking as other:
            fact(other, "bulk")
    with reading(engine) as session:
        assert session.scalar(text("PRAGMA busy_timeout" if is_sqlite(engine) else "SHOW lock_timeout")) in (
            30_000,
            "30s",
        )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="nowhere"):
        open_engine(f"sqlite:///{tmp_path}/nowhere/migrator.sqlite")


def test_a_file_that_belongs_to_somebody_else_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "migrator.sqlite"
    path.touch(mode=0)
    before = os.geteuid()
    if before == 0:
        # Root may open everything.
        os.seteuid(65534)
    try:
        with pytest.raises(DatabaseNotReady, match="Permission denied") as caught:
            open_engine(f"sqlite:///{path}")
    finally:
        os.seteuid(before)
    assert "chown" in caught.value.hint


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.sqlite"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(DatabaseNotReady, match="not a database"):
        open_engine(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgres", "://"])
def test_an_address_that_cannot_be_used_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        open_engine(url)


def test_a_server_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady) as caught:
        open_engine(f"postgresql://jo:s3cret@/books?host={tmp_path}")
    assert "books" in caught.value.message
    # libpq says what happened in its first line, and asks what it may mean in the second.
    assert "No such file or directory Is the server running" in caught.value.message
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("place", "words"),
    [("ROLE = pg_monitor", "permission denied for schema public"), ("search_path = ''", "no schema has been selected")],
)
def test_a_database_in_which_the_role_may_create_nothing_is_named_with_what_to_do(
    postgres_url: str, place: str, words: str
) -> None:
    engine = open_engine(postgres_url)

    def create() -> None:
        with writing(engine) as session:
            session.execute(text(f"SET LOCAL {place}"))
            session.execute(text("CREATE TABLE runs (id int)"))

    with pytest.raises(DatabaseNotReady, match=words) as caught:
        create()
    # Nobody waits for it, as for a server that is away.
    assert not isinstance(caught.value, DatabaseUnreachable)
    assert "OWNER TO" in caught.value.hint
    engine.dispose()


def test_an_unreadable_address_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        open_engine("postgresql+psycopg//jo:s3cret@host/books")
    assert "s3cret" not in str(caught.value)
