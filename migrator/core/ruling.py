"""What a person's word that ActiveCollab's side counts makes of a conflict: the write that it asks for.

It holds for one conflict and for the activity as it was shown, and it reaches no further than a person could see:
what is billed, what we asked MOCO to mark as billed, and what a timer runs on is left alone all the same.
"""

from __future__ import annotations

from typing import assert_never

from migrator.core.actions import Action, Adopt, Conflict, ConflictReason, Rebook, Update, Withdraw
from migrator.core.model import Booking, TargetEntry
from migrator.core.record import Link


def write_for_source(
    conflict: Conflict, wanted: Booking | None, link: Link | None, entry: TargetEntry | None
) -> Action:
    """The write that brings the source's side into MOCO; the conflict itself where there is none.

    What was deleted in MOCO is not among them: it is decided again as if it had never been linked.
    """
    if entry is None or entry.billed or entry.timer_running or (link is not None and link.disregarded):
        return conflict
    match conflict.reason:
        case ConflictReason.DELETED_IN_SOURCE | ConflictReason.NO_LONGER_WANTED:
            return Withdraw(entry)
        case ConflictReason.BOTH_EDITED | ConflictReason.WORKER_CHANGED | ConflictReason.ADOPTED_DIFFERS:
            return _brought_to(wanted, link, entry) if wanted is not None else conflict
        case (
            ConflictReason.DUPLICATE
            | ConflictReason.SHARED
            | ConflictReason.DELETED_IN_TARGET
            | ConflictReason.UNBILLED_IN_SOURCE
            | ConflictReason.BILLED
            | ConflictReason.REFUSED
        ):
            return conflict
        case _:
            assert_never(conflict.reason)


def _brought_to(wanted: Booking, link: Link | None, entry: TargetEntry) -> Action:
    """MOCO cannot move an activity between people, so for another person it is created anew."""
    if wanted.user_id != entry.booking.user_id:
        return Rebook(entry, wanted)
    if link is not None and link.sent is not None:
        return Update(entry, wanted)
    return Adopt(entry, wanted, then_update=True)
