"""Proves what became of a marking: `billed` of the activities is read, and an interrupted run's is settled by it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from migrator.app.carrying import Carrier
from migrator.core.model import MocoId, TargetEntry
from migrator.moco.pacing import Priority
from migrator.moco.reading import MocoReader
from migrator.moco.scan import scan_ids
from migrator.store import intents, links, refusals
from migrator.store.engine import writing
from migrator.store.intents import OpenIntent, Outcome

WRITE = "disregard"
"""What intents and refusals call the marking."""

MOST_IN_VAIN = 2
"""How often MOCO may be asked to mark an activity that it then shows as not billed, whichever runs ask."""

_AT_ONCE = 100


def read_now(reader: MocoReader, activity_ids: Collection[MocoId]) -> dict[MocoId, TargetEntry]:
    """The activities (at most 100) as MOCO shows them now; missing are only those that it says are gone."""
    listing = scan_ids(reader, activity_ids, priority=Priority.PROOF)
    present = {entry.id: entry for page in listing for entry in page}
    for activity_id in activity_ids:
        if activity_id not in present:
            # Absence from a list proves nothing.
            entry = reader.fetch_activity(activity_id, priority=Priority.PROOF)
            if entry is not None:
                present[activity_id] = entry
    return present


def settle_markings(carrier: Carrier, left_open: Sequence[OpenIntent]) -> None:
    """Settle the markings that an interrupted run left open; their time to take effect has passed."""
    for start in range(0, len(left_open), _AT_ONCE):
        some = left_open[start : start + _AT_ONCE]
        present = read_now(carrier.writer, {each.activity_id for each in some if each.activity_id is not None})
        billed = {entry.id for entry in present.values() if entry.billed}
        found = {each.id: each.source_id for each in some if each.activity_id in billed}
        now = carrier.place.clock.now()
        with writing(carrier.place.engine) as session:
            closed = intents.close_intents(session, list(found), Outcome.FOUND, now)
            marked = [source_id for id_, source_id in found.items() if id_ in closed and source_id is not None]
            links.mark_disregarded(session, marked, True)
            rest = [each.id for each in some if each.id not in found]
            intents.close_intents(session, rest, Outcome.ABSENT, now, detail="MOCO shows it as not billed")
            open_still = [each.source_id for each in some if each.id in rest and each.source_id is not None]
            ended = intents.count_ended(session, WRITE, open_still, Outcome.ABSENT)
            # A person's word to try once more was for one request.
            refusals.hold_again(session, [each for each, many in ended.items() if many >= MOST_IN_VAIN], WRITE)
