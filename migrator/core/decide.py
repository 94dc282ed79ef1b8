"""The decision: everything known of one record in, exactly one action out. Pure, total, the first match wins.

The rows are numbered; tests and documentation speak of them by number.

====  ==================================================================  ==================================
row   when                                                                action
====  ==================================================================  ==================================
1     an intent is open                                                   Hold(UNSETTLED)
2     undone by a person, not released                                    Hold(UNDONE)
3     two or more activities carry our marker; or one that stands for     Conflict(DUPLICATE) or
      another record                                                      Conflict(SHARED)
4     the newest copy is rejected                                         Hold(REJECTED)
5     deleted in the source, nothing of ours in the target                Skip(TRASHED)
6     … linked, target unchanged and not billed                           Withdraw or Conflict
7     … anything else in the target                                       Conflict(DELETED_IN_SOURCE)
8     linked, unseen in the source                                        Keep(UNSEEN)
9     not linked, unseen in the source                                    Hold(UNSEEN)
10    linked, proved gone in the target                                   Conflict(DELETED_IN_TARGET)
11    ours in the target, a rule leaves it out                            Conflict(NO_LONGER_WANTED) or Keep
12    ours in the target, not mapped                                      Hold(reason)
13    carries our marker, equal to wanted but for MOCO's rounding         Adopt
14    … differs, not billed, never edited                                 Adopt, then update
15    … otherwise                                                         Conflict(ADOPTED_DIFFERS)
16    not in the target, a rule leaves it out                             Skip(reason)
17    not in the target, not mapped                                       Hold(reason)
18    refused before, payload unchanged, not released                     Quarantined
19    absence from the target is established                              Create
20    absence from the target is not established                          Hold(NOT_ESTABLISHED)
21    worker changed, target unchanged and not billed                     Rebook
22    worker changed, otherwise                                           Conflict(WORKER_CHANGED)
23    no longer paid in the source after we had it disregarded            Conflict(UNBILLED_IN_SOURCE)
24    neither side changed                                                Keep(SAME)
25    only the target changed                                             Keep(EDITED_IN_TARGET)
26    both changed to the same values                                     Keep(REBASED)
27    both changed, differently                                           Conflict(BOTH_EDITED)
28    only the source changed, target billed                              Conflict(BILLED)
29    only the source changed                                             Update
====  ==================================================================  ==================================

A conflict of which a person said that ActiveCollab's side counts becomes the write that this asks for
(`core.ruling`), as long as neither the conflict nor the activity changed since the person was shown them.

Four overlays follow, each of which can only take a write or a conflict away: an obstacle in MOCO (an archived
project) holds a write; a duration of zero that would start a timer holds it; an identical write that MOCO
refused before is Conflict(REFUSED); a conflict that a person accepted is Keep(ACCEPTED).
"""

from __future__ import annotations

from dataclasses import replace
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
    SkipReason,
    Update,
    Withdraw,
)
from migrator.core.drift import Standing, agrees, edited, standing, tagged, untouched
from migrator.core.fingerprint import differing, digest, fingerprint, stored_view
from migrator.core.model import Booking, MocoId
from migrator.core.overlays import without_known_refusal, without_obstacle, without_timer
from migrator.core.record import Deletion, Link, Memory, Refusal, Rules, Ruling, Source, SourceDeleted, Target
from migrator.core.ruling import write_for_source
from migrator.core.sides import entry_shown, shown_digest
from migrator.core.wanted import LeftOut, Unmapped, Wanted, payload_digest
from migrator.core.words import final_word, word_of

__all__ = [
    "Deletion",
    "Link",
    "Memory",
    "Refusal",
    "Rules",
    "Ruling",
    "Source",
    "SourceDeleted",
    "Target",
    "conflict_digest",
    "decide",
    "final_word",
    "ruling_on",
    "word_of",
]


def decide(source: Source, link: Link | None, target: Target, memory: Memory, rules: Rules) -> Action:
    """What becomes of one record; total and deterministic, it never raises."""
    action = _by_table(source, link, target, memory, rules)
    # Few conflicts were decided by a person, and only those need the digests.
    said = memory.ruling
    if said is not None and isinstance(action, Conflict) and said == ruling_on(action, source, link, target):
        action = _for_source(action, source, link, target, memory, rules)
    action = without_obstacle(action, source.wanted)
    action = without_timer(action, rules)
    action = without_known_refusal(action, memory.refusal)
    accepted = memory.accepted
    if accepted and isinstance(action, Conflict) and accepted == conflict_digest(action, source, target):
        return Keep(KeepReason.ACCEPTED)
    return action


