"""Activities without a marker of ours on a day on which the same person has a record of ActiveCollab."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, Integer, and_, column, or_, select, values
from sqlalchemy.orm import Session

from migrator.core.listing import Fate
from migrator.core.model import MocoId, SourceId
from migrator.store.engine import reading
from migrator.store.rows import PAGE
from migrator.store.tables import LinkRow, SourceRecord, TargetActivity

Pairs = Collection[tuple[SourceId, MocoId]]


@dataclass(frozen=True, slots=True)
class PossibleDouble:
    """A record and an activity of the same person and day; in the same project, of the same length, or both."""

    source_id: SourceId
    activity_id: MocoId
    day: date
    user_id: SourceId
    project_id: SourceId
    source_seconds: int
    target_seconds: int
    same_project: bool


def possible_doubles(engine: Engine, people: Pairs, projects: Pairs) -> Iterator[PossibleDouble]:
    """Every such pair by activity and record; `people` and `projects` say who and what is the same in both.

    A page of unmarked activities at a time, each in a short transaction of its own.
    """
    after = 0
    while people:
        with reading(engine) as session:
            ids = _unmarked(session, after)
            found = _pairs(session, ids[0], ids[-1], people, projects) if ids else []
        yield from found
        if len(ids) < PAGE:
            return
        after = ids[-1]


def _unmarked(session: Session, after: int) -> list[int]:
    query = select(TargetActivity.id).where(TargetActivity.source_id.is_(None), TargetActivity.id > after)
    return list(session.scalars(query.order_by(TargetActivity.id).limit(PAGE)))


def _pairs(session: Session, first: int, last: int, people: Pairs, projects: Pairs) -> list[PossibleDouble]:
    person = values(column("source", Integer), column("target", Integer), name="person", literal_binds=True)
    same_person = person.data(sorted(people)).cte("same_person")
    place = values(column("source", Integer), column("target", Integer), name="place", literal_binds=True)
    # Nothing is 0: a list of values must not be empty.
    same_place = place.data(sorted(projects) or [(0, 0)]).cte("same_place")
    linked = select(LinkRow.source_id).where(LinkRow.activity_id == TargetActivity.id).exists()
    in_project = and_(same_place.c.source == SourceRecord.project_id, same_place.c.target == TargetActivity.project_id)
    gone = or_(SourceRecord.trashed, SourceRecord.fate.in_([Fate.TRASHED.value, Fate.DELETED.value]))
    query = (
        select(SourceRecord, TargetActivity, same_place.c.target)
        .select_from(TargetActivity)
        .join(same_person, same_person.c.target == TargetActivity.user_id)
        .join(SourceRecord, and_(SourceRecord.user_id == same_person.c.source, SourceRecord.day == TargetActivity.day))
        .outerjoin(same_place, in_project)
        .where(TargetActivity.id.between(first, last), TargetActivity.source_id.is_(None), ~linked, ~gone)
        .where(or_(same_place.c.target.is_not(None), SourceRecord.seconds == TargetActivity.seconds))
        .order_by(TargetActivity.id, SourceRecord.id)
    )
    return [
        PossibleDouble(
            source_id=SourceId(record.id),
            activity_id=MocoId(activity.id),
            day=record.day,
            user_id=SourceId(record.user_id or 0),
            project_id=SourceId(record.project_id),
            source_seconds=record.seconds,
            target_seconds=activity.seconds,
            same_project=project is not None,
        )
        for record, activity, project in session.execute(query)
    ]
