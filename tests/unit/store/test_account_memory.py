"""Facts with their time, what an open write made, the durations that links remember, running timers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from migrator.core.model import MocoId, Seconds, SourceId
from migrator.store import account, intents, links, target
from migrator.store.account import Learned
from migrator.store.engine import reading, writing
from migrator.store.intents import NewIntent
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, an_activity

LATER = WHEN + timedelta(days=1)


def test_every_fact_is_given_with_the_time_it_was_learned(engine: Engine) -> None:
    with writing(engine) as session:
        account.learn(session, "one", "1", WHEN)
        account.learn(session, "two", "2", WHEN)
        account.learn(session, "two", "3", LATER)
    with reading(engine) as session:
        assert account.learned(session) == {"one": Learned("1", WHEN), "two": Learned("3", LATER)}


def test_an_open_write_is_named_after_what_it_made(engine: Engine) -> None:
    rows = [NewIntent(1, "b", "probe", "{}", natural_key=name) for name in ("x", "y")]
    with writing(engine) as session:
        first, _ = intents.open_intents(session, rows, WHEN, WHEN)
        intents.name_activity(session, first, MocoId(99))
        assert [(each.natural_key, each.activity_id) for each in intents.list_open(session)] == [("x", 99), ("y", None)]


def test_the_newest_durations_are_given_as_sent_and_as_stored(engine: Engine) -> None:
    with writing(engine) as session:
        for number, stored in ((1, 900), (2, 300)):
            sent = a_booking(number, seconds=Seconds(61))
            entry = an_activity(number, replace(sent, seconds=Seconds(stored)))
            at = WHEN + timedelta(hours=number)
            links.put_link(session, SourceId(number), sent=sent, entry=entry, run_id=1, now=at)
        rebuilt = an_activity(3, a_booking(3))
        links.put_link(session, SourceId(3), sent=None, entry=rebuilt, run_id=1, now=LATER)
        assert links.newest_durations(session, 10) == [(61, 300), (61, 900)]
        assert links.newest_durations(session, 1) == [(61, 300)]


def test_running_timers_are_those_that_moco_last_showed(engine: Engine) -> None:
    stopped, running = an_activity(1, a_booking(1)), replace(an_activity(2, a_booking(2)), timer_running=True)
    with writing(engine) as session:
        target.store_entries(session, [stopped, running], INSTANCE)
        assert target.running_timers(session) == (2,)
        target.store_entries(session, [replace(running, timer_running=False)], INSTANCE)
        assert target.running_timers(session) == ()
