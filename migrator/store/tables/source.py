"""What was read from ActiveCollab, and the mapping that people approved."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


class SourceRecord(Base):
    """The newest copy of one time record.

    Without indexes: hundreds of thousands are stored at once, and asked for in the order of their ids.
    """

    __tablename__ = "source_records"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int | None]
    project_id: Mapped[int]
    day: Mapped[date]
    seconds: Mapped[int]
    billing: Mapped[int]
    text: Mapped[str]
    parent_kind: Mapped[str] = mapped_column(String(10))
    parent_id: Mapped[int | None]
    job_type_id: Mapped[int | None]
    hours_raw: Mapped[str]
    billing_raw: Mapped[str]
    worker_name: Mapped[str]
    worker_email: Mapped[str]
    permalink: Mapped[str]
    private: Mapped[bool]
    trashed: Mapped[bool]
    state_raw: Mapped[str]
    created_on: Mapped[datetime | None]
    updated_on: Mapped[datetime | None]
    version: Mapped[int | None]
    milestone_id: Mapped[int | None]
    content_hash: Mapped[str] = mapped_column(String(32))
    document: Mapped[str]
    line: Mapped[int]
    fragment_hash: Mapped[str]
    warnings: Mapped[str] = mapped_column(default="")
    read_run: Mapped[int]
    """The run that read this copy last."""
    changed_run: Mapped[int]
    """The run in which its content last became what it is."""
    rejected: Mapped[str] = mapped_column(default="")
    """The message of the newest copy when that one was rejected; empty otherwise."""
    fate: Mapped[str] = mapped_column(String(10), default="")
    """What became of it since its list shows it no longer (`core.listing.Fate`); empty while it is listed."""
    fate_told: Mapped[str] = mapped_column(default="")
    """What ActiveCollab answered when it was asked for the record."""
    fate_run: Mapped[int] = mapped_column(default=0)
    """The run in which it was first missed; 0 while it is listed."""


class SourceReject(Base):
    """A copy of a record that could not be used, the latest reading of its document."""

    __tablename__ = "source_rejects"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source_id: Mapped[int | None] = mapped_column(index=True)
    document: Mapped[str] = mapped_column(index=True)
    line: Mapped[int]
    field: Mapped[str]
    value: Mapped[str]
    expected: Mapped[str]
    message: Mapped[str]
    seconds: Mapped[int]
    updated_on: Mapped[datetime | None]
    version: Mapped[int | None]
    """Its age, where readable: a newer good copy outdates it."""
    read_run: Mapped[int]
    fragment: Mapped[str] = mapped_column(default="")
    """The raw record as its document has it, cut where it is very long; empty where nobody kept it."""
    __table_args__ = ({"sqlite_autoincrement": True},)


class SourceDocument(Base):
    """A document that was read, with what was found in it; `problem` is empty when it was read whole."""

    __tablename__ = "source_documents"
    name: Mapped[str] = mapped_column(primary_key=True)
    read_run: Mapped[int]
    entries: Mapped[int]
    rejects: Mapped[int]
    expenses: Mapped[int]
    problem: Mapped[str] = mapped_column(default="")
    amounts: Mapped[str] = mapped_column(default="{}")
    """Sums of the expenses by currency, as JSON of decimal texts."""


class SourceListing(Base):
    """One list of a running ActiveCollab, as it was last read; `project_id` is 0 for lists of the whole account."""

    __tablename__ = "source_listings"
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tried_run: Mapped[int]
    tried_at: Mapped[datetime]
    whole_run: Mapped[int]
    """The run that last read it whole, 0 for never; every record it shows was seen in or after that run."""
    whole_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    """When a reading last found a change in it, after the first."""
    records: Mapped[int]
    expenses: Mapped[int]
    problem: Mapped[str] = mapped_column(default="")
    """Why the latest attempt did not read it whole; empty when it did."""
    amounts: Mapped[str] = mapped_column(default="{}")
    """Sums of the expenses by currency, as JSON of decimal texts."""


class SourceMaster(Base):
    """A person, company, project, task or job type of ActiveCollab; which fields count depends on `kind`."""

    __tablename__ = "source_masters"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    identifier: Mapped[str] = mapped_column(default="")
    company_id: Mapped[int | None]
    project_id: Mapped[int | None]
    leader_id: Mapped[int | None]
    number: Mapped[int | None]
    permalink: Mapped[str] = mapped_column(default="")
    archived: Mapped[bool] = mapped_column(default=False)


class MappingVersion(Base):
    """One applied mapping; the highest id is in force."""

    __tablename__ = "mapping_versions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    created_at: Mapped[datetime]
    origin: Mapped[str]
    made_by: Mapped[str] = mapped_column(default="")
    __table_args__ = ({"sqlite_autoincrement": True},)


class MappingRow(Base):
    """What one person, company, project, task or job type of the source becomes, as a person decided."""

    __tablename__ = "mapping_rows"
    version_id: Mapped[int] = mapped_column(ForeignKey("mapping_versions.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(10))
    target_id: Mapped[int | None]
    cutover: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
    terms: Mapped[str] = mapped_column(default="")
    """Of a project to be created, as JSON; empty when a person wrote none."""
