"""How much time the snapshot holds in each project."""

from __future__ import annotations

from sqlalchemy import Engine

from migrator.core.moco_books import Held
from migrator.core.model import MocoId, Seconds, SourceId
from migrator.store.engine import reading, writing
from migrator.store.held import held_in
from migrator.store.links import put_link
from migrator.store.target import store_entries
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, an_activity


def test_each_project_is_summed_by_whose_time_it_is(engine: Engine) -> None:
    linked = an_activity(1, a_booking(1, seconds=Seconds(54)))
    marked = an_activity(2, a_booking(1, seconds=Seconds(3600)))
    theirs = an_activity(3, a_booking(0, marker="", seconds=Seconds(53)))
    elsewhere = an_activity(4, a_booking(4, project_id=MocoId(21)))
    with writing(engine) as session:
        store_entries(session, [linked, marked, theirs, elsewhere], INSTANCE)
        put_link(session, SourceId(1), sent=None, entry=linked, run_id=1, now=WHEN)
    with reading(engine) as session:
        assert held_in(session, [MocoId(20), MocoId(22)]) == {
            # 54 s is the middle between 36 and 72.
            20: Held(migrated=54, booked=3653, billable=3707, lowest=36 + 3600 + 36, highest=72 + 3600 + 36),
            22: Held(),
        }
        assert held_in(session, []) == {}
