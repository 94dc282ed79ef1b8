"""Copies of the database, and back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Engine

from migrator.errors import DatabaseNotReady, LockedByAnotherRun, TryAgainLater, UsageError
from migrator.store import lease
from migrator.store.engine import create_private_file, is_sqlite, open_engine, reading, writing
from migrator.store.schema import current, known_revisions


def backup(engine: Engine, path: Path) -> None:
    """Write a copy of the database to `path`, readable by its owner only; other processes may go on working.

    PostgreSQL is left to `pg_dump` (custom format). Raises `UsageError` when the file exists, or when
    `pg_dump` does not.
    """
    if path.exists():
        raise UsageError(f"The file {path} exists.", hint="Name a file that does not.")
    create_private_file(path)
    try:
        if is_sqlite(engine):
            _copy_sqlite(engine, path)
        else:
            _dump_postgres(engine.url, path)
    except BaseException:
        # Half a backup must not pass for one.
        path.unlink(missing_ok=True)
        raise


def restore(url: str, path: Path) -> None:
    """Put the backup `path` in the place of the SQLite database at `url`.

    Raises `LockedByAnotherRun` while a run is working, `UsageError` when `path` is no backup of this program,
    or for PostgreSQL, which has its own means.
    """
    engine = open_engine(url)
    try:
        if not is_sqlite(engine):
            raise UsageError(
                "A PostgreSQL database is not restored by this program.",
                hint="Use `pg_restore --single-transaction` into an empty database: deploy/README.md has the commands.",
            )
        _check_backup(path)
        epoch = _free_epoch(engine)
        with closing(engine.raw_connection()) as connection, closing(sqlite3.connect(path)) as source:
            target = connection.driver_connection
            assert isinstance(target, sqlite3.Connection)
            try:
                target.execute("PRAGMA query_only = OFF")
                source.backup(target)
            except sqlite3.Error as error:
                raise TryAgainLater(
                    f"The database could not be replaced: {error}.", hint="Stop what uses it, then try again."
                ) from error
        engine.dispose()
        # A run that was stopped before the restore must not find its old lease valid again.
        with writing(engine) as session:
            lease.outdate(session, epoch)
    finally:
        engine.dispose()


def _copy_sqlite(engine: Engine, path: Path) -> None:
    with closing(engine.raw_connection()) as connection:
        source = connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.execute("PRAGMA query_only = OFF")
        try:
            source.execute("VACUUM INTO ?", (str(path),))
        except sqlite3.Error as error:
            raise DatabaseNotReady(
                f"The backup could not be written to {path}: {error}.", hint="Check the space on its disk."
            ) from error


def _dump_postgres(url: URL, path: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise UsageError(
            "The program pg_dump was not found.",
            hint="Install PostgreSQL's client programs, or back up elsewhere.",
        )
    # The password goes through the environment: other users can see arguments.
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = url.password
    command = [program, "--format=custom", "--no-password", f"--file={path}", f"--dbname={address}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (a fixed program)
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        raise UsageError(
            f"pg_dump failed: {words[0] if words else f'exit {done.returncode}'}",
            hint="Its version must not be older than the server's.",
        )


def _check_backup(path: Path) -> None:
    """Make sure that `path` is a sound database of ours, of this version or an older one."""
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", hint="Name a file that `migrator db backup` wrote.")
    not_ours = UsageError(f"{path} is no backup of this program.", hint="Name a file that `migrator db backup` wrote.")
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise not_ours
    engine = open_engine(f"sqlite:///{path}")
    try:
        if current(engine) not in known_revisions():
            raise not_ours
        with reading(engine) as session:
            if session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
                raise UsageError(f"The backup {path} is damaged.", hint="Use an older one.")
    finally:
        engine.dispose()


def _free_epoch(engine: Engine) -> int:
    """The epoch of the lease in the database to be replaced; refuses while somebody works there."""
    if current(engine) is None:
        return 0
    with writing(engine) as session:
        found = lease.holder(session) or lease.holder(session, lease.Right.SERVE)
        if found is not None:
            raise LockedByAnotherRun(
                f"`{found.command}` (process {found.pid} on {found.host}) is working with this database.",
                hint="Stop it first.",
            )
        return lease.last_epoch(session)
