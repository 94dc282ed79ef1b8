"""All that is known of one record when it is decided: both sides, our memory, a person's words, the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum

from migrator.core.fingerprint import VERSION
from migrator.core.model import Billing, Booking, Key, MocoId, Seconds, SourceId, TargetEntry
from migrator.core.quick import quickly_made
from migrator.core.wanted import LeftOut, Unmapped, Wanted


class Deletion(Enum):
    """What is known of a record's end in ActiveCollab.

    `UNSEEN`: a later complete listing that should show it does not. `PROVED`: it lies in the trash, or asking
    for it answered "not found" after complete listings of every project.
    """

    PRESENT = "present"
    UNSEEN = "unseen"
    PROVED = "proved"


class SourceDeleted(StrEnum):
    """What a proved deletion in ActiveCollab does to its activity in MOCO."""

    REPORT = "report"
    DELETE = "delete"


@quickly_made
@dataclass(frozen=True, slots=True)
class Link:
    """Our memory of one write.

    `sent` is what we asked for, `answered` what MOCO stored, both under fingerprint `version`; `sent` is None
    in a link rebuilt from MOCO alone. `disregarded`: we asked MOCO to mark the activity as already billed.
    """

    activity_id: MocoId
    sent: Booking | None
    answered: Booking
    version: int
    updated_at: datetime
    disregarded: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write of this record that MOCO refused, in MOCO's own words.

    `write` is "create", "update" or "withdraw"; `payload` the fingerprint of what was sent ("" for a
    withdrawal); `target` the fingerprint of the activity at that time ("" for a create).
    """

    write: str
    payload: str
    target: str
    words: str
    released: bool = False

    def repeats_create(self, payload: str) -> bool:
        """Whether creating `payload` was refused before, and nobody released it."""
        return not self.released and self.write == "create" and self.payload == payload

    def repeats_update(self, payload: str, target: str) -> bool:
        """Whether bringing the activity `target` to `payload` was refused before, and nobody released it."""
        return not self.released and (self.write, self.payload, self.target) == ("update", payload, target)

    def repeats_withdrawal(self, target: str) -> bool:
        """Whether deleting the activity `target` was refused before, and nobody released it."""
        return not self.released and (self.write, self.target) == ("withdraw", target)


@quickly_made
@dataclass(frozen=True, slots=True)
class Source:
    """ActiveCollab's side; `rejected` is the message about the newest copy when that copy cannot be used."""

    key: Key
    seconds: Seconds
    deletion: Deletion
    wanted: Wanted | Unmapped | LeftOut
    billing: Billing
    rejected: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class Target:
    """MOCO's side.

    `marked`: the activities that carry our marker, by id, the linked one included. `linked`: the linked
    activity as it is now; None when no scan has shown it. `gone`: it is proved gone (asking for it answered
    404). `absence_established`: in this run MOCO was asked for the marker, or that person's days were listed
    completely. `stands_for`: the other record to which the activity that carries our marker is linked.
    """

    marked: tuple[TargetEntry, ...] = ()
    linked: TargetEntry | None = None
    gone: bool = False
    absence_established: bool = False
    stands_for: SourceId | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's word that ActiveCollab's side counts: about one `conflict`, and the activity as it was `shown`.

    Both are digests; the word counts only while neither has changed.
    """

    conflict: str
    shown: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Memory:
    """What we and people remember of the record; `accepted` is the digest of an accepted conflict."""

    open_intent: bool = False
    undone: bool = False
    refusal: Refusal | None = None
    accepted: str = ""
    ruling: Ruling | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a run; `today` is the day in UTC, `invoiced` says which records of ActiveCollab are billed there."""

    source_deleted: SourceDeleted
    today: date
    invoiced: frozenset[Billing] = frozenset({Billing.PAID})


def new_link(entry: TargetEntry, sent: Booking) -> Link:
    """The link to write once MOCO showed `entry` for what was `sent`."""
    return Link(entry.id, sent, entry.booking, VERSION, entry.updated_at)
