"""Working times are derived from the days' records: each span once, and never on a day that has a presence."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from migrator.sandbox.faults import AnswerInstead, Effect, LateCommit, LoseAnswer, TruncatedJson
from migrator.sandbox.moco_records import Presence
from tests.system.door import At, Moment
from tests.system.export import Record
from tests.system.harness import Finished, Kept, World
from tests.system.started import Forked

PATH = "/users/presences"
FOO, GRIT = 1, 2
MONDAY, TUESDAY, WEDNESDAY = date(2024, 3, 4), date(2024, 3, 5), date(2024, 3, 6)
RECORDS = (
    Record(101, FOO, day=MONDAY),
    Record(102, FOO, project=3, day=MONDAY, hours="4:30", seconds=16_200),
    Record(103, FOO, day=TUESDAY, hours="1.5", seconds=5400),
    Record(104, GRIT, day=MONDAY, hours="0,17", seconds=612),
    Record(105, GRIT, day=TUESDAY, hours="7:59", seconds=28_740),
    Record(106, FOO, day=datetime.now(UTC).date(), hours="1.5", seconds=5400),
)
SPANS = {
    (FOO, MONDAY): ("09:00-15:00", "15:30-17:45"),
    (FOO, TUESDAY): ("09:00-10:30",),
    (GRIT, MONDAY): ("09:00-09:10",),
    (GRIT, TUESDAY): ("09:00-15:00", "15:30-17:29"),
}
ALL = [(person, day, span) for (person, day), spans in SPANS.items() for span in spans]
DAYS, SKIPPED = len(SPANS), 1
DERIVED = {"read": DAYS + SKIPPED, "created": DAYS, "skipped": SKIPPED}
AGAIN = {"read": DAYS + SKIPPED, "unchanged": DAYS, "skipped": SKIPPED}

Booked = tuple[int, date, str]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """All records in MOCO, no presence yet."""
    with World(tmp_path_factory.mktemp("presences"), RECORDS, presences__enabled=True) as world:
        world.configure(moco__timeout_seconds=0.7, moco__settle_seconds=0.2)
        finished = world.run_to_the_end("sync")
        assert (finished.code, world.stored()) == (0, world.wanted())
        yield Kept.now(world)


@pytest.fixture
def world(migrated: Kept) -> World:
    """The same, each time anew."""
    found = migrated.again()
    found.forget_requests()
    return found


def stored(world: World) -> list[Booked]:
    """Every presence that MOCO holds, whoever made it; an open one has no end."""
    people = {world.user_id(person): person for person in (FOO, GRIT)}
    return sorted(
        (people[each.user_id], each.date, f"{_clock(each.start)}-{'' if each.end is None else _clock(each.end)}")
        for each in world.moco.state.presences.values()
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def by_hand(world: World, person: int, day: date, start: str, end: str | None = None) -> Presence:
    """A person enters a presence in MOCO."""
    return world.moco.add_presence(world.moco.state.users[world.user_id(person)], day, start, end)


def presence(world: World, person: int, day: date, start: int = 540) -> Presence:
    """The one that begins on a day of a person, so many minutes after midnight."""
    user = world.user_id(person)
    (found,) = (
        each
        for each in world.moco.state.presences.values()
        if (each.user_id, each.date, each.start) == (user, day, start)
    )
    return found


def sent(world: World) -> list[dict[str, Any]]:  # JSON
    """The bodies of all presences asked for since the log began."""
    return [json.loads(each.body) for each in world.writes() if each.method == "POST" and each.path.endswith(PATH)]


def reasons(finished: Finished) -> dict[tuple[int, str], str]:
    """The days that wait, with the reason."""
    return {(each["user_id"], each["date"]): each["reason"] for each in finished.document["held"]}


# -- the ordinary way ----------------------------------------------------------------------------------------------


def test_each_closed_day_gets_its_spans_once_and_a_second_run_writes_nothing(world: World) -> None:
    dry = world.run("presences", "--dry-run")
    assert (dry.code, dry.counts, world.writes(), set(dry.document["requests"])) == (0, DERIVED, [], {"GET"})
    assert (dry.document["presences"], "Nothing was written" in dry.document["verdict"]) == (len(ALL), True)
    assert dry.document["reasons"] == {"NOT_CLOSED": 1}
    finished = world.run("presences")
    assert (finished.code, finished.counts, stored(world)) == (0, DERIVED, ALL)
    assert finished.document["schema"] == "migrator.presences/1"
    assert finished.document["verdict"].startswith("All 5 days with records are accounted for: 4 written (6 presences")
    seconds = finished.document["seconds"]
    assert (seconds["read"], seconds["created"]) == (69_852, 64_452)
    # Home office would count for the whole day, so nothing is said about it; and each travels as its person.
    assert {frozenset(body) for body in sent(world)} == {frozenset({"date", "from", "to"})}
    assert {each.impersonated for each in world.writes()} == {str(world.user_id(person)) for person in (FOO, GRIT)}
    world.forget_requests()
    again = world.run("presences")
    assert (again.code, again.counts, world.writes()) == (0, AGAIN, [])
    assert again.document["presences"] == 0
    assert world.run("sync").counts == {"read": len(RECORDS), "unchanged": len(RECORDS)}
    verified = world.run("verify")
    assert (verified.code, verified.document["presences"]["checked"]) == (0, len(ALL))
    assert "6 presences derived from records: all agree." in verified.document["verdict"]
    shown = world.run("runs", "show", str(finished.document["run"])).document
    assert (shown["kind"], shown["counts"]["created"], shown["seconds"]["created"]) == ("presences", DAYS, 64_452)
    assert world.writes() == []


def test_the_layout_is_configured_and_the_clock_of_the_machine_does_not_matter(migrated: Kept) -> None:
    world = migrated.again(presences__day_start="07:15", presences__break_after="4h", presences__break_length="45m")
    world.configure(presences__after_days=0)
    far_away = {**os.environ, "TZ": "Pacific/Kiritimati"}
    finished = world.finished(Forked.begin(world.folder, ("presences", "--json"), environ=far_away))
    assert (finished.code, finished.counts) == (0, {"read": 5, "created": 5})
    assert [span for person, day, span in stored(world) if (person, day) == (GRIT, TUESDAY)] == [
        "07:15-11:15",
        "12:00-15:59",
    ]


def test_where_they_are_switched_off_the_command_says_how_to_switch_them_on(migrated: Kept) -> None:
    world = migrated.again(presences__enabled=False)
    finished = world.run("presences", "--dry-run")
    assert (finished.code, "switched off" in finished.message) == (2, True)
    assert "presences.enabled = true" in finished.stderr
    assert world.run("verify").document["presences"] is None


# -- days that are left alone --------------------------------------------------------------------------------------


def test_a_day_with_a_presence_is_never_touched_whoever_made_it_and_open_or_not(world: World) -> None:
    by_hand(world, FOO, MONDAY, "06:00", "06:10")
    by_hand(world, GRIT, TUESDAY, "20:00")
    before = stored(world)
    finished = world.run("presences")
    assert (finished.code, finished.counts) == (0, {"read": 5, "created": 2, "skipped": 3})
    assert finished.document["reasons"]["HAS_PRESENCE"] == 2
    others = [each for each in ALL if each[:2] in {(FOO, TUESDAY), (GRIT, MONDAY)}]
    assert stored(world) == sorted(before + others)


def test_days_whose_sum_would_be_wrong_or_too_long_are_held_and_a_stand_ins_time_makes_no_day(migrated: Kept) -> None:
    world = migrated.again()
    task = next(iter(world.moco.state.tasks.values()))
    world.moco.add_activity(world.moco.state.users[world.user_id(FOO)], task, TUESDAY, 600)
    world.records[107] = Record(107, GRIT, day=WEDNESDAY, hours="15:00", seconds=54_000)
    # Hugo's time is Foo's in MOCO, and nobody is there for Ida.
    world.records[108] = Record(108, 3, day=WEDNESDAY, hours="2:00", seconds=7200)
    world.write_export()
    (world.folder / "map.csv").write_text(f"kind,source_id,action,target_id\nuser,3,stand_in,{world.user_id(FOO)}\n")
    assert world.run("read").code == 0
    assert world.run("map", "apply", "map.csv").code == 0
    assert world.run("sync").code == 0
    # One that is not in MOCO yet.
    world.records[109] = Record(109, GRIT, day=MONDAY, hours="1.5", seconds=5400)
    world.write_export()
    assert world.run("read").code == 0
    world.forget_requests()
    finished = world.run("presences")
    assert (finished.code, finished.counts) == (3, {"read": 6, "created": 2, "skipped": 1, "held": 3})
    assert reasons(finished) == {
        (world.user_id(FOO), "2024-03-05"): "TIME_IN_MOCO",
        (world.user_id(GRIT), "2024-03-04"): "INCOMPLETE",
        (world.user_id(GRIT), "2024-03-06"): "PAST_MIDNIGHT",
    }
    assert finished.document["stand_ins"] == {"records": 1, "seconds": 7200}
    assert stored(world) == [each for each in ALL if each[:2] in {(FOO, MONDAY), (GRIT, TUESDAY)}]
    # Whoever enters such a day by hand has settled it; what has arrived is derived.
    by_hand(world, FOO, TUESDAY, "09:00", "10:40")
    by_hand(world, GRIT, WEDNESDAY, "07:00", "23:00")
    assert world.run("sync").code == 0
    assert world.run("presences").counts == {"read": 6, "created": 1, "unchanged": 2, "skipped": 3}


def test_a_presence_that_a_person_makes_meanwhile_stays_alone(world: World) -> None:
    user = world.user_id(FOO)
    made: list[Presence] = []

    def make_one(environ: Any, body: bytes) -> None:
        if environ["HTTP_X_IMPERSONATE_USER_ID"] == str(user) and b"2024-03-04" in body and not made:
            made.append(by_hand(world, FOO, MONDAY, "14:00", "16:00"))

    world.door.watch = make_one
    finished = world.run("presences")
    world.door.watch = None
    assert (finished.code, finished.counts) == (3, {"read": 5, "created": 3, "skipped": 1, "held": 1})
    (held,) = finished.document["held"]
    assert (held["reason"], "range overlaps" in held["message"]) == ("MADE_MEANWHILE", True)
    assert stored(world) == sorted([(FOO, MONDAY, "14:00-16:00"), *(each for each in ALL if each[:2] != (FOO, MONDAY))])
    assert world.run("presences").counts == {"read": 5, "unchanged": 3, "skipped": 2}


# -- lost, late and odd answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effects", "twice"),
    [
        ((LoseAnswer(502), TruncatedJson(), LateCommit(0.5, 504)), 0),
        ((AnswerInstead(503), AnswerInstead(429, retry_after=0)), 2),
    ],
    ids=["applied", "not applied"],
)
def test_an_answer_without_success_is_proved_before_anything_is_repeated(
    world: World, effects: tuple[Effect, ...], twice: int
) -> None:
    # The second request is the second span of a day.
    for number, effect in enumerate(effects, 2):
        world.moco.fault(effect, method="POST", path=PATH, nth=number)
    finished = world.run("presences")
    assert (finished.code, finished.counts, stored(world)) == (0, DERIVED, ALL)
    assert len(sent(world)) == len(ALL) + twice
    world.forget_requests()
    assert (world.run("presences").counts, world.writes()) == (AGAIN, [])


def test_one_that_takes_effect_after_it_was_repeated_is_not_doubled(migrated: Kept) -> None:
    world = migrated.again(moco__timeout_seconds=0.5, moco__settle_seconds=0)
    world.moco.fault(LateCommit(0.9, 504), method="POST", path=PATH, nth=1)
    world.run_to_the_end("presences")
    assert stored(world) == ALL


@pytest.mark.parametrize(
    ("at", "then"),
    [(At(1, Moment.ARRIVING), "presences"), (At(1), "sync"), (At(2), "presences")],
)
def test_a_killed_run_is_finished_by_the_next_one_and_no_day_stays_half(migrated: Kept, at: At, then: str) -> None:
    # One after the other, so that the first two are the two spans of one day.
    world = migrated.again(moco__concurrency=1)
    killed = world.run_and_strike(at, "presences")
    assert killed.code == -signal.SIGKILL
    assert world.run(then).code == 0
    finished = world.run("presences")
    assert (finished.code, stored(world)) == (0, ALL)
    assert finished.counts == AGAIN if then == "presences" else finished.counts["skipped"] == SKIPPED


def test_half_a_day_that_a_person_changed_is_left_to_that_person(migrated: Kept) -> None:
    world = migrated.again(moco__concurrency=1)
    world.moco.fault(AnswerInstead(503), method="POST", path=PATH, nth=2)
    assert world.run_and_strike(At(2), "presences").code == -signal.SIGKILL
    world.moco.edit(replace(presence(world, FOO, MONDAY), end=930))
    finished = world.run("presences")
    assert (finished.code, reasons(finished)) == (3, {(world.user_id(FOO), "2024-03-04"): "HALF_WRITTEN"})
    assert finished.document["held"][0]["message"].endswith("not written: 15:30-17:45")
    assert [span for person, day, span in stored(world) if (person, day) == (FOO, MONDAY)] == ["09:00-15:30"]


# -- refusals ------------------------------------------------------------------------------------------------------


def test_what_moco_refuses_is_held_in_its_words_and_the_rest_goes_on(world: World) -> None:
    world.moco.switches.locked_before = TUESDAY
    finished = world.run("presences")
    assert (finished.code, finished.counts) == (3, {"read": 5, "created": 2, "skipped": 1, "held": 2})
    assert {each["reason"] for each in finished.document["held"]} == {"REFUSED"}
    assert {each["date"] for each in finished.document["held"]} == {"2024-03-04"}
    assert all("locked" in each["message"] for each in finished.document["held"])
    world.moco.switches.locked_before = None
    assert world.run("presences").counts == {"read": 5, "created": 2, "unchanged": 2, "skipped": 1}
    assert stored(world) == ALL


def test_a_person_whom_moco_forbids_is_held_and_a_refused_key_stops_the_run(world: World) -> None:
    world.door.forbidden = {world.user_id(FOO)}
    finished = world.run("presences")
    assert (finished.code, finished.counts) == (3, {"read": 5, "created": 2, "skipped": 1, "held": 2})
    assert {each["reason"] for each in finished.document["held"]} == {"FORBIDDEN"}
    world.door.forbidden = set()
    world.configure(moco__concurrency=1)
    world.moco.fault(AnswerInstead(401), method="POST", path=PATH, nth=2)
    stopped = world.run("presences")
    assert (stopped.code, stopped.counts) == (12, {"read": 5, "skipped": 1, "pending": 4})
    assert world.run("presences").code == 0
    assert stored(world) == ALL


def test_days_of_a_deactivated_person_are_held_unless_a_presence_is_there(world: World) -> None:
    by_hand(world, GRIT, MONDAY, "08:00", "08:10")
    world.moco.edit(replace(world.moco.state.users[world.user_id(GRIT)], active=False))
    finished = world.run("presences")
    assert (finished.code, finished.counts) == (3, {"read": 5, "created": 2, "skipped": 2, "held": 1})
    assert reasons(finished) == {(world.user_id(GRIT), "2024-03-05"): "FORBIDDEN"}


def test_a_moco_that_ignores_for_whom_a_request_is_made_stops_everything(world: World) -> None:
    def forget_person(environ: Any, body: bytes) -> None:
        del environ["HTTP_X_IMPERSONATE_USER_ID"]

    world.door.watch = forget_person
    finished = world.run("presences")
    world.door.watch = None
    assert (finished.code, "instead of" in finished.message, len(sent(world))) == (12, True, 1)


# -- verify --------------------------------------------------------------------------------------------------------


def test_verify_lists_what_was_deleted_what_was_edited_and_what_the_records_no_longer_say(world: World) -> None:
    assert world.run("presences").code == 0
    world.moco.edit(replace(presence(world, FOO, TUESDAY), start=480))
    edited = world.run("verify")
    assert (edited.code, edited.document["presences"]["kinds"], edited.document["presences"]["unexplained"]) == (
        0,
        {"edited": 1},
        {},
    )
    world.moco.remove(presence(world, GRIT, MONDAY))
    world.change(105, hours="7:00", seconds=25_200)
    assert world.run("sync").code == 0
    world.forget_requests()
    finished = world.run("verify")
    told = finished.document["presences"]
    assert (finished.code, told["unexplained"], world.writes()) == (4, {"changed": 1}, [])
    report = world.run("report", "-o", str(world.folder / "out"), "--format", "json")
    assert (report.code, "presences_differ" in report.document["reasons"]) == (4, True)
    assert {(each["date"], each["kind"], each["source"], each["target"]) for each in told["differences"]} == {
        ("2024-03-05", "edited", "09:00-10:30", "2024-03-05 08:00-10:30"),
        ("2024-03-04", "deleted", "09:00-09:10", ""),
        ("2024-03-05", "changed", "420 minutes", "479 minutes"),
    }
    # What a person deleted is not brought back, what a person changed not changed again.
    before = stored(world)
    assert world.run("presences").counts == AGAIN
    assert (stored(world), world.writes()) == (before, [])


# -- undo ----------------------------------------------------------------------------------------------------------


def test_undo_deletes_what_the_run_made_where_nobody_changed_it_until_it_is_released(world: World) -> None:
    run = str(world.run("presences").document["run"])
    at_home = presence(world, FOO, TUESDAY)
    later = at_home.updated_at + timedelta(hours=1)
    world.moco.state.presences[at_home.id] = replace(at_home, is_home_office=True, updated_at=later)
    world.moco.remove(presence(world, GRIT, MONDAY))
    by_hand(world, GRIT, WEDNESDAY, "09:00", "10:00")
    world.forget_requests()
    dry = world.run("undo", run, "--dry-run")
    assert (dry.code, dry.document["counts"]["pending"], world.writes()) == (3, 4, [])
    assert world.run("undo", run).code == 2
    finished = world.run("undo", "last", "--yes")
    counts = {word: count for word, count in finished.document["counts"].items() if count}
    assert (finished.code, counts) == (3, {"created": 6, "undone": 4, "gone": 1, "stays": 1})
    (stays,) = finished.document["stays"]
    assert (stays["date"], "changed in MOCO" in stays["message"]) == ("2024-03-05", True)
    assert stored(world) == [(FOO, TUESDAY, "09:00-10:30"), (GRIT, WEDNESDAY, "09:00-10:00")]
    held = world.run("presences")
    assert (held.code, held.counts) == (0, {"read": 5, "unchanged": 2, "skipped": 1, "held": 2})
    again = world.run("undo", run, "--yes")
    assert (again.code, again.document["counts"]["undone_before"], again.document["counts"]["undone"]) == (3, 4, 0)
    assert world.run("undo", run, "--release").document["counts"] == {"released": 2}
    # What a person deleted is not brought back, released or not.
    assert world.run("presences").counts == {"read": 5, "created": 2, "unchanged": 2, "skipped": 1}
    kept = [each for each in ALL if each[:2] != (GRIT, MONDAY)]
    assert stored(world) == sorted([*kept, (GRIT, WEDNESDAY, "09:00-10:00")])


def test_an_undo_with_lost_answers_and_a_kill_takes_back_all_the_same(world: World) -> None:
    assert world.run("presences").code == 0
    world.moco.fault(LoseAnswer(502), method="DELETE", path=PATH)
    world.moco.fault(AnswerInstead(503), method="DELETE", path=PATH, nth=2)
    assert world.run_and_strike(At(4), "undo", "last", "--yes").code == -signal.SIGKILL
    assert world.run("undo", "last", "--yes").code == 0
    assert stored(world) == []
    assert world.run("presences").counts == {"read": 5, "skipped": 1, "held": 4}
    assert stored(world) == []
