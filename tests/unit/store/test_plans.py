"""Mapping versions, plans, the queue of a run, and runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from migrator.core.actions import Word
from migrator.core.mapping import MapAction, MapKind, MapRow
from migrator.core.model import MocoId, Seconds, SourceId
from migrator.errors import UsageError
from migrator.store.engine import reading, writing
from migrator.store.mapping import load_mapping, save_mapping
from migrator.store.plans import (
    PlannedAction,
    PlanStatus,
    actions_of,
    add_actions,
    finish_plan,
    load_plan,
    new_plan,
    set_status,
    stream_actions,
)
from migrator.store.runs import finish_run, last_run_id, list_runs, load_run, resume_run, start_run
from migrator.store.work import (
    Need,
    Needed,
    WorkItem,
    add_work,
    count_done,
    finish_work,
    needed,
    next_work,
    set_contract,
    set_task,
    words,
    work_of,
)
from tests.unit.store.builders import DAY, WHEN, a_booking, when


def test_without_any_mapping_version_zero_is_empty(engine: Engine) -> None:
    with reading(engine) as session:
        mapping = load_mapping(session)
    assert (mapping.version, dict(mapping.rows)) == (0, {})


def test_the_highest_mapping_version_is_in_force_and_older_ones_stay(engine: Engine) -> None:
    jo = MapRow(MapKind.USER, SourceId(1), MapAction.MAP, MocoId(10), date(2024, 1, 1), "moved on")
    site = MapRow(MapKind.PROJECT, SourceId(1), MapAction.SKIP)
    by_name = MapRow(MapKind.COMPANY, SourceId(2), MapAction.MAP, MocoId(3), exact=True)
    with writing(engine) as session:
        first = save_mapping(session, [jo, site, by_name], "map.csv", WHEN)
        second = save_mapping(session, [site], "map.csv", when(1))
        assert first < second
        assert load_mapping(session).version == second
        assert list(load_mapping(session).rows.values()) == [site]
        assert list(load_mapping(session, first).rows.values()) == [site, jo]


def a_plan(engine: Engine) -> int:
    with writing(engine) as session:
        return new_plan(
            session, run_id=1, now=WHEN, source_version="s", mapping_version=2, policy_digest="p", selection='{"a":1}'
        )


def planned(source_id: int, action: str = "create") -> PlannedAction:
    return PlannedAction(SourceId(source_id), action, Seconds(60), payload="digest")


def test_a_plan_is_found_by_its_number_and_as_the_last(engine: Engine) -> None:
    first, second = a_plan(engine), a_plan(engine)
    with writing(engine) as session:
        finish_plan(session, second, '{"create": 3}')
        set_status(session, first, PlanStatus.APPLYING, apply_run=9)
        older, newest = load_plan(session, first), load_plan(session, "last")
    assert (newest.id, newest.totals, newest.status, newest.apply_run) == (
        second,
        '{"create": 3}',
        PlanStatus.FRESH,
        None,
    )
    assert (older.status, older.apply_run, older.selection) == (PlanStatus.APPLYING, 9, '{"a":1}')


def test_a_plan_that_does_not_exist_is_a_usage_error(engine: Engine) -> None:
    with reading(engine) as session:
        for wanted, words_ in ((7, "no plan 7"), ("last", "no plan yet")):
            with pytest.raises(UsageError, match=words_):
                load_plan(session, wanted)  # type: ignore[arg-type]  # a loop loses the literal


def test_actions_are_found_by_record_and_streamed_in_order(engine: Engine) -> None:
    plan, other = a_plan(engine), a_plan(engine)
    with writing(engine) as session:
        add_actions(session, plan, [planned(3), planned(1, "hold"), planned(2)])
        add_actions(session, other, [planned(4)])
        assert actions_of(session, plan, [SourceId(1), SourceId(4)]) == {1: planned(1, "hold")}
        streamed = [[each.source_id for each in page] for page in stream_actions(session, plan, size=2)]
        assert streamed == [[1, 2], [3]]
        creates = [each for page in stream_actions(session, plan, {"create"}) for each in page]
        assert creates == [planned(2), planned(3)]


def a_work_item(source_id: int, user: int = 10, day: date = DAY, write: str = "create") -> WorkItem:
    booking = a_booking(source_id, user_id=MocoId(user), day=day)
    return WorkItem(SourceId(source_id), write, booking, Seconds(60))


def queue(engine: Engine, *rows: WorkItem, run_id: int = 1) -> None:
    with writing(engine) as session:
        add_work(session, run_id, rows)


def test_pending_work_comes_by_person_day_and_record(engine: Engine) -> None:
    late, early = date(2020, 2, 1), date(2020, 1, 1)
    rows = [
        a_work_item(5, user=2, day=early),
        a_work_item(4, user=1, day=late),
        a_work_item(3, user=1, day=early),
        a_work_item(2, user=1, day=early),
        a_work_item(1, user=1, day=early, write="update"),
    ]
    queue(engine, *rows)
    queue(engine, a_work_item(9), run_id=2)
    with writing(engine) as session:
        first = next_work(session, 1, "create", limit=2)
        rest = next_work(session, 1, "create", first[-1].position)
        assert [each.source_id for each in (*first, *rest)] == [2, 3, 4, 5]
        finish_work(session, 1, [SourceId(2), SourceId(4)], Word.CREATED)
        assert [each.source_id for each in next_work(session, 1, "create")] == [3, 5]


def test_work_is_given_back_as_it_was_stored(engine: Engine) -> None:
    whole = WorkItem(
        source_id=SourceId(7),
        write="update",
        booking=a_booking(7, description="neu"),
        seconds=Seconds(60),
        activity_id=MocoId(70),
        target=a_booking(7, description="alt"),
        task_name="Entwicklung",
        needs=frozenset({Need.TASK, Need.CONTRACT}),
    )
    queue(engine, whole)
    with writing(engine) as session:
        assert work_of(session, 1, [SourceId(7), SourceId(8)]) == {7: whole}
        finish_work(session, 1, [SourceId(7)], Word.HELD, reason="FORBIDDEN", detail="403")
        done = work_of(session, 1, [SourceId(7)])[SourceId(7)]
    assert done == replace(whole, word=Word.HELD, reason="FORBIDDEN", detail="403")


def test_records_and_seconds_are_summed_by_word(engine: Engine) -> None:
    queue(engine, *(a_work_item(each) for each in (1, 2, 3)), a_work_item(4, write="withdraw"))
    with writing(engine) as session:
        finish_work(session, 1, [SourceId(1), SourceId(2)], Word.CREATED)
        finish_work(session, 1, [SourceId(4)], Word.SKIPPED)
        assert words(session, 1) == {Word.CREATED: (2, 120), Word.SKIPPED: (1, 60), None: (1, 60)}
        assert words(session, 2) == {}
        assert count_done(session, 1, "withdraw", Word.SKIPPED) == 1
        assert count_done(session, 1, "create", Word.SKIPPED) == 0


def test_what_is_needed_is_asked_for_once_and_filled_in_everywhere(engine: Engine) -> None:
    both = frozenset({Need.TASK, Need.CONTRACT})
    site, shop = MocoId(20), MocoId(21)

    def waiting(source_id: int, project: MocoId, needs: frozenset[Need]) -> WorkItem:
        booking = a_booking(source_id, project_id=project, task_id=MocoId(0))
        return replace(a_work_item(source_id), booking=booking, task_name="Design", needs=needs)

    queue(engine, *(waiting(each, site, both) for each in (1, 2)), waiting(3, shop, frozenset({Need.TASK})))
    with writing(engine) as session:
        assert needed(session, 1) == Needed(tasks=((site, "Design"), (shop, "Design")), contracts=((site, MocoId(10)),))
        assert set_task(session, 1, site, "Design", MocoId(99)) == 2
        set_contract(session, 1, site, MocoId(10))
        assert needed(session, 1) == Needed(tasks=((shop, "Design"),), contracts=())
        tasks = {each.source_id: each.booking.task_id for each in next_work(session, 1, "create")}
        assert tasks == {1: 99, 2: 99, 3: 0}


def test_more_work_than_a_page_gets_its_task(engine: Engine) -> None:
    needs = frozenset({Need.TASK})
    rows = [replace(a_work_item(each), task_name="Design", needs=needs) for each in range(1, 1202)]
    queue(engine, *rows)
    with writing(engine) as session:
        assert set_task(session, 1, MocoId(20), "Design", MocoId(99)) == 1201
        assert needed(session, 1) == Needed((), ())


def test_a_run_is_recorded_from_start_to_end(engine: Engine) -> None:
    with writing(engine) as session:
        assert last_run_id(session) is None
        read = start_run(session, "read", WHEN)
        apply = start_run(session, "apply", when(1), plan_id=4, approved_by="jo")
        assert (load_run(session, apply).exit_code, load_run(session, apply).ended_at) == (None, None)
        finish_run(session, apply, when(2), exit_code=3, verdict="All …", counts='{"created": 1}')
        run = load_run(session, apply)
        assert (run.kind, run.plan_id, run.approved_by, run.exit_code) == ("apply", 4, "jo", 3)
        assert (run.started_at, run.ended_at, run.verdict) == (when(1), when(2), "All …")
        assert [each.id for each in list_runs(session)] == [apply, read]
        assert [each.id for each in list_runs(session, kind="read")] == [read]
        assert (last_run_id(session), last_run_id(session, "read")) == (apply, read)
        resume_run(session, apply)
        assert load_run(session, apply).exit_code is None


def test_a_run_that_does_not_exist_is_a_usage_error(engine: Engine) -> None:
    with reading(engine) as session, pytest.raises(UsageError, match="no run 7"):
        load_run(session, 7)
