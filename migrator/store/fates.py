"""Records that the lists of ActiveCollab no longer show, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from migrator.core.listing import Fate
from migrator.core.model import LIVE, SourceId
from migrator.store.rows import optional_source_id, pages_of
from migrator.store.tables import SourceRecord

_IS_LIVE = SourceRecord.document.startswith(LIVE, autoescape=True)
_GONE = (Fate.TRASHED.value, Fate.DELETED.value)
_OPEN = SourceRecord.fate.in_((Fate.LISTED.value, Fate.LOST.value))
"""Nobody has looked into it yet."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """A record that the list of its project did not show.

    `missed_run` is the run in which it was first missed.
    """

    id: SourceId
    project_id: SourceId
    parent_id: SourceId | None
    missed_run: int
    fate: Fate


def count_vanished(session: Session, run_id: int) -> dict[SourceId, tuple[int, int]]:
    """By project: how many records no list showed in this run, and of how many of them nothing is known yet.

    What is known to be trashed or deleted is left out. Whether the project was listed at all is the caller's affair.
    """
    news = func.count().filter(_OPEN)
    query = select(SourceRecord.project_id, func.count(), news).where(_vanished(run_id))
    return {SourceId(id_): (n, new) for id_, n, new in session.execute(query.group_by(SourceRecord.project_id))}


def load_vanished(session: Session, run_id: int, projects: Collection[SourceId], *, most: int) -> list[Vanished]:
    """At most so many vanished records of these projects: those of which nothing is known first, then by id."""
    found: list[Vanished] = []
    known_last = case((_OPEN, 0), else_=1)
    for page in pages_of(sorted(projects)):
        query = select(SourceRecord).where(SourceRecord.project_id.in_(page), _vanished(run_id))
        rows = session.scalars(query.order_by(known_last, SourceRecord.id).limit(most - len(found)))
        found += [
            Vanished(
                SourceId(row.id),
                SourceId(row.project_id),
                optional_source_id(row.parent_id),
                row.fate_run or run_id,
                Fate(row.fate),
            )
            for row in rows
        ]
    return found


def still_vanished(session: Session, run_id: int, ids: Collection[SourceId]) -> frozenset[SourceId]:
    """Those of `ids` that no list has shown in this run until now."""
    query = select(SourceRecord.id).where(SourceRecord.id.in_(ids), _vanished(run_id))
    return frozenset(SourceId(each) for each in session.scalars(query))


def settle(session: Session, run_id: int, ids: Sequence[SourceId], fate: Fate, told: str) -> int:
    """Remember what became of these records, and what ActiveCollab said; a saved plan is stale when it is new.

    Returns of how many it is news.
    """
    return sum(_settle(session, run_id, SourceRecord.id.in_(page), fate, told) for page in pages_of(ids))


def settle_rest(session: Session, run_id: int, projects: Collection[SourceId], fate: Fate, told: str) -> int:
    """The same for every vanished record of these projects of which nothing is known yet."""
    news = 0
    for page in pages_of(sorted(projects)):
        rest = and_(SourceRecord.project_id.in_(page), _OPEN, _vanished(run_id))
        news += _settle(session, run_id, rest, fate, told)
    return news


def forget_fates(session: Session, run_id: int) -> int:
    """Records that a list shows again are listed, whatever was known of them; returns how many."""
    back = and_(SourceRecord.fate != "", SourceRecord.read_run == run_id, _IS_LIVE)
    return _settle(session, run_id, back, Fate.LISTED, "")


def count_fates(session: Session) -> dict[Fate, int]:
    """How many records there are of each fate, but for those that are listed."""
    fate = case((SourceRecord.trashed, Fate.TRASHED.value), else_=SourceRecord.fate)
    query = select(fate, func.count()).where(or_(SourceRecord.fate != "", SourceRecord.trashed)).group_by(fate)
    return {Fate(fate): count for fate, count in session.execute(query)}


def _vanished(run_id: int) -> ColumnElement[bool]:
    # A copy from a saved file was shown by no list.
    unseen = or_(SourceRecord.read_run < run_id, ~_IS_LIVE)
    return and_(unseen, ~SourceRecord.trashed, SourceRecord.fate.not_in(_GONE))


def _settle(session: Session, run_id: int, which: ColumnElement[bool], fate: Fate, told: str) -> int:
    news = session.scalar(select(func.count()).where(which, SourceRecord.fate != fate.value)) or 0
    missed = 0 if fate is Fate.LISTED else case((SourceRecord.fate == "", run_id), else_=SourceRecord.fate_run)
    different = or_(SourceRecord.fate != fate.value, SourceRecord.fate_told != told)
    session.execute(
        update(SourceRecord)
        .where(which, different)
        .values(fate=fate.value, fate_told=told, fate_run=missed, changed_run=run_id)
        .execution_options(synchronize_session=False)
    )
    return news
