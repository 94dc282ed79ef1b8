"""One decided record in, what it contributes to a report out: its line, and one for every further activity of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Keep,
    KeepReason,
    Quarantined,
    Rebook,
    Skip,
    Update,
    Withdraw,
    Word,
)
from migrator.core.compare import Difference, DifferenceKind, counterpart, differences
from migrator.core.drift import is_billed
from migrator.core.duration import Rounding, explained_by_rounding, round_seconds
from migrator.core.model import Key, MocoId, Seconds, SourceId, TargetEntry, TimeEntry
from migrator.core.quick import quickly_made
from migrator.core.record import Link, Source, Target
from migrator.core.report.line import Elsewhere, Place, RecordLine, Rule, TargetState
from migrator.core.words import word_of

NOWHERE = SourceId(0)
"""Stands in place of a project of ActiveCollab where none is known."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Names:
    """What a record is called; addresses are http(s) or empty."""

    customer: str = ""
    project: str = ""
    person: str = ""
    stand_in: bool = False
    source_url: str = ""
    person_id: SourceId | None = None
    """Whom of ActiveCollab an activity without a record is told under."""


Placed = Callable[[MocoId], Place | None]
"""Where a project of MOCO is told for one record; None where that is the record's own place."""


_ACCEPTED = Keep(KeepReason.ACCEPTED)


