"""The marks that web hooks leave: one an object, whatever order the deliveries come in."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from migrator.core.hearing import Heard, Known, Thing, heard_of_activity, rank_of
from migrator.core.model import MocoId, SourceId
from migrator.store.engine import open_engine, reading, writing
from migrator.store.hook_marks import (
    RECEIVED,
    Counted,
    count,
    count_marks,
    counts,
    forget,
    hear,
    known_of,
    marks,
    spread,
)
from migrator.store.intents import NewIntent, Outcome, close_intents, open_intents
from migrator.store.links import mark_gone, put_link
from migrator.store.schema import ensure_ready
from migrator.store.target import store_entries
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, an_activity, when

events = st.builds(
    lambda thing, number, at, digest, deleted: Heard(
        thing, MocoId(number), deleted, rank_of(at, f"{digest:032x}", deleted=deleted), content="" if deleted else "c"
    ),
    st.sampled_from(Thing),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(0, 2),
    st.booleans(),
)


def heard_in_order(engine: Engine, deliveries: list[Heard]) -> tuple[Heard, ...]:
    with writing(engine) as session:
        forget(session, marks(session))
        for each in deliveries:
            hear(session, each)
        return marks(session)


def test_any_order_and_repetition_of_deliveries_leaves_the_same_marks(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    ensure_ready(engine)

    @given(st.lists(events, max_size=8), st.randoms(use_true_random=False))
    def holds(deliveries: list[Heard], chance: object) -> None:
        shuffled = [*deliveries, *deliveries[:3]]
        chance.shuffle(shuffled)  # type: ignore[attr-defined] # Random, which Hypothesis wraps
        left = heard_in_order(engine, deliveries)
        assert heard_in_order(engine, shuffled) == left
        newest = {(each.thing, each.id): each for each in sorted(deliveries, key=lambda one: one.rank)}
        assert {(each.thing, each.id): each.rank for each in left} == {key: one.rank for key, one in newest.items()}

    holds()
    engine.dispose()


def test_a_mark_is_forgotten_unless_something_newer_was_heard_meanwhile(engine: Engine) -> None:
    first = heard_of_activity(an_activity(7, a_booking(3)), rank_of(1, "aa", deleted=False), INSTANCE)
    newer = replace(first, rank=rank_of(2, "aa", deleted=False), content="else")
    project = Heard(Thing.PROJECT, MocoId(2), False, rank_of(1, "cc", deleted=False))
    with writing(engine) as session:
        for each in (project, newer, first):
            hear(session, each)
    with writing(engine) as session:
        assert marks(session) == (newer, project)
        assert marks(session, after=newer) == (project,)
        assert marks(session, size=1) == (newer,)
        assert forget(session, [first]) == 0
        assert forget(session, [newer]) == 1
        assert count_marks(session) == 1


def test_the_database_knows_what_was_shown_what_is_linked_and_whether_something_is_being_created(
    engine: Engine,
) -> None:
    one, two = an_activity(7, a_booking(3)), an_activity(8, a_booking(4))
    with writing(engine) as session:
        store_entries(session, [one], INSTANCE)
        for each, source_id in ((one, SourceId(3)), (two, SourceId(4))):
            put_link(session, source_id, sent=None, entry=each, run_id=1, now=WHEN)
        mark_gone(session, SourceId(4), True)
        (intent,) = open_intents(session, [NewIntent(1, "b", "create", "{}")], sent_at=WHEN, settle_at=WHEN)
        assert known_of(session, [MocoId(7), MocoId(8), MocoId(9)]) == {
            7: Known(one, linked=True, creating=True),
            8: Known(None, linked=True, gone=True, creating=True),
            9: Known(creating=True),
        }
        close_intents(session, [intent], Outcome.ANSWERED, WHEN)
        assert known_of(session, [MocoId(9)]) == {9: Known()}


def test_a_deleted_project_marks_what_is_known_to_be_in_it(engine: Engine) -> None:
    gone = Heard(Thing.PROJECT, MocoId(20), True, rank_of(5, "aa", deleted=True))
    heard_before = Heard(Thing.ACTIVITY, MocoId(2), False, rank_of(1, "bb", deleted=False))
    elsewhere = a_booking(4, project_id=MocoId(21))
    with writing(engine) as session:
        inside = [an_activity(1, a_booking(1)), an_activity(2, a_booking(2)), an_activity(3, a_booking(0, marker=""))]
        store_entries(session, [*inside, an_activity(4, elsewhere)], INSTANCE)
        hear(session, gone)
        hear(session, heard_before)
        spread(session, replace(gone, rank="older"))
        assert count_marks(session) == 2
        spread(session, gone)
    with reading(engine) as session:
        left = marks(session)
        assert [(each.thing, each.id, each.deleted, each.ours) for each in left] == [
            (Thing.ACTIVITY, 1, True, True),
            (Thing.ACTIVITY, 2, False, False),
            (Thing.ACTIVITY, 3, True, False),
        ]


def test_deliveries_are_summed(engine: Engine) -> None:
    with writing(engine) as session:
        count(session, RECEIVED, when(1))
        count(session, RECEIVED, when(2), events=3)
        count(session, "known", when(2))
    with reading(engine) as session:
        assert counts(session) == {"known": Counted(1, when(2)), RECEIVED: Counted(4, when(2))}
