"""What the service did at its scheduled times."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


class OutcomeRow(Base):
    """One scheduled piece of work, and how it ended; also those that came to no run of their own."""

    __tablename__ = "outcomes"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """None while it goes on, or when it was killed."""
    exit_code: Mapped[int | None]
    run_id: Mapped[int | None]
    gates: Mapped[str]
    """The names of the gates that stopped it, parted by blanks."""
    verdict: Mapped[str]
    __table_args__ = ({"sqlite_autoincrement": True},)
