"""What MOCO's web hooks told, until MOCO was asked about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from migrator.store.tables.base import Base


class HookMark(Base):
    """An activity or project of which an event was heard that nobody has looked into yet."""

    __tablename__ = "hook_marks"
    thing: Mapped[str] = mapped_column(String(20), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deleted: Mapped[bool]
    rank: Mapped[str] = mapped_column(String(80))
    ours: Mapped[bool]
    updated_at: Mapped[datetime | None]
    content: Mapped[str]


class HookCount(Base):
    """How many deliveries came to the same end, and when the last one did."""

    __tablename__ = "hook_counts"
    word: Mapped[str] = mapped_column(String(20), primary_key=True)
    events: Mapped[int]
    last_at: Mapped[datetime]
