"""What a run created and what became of it: counted record by record, and what stays listed with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.app.present import read_present
from migrator.app.wiring import Workplace
from migrator.core.model import MocoId, SourceId, TargetEntry
from migrator.core.record import Link
from migrator.core.undo import Fate, StayReason, Stays, fate_before_reading, why_it_stays
from migrator.moco.client import MocoReader
from migrator.store import undone
from migrator.store.engine import reading
from migrator.store.undone import CreatedRecord
from migrator.store.work import WorkItem

PAGE = 100
LISTED = 10_000
"""As many of what stays are listed one by one; all of it is counted."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something of the run that stays in MOCO."""

    reason: StayReason
    detail: str = ""
    source_id: SourceId | None = None
    activity_id: MocoId | None = None


@dataclass(slots=True)
class Findings:
    """What became of the records that a run created, counted, and what stays, listed."""

    records: Counter[Fate] = field(default_factory=Counter)
    seconds: Counter[Fate] = field(default_factory=Counter)
    reasons: Counter[StayReason] = field(default_factory=Counter)
    listed: list[Left] = field(default_factory=list)

    def enter(self, item: WorkItem, fate: Fate) -> None:
        """One record has its fate."""
        self.records[fate] += 1
        self.seconds[fate] += item.seconds

    def leave(self, left: Left) -> None:
        """Something stays."""
        self.reasons[left.reason] += 1
        if len(self.listed) < LISTED:
            self.listed.append(left)

    def stays(self, item: WorkItem, link: Link, stays: Stays) -> None:
        """The activity of a record stays."""
        self.enter(item, Fate.STAYS)
        self.leave(Left(stays.reason, stays.detail, item.source_id, link.activity_id))


def created_pages(place: Workplace, run_id: int) -> Iterator[list[CreatedRecord]]:
    """Everything that a run created, in pages that one request can ask for."""
    after = 0
    while True:
        with reading(place.engine) as session:
            page = undone.created_in(session, run_id, after=after, size=PAGE)
        if not page:
            return
        yield page
        after = page[-1].item.source_id


def fate_of(record: CreatedRecord, run_id: int) -> Fate:
    """What memory alone says of a record that the run created."""
    return fate_before_reading(
        record.saved.link if record.saved else None,
        gone=record.saved is not None and record.saved.gone,
        undone=record.undone,
        open_intent=record.open_intent,
        replaced=record.creator != run_id,
    )


def look_at(
    reader: MocoReader, run_id: int, page: list[CreatedRecord], findings: Findings
) -> Iterator[tuple[WorkItem, Link, TargetEntry | None]]:
    """Enter what memory decides, and read the rest; gives what may be deleted, without entry what is gone."""
    asked: list[tuple[WorkItem, Link]] = []
    for record in page:
        fate = fate_of(record, run_id)
        link = record.saved.link if record.saved else None
        if fate is Fate.PENDING and link is not None:
            asked.append((record.item, link))
        elif fate is Fate.STAYS and link is not None:
            findings.stays(record.item, link, Stays(StayReason.DISREGARDED))
        else:
            findings.enter(record.item, fate)
    yield from look_again(reader, asked, findings)


def look_again(
    reader: MocoReader, asked: list[tuple[WorkItem, Link]], findings: Findings
) -> Iterator[tuple[WorkItem, Link, TargetEntry | None]]:
    """Read activities and enter those that must stay; gives the others."""
    present = read_present(reader, [link.activity_id for _, link in asked]) if asked else {}
    for item, link in asked:
        entry = present.get(link.activity_id)
        stays = why_it_stays(link, entry) if entry is not None else None
        if stays is None:
            yield item, link, entry
        else:
            findings.stays(item, link, stays)
