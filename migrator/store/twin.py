"""A twin of the database: a copy as a SQLite file, wherever the original lives, to try things on."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, insert, select

from migrator.store import lease
from migrator.store.backup import backup
from migrator.store.engine import is_sqlite, open_engine, reading, writing
from migrator.store.rows import PAGE
from migrator.store.schema import ensure_ready
from migrator.store.tables import Base


def make_twin(engine: Engine, path: Path) -> Engine:
    """Copy everything into a new SQLite file at `path`, as of one moment, and open it; its lease is free.

    The original is only read. Raises `UsageError` when the file exists, `DatabaseNotReady` without room for it.
    """
    if is_sqlite(engine):
        backup(engine, path)
        twin = open_engine(f"sqlite:///{path}")
    else:
        twin = open_engine(f"sqlite:///{path}")
        ensure_ready(twin)
        _copy_rows(engine, twin)
    with writing(twin) as session:
        # Whoever works with the original does not work with its twin.
        lease.outdate(session, lease.last_epoch(session))
    return twin


def _copy_rows(engine: Engine, twin: Engine) -> None:
    """Row by row, in an order in which what is referred to comes first."""
    with reading(engine) as source, writing(twin) as target:
        for table in Base.metadata.sorted_tables:
            rows = source.execute(select(table).execution_options(yield_per=PAGE))
            for page in rows.mappings().partitions(PAGE):
                target.execute(insert(table), [dict(row) for row in page])
