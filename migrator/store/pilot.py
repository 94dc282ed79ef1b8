"""Pilots: the few records that are moved first, and that one of them was carried out and verified."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from migrator.core.model import SourceId
from migrator.core.pilot import Cell, Pick, choose
from migrator.store import account
from migrator.store.merge import Selection, query_of
from migrator.store.plans import PlanStatus
from migrator.store.tables import Plan, Run, SourceRecord

_VERIFIED = "pilot_verified"


@dataclass(frozen=True, slots=True)
class VerifiedPilot:
    """A pilot that was carried out, and proved right by a `verify`; `approved_by` is who approved carrying it out."""

    plan: int
    verify_run: int
    approved_by: str
    verified_at: str


def pilot_ids(session: Session, selection: Selection) -> frozenset[SourceId]:
    """The records of a pilot within `selection`: the same ones every time, tens or a few hundred."""
    usable = (SourceRecord.trashed.is_(False), SourceRecord.rejected == "")
    place = (SourceRecord.project_id, SourceRecord.user_id, SourceRecord.billing)
    cells = session.execute(
        query_of(selection)
        .where(*usable, SourceRecord.seconds > 0)
        .with_only_columns(*place, func.min(SourceRecord.day), func.max(SourceRecord.day))
        .group_by(*place)
    )
    picks = choose(
        [
            Cell(SourceId(project), SourceId(user), billing, first, last)
            for project, user, billing, first, last in cells
            if user is not None
        ]
    )
    return frozenset(_ids_of(session, picks))


def _ids_of(session: Session, picks: Iterable[Pick]) -> Iterable[SourceId]:
    """The first record of each pick."""
    for pick in picks:
        found = session.scalar(
            select(func.min(SourceRecord.id)).where(
                SourceRecord.user_id == pick.user_id,
                SourceRecord.day == pick.day,
                SourceRecord.project_id == pick.project_id,
                SourceRecord.billing == pick.billing,
                SourceRecord.trashed.is_(False),
                SourceRecord.rejected == "",
                SourceRecord.seconds > 0,
            )
        )
        if found is not None:
            yield SourceId(found)


def applied_pilots(session: Session) -> tuple[int, ...]:
    """The plans of pilots that were carried out, oldest first."""
    query = select(Plan.id).where(
        Plan.status == PlanStatus.APPLIED.value, Plan.selection.contains('"pilot": true', autoescape=True)
    )
    return tuple(session.scalars(query.order_by(Plan.id)))


def remember_verified(session: Session, plan_id: int, verify_run: int, now: datetime) -> None:
    """A `verify` that covers this pilot found nothing unexplained."""
    approved_by = session.scalar(select(Run.approved_by).join(Plan, Plan.apply_run == Run.id).where(Plan.id == plan_id))
    verified = VerifiedPilot(plan_id, verify_run, approved_by or "", now.isoformat())
    account.learn(session, _VERIFIED, json.dumps(asdict(verified), ensure_ascii=False), now)


def verified_pilot(session: Session) -> VerifiedPilot | None:
    """The pilot that was verified last; one is enough for a pair of accounts, whatever changes later."""
    told = account.fact(session, _VERIFIED)
    return None if told is None else VerifiedPilot(**json.loads(told))
