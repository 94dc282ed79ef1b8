"""What we remember of writes: links, intents, refusals, plans, queues, and what waits for a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


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
    """create | update | withdraw | undo | task | contract | disregard | reopen | reactivate | presence | undo_span"""
    source_id: Mapped[int | None] = mapped_column(index=True)
    natural_key: Mapped[str] = mapped_column(default="")
    """For tasks and contracts: what finds them again; for what was opened: its name; for an undo: the run."""
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
