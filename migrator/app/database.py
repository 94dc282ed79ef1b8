"""`db`: the schema, and copies of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.app.answer import Answer
from migrator.app.config import Config
from migrator.errors import DatabaseNotReady, ExitCode
from migrator.store import account, schema
from migrator.store import backup as copies
from migrator.store.engine import open_engine, writing

if TYPE_CHECKING:
    from sqlalchemy import Engine

BACKUP_MADE = "backup_made_at"
"""The fact when the database was last copied by `db backup`."""


def upgrade(config: Config) -> Answer:
    """Bring the schema to the one of this version."""
    with _opened(config) as engine:
        before = schema.current(engine)
        schema.upgrade(engine)
        after = schema.current(engine)
    verdict = (
        f"The schema is at {after}." if before == after else f"The schema went from {before or 'nothing'} to {after}."
    )
    return _answer("migrator.db.upgrade/1", verdict, before=before, revision=after)


def current(config: Config) -> Answer:
    """The revision of the database, and the one of this version."""
    with _opened(config) as engine:
        found, head = schema.current(engine), schema.head()
    verdict = f"The database is at {found or 'nothing yet'}; this version needs {head}."
    code = ExitCode.DONE if found == head else ExitCode.DATABASE
    return _answer("migrator.db.current/1", verdict, code, revision=found, head=head)


def check(config: Config) -> Answer:
    """Compare the database with what it should be. Raises `DatabaseNotReady` naming every difference."""
    with _opened(config) as engine:
        problems = schema.check(engine)
    if problems:
        raise DatabaseNotReady(
            "the database is not what it should be: " + "; ".join(problems),
            hint="`migrator db upgrade` brings an older schema up to date; otherwise restore a backup",
        )
    return _answer("migrator.db.check/1", "The database is what it should be.", problems=[])


def backup(config: Config, file: Path) -> Answer:
    """Write a copy of the database to a new file, readable by its owner only."""
    with _opened(config) as engine:
        copies.backup(engine, file)
        if schema.current(engine) == schema.head():
            # An older schema is left as it is until it is upgraded.
            with writing(engine) as session:
                account.learn(session, BACKUP_MADE, datetime.now(UTC).isoformat(), datetime.now(UTC))
    return _answer("migrator.db.backup/1", f"The database was copied to {file}.", file=str(file))


def restore(config: Config, file: Path) -> Answer:
    """Put a copy in the place of the database."""
    copies.restore(config.database.address, file)
    return _answer("migrator.db.restore/1", f"The database is now what {file} holds.", file=str(file))


@contextmanager
def _opened(config: Config) -> Iterator[Engine]:
    """The database as it is, whatever its schema."""
    engine = open_engine(config.database.address)
    try:
        yield engine
    finally:
        engine.dispose()


def _answer(schema_name: str, verdict: str, code: ExitCode = ExitCode.DONE, **facts: object) -> Answer:
    return Answer(verdict, {"schema": schema_name, "verdict": verdict, **facts, "exit_code": int(code)}, code)
