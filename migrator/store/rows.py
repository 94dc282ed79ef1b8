"""Rows to values and back: the fields that several tables and modules share."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, BigInteger, Column, ColumnElement, Table, any_, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from migrator.core.model import (
    Billing,
    Booking,
    FoundEntry,
    Key,
    MocoId,
    ParentKind,
    SourceId,
    TargetEntry,
    TimeEntry,
)
from migrator.store.engine import is_sqlite
from migrator.store.tables import Base, SourceRecord, TargetActivity

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

PAGE = 1000
"""Rows asked for or written at once; far below SQLite's 32,766 bound values."""

Row = dict[str, object]
"""Column names to values, as bulk statements take them."""

_T = TypeVar("_T")


def pages_of(values: Iterable[_T], size: int = PAGE) -> Iterator[list[_T]]:
    """`values` in lists of at most `size`."""
    rest = iter(values)
    while page := list(islice(rest, size)):
        yield page


def table_of(mapped: type[Base]) -> Table:
    """The table of a mapped class."""
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def columns_of(mapped: type[Base], *names: str) -> tuple[Column[Any], ...]:
    """Columns of a table in the order of their names."""
    return tuple(table_of(mapped).columns[name] for name in names)


def among(
    session: Session, column: ColumnElement[Any] | InstrumentedAttribute[Any], ids: Collection[int]
) -> ColumnElement[bool]:
    """Whether a column holds one of these numbers, which are handed over as one value.

    With a placeholder for each, a statement of a thousand numbers costs more than its answer. SQLite takes them for
    few, and goes by them only where no other condition has an index that tells less.
    """
    if is_sqlite(session.get_bind().engine):
        each = func.json_each(json.dumps([*ids])).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(literal([*ids], ARRAY(BigInteger)))


def upsert(
    session: Session,
    mapped: type[Base],
    rows: Sequence[Row],
    *,
    keep: Sequence[str] = (),
    grow: Sequence[str] = (),
    add: Sequence[str] = (),
    only_above: str = "",
) -> None:
    """Insert `rows`; where the primary key is taken, replace every given column but those in `keep`.

    Those in `grow` are numbers of which the greater one stays, those in `add` are added to what is there; with
    `only_above` nothing is replaced by a row whose value in that column is not greater.
    """
    if not rows:
        return
    lite = is_sqlite(session.get_bind().engine)
    ways = (tuple(keep), tuple(grow), tuple(add), only_above)
    session.execute(_upsertion(lite, table_of(mapped), tuple(rows[0]), *ways), rows)


@lru_cache(maxsize=64)
def _upsertion(
    lite: bool,
    table: Table,
    names: tuple[str, ...],
    keep: tuple[str, ...],
    grow: tuple[str, ...],
    add: tuple[str, ...],
    only_above: str,
) -> sqlite.Insert | postgresql.Insert:
    """The statement behind `upsert`: each made anew leaves a copy of its table, in cycles, behind."""
    insert = _insertion(lite, table)
    key = [column.name for column in table.primary_key]
    replaced: dict[str, ColumnElement[object]] = {
        name: insert.excluded[name] for name in names if name not in key and name not in keep
    }
    greater = func.max if lite else func.greatest
    replaced |= {name: greater(table.c[name], insert.excluded[name]) for name in grow}
    replaced |= {name: table.c[name] + insert.excluded[name] for name in add}
    if replaced:
        above = insert.excluded[only_above] > table.c[only_above] if only_above else None
        return insert.on_conflict_do_update(index_elements=key, set_=replaced, where=above)
    return insert.on_conflict_do_nothing(index_elements=key)


def _insertion(lite: bool, table: Table) -> sqlite.Insert | postgresql.Insert:
    # One database speaks one dialect; the other's modules are 2 MB.
    if lite:
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def optional_source_id(value: int | None) -> SourceId | None:
    """An id of ActiveCollab that may be missing."""
    return None if value is None else SourceId(value)


def optional_moco_id(value: int | None) -> MocoId | None:
    """An id of MOCO that may be missing."""
    return None if value is None else MocoId(value)


# -- the source ----------------------------------------------------------------------------------------------


def source_row(found: FoundEntry, content_hash: str) -> Row:
    """The columns of one staged copy, but for the runs and the rejection."""
    entry = found.entry
    return {
        "id": entry.id,
        "user_id": entry.user_id,
        "project_id": entry.project_id,
        "day": entry.day,
        "seconds": entry.seconds,
        "billing": int(entry.billing),
        "text": entry.text,
        "parent_kind": entry.parent_kind.value,
        "parent_id": entry.parent_id,
        "job_type_id": entry.job_type_id,
        "hours_raw": entry.hours_raw,
        "billing_raw": entry.billing_raw,
        "worker_name": entry.worker_name,
        "worker_email": entry.worker_email,
        "permalink": entry.permalink,
        "private": entry.private,
        "trashed": entry.trashed,
        "state_raw": entry.state_raw,
        "created_on": entry.created_on,
        "updated_on": entry.updated_on,
        "version": entry.version,
        "milestone_id": entry.milestone_id,
        "content_hash": content_hash,
        "document": found.origin.document,
        "line": found.origin.line,
        "fragment_hash": found.fragment_hash,
        "warnings": "\n".join(found.warnings),
    }


# Hundreds of thousands of records are loaded by every command, each with its link and activity. As objects of mapped
# classes they would take more than twice as long, so their columns are asked for and taken in order.

ENTRY_COLUMNS = columns_of(SourceRecord, *(field.name for field in fields(TimeEntry)))

_BILLINGS = {int(each): each for each in Billing}
_PARENTS = {each.value: each for each in ParentKind}


def time_entry(values: Sequence[Any]) -> TimeEntry:
    """The time record of the values of `ENTRY_COLUMNS`."""
    id_, user_id, project_id, day, seconds, billing, text, parent_kind, *rest = values
    return TimeEntry(id_, user_id, project_id, day, seconds, _BILLINGS[billing], text, _PARENTS[parent_kind], *rest)


# -- the target ----------------------------------------------------------------------------------------------


def activity_row(entry: TargetEntry, scan_id: int, instance: str) -> Row:
    """The columns of one activity as a scan saw it."""
    booking = entry.booking
    key = Key.from_marker(booking.marker)
    return {
        "id": entry.id,
        "source_id": key.id if key is not None and key.instance == instance else None,
        "day": booking.day,
        "seconds": booking.seconds,
        "user_id": booking.user_id,
        "project_id": booking.project_id,
        "task_id": booking.task_id,
        "description": booking.description,
        "billable": booking.billable,
        "marker": booking.marker,
        "url": booking.url,
        "tag": booking.tag,
        "billed": entry.billed,
        "timer_running": entry.timer_running,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
        "seen_scan": scan_id,
    }


ACTIVITY_COLUMNS = columns_of(
    TargetActivity,
    *("id", "billed", "created_at", "updated_at", "timer_running"),
    *(field.name for field in fields(Booking)),
)


def target_entry(values: Sequence[Any]) -> TargetEntry:
    """The activity of the values of `ACTIVITY_COLUMNS`."""
    id_, billed, created_at, updated_at, timer_running, *booking = values
    return TargetEntry(id_, Booking(*booking), billed, created_at, updated_at, timer_running)


def whole_sum(
    column: ColumnElement[int] | InstrumentedAttribute[int], only: ColumnElement[bool] | None = None
) -> ColumnElement[int]:
    """The sum of a column of whole numbers, 0 of none; PostgreSQL would answer with a decimal number."""
    total = func.sum(column) if only is None else func.sum(column).filter(only)
    return cast(func.coalesce(total, 0), BigInteger)
