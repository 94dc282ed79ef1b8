"""`explain`: everything that is known of one record, from its raw fragment to what MOCO showed last; no network."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum

from sqlalchemy.orm import Session

from migrator.app.answer import Answer
from migrator.app.deciding import Decided, Decider, load_decider
from migrator.app.explain.decision import decision_told
from migrator.app.explain.naming import Named, find_named
from migrator.app.explain.raw import Fragment, fragment_of, kept_fragment
from migrator.app.explain.rules import rules_applied
from migrator.app.explain.text import explained
from migrator.app.wiring import Workplace
from migrator.core.duration import format_clock, format_hours
from migrator.core.model import Key, SourceId, TargetEntry, TimeEntry
from migrator.core.sides import Side, present_side, side_of
from migrator.errors import ExitCode
from migrator.store import inbox, intents, links, merge, plans, remembered, target
from migrator.store.engine import reading
from migrator.store.inbox import SavedItem
from migrator.store.intents import ClosedIntent
from migrator.store.links import SavedLink
from migrator.store.remembered import KeptReject

Told = dict[str, object]


def explain(place: Workplace, name: str) -> Answer:
    """One record from its source to MOCO, as the database and the saved documents tell it.

    Raises `UsageError` when `name` means nothing that is known.
    """
    instance = place.config.activecollab.instance
    with reading(place.engine) as session:
        named = find_named(session, name, instance)
        masters = target.load_target_masters(session)
    decider = load_decider(place, masters)
    with reading(place.engine) as session:
        document = _document(place, session, decider, named)
    return Answer(explained(document, masters), document)


def _document(place: Workplace, session: Session, decider: Decider, named: Named) -> Told:
    source_id = named.source_id
    document: Told = {
        "schema": "migrator.explain/1",
        "source_id": source_id,
        "marker": Key(place.config.activecollab.instance, source_id).marker if source_id is not None else None,
        **_source(place, session, named),
        "canonical": None,
        "mapping": _mapping(session, decider),
        "decision": None,
        "planned": None,
        "runs": [],
        "requests": [],
        "values": None,
        "drift": [],
        "inbox": _waiting(session, named),
        "taken_back": None,
        "billed": None,
    }
    if source_id is not None:
        _tell_record(place, session, decider, source_id, document)
    return document | {"exit_code": int(ExitCode.DONE)}


def _tell_record(place: Workplace, session: Session, decider: Decider, source_id: SourceId, document: Told) -> None:
    """What is known under the record's id: both sides, our memory, the decision."""
    found = merge.merged_of(session, 0, frozenset({source_id})).get(source_id)
    decided = decider.decide(found, None) if found is not None else None
    saved = next(iter(links.saved_links(session, [source_id])), None)
    marked = target.entries_marked(session, [source_id]).get(source_id, ())
    linked = target.entries_by_id(session, [saved.link.activity_id]) if saved else {}
    shown = next(iter((*linked.values(), *marked)), None)
    history = intents.intents_of(session, source_id)
    words = remembered.words_of(session, source_id)
    named = remembered.runs_named(session, {each.intent.run_id for each in history} | {each.run_id for each in words})
    if decided is not None:
        wanted = decided.wanted
        rules = rules_applied(session, place.config, decider, decided.merged.entry, wanted)
        document["canonical"] = canonical_told(decided.merged.entry)
        document["decision"] = decision_told(decided)
        document["mapping"] = {**_mapping(session, decider), "rules": [each.as_json() for each in rules]}
    document["planned"] = _planned(session, source_id)
    document["runs"] = [
        {"run": each.run_id, "kind": named[each.run_id].kind, "verdict": named[each.run_id].verdict}
        | {"write": each.write, "word": each.word or "pending", "reason": each.reason, "detail": each.detail}
        for each in words
        if each.run_id in named
    ]
    document["requests"] = [_request(session, each, named) for each in history]
    document["values"] = _values(session, decided, saved, shown, marked)
    document["drift"] = _drift(saved, shown)
    if (held := remembered.held_since_undo(session, source_id)) is not None:
        document["taken_back"] = {"run": held[0], "at": held[1].isoformat()}
    if saved is not None or shown is not None:
        asked = saved is not None and saved.link.disregarded
        document["billed"] = {"asked_by_us": asked, "shown": shown.billed if shown else None}


# -- the source ----------------------------------------------------------------------------------------------------


def _source(place: Workplace, session: Session, named: Named) -> Told:
    if named.source_id is None:
        assert named.item is not None, "only an inbox item stands for what has no id"
        rejects = remembered.rejects_at(session, named.item.new.place)
        return {"copy": None, "rejects": [_reject(each) for each in rejects]}
    copy = remembered.staged_copy(session, named.source_id)
    rejects = remembered.rejects_of(session, named.source_id)
    if copy is None:
        return {"copy": None, "rejects": [_reject(each) for each in rejects]}
    fragment = fragment_of(place.config, copy)
    told: Told = {
        "document": copy.origin.document,
        "line": copy.origin.line or None,
        "fragment_hash": copy.fragment_hash,
        "content_hash": copy.content_hash,
        "read_by_run": copy.read_run,
        "changed_by_run": copy.changed_run,
        "read_by_version": copy.program,
        "warnings": list(copy.warnings),
        "rejected": copy.rejected,
        "fate": {"is": copy.fate, "told": copy.fate_told, "since_run": copy.fate_run} if copy.fate else None,
        **_fragment(fragment),
    }
    return {"copy": told, "rejects": [_reject(each) for each in rejects]}


