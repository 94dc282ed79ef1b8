"""The pair of accounts, what was learned about them, runs, the lease and the request window."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


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
    made_by: Mapped[str] = mapped_column(default="")
    """Who started it, as the machine knows them."""
    program: Mapped[str] = mapped_column(default="")
    """The version that ran."""
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
