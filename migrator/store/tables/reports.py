"""Reports that were made, so that the next one can say what changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


class ReportRow(Base):
    """One report that was written."""

    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[int]
    """The run it is about."""
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str]
    directory: Mapped[str]
    totals: Mapped[str]
    """Seconds on both sides by customer and project, as JSON."""
    __table_args__ = ({"sqlite_autoincrement": True},)
