"""What MOCO refused for a reason outside the record: a person, a task, a contract, a project to be reopened.

Remembered, so that a later run sends nothing in vain; forgotten when MOCO shows the person changed, or when a person
says `inbox retry`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy.orm import Session

from migrator.app.wiring import Clock
from migrator.core.actions import HoldReason
from migrator.core.fingerprint import digest
from migrator.core.model import MocoId, SourceId
from migrator.core.names import normalise
from migrator.core.reopening import Reopenable
from migrator.core.wanted import Unmapped, Wanted
from migrator.store import account

PREFIX = "refused:"
REOPEN = "reopen"
REACTIVATE = "reactivate"

_REMEMBERED = 4_096
"""Names that are asked for again with every record of a person, a task or a project; each is a digest."""


@lru_cache(_REMEMBERED)
def person_refused(user_id: MocoId, *, active: bool) -> str:
    """The name of the fact that MOCO refuses to book for a person as it is."""
    return PREFIX + digest(["person", user_id, active])


@lru_cache(_REMEMBERED)
def reopening_refused(write: str, moco_id: MocoId) -> str:
    """The name of the fact that opening does not help: MOCO refuses it (`write`: "reopen" or "reactivate")."""
    return PREFIX + digest([write, moco_id])


@lru_cache(_REMEMBERED)
def task_refused(project_id: MocoId, name: str) -> str:
    """The name of the fact that MOCO refuses to create a task."""
    return PREFIX + digest(["task", project_id, normalise(name)])


@lru_cache(_REMEMBERED)
def contract_refused(project_id: MocoId, user_id: MocoId, *, active: bool) -> str:
    """The name of the fact that MOCO refuses to assign a person to a project."""
    return PREFIX + digest(["contract", project_id, user_id, active])


def creation_refused(kind: str, source_id: SourceId) -> str:
    """The name of the fact that MOCO refuses to create something for a company, project or person of ActiveCollab."""
    return PREFIX + digest(["create", kind, source_id])


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Everything MOCO refused, by the name of the fact, with its words; and who is deactivated."""

    words: Mapping[str, str]
    deactivated: frozenset[MocoId]
    reopenable: Reopenable = field(default_factory=Reopenable)

    def before(self, wanted: Wanted) -> Wanted | Unmapped:
        """`wanted`, or why writing it would be in vain."""
        booking = wanted.booking
        active = booking.user_id not in self.deactivated
        reactivated = booking.user_id in self.reopenable.people
        # That MOCO refuses a deactivated person says nothing about that person reactivated.
        person = (
            reopening_refused(REACTIVATE, booking.user_id)
            if reactivated
            else person_refused(booking.user_id, active=active)
        )
        checks = [(person, HoldReason.FORBIDDEN)]
        if booking.project_id in self.reopenable.projects:
            checks.append((reopening_refused(REOPEN, booking.project_id), HoldReason.PROJECT_ARCHIVED))
        if wanted.needs_task:
            checks.append((task_refused(booking.project_id, wanted.task_name), HoldReason.TASK_MISSING))
        if wanted.needs_contract or reactivated:
            contract = contract_refused(booking.project_id, booking.user_id, active=active)
            checks.append((contract, HoldReason.CONTRACT_MISSING))
        for name, reason in checks:
            if name in self.words:
                return Unmapped(reason, self.words[name], wanted)
        return wanted


def remember(session: Session, name: str, words: str, clock: Clock) -> None:
    """MOCO refused it, in these words."""
    account.learn(session, name, words, clock.now())


def load(session: Session, deactivated: frozenset[MocoId], reopenable: Reopenable) -> Obstacles:
    """Everything remembered."""
    return Obstacles(account.facts_named(session, PREFIX), deactivated, reopenable)


def forget_all(session: Session) -> int:
    """Let everything be tried again; gives how much that is."""
    names = tuple(account.facts_named(session, PREFIX))
    for name in names:
        account.forget(session, name)
    return len(names)
