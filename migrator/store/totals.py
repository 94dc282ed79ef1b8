"""Sums over what is staged, and the version of all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, assert_never

from sqlalchemy import ColumnElement, and_, case, distinct, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from migrator.core.listing import Fate
from migrator.core.model import Billing, ParentKind, Seconds, SourceId, TimeEntry
from migrator.store.account import fact
from migrator.store.rows import PAGE, optional_source_id, pages_of, whole_sum
from migrator.store.source_masters import MASTERS_VERSION
from migrator.store.tables import SourceDocument, SourceRecord, SourceReject

GONE = or_(SourceRecord.trashed, SourceRecord.fate.in_((Fate.TRASHED.value, Fate.DELETED.value)))
"""Proved to be no longer in ActiveCollab: its own copy says so, or ActiveCollab did when it was asked."""


@dataclass(frozen=True, slots=True)
class SourceTotals:
    """What the source says in all.

    `records` and what follows count staged keys; `rejects_without_key` counts the rejects of which no copy is
    staged, each key once; `rejected_keys` the staged keys whose newest copy cannot be used.
    """

    records: int
    seconds: Seconds
    rejects_without_key: int
    reject_seconds: Seconds
    first_day: date | None
    last_day: date | None
    private: int
    trashed: int
    people: int
    projects: int
    rejected_keys: int


class By(Enum):
    """What hours are summed by."""

    USER = "user"
    PROJECT = "project"
    PARENT = "parent"
    JOB_TYPE = "job_type"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Hours:
    """The records of one person, project, parent, job type or year; `id` None gathers those without."""

    id: int | None
    records: int
    seconds: Seconds
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Alike:
    """Records that a mapping cannot tell apart; `entry` stands for them all.

    Its `seconds` are their sum, its `day` is the first of theirs; what it does not share with all is empty.
    """

    entry: TimeEntry
    records: int
    last_day: date


def source_version(session: Session) -> str:
    """A text that changes exactly when what is staged becomes different."""
    last, records, rejected = session.execute(
        select(func.max(SourceRecord.changed_run), func.count(), _count_if(SourceRecord.rejected != ""))
    ).one()
    rejects, seconds = _unstaged(session)
    masters = fact(session, MASTERS_VERSION) or "0"
    return f"{last or 0}-{records}-{rejected}-{rejects}-{seconds}-{masters}"


def source_totals(session: Session) -> SourceTotals:
    """The sums over everything staged."""
    row = session.execute(
        select(
            func.count(),
            whole_sum(SourceRecord.seconds),
            func.min(SourceRecord.day),
            func.max(SourceRecord.day),
            _count_if(SourceRecord.private),
            _count_if(GONE),
            func.count(distinct(SourceRecord.user_id)),
            func.count(distinct(SourceRecord.project_id)),
            _count_if(SourceRecord.rejected != ""),
        )
    ).one()
    records, seconds, first_day, last_day, private, trashed, people, projects, rejected = row
    rejects, reject_seconds = _unstaged(session)
    return SourceTotals(
        records=records,
        # PostgreSQL sums 64-bit numbers as decimals.
        seconds=Seconds(int(seconds)),
        rejects_without_key=rejects,
        reject_seconds=reject_seconds,
        first_day=first_day,
        last_day=last_day,
        private=private,
        trashed=trashed,
        people=people,
        projects=projects,
        rejected_keys=rejected,
    )


def days_of_projects(session: Session, project_ids: Collection[SourceId]) -> dict[SourceId, tuple[date, date]]:
    """The first and the last day with time of some projects of ActiveCollab, what lies in the trash left out."""
    found: dict[SourceId, tuple[date, date]] = {}
    for page in pages_of(project_ids):
        query = (
            select(SourceRecord.project_id, func.min(SourceRecord.day), func.max(SourceRecord.day))
            .where(SourceRecord.project_id.in_(page), ~GONE)
            .group_by(SourceRecord.project_id)
        )
        found |= {SourceId(project_id): (first, last) for project_id, first, last in session.execute(query)}
    return found


def seen_by_project(session: Session, run_id: int) -> dict[SourceId, tuple[int, Seconds]]:
    """Records and seconds that lists or files showed in this run, by project; what lies in the trash is not listed."""
    query = (
        select(SourceRecord.project_id, func.count(), whole_sum(SourceRecord.seconds))
        .where(SourceRecord.read_run == run_id, ~SourceRecord.trashed)
        .group_by(SourceRecord.project_id)
    )
    return {
        SourceId(project_id): (records, Seconds(int(seconds)))
        for project_id, records, seconds in session.execute(query)
    }


def known_by_project(session: Session) -> dict[SourceId, tuple[int, Seconds]]:
    """Records and seconds of every project, from whatever reading."""
    return {
        SourceId(each.id): (each.records, each.seconds) for each in hours_by(session, By.PROJECT) if each.id is not None
    }


def count_expenses(session: Session) -> int:
    """Expenses seen beside time records, in the documents as last read."""
    return session.scalar(select(whole_sum(SourceDocument.expenses))) or 0


def hours_by(session: Session, by: By) -> list[Hours]:
    """Records and seconds in groups, in the order of their ids; a year counts as its own id."""
    group = _group(by)
    query = select(
        group,
        func.count(),
        whole_sum(SourceRecord.seconds),
        func.min(SourceRecord.day),
        func.max(SourceRecord.day),
    )
    return [
        Hours(None if id_ is None else int(id_), records, Seconds(int(seconds)), first, last)
        for id_, records, seconds, first, last in session.execute(query.group_by(group).order_by(group.nulls_first()))
    ]


def alike_records(
    session: Session, *, tickets: bool, job_types: bool, shortest: Seconds, borders: Collection[date]
) -> Iterator[Alike]:
    """All staged records that are not gone and not shorter than `shortest`, grouped by what a mapping asks for.

    That is person and project, with `tickets` what they hang on, with `job_types` those too. No group spans one
    of `borders`, the days from which on a rule judges otherwise.
    """
    # Any: the columns have different types.
    shared: list[InstrumentedAttribute[Any]] = [
        SourceRecord.user_id,
        SourceRecord.worker_name,
        SourceRecord.worker_email,
        SourceRecord.project_id,
    ]
    if tickets:
        shared += [SourceRecord.parent_kind, SourceRecord.parent_id]
    if job_types:
        shared.append(SourceRecord.job_type_id)
    spans = [case((SourceRecord.day >= border, 1), else_=0) for border in sorted(borders)]
    query = (
        select(
            *shared,
            func.count().label("records"),
            whole_sum(SourceRecord.seconds).label("seconds"),
            func.min(SourceRecord.day).label("first_day"),
            func.max(SourceRecord.day).label("last_day"),
        )
        .where(~GONE, SourceRecord.seconds >= shortest)
        .group_by(*shared, *spans)
        .execution_options(yield_per=PAGE)
    )
    for row in session.execute(query).mappings():
        entry = TimeEntry(
            id=SourceId(0),
            user_id=optional_source_id(row["user_id"]),
            project_id=SourceId(row["project_id"]),
            day=row["first_day"],
            seconds=Seconds(int(row["seconds"])),
            billing=Billing.BILLABLE,
            parent_kind=ParentKind(row.get("parent_kind", ParentKind.PROJECT.value)),
            parent_id=optional_source_id(row.get("parent_id")),
            job_type_id=optional_source_id(row.get("job_type_id")),
            worker_name=row["worker_name"],
            worker_email=row["worker_email"],
        )
        yield Alike(entry, row["records"], row["last_day"])


def count_empty_since(session: Session, day: date) -> int:
    """How many records without any duration are dated on or after a day."""
    query = select(func.count()).where(SourceRecord.day >= day, SourceRecord.seconds == 0, ~GONE)
    return session.scalar(query) or 0


def _group(by: By) -> InstrumentedAttribute[int | None] | InstrumentedAttribute[int] | ColumnElement[int]:
    match by:
        case By.USER:
            return SourceRecord.user_id
        case By.PROJECT:
            return SourceRecord.project_id
        case By.PARENT:
            return SourceRecord.parent_id
        case By.JOB_TYPE:
            return SourceRecord.job_type_id
        case By.YEAR:
            return extract("year", SourceRecord.day)
        case _:
            assert_never(by)


def _count_if(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _unstaged(session: Session) -> tuple[int, Seconds]:
    """How many rejects have no staged copy, each key once, and their seconds (the longest of a key)."""
    staged = select(SourceRecord.id).where(SourceRecord.id == SourceReject.source_id).exists()
    without_id = SourceReject.source_id.is_(None)
    keyless, keyless_seconds = session.execute(
        select(func.count(), whole_sum(SourceReject.seconds)).where(without_id)
    ).one()
    longest = (
        select(func.max(SourceReject.seconds).label("seconds"))
        .where(and_(~without_id, ~staged))
        .group_by(SourceReject.source_id)
        .subquery()
    )
    keys, key_seconds = session.execute(select(func.count(), whole_sum(longest.c.seconds)).select_from(longest)).one()
    return keyless + keys, Seconds(int(keyless_seconds) + int(key_seconds))
