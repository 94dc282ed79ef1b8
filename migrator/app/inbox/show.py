"""`inbox show`: one thing that waits, both sides next to each other, and what each decision would mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from migrator.app.answer import Answer
from migrator.app.inbox.command import document_of, find_item
from migrator.app.inbox.meanings import meaning_of
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.mapping import TargetMasters
from migrator.core.model import MocoId, Seconds
from migrator.core.sides import side_of
from migrator.errors import ExitCode
from migrator.store import account, links, target
from migrator.store.engine import writing
from migrator.store.inbox import ItemState, SavedItem

_WIDEST = 36
_TITLES = ("  field", "ActiveCollab", "MOCO now", "last sent")
_NAMES = {
    "date": "date",
    "seconds": "hours",
    "user_id": "person",
    "project_id": "project",
    "task_id": "task",
    "description": "description",
    "billable": "billable",
    "url": "link",
    "tag": "tag",
    "billed": "billed",
    "timer_running": "timer runs",
}

Field = dict[str, object]


def show_item(place: Workplace, name: str) -> Answer:
    """Both sides of one item, field by field, and what can be done about it.

    What was shown is remembered: a decision counts only for that.
    """
    item = find_item(place, name)
    with writing(place.engine) as session:
        masters = target.load_target_masters(session)
        sent = links.links_of(session, [item.new.source_id]) if item.new.source_id is not None else {}
        account.learn(session, shown_fact(item), seen(item), place.clock.now())
    link = next(iter(sent.values()), None)
    last_sent = side_of(link.sent) if link is not None and link.sent is not None else None
    fields = _fields(json.loads(item.new.source), json.loads(item.new.target), last_sent)
    meaning = meaning_of(item.new)
    lines = [
        f"i{item.id}  {item.new.kind.value}  {item.new.reason}  since {item.since:%Y-%m-%d %H:%M} UTC",
        f"  {item.new.message}",
        *([f"  record    {item.new.source_id}"] if item.new.source_id is not None else []),
        *([f"  activity  {item.new.activity_id}"] if item.new.activity_id is not None else []),
        *([f"  where     {item.new.place}"] if item.new.place else []),
        *_said(item),
        *_table(fields, masters),
        f"  --keep source: {meaning.source}"
        if meaning.possible
        else f"  --keep source is not possible: {meaning.source}",
        f"  --keep target: {meaning.target}",
    ]
    if item.state is ItemState.OPEN:
        lines.append(f"  Decide with: migrator inbox resolve i{item.id} --keep source|target")
    document: dict[str, object] = {
        "schema": "migrator.inbox.item/1",
        **document_of(item),
        "fields": fields,
        "meaning": {"source": meaning.source if meaning.possible else None, "target": meaning.target},
        "note": item.accepted_note,
        "decided_at": item.accepted_at.isoformat() if item.accepted_at else None,
        "exit_code": int(ExitCode.DONE),
    }
    return Answer("\n".join(lines), document)


def shown_fact(item: SavedItem) -> str:
    """Under which name the database keeps what was last shown of an item."""
    return f"shown:i{item.id}"


def seen(item: SavedItem) -> str:
    """What a person who looks at an item sees, as a text to compare."""
    return json.dumps([item.new.reason, item.new.digest, item.new.target])


def shown_digest(item: SavedItem) -> str:
    """What a report keeps of an item as it shows it: a decision that is read back counts only while it is the same."""
    return hashlib.sha256(f"i{item.id} {seen(item)}".encode()).hexdigest()[:16]


def _said(item: SavedItem) -> list[str]:
    """What a person decided, and when."""
    if item.state is ItemState.OPEN or item.accepted_at is None:
        return [f"  {item.state.value}"] if item.state is ItemState.CLOSED else []
    words = "accepted" if item.state is ItemState.ACCEPTED else "ActiveCollab's side was chosen"
    return [f"  {words} on {item.accepted_at:%Y-%m-%d %H:%M} UTC: {item.accepted_note}"]


def _fields(source: Any, present: Any, sent: Mapping[str, object] | None) -> list[Field]:  # JSON
    """The fields that any side has, in a fixed order; `differs` between ActiveCollab and MOCO."""
    wanted = _in_common(source)
    now = present or {}
    fields: list[Field] = []
    for name in _NAMES:
        if name not in {*wanted, *now, *(sent or {})}:
            continue
        differs = bool(wanted and now) and name in wanted and wanted[name] != now.get(name)
        row: Field = {"name": name, "source": wanted.get(name), "target": now.get(name)}
        fields.append({**row, "sent": (sent or {}).get(name), "differs": differs})
    return fields


def _in_common(source: Any) -> Mapping[str, Any]:  # JSON
    """ActiveCollab's side in MOCO's terms; where nothing is wanted in MOCO, what both can be told in."""
    if not source:
        return {}
    if source.get("wanted"):
        return dict(source["wanted"])
    return {name: source[name] for name in ("date", "seconds", "description") if name in source}


def _table(fields: list[Field], masters: TargetMasters) -> list[str]:
    if not fields:
        return []
    rows = [_TITLES]
    for field in fields:
        name = str(field["name"])
        ours, theirs, sent = (_text(name, field[side], masters) for side in ("source", "target", "sent"))
        rows.append((("* " if field["differs"] else "  ") + _NAMES[name], ours, theirs, sent))
    widths = [min(_WIDEST, max(len(row[column]) for row in rows)) for column in range(4)]
    return ["", *("  " + "  ".join(map(_cell, row, widths)).rstrip() for row in rows), ""]


def _cell(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)


def _text(name: str, value: object, masters: TargetMasters) -> str:
    """A value as a person reads it: names beside ids, hours for seconds."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "seconds" and isinstance(value, int):
        return format_hours(Seconds(value))
    known: Mapping[MocoId, Any] = {
        "user_id": masters.users,
        "project_id": masters.projects,
        "task_id": masters.tasks,
    }.get(name, {})
    if isinstance(value, int) and name.endswith("_id"):
        found = known.get(MocoId(value))
        return f"{found.name} ({value})" if found is not None else str(value)
    return " ".join(str(value).split()) or '""'
