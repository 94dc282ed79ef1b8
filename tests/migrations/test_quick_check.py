"""The check of the schema that `doctor` can afford."""

from __future__ import annotations

from sqlalchemy import text

from migrator.store.engine import open_engine, writing
from migrator.store.schema import check_quickly, known_revisions


def test_a_missing_table_and_another_revision_are_named(database_url: str) -> None:
    engine = open_engine(database_url)
    assert check_quickly(engine) == ()
    with writing(engine) as session:
        session.execute(text("DROP TABLE facts"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert check_quickly(engine) == (f"schema 0001 instead of {known_revisions()[0]}", "table facts is missing")
    engine.dispose()
