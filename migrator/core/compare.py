"""Source against target for `verify`: what differs, and whether that is explained."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from migrator.core.actions import (
    Action,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Keep,
    KeepReason,
    Quarantined,
    Skip,
)
from migrator.core.drift import entry_of
from migrator.core.duration import explained_by_rounding
from migrator.core.fingerprint import Scalar, differing, stored_view, values
from migrator.core.model import Booking, Key, MocoId, SourceId, TargetEntry
from migrator.core.record import Deletion, Link, Source, Target
from migrator.core.wanted import LeftOut, Unmapped, Wanted

Fields = dict[str, Scalar]
"""Field names of a booking with their values, days as ISO text."""


class DifferenceKind(Enum):
    """How the two sides differ over one record or activity."""

    MISSING = "missing"
    EXTRA = "extra"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    ROUNDED = "rounded"
    EDITED = "edited"
    DELETED = "deleted"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `source` and `target` show what differs, or all of one side when the other is empty.

    Explained are: edited by a person in MOCO, accepted in the inbox, rounding where the policy accepts it.
    """

    source_id: SourceId | None
    activity_id: MocoId | None
    kind: DifferenceKind
    source: Fields | None
    target: Fields | None
    explained: bool
    seconds: int = 0
    """By how much time the sides are apart, positive: all of it where one of them has nothing."""


def differences(
    source: Source, link: Link | None, target: Target, action: Action, rounding_accepted: bool
) -> tuple[Difference, ...]:
    """The differences of one record under the `action` that `decide` chose for it.

    Held, quarantined, rejected and skipped records are not missing: they wait, and are counted as such.
    """
    entry = counterpart(link, target)
    if entry is None:
        found = _without_counterpart(source, link, action)
        return (found,) if found else ()
    return _copies(source, target, entry, action) or _with_counterpart(source, link, entry, action, rounding_accepted)


def extra_difference(entry: TargetEntry) -> Difference:
    """An activity that carries a marker of ours while no record stands behind it."""
    key = Key.from_marker(entry.booking.marker)
    source_id = key.id if key else None
    booking = entry.booking
    return Difference(source_id, entry.id, DifferenceKind.EXTRA, None, values(booking), False, booking.seconds)


def counterpart(link: Link | None, target: Target) -> TargetEntry | None:
    """The one activity that stands for the record: the linked one, else the first that carries its marker."""
    if link is not None and not target.gone:
        return entry_of(link, target)
    return target.marked[0] if target.marked else None


def _without_counterpart(source: Source, link: Link | None, action: Action) -> Difference | None:
    accepted = action == _ACCEPTED
    wanted = _booking_of(source)
    shown = values(wanted) if wanted else None
    match action:
        case Conflict(reason=ConflictReason.DELETED_IN_TARGET) | Keep(reason=KeepReason.ACCEPTED):
            gone = link.activity_id if link else None
            return Difference(source.key.id, gone, DifferenceKind.DELETED, shown, None, accepted, source.seconds)
        case Create() | Hold(reason=HoldReason.NOT_ESTABLISHED):
            return Difference(source.key.id, None, DifferenceKind.MISSING, shown, None, False, source.seconds)
    return None


def _copies(source: Source, target: Target, kept: TargetEntry, action: Action) -> tuple[Difference, ...]:
    """Every activity beyond the one that stands for the record."""
    accepted = action == _ACCEPTED
    return tuple(
        Difference(
            source.key.id,
            copy.id,
            DifferenceKind.DUPLICATE,
            None,
            values(copy.booking),
            accepted,
            copy.booking.seconds,
        )
        for copy in target.marked
        if copy.id != kept.id
    )


def _with_counterpart(
    source: Source, link: Link | None, entry: TargetEntry, action: Action, rounding_accepted: bool
) -> tuple[Difference, ...]:
    if isinstance(action, _WAITING) or (isinstance(action, Keep) and action.reason in _WATCHED_NO_MORE):
        return ()
    accepted = action == _ACCEPTED
    wanted = _booking_of(source)
    if wanted is None or source.deletion is Deletion.PROVED:
        shown = values(entry.booking)
        alone = entry.booking.seconds
        return (Difference(source.key.id, entry.id, DifferenceKind.EXTRA, None, shown, accepted, alone),)
    names = differing(wanted, stored_view(wanted, entry.booking))
    if link is not None and not names:
        return ()
    ours = {name: value for name, value in values(wanted).items() if name in names}
    theirs = {name: value for name, value in values(entry.booking).items() if name in names}
    apart = abs(wanted.seconds - entry.booking.seconds)
    if link is None:
        return (Difference(source.key.id, entry.id, DifferenceKind.UNLINKED, ours, theirs, accepted, apart),)
    kind, explained = _why(action, names, wanted, entry.booking, rounding_accepted)
    return (Difference(source.key.id, entry.id, kind, ours, theirs, explained, apart),)


_ACCEPTED = Keep(KeepReason.ACCEPTED)
_WAITING = (Hold, Skip, Quarantined)
_WATCHED_NO_MORE = (KeepReason.UNSEEN, KeepReason.OUT_OF_SCOPE, KeepReason.AFTER_CUTOVER)


def _why(
    action: Action, names: tuple[str, ...], wanted: Booking, stored: Booking, rounding_accepted: bool
) -> tuple[DifferenceKind, bool]:
    """The kind of a difference in content, and whether it is explained."""
    match action:
        case Keep(reason=KeepReason.EDITED_IN_TARGET):
            return DifferenceKind.EDITED, True
        case Keep(reason=KeepReason.ACCEPTED):
            return DifferenceKind.CHANGED, True
        case Keep() if names == ("seconds",) and explained_by_rounding(wanted.seconds, stored.seconds):
            return DifferenceKind.ROUNDED, rounding_accepted
    return DifferenceKind.CHANGED, False


def _booking_of(source: Source) -> Booking | None:
    match source.wanted:
        case Wanted(booking=booking) | Unmapped(wanted=Wanted(booking=booking)):
            return booking
        case LeftOut() | Unmapped():
            return None
