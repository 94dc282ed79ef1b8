"""`inbox resolve`: a person says which side counts, for one item as it was shown."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from migrator.app.answer import Answer
from migrator.app.deciding import Decided, load_decider
from migrator.app.inbox.command import find_item, signed
from migrator.app.inbox.meanings import Meaning, meaning_of
from migrator.app.inbox.show import seen, shown_fact
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
from migrator.errors import ExitCode, RefusedByGate, UsageError
from migrator.store import account, inbox, refusals, rulings, target
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemState, SavedItem
from migrator.store.merge import merged_of

_OTHER = "`migrator inbox resolve i{} --keep target` takes it off the list and leaves MOCO as it is"


class Side(StrEnum):
    """Which side counts."""

    SOURCE = "source"
    TARGET = "target"


def resolve_item(place: Workplace, name: str, keep: Side, note: str) -> Answer:
    """Record which side of an item counts; the next run acts on it, this command writes nothing to MOCO.

    Raises `UsageError` where the word has no meaning, `RefusedByGate` when the item is not as it was shown or
    when its write is impossible as things are.
    """
    item = find_item(place, name)
    if item.state is not ItemState.OPEN:
        raise UsageError(
            f"i{item.id} does not wait any more: it is {item.state.value}",
            hint="`migrator inbox list` shows what waits",
        )
    _as_shown(place, item)
    meaning = meaning_of(item.new)
    told = signed(note.strip() or f"keep {keep.value}")
    if keep is Side.TARGET:
        with writing(place.engine) as session:
            inbox.accept(session, [item.id], told, place.clock.now())
        return _answer(item, keep, f"i{item.id}: {meaning.target}.")
    if not meaning.possible:
        raise UsageError(
            f"i{item.id} cannot be decided for ActiveCollab: {meaning.source}", hint=_OTHER.format(item.id)
        )
    _keep_source(place, item, meaning, told)
    return _answer(item, keep, f"i{item.id}: {meaning.source}.")


def _as_shown(place: Workplace, item: SavedItem) -> None:
    """A decision counts for what its maker saw: refuse it when a later run found something else."""
    with reading(place.engine) as session:
        shown = account.fact(session, shown_fact(item))
    if shown is not None and shown != seen(item):
        raise RefusedByGate(
            f"i{item.id} is no longer as it was shown to you", hint=f"look again: migrator inbox show i{item.id}"
        )


def _keep_source(place: Workplace, item: SavedItem, meaning: Meaning, note: str) -> None:
    """Let MOCO be asked once more, or record the ruling, once it is sure that it leads to a write."""
    source_id = item.new.source_id
    if source_id is None:
        raise UsageError(f"i{item.id} belongs to no record", hint=_OTHER.format(item.id))
    if not meaning.retries:
        problem = _problem(item, _decided(place, item, source_id))
        if problem:
            raise RefusedByGate(
                f"i{item.id} cannot be decided for ActiveCollab now: {problem}", hint=_OTHER.format(item.id)
            )
    with writing(place.engine) as session:
        still = inbox.item(session, item.id)
        if still is None or still.state is not ItemState.OPEN or seen(still) != seen(item):
            raise RefusedByGate(
                f"i{item.id} changed at this moment", hint=f"look again: migrator inbox show i{item.id}"
            )
        # Whoever decides anew wants MOCO to be asked anew, too.
        refusals.release(session, [source_id])
        if not meaning.retries:
            rulings.rule(session, item.id, note, place.clock.now())


def _decided(place: Workplace, item: SavedItem, source_id: SourceId) -> Decided:
    """What the next run would do, were the item ruled upon; by what the database knows of MOCO."""
    with reading(place.engine) as session:
        there = target.load_target_masters(session)
        merged = merged_of(session, 0, frozenset({source_id}))[source_id]
    released = replace(merged.refusal, released=True) if merged.refusal else None
    ruled = replace(merged, refusal=released, ruling=rulings.ruling_of(item))
    return load_decider(place, there).decide(ruled, None)


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


def _answer(item: SavedItem, keep: Side, verdict: str) -> Answer:
    document: dict[str, object] = {
        "schema": "migrator.inbox.resolve/1",
        "verdict": verdict,
        "id": f"i{item.id}",
        "source_id": item.new.source_id,
        "keep": keep.value,
        "exit_code": int(ExitCode.DONE),
    }
    return Answer(verdict, document)
