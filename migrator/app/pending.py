"""The writes of a run that are still to be done, in the order of sending, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.app.carrying import Carrier
from migrator.store import work
from migrator.store.engine import reading
from migrator.store.work import Position, WorkItem

PAGE = 1000


def count_pending(carrier: Carrier, *kinds: str) -> int:
    """How many there are of some kinds."""
    with reading(carrier.place.engine) as session:
        return sum(work.count_pending(session, carrier.run_id, kind) for kind in kinds)


def pending(carrier: Carrier, *kinds: str) -> Iterator[WorkItem]:
    """Those of some kinds, one kind after the other; each is given out once, even while it is still pending."""
    for kind in kinds:
        after: Position | None = None
        while True:
            with reading(carrier.place.engine) as session:
                page = work.next_work(session, carrier.run_id, kind, after=after, limit=PAGE)
            yield from page
            if len(page) < PAGE:
                break
            after = page[-1].position
