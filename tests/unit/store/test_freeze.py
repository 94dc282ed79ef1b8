from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from migrator.core.listing import Fate
from migrator.core.model import FoundEntry, Origin, SourceId
from migrator.store import fates, freeze, runs
from migrator.store.engine import reading, writing
from migrator.store.freeze import Freeze
from migrator.store.listings import ListKind, SavedListing, save_listing
from migrator.store.source import stage
from tests.unit.store.builders import a_reject, a_time_entry, when

EARLY, FROZEN = when(1), when(60)
FREEZE = Freeze(FROZEN, date(2026, 1, 2), first_run=2)


def a_record(
    id_: int,
    *,
    user: int = 1,
    project: int = 1,
    day: date = date(2025, 12, 1),
    created: datetime | None = EARLY,
    updated: datetime | None = EARLY,
    seconds: int = 3600,
) -> FoundEntry:
    """A record as ActiveCollab lists it."""
    entry = a_time_entry(id_, user=user, project=project, day=day, seconds=seconds, updated_on=updated)
    return FoundEntry(replace(entry, created_on=created), Origin("api:projects/1/time", id_))


def staged(engine: Engine, run: int, *records: FoundEntry) -> None:
    with writing(engine) as session:
        stage(session, run, records)


def test_each_late_record_is_counted_once_with_how_it_is_known(engine: Engine) -> None:
    late = FROZEN + timedelta(minutes=1)
    quiet, vanishing = a_record(1), a_record(7)
    staged(engine, 1, quiet, vanishing)
    # The first reading after the freeze: what it shows first may be from right before it.
    staged(engine, 2, quiet, vanishing, a_record(2), a_record(3, created=late, updated=late, seconds=1800))
    staged(engine, 2, a_record(4, updated=late, user=2), a_record(5, created=None, updated=None))
    staged(engine, 3, quiet, a_record(6, project=2), a_record(8, day=date(2026, 1, 2), user=2, seconds=60))
    with writing(engine) as session:
        fates.settle(session, 3, [SourceId(7)], Fate.DELETED, "404")
        stage(session, 3, [a_reject(9, updated_on=late), a_reject(10, updated_on=when(1))])
    with reading(engine) as session:
        assert freeze.sum_late(session, FREEZE) == {
            "booked": (1, 1800),
            "changed": (1, 3600),
            "appeared": (2, 3660),
            "vanished": (1, 3600),
        }
        assert [(each.id, each.records, each.seconds) for each in freeze.late_by_person(session, FREEZE)] == [
            (1, 3, 9000),
            (2, 2, 3660),
        ]
        assert [(each.id, each.records) for each in freeze.late_by_project(session, FREEZE)] == [(1, 4), (2, 1)]
        assert [each.source_id for each in freeze.list_late(session, FREEZE, 3)] == [8, 3, 4]
        assert freeze.count_late_rejects(session, FREEZE) == 1
        # Nothing tells whether record 5 is older.
        assert freeze.count_untold(session, FREEZE) == 1


def test_a_day_behind_the_freeze_is_late_though_booked_before(engine: Engine) -> None:
    staged(engine, 2, a_record(1, day=date(2026, 1, 1)), a_record(2, day=date(2026, 1, 2)))
    with reading(engine) as session:
        assert [(each.source_id, each.why) for each in freeze.list_late(session, FREEZE, 9)] == [(2, "dated")]


def test_readings_count_from_their_beginning_and_only_when_they_came_to_their_end(engine: Engine) -> None:
    with writing(engine) as session:
        ended = [("read", 10, 0), ("read", 59, 0), ("read", 61, 5), ("plan", 62, 0), ("sync", 63, 7), ("read", 64, 3)]
        for kind, begun, code in ended:
            run = runs.start_run(session, kind, when(begun))
            runs.finish_run(session, run, when(begun + 1), exit_code=code)
        runs.start_run(session, "read", when(70))
    with reading(engine) as session:
        assert [each.run for each in freeze.readings(session, FROZEN)] == [5, 6]
        last = freeze.last_reading(session)
        assert last is not None
        assert (last.run, last.started_at) == (6, when(64))


def test_projects_that_were_not_read_since_are_counted(engine: Engine) -> None:
    with writing(engine) as session:
        for project, read_at in ((1, when(61)), (2, when(59)), (3, None)):
            save_listing(session, SavedListing(ListKind.TIME, SourceId(project), 1, when(61), 1, read_at))
        save_listing(session, SavedListing(ListKind.PEOPLE, SourceId(0), 1, when(1), 1, when(1)))
    with reading(engine) as session:
        assert freeze.projects_unread(session, FROZEN) == 2
        assert freeze.read_whole_since(session) == when(59)
