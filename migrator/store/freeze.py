"""What was booked in ActiveCollab after a moment from which nobody was to book there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Case, ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from migrator.core.model import Seconds, SourceId
from migrator.store.listings import ListKind
from migrator.store.rows import optional_source_id, whole_sum
from migrator.store.tables import Run, SourceListing, SourceRecord, SourceReject

READING_KINDS = ("read", "sync")

_SHOWED_IT = (0, 3, 7, 8)
"""How a run ends that read ActiveCollab to the end, whatever became of writing."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """From when on nobody was to book (UTC), and the first whole day behind it.

    `first_run` was the first to read ActiveCollab after that: what it shows is the picture of the freeze, and what
    became different in a later one was changed since, whatever ActiveCollab's own times say.
    """

    moment: datetime
    first_day: date
    first_run: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A run that read ActiveCollab to the end."""

    run: int
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Late:
    """A record that was booked or changed after the freeze, and the word for how that is known."""

    source_id: SourceId
    why: str
    user_id: SourceId | None
    worker_name: str
    project_id: SourceId
    day: date
    seconds: Seconds
    created_on: datetime | None
    updated_on: datetime | None


@dataclass(frozen=True, slots=True)
class Share:
    """Late records of one person or project; `name` is what the records themselves say, of people only."""

    id: int | None
    name: str
    records: int
    seconds: Seconds


def readings(session: Session, since: datetime) -> tuple[Reading, ...]:
    """The runs that began after `since` and read ActiveCollab to the end, oldest first."""
    query = _read_to_the_end().where(Run.started_at >= since).order_by(Run.id)
    return tuple(_reading(run) for run in session.scalars(query))


def last_reading(session: Session) -> Reading | None:
    """The newest run that read ActiveCollab to the end."""
    run = session.scalar(_read_to_the_end().order_by(Run.id.desc()).limit(1))
    return None if run is None else _reading(run)


def projects_unread(session: Session, since: datetime) -> int:
    """Projects of a running ActiveCollab whose time was not read whole after `since`: a sync leaves idle ones out."""
    unread = or_(SourceListing.whole_at.is_(None), SourceListing.whole_at < since)
    query = select(func.count()).where(SourceListing.kind == ListKind.TIME.value, unread)
    return session.scalar(query) or 0


def read_whole_since(session: Session) -> datetime | None:
    """When the project was read whole whose last whole reading is the oldest; None without a running ActiveCollab."""
    query = select(func.min(SourceListing.whole_at)).where(SourceListing.kind == ListKind.TIME.value)
    return session.scalar(query)


def sum_late(session: Session, freeze: Freeze) -> dict[str, tuple[int, Seconds]]:
    """Records and seconds by why they count as late; each record once."""
    why = _why(freeze)
    query = select(why, func.count(), whole_sum(SourceRecord.seconds)).where(_is_late(freeze)).group_by(why)
    return {word: (records, Seconds(int(seconds))) for word, records, seconds in session.execute(query)}


def late_by_person(session: Session, freeze: Freeze) -> list[Share]:
    """Late records of each person, most time first."""
    return _shares(session, freeze, SourceRecord.user_id, func.max(SourceRecord.worker_name))


def late_by_project(session: Session, freeze: Freeze) -> list[Share]:
    """Late records of each project, most time first."""
    return _shares(session, freeze, SourceRecord.project_id, func.max(""))


def list_late(session: Session, freeze: Freeze, limit: int) -> list[Late]:
    """The first late records, newest days first."""
    query = (
        select(
            SourceRecord.id,
            _why(freeze),
            SourceRecord.user_id,
            SourceRecord.worker_name,
            SourceRecord.project_id,
            SourceRecord.day,
            SourceRecord.seconds,
            SourceRecord.created_on,
            SourceRecord.updated_on,
        )
        .where(_is_late(freeze))
        .order_by(SourceRecord.day.desc(), SourceRecord.id)
        .limit(limit)
    )
    return [
        Late(SourceId(id_), why, optional_source_id(user), name, SourceId(project), day, Seconds(seconds), made, edited)
        for id_, why, user, name, project, day, seconds, made, edited in session.execute(query)
    ]


def count_late_rejects(session: Session, freeze: Freeze) -> int:
    """Copies that cannot be used and are dated after the freeze by ActiveCollab's own times."""
    return session.scalar(select(func.count()).where(SourceReject.updated_on > freeze.moment)) or 0


def count_untold(session: Session, freeze: Freeze) -> int:
    """Records that the first reading after the freeze showed first, and of which no time is told."""
    without_time = SourceRecord.created_on.is_(None) & SourceRecord.updated_on.is_(None)
    query = select(func.count()).where(SourceRecord.changed_run == freeze.first_run, without_time, ~_is_late(freeze))
    return session.scalar(query) or 0


def _reasons(freeze: Freeze) -> Sequence[tuple[ColumnElement[bool], str]]:
    """How it is known, the surest first."""
    return (
        (_true(SourceRecord.created_on > freeze.moment), "booked"),
        (_true(SourceRecord.updated_on > freeze.moment), "changed"),
        (SourceRecord.fate_run > freeze.first_run, "vanished"),
        (SourceRecord.changed_run > freeze.first_run, "appeared"),
        (SourceRecord.day >= freeze.first_day, "dated"),
    )


def _true(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """False where the time is not known: SQL's unknown cannot be negated."""
    return func.coalesce(condition, False)


def _why(freeze: Freeze) -> Case[str]:
    return case(*_reasons(freeze), else_="")


def _is_late(freeze: Freeze) -> ColumnElement[bool]:
    return or_(*(condition for condition, _ in _reasons(freeze)))


def _shares(
    session: Session,
    freeze: Freeze,
    group: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    name: ColumnElement[str],
) -> list[Share]:
    seconds = whole_sum(SourceRecord.seconds)
    query = (
        select(group, name, func.count(), seconds)
        .where(_is_late(freeze))
        .group_by(group)
        .order_by(seconds.desc(), group)
    )
    return [Share(id_, told, records, Seconds(int(total))) for id_, told, records, total in session.execute(query)]


def _read_to_the_end() -> Select[Run]:
    return select(Run).where(Run.kind.in_(READING_KINDS), Run.exit_code.in_(_SHOWED_IT), Run.ended_at.is_not(None))


def _reading(run: Run) -> Reading:
    assert run.ended_at is not None
    return Reading(run.id, run.started_at, run.ended_at)
