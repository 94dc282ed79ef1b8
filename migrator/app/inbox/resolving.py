"""`inbox resolve`: a person says which side counts, for one item as it was shown."""

from __future__ import annotations

from enum import StrEnum

from migrator.app.answer import Answer
from migrator.app.inbox.command import find_item, signed
from migrator.app.inbox.judging import Judge
from migrator.app.inbox.meanings import Meaning, meaning_of
from migrator.app.inbox.show import seen, shown_fact
from migrator.app.wiring import Workplace
from migrator.errors import ExitCode, RefusedByGate, UsageError
from migrator.store import account, inbox, refusals, rulings
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemState, SavedItem

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
        problem = Judge(place).objection(item, source_id)
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
