"""What an evidence package is made of: requests, the records of a run, and its events in order, all as streams."""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from migrator.core.model import Seconds, SourceId
from migrator.store.intents import ClosedIntent, Outcome, closed_intent
from migrator.store.rows import PAGE, pages_of, whole_sum
from migrator.store.tables import Intent, LinkRow, MappingVersion, Plan, PlanAction, Run, Scan, SourceRecord, WorkRow
from migrator.store.totals import source_version

_DONE = (Outcome.ANSWERED.value, Outcome.FOUND.value)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a package is about: what one run did, or, with `run` None, everything that was ever done."""

    run: int | None


@dataclass(frozen=True, slots=True)
class Deciding:
    """The last request about a record that was carried out."""

    intent_id: int
    write: str
    outcome: str
    payload: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `facts` are for a line of a log."""

    at: datetime
    rank: int
    id: int
    name: str
    facts: dict[str, object]


def state(session: Session) -> str:
    """A text that changes when anything changes that a package is made of."""
    open_still = select(func.count()).select_from(Intent).where(Intent.closed_at.is_(None))
    parts = (
        session.scalar(select(func.max(Run.id))),
        session.scalar(select(func.count()).where(Run.ended_at.is_(None))),
        session.scalar(select(func.max(Intent.id))),
        session.scalar(open_still),
        session.scalar(select(func.max(LinkRow.linked_at))),
        session.scalar(select(func.count()).select_from(LinkRow)),
        session.scalar(select(func.max(Scan.id))),
        session.scalar(select(func.max(MappingVersion.id))),
        source_version(session),
    )
    return "/".join(map(str, parts))


def plan_of_run(session: Session, run_id: int) -> int | None:
    """The plan that a run made or carried out; None for a run without one."""
    made = select(Plan.id).where(Plan.run_id == run_id).order_by(Plan.id.desc()).limit(1)
    carried_out = select(Plan.id).where(Plan.apply_run == run_id).order_by(Plan.id.desc()).limit(1)
    return session.scalar(made) or session.scalar(carried_out)


def rows_of_plan(session: Session, plan_id: int) -> dict[str, tuple[int, int]]:
    """How many rows a plan has for each action, and their seconds."""
    query = select(PlanAction.action, func.count(), whole_sum(PlanAction.seconds)).where(PlanAction.plan_id == plan_id)
    rows = session.execute(query.group_by(PlanAction.action).order_by(PlanAction.action))
    return {action: (records, int(seconds)) for action, records, seconds in rows}


def record_ids(session: Session, scope: Scope, after: int = 0, size: int = PAGE) -> list[SourceId]:
    """The next records above `after`: those that the run queued or wrote, or all that are staged."""
    if scope.run is None:
        query = select(SourceRecord.id).where(SourceRecord.id > after).order_by(SourceRecord.id).limit(size)
        return [SourceId(each) for each in session.scalars(query)]
    queued = select(WorkRow.source_id).where(WorkRow.run_id == scope.run, WorkRow.source_id > after)
    asked = select(Intent.source_id).where(Intent.run_id == scope.run, Intent.source_id > after).distinct()
    # The first of each are the first of both together.
    found = {*session.scalars(queued.order_by(WorkRow.source_id).limit(size))}
    found |= {each for each in session.scalars(asked.order_by(Intent.source_id).limit(size)) if each is not None}
    return [SourceId(each) for each in sorted(found)[:size]]


def words_in_run(session: Session, run_id: int, source_ids: Collection[SourceId]) -> dict[SourceId, tuple[str, str]]:
    """The word and the reason that records ended in, in the queue of one run."""
    found: dict[SourceId, tuple[str, str]] = {}
    for page in pages_of(source_ids):
        query = select(WorkRow.source_id, WorkRow.word, WorkRow.reason)
        rows = session.execute(query.where(WorkRow.run_id == run_id, WorkRow.source_id.in_(page)))
        found |= {SourceId(source_id): (word or "pending", reason) for source_id, word, reason in rows}
    return found


def deciding(session: Session, scope: Scope, source_ids: Collection[SourceId]) -> dict[SourceId, Deciding]:
    """The last request that was carried out for each of these records, within the scope; staged ones in the whole."""
    found: dict[SourceId, Deciding] = {}
    columns = (Intent.source_id, Intent.id, Intent.write, Intent.outcome, Intent.payload)
    for page in pages_of(deciding_ids(session, scope, source_ids)):
        for source_id, id_, write, outcome, payload in session.execute(select(*columns).where(Intent.id.in_(page))):
            assert source_id is not None
            found[SourceId(source_id)] = Deciding(id_, write, outcome, payload)
    return found


def deciding_ids(session: Session, scope: Scope, source_ids: Collection[SourceId]) -> set[int]:
    """The numbers of these requests."""
    found: set[int] = set()
    for page in pages_of(source_ids):
        last = select(func.max(Intent.id)).where(Intent.source_id.in_(page), Intent.outcome.in_(_DONE))
        if scope.run is not None:
            last = last.where(Intent.run_id == scope.run)
        else:
            last = last.where(select(SourceRecord.id).where(SourceRecord.id == Intent.source_id).exists())
        found.update(id_ for id_ in session.scalars(last.group_by(Intent.source_id)) if id_ is not None)
    return found


def requests(session: Session, scope: Scope, after: int = 0, size: int = PAGE) -> list[ClosedIntent]:
    """The next requests that write, in the order in which they were sent."""
    query = select(Intent).where(Intent.id > after).order_by(Intent.id).limit(size)
    if scope.run is not None:
        query = query.where(Intent.run_id == scope.run)
    return [closed_intent(row) for row in session.scalars(query)]


