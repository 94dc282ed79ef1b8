"""Saved dry runs: what was shown to a person, and what may therefore be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from migrator.core.model import Seconds, SourceId
from migrator.errors import UsageError
from migrator.store.rows import PAGE, pages_of, table_of, whole_sum
from migrator.store.tables import Plan, PlanAction

WAITING = ("hold", "conflict", "quarantined")
"""The actions that wait for a person."""


class PlanStatus(Enum):
    """How far a plan is; it runs once."""

    FRESH = "fresh"
    APPLYING = "applying"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan and the versions of what it was made from; `selection` and `totals` are JSON objects as text."""

    id: int
    run_id: int
    created_at: datetime
    source_version: str
    mapping_version: int
    policy_digest: str
    selection: str
    totals: str
    status: PlanStatus
    apply_run: int | None


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """What a plan intends for one record; `payload` is the digest of what would be sent."""

    source_id: SourceId
    action: str
    seconds: Seconds
    reason: str = ""
    detail: str = ""
    payload: str = ""


def new_plan(
    session: Session,
    *,
    run_id: int,
    now: datetime,
    source_version: str,
    mapping_version: int,
    policy_digest: str,
    selection: str = "{}",
) -> int:
    """Begin a plan; returns its number."""
    plan = Plan(
        run_id=run_id,
        created_at=now,
        source_version=source_version,
        mapping_version=mapping_version,
        policy_digest=policy_digest,
        selection=selection,
        totals="{}",
        status=PlanStatus.FRESH.value,
        apply_run=None,
    )
    session.add(plan)
    session.flush()
    return plan.id


def add_actions(session: Session, plan_id: int, rows: Iterable[PlannedAction]) -> None:
    """Append actions to a plan; records that stay as they are need none."""
    for page in pages_of(rows):
        columns = [
            {
                "plan_id": plan_id,
                "source_id": row.source_id,
                "action": row.action,
                "reason": row.reason,
                "detail": row.detail,
                "payload": row.payload,
                "seconds": row.seconds,
            }
            for row in page
        ]
        session.execute(insert(table_of(PlanAction)), columns)


def drop_actions(session: Session, plan_id: int) -> None:
    """Forget the actions of a plan that is decided anew."""
    session.execute(delete(PlanAction).where(PlanAction.plan_id == plan_id))


def finish_plan(session: Session, plan_id: int, totals: str) -> None:
    """Store the totals (a JSON object) of a plan that is complete now."""
    session.execute(update(Plan).where(Plan.id == plan_id).values(totals=totals))


def load_plan(session: Session, plan_id: int | Literal["last"]) -> SavedPlan:
    """One plan, or the newest; raises `UsageError` when there is none."""
    number = last_plan_id(session) if plan_id == "last" else plan_id
    plan = None if number is None else session.get(Plan, number, populate_existing=True)
    if plan is None:
        raise UsageError(
            "There is no plan yet." if plan_id == "last" else f"There is no plan {plan_id}.",
            hint="`migrator plan` makes one.",
        )
    return SavedPlan(
        id=plan.id,
        run_id=plan.run_id,
        created_at=plan.created_at,
        source_version=plan.source_version,
        mapping_version=plan.mapping_version,
        policy_digest=plan.policy_digest,
        selection=plan.selection,
        totals=plan.totals,
        status=PlanStatus(plan.status),
        apply_run=plan.apply_run,
    )


def plan_of(session: Session, run_id: int) -> int | None:
    """The plan that a run made; None when it made none."""
    return session.scalar(select(func.max(Plan.id)).where(Plan.run_id == run_id))


def set_status(session: Session, plan_id: int, status: PlanStatus, apply_run: int | None = None) -> None:
    """Record how far a plan is; `apply_run`, where given, is the run that carries it out."""
    columns: dict[str, object] = {"status": status.value}
    if apply_run is not None:
        columns["apply_run"] = apply_run
    session.execute(update(Plan).where(Plan.id == plan_id).values(columns))


def actions_of(session: Session, plan_id: int, source_ids: Collection[SourceId]) -> dict[SourceId, PlannedAction]:
    """What a plan intends for these records; one that stays as it is is left out."""
    found: dict[SourceId, PlannedAction] = {}
    for page in pages_of(source_ids):
        query = select(PlanAction).where(PlanAction.plan_id == plan_id, PlanAction.source_id.in_(page))
        for row in session.scalars(query):
            found[SourceId(row.source_id)] = _planned(row)
    return found


def stream_actions(
    session: Session, plan_id: int, actions: Collection[str] | None = None, after: int = 0, size: int = PAGE
) -> Iterator[tuple[PlannedAction, ...]]:
    """The actions of a plan in pages by record id, all or only the named ones."""
    query = select(PlanAction).where(PlanAction.plan_id == plan_id).order_by(PlanAction.source_id).limit(size)
    if actions is not None:
        query = query.where(PlanAction.action.in_(actions))
    while True:
        page = tuple(_planned(row) for row in session.scalars(query.where(PlanAction.source_id > after)))
        if not page:
            return
        yield page
        after = page[-1].source_id


def sum_waiting(session: Session, plan_id: int) -> list[tuple[str, str, str, int, Seconds]]:
    """What of a plan waits for a person: action, reason, one of its details, records, seconds; most time first."""
    seconds = whole_sum(PlanAction.seconds)
    query = (
        select(PlanAction.action, PlanAction.reason, func.min(PlanAction.detail), func.count(), seconds)
        .where(PlanAction.plan_id == plan_id, PlanAction.action.in_(WAITING))
        .group_by(PlanAction.action, PlanAction.reason)
        .order_by(seconds.desc(), PlanAction.action, PlanAction.reason)
    )
    return [(*row[:4], Seconds(int(row[4]))) for row in session.execute(query)]


def _planned(row: PlanAction) -> PlannedAction:
    return PlannedAction(
        source_id=SourceId(row.source_id),
        action=row.action,
        seconds=Seconds(row.seconds),
        reason=row.reason,
        detail=row.detail,
        payload=row.payload,
    )


def last_plan_id(session: Session) -> int | None:
    """The number of the newest plan; None when there is none."""
    return session.scalar(select(func.max(Plan.id)))
