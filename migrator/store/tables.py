"""Every table, typed; seen only inside `store`.

Times are UTC. Ids given by ActiveCollab or MOCO are 64-bit. Names of constraints follow one convention: an
unnamed constraint cannot be changed on SQLite.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """An aware UTC time; SQLite would silently drop the zone, so it is stored naive and given back aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone must not reach the database")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


def utc(seconds: float) -> datetime:
    """The time of so many seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


Big = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Common metadata with the naming convention."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Utc, int: Big, str: Text}  # noqa: RUF012 (SQLAlchemy's own protocol)


# -- the pair of accounts, and what was learned about them ---------------------------------------------------


class Account(Base):
    """The one pair of accounts this database belongs to (a single row, id 1)."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    instance: Mapped[str]
    moco_subdomain: Mapped[str | None]
    session_uuid: Mapped[str | None]
    bound_at: Mapped[datetime]


class Fact(Base):
    """Something learned about the accounts or the work, by name (as: bulk impersonation works)."""

    __tablename__ = "facts"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str]
    learned_at: Mapped[datetime]


# -- runs, lease, request window -----------------------------------------------------------------------------


class Run(Base):
    """One execution of a command that reads or writes a side."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    plan_id: Mapped[int | None]
    exit_code: Mapped[int | None]
    verdict: Mapped[str] = mapped_column(default="")
    counts: Mapped[str] = mapped_column(default="{}")
    seconds: Mapped[str] = mapped_column(default="{}")
    requests: Mapped[str] = mapped_column(default="{}")
    approved_by: Mapped[str] = mapped_column(default="")
    __table_args__ = ({"sqlite_autoincrement": True},)


class Lease(Base):
    """Who may write (a single row, id 1); times are the database's clock, in seconds since 1970."""

    __tablename__ = "lease"
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str | None]
    pid: Mapped[int | None]
    process_started: Mapped[str | None]
    command: Mapped[str | None]
    epoch: Mapped[int]
    expires_at: Mapped[float] = mapped_column(Float(53))


class RequestSlot(Base):
    """One request to MOCO that still counts in the window; times are the database's, seconds since 1970."""

    __tablename__ = "request_slots"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    taken_at: Mapped[float] = mapped_column(Float(53))
    answered_at: Mapped[float | None] = mapped_column(Float(53))
    __table_args__ = ({"sqlite_autoincrement": True},)


# -- the source ----------------------------------------------------------------------------------------------


class SourceRecord(Base):
    """The newest copy of one time record."""

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
    __table_args__ = (Index(None, "day"), Index(None, "user_id", "day"))


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


# -- mapping -------------------------------------------------------------------------------------------------


class MappingVersion(Base):
    """One applied mapping; the highest id is in force."""

    __tablename__ = "mapping_versions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    created_at: Mapped[datetime]
    origin: Mapped[str]
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
    currency: Mapped[str] = mapped_column(default="")
    leader: Mapped[str] = mapped_column(default="")


# -- the target ----------------------------------------------------------------------------------------------


class TargetMaster(Base):
    """A person, company, project, task or contract of MOCO as last listed."""

    __tablename__ = "target_masters"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(default="")
    firstname: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    identifier: Mapped[str] = mapped_column(default="")
    company_id: Mapped[int | None]
    project_id: Mapped[int | None]
    user_id: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    billable: Mapped[bool] = mapped_column(default=True)


class TargetActivity(Base):
    """An activity as MOCO last showed it; `source_id` is set when it carries a marker of our instance."""

    __tablename__ = "target_activities"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[int | None] = mapped_column(index=True)
    day: Mapped[date]
    seconds: Mapped[int]
    user_id: Mapped[int]
    project_id: Mapped[int]
    task_id: Mapped[int]
    description: Mapped[str]
    billable: Mapped[bool]
    marker: Mapped[str]
    url: Mapped[str]
    tag: Mapped[str]
    billed: Mapped[bool]
    timer_running: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    seen_scan: Mapped[int]
    """The newest scan that showed it, or that had begun when it was shown."""
    __table_args__ = (Index(None, "day", "user_id"),)


class Scan(Base):
    """A listing of the target; `complete` when every row between the days was received."""

    __tablename__ = "scans"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    day_from: Mapped[date | None]
    day_to: Mapped[date | None]
    rows: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=False)
    __table_args__ = ({"sqlite_autoincrement": True},)


# -- our memory of writes ------------------------------------------------------------------------------------


