"""What is remembered of presences, and how the database sums people's days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Engine

from migrator.core.model import MocoId, SourceId
from migrator.core.tally import Tally
from migrator.core.working_days import Presence, Span, SpanState, WorkedDay
from migrator.store import presences, working_days
from migrator.store.engine import reading, writing
from migrator.store.links import mark_gone, put_link
from migrator.store.source import stage
from migrator.store.target import store_entries
from migrator.store.working_days import DayTotals
from tests.unit.store.builders import DAY, INSTANCE, WHEN, a_booking, a_time_entry, an_activity, found

ADA, BEN = MocoId(10), MocoId(11)
MORNING, AFTERNOON = Span.parse("09:00-15:00"), Span.parse("15:30-17:30")
NEXT = DAY + timedelta(days=1)


def shown(id_: int, span: Span, day: date = DAY, person: MocoId = ADA) -> Presence:
    return Presence(MocoId(id_), person, day, span.start, span.end, WHEN, WHEN)


def states(engine: Engine, person: MocoId = ADA) -> dict[date, list[tuple[str, SpanState]]]:
    with reading(engine) as session:
        days = presences.spans_of(session, person)
    return {day: [(str(each.span), each.state) for each in spans] for day, spans in days.items()}


def test_a_day_is_remembered_from_wanted_to_taken_back_and_released(engine: Engine) -> None:
    with writing(engine) as session:
        presences.want(session, ADA, DAY, [MORNING, AFTERNOON], 3)
        presences.want(session, BEN, DAY, [MORNING], 3)
        presences.link(session, MORNING, shown(5, MORNING), 3)
    assert states(engine) == {DAY: [("09:00-15:00", SpanState.LINKED), ("15:30-17:30", SpanState.WANTED)]}
    other = Span.parse("16:00-17:00")
    with writing(engine) as session:
        # What is wanted anew replaces what was wanted, never what is written.
        presences.want(session, ADA, DAY, [other], 4)
        presences.link(session, other, shown(6, other), 4)
        assert presences.known_ids(session, [MocoId(5), MocoId(6), MocoId(7)]) == {5, 6}
        assert presences.people_with_presences(session) == presences.people_with_presences(session, 3) == (ADA,)
        (of_run,) = presences.linked_of(session, ADA, run_id=4)
        assert (of_run.day, of_run.ours.presence_id, of_run.ours.answered, of_run.updated_at) == (DAY, 6, other, WHEN)
        assert len(presences.linked_of(session, ADA, first=DAY, last=DAY)) == 2
        assert presences.linked_of(session, ADA, first=NEXT) == ()
        presences.mark_undone(session, MocoId(6))
        assert presences.count_by_state(session, 4) == {SpanState.UNDONE: 1}
    assert states(engine)[DAY] == [("09:00-15:00", SpanState.LINKED), ("16:00-17:00", SpanState.UNDONE)]
    with writing(engine) as session:
        assert (presences.release_run(session, 3), presences.release_run(session, 4)) == (0, 1)
    assert states(engine) == {DAY: [("09:00-15:00", SpanState.LINKED)]}
    assert states(engine, BEN) == {DAY: [("09:00-15:00", SpanState.WANTED)]}


def test_days_are_summed_over_what_is_in_moco_without_the_time_of_stand_ins(engine: Engine) -> None:
    stand_in, gone, trashed, other_person = SourceId(3), 4, 5, 6
    with writing(engine) as session:
        for id_, day in ((1, DAY), (2, DAY), (3, DAY), (gone, DAY), (trashed, DAY), (other_person, DAY), (7, NEXT)):
            person = BEN if id_ == other_person else ADA
            booking = a_booking(id_, user_id=person, day=day)
            entry = an_activity(1000 + id_, booking)
            worker = int(stand_in) if id_ == 3 else 1
            stage(session, 1, [found(a_time_entry(id_, user=worker, day=day, seconds=id_ * 60), f"a.xml:{id_}")])
            store_entries(session, [entry], INSTANCE)
            put_link(session, SourceId(id_), sent=booking, entry=entry, run_id=1, now=WHEN)
        mark_gone(session, SourceId(gone), gone=True)
        lost = replace(a_time_entry(trashed, version=2), trashed=True)
        stage(session, 2, [found(lost, f"a.xml:{trashed}"), found(a_time_entry(8, user=None), "a.xml:8")])
        stage(session, 2, [found(a_time_entry(9), "a.xml:9")])
        store_entries(session, [an_activity(2000, a_booking(99, day=NEXT, marker=""))], INSTANCE)
        by_hand = an_activity(2001, a_booking(1, day=NEXT, user_id=BEN))
        store_entries(session, [by_hand], INSTANCE)
    with reading(engine) as session:
        people = {stand_in}
        assert working_days.people_with_days(session, people) == {ADA: DayTotals(2, 600), BEN: DayTotals(1, 360)}
        assert working_days.totals_of(session, ADA, people) == DayTotals(2, 600)
        assert working_days.totals_of(session, ADA, ()) == DayTotals(2, 780)
        assert working_days.days_of(session, ADA, people) == (
            WorkedDay(ADA, DAY, 2, 180),
            WorkedDay(ADA, NEXT, 1, 420),
        )
        assert working_days.stand_in_time(session, people) == Tally(1, 180)
        assert working_days.stand_in_time(session, ()) == Tally()
        # What is unmarked, and a copy that carries a marker but is not what we linked.
        assert working_days.days_with_other_time(session, ADA) == {NEXT}
        assert working_days.days_with_other_time(session, BEN) == {NEXT}
        workers = frozenset({SourceId(1)})
        assert working_days.without_link(session, workers, DAY, NEXT) == (gone, 9)
        assert working_days.without_link(session, workers, DAY, NEXT, after=gone) == (9,)
        assert working_days.without_link(session, workers, NEXT, NEXT) == ()
