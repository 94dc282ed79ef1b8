"""Which final word a record ends in."""

from __future__ import annotations

from typing import assert_never

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    Create,
    Hold,
    HoldReason,
    Keep,
    Quarantined,
    Rebook,
    Skip,
    Update,
    Withdraw,
    Word,
)

_WORD_OF_HOLD = {
    HoldReason.UNSETTLED: Word.UNCLEAR,
    HoldReason.NOT_ESTABLISHED: Word.PENDING,
    HoldReason.REJECTED: Word.REJECTED,
}


def word_of(action: Action) -> Word:
    """The word of a record whose action was not carried out: final for all but writes, which are pending."""
    match action:
        case Keep():
            return Word.UNCHANGED
        case Skip():
            return Word.SKIPPED
        case Conflict():
            return Word.CONFLICTS
        case Quarantined():
            return Word.QUARANTINED
        case Hold(reason=reason):
            return _WORD_OF_HOLD.get(reason, Word.HELD)
        case Create() | Adopt() | Update() | Withdraw() | Rebook():
            return Word.PENDING
        case _:
            assert_never(action)


def final_word(action: Action) -> Word:
    """The word of a record whose action was carried out."""
    match action:
        case Create():
            return Word.CREATED
        case Adopt(then_update=False):
            return Word.ADOPTED
        case Adopt() | Update() | Rebook():
            return Word.UPDATED
        case Withdraw():
            return Word.SKIPPED
        case Keep() | Skip() | Conflict() | Quarantined() | Hold():
            return word_of(action)
        case _:
            assert_never(action)
