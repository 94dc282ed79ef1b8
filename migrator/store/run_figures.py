"""Sums over all runs: how often each kind ended how, what they asked of MOCO, and what is waiting since when."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from migrator.store.account import fact, learn
from migrator.store.engine import now
from migrator.store.inbox import ItemState
from migrator.store.tables import Fact, InboxItem, LinkRow, RequestSlot, Run, SourceRecord
from migrator.store.totals import GONE

ANSWERS = "moco_requests"
"""The fact that keeps how many requests of which method MOCO answered how, as JSON: `{"GET 200": 12}`."""


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many runs of a kind ended with one exit code; None: those that go on or were killed."""

    kind: str
    exit_code: int | None
    runs: int


def count_runs(session: Session) -> tuple[RunCount, ...]:
    """By kind and exit code."""
    query = select(Run.kind, Run.exit_code, func.count()).group_by(Run.kind, Run.exit_code)
    return tuple(RunCount(*row) for row in session.execute(query.order_by(Run.kind, Run.exit_code)))


def by_method(answers: Mapping[str, int]) -> dict[str, int]:
    """The requests of `{"GET 200": 12, "GET none": 1}` by method."""
    return _parted(answers, 0)


def by_status(answers: Mapping[str, int]) -> dict[str, int]:
    """The same by status, `none` for those without a whole answer."""
    return _parted(answers, 1)


def add_answers(session: Session, answers: Mapping[str, int], at: datetime) -> None:
    """Count what a run that ends asked of MOCO, as `{"GET 200": 12}`."""
    if not any(answers.values()):
        return
    # Whoever counts at the same time waits for this transaction.
    session.execute(select(Fact.name).where(Fact.name == ANSWERS).with_for_update())
    learn(session, ANSWERS, json.dumps(dict(Counter(answers) + Counter(sum_answers(session)))), at)


def sum_answers(session: Session) -> dict[str, int]:
    """What all runs that ended, or were interrupted, asked of MOCO, as `{"GET 200": 12}`."""
    found: dict[str, int] = json.loads(fact(session, ANSWERS) or "{}")
    return found


def oldest_waiting(session: Session, last_good_run: int) -> datetime | None:
    """Since when the record waits that has been waiting longest; None when none does.

    That is one in the inbox, or one that was read or changed after the last good run, by the run that read it.
    """
    in_inbox = select(func.min(InboxItem.since)).where(InboxItem.state == ItemState.OPEN.value)
    linked = select(LinkRow.source_id).where(LinkRow.source_id == SourceRecord.id).exists()
    fresh = select(func.min(SourceRecord.changed_run)).where(
        SourceRecord.changed_run > last_good_run, or_(~GONE, linked), SourceRecord.rejected == ""
    )
    read_at = select(Run.started_at).where(Run.id == fresh.scalar_subquery())
    found = [moment for moment in (session.scalar(in_inbox), session.scalar(read_at)) if moment is not None]
    return min(found, default=None)


def requests_in_window(session: Session, window_seconds: float) -> int:
    """How many requests count in MOCO's window at this moment."""
    began = now(session) - window_seconds
    counting = or_(RequestSlot.answered_at.is_(None), RequestSlot.answered_at > began)
    return session.scalar(select(func.count()).select_from(RequestSlot).where(counting)) or 0


def _parted(answers: Mapping[str, int], part: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, count in answers.items():
        found[key.split(" ")[part]] += count
    return {name: count for name, count in sorted(found.items()) if count}
