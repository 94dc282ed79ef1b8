"""The long tables of a package, row by row: plan, requests, what waits, names, and the log as a chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import Engine

from migrator.app.evidence.free_text import free_text
from migrator.core.mapping import SourceMasters, TargetMasters
from migrator.store import inbox, plans, proof
from migrator.store.engine import reading
from migrator.store.inbox import ItemState
from migrator.store.proof import Scope

PLAN_COLUMNS = ("source_id", "action", "reason", "seconds", "payload", "detail")
REQUEST_COLUMNS = (
    *("id", "run", "batch", "write", "source_id", "activity_id", "person_id", "payload_sha256", "sent_at"),
    *("closed_at", "outcome", "status", "decides", "natural_key", "words"),
)
EXCEPTION_COLUMNS = (
    *("id", "kind", "reason", "source_id", "activity_id", "since", "state", "decided_at", "message", "note"),
)
NAME_COLUMNS = ("side", "kind", "id", "name", "email")

_Row = tuple[object, ...]


def plan_rows(engine: Engine, plan_id: int | None, with_people: bool) -> Iterator[_Row]:
    """What the plan intends for each record."""
    after = 0
    while plan_id is not None:
        with reading(engine) as session:
            page = next(plans.stream_actions(session, plan_id, after=after), ())
        if not page:
            return
        for row in page:
            detail = free_text(row.detail, True) if with_people else ""
            yield row.source_id, row.action, row.reason, row.seconds, row.payload, detail
        after = page[-1].source_id


def request_rows(engine: Engine, scope: Scope, with_people: bool) -> Iterator[_Row]:
    """Every request that writes, in the order in which they were sent; `decides` marks the last of each record."""
    after = 0
    while True:
        with reading(engine) as session:
            page = proof.requests(session, scope, after)
            ids = {each.intent.source_id for each in page if each.intent.source_id is not None}
            deciding = proof.deciding_ids(session, scope, ids)
        if not page:
            return
        for each in page:
            intent = each.intent
            yield (
                *(intent.id, intent.run_id, intent.batch, intent.write, intent.source_id, intent.activity_id),
                *(intent.user_id, payload_digest(intent.payload), intent.sent_at.isoformat()),
                each.closed_at.isoformat() if each.closed_at else "",
                each.outcome.value if each.outcome else "",
                intent.status,
                intent.id in deciding,
                *((free_text(intent.natural_key, True), free_text(intent.detail, True)) if with_people else ("", "")),
            )
        after = page[-1].intent.id


def payload_digest(payload: str) -> str:
    """The SHA-256 of what was sent, as the database keeps it."""
    return hashlib.sha256(payload.encode()).hexdigest()


def exception_rows(engine: Engine, with_people: bool) -> Iterator[_Row]:
    """What waits for a person, and what a person decided about what waited."""
    for state in (ItemState.OPEN, ItemState.ACCEPTED, ItemState.RULED):
        with reading(engine) as session:
            items = inbox.list_items(session, state=state)
        for item in items:
            new = item.new
            yield (
                *(f"i{item.id}", new.kind.value, new.reason, new.source_id, new.activity_id, item.since.isoformat()),
                state.value,
                item.accepted_at.isoformat() if item.accepted_at else "",
                *((free_text(new.message, True), free_text(item.accepted_note, True)) if with_people else ("", "")),
            )


def name_rows(known: SourceMasters, there: TargetMasters) -> Iterator[_Row]:
    """Who and what the numbers of the other tables stand for, on both sides."""
    for user in known.users.values():
        yield "ActiveCollab", "person", user.id, free_text(user.name, True), free_text(user.email, True)
    for company in known.companies.values():
        yield "ActiveCollab", "company", company.id, free_text(company.name, True), ""
    for project in known.projects.values():
        yield "ActiveCollab", "project", project.id, free_text(project.name, True), ""
    for person in there.users.values():
        yield "MOCO", "person", person.id, free_text(person.name, True), free_text(person.email, True)
    for place in there.projects.values():
        yield "MOCO", "project", place.id, free_text(place.name, True), ""


class Chain:
    """The log as lines of JSON, each with the SHA-256 of the line before."""

    def __init__(self) -> None:
        self.last = "0" * 64
        self.lines = 0

    def written(self, engine: Engine, scope: Scope) -> Iterator[bytes]:
        """All lines, in the order in which things happened."""
        with reading(engine) as session:
            for event in proof.natural_order(session, scope):
                self.lines += 1
                line = {"number": self.lines, "previous": self.last, "at": event.at.isoformat(), "event": event.name}
                raw = json.dumps({**line, **event.facts}, ensure_ascii=False, separators=(",", ":")).encode()
                self.last = hashlib.sha256(raw).hexdigest()
                yield raw + b"\n"
