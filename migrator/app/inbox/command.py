"""`inbox`: everything that waits for a person, in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from sqlalchemy.orm import Session

from migrator.app import obstacles
from migrator.app.answer import Answer
from migrator.app.operator import operator
from migrator.app.wiring import Workplace
from migrator.core.model import Key, SourceId
from migrator.errors import ExitCode, UsageError
from migrator.store import inbox, refusals
from migrator.store.engine import reading, writing
from migrator.store.inbox import ItemKind, ItemState, SavedItem

SHOWN = 50

_NUMBER = re.compile(r"(i?)([1-9][0-9]{0,17})")


def list_inbox(place: Workplace, kind: str | None) -> Answer:
    """What waits, oldest first."""
    with reading(place.engine) as session:
        items = inbox.list_items(session, ItemKind(kind) if kind else None)
    document: dict[str, object] = {
        "schema": "migrator.inbox/1",
        "verdict": _verdict(items),
        "items": [document_of(item) for item in items],
        "exit_code": int(ExitCode.DONE),
    }
    lines = [_verdict(items)]
    lines += [_line(item) for item in items[:SHOWN]]
    if len(items) > SHOWN:
        lines.append(f"  … and {len(items) - SHOWN:,} more with --json, or --kind to see less")
    return Answer("\n".join(lines), document)


def retry_items(place: Workplace, item_ids: Sequence[str], *, everything: bool) -> Answer:
    """Let what MOCO refused be sent once more by the next apply or sync."""
    if not item_ids and not everything:
        raise UsageError("nothing to retry was named", hint="name items like i17, or give --all")
    items = [find_item(place, each) for each in item_ids]
    with writing(place.engine) as session:
        ids = None if everything else [item.new.source_id for item in items if item.new.source_id is not None]
        released = refusals.release(session, ids)
        # What MOCO refused for a person, task or contract is one thing for many records: it is tried once more.
        released += obstacles.forget_all(session)
    told = f"{released:,} refusal{'' if released == 1 else 's'}"
    verdict = f"{told} will be tried again by the next `sync`, or `plan` and `apply`."
    document: dict[str, object] = {
        "schema": "migrator.inbox.retry/1",
        "verdict": verdict,
        "released": released,
        "exit_code": int(ExitCode.DONE),
    }
    return Answer(verdict, document)


def accept_items(place: Workplace, item_ids: Sequence[str], note: str) -> Answer:
    """A person says that these are right as they are; they come back only when their source changes."""
    if not note.strip():
        raise UsageError("an acceptance needs a reason", hint='add --note "why this is right as it is"')
    items = [find_item(place, each) for each in item_ids]
    with writing(place.engine) as session:
        accepted = inbox.accept(session, [item.id for item in items], signed(note.strip()), place.clock.now())
    verdict = f"{accepted:,} of {len(items):,} accepted."
    document: dict[str, object] = {
        "schema": "migrator.inbox.accept/1",
        "verdict": verdict,
        "accepted": accepted,
        "exit_code": int(ExitCode.DONE),
    }
    return Answer(verdict, document)


def signed(note: str) -> str:
    """A note with the name of who gives it, as this machine knows them."""
    return f"{operator()}: {note}"


def find_item(place: Workplace, name: str) -> SavedItem:
    """An item by its own name (i17), or what waits about a record, by its ActiveCollab id or its marker."""
    marked = Key.from_marker(name)
    with reading(place.engine) as session:
        if marked is not None and marked.instance == place.config.activecollab.instance:
            found = _about(session, marked.id)
        elif number := _NUMBER.fullmatch(name):
            found = inbox.item(session, int(number[2])) if number[1] else _about(session, SourceId(int(number[2])))
        else:
            found = None
    if found is None:
        raise UsageError(
            f"the inbox has no item {name!r}",
            hint="`migrator inbox list` shows them; name one like i17, or by its record's ActiveCollab id",
        )
    return found


def _about(session: Session, source_id: SourceId) -> SavedItem | None:
    """What waits about a record, else what waited last."""
    items = inbox.items_of(session, source_id)
    waiting = [item for item in items if item.state is ItemState.OPEN]
    return next(reversed(waiting or items), None)


def _verdict(items: Sequence[SavedItem]) -> str:
    if not items:
        return "Nothing waits for a person."
    kinds = [item.new.kind for item in items]
    told = ", ".join(f"{kinds.count(kind):,} {kind.value}" for kind in ItemKind if kind in kinds)
    return f"{len(items):,} wait for a person: {told}."


def _line(item: SavedItem) -> str:
    record = f"record {item.new.source_id}" if item.new.source_id is not None else item.new.place
    return f"  i{item.id:<5} {item.new.kind.value:<11} {record:<16} {item.new.message}"


def document_of(item: SavedItem) -> dict[str, object]:
    """An item as scripts get it."""
    return {
        "id": f"i{item.id}",
        "source_id": item.new.source_id,
        "activity_id": item.new.activity_id,
        "kind": item.new.kind.value,
        "reason": item.new.reason,
        "message": item.new.message,
        "since": item.since.isoformat(),
        "source": json.loads(item.new.source),
        "target": json.loads(item.new.target),
        "state": item.state.value,
    }