def ruling_on(action: Conflict, source: Source, link: Link | None, target: Target) -> Ruling:
    """The word for ActiveCollab's side that a person could give on a conflict as it stands."""
    return Ruling(conflict_digest(action, source, target), shown_digest(entry_shown(link, target)))


def _for_source(
    action: Conflict, source: Source, link: Link | None, target: Target, memory: Memory, rules: Rules
) -> Action:
    """What a person's word makes of a conflict."""
    if action.reason is ConflictReason.DELETED_IN_TARGET and link is not None:
        rest = tuple(entry for entry in target.marked if entry.id != link.activity_id)
        left = replace(target, marked=rest, linked=None, gone=False)
        return _present(source, None, left, memory, rules)
    known = source.wanted.wanted if isinstance(source.wanted, Unmapped) else source.wanted
    booking = known.booking if isinstance(known, Wanted) else None
    return write_for_source(action, booking, link, entry_shown(link, target))


def conflict_digest(action: Conflict, source: Source, target: Target) -> str:
    """What a person accepts with a conflict; it comes back when its source or its duplicates change."""
    match source.wanted:
        case Wanted() as wanted:
            content = payload_digest(wanted)
        case Unmapped(wanted=Wanted() as wanted):
            content = payload_digest(wanted)
        case Unmapped(reason=held):
            content = held.value
        case LeftOut(reason=skipped):
            content = skipped.value
        case _:
            assert_never(source.wanted)
    copies = [entry.id for entry in target.marked] if action.reason is ConflictReason.DUPLICATE else []
    return digest([action.reason.value, source.deletion.value, source.seconds, int(source.billing), content, copies])


# -- the table -----------------------------------------------------------------------------------------------


def _by_table(  # noqa: PLR0911 - one return for each row of the table
    source: Source, link: Link | None, target: Target, memory: Memory, rules: Rules
) -> Action:
    """Rows 1 to 4, then one part of the table by what is known of the source."""
    ours = _ours(link, target)
    if memory.open_intent:  # row 1: only the holder of the lease settles it
        return Hold(HoldReason.UNSETTLED)
    if memory.undone:  # row 2: a person undid it; only a person brings it back
        return Hold(HoldReason.UNDONE)
    if len(ours) > 1:  # row 3: whoever copies an entry in MOCO copies its marker
        return Conflict(ConflictReason.DUPLICATE, activity_ids=ours)
    if link is None and ours and target.stands_for is not None:  # row 3: nor can one stand for two records
        return Conflict(ConflictReason.SHARED, f"record {target.stands_for}", ours)
    if source.rejected:  # row 4: the newest copy counts, even when it cannot be used
        return Hold(HoldReason.REJECTED, source.rejected)
    match source.deletion:
        case Deletion.PROVED:
            return _deleted_in_source(link, target, ours, rules)
        case Deletion.UNSEEN:  # rows 8 and 9: not shown is not deleted
            return Keep(KeepReason.UNSEEN) if link else Hold(HoldReason.UNSEEN)
        case Deletion.PRESENT:
            return _present(source, link, target, memory, rules)
        case _:
            assert_never(source.deletion)


def _ours(link: Link | None, target: Target) -> tuple[MocoId, ...]:
    """The ids of all that is ours in the target; a linked activity that no scan has shown counts as there."""
    marked = target.marked
    if link is not None and len(marked) == 1 and marked[0].id == link.activity_id and not target.gone:
        # As nearly always.
        return (link.activity_id,)
    ids = {entry.id for entry in marked}
    if link is not None:
        ids = ids - {link.activity_id} if target.gone else ids | {link.activity_id}
    return tuple(sorted(ids))


def _deleted_in_source(link: Link | None, target: Target, ours: tuple[MocoId, ...], rules: Rules) -> Action:
    """Rows 5 to 7: the source proves its record deleted."""
    if not ours:  # row 5: and a link to what is gone has done its service
        return Skip(SkipReason.TRASHED, close_link=link is not None)
    if link is not None and not target.gone and rules.source_deleted is SourceDeleted.DELETE:
        present = standing(link, target)
        if not present.billed and untouched(link, present):  # row 6
            return Withdraw(present.entry)
    return Conflict(ConflictReason.DELETED_IN_SOURCE, activity_ids=ours)  # rows 6 and 7


