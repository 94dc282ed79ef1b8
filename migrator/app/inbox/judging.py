"""Whether saying that ActiveCollab's side of a conflict counts would lead to a write, as things are now."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from migrator.app.deciding import Decided, Decider, load_decider
from migrator.app.reasons import in_words
from migrator.app.wiring import Workplace
from migrator.core.actions import (
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
)
from migrator.core.decide import ruling_on
from migrator.core.model import SourceId
from migrator.core.sides import entry_shown
from migrator.store import rulings, target
from migrator.store.engine import reading
from migrator.store.inbox import SavedItem
from migrator.store.merge import merged_of


class Judge:
    """Decides items as the next run would, were they ruled upon; by what the database knows of MOCO."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._decider: Decider | None = None

    def objection(self, item: SavedItem, source_id: SourceId) -> str:
        """Why the ruling would write nothing, in words; empty when it would."""
        return _problem(item, self._decided(item, source_id))

    def _decided(self, item: SavedItem, source_id: SourceId) -> Decided:
        with reading(self._place.engine) as session:
            if self._decider is None:
                self._decider = load_decider(self._place, target.load_target_masters(session))
            merged = merged_of(session, 0, frozenset({source_id}))[source_id]
        released = replace(merged.refusal, released=True) if merged.refusal else None
        ruled = replace(merged, refusal=released, ruling=rulings.ruling_of(item))
        return self._decider.decide(ruled, None)


def _problem(item: SavedItem, decided: Decided) -> str:
    """Why the ruling would write nothing, in words; empty when it would."""
    match decided.action:
        case Create() | Adopt() | Update() | Withdraw() | Rebook() | Hold(reason=HoldReason.NOT_ESTABLISHED):
            return ""
        case Conflict() as conflict:
            return _why_still(item, decided, conflict)
        case Hold(reason=reason, detail=detail):
            return in_words(reason.value, detail)
        case Quarantined(words=words):
            return words
        case Keep() | Skip():
            return "both sides agree by now, and the next run takes it off the list"
        case _:
            assert_never(decided.action)


def _why_still(item: SavedItem, decided: Decided, conflict: Conflict) -> str:
    """Why a conflict remains one though a person decided."""
    link = decided.merged.link
    if ruling_on(conflict, decided.source, link, decided.target) != rulings.ruling_of(item):
        return "one side, the mapping or the policy changed since the last run; run `migrator sync`, then look again"
    entry = entry_shown(link, decided.target)
    if entry is None:
        return "no listing of MOCO has shown its activity yet; run `migrator verify`, then look again"
    if entry.timer_running:
        return f"a timer runs on activity {entry.id} in MOCO; stop it there"
    return f"activity {entry.id} is billed in MOCO, or marked so by us, and is never overwritten"
