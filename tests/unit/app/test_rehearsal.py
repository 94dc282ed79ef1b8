"""What a rehearsal refuses, and what its sheet says of one that could not be finished."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from migrator.app.configuration.model import Config
from migrator.app.progress import LoggedProgress
from migrator.app.rehearsal.command import RehearsalWords, rehearse
from migrator.app.rehearsal.sheet import Held, document_of, sheet_text
from migrator.app.wiring import Clock, Workplace
from migrator.core.model import MocoId, TargetProject, TargetUser
from migrator.core.run_sheet import Step, WayBack, timed
from migrator.errors import ExitCode, RefusedByGate, UsageError
from migrator.store import intents
from migrator.store.engine import open_engine, writing
from migrator.store.intents import NewIntent
from migrator.store.schema import upgrade
from migrator.store.source import stage
from migrator.store.target import TargetKind, save_masters
from tests.unit.store.builders import WHEN, a_time_entry, found

FRIDAY = datetime(2026, 12, 4, 18, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Workplace]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    yield Workplace(Config(), engine, LoggedProgress(silent=True), Clock())
    engine.dispose()


def test_both_sides_must_be_known_and_no_run_unfinished(place: Workplace) -> None:
    with pytest.raises(UsageError, match="nothing was read"):
        rehearse(place, RehearsalWords())
    with writing(place.engine) as session:
        stage(session, 1, [found(a_time_entry(1))])
    with pytest.raises(UsageError, match="never listed"):
        rehearse(place, RehearsalWords())
    with writing(place.engine) as session:
        save_masters(session, TargetKind.USER, [TargetUser(MocoId(1), "Ada", "Adler", "ada@x.example", True)])
        save_masters(session, TargetKind.PROJECT, [TargetProject(MocoId(2), "Shop", "P1", None, True, True)])
        unclear = NewIntent(7, "b", "create", "{}", a_time_entry(1).id)
        intents.open_intents(session, [unclear], sent_at=WHEN, settle_at=WHEN)
    with pytest.raises(RefusedByGate, match="run 7 left a write whose end"):
        rehearse(place, RehearsalWords())


def test_a_rehearsal_that_stops_says_behind_which_step_and_keeps_what_was_found() -> None:
    steps = timed([Step("migrator plan", "decides", 65, 27, WayBack())], FRIDAY)
    gate = RefusedByGate("this would create 9,000 records", hint="a pilot first")
    held = (Held("hold", "UNMAPPED", "project 9 is not mapped", 3, 5400),)
    document = document_of(steps, held, (), timedelta(seconds=0.3), ExitCode.GATE, gate)
    assert document["stopped"] == {"message": gate.message, "hint": "a pilot first", "code": 7}
    told = sheet_text(document, steps)
    assert told.startswith("The rehearsal stopped behind step 1: this would create 9,000 records")
    assert "Fri 18:00–18:01  migrator plan" in told
    assert "3          1.50 h  hold        project 9 is not mapped" in told
    assert "Every step can be taken back" in told
