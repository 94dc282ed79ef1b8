"""Asks MOCO about what its web hooks told, before anything is decided; a mark goes only with what MOCO answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from migrator.app.wiring import Workplace
from migrator.core.hearing import Heard, Thing, Worth, worth
from migrator.core.model import MocoId, TargetEntry
from migrator.moco.client import MocoReader
from migrator.moco.pacing import Priority
from migrator.moco.scan import scan_ids
from migrator.store import hook_marks, links, target
from migrator.store.engine import reading, writing

if TYPE_CHECKING:
    from migrator.app.survey import Survey

MOST = 300
"""Marks that one run asks about: each deletion costs a request. The others keep waiting for the next run."""

ASKED_AT_ONCE = 100


@dataclass(slots=True)
class Followed:
    """How many marks were looked into, and how many of those activities turned out to be gone."""

    asked: int = 0
    gone: int = 0

    def as_json(self) -> dict[str, int]:
        """The same for scripts."""
        return {"asked": self.asked, "gone": self.gone}


def sort_out(place: Workplace) -> None:
    """Take back the marks that tell nothing new: echoes of our own writes, old news, other people's new time.

    Sends nothing. A deleted project becomes a mark for each activity that is known to be in it.
    """
    for page in _pages(place):
        with reading(place.engine) as session:
            known = hook_marks.known_of(session, [each.id for each in page])
        judged = [(mark, worth(mark, known[mark.id])) for mark in page]
        if all(verdict is Worth.NEWS for _, verdict in judged):
            continue
        with writing(place.engine) as session:
            for mark, verdict in judged:
                if verdict is Worth.SPREAD:
                    hook_marks.spread(session, mark)
            # In one order, whatever they are: two processes that lock the same rows in different ones stop each other.
            dropped = Counter[Worth]()
            for mark, verdict in judged:
                if verdict in {Worth.KNOWN, Worth.FOREIGN}:
                    dropped[verdict] += hook_marks.forget(session, [mark])
            for verdict in (Worth.FOREIGN, Worth.KNOWN):
                if dropped[verdict]:
                    hook_marks.count(session, verdict.value, place.clock.now(), dropped[verdict])


def follow(survey: Survey) -> Followed:
    """Ask for each marked activity, store what MOCO shows, and forget the mark in the same transaction.

    Gone is what a GET by its own address says. A list that still shows what an event called deleted, or an older state
    than the event told, is not believed.
    """
    place, followed = survey.place, Followed()
    sort_out(place)
    for page in _pages(place):
        wanted = [each for each in page if each.thing is Thing.ACTIVITY][: MOST - followed.asked]
        if not wanted:
            break
        shown = _look_at(survey.reader, wanted)
        with writing(place.engine) as session:
            _write_down(session, place, wanted, shown)
        followed.asked += len(wanted)
        followed.gone += sum(each.id not in shown for each in wanted)
    return followed


def _pages(place: Workplace) -> Iterator[tuple[Heard, ...]]:
    """All marks, activities first; what is heard meanwhile may be among them or not."""
    after: Heard | None = None
    while True:
        with reading(place.engine) as session:
            page = hook_marks.marks(session, after, ASKED_AT_ONCE)
        if not page:
            return
        yield page
        after = page[-1]


def _look_at(reader: MocoReader, marks: Sequence[Heard]) -> dict[MocoId, TargetEntry]:
    """Those of the activities that are there."""
    listed = [each.id for each in marks if not each.deleted]
    shown = {entry.id: entry for page in scan_ids(reader, listed, priority=Priority.PROOF) for entry in page}
    for each in marks:
        entry = shown.get(each.id)
        if entry is not None and (each.updated_at is None or entry.updated_at >= each.updated_at):
            continue
        shown.pop(each.id, None)
        entry = reader.fetch_activity(each.id, priority=Priority.PROOF)
        if entry is not None:
            shown[each.id] = entry
    return shown


def _write_down(
    session: Session, place: Workplace, marks: Sequence[Heard], shown: Mapping[MocoId, TargetEntry]
) -> None:
    linked = links.linked_source_ids(session, [each.id for each in marks])
    for each in marks:
        if each.id in linked:
            links.mark_gone(session, linked[each.id], each.id not in shown)
    target.store_entries(session, shown.values(), place.config.activecollab.instance)
    target.forget(session, [each.id for each in marks if each.id not in shown])
    taken = hook_marks.forget(session, marks)
    hook_marks.count(session, hook_marks.FOLLOWED, place.clock.now(), taken)
