from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from migrator.core.listing import Listed
from migrator.core.model import SourceId
from migrator.store.engine import reading, writing
from migrator.store.listings import ListKind, SavedListing, last_changes, listed, load_listings, save_listing
from migrator.store.source import stage
from tests.unit.store.builders import a_time_entry, found, when

P1, P2 = SourceId(1), SourceId(2)
WHOLE = SavedListing(ListKind.TIME, P1, 3, when(30), whole_run=3, whole_at=when(30), records=17, expenses=2)


def saved(engine: Engine, kind: ListKind = ListKind.TIME) -> dict[SourceId, SavedListing]:
    with reading(engine) as session:
        return load_listings(session, kind)


def test_a_list_is_remembered_and_replaced(engine: Engine) -> None:
    with writing(engine) as session:
        save_listing(session, WHOLE)
        save_listing(session, replace(WHOLE, project_id=P2))
        save_listing(session, replace(WHOLE, kind=ListKind.TASKS))
    broken = replace(WHOLE, tried_run=4, tried_at=when(60), problem="the answer is cut off")
    with writing(engine) as session:
        save_listing(session, broken)
    assert saved(engine) == {P1: broken, P2: replace(WHOLE, project_id=P2)}
    assert saved(engine, ListKind.TASKS) == {P1: replace(WHOLE, kind=ListKind.TASKS)}


def test_a_list_that_failed_last_time_counts_as_never_read() -> None:
    assert listed(replace(WHOLE, problem="cut off"), when(1)) == Listed(None, when(1), 17)
    assert listed(None, None) == Listed()


def test_the_last_change_is_the_newest_of_what_was_noticed_and_what_records_tell() -> None:
    noticed = replace(WHOLE, changed_at=when(20))
    assert listed(noticed, when(10)) == Listed(when(30), when(20), 17)
    assert listed(noticed, when(25)) == Listed(when(30), when(25), 17)


def test_the_newest_moment_of_a_project_is_that_of_its_records(engine: Engine) -> None:
    with writing(engine) as session:
        stage(
            session,
            1,
            [
                found(a_time_entry(1, updated_on=when(1))),
                found(a_time_entry(2, updated_on=when(9))),
                found(a_time_entry(3, project=2)),
            ],
        )
    with reading(engine) as session:
        assert last_changes(session) == {P1: when(9)}
