"""Both sides of a record field by field, as a person is shown them, and the digest of what was shown."""

from __future__ import annotations

from migrator.core.fingerprint import Scalar, digest
from migrator.core.model import Booking, TargetEntry
from migrator.core.record import Link, Target

Side = dict[str, Scalar]
"""Field names as the inbox writes them, with their values in MOCO's ids, days as ISO text, seconds."""


def side_of(booking: Booking) -> Side:
    """A booking as one side."""
    return {
        "date": booking.day.isoformat(),
        "seconds": booking.seconds,
        "user_id": booking.user_id,
        "project_id": booking.project_id,
        "task_id": booking.task_id,
        "description": booking.description,
        "billable": booking.billable,
        "url": booking.url,
        "tag": booking.tag,
    }


def present_side(entry: TargetEntry) -> Side:
    """An activity as it is in MOCO, with what no write of ours sets."""
    rest: Side = {"marker": entry.booking.marker, "billed": entry.billed, "timer_running": entry.timer_running}
    return {**side_of(entry.booking), **rest}


def entry_shown(link: Link | None, target: Target) -> TargetEntry | None:
    """The one activity that stands for a record in MOCO: the linked one, else the first that carries its marker.

    None where there is none, and where no listing has shown it yet.
    """
    gone = link.activity_id if link is not None and target.gone else None
    found = (*((target.linked,) if target.linked else ()), *target.marked)
    return next((entry for entry in found if entry.id != gone), None)


def shown_digest(entry: TargetEntry | None) -> str:
    """The digest of an activity as a person is shown it: any change of it that can be seen changes this."""
    return side_digest(present_side(entry) if entry else None)


def side_digest(side: Side | None) -> str:
    """The same of a side that was kept."""
    return digest(side)
