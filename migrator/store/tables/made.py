"""What was created in MOCO besides activities."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


class MadeRow(Base):
    """A company, project or person of MOCO that stands for one of ActiveCollab whose mapping says `create`."""

    __tablename__ = "made"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    """company | project | user"""
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target_id: Mapped[int]
    adopted: Mapped[bool]
    """It was there already, under the same natural key."""
    run_id: Mapped[int]
