"""Lists of a running ActiveCollab: when each was last read, whether whole, and what was in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from migrator.core.listing import Listed
from migrator.core.model import SourceId
from migrator.store.rows import Row, pages_of, upsert
from migrator.store.tables import SourceListing, SourceRecord

ACCOUNT = SourceId(0)
"""Stands in place of a project for lists of the whole account."""


class ListKind(StrEnum):
    """What a list holds."""

    PROJECTS = "projects"
    PEOPLE = "people"
    JOB_TYPES = "job_types"
    TASKS = "tasks"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class SavedListing:
    """One list as it was last read; `whole_run` is 0 and `whole_at` None when it never was read whole.

    `problem` tells why the latest attempt did not read it whole. Counts are those of the last whole reading.
    """

    kind: ListKind
    project_id: SourceId
    tried_run: int
    tried_at: datetime
    whole_run: int = 0
    whole_at: datetime | None = None
    changed_at: datetime | None = None
    records: int = 0
    expenses: int = 0
    problem: str = ""
    amounts: str = "{}"
    """Sums of the expenses, as `core.expenses` writes them."""


def save_listing(session: Session, listing: SavedListing) -> None:
    """Remember how a list was read."""
    row: Row = {
        "kind": listing.kind.value,
        "project_id": listing.project_id,
        "tried_run": listing.tried_run,
        "tried_at": listing.tried_at,
        "whole_run": listing.whole_run,
        "whole_at": listing.whole_at,
        "changed_at": listing.changed_at,
        "records": listing.records,
        "expenses": listing.expenses,
        "problem": listing.problem,
        "amounts": listing.amounts,
    }
    upsert(session, SourceListing, [row])


def load_listings(session: Session, kind: ListKind) -> dict[SourceId, SavedListing]:
    """Every list of one kind ever tried, by project; those of the whole account under `ACCOUNT`."""
    query = select(SourceListing).where(SourceListing.kind == kind.value).order_by(SourceListing.project_id)
    return {SourceId(row.project_id): _saved(row) for row in session.scalars(query)}


def forget_listings(session: Session, projects: Collection[SourceId]) -> None:
    """These projects count as never listed: a person said that it is right that they are not shown any more."""
    for page in pages_of(sorted(projects)):
        session.execute(delete(SourceListing).where(SourceListing.project_id.in_(page)))


def broken_listings(session: Session) -> list[SavedListing]:
    """Every list that its latest attempt did not read whole."""
    query = select(SourceListing).where(SourceListing.problem != "")
    return [_saved(row) for row in session.scalars(query.order_by(SourceListing.kind, SourceListing.project_id))]


def last_changes(session: Session) -> dict[SourceId, datetime]:
    """For each project the newest moment that its staged records tell of, as far as they tell any."""
    newest = func.max(func.coalesce(SourceRecord.updated_on, SourceRecord.created_on))
    query = select(SourceRecord.project_id, newest).group_by(SourceRecord.project_id)
    return {SourceId(project_id): moment for project_id, moment in session.execute(query) if moment is not None}


def listed(saved: SavedListing | None, told: datetime | None) -> Listed:
    """A list in the words of its rhythm; `told` is the newest moment its records tell of."""
    if saved is None:
        return Listed(None, told)
    moments = [moment for moment in (saved.changed_at, told) if moment is not None]
    # What failed last time is tried again, whatever the rhythm says.
    whole_at = None if saved.problem else saved.whole_at
    return Listed(whole_at, max(moments, default=None), saved.records)


def _saved(row: SourceListing) -> SavedListing:
    return SavedListing(
        kind=ListKind(row.kind),
        project_id=SourceId(row.project_id),
        tried_run=row.tried_run,
        tried_at=row.tried_at,
        whole_run=row.whole_run,
        whole_at=row.whole_at,
        changed_at=row.changed_at,
        records=row.records,
        expenses=row.expenses,
        problem=row.problem,
        amounts=row.amounts,
    )
