"""What MOCO's web hooks tell of one activity or project, and whether it is news to us.

Deliveries come twice, late and in any order. So of each object only the event of the highest rank is kept, and what is
kept is only a reason to ask MOCO: what counts is what MOCO answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

from migrator.core.fingerprint import digest, values
from migrator.core.model import Key, MocoId, TargetEntry


class Thing(StrEnum):
    """What we listen to, in MOCO's words."""

    ACTIVITY = "Activity"
    PROJECT = "Project"


@dataclass(frozen=True, slots=True)
class Heard:
    """The event of the highest rank that was heard of an object; nothing personal is kept of it.

    `ours`: it showed a marker of our instance; `updated_at` and `content` are of the activity that it showed, None and
    "" where it showed none, as deletions do.
    """

    thing: Thing
    id: MocoId
    deleted: bool
    rank: str
    """Text to be compared: a deletion is the last word, else the later event is; the delivery decides a tie."""
    ours: bool = False
    updated_at: datetime | None = None
    content: str = ""


def rank_of(at_ms: int, delivery: str, *, deleted: bool) -> str:
    """The rank of an event: MOCO's time in milliseconds since 1970, and a digest of the delivery (hex)."""
    return f"{deleted:d}{at_ms:015d}{delivery}"


def heard_of_activity(entry: TargetEntry, rank: str, instance: str) -> Heard:
    """What an event says that shows an activity as it was created or changed."""
    key = Key.from_marker(entry.booking.marker)
    ours = key is not None and key.instance == instance
    return Heard(Thing.ACTIVITY, entry.id, False, rank, ours, entry.updated_at, content_of(entry))


def content_of(entry: TargetEntry) -> str:
    """A digest of everything of an activity that a decision may look at."""
    return digest([values(entry.booking), entry.billed, entry.timer_running])


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of an object: its activity as last shown, its link, and whether creates are open."""

    shown: TargetEntry | None = None
    linked: bool = False
    gone: bool = False
    creating: bool = False


class Worth(Enum):
    """What to do about an event."""

    NEWS = "news"
    """MOCO has to be asked."""
    KNOWN = "known"
    """An echo of our own write, or old news: the database shows that, or later, already."""
    FOREIGN = "foreign"
    """About time that is not ours: the next scan reads it with everything else that was updated."""
    SPREAD = "spread"
    """A deleted project: each activity in it has to be asked for."""


def worth(heard: Heard, known: Known) -> Worth:
    """Whether an event tells what the database does not know yet.

    An echo of our own write is told by what MOCO answered us, never by `X-Moco-Origin`: other tools use the API too.
    """
    if heard.thing is Thing.PROJECT:
        # Names, tasks and contracts of projects are read anew by every run anyway.
        return Worth.SPREAD if heard.deleted else Worth.KNOWN
    if heard.deleted:
        believed_there = known.shown is not None or (known.linked and not known.gone)
        # What is being created right now may be what was deleted: our own answer comes later than the event.
        return Worth.NEWS if believed_there or known.creating else Worth.KNOWN
    if known.shown is not None and heard.updated_at is not None:
        seen, told = known.shown.updated_at, heard.updated_at
        if seen > told or (seen == told and content_of(known.shown) == heard.content):
            return Worth.KNOWN
    return Worth.NEWS if heard.ours or known.linked else Worth.FOREIGN
