"""Opening the database, and the two kinds of transaction everything else runs in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import assert_never

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from migrator.errors import DatabaseNotReady, DatabaseUnreachable, MigratorError, TryAgainLater, UsageError
from migrator.store.interrupts import undisturbed

# Older versions can corrupt a WAL database that several connections write to (release notes of 3.51.3).
_WAL_IS_SAFE_SINCE = (3, 51, 3)

_CONNECT_SECONDS = 10

_HEARD = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30_000}
"""A server that is not even heard of for half a minute is gone; a lost network would else be waited for by the hour."""

BUSY_SECONDS = 30
"""For how long a transaction waits for another one, on both databases."""

APPLICATION = "migrator"
"""Under which name PostgreSQL lists our connections."""

_CACHED_STATEMENTS = 16
"""Python's driver would keep 128: those that name a thousand ids hold 140 kB each, one for every number of ids."""

_RETRY = "Run the same command again."

# The low byte of an extended code is the kind of error.
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

_SQLITE_UNUSABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}

_POSTGRES_TRANSIENT = {"40001", "40P01", "55P03"}
"""Serialization failure, deadlock, lock not available."""

_POSTGRES_FORBIDDEN = {"42501", "3F000"}
"""No right to it; no schema to create tables in. Since PostgreSQL 15 only its owner may create tables in `public`."""


_SQLITE_CLOCK = select(text("(julianday('now') - 2440587.5) * 86400.0"))
_POSTGRES_CLOCK = select(text("extract(epoch from clock_timestamp())"))


class Mode(Enum):
    """What a transaction is for; on SQLite it decides how the transaction begins."""

    READ = "read"
    WRITE = "write"
    MIGRATE = "migrate"


def open_engine(url: str) -> Engine:
    """Open the database at `url` (`sqlite:///file` or `postgresql://…`).

    A SQLite file is created when missing and readable by its owner only. Raises `DatabaseUnreachable` when its
    folder cannot be used or the server cannot be reached, `UsageError` when the address makes no sense.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_postgres(parsed)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A read-only transaction with one consistent view, rolled back at the end."""
    if is_sqlite(engine):
        bind = engine.execution_options(mode=Mode.READ)
    else:
        bind = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with undisturbed(), translated(), Session(bind) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A transaction that may write: committed at the end, rolled back when an exception passes.

    Raises `TryAgainLater` when somebody else holds the database for longer than 30 seconds.
    """
    bind = engine.execution_options(mode=Mode.WRITE)
    with undisturbed(), translated(), Session(bind) as session, session.begin():
        yield session


def impatient(engine: Engine, seconds: float) -> Engine:
    """The same database, for who would rather hear that others hold what is asked for than wait for it any longer."""
    return engine.execution_options(patience=seconds)


def now(session: Session) -> float:
    """The database's clock in seconds since 1970, finer than a millisecond; it moves within a transaction."""
    clock = _SQLITE_CLOCK if is_sqlite(session.get_bind().engine) else _POSTGRES_CLOCK
    return float(session.execute(clock).scalar_one())