def natural_order(session: Session, scope: Scope) -> Iterator[Event]:
    """The events of the scope by time: runs, mappings, plans, listings of MOCO, requests and how they ended."""
    streams = (
        _runs(session, scope),
        _ends(session, scope),
        _mappings(session, scope),
        _plans(session, scope),
        _scans(session, scope),
        _sent(session, scope),
        _closings(session, scope),
    )
    return heapq.merge(*streams, key=lambda event: (event.at, event.rank, event.id))


def count_requests(session: Session, scope: Scope) -> dict[str, int]:
    """How many requests that write there were, by kind and outcome: `create answered`."""
    query = select(Intent.write, Intent.outcome, func.count()).group_by(Intent.write, Intent.outcome)
    if scope.run is not None:
        query = query.where(Intent.run_id == scope.run)
    return {f"{write} {outcome or 'open'}": many for write, outcome, many in sorted(session.execute(query).all())}


def queued_sums(session: Session, run_id: int) -> tuple[int, Seconds]:
    """How many records a run queued, and their seconds, counted by the database."""
    query = select(func.count(), whole_sum(WorkRow.seconds)).where(WorkRow.run_id == run_id)
    records, seconds = session.execute(query).one()
    return records, Seconds(int(seconds))


# -- events --------------------------------------------------------------------------------------------------------


def _runs(session: Session, scope: Scope) -> Iterator[Event]:
    query = select(Run).order_by(Run.started_at, Run.id).execution_options(yield_per=PAGE)
    if scope.run is not None:
        query = query.where(Run.id.in_(_shown_runs(scope.run)))
    for row in session.scalars(query):
        facts: dict[str, object] = {"run": row.id, "kind": row.kind, "program": row.program}
        yield Event(row.started_at, 0, row.id, "run_started", facts)


def _ends(session: Session, scope: Scope) -> Iterator[Event]:
    query = select(Run).where(Run.ended_at.is_not(None)).order_by(Run.ended_at, Run.id)
    if scope.run is not None:
        query = query.where(Run.id.in_(_shown_runs(scope.run)))
    for row in session.scalars(query.execution_options(yield_per=PAGE)):
        assert row.ended_at is not None
        facts: dict[str, object] = {"run": row.id, "exit_code": row.exit_code, "counts": json.loads(row.counts)}
        yield Event(row.ended_at, 9, row.id, "run_ended", facts)


def _shown_runs(run_id: int) -> Select[int]:
    """The run itself, and the one that made its plan."""
    return select(Run.id).where((Run.id == run_id) | Run.id.in_(select(Plan.run_id).where(Plan.apply_run == run_id)))


def _mappings(session: Session, scope: Scope) -> Iterator[Event]:
    for row in session.scalars(select(MappingVersion).order_by(MappingVersion.created_at, MappingVersion.id)):
        yield Event(row.created_at, 1, row.id, "mapping_approved", {"version": row.id})


def _plans(session: Session, scope: Scope) -> Iterator[Event]:
    query = select(Plan).order_by(Plan.created_at, Plan.id)
    if scope.run is not None:
        query = query.where((Plan.run_id == scope.run) | (Plan.apply_run == scope.run))
    for row in session.scalars(query.execution_options(yield_per=PAGE)):
        facts: dict[str, object] = {"plan": row.id, "run": row.run_id, "source_version": row.source_version}
        facts |= {"mapping_version": row.mapping_version, "policy_digest": row.policy_digest}
        yield Event(row.created_at, 2, row.id, "plan_made", facts)


def _scans(session: Session, scope: Scope) -> Iterator[Event]:
    query = select(Scan).order_by(Scan.started_at, Scan.id)
    if scope.run is not None:
        query = query.where(Scan.run_id == scope.run)
    for row in session.scalars(query.execution_options(yield_per=PAGE)):
        days = [day.isoformat() if day else None for day in (row.day_from, row.day_to)]
        facts: dict[str, object] = {"run": row.run_id, "kind": row.kind, "days": days}
        facts |= {"rows": row.rows, "complete": row.complete}
        yield Event(row.started_at, 3, row.id, "moco_listed", facts)


def _sent(session: Session, scope: Scope) -> Iterator[Event]:
    first, at = func.min(Intent.id), func.min(Intent.sent_at)
    query = select(Intent.batch, Intent.run_id, Intent.write, Intent.user_id, first, at, func.count())
    query = query.group_by(Intent.batch, Intent.run_id, Intent.write, Intent.user_id).order_by(at, first)
    if scope.run is not None:
        query = query.where(Intent.run_id == scope.run)
    for batch, run_id, write, person, id_, moment, rows in session.execute(query.execution_options(yield_per=PAGE)):
        facts: dict[str, object] = {"run": run_id, "batch": batch, "write": write, "person_id": person, "rows": rows}
        yield Event(moment, 4, id_, "request_sent", facts)


def _closings(session: Session, scope: Scope) -> Iterator[Event]:
    first = func.min(Intent.id)
    same = (Intent.batch, Intent.run_id, Intent.write, Intent.closed_at, Intent.outcome, Intent.status)
    query = select(*same, first, func.count()).where(Intent.closed_at.is_not(None)).group_by(*same)
    if scope.run is not None:
        query = query.where(Intent.run_id == scope.run)
    query = query.order_by(Intent.closed_at, first)
    rows = session.execute(query.execution_options(yield_per=PAGE))
    for batch, run_id, write, moment, outcome, status, id_, many in rows:
        assert moment is not None
        facts: dict[str, object] = {"run": run_id, "batch": batch, "write": write, "rows": many}
        yield Event(moment, 5, id_, "request_ended", facts | {"outcome": outcome, "status": status})
