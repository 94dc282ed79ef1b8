"""What can become of a record: the actions `decide` chooses from, and the final words they end in.

An action that writes is one of `Write`; every other is final at once. Reasons are enums: a left-out or waiting
record is a value with a reason, never a silent nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from migrator.core.model import Booking, MocoId, TargetEntry
from migrator.core.quick import quickly_made


class Word(Enum):
    """The final words of a run; each record is in exactly one."""

    # Records are counted by it, and Python's own asks for the hash of the name, in Python.
    __hash__ = object.__hash__

    CREATED = "created"
    ADOPTED = "adopted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    HELD = "held"
    CONFLICTS = "conflicts"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    PENDING = "pending"
    UNCLEAR = "unclear"


class SkipReason(Enum):
    """Why a rule leaves a record out."""

    TRASHED = "TRASHED"
    ZERO_DURATION = "ZERO_DURATION"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    AFTER_CUTOVER = "AFTER_CUTOVER"
    MAPPED_TO_SKIP = "MAPPED_TO_SKIP"


class HoldReason(Enum):
    """Why a record waits for a person, a mapping or a later run."""

    UNSETTLED = "UNSETTLED"
    UNDONE = "UNDONE"
    REJECTED = "REJECTED"
    UNSEEN = "UNSEEN"
    UNMAPPED = "UNMAPPED"
    MAPPED_TO_HOLD = "MAPPED_TO_HOLD"
    NOT_ESTABLISHED = "NOT_ESTABLISHED"
    PLAN_CHANGED = "PLAN_CHANGED"
    FORBIDDEN = "FORBIDDEN"
    PROJECT_MISSING = "PROJECT_MISSING"
    PROJECT_ARCHIVED = "PROJECT_ARCHIVED"
    TASK_INACTIVE = "TASK_INACTIVE"
    TASK_MISSING = "TASK_MISSING"
    CONTRACT_MISSING = "CONTRACT_MISSING"
    STARTS_A_TIMER = "STARTS_A_TIMER"
    WITHOUT_ACCOUNT = "WITHOUT_ACCOUNT"


class ConflictReason(Enum):
    """Why two sides, or a rule and a side, disagree."""

    DUPLICATE = "DUPLICATE"
    SHARED = "SHARED"
    DELETED_IN_SOURCE = "DELETED_IN_SOURCE"
    DELETED_IN_TARGET = "DELETED_IN_TARGET"
    NO_LONGER_WANTED = "NO_LONGER_WANTED"
    ADOPTED_DIFFERS = "ADOPTED_DIFFERS"
    WORKER_CHANGED = "WORKER_CHANGED"
    UNBILLED_IN_SOURCE = "UNBILLED_IN_SOURCE"
    BOTH_EDITED = "BOTH_EDITED"
    BILLED = "BILLED"
    REFUSED = "REFUSED"


class KeepReason(Enum):
    """Why nothing needs doing; all but SAME are told in reports."""

    SAME = "SAME"
    UNSEEN = "UNSEEN"
    EDITED_IN_TARGET = "EDITED_IN_TARGET"
    REBASED = "REBASED"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    AFTER_CUTOVER = "AFTER_CUTOVER"
    ACCEPTED = "ACCEPTED"


# -- actions that write to the target, or to our memory of it --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Create:
    """Insert the record; its absence from the target is established."""

    wanted: Booking


@dataclass(frozen=True, slots=True)
class Adopt:
    """Link the activity that already carries our marker; with `then_update`, bring it to what is wanted."""

    target: TargetEntry
    wanted: Booking
    then_update: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Bring the linked activity to what is wanted."""

    target: TargetEntry
    wanted: Booking


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Delete the linked activity, because the source proves its record deleted."""

    target: TargetEntry


@dataclass(frozen=True, slots=True)
class Rebook:
    """The worker changed: withdraw the activity, confirm, then create it for the right person."""

    target: TargetEntry
    wanted: Booking


# -- actions that are final at once ----------------------------------------------------------------------------


@quickly_made
@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing to do; `rebase` asks to remember the present values as the common ones."""

    reason: KeepReason = KeepReason.SAME
    rebase: Booking | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Waits; `detail` names what is missing in a person's words."""

    reason: HoldReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two truths; nothing is written until a person decides."""

    reason: ConflictReason
    detail: str = ""
    activity_ids: tuple[MocoId, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Left out by a rule; `close_link` when our memory of a vanished activity can go."""

    reason: SkipReason
    close_link: bool = False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Refused by MOCO before, unchanged since: not sent again."""

    words: str


Write = Create | Adopt | Update | Withdraw | Rebook
Action = Write | Keep | Hold | Conflict | Skip | Quarantined
