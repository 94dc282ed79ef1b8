"""Links, intents, refusals and what was undone: our memory of writes."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from migrator.core.fingerprint import VERSION
from migrator.core.model import MocoId, SourceId
from migrator.core.record import Link, Refusal
from migrator.store.engine import reading, writing
from migrator.store.intents import (
    NewIntent,
    Outcome,
    close_intents,
    delay,
    intents_of,
    list_open,
    open_intents,
    open_source_ids,
)
from migrator.store.links import (
    Canary,
    NewLink,
    any_link,
    canary_of,
    close_link,
    count_links,
    linked_source_ids,
    links_of,
    links_of_run,
    mark_disregarded,
    mark_gone,
    put_link,
    put_links,
    saved_links,
)
from migrator.store.refusals import drop_refusal, put_refusal, refusals_of, release
from migrator.store.undone import count_undone, put_undone, release_run, release_undone, undone_of
from tests.unit.store.builders import WHEN, a_booking, an_activity, when

SEVEN, EIGHT = SourceId(7), SourceId(8)


def test_a_link_remembers_what_was_sent_and_what_was_answered(engine: Engine) -> None:
    sent, answered = a_booking(7, description="Fix"), a_booking(7, description="Fix it")
    with writing(engine) as session:
        put_link(session, SEVEN, sent=sent, entry=an_activity(70, answered), run_id=1, now=WHEN)
        assert links_of(session, [SEVEN, EIGHT]) == {
            7: Link(MocoId(70), sent, answered, VERSION, WHEN, disregarded=False)
        }
        assert linked_source_ids(session, [MocoId(70), MocoId(71)]) == {70: 7}


def test_a_newer_write_replaces_the_link_and_its_run(engine: Engine) -> None:
    with writing(engine) as session:
        put_link(session, SEVEN, sent=None, entry=an_activity(70, a_booking(7)), run_id=1, now=WHEN)
        mark_gone(session, SEVEN, gone=True)
        put_link(session, SEVEN, sent=a_booking(7), entry=an_activity(71, a_booking(7)), run_id=2, now=WHEN)
        (saved,) = saved_links(session, [SEVEN])
        assert (saved.link.activity_id, saved.link.sent, saved.run_id, saved.gone) == (71, a_booking(7), 2, False)
        assert count_links(session) == 1
        assert list(links_of_run(session, 1)) == []
        assert [[each.source_id for each in page] for page in links_of_run(session, 2)] == [[7]]


def test_one_activity_cannot_belong_to_two_records(engine: Engine) -> None:
    links = [NewLink(each, None, an_activity(70, a_booking(each))) for each in (SEVEN, EIGHT)]
    with pytest.raises(IntegrityError), writing(engine) as session:
        put_links(session, links, 1, WHEN)


def test_a_link_is_closed_and_marked(engine: Engine) -> None:
    with writing(engine) as session:
        put_links(
            session, [NewLink(each, None, an_activity(each, a_booking(each))) for each in (SEVEN, EIGHT)], 1, WHEN
        )
        close_link(session, EIGHT)
        mark_gone(session, SEVEN, gone=True)
        mark_disregarded(session, [SEVEN], disregarded=True)
        (saved,) = saved_links(session, [SEVEN, EIGHT])
    assert saved.gone
    assert saved.link.disregarded
    assert saved.source_id == SEVEN


def test_a_canary_is_a_persons_newest_activity_not_known_to_be_gone(engine: Engine) -> None:
    jo, al = MocoId(10), MocoId(11)
    with writing(engine) as session:
        assert any_link(session) is None
        links = [NewLink(SourceId(i), None, an_activity(i, a_booking(i, user_id=jo))) for i in range(1, 6)]
        other = a_booking(9, user_id=al)
        put_links(session, [*links, NewLink(SourceId(9), None, an_activity(9, other))], 1, WHEN)
        mark_gone(session, SourceId(5), gone=True)
        assert [each.activity_id for each in canary_of(session, jo)] == [4, 3, 2]
        assert canary_of(session, MocoId(12)) == []
        assert any_link(session) == Canary("ac:demo:9", MocoId(9), other.day)


def a_create(source_id: int) -> NewIntent:
    return NewIntent(run_id=1, batch="b1", write="create", payload="{}", source_id=SourceId(source_id))


def test_intents_are_open_until_closed_and_numbered_in_order(engine: Engine) -> None:
    with writing(engine) as session:
        ids = open_intents(session, [a_create(each) for each in (9, 7, 8)], WHEN, when(5))
    with reading(engine) as session:
        assert [(each.id, each.source_id) for each in list_open(session)] == list(zip(ids, (9, 7, 8), strict=True))
        assert open_source_ids(session, [SEVEN, SourceId(6)]) == {7}
    with writing(engine) as session:
        assert close_intents(session, ids[:2], Outcome.ANSWERED, WHEN, status=200) == set(ids[:2])
        assert [each.id for each in list_open(session)] == [ids[2]]


def test_a_late_answer_changes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        ids = open_intents(session, [a_create(7), a_create(8)], WHEN, when(5))
        close_intents(session, ids[:1], Outcome.ABSENT, WHEN)
    with writing(engine) as session:
        assert close_intents(session, ids, Outcome.ANSWERED, when(9)) == {ids[1]}
        delay(session, ids[:1], when(60), detail="late")
        (closed,) = intents_of(session, SEVEN)
    assert (closed.outcome, closed.closed_at, closed.intent.settle_at) == (Outcome.ABSENT, WHEN, when(5))


def test_an_unclear_write_waits_with_its_reason(engine: Engine) -> None:
    with writing(engine) as session:
        ids = open_intents(session, [a_create(7)], WHEN, when(5))
        delay(session, ids, when(7), status=502, detail="bad gateway")
        (waiting,) = list_open(session)
    assert (waiting.settle_at, waiting.status, waiting.detail) == (when(7), 502, "bad gateway")


def test_an_intent_without_a_record_is_found_by_its_natural_key(engine: Engine) -> None:
    new = NewIntent(1, "b2", "task", '{"name":"Development"}', natural_key="20:development", user_id=MocoId(3))
    with writing(engine) as session:
        assert open_intents(session, [], WHEN, WHEN) == ()
        open_intents(session, [new], WHEN, when(5))
        (stored,) = list_open(session)
    assert (stored.natural_key, stored.source_id, stored.user_id, stored.payload) == (
        new.natural_key,
        None,
        3,
        new.payload,
    )


def test_a_refusal_is_remembered_released_and_dropped(engine: Engine) -> None:
    refusal = Refusal("create", payload="p", target="", words="Datum ist gesperrt")
    with writing(engine) as session:
        for each in (SEVEN, EIGHT):
            put_refusal(session, each, refusal, status=422, run_id=1, now=WHEN)
        assert refusals_of(session, [SEVEN, EIGHT, SourceId(9)]) == {7: refusal, 8: refusal}
        assert release(session, [SEVEN]) == 1
        assert release(session, None) == 1
        assert release(session, None) == 0
        assert all(each.released for each in refusals_of(session, [SEVEN, EIGHT]).values())
        put_refusal(session, SEVEN, refusal, status=422, run_id=2, now=WHEN)
        drop_refusal(session, EIGHT)
        assert refusals_of(session, [SEVEN, EIGHT]) == {7: refusal}


def test_what_was_undone_is_held_until_it_is_released(engine: Engine) -> None:
    nine = SourceId(9)
    with writing(engine) as session:
        put_undone(session, [SEVEN, EIGHT], 3, WHEN)
        put_undone(session, [EIGHT, nine], 4, WHEN)
        assert undone_of(session, [SEVEN, EIGHT, SourceId(6)]) == {7, 8}
        assert release_undone(session, [SEVEN, SourceId(6)]) == 1
        assert (count_undone(session, 3), count_undone(session, 4)) == (0, 2)
        assert release_run(session, 3) == 0
        assert release_run(session, 4) == 2
        assert undone_of(session, [SEVEN, EIGHT, nine]) == set()
