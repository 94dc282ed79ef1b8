from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from migrator.errors import DatabaseNotReady
from migrator.store.engine import open_engine, writing
from migrator.store.schema import (
    check,
    configuration,
    current,
    downgrade,
    ensure_ready,
    head,
    known_revisions,
    upgrade,
)


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without any table."""
    engine = open_engine(request.getfixturevalue(request.param))
    yield engine
    engine.dispose()


def test_the_migrated_schema_is_the_declared_one(empty: Engine) -> None:
    upgrade(empty)
    assert check(empty) == ()


def test_a_new_database_is_the_same_as_a_migrated_one(empty: Engine) -> None:
    ensure_ready(empty)
    assert current(empty) == head()
    assert check(empty) == ()
    created = _outline(empty)
    downgrade(empty, "base")
    upgrade(empty)
    assert _outline(empty) == created


def _outline(engine: Engine) -> dict[str, object]:
    """Every table with its columns, keys and indexes, in words that both databases have."""
    seen = inspect(engine)
    return {
        table: (
            sorted((each["name"], str(each["type"]), each["nullable"]) for each in seen.get_columns(table)),
            seen.get_pk_constraint(table),
            sorted(str(sorted(each.items(), key=str)) for each in seen.get_indexes(table)),
            sorted(str(each["name"]) for each in seen.get_foreign_keys(table)),
        )
        for table in seen.get_table_names()
    }


def test_the_schema_goes_up_and_down_and_up_again(empty: Engine) -> None:
    upgrade(empty)
    downgrade(empty, "base")
    assert set(inspect(empty).get_table_names()) == {"alembic_version"}
    upgrade(empty)
    assert current(empty) == head()
    assert check(empty) == ()


def test_every_revision_is_reached_step_by_step(empty: Engine) -> None:
    for revision in reversed(known_revisions()):
        upgrade(empty, revision)
        assert current(empty) == revision


def test_the_head_that_is_written_down_is_the_newest_revision(empty: Engine) -> None:
    with empty.connect() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
    assert scripts.get_heads() == [head()]


def test_an_empty_database_gets_the_schema_at_once(empty: Engine) -> None:
    assert current(empty) is None
    ensure_ready(empty)
    assert current(empty) == head()
    ensure_ready(empty)


def test_a_failed_upgrade_leaves_nothing_behind(empty: Engine) -> None:
    with writing(empty) as session:
        # The last table that the first revision creates is in its way.
        session.execute(text("CREATE TABLE inbox (something INTEGER)"))
    with pytest.raises(Exception, match="inbox"):
        upgrade(empty)
    assert inspect(empty).get_table_names() == ["inbox"]


def test_a_database_of_something_else_is_refused(empty: Engine) -> None:
    with writing(empty) as session:
        session.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(DatabaseNotReady, match="invoices"):
        ensure_ready(empty)
    assert inspect(empty).get_table_names() == ["invoices"]


def test_a_schema_of_an_unknown_version_is_refused(empty: Engine) -> None:
    upgrade(empty)
    with writing(empty) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNotReady, match="9999"):
        ensure_ready(empty)


def test_a_column_too_many_or_too_few_is_found(empty: Engine) -> None:
    upgrade(empty)
    with writing(empty) as session:
        session.execute(text("ALTER TABLE links ADD COLUMN surprise INTEGER"))
        session.execute(text("DROP INDEX ix_source_rejects_document"))
    found = " ".join(check(empty))
    assert "surprise" in found
    assert "ix_source_rejects_document" in found


def test_a_missing_schema_is_reported_not_raised(empty: Engine) -> None:
    assert check(empty) == (f"no schema yet, instead of {head()}",)


def test_two_processes_may_create_the_schema_at_once(empty: Engine) -> None:
    failures: list[BaseException] = []

    def prepare() -> None:
        try:
            ensure_ready(empty)
        except BaseException as failure:
            failures.append(failure)
            raise

    # Imports Alembic first, which cannot be imported twice at once.
    known_revisions()
    threads = [threading.Thread(target=prepare) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert check(empty) == ()


def test_a_broken_reference_is_found_in_a_sqlite_file(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    # Without our settings SQLite does not look at foreign keys.
    with closing(sqlite3.connect(tmp_path / "migrator.sqlite")) as careless:
        careless.execute("INSERT INTO plan_actions VALUES (7, 1, 'create', '', '', '', 0)")
        careless.commit()
    assert check(engine) == ("table plan_actions, row 1: what it refers to in plans is missing",)
    engine.dispose()
