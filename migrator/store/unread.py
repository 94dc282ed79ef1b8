"""Copies that are known before they are read: those that stand where they stood, written as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from migrator.core.model import FoundEntry, Reading, Rejected, Skimmed, SourceId
from migrator.store.copies import disputed, load_stagings, mark_read


@dataclass(frozen=True, slots=True)
class Settled:
    """What had to be read after all, in the order of the document, and how many records are staged already."""

    readings: list[Reading]
    unchanged: int


def settle(session: Session, run_id: int, page: Sequence[Reading | Skimmed]) -> Settled:
    """Mark the unread copies as read in this run that are staged unchanged, and read the others.

    What more than one copy tells of is read: which of them counts is for `migrator.store.staging` to say.
    """
    skimmed = [each for each in page if isinstance(each, Skimmed)]
    if not skimmed:
        return Settled([each for each in page if not isinstance(each, Skimmed)], 0)
    told = Counter(_ids(page))
    left = disputed(session, list(told.elements()))
    present = load_stagings(session, {each.source_id for each in skimmed} - left)
    same = {
        each.source_id
        for each in skimmed
        if (staged := present.get(each.source_id)) and staged.read_run != run_id and staged.says(each)
    }
    read = {
        at: list(each.read())
        for at, each in enumerate(page)
        if isinstance(each, Skimmed) and each.source_id not in same
    }
    # Only now it is certain whom the others tell of.
    clashing = same.intersection(_ids(reading for readings in read.values() for reading in readings))
    readings: list[Reading] = []
    for at, each in enumerate(page):
        if not isinstance(each, Skimmed):
            readings.append(each)
        elif at in read:
            readings += read[at]
        elif each.source_id in clashing:
            readings += each.read()
    unchanged = same - clashing
    mark_read(session, run_id, sorted(unchanged))
    return Settled(readings, len(unchanged))


def _ids(readings: Iterable[Reading | Skimmed]) -> Iterable[SourceId]:
    for each in readings:
        if isinstance(each, FoundEntry):
            yield each.entry.id
        elif isinstance(each, (Rejected, Skimmed)) and each.source_id is not None:
            yield each.source_id
