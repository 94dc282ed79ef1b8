from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from migrator.core.model import MocoId, Seconds, SourceId
from migrator.store.doubles import possible_doubles
from migrator.store.engine import writing
from migrator.store.links import put_link
from migrator.store.source import stage
from migrator.store.target import store_entries
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, a_time_entry, an_activity, found

PEOPLE = {(SourceId(1), MocoId(10)), (SourceId(2), MocoId(11))}
PROJECTS = {(SourceId(1), MocoId(20))}
ANOTHER = date(2020, 5, 5)


def listed(engine: Engine, projects: set[tuple[SourceId, MocoId]] = PROJECTS) -> list[tuple[int, int, bool]]:
    return [
        (each.source_id, each.activity_id, each.same_project) for each in possible_doubles(engine, PEOPLE, projects)
    ]


def test_only_unmarked_time_of_the_same_person_day_and_project_or_length_is_listed(engine: Engine) -> None:
    short = Seconds(60)
    with writing(engine) as session:
        stage(session, 1, [found(a_time_entry(1)), found(a_time_entry(2, project=9)), found(a_time_entry(3, user=2))])
        by_hand = [
            an_activity(100, a_booking(0, marker="", seconds=short)),  # the project of record 1
            an_activity(101, a_booking(0, marker="", project_id=MocoId(99))),  # the length of records 1 and 2
            an_activity(102, a_booking(0, marker="", seconds=short, project_id=MocoId(99))),  # neither
            an_activity(103, a_booking(0, marker="", day=ANOTHER)),
            an_activity(104, a_booking(0, marker="", user_id=MocoId(12))),
            an_activity(105, a_booking(0, marker="other:7", user_id=MocoId(11))),  # the mark of somebody else's tool
            an_activity(106, a_booking(1)),  # ours
            an_activity(107, a_booking(2, marker="")),  # linked, though its marker was taken off
        ]
        store_entries(session, by_hand, INSTANCE)
        put_link(session, SourceId(2), sent=a_booking(2), entry=by_hand[-1], run_id=1, now=WHEN)
    assert listed(engine) == [(1, 100, True), (1, 101, False), (2, 101, False), (3, 105, True)]
    assert listed(engine, set()) == [(1, 101, False), (2, 101, False), (3, 105, False)]
    assert list(possible_doubles(engine, set(), PROJECTS)) == []
