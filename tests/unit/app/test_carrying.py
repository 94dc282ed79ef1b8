"""What every write shares: the intent is committed before the request, and its age is never understated."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import event

from migrator.app.carrying import Carrier, create_intent
from migrator.app.wiring import leased, open_window
from migrator.core.model import SourceId
from migrator.moco.client import MocoWriter
from migrator.store import intents, runs
from migrator.store.engine import reading, writing
from tests.unit.app.map_place import a_place
from tests.unit.moco.builders import a_booking


def test_a_process_that_falls_asleep_while_it_commits_an_intent_does_not_take_it_for_young(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    window = open_window(place)
    with writing(place.engine) as session:
        run_id = runs.start_run(session, "sync", place.clock.now())
    with leased(place, "sync") as epoch:
        carrier = Carrier(place, MocoWriter("http://127.0.0.1:1", "k" * 24, window), window, run_id, epoch)
        commits: list[float] = []
        event.listen(place.engine, "commit", lambda _: commits.append(time.time()))
        intended = carrier.intend([create_intent(run_id, "batch", SourceId(1), a_booking())])
        (committing,) = commits
    with reading(place.engine) as session:
        (intent,) = intents.list_open(session)
    assert intended.ids == (intent.id,)
    # Whatever happens from the commit on, however long it takes, counts.
    assert intended.committed_at <= committing
    assert intent.sent_at.timestamp() <= committing
