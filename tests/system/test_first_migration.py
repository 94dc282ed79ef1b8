"""A first migration: everything arrives once and right, and whatever follows it writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import pytest

from migrator.sandbox.moco_log import RequestRecord
from tests.system.export import PEOPLE, Record, some_records
from tests.system.harness import KEY, Finished, World

EXAMPLE = """\
<time_records>
  <time_record>
    <id>20</id>
    <type>
      <![CDATA[TimeRecord]]>
    </type>
    <name>
      <![CDATA[3.75 hours]]>
    </name>
    <body>
      <![CDATA[Changed the layout]]>
    </body>
    <state>3</state>
    <visibility>1</visibility>
    <created_on>2008-05-01 16:20:11</created_on>
    <created_by_id>2</created_by_id>
    <updated_on></updated_on>
    <updated_by_id></updated_by_id>
    <version>1</version>
    <permalink>
      <![CDATA[http://www.activecollab.example/public/index.php?path_info=projects/2/time/20]]>
    </permalink>
    <project_id>2</project_id>
    <parent_id></parent_id>
    <milestone_id></milestone_id>
    <permissions>
      <can_edit>1</can_edit>
      <can_delete>1</can_delete>
      <can_change_visibility>1</can_change_visibility>
      <can_move>0</can_move>
      <can_copy>0</can_copy>
    </permissions>
    <billable_status>0</billable_status>
    <value>3.75</value>
    <record_date>2008-05-01</record_date>
    <is_billable>0</is_billable>
    <is_billed>0</is_billed>
    <user_id>1</user_id>
  </time_record>
</time_records>
"""
"""The example of ActiveCollab's Time page, its placeholders filled in."""

MANY = 37
BULK_SIZE = 5

Requests = list[RequestRecord]


@dataclass(frozen=True, slots=True)
class Story:
    """A first migration, and the same commands once more: how each ended and what it sent."""

    world: World
    ended: dict[str, Finished]
    sent: dict[str, Requests]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Record 20 of the documentation and many others, migrated; tasks and assignments were missing in MOCO."""
    folder = tmp_path_factory.mktemp("first")
    with World(folder, some_records(MANY, people=3), complete=False, moco__bulk_size=BULK_SIZE) as world:
        (folder / "export" / "example.xml").write_text(EXAMPLE, encoding="utf-8")
        world.records[20] = Record(20, status=0, text="Changed the layout")
        ended, sent = {}, {}
        for name in ("read", "plan", "apply last", "plan again", "apply the second plan", "sync"):
            world.forget_requests()
            ended[name] = world.run(*_words(name))
            sent[name] = world.moco.requests
        yield Story(world, ended, sent)


def _words(name: str) -> list[str]:
    return {"plan again": "plan", "apply the second plan": "apply last"}.get(name, name).split()


def _writes(requests: Requests) -> Requests:
    return [each for each in requests if each.method != "GET"]


def _of_activities(requests: Requests) -> Requests:
    return [each for each in _writes(requests) if "/activities" in each.path]


def test_every_command_ends_well(story: Story) -> None:
    assert {name: finished.code for name, finished in story.ended.items()} == dict.fromkeys(story.ended, 0)


def test_each_record_is_in_moco_exactly_once_and_right(story: Story) -> None:
    assert story.world.stored() == story.world.wanted()


def test_the_example_of_the_documentation_arrives_field_by_field(story: Story) -> None:
    found = story.world.activity(20)
    state = story.world.moco.state
    assert found.date.isoformat() == "2008-05-01"
    assert found.seconds == found.worked_seconds == 13_500
    assert state.users[found.user_id].email == PEOPLE[0].email
    assert state.projects[found.project_id].name == "Created through API"
    assert (found.billable, found.billed, found.description) == (False, False, "Changed the layout")
    assert (found.remote_id, found.remote_service) == ("ac:main:20", "")
    assert found.remote_url == "http://www.activecollab.example/public/index.php?path_info=projects/2/time/20"
    assert found.timer_started_at is None


def test_the_example_is_booked_by_its_worker_and_not_by_its_creator(story: Story) -> None:
    row = next(each for each in _of_activities(story.sent["apply last"]) if b'"ac:main:20"' in each.body)
    assert row.impersonated == str(story.world.user_id(1))


def test_reading_talks_to_nobody_and_planning_only_reads(story: Story) -> None:
    assert story.sent["read"] == []
    assert {each.method for each in story.sent["plan"]} == {"GET"}
    assert {each.method for each in story.sent["plan again"]} == {"GET"}


@pytest.mark.parametrize("command", ["apply the second plan", "sync"])
def test_a_second_time_nothing_is_written(story: Story, command: str) -> None:
    assert _writes(story.sent[command]) == []
    assert story.ended[command].counts == {"read": MANY + 1, "unchanged": MANY + 1}


def test_a_second_plan_is_empty(story: Story) -> None:
    assert (story.ended["plan"].document["is_noop"], story.ended["plan again"].document["is_noop"]) == (False, True)


def test_every_activity_is_written_in_the_name_of_its_worker_as_json(story: Story) -> None:
    written = _of_activities(story.sent["apply last"])
    state = story.world.moco.state
    for each in written:
        assert each.impersonated is not None
        assert each.content_type == "application/json"
        worker = state.users[int(each.impersonated)].email
        for row in json.loads(each.body)["activities"]:
            wanted = next(one for one in story.world.wanted() if one.marker == row["remote_id"])
            assert wanted.person == worker
    assert len(written) > 1
    assert story.world.door.authorizations == {f"Token token={KEY}"}


def test_every_row_says_whether_it_is_billable(story: Story) -> None:
    for each in _of_activities(story.sent["apply last"]):
        rows = json.loads(each.body)["activities"]
        assert each.body.count(b'"billable": true') + each.body.count(b'"billable": false') == len(rows)


def test_the_first_bulk_of_an_account_carries_one_record(story: Story) -> None:
    sizes = [len(json.loads(each.body)["activities"]) for each in _of_activities(story.sent["apply last"])]
    assert sizes[0] == 1
    assert max(sizes) == BULK_SIZE
    assert sum(sizes) == MANY + 1


def test_there_are_no_more_bulks_than_people_and_size_demand(story: Story) -> None:
    per_person = Counter(record.person for record in story.world.records.values())
    demanded = sum(ceil(count / BULK_SIZE) for count in per_person.values())
    assert len(_of_activities(story.sent["apply last"])) in {demanded, demanded + 1}


def test_each_task_and_assignment_that_was_missing_is_created_once(story: Story) -> None:
    state = story.world.moco.state
    pairs = {(record.project, record.person) for record in story.world.records.values()}
    assert len(state.tasks) == len({project for project, _ in pairs})
    assert len(state.contracts) == len(pairs)
    others = [each for each in _writes(story.sent["apply last"]) if "/activities" not in each.path]
    assert len(others) == len(state.tasks) + len(state.contracts)


def test_the_books_of_the_first_migration_balance(story: Story) -> None:
    document = story.ended["apply last"].document
    seconds = sum(record.seconds for record in story.world.records.values())
    assert story.ended["apply last"].counts == {"read": MANY + 1, "created": MANY + 1}
    assert (document["seconds"]["read"], document["seconds"]["created"]) == (seconds, seconds)
    assert document["requests"]["POST"] == len(_writes(story.sent["apply last"]))
