"""What one record, or one activity without a record, contributes to a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from migrator.core.actions import Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import Billing, MocoId, Seconds, SourceId
from migrator.core.quick import quickly_made


class TargetState(Enum):
    """How MOCO holds the time of a record."""

    # Sums are kept by it, and Python's own asks for the hash of the name, in Python.
    __hash__ = object.__hash__

    ABSENT = "absent"
    NON_BILLABLE = "non_billable"
    OPEN = "open"
    BILLED = "billed"


class Rule(Enum):
    """Why MOCO's seconds are not ActiveCollab's; each record whose seconds differ has exactly one.

    `UNEXPLAINED` explains nothing, and what is in conflict or not moved yet is as little explained to `verify` while it
    differs: a report with such seconds is not green.
    """

    __hash__ = object.__hash__

    SAME = "same"
    """The seconds are equal, and count in the same month."""

    WHOLE_MINUTES = "whole_minutes"
    """`policy.rounding = "minute"`: sent as whole minutes, and stored as sent."""

    ROUNDED_BY_MOCO = "rounded_by_moco"
    """The account's rounding made other seconds of what was sent, and the policy accepts that."""

    EDITED_IN_MOCO = "edited_in_moco"
    """A person changed the duration in MOCO; nothing of theirs is overwritten."""

    ACCEPTED = "accepted"
    """A person accepted in the inbox that both sides differ."""

    LEFT_OUT = "left_out"
    """A rule leaves it out (`reason` says which): zero duration, scope, cut-over, trash, mapping."""

    WAITS = "waits"
    """Held, quarantined or rejected: it waits for a person, and the report lists it."""

    IN_CONFLICT = "in_conflict"
    """Two truths: until a person decides, the seconds between them are unexplained, as `verify` counts them."""

    ELSEWHERE_IN_MOCO = "elsewhere_in_moco"
    """The activity is where it was written; in MOCO that project is another customer's, or stands for no other."""

    NOT_MOVED_YET = "not_moved_yet"
    """Nothing stands in its way; the next run moves it, and until then the books are not closed."""

    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Place:
    """A customer and one of its projects; of what only MOCO has, the id is MOCO's number, negative."""

    customer: str
    project_id: SourceId
    project: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where MOCO holds time that ActiveCollab has in another project or for another customer, and why."""

    place: Place
    rule: Rule


@quickly_made
@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record on both sides; seconds are whole, texts are as people typed them and trusted nowhere.

    `source_id` is None for an activity of ours behind which no record stands, and for a second copy of one; such lines
    lie where MOCO holds them, and have no `billing` and no `word`. `elsewhere` is None while both sides have the time
    in the same place. `activity_id` is None while MOCO holds
    none. `written` are the hours as ActiveCollab wrote them; `read` their seconds; `sent` what was asked of MOCO,
    None where nothing was; `stored` what MOCO showed last, 0 without an activity. `reason` is the word of the rule
    behind a hold, skip, conflict or keep; `detail` says it in words about this record. `fields` are the names of
    the fields that differ. Addresses of the web are as they were typed, too.
    """

    source_id: SourceId | None
    activity_id: MocoId | None
    customer: str
    project_id: SourceId
    project: str
    person_id: SourceId | None
    person: str
    day: date
    target_day: date | None
    billing: Billing | None
    written: str
    read: Seconds
    sent: Seconds | None
    stored: Seconds
    state: TargetState
    word: Word | None
    reason: str
    detail: str
    rule: Rule
    difference: DifferenceKind | None
    explained: bool
    fields: tuple[str, ...]
    stand_in: bool
    source_url: str
    target_url: str
    unexplained_seconds: int = 0
    """What nobody explains of it, positive, as `verify` counts it: all of an activity whose record was deleted, too."""

    elsewhere: Elsewhere | None = None

    @property
    def target_customer(self) -> str:
        """For whom MOCO holds it."""
        return self.customer if self.elsewhere is None else self.elsewhere.place.customer

    @property
    def seconds_apart(self) -> int:
        """MOCO's seconds less ActiveCollab's."""
        return self.stored - self.read


@quickly_made
@dataclass(frozen=True, slots=True)
class Exceptional:
    """Something that waits for a person; `disposition`, `name` and `date` are for them to fill in."""

    id: str
    """i17; empty for what the next run puts into the inbox: until then nobody can decide it."""
    kind: str
    source_id: SourceId | None
    activity_id: int | None
    customer: str
    project: str
    person: str
    day: date | None
    seconds: int
    reason: str
    message: str
    since: datetime
    keep_source: str
    """What `keep source` would do, in words; empty where that has no meaning, or the item has no number yet."""
    keep_target: str
    source_url: str
    target_url: str
    digest: str = ""
    """Of the item as shown: a decision that is read back counts only while it is the same."""


class Lines(Protocol):
    """The lines of a report on disk, in the orders that its formats need; never all of them in memory."""

    def differences(self) -> Iterator[RecordLine]:
        """Those with a `difference`: unexplained first, then by the size of the seconds apart, largest first."""

    def of_project(self, project_id: SourceId) -> Iterator[RecordLine]:
        """Those that either side has in one project, by day and record."""

    def every(self) -> Iterator[RecordLine]:
        """All of them, by record; activities without a record come last."""

    def exceptions(self) -> Iterator[Exceptional]:
        """What waits for a person: by kind, then the most time first; what has no number yet comes last."""
