"""The executions of commands, and how they ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from migrator.errors import UsageError
from migrator.store.tables import Run


@dataclass(frozen=True, slots=True)
class SavedRun:
    """One execution; `exit_code` is None while it runs or when it was killed.

    `counts`, `seconds` and `requests` are JSON objects as text.
    """

    id: int
    kind: str
    started_at: datetime
    ended_at: datetime | None
    plan_id: int | None
    exit_code: int | None
    verdict: str
    counts: str
    seconds: str
    requests: str
    approved_by: str
    made_by: str
    program: str


def start_run(
    session: Session,
    kind: str,
    now: datetime,
    *,
    plan_id: int | None = None,
    approved_by: str = "",
    made_by: str = "",
    program: str = "",
) -> int:
    """Record that a run of `kind` begins, started by whom and with which version; returns its number."""
    run = Run(
        kind=kind,
        started_at=now,
        ended_at=None,
        plan_id=plan_id,
        exit_code=None,
        approved_by=approved_by,
        made_by=made_by,
        program=program,
    )
    session.add(run)
    session.flush()
    return run.id


def finish_run(
    session: Session,
    run_id: int,
    now: datetime,
    *,
    exit_code: int,
    verdict: str = "",
    counts: str = "{}",
    seconds: str = "{}",
    requests: str = "{}",
) -> None:
    """Record how a run ended; the last three are JSON objects as text.

    Its requests are added to those that it sent before it was interrupted and resumed.
    """
    before = session.scalar(select(Run.requests).where(Run.id == run_id)) or "{}"
    session.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(
            ended_at=now,
            exit_code=exit_code,
            verdict=verdict,
            counts=counts,
            seconds=seconds,
            requests=json.dumps(Counter(json.loads(before)) + Counter(json.loads(requests))),
        )
    )


def resume_run(session: Session, run_id: int) -> None:
    """Record that an ended or killed run goes on under its number."""
    session.execute(update(Run).where(Run.id == run_id).values(ended_at=None, exit_code=None))


def load_run(session: Session, run_id: int) -> SavedRun:
    """One run; raises `UsageError` when there is none of that number."""
    run = session.get(Run, run_id)
    if run is None:
        raise UsageError(f"There is no run {run_id}.", hint="`migrator runs list` shows them.")
    return _saved(run)


def list_runs(session: Session, limit: int = 20, kind: str | None = None) -> tuple[SavedRun, ...]:
    """The newest runs, newest first."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Run.kind == kind)
    return tuple(_saved(run) for run in session.scalars(query))


def last_ended(session: Session, kinds: Collection[str], codes: Collection[int]) -> SavedRun | None:
    """The run of some kinds that ended last with one of some exit codes."""
    query = select(Run).where(Run.kind.in_(list(kinds)), Run.exit_code.in_(list(codes)), Run.ended_at.is_not(None))
    run = session.scalars(query.order_by(Run.ended_at.desc(), Run.id.desc()).limit(1)).one_or_none()
    return None if run is None else _saved(run)


def last_run_id(session: Session, kind: str | None = None) -> int | None:
    """The number of the newest run (of `kind`); None when there is none."""
    query = select(func.max(Run.id))
    return session.scalar(query if kind is None else query.where(Run.kind == kind))


def _saved(run: Run) -> SavedRun:
    return SavedRun(
        id=run.id,
        kind=run.kind,
        started_at=run.started_at,
        ended_at=run.ended_at,
        plan_id=run.plan_id,
        exit_code=run.exit_code,
        verdict=run.verdict,
        counts=run.counts,
        seconds=run.seconds,
        requests=run.requests,
        approved_by=run.approved_by,
        made_by=run.made_by,
        program=run.program,
    )