def _reject(reject: KeptReject) -> Told:
    value = reject.value
    fragment = kept_fragment(reject)
    return {
        "document": value.origin.document,
        "line": value.origin.line or None,
        "fragment_hash": hashlib.sha256(value.fragment.encode()).hexdigest() if value.fragment else "",
        "field": value.field,
        "value": value.value,
        "expected": value.expected,
        "message": value.message,
        "seconds": value.seconds,
        "read_by_run": reject.read_run,
        **_fragment(fragment),
    }


def _fragment(fragment: Fragment) -> Told:
    return {"fragment": fragment.text or None, "fragment_note": fragment.why}


def canonical_told(entry: TimeEntry) -> Told:
    """Every field of a record in canonical form, its duration also as people read it."""
    told: Told = {}
    for name in TimeEntry.__slots__:
        value = getattr(entry, name)
        told[name] = value.value if isinstance(value, Enum) else _moment(value)
    return told | {"hours": format_hours(entry.seconds), "clock": format_clock(entry.seconds)}


def _moment(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


# -- our memory ----------------------------------------------------------------------------------------------------


def _mapping(session: Session, decider: Decider) -> Told:
    version = remembered.version_made(session, decider.mapping.version)
    return {
        "version": decider.mapping.version,
        "since": version.created_at.isoformat() if version else None,
        "made_by": version.made_by if version else "",
        "origin": version.origin if version else "",
        "rules": [],
    }


def _planned(session: Session, source_id: SourceId) -> Told | None:
    """What the newest plan intends for the record, as far as it intends anything."""
    number = plans.last_plan_id(session)
    row = plans.actions_of(session, number, [source_id]).get(source_id) if number is not None else None
    if row is None:
        return None
    return {"plan": number, "action": row.action, "reason": row.reason, "detail": row.detail}


def _request(session: Session, each: ClosedIntent, named: dict[int, remembered.RunName]) -> Told:
    intent, run = each.intent, named.get(each.intent.run_id)
    position, size = remembered.place_in_batch(session, intent.batch, intent.id)
    return {
        "id": intent.id,
        "run": intent.run_id,
        "run_kind": run.kind if run else "",
        "run_verdict": run.verdict if run else "",
        "write": intent.write,
        "batch": intent.batch,
        "position": position,
        "of": size,
        "activity_id": intent.activity_id,
        "person_id": intent.user_id,
        "payload_sha256": hashlib.sha256(intent.payload.encode()).hexdigest(),
        "sent_at": intent.sent_at.isoformat(),
        "settled_at": each.closed_at.isoformat() if each.closed_at else None,
        "outcome": each.outcome.value if each.outcome else "open",
        "status": intent.status,
        "words": intent.detail,
    }


def _values(
    session: Session,
    decided: Decided | None,
    saved: SavedLink | None,
    shown: TargetEntry | None,
    marked: Sequence[TargetEntry],
) -> Told:
    wanted = decided.wanted if decided is not None else None
    listed = remembered.shown_by(session, shown.id) if shown is not None else None
    link = saved.link if saved is not None else None
    return {
        "activity_id": link.activity_id if link else shown.id if shown else None,
        "linked_by_run": saved.run_id if saved else None,
        "linked_at": saved.linked_at.isoformat() if saved else None,
        "gone": saved.gone if saved else False,
        "wanted": side_of(wanted.booking) if wanted else None,
        "sent": side_of(link.sent) if link and link.sent else None,
        "answered": side_of(link.answered) if link else None,
        "shown": present_side(shown) if shown else None,
        "shown_changed_at": shown.updated_at.isoformat() if shown else None,
        "listed_at": listed.listed_at.isoformat() if listed else None,
        "listed_by_run": listed.run_id if listed else None,
        "carry_the_marker": [each.id for each in marked],
    }


def _drift(saved: SavedLink | None, shown: TargetEntry | None) -> list[Told]:
    """What is no longer as MOCO answered, field by field."""
    if saved is None or shown is None or shown.id != saved.link.activity_id:
        return []
    then: Side = side_of(saved.link.answered)
    now: Side = side_of(shown.booking)
    return [{"field": name, "answered": then[name], "shown": now[name]} for name in then if then[name] != now[name]]


def _waiting(session: Session, named: Named) -> list[Told]:
    items = inbox.items_of(session, named.source_id) if named.source_id is not None else (named.item,)
    return [_item(each) for each in items if each is not None]


def _item(item: SavedItem) -> Told:
    return {
        "id": f"i{item.id}",
        "kind": item.new.kind.value,
        "reason": item.new.reason,
        "message": item.new.message,
        "since": item.since.isoformat(),
        "state": item.state.value,
        "note": item.accepted_note,
        "decided_at": item.accepted_at.isoformat() if item.accepted_at else None,
    }
