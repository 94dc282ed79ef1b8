"""The presences of MOCO that were derived from the days' records."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


class PresenceRow(Base):
    """One span of a person's day that we wrote, or were about to write; times are `HH:MM`."""

    __tablename__ = "presences"
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    starts: Mapped[str] = mapped_column(String(5), primary_key=True)
    ends: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(10))
    """wanted | linked | undone"""
    presence_id: Mapped[int | None]
    answered: Mapped[str] = mapped_column(String(11), default="")
    """From and to as MOCO answered, `09:00-15:00`; empty while it is only wanted."""
    updated_at: Mapped[datetime | None]
    """MOCO's, as it answered."""
    run_id: Mapped[int]
    __table_args__ = (UniqueConstraint("presence_id"), Index(None, "run_id"))
