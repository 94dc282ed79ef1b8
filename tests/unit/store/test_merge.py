from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, text

from migrator.core.actions import Word
from migrator.core.model import Seconds, SourceId
from migrator.core.record import Refusal
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, NewItem, accept, list_items, sync_inbox
from migrator.store.intents import NewIntent, open_intents
from migrator.store.links import mark_gone, put_link
from migrator.store.merge import Merged, Selection, merged_of, pages
from migrator.store.refusals import put_refusal
from migrator.store.source import stage
from migrator.store.target import store_entries
from migrator.store.undone import put_undone
from migrator.store.work import WorkItem, add_work, finish_work
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, a_reject, a_time_entry, an_activity, found

ONE, TWO, THREE = SourceId(1), SourceId(2), SourceId(3)


def merged(engine: Engine, selection: Selection = Selection(), run_id: int = 1) -> list[Merged]:  # noqa: B008 (frozen)
    return [each for page in pages(engine, run_id, selection=selection, size=2) for each in page]


def test_everything_known_of_a_record_is_beside_it(engine: Engine) -> None:
    linked, marked = an_activity(10, a_booking(1)), an_activity(11, a_booking(1))
    refusal = Refusal("create", "p", "", "no")
    with writing(engine) as session:
        stage(session, 1, [found(a_time_entry(each), f"a.xml:{each}") for each in (1, 2, 3)])
        stage(session, 1, [a_reject(2, "b.xml:1")])
        store_entries(session, [linked, marked], INSTANCE)
        put_link(session, ONE, sent=a_booking(1), entry=linked, run_id=1, now=WHEN)
        put_link(session, TWO, sent=None, entry=an_activity(20, a_booking(2)), run_id=1, now=WHEN)
        mark_gone(session, TWO, gone=True)
        open_intents(session, [NewIntent(1, "b", "create", "{}", THREE)], WHEN, WHEN)
        put_undone(session, [THREE], 1, WHEN)
        put_refusal(session, THREE, refusal, status=422, run_id=1, now=WHEN)
        sync_inbox(session, 1, [NewItem(ItemKind.CONFLICT, "BILLED", "", ONE, digest="d")], WHEN)
        accept(session, [each.id for each in list_items(session)], "", WHEN)
        add_work(session, 1, [WorkItem(ONE, "update", a_booking(1), Seconds(1))])
        finish_work(session, 1, [ONE], Word.UPDATED)
    one, two, three = merged(engine)
    assert (one.marked, one.linked, one.accepted, one.done) == ((linked, marked), linked, "d", "updated")
    assert one.link is not None
    assert one.link.sent == a_booking(1)
    assert (one.open_intent, one.undone, one.refusal, one.gone, one.rejected) == (False, False, None, False, "")
    assert (two.gone, two.linked, two.marked) == (True, None, ())
    assert two.rejected != ""
    assert (three.open_intent, three.undone, three.refusal, three.link) == (True, True, refusal, None)
    assert (three.accepted, three.done, three.read_run, str(three.origin)) == ("", "", 1, "a.xml:3")
    assert [each.done for each in merged(engine, run_id=2)] == ["", "", ""]


def test_a_selection_limits_days_people_projects_and_records(engine: Engine) -> None:
    with writing(engine) as session:
        entries = [
            a_time_entry(1, day=date(2020, 1, 1)),
            a_time_entry(2, day=date(2020, 1, 2), user=8),
            a_time_entry(3, day=date(2020, 1, 3), user=None, project=9),
            a_time_entry(4, day=date(2020, 1, 4)),
            a_time_entry(5, day=date(2020, 1, 5), user=8, project=9),
        ]
        stage(session, 1, [found(each, f"a.xml:{each.id}") for each in entries])

    def ids(selection: Selection) -> list[int]:
        return [each.entry.id for each in merged(engine, selection)]

    eight, nine = frozenset({SourceId(8)}), frozenset({SourceId(9)})
    assert ids(Selection()) == [1, 2, 3, 4, 5]
    assert ids(Selection(day_from=date(2020, 1, 2), day_to=date(2020, 1, 4))) == [2, 3, 4]
    assert ids(Selection(user_ids=eight)) == [2, 5]
    assert ids(Selection(project_ids=nine)) == [3, 5]
    assert ids(Selection(user_ids=eight, project_ids=nine)) == [5]
    assert ids(Selection(user_ids=frozenset())) == []
    some = frozenset(SourceId(each) for each in (1, 3, 4, 5, 99))
    assert ids(Selection(only=some)) == [1, 3, 4, 5]
    assert ids(Selection(only=some, day_from=date(2020, 1, 5))) == [5]


def test_reading_goes_on_after_a_record(engine: Engine) -> None:
    with writing(engine) as session:
        stage(session, 1, [found(a_time_entry(each), f"a.xml:{each}") for each in (1, 2, 3)])
    assert [each.entry.id for page in pages(engine, 1, after=1) for each in page] == [2, 3]


def test_a_page_that_is_being_used_stands_in_no_writers_way(engine: Engine) -> None:
    with writing(engine) as session:
        stage(session, 1, [found(a_time_entry(each), f"a.xml:{each}") for each in (1, 2, 3)])
    seen = []
    for page in pages(engine, 1, size=1):
        with writing(engine) as session:
            if engine.dialect.name == "sqlite":
                session.execute(text("PRAGMA busy_timeout = 1"))
            put_undone(session, [THREE], 1, WHEN)
        seen += [(each.entry.id, each.undone) for each in page]
    assert seen == [(1, False), (2, False), (3, True)]


def test_some_records_are_merged_within_the_callers_transaction(engine: Engine) -> None:
    with writing(engine) as session:
        stage(session, 1, [found(a_time_entry(1)), a_reject(2)])
    with reading(engine) as session:
        assert set(merged_of(session, 1, frozenset({ONE, TWO}))) == {1}
