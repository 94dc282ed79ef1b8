"""Archived projects and deactivated people that may be opened for a while, and which of them a write needs."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.core.actions import Action, Adopt, Create, Rebook, Update, Withdraw
from migrator.core.model import Booking, MocoId


@dataclass(frozen=True, slots=True)
class Reopenable:
    """What is shut in MOCO and, by the policy, may be opened: empty where the policy says hold."""

    projects: frozenset[MocoId] = frozenset()
    people: frozenset[MocoId] = frozenset()

    @property
    def count(self) -> int:
        """How many projects and people these are."""
        return len(self.projects) + len(self.people)

    def and_also(self, other: Reopenable) -> Reopenable:
        """These and others; the same object when nothing is new."""
        if other.projects <= self.projects and other.people <= self.people:
            return self
        return Reopenable(self.projects | other.projects, self.people | other.people)

    def needed_for(self, action: Action) -> Reopenable:
        """What has to be opened before `action` can be written; nothing for what writes nothing to MOCO."""
        touched = _touched(action)
        return Reopenable(
            self.projects & {booking.project_id for booking in touched},
            self.people & {booking.user_id for booking in touched},
        )


def _touched(action: Action) -> tuple[Booking, ...]:
    """Where an activity is written, moved from or taken away; each write travels as the person it belongs to."""
    match action:
        case Create(wanted):
            return (wanted,)
        case Update(entry, wanted) | Rebook(entry, wanted) | Adopt(entry, wanted, True):
            return (entry.booking, wanted)
        case Withdraw(entry):
            return (entry.booking,)
    return ()
