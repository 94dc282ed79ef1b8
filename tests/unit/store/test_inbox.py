from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from migrator.core.model import MocoId, SourceId
from migrator.store.engine import reading, writing
from migrator.store.inbox import (
    ItemKind,
    ItemState,
    NewItem,
    SavedItem,
    accept,
    close_unseen,
    item,
    items_of,
    list_items,
    open_count,
    set_state,
    sync_inbox,
)
from migrator.store.rulings import Said, said_of
from tests.unit.store.builders import WHEN, when

CONFLICT = NewItem(ItemKind.CONFLICT, "BILLED", "it is billed", SourceId(7), MocoId(70), digest="d1", source='{"a":1}')
REJECT = NewItem(ItemKind.REJECTED, "REJECTED", "no id", place="a.xml:3")


def synced(engine: Engine, run_id: int, *items: NewItem, minute: int = 0) -> tuple[SavedItem, ...]:
    with writing(engine) as session:
        sync_inbox(session, run_id, items, when(minute))
        return list_items(session)


def test_what_waits_is_given_back(engine: Engine) -> None:
    conflict, reject = synced(engine, 1, CONFLICT, REJECT)
    assert (conflict.new, reject.new) == (CONFLICT, REJECT)
    assert (conflict.state, conflict.since, conflict.seen_run) == (ItemState.OPEN, when(0), 1)


def test_what_still_waits_keeps_its_number_and_date(engine: Engine) -> None:
    before = synced(engine, 1, CONFLICT, REJECT)
    changed = replace(CONFLICT, message="it is billed still")
    after = synced(engine, 2, REJECT, changed, minute=9)
    assert [(each.id, each.since) for each in after] == [(each.id, each.since) for each in before]
    assert [each.seen_run for each in after] == [2, 2]
    assert after[0].new == changed


def test_one_record_may_wait_for_two_kinds_of_reasons(engine: Engine) -> None:
    held = replace(CONFLICT, kind=ItemKind.HELD)
    assert [each.new for each in synced(engine, 1, CONFLICT, held)] == [CONFLICT, held]
    assert [each.new for each in synced(engine, 2, held, CONFLICT)] == [CONFLICT, held]


def test_what_a_run_no_longer_sees_is_closed_for_its_kinds_and_records(engine: Engine) -> None:
    far = replace(CONFLICT, source_id=SourceId(700))
    synced(engine, 1, CONFLICT, far, REJECT)
    with writing(engine) as session:
        close_unseen(session, 2, [ItemKind.CONFLICT], (SourceId(1), SourceId(100)))
        assert [each.new for each in list_items(session)] == [far, REJECT]
        close_unseen(session, 2, [ItemKind.CONFLICT])
        assert [each.new for each in list_items(session)] == [REJECT]
        assert open_count(session) == {ItemKind.REJECTED: 1}


def test_what_another_command_keeps_is_closed_by_it_alone(engine: Engine) -> None:
    theirs = replace(CONFLICT, source_id=SourceId(700), reason="THEIRS")
    synced(engine, 1, CONFLICT, theirs)
    with writing(engine) as session:
        close_unseen(session, 2, [ItemKind.CONFLICT], but_not="THEIRS")
        assert [each.new for each in list_items(session)] == [theirs]
        close_unseen(session, 3, [ItemKind.CONFLICT], only=CONFLICT.reason)
        assert [each.new for each in list_items(session)] == [theirs]
        close_unseen(session, 3, [ItemKind.CONFLICT], only="THEIRS")
        assert list_items(session) == ()


def test_what_was_closed_comes_back_under_its_number_with_a_new_date(engine: Engine) -> None:
    (before,) = synced(engine, 1, CONFLICT)
    with writing(engine) as session:
        close_unseen(session, 2, [ItemKind.CONFLICT])
    (after,) = synced(engine, 3, CONFLICT, minute=9)
    assert (after.id, after.since) == (before.id, when(9))


def test_what_a_person_accepted_stays_so_until_its_digest_changes(engine: Engine) -> None:
    (waiting,) = synced(engine, 1, CONFLICT)
    with writing(engine) as session:
        assert accept(session, [waiting.id, 99], "known", WHEN) == 1
        assert accept(session, [waiting.id], "again", WHEN) == 0
        # Accepted, it is no conflict any more and so not seen: that must not forget it.
        close_unseen(session, 2, [ItemKind.CONFLICT])
        assert said_of(session, [SourceId(7), SourceId(8)]) == {7: Said("d1")}
    assert synced(engine, 3, CONFLICT) == ()
    with reading(engine) as session:
        known = item(session, waiting.id)
        assert known is not None
        assert (known.accepted_note, known.accepted_at, known.state) == ("known", WHEN, ItemState.ACCEPTED)
    (again,) = synced(engine, 4, replace(CONFLICT, digest="d2"), minute=9)
    assert (again.id, again.since, again.accepted_note) == (waiting.id, waiting.since, "")
    with reading(engine) as session:
        assert said_of(session, [SourceId(7)]) == {}


def test_a_person_can_close_one_and_find_it_by_its_record(engine: Engine) -> None:
    (conflict, _) = synced(engine, 1, CONFLICT, REJECT)
    with writing(engine) as session:
        set_state(session, [conflict.id], ItemState.CLOSED)
        assert [each.new for each in list_items(session)] == [REJECT]
        assert list_items(session, ItemKind.CONFLICT) == ()
        assert [each.id for each in list_items(session, ItemKind.CONFLICT, ItemState.CLOSED)] == [conflict.id]
        assert [each.state for each in items_of(session, SourceId(7))] == [ItemState.CLOSED]
        assert item(session, 99) is None
