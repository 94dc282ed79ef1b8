"""What keeping one side means for each thing that waits: the two words of `inbox resolve`, and where one has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from migrator.core.actions import ConflictReason, HoldReason
from migrator.store.inbox import ItemKind, NewItem


@dataclass(frozen=True, slots=True)
class Meaning:
    """What `--keep source` and `--keep target` do; `retries` when the first lets MOCO be asked once more.

    Where `possible` is false, `source` says why that word has no meaning and what to do instead.
    """

    source: str
    target: str
    possible: bool = True
    retries: bool = False


_STAYS = "MOCO stays as it is, until ActiveCollab's record changes"
_WITHOUT = "MOCO stays without it, until ActiveCollab's record changes"
_UNCHANGED = "as long as nobody changes or bills it first"


def meaning_of(item: NewItem) -> Meaning:
    """The two meanings of an item."""
    match item.kind:
        case ItemKind.CONFLICT:
            return _OF_CONFLICT[ConflictReason(item.reason)]
        case ItemKind.QUARANTINED:
            return Meaning(
                "the next run sends ActiveCollab's record to MOCO once more",
                _WITHOUT,
                retries=True,
            )
        case ItemKind.HELD:
            return Meaning(_instead_of_held(item.reason), "it is no longer listed; MOCO stays as it is", possible=False)
        case ItemKind.REJECTED:
            return Meaning(
                "ActiveCollab's record cannot be used as it is: correct it there, or in the export, and read again",
                _STAYS,
                possible=False,
            )
        case _:
            assert_never(item.kind)


def _instead_of_held(reason: str) -> str:
    """Why nobody can decide for ActiveCollab's side of what is held."""
    if reason == HoldReason.UNDONE.value:
        return "it was undone; release its run, and it is created again"
    if reason == HoldReason.PLAN_CHANGED.value:
        return "it is only not what the plan said: make a new plan and look at it"
    if reason == HoldReason.FORBIDDEN.value:
        return "MOCO refused a person, a task or a contract: mend that, then `migrator inbox retry`"
    return "it is sent by itself as soon as what is missing is there"


_OF_CONFLICT = {
    ConflictReason.DUPLICATE: Meaning(
        "which of several activities is the right one only a person can say: delete the others in MOCO, and the "
        "next run that lists their days sees it",
        "all of them stay in MOCO, until another one appears or ActiveCollab's record changes",
        possible=False,
    ),
    ConflictReason.SHARED: Meaning(
        "one activity cannot stand for two records: somebody gave it another marker by MOCO's API, and only there it "
        "can be given its own again",
        _STAYS,
        possible=False,
    ),
    ConflictReason.DELETED_IN_SOURCE: Meaning(f"the next run deletes the activity in MOCO, {_UNCHANGED}", _STAYS),
    ConflictReason.NO_LONGER_WANTED: Meaning(
        f"the rule counts: the next run deletes the activity in MOCO, {_UNCHANGED}", _STAYS
    ),
    ConflictReason.DELETED_IN_TARGET: Meaning(
        "the next run creates it again, once, after it made sure that MOCO has none", _WITHOUT
    ),
    ConflictReason.ADOPTED_DIFFERS: Meaning(
        f"the next run brings the activity to ActiveCollab's values, {_UNCHANGED}", _STAYS
    ),
    ConflictReason.WORKER_CHANGED: Meaning(
        f"the next run deletes the activity and creates it for the other person, {_UNCHANGED}", _STAYS
    ),
    ConflictReason.BOTH_EDITED: Meaning(
        f"the next run writes ActiveCollab's values over those in MOCO, {_UNCHANGED}", _STAYS
    ),
    ConflictReason.BILLED: Meaning(
        "what is billed in MOCO is never overwritten: cancel the invoice there, or correct ActiveCollab",
        _STAYS,
        possible=False,
    ),
    ConflictReason.UNBILLED_IN_SOURCE: Meaning(
        "only in MOCO itself can an activity be marked as open again: change it there", _STAYS, possible=False
    ),
    ConflictReason.REFUSED: Meaning("the next run asks MOCO for the same change once more", _STAYS, retries=True),
}
