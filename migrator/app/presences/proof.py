"""Proves what became of a presence that was sent without a clear answer: by person, day, times and our own list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from migrator.app.carrying import Carrier
from migrator.app.presences.looking import UNDO, WRITE, Wanted, list_presences, shown_of
from migrator.core.model import MocoId
from migrator.core.working_days import Presence, own_among
from migrator.moco.calls import presences as calls
from migrator.moco.client import MocoReader
from migrator.moco.pacing import Priority
from migrator.moco.reading import Forbidden
from migrator.store import intents, presences
from migrator.store.engine import reading, writing
from migrator.store.intents import OpenIntent, Outcome

CLOCKS_DIFFER = timedelta(minutes=10)
"""How much earlier than our sending MOCO's clock may say that a presence was created."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A day of a person as MOCO shows it: what our own write made, if it did, and what others made."""

    own: Presence | None
    others: tuple[Presence, ...]


def look_for(carrier: Carrier, wanted: Wanted, sent_at: datetime) -> Seen:
    """List the day of a write and tell what it made: equal times, created since, and not known as another of ours."""
    shown = list_presences(carrier.writer, wanted.person, wanted.day, wanted.day, priority=Priority.PROOF)
    with reading(carrier.place.engine) as session:
        known = presences.known_ids(session, [each.id for each in shown])
    strangers = tuple(each for each in shown if each.id not in known)
    made = own_among(strangers, wanted.person, wanted.day, wanted.span, sent_at - CLOCKS_DIFFER)
    own = min(made, key=lambda each: each.id, default=None)
    return Seen(own, tuple(each for each in strangers if each is not own))


def keep(carrier: Carrier, intent_id: int, wanted: Wanted, shown: Presence, outcome: Outcome, run_id: int) -> bool:
    """Remember a presence that MOCO showed, if the intent is open and it is no other one of ours; tells whether."""
    with writing(carrier.place.engine) as session:
        if presences.known_ids(session, [shown.id]) or not intents.close_intents(
            session, [intent_id], outcome, carrier.place.clock.now()
        ):
            return False
        presences.link(session, wanted.span, shown, run_id)
        return True


def keep_undone(carrier: Carrier, intent_id: int, presence_id: MocoId, outcome: Outcome) -> bool:
    """The presence is gone, and its day stays held; False when somebody else settled the intent."""
    with writing(carrier.place.engine) as session:
        if not intents.close_intents(session, [intent_id], outcome, carrier.place.clock.now()):
            return False
        presences.mark_undone(session, presence_id)
        return True


def fetch_presence(
    reader: MocoReader, presence_id: MocoId, person: MocoId, *, as_person: bool = True
) -> Presence | None:
    """One presence as it is now; None when MOCO says that it is gone."""
    asker = person if as_person else None
    row = reader.fetch(calls.get(presence_id), as_user=asker, priority=Priority.PROOF)
    return None if row is None else shown_of(row, person)


def settle_presences(carrier: Carrier, left_open: Sequence[OpenIntent]) -> None:
    """What a killed run wrote, or took back, without writing down how it ended; the time to settle has passed."""
    for each in left_open:
        try:
            if each.write == WRITE:
                _settle_written(carrier, each)
            elif each.write == UNDO:
                _settle_undone(carrier, each)
        except Forbidden as refused:
            # Nothing can be said of it, so it stays open; the others go on.
            carrier.place.progress.note(refused.message)


def _settle_written(carrier: Carrier, intent: OpenIntent) -> None:
    wanted = Wanted.behind(intent)
    seen = look_for(carrier, wanted, intent.sent_at)
    if seen.own is not None:
        keep(carrier, intent.id, wanted, seen.own, Outcome.FOUND, intent.run_id)
    else:
        carrier.close_intents([intent.id], Outcome.ABSENT, "proved absent")


def _settle_undone(carrier: Carrier, intent: OpenIntent) -> None:
    assert intent.activity_id is not None
    if fetch_presence(carrier.writer, intent.activity_id, Wanted.behind(intent).person) is None:
        keep_undone(carrier, intent.id, intent.activity_id, Outcome.FOUND)
    else:
        carrier.close_intents([intent.id], Outcome.ABSENT, "it is still there")
