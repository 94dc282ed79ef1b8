"""Presences: our memory of the working times that were written to MOCO; MOCO has no marker for them.

Every span of a day is remembered as wanted with the intent of the day's first, so that a day which a killed run left
half is known to be half.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from migrator.core.model import MocoId
from migrator.core.working_days import OurSpan, Presence, Span, SpanState
from migrator.store.rows import Row, optional_moco_id, pages_of, upsert
from migrator.store.tables import PresenceRow


@dataclass(frozen=True, slots=True)
class SavedPresence:
    """A presence that we wrote: whose, when, as MOCO answered it, and the run that wrote it."""

    person: MocoId
    day: date
    ours: OurSpan
    updated_at: datetime | None
    run_id: int


def spans_of(session: Session, person: MocoId) -> dict[date, tuple[OurSpan, ...]]:
    """All that we know of a person's days, each in the order of the day."""
    found: dict[date, tuple[OurSpan, ...]] = {}
    for each in _saved(session, PresenceRow.user_id == person):
        found[each.day] = (*found.get(each.day, ()), each.ours)
    return found


def want(session: Session, person: MocoId, day: date, spans: Iterable[Span], run_id: int) -> None:
    """Remember what is about to be written on a day; what was wanted before and never written is forgotten."""
    drop_wanted(session, person, day)
    rows: list[Row] = [
        {
            "user_id": person,
            "day": day,
            "starts": f"{span.start:%H:%M}",
            "ends": f"{span.end:%H:%M}",
            "state": SpanState.WANTED.value,
            "presence_id": None,
            "answered": "",
            "updated_at": None,
            "run_id": run_id,
        }
        for span in spans
    ]
    upsert(session, PresenceRow, rows)


def drop_wanted(session: Session, person: MocoId, day: date) -> None:
    """Forget what was wanted on a day and never written."""
    wanted = PresenceRow.state == SpanState.WANTED.value
    session.execute(delete(PresenceRow).where(PresenceRow.user_id == person, PresenceRow.day == day, wanted))


def link(session: Session, span: Span, shown: Presence, run_id: int) -> None:
    """Remember a presence of ours that MOCO showed; `span` is what was sent."""
    row: Row = {
        "user_id": shown.person,
        "day": shown.day,
        "starts": f"{span.start:%H:%M}",
        "ends": f"{span.end:%H:%M}",
        "state": SpanState.LINKED.value,
        "presence_id": shown.id,
        "answered": str(shown.span or span),
        "updated_at": shown.updated_at,
        "run_id": run_id,
    }
    upsert(session, PresenceRow, [row])


def known_ids(session: Session, ids: Collection[MocoId]) -> frozenset[MocoId]:
    """Which of these presences are ours."""
    found: set[MocoId] = set()
    for page in pages_of(ids):
        query = select(PresenceRow.presence_id).where(PresenceRow.presence_id.in_(page))
        found.update(MocoId(each) for each in session.scalars(query) if each is not None)
    return frozenset(found)


# -- what of them is in MOCO ---------------------------------------------------------------------------------------


def people_with_presences(session: Session, run_id: int | None = None) -> tuple[MocoId, ...]:
    """The people of whom there is something of ours in MOCO, of one run or of all."""
    query = select(PresenceRow.user_id).where(_linked(run_id)).distinct().order_by(PresenceRow.user_id)
    return tuple(MocoId(each) for each in session.scalars(query))


def linked_of(
    session: Session,
    person: MocoId,
    *,
    run_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
) -> tuple[SavedPresence, ...]:
    """What is in MOCO of a person because of us, in the order of the days; of one run where one is named."""
    conditions = [PresenceRow.user_id == person, _linked(run_id)]
    if first is not None:
        conditions.append(PresenceRow.day >= first)
    if last is not None:
        conditions.append(PresenceRow.day <= last)
    return _saved(session, *conditions)


def count_by_state(session: Session, run_id: int) -> dict[SpanState, int]:
    """How many spans of a run are in each state."""
    query = select(PresenceRow.state, func.count()).where(PresenceRow.run_id == run_id).group_by(PresenceRow.state)
    return {SpanState(state): many for state, many in session.execute(query)}


# -- undo ----------------------------------------------------------------------------------------------------------


def mark_undone(session: Session, presence_id: MocoId) -> None:
    """A presence is not in MOCO any more: its day is held until somebody releases the run."""
    session.execute(
        update(PresenceRow)
        .where(PresenceRow.presence_id == presence_id)
        .values(state=SpanState.UNDONE.value)
        .execution_options(synchronize_session=False)
    )


def count_undone_days(session: Session, run_id: int) -> int:
    """How many days are held because something of them that a run wrote was taken back."""
    days = select(PresenceRow.user_id, PresenceRow.day).where(*_undone(run_id)).distinct().subquery()
    return session.scalar(select(func.count()).select_from(days)) or 0


def release_run(session: Session, run_id: int) -> int:
    """Forget what was taken back of a run, so that its days can be written again; returns how many days."""
    days = count_undone_days(session, run_id)
    session.execute(delete(PresenceRow).where(*_undone(run_id)).execution_options(synchronize_session=False))
    return days


def _undone(run_id: int) -> tuple[ColumnElement[bool], ...]:
    return (PresenceRow.run_id == run_id, PresenceRow.state == SpanState.UNDONE.value)


def _linked(run_id: int | None) -> ColumnElement[bool]:
    linked = PresenceRow.state == SpanState.LINKED.value
    return linked if run_id is None else linked & (PresenceRow.run_id == run_id)


def _saved(session: Session, *conditions: ColumnElement[bool]) -> tuple[SavedPresence, ...]:
    query = select(PresenceRow).where(*conditions).order_by(PresenceRow.user_id, PresenceRow.day, PresenceRow.starts)
    return tuple(_of(row) for row in session.scalars(query))


def _of(row: PresenceRow) -> SavedPresence:
    return SavedPresence(
        person=MocoId(row.user_id),
        day=row.day,
        ours=OurSpan(
            span=Span.parse(f"{row.starts}-{row.ends}"),
            state=SpanState(row.state),
            presence_id=optional_moco_id(row.presence_id),
            answered=Span.parse(row.answered) if row.answered else None,
        ),
        updated_at=row.updated_at,
        run_id=row.run_id,
    )