def _present(  # noqa: PLR0911 - one return for each row of the table
    source: Source, link: Link | None, target: Target, memory: Memory, rules: Rules
) -> Action:
    """Rows 10 to 29: the source has the record."""
    if link is not None and target.gone:  # row 10: a person deleted it; never resurrected by itself
        return Conflict(ConflictReason.DELETED_IN_TARGET, activity_ids=(link.activity_id,))
    known = source.wanted
    match known:
        case LeftOut(reason=rule):
            ours = _ours(link, target)
            return _no_longer_wanted(rule, ours) if ours else Skip(rule)  # rows 11 and 16
        case Unmapped(wanted=wanted):
            if wanted is None:  # rows 12 and 17
                return Hold(known.reason, known.detail)
        case Wanted():
            wanted = known
        case _:
            assert_never(known)
    if link is not None and link.sent is not None:
        return _linked(source, wanted.booking, link, link.sent, standing(link, target), rules)
    if link is not None:
        return _marked(wanted.booking, standing(link, target))
    if target.marked:
        entry = target.marked[0]
        return _marked(wanted.booking, Standing(entry, True, entry.billed))
    return _absent(known, wanted.booking, target, memory)


def _no_longer_wanted(rule: SkipReason, ours: tuple[MocoId, ...]) -> Action:
    """Row 11: scope and cut-over only stop the watching; the other rules contradict what MOCO holds."""
    match rule:
        case SkipReason.OUT_OF_SCOPE:
            return Keep(KeepReason.OUT_OF_SCOPE)
        case SkipReason.AFTER_CUTOVER:
            return Keep(KeepReason.AFTER_CUTOVER)
        case SkipReason.ZERO_DURATION | SkipReason.MAPPED_TO_SKIP | SkipReason.TRASHED:
            return Conflict(ConflictReason.NO_LONGER_WANTED, rule.value, ours)
        case _:
            assert_never(rule)


def _marked(wanted: Booking, present: Standing) -> Action:
    """Rows 13 to 15: an activity carries our marker, and no link tells what we sent."""
    entry = present.entry
    same_user = entry.booking.user_id == wanted.user_id
    if agrees(wanted, entry.booking):  # row 13
        return Adopt(entry, wanted)
    never_edited = present.seen and entry.updated_at == entry.created_at and not entry.timer_running
    if same_user and never_edited and not present.billed:  # row 14
        return Adopt(entry, wanted, then_update=True)
    detail = ", ".join(differing(wanted, stored_view(wanted, entry.booking)))
    return Conflict(ConflictReason.ADOPTED_DIFFERS, detail, (entry.id,))  # row 15


def _absent(known: Wanted | Unmapped | LeftOut, wanted: Booking, target: Target, memory: Memory) -> Action:
    """Rows 17 to 20: nothing of ours is known in the target."""
    if isinstance(known, Unmapped):  # row 17
        return Hold(known.reason, known.detail)
    refusal = memory.refusal
    if refusal is not None and refusal.repeats_create(fingerprint(wanted)):  # row 18
        return Quarantined(refusal.words)
    if target.absence_established:  # row 19
        return Create(wanted)
    return Hold(HoldReason.NOT_ESTABLISHED)  # row 20


def _linked(  # noqa: PLR0911 - one return for each row of the table
    source: Source, wanted: Booking, link: Link, sent: Booking, present: Standing, rules: Rules
) -> Action:
    """Rows 21 to 29: linked, and the activity is not known to be gone."""
    entry = present.entry
    if wanted.user_id != sent.user_id:
        if not present.billed and untouched(link, present):  # row 21
            return Rebook(entry, wanted)
        return Conflict(ConflictReason.WORKER_CHANGED, activity_ids=(entry.id,))  # row 22
    if link.disregarded and source.billing not in rules.invoiced:  # row 23
        return Conflict(ConflictReason.UNBILLED_IN_SOURCE, activity_ids=(entry.id,))
    source_changed = bool(differing(wanted, sent, link.version))
    target_changed = edited(link, tagged(sent, wanted), present)
    match source_changed, target_changed:
        case False, False:  # row 24
            return Keep()
        case False, True:  # row 25
            return Keep(KeepReason.EDITED_IN_TARGET)
        case True, True if agrees(wanted, entry.booking):  # row 26
            return Keep(KeepReason.REBASED, rebase=wanted)
        case True, True:  # row 27
            detail = ", ".join(differing(wanted, stored_view(wanted, entry.booking)))
            return Conflict(ConflictReason.BOTH_EDITED, detail, (entry.id,))
    if present.billed:  # row 28
        return Conflict(ConflictReason.BILLED, activity_ids=(entry.id,))
    return Update(entry, wanted)  # row 29
