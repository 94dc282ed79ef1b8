"""The reasons of holds, conflicts and skips in a person's words."""

from __future__ import annotations

from migrator.core.actions import ConflictReason, HoldReason, KeepReason
from migrator.core.billed import NOT_IN_SYNC, REFUSED

_WORDS: dict[str, str] = {
    HoldReason.UNSETTLED.value: "a write of an interrupted run is not settled yet",
    HoldReason.UNDONE.value: "it was undone and is not created again until it is released",
    HoldReason.UNSEEN.value: "ActiveCollab did not list it any more, and nothing proves that it was deleted",
    HoldReason.NOT_ESTABLISHED.value: "it could not be established that MOCO does not have it yet",
    HoldReason.STARTS_A_TIMER.value: "a duration of zero on a day this recent would start a timer in MOCO",
    HoldReason.WITHOUT_ACCOUNT.value: "its worker has no account in ActiveCollab",
    HoldReason.MAPPED_TO_HOLD.value: "the mapping says hold",
    ConflictReason.DUPLICATE.value: "several activities in MOCO carry its marker",
    ConflictReason.SHARED.value: "the activity in MOCO that carries its marker stands for another record",
    ConflictReason.DELETED_IN_SOURCE.value: "ActiveCollab's record was deleted, but its activity is still in MOCO",
    ConflictReason.DELETED_IN_TARGET.value: "its activity was deleted in MOCO; it is not created again by itself",
    ConflictReason.NO_LONGER_WANTED.value: "a rule now leaves it out, but its activity is in MOCO",
    ConflictReason.ADOPTED_DIFFERS.value: "an activity in MOCO carries its marker but says something else",
    ConflictReason.WORKER_CHANGED.value: "its worker changed, but the activity was edited or billed in MOCO",
    ConflictReason.UNBILLED_IN_SOURCE.value: "it is no longer paid in ActiveCollab, but marked as billed in MOCO",
    ConflictReason.BOTH_EDITED.value: "it was changed in ActiveCollab and, differently, in MOCO",
    ConflictReason.BILLED.value: "it was changed in ActiveCollab, but its activity is billed in MOCO",
    ConflictReason.REFUSED.value: "MOCO refused this change",
    KeepReason.EDITED_IN_TARGET.value: "a person edited it in MOCO",
    KeepReason.OUT_OF_SCOPE.value: "the scope leaves it out",
    KeepReason.AFTER_CUTOVER.value: "it is dated after the cut-over",
    KeepReason.ACCEPTED.value: "a person accepted that both sides differ",
    NOT_IN_SYNC: "MOCO does not hold it as ActiveCollab has it yet: run `migrator sync` first",
    REFUSED: "MOCO refuses to mark it as billed",
}


def in_words(reason: str, detail: str) -> str:
    """What a person reads: the reason, and what is particular about this record."""
    words = _WORDS.get(reason, "")
    if words and detail and detail not in words:
        return f"{words} ({detail})"
    return words or detail or reason
