"""Settles what an earlier life left open: intents whose answer nobody wrote down.

An open intent is never "reset": its request may have been applied, so it is proved like any unclear write, after the
time in which it could still take effect has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from migrator.app.billed.proof import WRITE, settle_markings
from migrator.app.bulk_answers import check_markers_are_stored, record_found
from migrator.app.carrying import Carrier, Sent, word_of_create
from migrator.app.doctor.probe_removal import remove_probes
from migrator.app.hooks.installing import recover_installs
from migrator.app.hooks.switching import recover_hooks, resume_if_possible
from migrator.app.presences.proof import settle_presences
from migrator.app.proof import Proof, Sought, prove
from migrator.app.provision.archiving import end_behind
from migrator.app.provision.needed import Needed, look_for
from migrator.app.provision.needed_people import person_behind
from migrator.app.provision.needed_places import place_behind
from migrator.app.provision.prerequisites import needed_behind
from migrator.app.provision.shut import is_reopening, shut_again
from migrator.app.undo.undoing import keep_undone, take_hold_back
from migrator.core.actions import Word
from migrator.core.fingerprint import from_canonical, stored_view
from migrator.core.model import MocoId, SourceId
from migrator.moco.pacing import Priority
from migrator.store import intents, links, target, work
from migrator.store.engine import reading, writing
from migrator.store.intents import OpenIntent, Outcome

_BEHIND: Final[Mapping[str, Callable[[OpenIntent], Needed]]] = {
    "task": needed_behind,
    "contract": needed_behind,
    "company": place_behind,
    "project": place_behind,
    "person": person_behind,
    "deactivate": person_behind,
    "archive": end_behind,
    "end_contract": end_behind,
}
"""What an open intent wanted to be there, by what it writes."""


def recover(carrier: Carrier) -> int:
    """Settle every open intent, and undo what a killed run changed for its time; gives how many are still unclear."""
    try:
        _settle_all(carrier)
    finally:
        # Last, because a proof may need to look as a person whom the interrupted run reactivated.
        shut_again(carrier)
    resume_if_possible(carrier)
    return len(_unsettled(carrier))


def _unsettled(carrier: Carrier) -> list[OpenIntent]:
    with reading(carrier.place.engine) as session:
        return [each for each in intents.list_open(session) if not is_reopening(each)]


def _settle_all(carrier: Carrier) -> None:
    left_open = _unsettled(carrier)
    if not left_open:
        return
    _wait(carrier, left_open)
    with carrier.place.progress.phase("settling what an interrupted run left open", len(left_open)) as bar:
        creates = [each for each in left_open if each.write == "create"]
        for person, of_person in groupby(sorted(creates, key=_person), key=_person):
            _recover_creates(carrier, person, list(of_person))
        settle_markings(carrier, [each for each in left_open if each.write == WRITE])
        for each in left_open:
            if each.write in {"update", "withdraw"}:
                _recover_change(carrier, each)
            elif each.write == "undo":
                _recover_undo(carrier, each)
            elif (behind := _BEHIND.get(each.write)) is not None:
                look_for(carrier, behind(each), each.id, each.run_id)
        settle_presences(carrier, left_open)
        recover_hooks(carrier, left_open)
        recover_installs(carrier, left_open)
        for left in remove_probes(carrier).left:
            carrier.place.progress.tell(f"a probe could not be removed from MOCO: {left}")
        bar.advance(len(left_open))


def _person(intent: OpenIntent) -> MocoId:
    return intent.user_id or MocoId(0)


def _batch(intent: OpenIntent) -> str:
    return intent.batch


def _wait(carrier: Carrier, left_open: Sequence[OpenIntent]) -> None:
    """Until the youngest request can no longer take effect; a clock that went back restarts the wait."""
    clock = carrier.place.clock
    moco = carrier.place.config.moco
    longest = timedelta(seconds=moco.timeout_seconds + moco.settle_seconds)
    now = clock.now()
    due = max(now + longest if each.sent_at > now else min(each.settle_at, now + longest) for each in left_open)
    wait = (due - now).total_seconds()
    if wait > 0:
        carrier.place.progress.note(
            f"{len(left_open)} writes of an interrupted run are unclear: waiting {wait:.0f} s, then looking in MOCO"
        )
        clock.sleep(wait)


def _sent(carrier: Carrier, each: OpenIntent, source_id: SourceId) -> Sent:
    with reading(carrier.place.engine) as session:
        item = work.work_of(session, each.run_id, [source_id]).get(source_id)
    word = Word.UPDATED if each.write == "update" else word_of_create(item) if item else Word.CREATED
    return Sent(each.id, each.run_id, source_id, from_canonical(each.payload), word)


def _recover_creates(carrier: Carrier, person: MocoId, left_open: Sequence[OpenIntent]) -> None:
    sent = [_sent(carrier, each, each.source_id) for each in left_open if each.source_id is not None]
    sought = [Sought(each.booking.marker, each.booking.day) for each in sent]
    settle_seconds = carrier.place.config.moco.settle_seconds
    proof = prove(carrier.place, carrier.writer, person, sought, settle_seconds)
    absent = record_found(carrier, sent, proof)
    if absent and proof.valid:
        _check_answered(carrier, person, left_open, absent, proof)
        carrier.close_intents([each.intent_id for each in absent], Outcome.ABSENT, "proved absent")


def _check_answered(
    carrier: Carrier, person: MocoId, left_open: Sequence[OpenIntent], absent: Sequence[Sent], proof: Proof
) -> None:
    """MOCO answered success to these batches, and none of their records is there: were they stored unmarked?"""
    nowhere = {each.intent_id: each for each in absent}
    for _, rows in groupby(sorted(left_open, key=_batch), key=_batch):
        batch = list(rows)
        answered = all(each.status is not None and 200 <= each.status < 300 for each in batch)
        if answered and all(each.id in nowhere for each in batch):
            sent_at = min(each.sent_at for each in batch)
            check_markers_are_stored(carrier, person, [nowhere[each.id] for each in batch], sent_at, proof)


def _recover_change(carrier: Carrier, each: OpenIntent) -> None:
    """A GET of the activity decides: it is as wanted, or it is not."""
    if each.activity_id is None or each.source_id is None:
        return
    entry = carrier.writer.fetch_activity(each.activity_id, priority=Priority.PROOF)
    sent = _sent(carrier, each, each.source_id)
    if each.write == "withdraw" and entry is None:
        with writing(carrier.place.engine) as session:
            if intents.close_intents(session, [each.id], Outcome.FOUND, carrier.place.clock.now()):
                links.close_link(session, each.source_id)
                target.forget(session, [each.activity_id])
                item = work.work_of(session, each.run_id, [each.source_id]).get(each.source_id)
                if item is not None and item.write == "withdraw":
                    work.finish_work(session, each.run_id, [each.source_id], Word.SKIPPED, reason="WITHDRAWN")
        return
    if each.write == "update" and entry is not None and stored_view(sent.booking, entry.booking) == sent.booking:
        with writing(carrier.place.engine) as session:
            carrier.link(session, sent, entry, outcome=Outcome.FOUND)
        return
    carrier.close_intents([each.id], Outcome.ABSENT, "the change is not there")


def _recover_undo(carrier: Carrier, each: OpenIntent) -> None:
    """A deletion that took a record back: gone is done, else the record is not held."""
    if each.activity_id is None or each.source_id is None:
        return
    if carrier.writer.fetch_activity(each.activity_id, priority=Priority.PROOF) is None:
        keep_undone(carrier, each.id, each.source_id, each.activity_id, Outcome.FOUND)
    else:
        take_hold_back(carrier, each.id, each.source_id, Outcome.ABSENT, "it is still there")
