"""What `explain` says to people: section by section, with nothing in it that could steer a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from migrator.core.duration import format_hours
from migrator.core.mapping import TargetMasters
from migrator.core.model import LIVE, MocoId

_WIDEST = 34
_INDENT = "  "


def explained(document: Mapping[str, Any], masters: TargetMasters) -> str:
    """The answer as text; `document` is its JSON form (Any: JSON)."""
    parts = [
        [_headline(document)],
        _section("Source", _source(document)),
        _section("As read", _canonical(document)),
        _section("Mapping", _mapping(document)),
        _section("Decision today", _decision(document)),
        _section("Runs", _runs(document)),
        _section("Requests", _requests(document)),
        _section("Values", _values(document, masters)),
        _section("Drift since MOCO's answer", _drift(document, masters)),
        _section("Inbox", _inbox(document)),
        _section("Undo and billing", _afterwards(document)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def plain(text: object) -> str:
    """A text without anything that a terminal obeys: control characters and marks of direction are spelled out."""
    return "".join(each if each.isprintable() else _spelled(each) for each in str(text))


def _spelled(letter: str) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(letter) or f"\\u{ord(letter):04x}"


def _section(title: str, lines: Iterator[str]) -> list[str]:
    found = [f"{_INDENT}{line}" for line in lines]
    return [title, *found] if found else []


def _headline(document: Mapping[str, Any]) -> str:
    values = document["values"] or {}
    if document["source_id"] is None:
        return "A record whose id could not be read"
    activity = values.get("activity_id")
    where = f"activity {activity} in MOCO" if activity else "nothing in MOCO"
    gone = " (deleted there)" if values.get("gone") else ""
    return f"Record {document['source_id']} ({document['marker']}): {where}{gone}"


# -- the sections --------------------------------------------------------------------------------------------------


def _source(document: Mapping[str, Any]) -> Iterator[str]:
    copy = document["copy"]
    if copy is None and not document["rejects"]:
        yield "no copy of it is staged: ActiveCollab, as it was read, does not have it"
    if copy is not None:
        yield f"{_place(copy)}, read by run {copy['read_by_run']}, as it is since run {copy['changed_by_run']}"
        yield f"hash of the fragment  {copy['fragment_hash'] or 'none'}"
        yield f"hash of its content   {copy['content_hash']}"
        if copy["fate"]:
            told = f": {plain(copy['fate']['told'])}" if copy["fate"]["told"] else ""
            yield f"no longer listed since run {copy['fate']['since_run']}: {copy['fate']['is']}{told}"
        yield from (f"note: {plain(each)}" for each in copy["warnings"])
        yield from _fragment(copy)
    for reject in document["rejects"]:
        yield f"{_place(reject)}, read by run {reject['read_by_run']}: cannot be used"
        yield f"{reject['field']} {plain(reject['value'])!r}; expected {plain(reject['expected'])}"
        if reject["fragment_hash"]:
            yield f"SHA-256 of the fragment  {reject['fragment_hash']}"
        yield from _fragment(reject)


def _place(copy: Mapping[str, Any]) -> str:
    if not copy["line"]:
        return plain(copy["document"])
    # Of JSON a streaming parser tells no lines: it is the ordinal of the object.
    what = "object" if copy["document"].startswith(LIVE) or ".json" in copy["document"].lower() else "line"
    return f"{plain(copy['document'])}, {what} {copy['line']}"


def _fragment(copy: Mapping[str, Any]) -> Iterator[str]:
    if not copy["fragment"]:
        yield f"fragment not shown: {plain(copy['fragment_note'])}"
        return
    yield f"fragment, {plain(copy['fragment_note'])}:"
    yield from (f"  | {plain(line.expandtabs(4))}" for line in copy["fragment"].splitlines())


def _canonical(document: Mapping[str, Any]) -> Iterator[str]:
    fields = document["canonical"]
    if not fields:
        return
    yield f"{'hours':<14} {plain(fields['hours_raw'])!r} = {fields['seconds']:,} s = {fields['clock']} h"
    for name, value in fields.items():
        if name not in {"hours_raw", "seconds", "hours", "clock"}:
            yield f"{name:<14} {_shown(value)}"


def _mapping(document: Mapping[str, Any]) -> Iterator[str]:
    mapping = document["mapping"]
    if mapping["version"]:
        yield f"version {mapping['version']} of {_time(mapping['since'])} by {plain(mapping['made_by'] or '?')}"
    else:
        yield "nobody approved a mapping yet: exact matches only"
    for rule in mapping["rules"]:
        source = f"{rule['source_id']} {plain(rule['source_name'])}".strip() if rule["source_id"] else "–"
        target = f"{rule['target_id'] or ''} {plain(rule['target_name'])}".strip() or "–"
        yield f"{rule['thing']:<8} {source} → {target}: {plain(rule['words'])}"
        if rule["cutover"]:
            yield f"{'':<8} cut-over {rule['cutover']}"
        if rule["note"]:
            yield f"{'':<8} note: {plain(rule['note'])}"


def _decision(document: Mapping[str, Any]) -> Iterator[str]:
    decision = document["decision"]
    if decision is None:
        yield "none: no copy of it can be used" if document["rejects"] else "none: ActiveCollab does not have it"
    else:
        yield plain(decision["words"])
    planned = document["planned"]
    if planned:
        why = f" ({planned['reason']})" if planned["reason"] else ""
        yield f"plan {planned['plan']} says: {planned['action']}{why}"


def _runs(document: Mapping[str, Any]) -> Iterator[str]:
    for each in document["runs"]:
        why = ": " + plain(each["detail"] or each["reason"]) if each["detail"] or each["reason"] else ""
        yield f"run {each['run']} ({each['kind']}): {each['write']} → {each['word']}{why}"


def _requests(document: Mapping[str, Any]) -> Iterator[str]:
    last = None
    for each in document["requests"]:
        if each["run"] != last:
            yield f"run {each['run']} ({each['run_kind']}): {plain(each['run_verdict']) or 'not ended'}"
            last = each["run"]
        batch = f"batch {each['batch']}, {each['position']} of {each['of']}"
        status = f" (status {each['status']})" if each["status"] else ""
        settled = _time(each["settled_at"]) if each["settled_at"] else "not settled"
        yield f"  {each['write']} in {batch}, sent {_time(each['sent_at'])}, {each['outcome']} {settled}{status}"
        if each["words"]:
            yield f"    {plain(each['words'])}"


def _values(document: Mapping[str, Any], masters: TargetMasters) -> Iterator[str]:
    values = document["values"]
    sides = ("wanted", "sent", "answered", "shown")
    if not values or not any(values[side] for side in sides):
        return
    titles = ("field", "wanted today", "sent", "answered", "shown last")
    names = list(dict.fromkeys(name for side in sides for name in values[side] or {}))
    rows = [titles]
    rows += [(name, *(_value(name, (values[side] or {}).get(name), masters) for side in sides)) for name in names]
    widths = [min(_WIDEST, max(len(row[column]) for row in rows)) for column in range(len(titles))]
    for row in rows:
        yield "  ".join(_cell(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
    if values["linked_at"]:
        yield f"linked by run {values['linked_by_run']} at {_time(values['linked_at'])}"
    if values["listed_at"]:
        yield f"MOCO was last listed at {_time(values['listed_at'])} by run {values['listed_by_run']}"
    if len(values["carry_the_marker"]) > 1:
        yield f"several activities carry the marker: {', '.join(map(str, values['carry_the_marker']))}"


def _drift(document: Mapping[str, Any], masters: TargetMasters) -> Iterator[str]:
    for each in document["drift"]:
        then, now = (_value(each["field"], each[side], masters) for side in ("answered", "shown"))
        yield f"{each['field']}: {then} → {now}"


def _inbox(document: Mapping[str, Any]) -> Iterator[str]:
    for item in document["inbox"]:
        yield f"{item['id']} {item['kind']} since {_time(item['since'])}, {item['state']}: {plain(item['message'])}"
        if item["note"]:
            yield f"  {plain(item['note'])} ({_time(item['decided_at'])})"


def _afterwards(document: Mapping[str, Any]) -> Iterator[str]:
    if back := document["taken_back"]:
        release = f"`migrator undo {back['run']} --release`"
        yield f"run {back['run']} was taken back at {_time(back['at'])}: held until {release}"
    billed = document["billed"] or {}
    if billed.get("asked_by_us"):
        yield "`migrator billed` marked its activity as already billed"
    if billed.get("shown"):
        yield "MOCO shows its activity as billed"


# -- values --------------------------------------------------------------------------------------------------------


def _value(name: str, value: object, masters: TargetMasters) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if name == "seconds":
            return f"{value:,} s = {format_hours(value)} h"
        known: Mapping[MocoId, Any] = {
            "user_id": masters.users,
            "project_id": masters.projects,
            "task_id": masters.tasks,
        }.get(name, {})
        found = known.get(MocoId(value))
        return f"{value} {plain(found.name)}" if found is not None else str(value)
    return _shown(value)


def _shown(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case "":
            return '""'
        case _:
            return plain(value)


def _cell(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)


def _time(moment: str | None) -> str:
    return f"{moment[:10]} {moment[11:19]} UTC" if moment else "–"
