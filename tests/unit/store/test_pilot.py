"""Tests for `migrator.store.pilot`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Engine

from migrator.core.model import Seconds, SourceId
from migrator.store.engine import reading, writing
from migrator.store.merge import Selection
from migrator.store.pilot import applied_pilots, pilot_ids, remember_verified, verified_pilot
from migrator.store.plans import PlanStatus, new_plan, set_status
from migrator.store.runs import start_run
from migrator.store.source import stage
from tests.unit.store.builders import WHEN, a_reject, a_time_entry, found

PILOT = replace(Selection().only_these(frozenset({SourceId(1)})), pilot=True)


def a_plan(engine: Engine, selection: Selection, status: PlanStatus = PlanStatus.APPLIED) -> int:
    with writing(engine) as session:
        run = start_run(session, "apply", WHEN, approved_by="Ada")
        plan = new_plan(
            session,
            run_id=run,
            now=WHEN,
            source_version="s",
            mapping_version=1,
            policy_digest="p",
            selection=selection.as_json(),
        )
        set_status(session, plan, status, apply_run=run)
    return plan


def test_a_pilot_takes_the_oldest_and_the_newest_usable_record_of_everybody(engine: Engine) -> None:
    days = {1: 9, 2: 5, 3: 5, 4: 1, 5: 2, 6: 30, 7: 31, 8: 7}
    entries = {
        number: replace(a_time_entry(number), day=date(2024, 1, day), user_id=SourceId(1 + (number == 8)))
        for number, day in days.items()
    }
    entries[4] = replace(entries[4], seconds=Seconds(0))
    entries[5] = replace(entries[5], trashed=True)
    entries[7] = replace(entries[7], user_id=None)
    with writing(engine) as session:
        stage(session, 1, [found(entry, f"a.xml:{entry.id}") for entry in entries.values()])
        stage(session, 1, [a_reject(6, "b.xml:1")])
    with reading(engine) as session:
        assert pilot_ids(session, Selection()) == {2, 1, 8}
        assert pilot_ids(session, Selection(day_from=date(2024, 1, 8))) == {1}


def test_only_pilots_that_were_carried_out_can_be_verified(engine: Engine) -> None:
    a_plan(engine, PILOT, PlanStatus.APPLYING)
    a_plan(engine, Selection())
    first, second = a_plan(engine, PILOT), a_plan(engine, PILOT)
    with writing(engine) as session:
        assert applied_pilots(session) == (first, second)
        assert verified_pilot(session) is None
        remember_verified(session, second, 9, WHEN)
        verified = verified_pilot(session)
    assert verified is not None
    assert (verified.plan, verified.verify_run, verified.approved_by) == (second, 9, "Ada")
    assert verified.verified_at == WHEN.isoformat()


def test_a_saved_selection_remembers_that_it_is_a_pilot() -> None:
    assert Selection.from_json(PILOT.as_json()) == PILOT
    assert not PILOT.is_whole
    assert not PILOT.is_of_days
