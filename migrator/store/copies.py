"""Copies of time records, many at once: as the driver takes and gives them, without a statement or object for each.

Reading an export stores hundreds of thousands of rows. What SQLAlchemy does for every value of every row would cost
more than reading the record did, so whole pages go to the driver as one statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence, Set
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from migrator.core.fingerprint import content_hash
from migrator.core.model import FoundEntry, Skimmed, SourceId
from migrator.store.engine import is_sqlite
from migrator.store.rows import pages_of, table_of
from migrator.store.tables import SourceRecord, SourceReject

COPY = (
    *("id", "user_id", "project_id", "day", "seconds", "billing", "text", "parent_kind", "parent_id", "job_type_id"),
    *("hours_raw", "billing_raw", "worker_name", "worker_email", "permalink", "private", "trashed", "state_raw"),
    *("created_on", "updated_on", "version", "milestone_id", "content_hash", "document", "line", "fragment_hash"),
    "warnings",
)
"""The columns that one copy fills; the others tell what became of it here."""

STATE = ("read_run", "changed_run", "rejected")

Stored = tuple[object, ...]
"""A copy in the order of `COPY`, as the driver takes and gives it."""

_ROWS_AT_ONCE = 50
"""Rows of one statement: always as many, so that the driver need not parse it again.

So few that hardly any of a batch are left over for statements of their own, and none is long.
"""


def stored_form(session: Session) -> Callable[[FoundEntry], Stored]:
    """How a copy is stored in this database."""
    day, moment = (_day_text, _moment_text) if is_sqlite(session.get_bind().engine) else (_unchanged, _without_zone)

    def stored(found: FoundEntry) -> Stored:
        entry = found.entry
        created_on, updated_on = entry.created_on, entry.updated_on
        return (
            entry.id,
            entry.user_id,
            entry.project_id,
            day(entry.day),
            entry.seconds,
            int(entry.billing),
            entry.text,
            entry.parent_kind.value,
            entry.parent_id,
            entry.job_type_id,
            entry.hours_raw,
            entry.billing_raw,
            entry.worker_name,
            entry.worker_email,
            entry.permalink,
            entry.private,
            entry.trashed,
            entry.state_raw,
            None if created_on is None else moment(created_on),
            None if updated_on is None else moment(updated_on),
            entry.version,
            entry.milestone_id,
            content_hash(entry),
            found.origin.document,
            found.origin.line,
            found.fragment_hash,
            "\n".join(found.warnings),
        )

    return stored


class Staging(NamedTuple):
    """What is staged of a record, as far as it tells whether a copy says the same again."""

    document: str
    line: int
    fragment_hash: str
    read_run: int
    rejected: str

    def says(self, found: FoundEntry | Skimmed) -> bool:
        """Whether `found` is the very copy that is staged, and nothing rejects it."""
        origin = found.origin
        return (
            self.fragment_hash == found.fragment_hash != ""
            and self.line == origin.line
            and self.document == origin.document
            and not self.rejected
        )


def load_stagings(session: Session, ids: Collection[SourceId]) -> dict[SourceId, Staging]:
    """What is staged of the records `ids`."""
    if not ids:
        return {}
    places = ", ".join([_place(session)] * len(ids))
    # Only names of columns and placeholders are put together.
    columns = "id, document, line, fragment_hash, read_run, rejected"
    query = f"SELECT {columns} FROM {table_of(SourceRecord).name} WHERE id IN ({places})"  # noqa: S608
    rows = session.connection().exec_driver_sql(query, tuple(ids)).cursor.fetchall()
    return {row[0]: Staging._make(row[1:]) for row in rows}


def disputed(session: Session, known: Sequence[SourceId]) -> Set[SourceId]:
    """The records of which these ids, or rejects that are stored, tell more than once."""
    if not known:
        return frozenset()
    within = SourceReject.source_id.between(min(known), max(known))
    rejected = session.scalars(select(SourceReject.source_id).where(within))
    disputed = {SourceId(each) for each in rejected if each is not None}
    if len(set(known)) != len(known):
        disputed.update(key for key, count in Counter(known).items() if count > 1)
    return disputed


def insert_stored(session: Session, run_id: int, copies: Sequence[Stored]) -> None:
    """Store copies of records that have none yet, as read first in this run."""
    state = (run_id, run_id, "")
    connection, place = session.connection(), _place(session)
    whole = len(copies) - len(copies) % _ROWS_AT_ONCE
    for page in pages_of(copies[:whole], _ROWS_AT_ONCE):
        values = tuple(chain.from_iterable(chain.from_iterable((copy, state) for copy in page)))
        connection.exec_driver_sql(_insertion(_ROWS_AT_ONCE, place), values)
    if whole < len(copies):
        connection.exec_driver_sql(_insertion(1, place), [(*copy, *state) for copy in copies[whole:]])


def mark_read(session: Session, run_id: int, ids: Sequence[SourceId]) -> None:
    """Remember that the staged copies of `ids` were read again in this run, unchanged."""
    if ids:
        place = _place(session)
        places = ", ".join([place] * len(ids))
        statement = f"UPDATE {table_of(SourceRecord).name} SET read_run = {place} WHERE id IN ({places})"  # noqa: S608
        # A reading that began later may have seen some of them meanwhile.
        session.connection().exec_driver_sql(f"{statement} AND read_run < {place}", (run_id, *ids, run_id))


@lru_cache(maxsize=4)
def _insertion(rows: int, place: str) -> str:
    table, written = table_of(SourceRecord), (*COPY, *STATE)
    others = [column for column in table.columns if column.name not in written]
    names = ", ".join((*written, *(column.name for column in others)))
    row = ", ".join((*[place] * len(written), *map(_default, others)))
    return f"INSERT INTO {table.name} ({names}) VALUES " + ", ".join([f"({row})"] * rows)  # noqa: S608


def _default(column: Column[object]) -> str:
    """What a column holds that no copy tells, as SQL."""
    if column.nullable:
        return "NULL"
    told = getattr(column.default, "arg", None)
    if told == "":
        return "''"
    assert isinstance(told, int), f"{column.name} needs a default that is known here"
    return str(int(told))


def _place(session: Session) -> str:
    return "?" if is_sqlite(session.get_bind().engine) else "%s"


def _day_text(day: date) -> object:
    return day.isoformat()


def _moment_text(moment: datetime) -> object:
    """As SQLAlchemy writes a time without zone into SQLite."""
    return _in_utc(moment).isoformat(" ", "microseconds")[:26]


def _without_zone(moment: datetime) -> object:
    return _in_utc(moment).replace(tzinfo=None)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a time without zone must not reach the database")
    return moment.astimezone(UTC)


def _unchanged(day: date) -> object:
    return day
