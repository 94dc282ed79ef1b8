"""Adopts: links the activities that already carry our marker and say what we would have written; sends nothing."""

from __future__ import annotations

from migrator.app.carrying import Carrier
from migrator.app.pending import pending
from migrator.core.actions import Word
from migrator.store import links, target, work
from migrator.store.engine import writing
from migrator.store.links import NewLink
from migrator.store.rows import pages_of

PAGE = 100


def adopt_all(carrier: Carrier) -> None:
    """Carry out every adoption that is pending in this run."""
    now = carrier.place.clock.now()
    for page in pages_of(pending(carrier, "adopt"), PAGE):
        with writing(carrier.place.engine) as session:
            ids = {each.source_id: each.activity_id for each in page if each.activity_id is not None}
            entries = target.entries_by_id(session, ids.values())
            new = [NewLink(each.source_id, each.booking, entries[ids[each.source_id]]) for each in page]
            links.put_links(session, new, carrier.run_id, now)
            work.finish_work(session, carrier.run_id, ids, Word.ADOPTED)
