"""A batch of creates on its way, and what is left of it after an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from migrator.app.carrying import Sent
from migrator.core.model import MocoId
from migrator.moco.refusals import Refusal
from migrator.store.work import WorkItem


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one person; `sent` lists them with their intents once those are committed."""

    person: MocoId
    rows: tuple[WorkItem, ...]
    sent: tuple[Sent, ...] = ()
    sent_at: datetime | None = None
    shown_nothing: bool = False
    """A 2xx came that showed none of the records."""
    refusal: Refusal | None = None
    """The words of a bulk 422."""

    def cut(self, start: int, stop: int | None) -> Batch:
        """Some of the records, not yet sent."""
        return Batch(self.person, self.rows[start:stop])

    def as_sent(self, sent: tuple[Sent, ...], sent_at: datetime) -> Batch:
        """The batch with its committed intents."""
        return replace(self, sent=sent, sent_at=sent_at)

    def only(self, kept: tuple[Sent, ...]) -> Batch:
        """The part of a sent batch whose fate is still open."""
        ids = {each.source_id for each in kept}
        return replace(self, rows=tuple(row for row in self.rows if row.source_id in ids), sent=kept)

    def unsent(self) -> Batch:
        """The same records, to be sent anew."""
        return Batch(self.person, self.rows)


@dataclass(frozen=True, slots=True)
class Ending:
    """What an answer left over: to send `again`, `unclear` until a moment, `refused` as a whole."""

    again: tuple[Batch, ...] = ()
    unclear: tuple[tuple[datetime, Batch], ...] = ()
    refused: tuple[Batch, ...] = ()
