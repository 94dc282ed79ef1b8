"""What a plan would do: totals that stream, a digest that tells two plans apart."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import assert_never

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    Create,
    Hold,
    Keep,
    Quarantined,
    Rebook,
    Skip,
    Update,
    Withdraw,
    Word,
    Write,
)
from migrator.core.cost import eta_seconds, requests_needed, undo_requests
from migrator.core.duration import format_hours
from migrator.core.model import Billing, MocoId, TimeEntry
from migrator.core.tally import Tally
from migrator.core.wanted import payload_digest
from migrator.core.words import final_word

__all__ = [
    "Labels",
    "PlanTotals",
    "Tally",
    "action_name",
    "eta_seconds",
    "payload_digest",
    "requests_needed",
    "undo_requests",
]

_DAY = 24 * 3600
_CUSTOMERS_TOLD = 3
_INVOICED = (Billing.PENDING_PAYMENT, Billing.PAID)
_DIGEST_SPACE = 2**256


def action_name(action: Action) -> str:  # noqa: PLR0911 - one return for each action
    """The name of an action in plans, reports and stored rows."""
    match action:
        case Create():
            return "create"
        case Adopt(then_update=False):
            return "adopt"
        case Adopt():
            return "adopt_update"
        case Update():
            return "update"
        case Withdraw():
            return "withdraw"
        case Rebook():
            return "rebook"
        case Keep():
            return "keep"
        case Hold():
            return "hold"
        case Conflict():
            return "conflict"
        case Skip():
            return "skip"
        case Quarantined():
            return "quarantined"
        case _:
            assert_never(action)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a record is totalled under; `billable_place`: MOCO bills its project and its task."""

    project: str
    person: str
    customer: str = ""
    billable_place: bool = True


class PlanTotals:
    """Adds up a plan record by record; its size depends on people, projects and years only.

    The order of the records changes nothing, the digest included.
    """

    def __init__(self) -> None:
        self.by_action: dict[str, Tally] = defaultdict(Tally)
        self.by_word: dict[Word, Tally] = defaultdict(Tally)
        self.by_project: dict[str, Tally] = defaultdict(Tally)
        self.by_person: dict[str, Tally] = defaultdict(Tally)
        self.by_year: dict[int, Tally] = defaultdict(Tally)
        self.pending_payment: dict[str, Tally] = defaultdict(Tally)
        self.created_by_billing: dict[Billing, Tally] = defaultdict(Tally)
        self.invoiced: Counter[tuple[Billing, str]] = Counter()
        """Records to come into MOCO that may be marked as billed there, by status and customer."""
        self.creates_per_person: Counter[MocoId] = Counter()
        self._private = Tally()
        self._not_billable_there = Tally()
        self._over_a_day = Tally()
        self._writes = 0
        self._digest = 0

    def add(self, action: Action, entry: TimeEntry, labels: Labels, payload: str = "") -> None:
        """Count one decided record; `payload` is the `payload_digest` of what is wanted, if anything is."""
        seconds = entry.seconds
        for tally in (
            self.by_action[action_name(action)],
            self.by_word[final_word(action)],
            self.by_project[labels.project],
            self.by_person[labels.person],
            self.by_year[entry.day.year],
        ):
            tally.add(seconds)
        if entry.billing is Billing.PENDING_PAYMENT:
            self.pending_payment[labels.customer].add(seconds)
        if isinstance(action, Write):
            self._add_write(action, entry, labels)
        self._add_to_digest(f"{entry.id} {action_name(action)} {payload}")

    def add_rejected(self, seconds: int) -> None:
        """Count a record of which no copy is usable; it has no day, person or project."""
        self.by_action["hold"].add(seconds)
        self.by_word[Word.REJECTED].add(seconds)

    def of_action(self, name: str) -> int:
        """How many records have the action of that name."""
        return self.by_action[name].records if name in self.by_action else 0

    @property
    def records(self) -> int:
        """All records counted."""
        return sum(tally.records for tally in self.by_word.values())

    @property
    def is_noop(self) -> bool:
        """Whether carrying out the plan would write nothing, neither to MOCO nor to our links."""
        return self._writes == 0

    @property
    def digest(self) -> str:
        """64 hex digits over key, action and payload of every record, in whatever order they came."""
        return f"{self._digest:064x}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before approving the plan."""
        found = []
        if self._over_a_day.records:
            found.append(f"{self._over_a_day} of more than 24 hours each are sent as they are")
        if self._private.records:
            found.append(f"{self._private} private in ActiveCollab: in MOCO everybody sees them who sees the project")
        if self._not_billable_there.records:
            unbilled = self._not_billable_there
            found.append(f"{unbilled} billable in ActiveCollab, where MOCO does not bill the project or task")
        if self.pending_payment:
            found.append(self._pending_payment_told())
        return tuple(found)

    def _pending_payment_told(self) -> str:
        """Those pending payment in one line: all of them, and the customers with the most hours."""
        whole = Tally(
            sum(tally.records for tally in self.pending_payment.values()),
            sum(tally.seconds for tally in self.pending_payment.values()),
        )
        ordered = sorted(self.pending_payment.items(), key=lambda pair: (-pair[1].seconds, pair[0]))
        told = [f"{customer or 'no customer'} {format_hours(tally.seconds)} h" for customer, tally in ordered]
        more = len(told) - _CUSTOMERS_TOLD
        rest = f" and {more} more" if more > 0 else ""
        return f"{whole} pending payment in ActiveCollab: {', '.join(told[:_CUSTOMERS_TOLD])}{rest}"

    def _add_write(self, action: Write, entry: TimeEntry, labels: Labels) -> None:
        self._writes += 1
        if isinstance(action, Create):
            self.creates_per_person[action.wanted.user_id] += 1
            self.created_by_billing[entry.billing].add(entry.seconds)
        if isinstance(action, Create | Adopt) and entry.billing in _INVOICED:
            self.invoiced[entry.billing, labels.customer] += 1
        if isinstance(action, Withdraw):
            return
        if entry.private:
            self._private.add(entry.seconds)
        if entry.seconds > _DAY:
            self._over_a_day.add(entry.seconds)
        if action.wanted.billable and not labels.billable_place:
            self._not_billable_there.add(entry.seconds)

    def _add_to_digest(self, row: str) -> None:
        # A sum of hashes is the same in every order, and each record stands in it once.
        self._digest = (self._digest + int(hashlib.sha256(row.encode()).hexdigest(), 16)) % _DIGEST_SPACE
