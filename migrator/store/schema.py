"""The schema: created, checked and upgraded with Alembic, which is imported only when it has to work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

import migrator
from migrator.errors import DatabaseNotReady
from migrator.store.engine import Mode, is_sqlite, translated
from migrator.store.tables import Base

if TYPE_CHECKING:
    from alembic.config import Config

_HEAD = "0008"
# Kept here too, because asking Alembic at every start would cost half a second; a test compares the two.

_UPGRADE_LOCK = 0x6D696772
"""Any number that nobody else locks in the same PostgreSQL database."""


def head() -> str:
    """The revision that this version of the program works with."""
    return _HEAD


def current(engine: Engine) -> str | None:
    """The revision of the database; None when it has none."""
    with translated(), engine.connect() as connection:
        return _revision(connection)


def ensure_ready(engine: Engine) -> None:
    """Create the schema in an empty database; refuse one that this version cannot work with.

    Raises `DatabaseNotReady` for an older, newer or foreign schema.
    """
    with translated(), engine.connect() as connection:
        found = _revision(connection)
        # A downgrade to nothing leaves the table that says which revision it is.
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"} if found is None else set()
    if found == _HEAD:
        return
    if found is None and not tables:
        _create(engine)
        return
    if found is None:
        raise DatabaseNotReady(
            f"The database holds tables of something else ({', '.join(sorted(tables)[:3])}).",
            hint="Give this program a database of its own in the setting `database`.",
        )
    if found in known_revisions():
        raise DatabaseNotReady(
            f"The database has schema {found}; this version needs {_HEAD}.",
            hint="Make a backup with `migrator db backup`, then run `migrator db upgrade`.",
        )
    raise _unknown(found)


def _create(engine: Engine) -> None:
    """Create the schema of this version in an empty database, unless another process did so meanwhile.

    Without Alembic, which takes half a second and 10 MB; a test holds what comes of it against the migrations.
    """
    with _migrating(engine) as connection:
        if _revision(connection) is None:
            Base.metadata.create_all(connection)
            connection.execute(
                text(
                    "CREATE TABLE IF NOT EXISTS alembic_version"
                    " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
                )
            )
            connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": _HEAD})


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes the schema; a second process waits for its end."""
    with (
        translated(),
        engine.execution_options(mode=Mode.MIGRATE).connect() as connection,
        connection.begin(),
    ):
        if not is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        yield connection


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`, in one transaction; two processes at once wait for each other.

    Raises `DatabaseNotReady` for a schema that this version does not know.
    """
    from alembic import command  # noqa: PLC0415 (half a second)

    with _migrating(engine) as connection:
        found = _revision(connection)
        if found is not None and found not in known_revisions():
            raise _unknown(found)
        command.upgrade(configuration(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to `revision`; "base" removes every table and what is in it."""
    from alembic import command  # noqa: PLC0415 (half a second)

    with (
        translated(),
        engine.execution_options(mode=Mode.MIGRATE).connect() as connection,
        connection.begin(),
    ):
        command.downgrade(configuration(connection), revision)


def check(engine: Engine) -> tuple[str, ...]:
    """Everything about the database that is not as it should be, in words; empty when all is well.

    Compares the schema with the one this version declares; SQLite also checks its file and the foreign keys.
    """
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 (half a second)
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with translated(), engine.connect() as connection:
        found = _revision(connection)
        if found == _HEAD:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            problems = [f"schema differs: {_in_words(each)}" for each in compare_metadata(context, Base.metadata)]
        else:
            # What such a schema lacks is what the upgrade brings; listing it would hide the reason.
            problems = [f"schema {found} instead of {_HEAD}" if found else f"no schema yet, instead of {_HEAD}"]
        if is_sqlite(engine):
            problems += _file_problems(connection)
    return tuple(problems)


def check_quickly(engine: Engine) -> tuple[str, ...]:
    """What `check` finds without Alembic: the revision, missing tables, a damaged file."""
    with translated(), engine.connect() as connection:
        found = _revision(connection)
        problems = [] if found == _HEAD else [f"schema {found} instead of {_HEAD}"]
        missing = set(Base.metadata.tables) - set(inspect(connection).get_table_names())
        problems += [f"table {table} is missing" for table in sorted(missing)]
        if is_sqlite(engine):
            problems += _file_problems(connection)
    return tuple(problems)


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for work on `connection`."""
    from alembic.config import Config  # noqa: PLC0415 (half a second)

    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def known_revisions() -> tuple[str, ...]:
    """Every revision this version knows, newest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (half a second)

    return tuple(script.revision for script in ScriptDirectory(str(_scripts())).walk_revisions())


def _in_words(difference: Any) -> str:  # Alembic's tuples: a word, then names, tables and columns; or a list of these
    """What an upgrade would do about a difference, such as "add index ix_work_order"."""
    if isinstance(difference, list):
        return "; ".join(map(_in_words, difference))
    word, *parts = difference
    names = [part if isinstance(part, str) else getattr(part, "name", None) for part in parts]
    return " ".join([word.replace("_", " "), *filter(None, names)])


def _unknown(found: str) -> DatabaseNotReady:
    return DatabaseNotReady(
        f"The database has schema {found}, which this version does not know; it knows up to {_HEAD}.",
        hint="Use the newer version of the program that wrote it, or another database.",
    )


def _scripts() -> Path:
    # Installed, the migrations are part of the package; in a checkout they lie beside it.
    installed = find_spec("migrator.migrations")
    if installed is not None and installed.origin is not None:
        return Path(installed.origin).parent
    return Path(migrator.__file__).parent.parent / "migrations"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _file_problems(connection: Connection) -> list[str]:
    found = [f"file: {row[0]}" for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    for table, row_id, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
        found.append(f"table {table}, row {row_id}: what it refers to in {parent} is missing")
    return found
