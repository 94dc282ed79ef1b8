from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Engine

from migrator.core.model import (
    MocoId,
    SourceId,
    TargetCompany,
    TargetContract,
    TargetProject,
    TargetTask,
    TargetUser,
)
from migrator.store.engine import reading, writing
from migrator.store.source import stage
from migrator.store.target import (
    RANGE,
    TargetKind,
    add_masters,
    begin_scan,
    count_in_range,
    entries_by_id,
    entries_marked,
    finish_scan,
    forget,
    last_look,
    load_target_masters,
    orphan_markers,
    save_masters,
    store_entries,
)
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, a_time_entry, an_activity, found, when

JANUARY = date(2020, 1, 1), date(2020, 1, 31)


def test_an_activity_is_given_back_as_moco_showed_it(engine: Engine) -> None:
    shown = an_activity(5, a_booking(7, description="Müller"), billed=True)
    with writing(engine) as session:
        store_entries(session, [an_activity(5, a_booking(7)), shown], INSTANCE)
        assert entries_marked(session, [SourceId(7), SourceId(8)]) == {7: (shown,)}
        assert entries_by_id(session, [MocoId(5), MocoId(6)]) == {5: shown}


def test_only_markers_of_our_instance_are_ours(engine: Engine) -> None:
    others = [a_booking(7, marker="ac:other:7"), a_booking(7, marker=""), a_booking(7, marker="ticket 7")]
    with writing(engine) as session:
        store_entries(session, [an_activity(i, each) for i, each in enumerate(others)], INSTANCE)
        assert entries_marked(session, [SourceId(7)]) == {}


def test_a_complete_listing_takes_out_what_it_did_not_show(engine: Engine) -> None:
    inside = [an_activity(i, a_booking(i, day=date(2020, 1, 31))) for i in (1, 2)]
    outside = an_activity(3, a_booking(3, day=date(2020, 2, 1)))
    with writing(engine) as session:
        store_entries(session, [*inside, outside], INSTANCE)
        scan = begin_scan(session, 2, RANGE, started_at=WHEN, day_from=JANUARY[0], day_to=JANUARY[1])
        store_entries(session, inside[:1], INSTANCE, scan_id=scan)
        assert finish_scan(session, scan, rows=1, pages=1, complete=True) == 1
        assert count_in_range(session, *JANUARY) == 1
        assert set(entries_by_id(session, [MocoId(i) for i in (1, 2, 3)])) == {1, 3}


def test_a_listing_takes_out_nothing_that_was_shown_to_others_meanwhile(engine: Engine) -> None:
    early, late = (an_activity(i, a_booking(i, day=date(2020, 1, 31))) for i in (1, 2))
    with writing(engine) as session:
        ours = begin_scan(session, 1, RANGE, started_at=WHEN, day_from=JANUARY[0], day_to=JANUARY[1])
        theirs = begin_scan(session, 2, RANGE, started_at=WHEN, day_from=JANUARY[0], day_to=JANUARY[1])
        store_entries(session, [early], INSTANCE, scan_id=theirs)
        store_entries(session, [early], INSTANCE, scan_id=ours)
        store_entries(session, [late], INSTANCE)
        assert finish_scan(session, theirs, rows=1, pages=1, complete=True) == 0
        assert finish_scan(session, ours, rows=1, pages=1, complete=True) == 0
        assert count_in_range(session, *JANUARY) == 2


def test_an_incomplete_listing_takes_nothing_out(engine: Engine) -> None:
    with writing(engine) as session:
        store_entries(session, [an_activity(1, a_booking(1, day=JANUARY[0]))], INSTANCE)
        scan = begin_scan(session, 2, RANGE, started_at=WHEN, day_from=JANUARY[0], day_to=JANUARY[1])
        assert finish_scan(session, scan, rows=0, pages=0, complete=False) == 0
        changes = begin_scan(session, 2, "changes", started_at=WHEN, day_from=JANUARY[0], day_to=JANUARY[1])
        assert finish_scan(session, changes, rows=0, pages=1, complete=True) == 0
        assert count_in_range(session, *JANUARY) == 1


def test_the_snapshot_is_whole_up_to_the_earlier_of_our_look_and_mocos_newest_change(engine: Engine) -> None:
    with writing(engine) as session:
        for complete in (False, True):
            assert last_look(session) is None
            scan = begin_scan(session, 1, RANGE, started_at=when(60), day_from=JANUARY[0], day_to=JANUARY[1])
            finish_scan(session, scan, rows=0, pages=1, complete=complete)
        assert last_look(session) == when(60)
        store_entries(session, [replace(an_activity(1, a_booking(1)), updated_at=when(10))], INSTANCE)
        assert last_look(session) == when(10)
        store_entries(session, [replace(an_activity(1, a_booking(1)), updated_at=when(90))], INSTANCE)
        assert last_look(session) == when(60)


def test_markers_without_a_staged_record_are_found_in_pages(engine: Engine) -> None:
    with writing(engine) as session:
        stage(session, 1, [found(a_time_entry(2))])
        store_entries(session, [an_activity(i * 10, a_booking(i)) for i in range(1, 6)], INSTANCE)
        first = orphan_markers(session, size=2)
        second = orphan_markers(session, first[-1].id, size=2)
        assert [each.id for each in (*first, *second)] == [10, 30, 40, 50]
        assert orphan_markers(session, second[-1].id, size=2) == ()


def test_a_forgotten_activity_is_no_longer_in_the_snapshot(engine: Engine) -> None:
    with writing(engine) as session:
        store_entries(session, [an_activity(i, a_booking(i)) for i in (1, 2)], INSTANCE)
        forget(session, [MocoId(1)])
        assert set(entries_by_id(session, [MocoId(1), MocoId(2)])) == {2}


def test_masters_of_every_kind_are_given_back(engine: Engine) -> None:
    user = TargetUser(MocoId(1), "Jo", "Doe", "jo@example.org", active=False)
    company = TargetCompany(MocoId(1), "Client", "C1", active=False)
    project = TargetProject(MocoId(1), "Site", "P1", MocoId(1), active=True, billable=False)
    task = TargetTask(MocoId(1), MocoId(1), "Development", active=False, billable=True)
    contract = TargetContract(MocoId(1), MocoId(1), MocoId(1), active=True)
    with writing(engine) as session:
        save_masters(session, TargetKind.USER, [user])
        save_masters(session, TargetKind.COMPANY, [company])
        save_masters(session, TargetKind.PROJECT, [project])
        save_masters(session, TargetKind.TASK, [task])
        save_masters(session, TargetKind.CONTRACT, [contract])
    with reading(engine) as session:
        loaded = load_target_masters(session)
    assert (loaded.users[user.id], loaded.companies[company.id], loaded.projects[project.id]) == (
        user,
        company,
        project,
    )
    assert (loaded.tasks[task.id], loaded.contracts) == (task, (contract,))


def test_a_listing_replaces_its_kind_and_additions_do_not(engine: Engine) -> None:
    def company(id_: int, name: str) -> TargetCompany:
        return TargetCompany(MocoId(id_), name)

    with writing(engine) as session:
        save_masters(session, TargetKind.COMPANY, [company(1, "A"), company(2, "B")])
        save_masters(session, TargetKind.COMPANY, [company(2, "B"), company(3, "C")])
        add_masters(session, TargetKind.COMPANY, [company(3, "See"), company(4, "D")])
        loaded = load_target_masters(session)
    assert {each.id: each.name for each in loaded.companies.values()} == {2: "B", 3: "See", 4: "D"}
