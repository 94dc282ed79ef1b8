"""The demo's own proofs notice what is wrong, and its story reads the same on every kind of page."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from migrator.app.demo.checks import (
    Check,
    check_arrived,
    check_books,
    check_lost,
    check_moco,
    check_read,
    check_reads_only,
    check_source_untouched,
    check_untouched,
    markers_in,
    require,
)
from migrator.app.demo.command import demo
from migrator.app.demo.edits import Meanwhile, go_on
from migrator.app.demo.stage import Stage, marker_of, staged
from migrator.app.demo.story import Page, Story, Tone
from migrator.app.progress import LoggedProgress
from migrator.app.reading.command import read_source
from migrator.errors import MigratorError, UsageError
from migrator.sandbox.company import Fate, fate_of
from migrator.sandbox.faults import LoseAnswer
from migrator.sandbox.moco_records import Activity

RECORDS = 60


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(LoggedProgress(), RECORDS, tmp_path / "stage") as built:
        yield built


def book_everything(stage: Stage) -> None:
    """Put every record that is ready into the simulated MOCO, without the product."""
    moco, furnished = stage.moco, stage.furnished
    tasks = {task.project_id: task for task in moco.state.tasks.values()}
    for record in stage.agency.records():
        if fate_of(record) is Fate.READY:
            moco.add_activity(
                moco.state.users[furnished.user_ids[record.person.id]],
                tasks[furnished.project_ids[record.project.id]],
                record.day,
                record.readable_seconds,
                remote_id=f"ac:main:{record.id}",
            )


def failing(checks: tuple[Check, ...]) -> set[str]:
    return {check.name for check in checks if not check.holds}


# -- proofs --------------------------------------------------------------------------------------------------------


def test_moco_with_everything_booked_once_passes(stage: Stage) -> None:
    book_everything(stage)

    assert failing(check_moco(stage, stage.agency)) == set()


def test_an_empty_moco_does_not_pass(stage: Stage) -> None:
    assert failing(check_moco(stage, stage.agency)) == {"nothing is missing", "to the second"}


def test_a_record_that_is_there_twice_is_noticed(stage: Stage) -> None:
    book_everything(stage)
    first = stage.moco.activities[0]
    stage.moco.edit(replace(first, id=first.id + 1_000_000))

    assert failing(check_moco(stage, stage.agency)) == {"every record once", "to the second"}


@pytest.mark.parametrize("field", ["user_id", "project_id"])
def test_an_entry_in_the_wrong_place_is_noticed(stage: Stage, field: str) -> None:
    book_everything(stage)
    first = stage.moco.activities[0]
    stage.moco.edit(replace(first, user_id=-1) if field == "user_id" else replace(first, project_id=-1))

    assert failing(check_moco(stage, stage.agency)) == {"person, project, day and length"}


def test_a_second_too_many_is_noticed(stage: Stage) -> None:
    book_everything(stage)
    first = stage.moco.activities[0]
    stage.moco.edit(replace(first, seconds=first.seconds + 1))

    assert failing(check_moco(stage, stage.agency)) == {"person, project, day and length", "to the second"}


def test_an_entry_that_nobody_booked_is_noticed(stage: Stage) -> None:
    book_everything(stage)
    stage.moco.edit(replace(stage.moco.activities[0], id=999, remote_id="ac:main:1", seconds=0))

    assert failing(check_moco(stage, stage.agency)) == {"nothing is missing", "person, project, day and length"}


def test_leaving_out_one_record_more_than_the_agency_knows_is_noticed(stage: Stage) -> None:
    facts = stage.agency.facts
    held = facts.person_missing.records + facts.project_archived.records + facts.person_deactivated.records
    counts = {"held": held, "rejected": facts.rejected.records, "skipped": facts.zero_duration.records}

    assert check_books(stage, stage.agency, counts).holds
    assert not check_books(stage, stage.agency, {**counts, "held": held + 1}).holds


def test_what_is_thrown_away_after_the_first_reading_is_left_out_as_well(stage: Stage) -> None:
    facts = stage.agency.facts
    held = facts.person_missing.records + facts.project_archived.records + facts.person_deactivated.records
    counts = {"held": held, "rejected": facts.rejected.records, "skipped": facts.zero_duration.records + 1}
    book_everything(stage)

    assert not check_books(stage, stage.agency, counts).holds
    assert check_books(stage, go_on(stage).edits.agency, counts).holds


def test_a_lost_answer_is_proved_only_while_its_record_was_sent_once(stage: Stage) -> None:
    contract = next(iter(stage.moco.state.contracts.values()))
    task = next(each for each in stage.moco.state.tasks.values() if each.project_id == contract.project_id)
    row = {
        "date": "2025-03-03",
        "seconds": 900,
        "project_id": task.project_id,
        "task_id": task.id,
        "description": "a",
        "remote_id": "ac:main:7",
    }
    stage.moco.fault(LoseAnswer(), method="POST", path="/activities/bulk")

    def post() -> int:
        headers = {
            "Authorization": f"Token token={stage.furnished.api_key}",
            "X-IMPERSONATE-USER-ID": str(contract.user_id),
        }
        url = f"{stage.moco_url}/api/v1/activities/bulk"
        return requests.post(url, json={"activities": [row]}, headers=headers, timeout=5).status_code

    assert check_reads_only(stage).holds
    assert post() == 502
    assert check_lost(stage, ["ac:main:7"]).holds
    assert not check_reads_only(stage).holds
    assert post() == 200
    assert not check_lost(stage, ["ac:main:7"]).holds


def test_nothing_lost_proves_nothing(stage: Stage) -> None:
    assert not check_lost(stage, []).holds


@pytest.mark.parametrize(
    ("body", "markers"),
    [
        (json.dumps({"activities": [{"remote_id": "a"}, {"remote_id": "b"}]}).encode(), ("a", "b")),
        (b'{"remote_id": "a"}', ("a",)),
        (b'{"name": "a task"}', ()),
        (b"[1]", ()),
        (b"", ()),
    ],
)
def test_markers_are_found_in_every_kind_of_request(body: bytes, markers: tuple[str, ...]) -> None:
    assert markers_in(body) == markers


def test_a_project_that_was_not_read_as_it_is_is_noticed(stage: Stage) -> None:
    projects: Any = read_source(stage.place, ()).document["projects"]
    largest = max(projects, key=lambda each: int(each["records"]))
    rest = [each for each in projects if each is not largest]

    assert check_read(stage, projects).holds
    assert not check_read(stage, rest).holds
    for wrong in ({"records": 0}, {"seconds": 1}, {"rejects": 1}, {"complete": False}, {"id": -1}):
        assert not check_read(stage, [*rest, largest | wrong]).holds, wrong


def test_a_reading_asks_activecollab_and_writes_nothing_there(stage: Stage) -> None:
    read_source(stage.place, ())
    assert stage.activecollab.requests
    assert check_source_untouched(stage).holds

    url = f"{stage.activecollab_url}/projects/{stage.agency.cast.projects[0].id}/time-records"
    requests.post(url, json={}, headers={"X-Angie-AuthApiToken": stage.activecollab.token}, timeout=5)
    assert not check_source_untouched(stage).holds


# -- what people do on both sides ----------------------------------------------------------------------------------


def carry_over(stage: Stage, meanwhile: Meanwhile) -> None:
    """Bring MOCO up to date with all five edits, without the product."""
    edits, before, moco = meanwhile.edits, meanwhile.before, stage.moco
    users, projects = stage.furnished.user_ids, stage.furnished.project_ids
    tasks = {task.project_id: task for task in moco.state.tasks.values()}
    moco.edit(replace(before[edits.lengthened.id], seconds=edits.lengthened.after.readable_seconds))
    project_id = projects[edits.moved.after.project.id]
    moco.edit(replace(before[edits.moved.id], project_id=project_id, task_id=tasks[project_id].id))
    moco.remove(before[edits.trashed.id])
    moco.remove(before[edits.handed_over.id])
    for record in (edits.handed_over.after, edits.added):
        moco.add_activity(
            moco.state.users[users[record.person.id]],
            tasks[projects[record.project.id]],
            record.day,
            record.readable_seconds,
            remote_id=marker_of(record.id),
        )


def only(stage: Stage, record_id: int) -> Activity:
    (found,) = stage.moco.with_marker(marker_of(record_id))
    return found


def test_five_edits_are_proved_when_moco_has_them_all(stage: Stage) -> None:
    book_everything(stage)
    meanwhile = go_on(stage)
    assert failing(check_arrived(stage, meanwhile)) == {
        *("edited", "added", "moved", "another person's", "thrown away"),
    }

    carry_over(stage, meanwhile)

    assert failing(check_arrived(stage, meanwhile)) == set()
    assert failing(check_moco(stage, meanwhile.edits.agency)) == set()
    assert check_untouched(stage, meanwhile.by_hand).holds


@pytest.mark.parametrize("name", ["edited", "moved"])
def test_an_edit_that_arrives_in_a_new_activity_is_noticed(stage: Stage, name: str) -> None:
    book_everything(stage)
    meanwhile = go_on(stage)
    carry_over(stage, meanwhile)
    edits = meanwhile.edits
    activity = only(stage, edits.lengthened.id if name == "edited" else edits.moved.id)
    stage.moco.remove(activity)
    stage.moco.edit(replace(activity, id=activity.id + 1_000_000))

    assert failing(check_arrived(stage, meanwhile)) == {name}


def test_an_activity_that_is_left_with_the_first_person_is_noticed(stage: Stage) -> None:
    book_everything(stage)
    meanwhile = go_on(stage)
    carry_over(stage, meanwhile)
    stage.moco.edit(meanwhile.before[meanwhile.edits.handed_over.id])

    assert failing(check_arrived(stage, meanwhile)) == {"another person's"}


def test_the_colleague_corrects_an_entry_that_activecollab_leaves_alone(stage: Stage) -> None:
    book_everything(stage)
    meanwhile = go_on(stage)

    assert meanwhile.by_hand.remote_id not in {marker_of(record_id) for record_id in meanwhile.before}
    assert len(meanwhile.lines) == 6


def test_a_proof_that_fails_is_named() -> None:
    with pytest.raises(MigratorError, match=r"every record once: 2 of them twice"):
        require(Check("fine", True, "1"), Check("every record once", False, "2 of them twice"))


# -- the folder ----------------------------------------------------------------------------------------------------


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match="not empty"):
        demo(LoggedProgress(), keep=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_too_few_records_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 50"):
        demo(LoggedProgress(), records=49, keep=tmp_path / "new")
    assert not (tmp_path / "new").exists()


# -- the story -----------------------------------------------------------------------------------------------------


def tell_all(story: Story) -> None:
    story.title("Title", ["a line"])
    story.chapter("Read", "Why.", "migrator read")
    story.say("plain [bold]", "second")
    story.say("proved", tone=Tone.PROVED)
    story.table(("action", "records"), [("create", "12")])
    story.part("Next")
    story.facts([("folder", "/tmp/" + "long" * 40)])


def test_each_piece_is_told_at_once_and_nothing_is_left() -> None:
    told: list[str] = []
    story = Story(Page(), told.append)
    story.title("Title", [])

    assert told == ["Title"]
    assert story.untold == ""


def test_without_a_listener_the_whole_story_is_kept() -> None:
    told: list[str] = []
    tell_all(Story(Page(), told.append))
    story = Story(Page(), None)
    tell_all(story)

    assert story.untold == "\n".join(told)


def test_chapters_are_numbered_and_name_the_command() -> None:
    story = Story(Page(width=60), None)
    story.chapter("Read", "Why.", "migrator read")
    story.chapter("Map", "Why.", "migrator map suggest", "migrator map apply map.csv")

    lines = story.untold.splitlines()
    assert [line.split(" ─")[0] for line in lines if "─" in line] == ["1  Read", "2  Map"]
    assert [line for line in lines if "$" in line] == [
        "   $ migrator read",
        "   $ migrator map suggest",
        "   $ migrator map apply map.csv",
    ]


def test_a_plain_page_gets_no_colour_and_only_ascii_signs() -> None:
    story = Story(Page(colour=False, fancy=False), None)
    tell_all(story)

    assert story.untold.isascii()
    assert "\x1b" not in story.untold
    assert "   ok proved" in story.untold
    assert "plain [bold]" in story.untold


def test_colour_changes_nothing_but_colour() -> None:
    plain, coloured = Story(Page(), None), Story(Page(colour=True), None)
    tell_all(plain)
    tell_all(coloured)

    assert "\x1b[" in coloured.untold
    assert _without_colour(coloured.untold) == plain.untold


def _without_colour(text: str) -> str:
    stripped = "".join(part.partition("m")[2] if at else part for at, part in enumerate(text.split("\x1b[")))
    return "\n".join(line.rstrip() for line in stripped.split("\n"))


def test_a_path_longer_than_the_page_stays_in_one_piece() -> None:
    story = Story(Page(width=40), None)
    story.facts([("folder", "/tmp/" + "x" * 100)])

    assert story.untold == "   folder  /tmp/" + "x" * 100


def test_a_sentence_goes_on_below_its_beginning() -> None:
    story = Story(Page(width=40), None)
    story.say("word " * 12, tone=Tone.PROVED)

    first, second, *_ = story.untold.splitlines()
    assert first.startswith("   ✓ word")
    assert second.startswith("     word")


def test_a_stream_that_is_no_terminal_gets_no_colour() -> None:
    assert not Page.of(io.TextIOWrapper(io.BytesIO(), encoding="ascii")).colour
    assert not Page.of(io.TextIOWrapper(io.BytesIO(), encoding="ascii")).fancy
    assert Page.of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")).fancy
