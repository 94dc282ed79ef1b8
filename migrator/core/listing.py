"""When a list of ActiveCollab is due again, and what its silence about a record means.

The API of 1.x to 4.x has no "changed since" and no feed of deletions, and a list depends on who asks. So lists
are read again in a rhythm, and a record that one of them no longer shows is examined, never taken for deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from migrator.core.record import Deletion

IDLE_AFTER = timedelta(days=14)
"""A project without a change for so long is idle."""

LARGE = 500
"""Records from which on a project's recent days are worth a request of their own: fewer fit on five pages."""


class Due(Enum):
    """How much of a list is to be read now."""

    NOTHING = "nothing"
    RECENT = "recent"
    """Only the days of the window; proves nothing about records that it leaves out."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the lists of idle and of archived projects are read; active ones are read every time."""

    idle_every: timedelta
    archived_every: timedelta


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a list: when it was last read whole, and when anything in it last changed."""

    whole_at: datetime | None = None
    changed_at: datetime | None = None
    records: int = 0


def due(listed: Listed, rhythm: Rhythm, now: datetime, *, archived: bool, filters_by_day: bool) -> Due:
    """How much of a project's list is due at `now`; a list never read whole always is.

    A server that can limit a list to days is asked for the recent ones of a large active project in between.
    """
    if listed.whole_at is None:
        return Due.WHOLE
    age = now - listed.whole_at
    if archived:
        return Due.WHOLE if age >= rhythm.archived_every else Due.NOTHING
    if age >= rhythm.idle_every:
        return Due.WHOLE
    if listed.changed_at is None or now - listed.changed_at >= IDLE_AFTER:
        return Due.NOTHING
    return Due.RECENT if filters_by_day and listed.records > LARGE else Due.WHOLE


class Fate(StrEnum):
    """What is known of a record that its list no longer shows; `LISTED` is every other record."""

    LISTED = ""
    LOST = "lost"
    """It vanished together with so many others that a person must say that this is right."""
    UNSEEN = "unseen"
    """Not known to the server, but not every list has been read since it was missed: perhaps moved."""
    TRASHED = "trashed"
    DELETED = "deleted"
    INVISIBLE = "invisible"
    """It, or its project, may not be seen any more: not visible is not gone."""
    UNKNOWN = "unknown"


def deletion_of(fate: Fate, *, trashed: bool) -> Deletion:
    """What a record's fate proves; `trashed` says that its own newest copy lies in the trash."""
    if trashed or fate is Fate.TRASHED or fate is Fate.DELETED:
        return Deletion.PROVED
    return Deletion.PRESENT if fate is Fate.LISTED else Deletion.UNSEEN