class LinkRow(Base):
    """Our memory of one record's activity: what we sent, what MOCO answered."""

    __tablename__ = "links"
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    activity_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(index=True)
    sent: Mapped[str | None]
    """The booking we sent in canonical text; None for a link rebuilt from MOCO alone."""
    answered: Mapped[str]
    version: Mapped[int]
    updated_at: Mapped[datetime]
    disregarded: Mapped[bool] = mapped_column(default=False)
    run_id: Mapped[int]
    linked_at: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(default=False)
    """True once a GET by id answered 404."""
    __table_args__ = (UniqueConstraint("activity_id"),)


class Intent(Base):
    """A write that was about to be sent; committed before the bytes left. Open while `closed_at` is None."""

    __tablename__ = "intents"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[int]
    batch: Mapped[str] = mapped_column(String(40), index=True)
    write: Mapped[str] = mapped_column(String(12))
    """create | update | withdraw | task | contract"""
    source_id: Mapped[int | None] = mapped_column(index=True)
    natural_key: Mapped[str] = mapped_column(default="")
    """For tasks and contracts: what finds them again."""
    activity_id: Mapped[int | None]
    user_id: Mapped[int | None]
    payload: Mapped[str]
    sent_at: Mapped[datetime]
    settle_at: Mapped[datetime]
    """Not before this time may an unclear write be proved."""
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    """answered | found | absent | refused | unsent, once closed"""
    status: Mapped[int | None]
    detail: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index("ix_intents_open", "closed_at", "id"), {"sqlite_autoincrement": True})


class RefusalRow(Base):
    """A write that MOCO refused, with its words; the same payload is not sent again until released."""

    __tablename__ = "refusals"
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    write: Mapped[str] = mapped_column(String(12))
    payload: Mapped[str]
    target: Mapped[str] = mapped_column(default="")
    words: Mapped[str]
    status: Mapped[int]
    run_id: Mapped[int]
    refused_at: Mapped[datetime]
    released: Mapped[bool] = mapped_column(default=False)


class UndoneRow(Base):
    """A record whose activity a person had us take back; held until a person releases it."""

    __tablename__ = "undone"
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int]
    undone_at: Mapped[datetime]


class Plan(Base):
    """A saved dry run."""

    __tablename__ = "plans"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[int]
    created_at: Mapped[datetime]
    source_version: Mapped[str]
    mapping_version: Mapped[int]
    policy_digest: Mapped[str]
    selection: Mapped[str]
    totals: Mapped[str]
    status: Mapped[str] = mapped_column(String(12))
    """fresh | applying | applied"""
    apply_run: Mapped[int | None]
    __table_args__ = ({"sqlite_autoincrement": True},)


class PlanAction(Base):
    """What a plan intends for one record; records that stay as they are have no row."""

    __tablename__ = "plan_actions"
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")
    payload: Mapped[str] = mapped_column(default="")
    seconds: Mapped[int]


class WorkRow(Base):
    """One write that a run still has to do or has done; the queue of `apply`, in the order of sending."""

    __tablename__ = "work"
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    write: Mapped[str] = mapped_column(String(12))
    """create | adopt | adopt_update | update | withdraw | rebook"""
    user_id: Mapped[int]
    day: Mapped[date]
    project_id: Mapped[int]
    task_name: Mapped[str] = mapped_column(default="")
    needs: Mapped[str] = mapped_column(String(20), default="")
    booking: Mapped[str]
    activity_id: Mapped[int | None]
    target: Mapped[str] = mapped_column(default="")
    """The booking of the activity as decided upon, canonical; empty for a create."""
    seconds: Mapped[int]
    word: Mapped[str] = mapped_column(String(12), default="")
    """Its final word once known; empty while pending."""
    reason: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index("ix_work_order", "run_id", "word", "write", "user_id", "day", "source_id"),
        Index("ix_work_place", "run_id", "project_id", "task_name", "source_id"),
    )


class InboxItem(Base):
    """Something that waits for a person."""

    __tablename__ = "inbox"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(12))
    """held | conflict | quarantined | rejected"""
    source_id: Mapped[int | None] = mapped_column(index=True)
    activity_id: Mapped[int | None]
    place: Mapped[str] = mapped_column(default="")
    """Document and line, for rejects without an id."""
    reason: Mapped[str]
    message: Mapped[str]
    digest: Mapped[str] = mapped_column(default="")
    """What an acceptance refers to; the item comes back when it changes."""
    source: Mapped[str] = mapped_column(default="null")
    target: Mapped[str] = mapped_column(default="null")
    since: Mapped[datetime]
    seen_run: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="open")
    """open | accepted | closed"""
    accepted_note: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "state", "kind"), {"sqlite_autoincrement": True})
