"""What can take a decided write away again: obstacles in MOCO, timers, refusals known already."""

from __future__ import annotations

from datetime import timedelta

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Rebook,
    Update,
    Withdraw,
)
from migrator.core.fingerprint import fingerprint
from migrator.core.model import Booking
from migrator.core.record import Refusal, Rules
from migrator.core.wanted import LeftOut, Unmapped, Wanted


def without_obstacle(action: Action, known: Wanted | Unmapped | LeftOut) -> Action:
    """Hold a write that MOCO would refuse as things are; what needs no write is none the worse."""
    if not isinstance(known, Unmapped):
        return action
    match action:
        case Create() | Update() | Rebook() | Adopt(then_update=True):
            return Hold(known.reason, known.detail)
    return action


def without_timer(action: Action, rules: Rules) -> Action:
    """MOCO starts a timer for an activity of today without duration; yesterday counts, for the time zones."""
    match action:
        case Create(wanted) | Update(_, wanted) | Rebook(_, wanted) | Adopt(_, wanted, True):
            starts = wanted.seconds == 0 and wanted.day >= rules.today - timedelta(days=1)
            return Hold(HoldReason.STARTS_A_TIMER) if starts else action
    return action


def without_known_refusal(action: Action, refusal: Refusal | None) -> Action:
    """Do not send again what MOCO refused, as long as the activity is the same and nobody released it."""
    if refusal is None:
        return action
    match action:
        case Update(entry, wanted) | Adopt(entry, wanted, True):
            repeated = refusal.repeats_update(fingerprint(wanted), fingerprint(entry.booking))
        case Withdraw(entry) | Rebook(entry):
            repeated = refusal.repeats_withdrawal(fingerprint(entry.booking))
        case _:
            return action
    return Conflict(ConflictReason.REFUSED, refusal.words, (entry.id,)) if repeated else action


def refusal_of(action: Action, write: str, sent: Booking | None, words: str) -> Refusal:
    """What to remember when MOCO refused one `write` ("create", "update", "withdraw") of `action`.

    `sent` is the booking as it was sent, None for a withdrawal.
    """
    match action:
        case Update(target=entry) | Adopt(target=entry) | Withdraw(target=entry) | Rebook(target=entry):
            target = "" if write == "create" else fingerprint(entry.booking)
        case _:
            target = ""
    return Refusal(write, payload=fingerprint(sent) if sent else "", target=target, words=words)
