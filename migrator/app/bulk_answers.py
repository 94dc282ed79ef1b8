"""Reads the answer to a bulk request, and settles the ones that had none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from sqlalchemy.orm import Session

from migrator.app.batch import Batch, Ending
from migrator.app.carrying import Carrier, Sent
from migrator.app.proof import Proof, Sought, prove
from migrator.app.trouble import Trouble
from migrator.core.actions import ConflictReason, Word
from migrator.core.model import Booking, MocoId, TargetEntry
from migrator.errors import LoginRefused, RefusedByGate
from migrator.moco.answers import read_activities
from migrator.moco.json_values import AnswerError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import Priority
from migrator.moco.refusals import Refusal
from migrator.moco.scan import scan_markers
from migrator.store import account, intents, target, work
from migrator.store.engine import reading, writing
from migrator.store.intents import Outcome

WRONG_PERSON = "wrong_person"
"""The fact that names an activity which MOCO booked for another person, and for whom it was meant."""

PERSON_FIELDS = frozenset({"user", "user_id"})
"""How MOCO names the person in a refusal."""

LEFT_OUT_TWICE = Refusal(200, (), "MOCO answered success twice and left this record out")


def receive(carrier: Carrier, trouble: Trouble, batch: Batch, outcome: WriteOutcome) -> Ending:
    """Write down how one bulk request ended."""
    match outcome:
        case Answered(body=body):
            return _read_answer(carrier, trouble, batch, body)
        case NotSent(reason=reason):
            carrier.close_intents([each.intent_id for each in batch.sent], Outcome.UNSENT, reason)
            trouble.was_unsent(carrier, reason)
            return Ending(again=(batch.unsent(),))
        case Refused():
            return _refused(carrier, trouble, batch, outcome)
        case Unclear(status=422, refusal=refusal):
            return _unclear(carrier, replace(batch, refusal=refusal), outcome)
        case Unclear():
            trouble.was_unclear(carrier, outcome.reason)
            return _unclear(carrier, batch, outcome)
        case _:
            assert_never(outcome)


def login_refused(refusal: Refusal) -> LoginRefused:
    """The key was refused in the middle of the work."""
    return LoginRefused(
        f"MOCO refused the login in the middle of the work: {refusal.text}",
        hint="check moco.api_key, then run the same command again; it resumes",
    )


def settle(carrier: Carrier, trouble: Trouble, batch: Batch) -> Ending:
    """Prove the fate of an unclear batch: link what exists, send again what does not."""
    sought = [Sought(each.booking.marker, each.booking.day) for each in batch.sent]
    settle_seconds = carrier.place.config.moco.settle_seconds
    proof = prove(carrier.place, carrier.writer, batch.person, sought, settle_seconds)
    absent = record_found(carrier, batch.sent, proof)
    right = sum(_is_right(each, proof) for each in batch.sent)
    if right:
        # Found by its proof counts as answered right.
        trouble.went_well(right)
        _prove_bulk(carrier)
    if not absent:
        return Ending()
    ids = [each.intent_id for each in absent]
    if not proof.valid:
        carrier.leave_unclear(absent, "MOCO's lists do not show entries that are known to exist")
        return Ending()
    if batch.shown_nothing and len(absent) == len(batch.sent):
        check_markers_are_stored(carrier, batch.person, batch.sent, batch.sent_at, proof)
    if not carrier.close_intents(ids, Outcome.ABSENT, "proved absent"):
        return Ending()
    rest = batch.only(tuple(absent))
    return Ending(refused=(rest,)) if batch.refusal else _again(carrier, trouble, rest)


def record_found(carrier: Carrier, sent: Sequence[Sent], proof: Proof) -> list[Sent]:
    """Link what a proof found (it counts as answered right); gives what was not found."""
    absent = []
    with writing(carrier.place.engine) as session:
        for each in sent:
            found = proof.found.get(each.booking.marker, [])
            if not found:
                absent.append(each)
            elif _is_right(each, proof):
                carrier.link(session, each, found[0], outcome=Outcome.FOUND)
            else:
                _record_disagreement(carrier, session, each, found)
    return absent


def _is_right(each: Sent, proof: Proof) -> bool:
    found = proof.found.get(each.booking.marker, [])
    return len(found) == 1 and found[0].booking.user_id == each.booking.user_id


def _record_disagreement(carrier: Carrier, session: Session, each: Sent, found: Sequence[TargetEntry]) -> None:
    """The marker is there twice, or under another person: nothing is linked, a person decides."""
    several = len(found) > 1
    reason = ConflictReason.DUPLICATE if several else ConflictReason.ADOPTED_DIFFERS
    ids = ", ".join(str(entry.id) for entry in found)
    detail = (
        f"activities {ids} all carry the marker {each.booking.marker}"
        if several
        else f"activity {ids} carries the marker {each.booking.marker} but belongs to person {found[0].booking.user_id}"
    )
    now = carrier.place.clock.now()
    if intents.close_intents(session, [each.intent_id], Outcome.FOUND, now, detail=detail):
        target.store_entries(session, found, carrier.place.config.activecollab.instance)
        work.finish_work(session, each.run_id, [each.source_id], Word.CONFLICTS, reason=reason.value, detail=detail)


# -- an answer with a body -----------------------------------------------------------------------------------------


def _read_answer(carrier: Carrier, trouble: Trouble, batch: Batch, body: object) -> Ending:
    """Match rows by marker, never by position; what is missing, doubled or different is unclear."""
    try:
        entries = read_activities(body)
    except AnswerError as error:
        return _unclear(carrier, batch, Unclear(error.message, 200))
    by_marker: dict[str, list[TargetEntry]] = {}
    for entry in entries:
        by_marker.setdefault(entry.booking.marker, []).append(entry)
    right: list[tuple[Sent, TargetEntry]] = []
    open_still: list[Sent] = []
    for each in batch.sent:
        rows = by_marker.get(each.booking.marker, [])
        for row in rows:
            _check_person(carrier, each.booking, row)
        if len(rows) == 1 and _same_place(each.booking, rows[0].booking):
            right.append((each, rows[0]))
        else:
            open_still.append(each)
    with writing(carrier.place.engine) as session:
        carrier.link_all(session, right)
    if right:
        trouble.went_well(len(right))
        _learn_from(carrier, right[0][1])
    if not open_still:
        return Ending()
    for each in open_still:
        trouble.left_out[each.source_id] += 1
    rest = replace(batch.only(tuple(open_still)), shown_nothing=not right)
    return _unclear(carrier, rest, Unclear("the answer does not show every record", 200, None))


def _same_place(sent: Booking, stored: Booking) -> bool:
    return (sent.user_id, sent.project_id, sent.task_id, sent.day) == (
        stored.user_id,
        stored.project_id,
        stored.task_id,
        stored.day,
    )


def _check_person(carrier: Carrier, sent: Booking, entry: TargetEntry) -> None:
    if entry.booking.user_id != sent.user_id:
        carrier.learn(WRONG_PERSON, f"{entry.id} {sent.user_id}")
        raise _booked_for_another(entry, sent.user_id)


def _booked_for_another(entry: TargetEntry, meant: MocoId) -> LoginRefused:
    return LoginRefused(
        f"MOCO booked activity {entry.id} ({entry.booking.marker}) for person {entry.booking.user_id} instead of "
        f"{meant}: impersonation does not work for this key",
        hint=f"delete activity {entry.id} in MOCO, give the key's user the Staff permission, then run again",
    )


def check_wrong_person_is_gone(carrier: Carrier) -> None:
    """An activity that MOCO booked for another person stops every run until a person removed it: `LoginRefused`."""
    with reading(carrier.place.engine) as session:
        told = account.fact(session, WRONG_PERSON)
    if told is None:
        return
    activity_id, meant = (MocoId(int(number)) for number in told.split())
    entry = carrier.writer.fetch_activity(activity_id, priority=Priority.PROOF)
    if entry is not None and entry.booking.user_id != meant:
        raise _booked_for_another(entry, meant)
    with writing(carrier.place.engine) as session:
        account.forget(session, WRONG_PERSON)


def _learn_from(carrier: Carrier, entry: TargetEntry) -> None:
    """The first right answer proves bulk impersonation; a look at once tells whether lists are fresh."""
    _prove_bulk(carrier)
    if carrier.lists_fresh is None:
        listing = scan_markers(carrier.writer, [entry.booking.marker], priority=Priority.PROOF)
        carrier.lists_fresh = any(row.id == entry.id for page in listing for row in page)
        carrier.learn("lists_fresh", "yes" if carrier.lists_fresh else "no")


def _prove_bulk(carrier: Carrier) -> None:
    if not carrier.bulk_proved:
        carrier.learn("bulk_proved", "yes")
        carrier.bulk_proved = True


# -- answers without use -------------------------------------------------------------------------------------------


def _unclear(carrier: Carrier, batch: Batch, outcome: Unclear) -> Ending:
    """Keep the intents open, and look when the request can no longer take effect."""
    answered = outcome.status == 422 or (outcome.status is not None and 200 <= outcome.status < 300)
    due = carrier.settle_time(batch.sent_at, answered=answered)
    ids = [each.intent_id for each in batch.sent]
    with writing(carrier.place.engine) as session:
        intents.delay(session, ids, due, status=outcome.status, detail=outcome.reason)
    return Ending(unclear=((due, batch),))


def _again(carrier: Carrier, trouble: Trouble, rest: Batch) -> Ending:
    """Send proved-absent records again; one that a 2xx left out twice goes alone, and then not at all."""
    again: list[Batch] = []
    together = []
    for row, each in zip(rest.rows, rest.sent, strict=True):
        if trouble.left_out[row.source_id] > 2:
            _quarantine(carrier, trouble, each, LEFT_OUT_TWICE, proved=True)
        elif trouble.left_out[row.source_id] == 2:
            again.append(Batch(rest.person, (row,)))
        elif trouble.may_try_again(row.source_id):
            together.append(row)
    if together:
        again.append(Batch(rest.person, tuple(together)))
    return Ending(again=tuple(again))


def _refused(carrier: Carrier, trouble: Trouble, batch: Batch, outcome: Refused) -> Ending:
    """An answer that says that nothing was applied."""
    refusal = outcome.refusal
    ids = [each.intent_id for each in batch.sent]
    if refusal.status == 422 and batch.person in carrier.deactivated and refusal.fields & PERSON_FIELDS:
        # Not these records: whoever is deactivated takes none.
        if carrier.close_intents(ids, Outcome.REFUSED, refusal.text, refusal.status):
            trouble.was_forbidden(carrier, batch.person, [each.source_id for each in batch.sent], refusal)
        return Ending()
    if refusal.status == 422 or (refusal.status in {400, 413} and len(batch.sent) == 1):
        for each in batch.sent:
            _quarantine(carrier, trouble, each, refusal)
        return Ending()
    if not carrier.close_intents(ids, Outcome.REFUSED, refusal.text, refusal.status):
        return Ending()
    match refusal.status:
        case 401:
            raise login_refused(refusal)
        case 403 | 404:
            trouble.was_forbidden(carrier, batch.person, [each.source_id for each in batch.sent], refusal)
            return Ending()
        case 429:
            return Ending(again=(batch.unsent(),))
        case 400 | 413:
            return Ending(refused=(replace(batch, refusal=refusal),))
        case _:
            raise RefusedByGate(
                f"MOCO refuses every bulk request with status {refusal.status}: {refusal.text}",
                hint="check moco.url; this is a setting, not a record",
            )


def _quarantine(carrier: Carrier, trouble: Trouble, each: Sent, refusal: Refusal, *, proved: bool = False) -> None:
    with writing(carrier.place.engine) as session:
        if not carrier.refuse(session, each, "create", refusal, before=None, proved=proved):
            return
        work.finish_work(
            session, carrier.run_id, [each.source_id], Word.QUARANTINED, reason="REFUSED", detail=refusal.text
        )
    trouble.was_refused(refusal.text)


def check_markers_are_stored(
    carrier: Carrier, person: MocoId, sent: Sequence[Sent], sent_at: datetime | None, proof: Proof
) -> None:
    """A success that shows none of its records: did MOCO store them without the marker? Then `RefusedByGate`."""
    days = [each.booking.day for each in sent]
    listed = proof.person_days
    if listed is None:
        listed = carrier.list_days(min(days), max(days), person)
    for entry in listed:
        created_since = sent_at is not None and entry.created_at >= sent_at.replace(microsecond=0)
        if entry.booking.marker or not created_since:
            continue
        if any(_content(entry.booking) == _content(each.booking) for each in sent):
            raise RefusedByGate(
                f"MARKER_NOT_STORED: MOCO stored activity {entry.id} without the marker that was sent, so records "
                "could not be told apart from then on; nothing more is written",
                hint=f"delete activity {entry.id} in MOCO and ask MOCO's support why remote_id is not kept",
            )


def _content(booking: Booking) -> tuple[object, ...]:
    return (booking.day, booking.seconds, booking.project_id, booking.task_id, booking.description)
