"""What "changed" and "equal" mean: the linked activity as it stands, compared with what MOCO answered us."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.core.duration import explained_by_rounding
from migrator.core.fingerprint import differing, stored_view
from migrator.core.model import Booking, TargetEntry
from migrator.core.quick import quickly_made
from migrator.core.record import Link, Target


@quickly_made
@dataclass(frozen=True, slots=True)
class Standing:
    """The linked activity as it stands: as a scan showed it, or as MOCO answered us when none has since."""

    entry: TargetEntry
    seen: bool
    """False when `entry` is only what MOCO answered us."""

    billed: bool


def standing(link: Link, target: Target) -> Standing:
    """The linked activity; call it only while the activity is not proved gone."""
    return Standing(entry_of(link, target), target.linked is not None, is_billed(link, target))


def entry_of(link: Link, target: Target) -> TargetEntry:
    """The linked activity as a scan showed it, or as MOCO answered us."""
    if target.linked is not None:
        return target.linked
    return TargetEntry(link.activity_id, link.answered, link.disregarded, link.updated_at, link.updated_at)


def is_billed(link: Link, target: Target) -> bool:
    """Whether the linked activity counts as billed: what we asked to mark so does, whether or not MOCO shows it."""
    return link.disregarded or (target.linked is not None and target.linked.billed)


def agrees(wanted: Booking, stored: Booking) -> bool:
    """Whether `stored` is what MOCO makes of `wanted`: equal, but for its known rounding of seconds."""
    names = differing(wanted, stored_view(wanted, stored))
    return not names or (names == ("seconds",) and bool(explained_by_rounding(wanted.seconds, stored.seconds)))


def edited(link: Link, view: Booking, present: Standing) -> bool:
    """Whether the activity differs from what MOCO answered us; a running timer is an edit that has begun."""
    then, now = stored_view(view, link.answered), stored_view(view, present.entry.booking)
    return present.entry.timer_running or bool(differing(then, now, link.version))


def answered_before(sent: Booking, entry: TargetEntry) -> Booking | None:
    """What MOCO must have answered to `sent`, where somebody edited the activity before we saw it; else None.

    Only an activity that MOCO shows as edited since: what it made of our text by itself is its answer.
    """
    edited_since = entry.updated_at != entry.created_at and not agrees(sent, entry.booking)
    return sent if edited_since else None


def tagged(sent: Booking, wanted: Booking) -> Booking:
    """Whichever booking sets a tag: only where we neither did nor will, a tag is a person's own affair."""
    return sent if sent.tag else wanted


def untouched(link: Link, present: Standing) -> bool:
    """Whether nothing was done to the activity since our write; what shall be deleted is looked at strictly.

    A link rebuilt from MOCO does not know what we wrote, so only an activity that was never edited passes.
    """
    entry = present.entry
    if entry.timer_running or differing(link.answered, entry.booking, link.version):
        return False
    return link.sent is not None or (present.seen and entry.updated_at == entry.created_at)
