"""What would become of a record today, in words, without asking MOCO."""

from __future__ import annotations

from typing import assert_never

from migrator.app.books import reason_of
from migrator.app.deciding import Decided
from migrator.app.reasons import in_words
from migrator.core.actions import (
    Adopt,
    Conflict,
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
from migrator.core.plan import action_name
from migrator.core.sides import side_of

_LEFT_OUT = {
    SkipReason.TRASHED: "it lies in ActiveCollab's trash or was deleted there, and MOCO has nothing of it",
    SkipReason.ZERO_DURATION: "it has no duration (policy.zero_duration)",
    SkipReason.OUT_OF_SCOPE: "the scope leaves it out",
    SkipReason.AFTER_CUTOVER: "it is dated on or after the cut-over",
    SkipReason.MAPPED_TO_SKIP: "the mapping says: leave out",
}
_KEPT = {
    KeepReason.SAME: "both sides are as they were written",
    KeepReason.UNSEEN: "ActiveCollab does not list it any more, and nothing proves that it was deleted",
    KeepReason.REBASED: "both sides were changed to the same values",
}


def decision_told(decided: Decided) -> dict[str, object]:
    """The decision for scripts, with its reason in `words`."""
    reason, detail = reason_of(decided.action)
    wanted = decided.wanted
    return {
        "action": action_name(decided.action),
        "reason": reason,
        "detail": detail,
        "words": decision_in_words(decided),
        "wanted": side_of(wanted.booking) if wanted else None,
        "task_name": wanted.task_name if wanted else None,
        "payload": decided.payload,
    }


def decision_in_words(decided: Decided) -> str:  # noqa: PLR0911 - one return for each action
    """One sentence about what a run would do now."""
    reason, detail = reason_of(decided.action)
    match decided.action:
        case Create():
            return "to be created in MOCO"
        case Hold(reason=HoldReason.NOT_ESTABLISHED):
            return "to be created, as soon as a run has made sure that MOCO has nothing of it yet"
        case Adopt(then_update=update):
            return "to be linked with the activity that carries its marker" + (", and brought up to date" * update)
        case Update():
            return "to be brought to ActiveCollab's values in MOCO"
        case Withdraw():
            return "to be deleted in MOCO, because ActiveCollab proves it deleted"
        case Rebook():
            return "to be moved to another person in MOCO"
        case Keep(reason=kept):
            return f"stays as it is: {_KEPT.get(kept) or in_words(reason, detail)}"
        case Hold():
            return f"held: {in_words(reason, detail)}"
        case Conflict():
            return f"in conflict: {in_words(reason, detail)}"
        case Skip(reason=skipped):
            return f"left out: {_LEFT_OUT[skipped]}"
        case Quarantined(words=words):
            return f"quarantined: MOCO refused it: {words}"
        case _:
            assert_never(decided.action)