def is_sqlite(engine: Engine) -> bool:
    """Whether the database is SQLite; the only other one is PostgreSQL."""
    return engine.dialect.name == "sqlite"


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's exceptions that are nobody's mistake into ours."""
    try:
        yield
    except DBAPIError as error:
        ours = _translate(error)
        if ours is None:
            raise
        raise ours from error


def _translate(error: DBAPIError) -> MigratorError | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(cause)
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES_FORBIDDEN:
        return DatabaseNotReady(
            f"PostgreSQL does not let this role work in its database: {str(cause).splitlines()[0]}.",
            hint="Make the role of the setting `database` the owner of its database: ALTER DATABASE … OWNER TO …",
        )
    if state in _POSTGRES_TRANSIENT:
        return TryAgainLater("Another process changed the same rows of the database.", hint=_RETRY)
    if error.connection_invalidated:
        return TryAgainLater("The connection to the database was lost.", hint=_RETRY)
    if isinstance(error, OperationalError) and _is_gone(cause):
        return TryAgainLater("The database cannot be reached.", hint=_RETRY)
    return None


def _is_gone(cause: BaseException | None) -> bool:
    """Whether a server refuses connections, or is going down or coming up: without a state, or one of its classes."""
    state = getattr(cause, "sqlstate", None)
    return state is None or state[:2] in {"08", "57"} or state == "53300"


def _translate_sqlite(cause: sqlite3.Error) -> MigratorError | None:
    words = str(cause)
    if cause.sqlite_errorcode & 0xFF in _SQLITE_BUSY:
        return TryAgainLater("Another process holds the database for too long.", hint=_RETRY)
    if cause.sqlite_errorcode & 0xFF in _SQLITE_UNUSABLE:
        return DatabaseUnreachable(
            f"The database file cannot be used: {words}.",
            hint="Check its disk and permissions, or restore a backup with `migrator db restore`.",
        )
    return None


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The address itself is not shown: it may hold a password.
        raise UsageError(
            "The address of the database cannot be understood.",
            hint="Use sqlite:///folder/file.sqlite or postgresql://user:password@host/database.",
        ) from None
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise UsageError(
            f"A database of kind {backend!r} is not supported.",
            hint="Use sqlite:///… or postgresql://….",
        )
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise UsageError(
            "The SQLite database must be a file: its memory keeps records from being booked twice.",
            hint="Use sqlite:///folder/file.sqlite.",
        )
    return parsed.set(drivername="sqlite+pysqlite")


# -- SQLite --------------------------------------------------------------------------------------------------


def _open_sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    create_private_file(path)
    settings = {"timeout": BUSY_SECONDS, "cached_statements": _CACHED_STATEMENTS}
    engine = create_engine(url, hide_parameters=True, connect_args=settings)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    with translated(), engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM sqlite_master"))
    return engine


def create_private_file(path: Path) -> None:
    """Create `path` when missing and let only its owner use it; raises `DatabaseUnreachable` when that fails."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        # Mostly a command was typed as root, and the file it made belongs to root.
        foreign = "Run this as the user that owns it, or give it to the user that runs it (chown)."
        missing = "Create its folder, or give another address in the setting `database`."
        raise DatabaseUnreachable(
            f"The database file {path} cannot be used: {error.strerror}.",
            hint=foreign if isinstance(error, PermissionError) else missing,
        ) from error


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # Otherwise Python's driver begins transactions late and commits before schema changes.
    connection.isolation_level = None
    journal = "WAL" if sqlite3.sqlite_version_info >= _WAL_IS_SAFE_SINCE else "TRUNCATE"
    for setting in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {setting}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    mode: Mode = options.get("mode", Mode.READ)
    patience: float = options.get("patience", BUSY_SECONDS)
    # All settings stay with the pooled connection, so each beginning sets them.
    match mode:
        case Mode.READ:
            statements = ("PRAGMA query_only = ON", "PRAGMA foreign_keys = ON", "BEGIN")
        case Mode.WRITE:
            # A reader that turns writer fails at once, whatever the busy timeout; so writers say so first.
            statements = ("PRAGMA query_only = OFF", "PRAGMA foreign_keys = ON", "BEGIN IMMEDIATE")
        case Mode.MIGRATE:
            # SQLite changes tables by copying them, which foreign keys would forbid.
            statements = ("PRAGMA query_only = OFF", "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE")
        case _:
            assert_never(mode)
    for statement in (f"PRAGMA busy_timeout = {round(patience * 1000)}", *statements):
        connection.exec_driver_sql(statement)


# -- PostgreSQL ----------------------------------------------------------------------------------------------


def _open_postgres(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _CONNECT_SECONDS, **_HEARD},
        )
    except ModuleNotFoundError as error:
        raise UsageError(
            "PostgreSQL needs a driver that is not installed.",
            hint="Install it with `pip install migrator[postgres]`.",
        ) from error
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "begin", _begin_postgres)
    try:
        engine.connect().close()
    except DBAPIError as error:
        # Several lines, with what happened in the first one and what it may mean in the last.
        reason = " ".join(str(error.orig).split()) or "no answer"
        words = reason.replace(url.password, "***") if url.password else reason
        raise DatabaseUnreachable(
            f"The database {url.render_as_string(hide_password=True)} cannot be reached: {words}",
            hint="Check that the server runs, and its name, user and password in the setting `database`.",
        ) from None
    return engine


def _prepare_postgres(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # It would wait for a lock without end. Set here, because poolers refuse most settings at the beginning.
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    cursor.execute(f"SET application_name = '{APPLICATION}'")
    cursor.close()
    connection.commit()


def _begin_postgres(connection: Connection) -> None:
    patience: float | None = connection.get_execution_options().get("patience")
    if patience is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(patience * 1000)}")
