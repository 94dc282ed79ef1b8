"""The made-up agency in a running ActiveCollab: the same as in its files, and what people do there afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.activecollab_edits import live_edits
from migrator.sandbox.activecollab_records import State
from migrator.sandbox.company import Generation, build_agency, write_export
from tests.unit.sandbox_activecollab.installation import told

GENERATIONS: tuple[Generation, ...] = (2, 3, 5)
COMPARED = {
    2: (
        *("id", "body", "state", "visibility", "created_on", "created_by_id", "updated_on", "version", "project_id"),
        *("parent_id", "billable_status", "value", "record_date", "user_id", "is_billable", "is_billed", "permalink"),
    ),
    3: (
        *("id", "class", "created_on", "created_by/id", "updated_on", "state", "is_trashed", "project/id"),
        *("parent_class", "parent_id", "billable_status", "value", "record_date", "summary", "user/id", "user/email"),
        *("job_type/id", "job_type/name"),
    ),
}


def noon() -> datetime:
    return datetime(2025, 10, 1, 12, tzinfo=UTC)


def fetched(sandbox: ActiveCollabSandbox, command: str) -> bytes:
    """The body that a command answers with 200."""
    client = sandbox.wsgi.test_client()
    if sandbox.generation == 5:
        response = client.get(f"/api/v1/{command}", headers={"X-Angie-AuthApiToken": sandbox.token})
    else:
        name = "token" if sandbox.generation == 2 else "auth_api_token"
        response = client.get(f"/api.php?path_info={command}&{name}={sandbox.token}&dont_limit_result=1")
    assert response.status_code == 200
    body: bytes = response.get_data()
    return body


@pytest.mark.parametrize("generation", [2, 3])
def test_served_time_says_the_same_as_the_file_but_for_the_trash(generation: Generation, tmp_path: Path) -> None:
    agency = build_agency(7, 400, generation=generation)
    write_export(agency, tmp_path)
    sandbox = ActiveCollabSandbox.of(agency)
    command = "time" if generation == 2 else "tracking"
    compared = 0
    for project in agency.cast.projects:
        saved = list(etree.parse(tmp_path / f"time-{project.id}.xml").getroot())
        shown = {
            facts_of(each, generation)
            for each in etree.fromstring(fetched(sandbox, f"projects/{project.id}/{command}"))
        }
        assert shown == {facts_of(each, generation) for each in saved if told(each, "state") != "1"}
        compared += len(shown)
    assert compared > 390


def facts_of(element: etree._Element, generation: int) -> tuple[str | None, ...]:
    names = COMPARED[generation] if told(element, "class") != "Expense" else ("id", "class", "value", "summary")
    return tuple(told(element, name) for name in names)


def test_served_time_of_generation_5_is_what_the_files_hold(tmp_path: Path) -> None:
    agency = build_agency(7, 400, generation=5)
    write_export(agency, tmp_path)
    sandbox = ActiveCollabSandbox.of(agency)
    for project in agency.cast.projects:
        saved = saved_time(tmp_path / f"time-{project.id}.json")
        shown: list[dict[str, Any]] = []
        for page in range(1, 10):
            shown += (
                json.loads(fetched(sandbox, f"projects/{project.id}/time-records?page={page}"))["time_records"] or []
            )
        listed = {each["id"]: each for each in saved if not each["is_trashed"]}
        assert {each["id"]: each for each in shown} == listed


def saved_time(path: Path) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["time_records"] or []
    return records


@pytest.mark.parametrize("generation", GENERATIONS)
def test_everything_of_the_agency_is_there(generation: Generation) -> None:
    agency = build_agency(7, 400, generation=generation)
    sandbox = ActiveCollabSandbox.of(agency)
    state, facts = sandbox.state, agency.facts
    assert (len(state.people), len(state.companies), len(state.projects)) == (
        facts.people,
        facts.companies,
        facts.projects,
    )
    assert (len(state.tasks), len(sandbox.records)) == (facts.tickets, facts.total.records)
    trashed = [each for each in sandbox.records.values() if each.state is State.TRASHED]
    assert len(trashed) == facts.trashed.records
    assert state.people[sandbox.owner_id].administrator


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("seed", [1, 7])
def test_five_edits_happen_to_a_running_activecollab(generation: Generation, seed: int) -> None:
    agency = build_agency(seed, 400, generation=generation)
    sandbox = ActiveCollabSandbox.of(agency, now=noon)
    before = sandbox.records
    edits = live_edits(sandbox, agency)
    after = sandbox.records
    changed = {each for each in before if before[each] != after[each]}
    assert after.keys() - before.keys() == {edits.added.id}
    assert changed == {edits.lengthened.id, edits.moved.id, edits.handed_over.id, edits.trashed.id}
    assert len(changed) == 4
    assert after[edits.lengthened.id].seconds > before[edits.lengthened.id].seconds
    assert after[edits.moved.id].project_id == edits.moved.after.project.id != before[edits.moved.id].project_id
    assert after[edits.handed_over.id].user_id == edits.handed_over.after.person.id
    assert after[edits.handed_over.id].user_id != before[edits.handed_over.id].user_id
    assert after[edits.trashed.id].state is State.TRASHED
    for found in changed:
        assert after[found].version == before[found].version + 1
        assert after[found].updated_on == noon()


def test_the_facts_follow_the_edits() -> None:
    agency = build_agency(7, 400)
    sandbox = ActiveCollabSandbox.of(agency, now=noon)
    facts = live_edits(sandbox, agency).agency.facts
    assert facts.total.records == len(sandbox.records)
    odd = sum(each.seconds for each in sandbox.records.values() if "value" in each.as_is)
    assert facts.total.seconds == sum(each.seconds for each in sandbox.records.values()) - odd


def test_the_description_names_ids_and_no_people() -> None:
    agency = build_agency(7, 400)
    edits = live_edits(ActiveCollabSandbox.of(agency, now=noon), agency)
    story = "\n".join(edits.lines)
    changed = (edits.lengthened, edits.added, edits.moved, edits.handed_over, edits.trashed)
    assert all(f"time record {each.id}:" in story for each in changed)
    assert not any(person.first_name in story for person in agency.cast.people)