def _in_place(_project_id: MocoId) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Assessor:
    """The rules of one report; `moco_url` is the account's address without a path, or empty."""

    rounding: Rounding = Rounding.EXACT
    rounding_accepted: bool = False
    moco_url: str = ""

    def lines(
        self,
        entry: TimeEntry,
        source: Source,
        link: Link | None,
        target: Target,
        action: Action,
        names: Names,
        done: Word | None = None,
        placed: Placed = _in_place,
    ) -> tuple[RecordLine, ...]:
        """The line of a record, first, and those of its second copies; `done` is what became of it in the run."""
        kept = counterpart(link, target)
        found = differences(source, link, target, action, self.rounding_accepted)
        copies = tuple(
            self._copy(entry, copy, action, names, placed) for copy in target.marked if kept and copy.id != kept.id
        )
        own = next((each for each in found if each.kind is not DifferenceKind.DUPLICATE), None)
        place = placed(kept.booking.project_id) if kept is not None else None
        elsewhere = None
        if kept is not None and place is not None:
            elsewhere = Elsewhere(place, _why_elsewhere(link, kept, action))
        return (self._line(entry, link, target, action, names, done, kept, own, elsewhere), *copies)

    def orphan(self, activity: TargetEntry, names: Names, project_id: SourceId = NOWHERE) -> RecordLine:
        """The line of an activity that carries a marker of ours while no record stands behind it."""
        key = Key.from_marker(activity.booking.marker)
        detail = f"record {key.id} is not known" if key is not None else ""
        return self._extra(activity, names, project_id, DifferenceKind.EXTRA, detail)

    # -- the record itself -------------------------------------------------------------------------------------

    def _line(
        self,
        entry: TimeEntry,
        link: Link | None,
        target: Target,
        action: Action,
        names: Names,
        done: Word | None,
        kept: TargetEntry | None,
        found: Difference | None,
        elsewhere: Elsewhere | None,
    ) -> RecordLine:
        sent = link.sent.seconds if link is not None and link.sent is not None else None
        stored = kept.booking.seconds if kept is not None else Seconds(0)
        rule = self._rule(entry, link, action, kept, sent)
        return RecordLine(
            source_id=entry.id,
            activity_id=kept.id if kept is not None else None,
            customer=names.customer,
            project_id=entry.project_id,
            project=names.project,
            person_id=entry.user_id,
            person=names.person,
            day=entry.day,
            target_day=kept.booking.day if kept is not None else None,
            billing=entry.billing,
            written=entry.hours_raw,
            read=entry.seconds,
            sent=sent,
            stored=stored,
            state=_state(kept, _billed(link, target, kept)),
            word=_word(action, done),
            reason=_reason(action),
            detail=_detail(action),
            rule=rule,
            difference=found.kind if found is not None else None,
            explained=found is None or found.explained,
            fields=_fields(found),
            stand_in=names.stand_in,
            source_url=names.source_url,
            target_url=self._url(kept),
            unexplained_seconds=_unexplained(found, rule, abs(stored - entry.seconds)),
            elsewhere=elsewhere,
        )

    def _rule(
        self, entry: TimeEntry, link: Link | None, action: Action, kept: TargetEntry | None, sent: Seconds | None
    ) -> Rule:
        """Why the seconds of a record, or the month in which they count, are not the same on both sides."""
        if kept is None:
            return _without_activity(action)
        stored, same_month = kept.booking.seconds, _month(kept) == (entry.day.year, entry.day.month)
        if same_month and stored == entry.seconds:
            return Rule.SAME
        if not same_month or not _is_settled(action):
            return _otherwise(action)
        if link is not None and stored != link.answered.seconds:
            return Rule.EDITED_IN_MOCO
        return self._by_duration(entry.seconds, stored, sent, action)

    def _by_duration(self, read: Seconds, stored: Seconds, sent: Seconds | None, action: Action) -> Rule:
        """What explains seconds that nobody edited: whole minutes on our side, rounding on MOCO's."""
        wanted = round_seconds(read, self.rounding) if sent is None else sent
        if wanted not in {read, round_seconds(read, Rounding.MINUTE)}:
            # The record changed after it left what is watched; where it is watched this is no `Keep`.
            return _otherwise(action)
        if stored == wanted:
            return Rule.WHOLE_MINUTES
        rounded = explained_by_rounding(wanted, stored) and self.rounding_accepted
        return Rule.ROUNDED_BY_MOCO if rounded else Rule.UNEXPLAINED

    # -- activities beside it ----------------------------------------------------------------------------------

    def _copy(self, entry: TimeEntry, copy: TargetEntry, action: Action, names: Names, placed: Placed) -> RecordLine:
        place = placed(copy.booking.project_id) or Place(names.customer, entry.project_id, names.project)
        names = replace(names, customer=place.customer, project=place.project)
        line = self._extra(copy, names, place.project_id, DifferenceKind.DUPLICATE, f"copy of record {entry.id}")
        accepted = action == _ACCEPTED
        return replace(
            line,
            person_id=entry.user_id,
            reason=_reason(action),
            rule=Rule.ACCEPTED if accepted else Rule.IN_CONFLICT,
            explained=accepted,
            unexplained_seconds=0 if accepted else copy.booking.seconds,
        )

    def _extra(
        self, activity: TargetEntry, names: Names, project_id: SourceId, kind: DifferenceKind, detail: str
    ) -> RecordLine:
        return RecordLine(
            source_id=None,
            activity_id=activity.id,
            customer=names.customer,
            project_id=project_id,
            project=names.project,
            person_id=names.person_id,
            person=names.person,
            day=activity.booking.day,
            target_day=activity.booking.day,
            billing=None,
            written="",
            read=Seconds(0),
            sent=None,
            stored=activity.booking.seconds,
            state=_state(activity, activity.billed),
            word=None,
            reason="",
            detail=detail,
            rule=Rule.UNEXPLAINED,
            difference=kind,
            explained=False,
            fields=(),
            stand_in=False,
            source_url="",
            target_url=self._url(activity),
            unexplained_seconds=activity.booking.seconds,
        )

    def _url(self, activity: TargetEntry | None) -> str:
        """MOCO has no documented page of one activity; that of its project lists it."""
        if activity is None or not self.moco_url or not activity.booking.project_id:
            return ""
        return f"{self.moco_url}/projects/{activity.booking.project_id}"


def _without_activity(action: Action) -> Rule:
    """Why MOCO has nothing of a record."""
    return Rule.WAITS if isinstance(action, Keep) and action.reason is not KeepReason.ACCEPTED else _otherwise(action)


