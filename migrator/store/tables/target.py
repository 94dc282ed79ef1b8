"""MOCO as it was last listed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


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
    billing_variant: Mapped[str] = mapped_column(default="")
    type: Mapped[str] = mapped_column(default="")


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
