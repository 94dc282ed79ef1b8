"""How much time the snapshot holds in each project of MOCO: ours, and that of others."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from migrator.core.moco_books import STEP, Held
from migrator.core.model import MocoId
from migrator.store.rows import pages_of, whole_sum
from migrator.store.tables import LinkRow, TargetActivity


def held_in(session: Session, projects: Collection[MocoId]) -> dict[MocoId, Held]:
    """What the snapshot shows of each of these projects, seconds in each column."""
    seconds, found = TargetActivity.seconds, dict[MocoId, Held]()
    up, down = (seconds + STEP // 2) // STEP * STEP, (seconds + STEP // 2 - 1) // STEP * STEP
    for page in pages_of(projects):
        query = (
            select(
                TargetActivity.project_id,
                whole_sum(case((LinkRow.source_id.is_not(None), seconds), else_=0)),
                whole_sum(case((LinkRow.source_id.is_(None), seconds), else_=0)),
                whole_sum(case((TargetActivity.billable, seconds), else_=0)),
                whole_sum(down),
                whole_sum(up),
            )
            .outerjoin(LinkRow, LinkRow.activity_id == TargetActivity.id)
            .where(TargetActivity.project_id.in_(page))
            .group_by(TargetActivity.project_id)
        )
        found |= {MocoId(row[0]): Held(*row[1:]) for row in session.execute(query)}
    return {each: found.get(each, Held()) for each in projects}
