from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, func, select

from migrator.store import account, lease, runs
from migrator.store.engine import reading, writing
from migrator.store.lease import acquire
from migrator.store.links import NewLink, links_of, put_links
from migrator.store.source import stage
from migrator.store.tables import Base
from migrator.store.twin import make_twin
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, a_time_entry, an_activity, found


def test_a_twin_holds_everything_and_is_free_while_the_original_is_taken(engine: Engine, tmp_path: Path) -> None:
    entry = an_activity(7, a_booking(1))
    with writing(engine) as session:
        account.bind(session, INSTANCE, "kunde", WHEN)
        run = runs.start_run(session, "read", WHEN)
        stage(session, run, [found(a_time_entry(1, text="Gerät")), found(a_time_entry(2, updated_on=WHEN))])
        put_links(session, [NewLink(a_time_entry(1).id, entry.booking, entry)], run, WHEN)
        acquire(session, "elsewhere", 1, "", "apply 1")
    twin = make_twin(engine, tmp_path / "twin.db")
    assert counts(twin) == counts(engine)
    with reading(engine) as session, reading(twin) as other:
        assert links_of(other, [a_time_entry(1).id]) == links_of(session, [a_time_entry(1).id])
        assert (lease.holder(session) is None, lease.holder(other)) == (False, None)
    with writing(twin) as session:
        # Numbers go on where they were.
        assert runs.start_run(session, "plan", WHEN) == run + 1
    twin.dispose()


def counts(engine: Engine) -> dict[str, int]:
    """How many rows each table holds."""
    with reading(engine) as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
