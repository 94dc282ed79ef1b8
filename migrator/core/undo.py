"""What of a run can be taken back, and why the rest stays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.core.drift import Standing, untouched
from migrator.core.fingerprint import differing
from migrator.core.model import TargetEntry
from migrator.core.record import Link


class Fate(StrEnum):
    """What became of a record that a run created, when that run is undone; each record has exactly one."""

    UNDONE = "undone"
    UNDONE_BEFORE = "undone_before"
    GONE = "gone"
    """What the run created is not in MOCO any more: deleted there, withdrawn, or replaced by a later run."""
    STAYS = "stays"
    UNCLEAR = "unclear"
    PENDING = "pending"


class StayReason(StrEnum):
    """Why something that a run did stays in MOCO."""

    BILLED = "billed"
    DISREGARDED = "disregarded"
    EDITED = "edited"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    UPDATE = "update"
    WORKER_CHANGED = "worker_changed"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"
    TASK = "task"
    CONTRACT = "contract"
    PROJECT = "project"
    COMPANY = "company"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Stays:
    """Why an activity stays, and what is particular about it."""

    reason: StayReason
    detail: str = ""


def fate_before_reading(link: Link | None, *, gone: bool, undone: bool, open_intent: bool, replaced: bool) -> Fate:
    """What memory alone says; `PENDING` when MOCO has to be asked.

    `undone`: it is held because it was taken back; `replaced`: a later run created the record's activity anew.
    """
    if open_intent:
        return Fate.UNCLEAR
    if undone and link is None:
        return Fate.UNDONE_BEFORE
    if link is None or gone or replaced:
        return Fate.GONE
    return Fate.STAYS if link.disregarded else Fate.PENDING


def why_it_stays(link: Link, entry: TargetEntry) -> Stays | None:
    """Why the activity, as it is now, must not be deleted; None when it is as MOCO last answered us."""
    if entry.billed:
        return Stays(StayReason.BILLED)
    if link.disregarded:
        return Stays(StayReason.DISREGARDED)
    if not untouched(link, Standing(entry, seen=True, billed=False)):
        names = ", ".join(differing(link.answered, entry.booking, link.version))
        return Stays(StayReason.EDITED, "a timer is running" if entry.timer_running else names)
    return None
