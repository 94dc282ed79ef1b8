"""What a report asks the database: sums of MOCO's side, proofs, who decided, and the reports made before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from migrator.core.mapping import MapAction, MapKind, MapRow
from migrator.core.model import LIVE, MocoId, Seconds, SourceId
from migrator.store.engine import reading, writing
from migrator.store.inbox import (
    ItemKind,
    NewItem,
    accept,
    accepted_groups,
    list_items,
    standing_items_at,
    standing_items_of,
)
from migrator.store.inbox import sync_inbox as fill_inbox
from migrator.store.intents import NewIntent, Outcome, close_intents, open_intents
from migrator.store.links import put_link
from migrator.store.mapping import save_mapping
from migrator.store.plans import new_plan, plan_of
from migrator.store.reports import (
    decided_rows,
    expenses,
    extract,
    open_of_others,
    reports_before,
    save_report,
    seconds_of_ours,
    seen,
    stamp,
    stand_in_versions,
    version_in_force,
)
from migrator.store.runs import finish_run, start_run
from migrator.store.source import finish_document
from migrator.store.target import PART, RANGE, begin_scan, finish_scan, store_entries
from tests.unit.store.builders import DAY, INSTANCE, WHEN, a_booking, an_activity, when


def test_ours_is_what_carries_a_marker_or_what_a_link_names_and_the_rest_was_booked_by_people(engine: Engine) -> None:
    later, free = DAY + timedelta(1), replace(a_booking(3), billable=False, marker="")
    with writing(engine) as session:
        unmarked = an_activity(2, a_booking(2, marker="", seconds=Seconds(700)))
        others = [
            an_activity(11, a_booking(4, marker="", seconds=Seconds(60))),
            an_activity(12, a_booking(5, marker="", seconds=Seconds(61), project_id=MocoId(21))),
            an_activity(13, a_booking(6, marker="", day=later)),
            an_activity(14, a_booking(7, marker=""), billed=True),
            an_activity(15, free),
        ]
        store_entries(session, [an_activity(1, a_booking(1)), unmarked, *others], INSTANCE)
        put_link(session, SourceId(2), sent=a_booking(2), entry=unmarked, run_id=1, now=WHEN)
    with reading(engine) as session:
        assert seconds_of_ours(session) == 3600 + 700
        assert open_of_others(session, DAY) == {20: 60, 21: 61}
        assert open_of_others(session, later) == {20: 3660, 21: 61}


def listed(engine: Engine, minute: int, kind: str = RANGE, *, complete: bool = True, days: int = 0) -> None:
    with writing(engine) as session:
        run = start_run(session, "verify", when(minute))
        last = DAY + timedelta(days)
        scan = begin_scan(session, run, kind, started_at=when(minute), day_from=DAY, day_to=last)
        finish_scan(session, scan, rows=1, pages=1, complete=complete)
        finish_run(session, run, when(minute + 1), exit_code=0)


def written(engine: Engine, minute: int, write: str) -> None:
    with writing(engine) as session:
        ids = open_intents(session, [NewIntent(1, "b", write, "{}", SourceId(1))], when(minute), when(minute))
        close_intents(session, ids, Outcome.ANSWERED, when(minute + 1))


def proved(engine: Engine, days: int = 0) -> bool:
    with reading(engine) as session:
        return seen(session, DAY, DAY + timedelta(days)).since_last_write


def test_only_a_complete_listing_of_all_days_after_the_last_write_proves_anything(engine: Engine) -> None:
    assert not proved(engine)
    listed(engine, 1)
    assert proved(engine)
    assert not proved(engine, days=3)
    written(engine, 5, "task")
    assert proved(engine)
    written(engine, 10, "create")
    assert not proved(engine)
    listed(engine, 20, complete=False)
    assert not proved(engine)
    listed(engine, 30, PART, days=3)
    assert proved(engine, days=3)
    with reading(engine) as session:
        found = seen(session, DAY, DAY)
    assert (found.listed_at, found.listed_ended, found.written_at) == (when(30), when(31), when(11))


def test_a_source_is_whole_when_no_document_and_no_list_has_a_problem(engine: Engine) -> None:
    with writing(engine) as session:
        run = start_run(session, "read", WHEN)
        finish_document(session, run, "b.xml", entries=1, rejects=0, expenses=2, amounts='{"EUR": 1}')
        finish_document(session, run, "a.xml", entries=1, rejects=0)
        finish_document(session, run, f"{LIVE}projects/1/time", entries=1, rejects=0, problem="cut off")
        finish_run(session, run, when(9), exit_code=0)
        assert expenses(session) == [(2, '{"EUR": 1}')]
        told = extract(session)
        assert (told.documents, told.begun, told.ended, told.problems) == (("a.xml", "b.xml"), WHEN, when(9), 0)
        finish_document(session, run, "a.xml", entries=1, rejects=0, problem="cut off")
        assert extract(session).problems == 1


def test_a_stand_in_was_decided_by_the_version_since_which_it_stands(engine: Engine) -> None:
    def row(target: int) -> MapRow:
        return MapRow(MapKind.USER, SourceId(3), MapAction.STAND_IN, MocoId(target))

    other = MapRow(MapKind.USER, SourceId(4), MapAction.STAND_IN, MocoId(8))
    away = MapRow(MapKind.USER, SourceId(3), MapAction.SKIP)
    with writing(engine) as session:
        assert (version_in_force(session), stand_in_versions(session)) == (None, {})
        for at, (rows, who) in enumerate(
            (([row(7), other], "ada"), ([away], "ben"), ([row(7)], "cleo"), ([row(7)], "dora"))
        ):
            save_mapping(session, rows, "map.csv", when(at), who)
    with reading(engine) as session:
        assert {key: version.made_by for key, version in stand_in_versions(session).items()} == {3: "cleo"}
        version = version_in_force(session)
        assert version is not None
        assert (version.made_by, decided_rows(session, version.id)) == ("dora", {"user stand_in": 1})


def test_what_was_accepted_at_once_is_told_at_once_and_what_waits_is_found_by_record_or_place(engine: Engine) -> None:
    items = [NewItem(ItemKind.CONFLICT, "BILLED", "billed", SourceId(number)) for number in (1, 2, 3)]
    reject = NewItem(ItemKind.REJECTED, "REJECTED", "no id", place="a.xml:3")
    with writing(engine) as session:
        fill_inbox(session, 1, [*items, reject], WHEN)
        ids = [each.id for each in list_items(session)]
        accept(session, ids[:2], "Ada: goodwill", when(5))
        (group,) = accepted_groups(session)
        assert (group.note, group.at, group.records) == ("Ada: goodwill", when(5), 2)
        assert list(standing_items_of(session, [SourceId(1), SourceId(3), SourceId(9)])) == [1, 3]
        assert [each.new for each in standing_items_at(session, ["a.xml:3", "b.xml:1"]).values()] == [reject]


def test_the_newest_reports_come_first(engine: Engine) -> None:
    with writing(engine) as session:
        for number in range(3):
            save_report(
                session,
                run_id=number,
                made_at=when(number),
                made_by="Ada",
                fingerprint=str(number) * 64,
                verdict="agree",
                directory="out",
                totals="{}",
            )
        assert [each.run_id for each in reports_before(session, 2)] == [2, 1]


@pytest.mark.parametrize("what", ["run", "write", "listing"])
def test_whatever_happens_meanwhile_changes_the_stamp(engine: Engine, what: str) -> None:
    def now() -> str:
        with reading(engine) as session:
            return stamp(session)

    before = now()
    assert now() == before
    if what == "write":
        written(engine, 1, "update")
    elif what == "listing":
        with writing(engine) as session:
            store_entries(session, [an_activity(1, a_booking(1))], INSTANCE, scan_id=7)
    else:
        with writing(engine) as session:
            start_run(session, "sync", WHEN)
    assert now() != before


def test_the_plan_of_a_run_is_the_one_it_made(engine: Engine) -> None:
    with writing(engine) as session:
        made = new_plan(session, run_id=4, now=WHEN, source_version="", mapping_version=0, policy_digest="")
        assert (plan_of(session, 4), plan_of(session, 5)) == (made, None)