def _why_elsewhere(link: Link | None, kept: TargetEntry, action: Action) -> Rule:
    """Why MOCO holds a record in another place than ActiveCollab."""
    moved = link is None or link.answered.project_id != kept.booking.project_id
    match action:
        case Keep(reason=KeepReason.ACCEPTED) if moved:
            return Rule.ACCEPTED
        case Keep() | Hold() | Skip() | Adopt(then_update=False):
            return Rule.EDITED_IN_MOCO if moved and link is not None else Rule.ELSEWHERE_IN_MOCO
        case _:
            return _otherwise(action)


def _otherwise(action: Action) -> Rule:
    """What an action says about a record that is not the same on both sides, whatever the seconds are."""
    match action:
        case Skip():
            return Rule.LEFT_OUT
        case (
            Hold(reason=HoldReason.NOT_ESTABLISHED | HoldReason.UNSETTLED)
            | Create()
            | Adopt(then_update=True)
            | Update()
            | Withdraw()
            | Rebook()
        ):
            return Rule.NOT_MOVED_YET
        case Hold() | Quarantined():
            return Rule.WAITS
        case Conflict():
            return Rule.IN_CONFLICT
        case Keep(reason=reason):
            return _OF_KEEP[reason]
        case Adopt():
            return Rule.UNEXPLAINED
        case _:
            assert_never(action)


_OF_KEEP = {
    KeepReason.SAME: Rule.UNEXPLAINED,
    KeepReason.REBASED: Rule.UNEXPLAINED,
    KeepReason.EDITED_IN_TARGET: Rule.EDITED_IN_MOCO,
    KeepReason.ACCEPTED: Rule.ACCEPTED,
    KeepReason.OUT_OF_SCOPE: Rule.LEFT_OUT,
    KeepReason.AFTER_CUTOVER: Rule.LEFT_OUT,
    KeepReason.UNSEEN: Rule.WAITS,
}


def _is_settled(action: Action) -> bool:
    """Whether nothing is to be done about the content of the activity, so that only its duration tells why."""
    match action:
        case Keep(reason=reason):
            return reason is not KeepReason.ACCEPTED
        case Adopt(then_update=then_update):
            return not then_update
        case _:
            return False


def _unexplained(found: Difference | None, rule: Rule, apart: int) -> int:
    if found is not None and not found.explained:
        return found.seconds
    return apart if rule is Rule.UNEXPLAINED else 0


def _fields(found: Difference | None) -> tuple[str, ...]:
    both = found is not None and found.source is not None and found.target is not None
    return tuple(sorted({*(found.source or {}), *(found.target or {})})) if found is not None and both else ()


def _state(activity: TargetEntry | None, billed: bool) -> TargetState:
    if activity is None:
        return TargetState.ABSENT
    if billed:
        return TargetState.BILLED
    return TargetState.OPEN if activity.booking.billable else TargetState.NON_BILLABLE


def _billed(link: Link | None, target: Target, kept: TargetEntry | None) -> bool:
    if link is not None and not target.gone:
        return is_billed(link, target)
    return kept is not None and kept.billed


def _word(action: Action, done: Word | None) -> Word:
    """What became of a record in the run, where it wrote and nothing is to be done since; else where it stands."""
    return done if done is not None and isinstance(action, Keep) else word_of(action)


def _reason(action: Action) -> str:
    match action:
        case Keep(reason=reason) | Hold(reason=reason) | Conflict(reason=reason) | Skip(reason=reason):
            return "" if reason is KeepReason.SAME else reason.value
        case Quarantined():
            return ConflictReason.REFUSED.value
        case Create() | Adopt() | Update() | Withdraw() | Rebook():
            return ""
        case _:
            assert_never(action)


def _detail(action: Action) -> str:
    match action:
        case Hold(detail=detail) | Conflict(detail=detail):
            return detail
        case Quarantined(words=words):
            return words
        case _:
            return ""


def _month(activity: TargetEntry) -> tuple[int, int]:
    return activity.booking.day.year, activity.booking.day.month
