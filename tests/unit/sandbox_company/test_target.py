"""The MOCO account that belongs to the agency."""

from __future__ import annotations

import pytest

from migrator.sandbox.company import InMoco, build_agency, furnish, mapping_choices, target_of
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import Permission

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_moco_knows_all_but_one_person_by_mail(seed: int) -> None:
    agency = build_agency(seed, 100)
    known = {person.email for person in target_of(agency).people}
    unknown = [person for person in agency.cast.people if person.email.lower() not in known]
    assert [person.in_moco for person in unknown] == [InMoco.MISSING]
    assert sum(not person.active for person in target_of(agency).people) == 1
    assert all(person.lastname for person in target_of(agency).people)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_project_is_written_differently_and_one_is_archived(seed: int) -> None:
    agency = build_agency(seed, 100)
    here = {project.id: project.name for project in agency.cast.projects}
    there = target_of(agency).projects
    assert [(here[each.source_id], each.name) for each in there if here[each.source_id] != each.name] == [
        ("Relaunch Website", "Relaunch Web-Site 2022")
    ]
    assert [each.active for each in there].count(False) == 1
    assert {each.company for each in there} <= set(target_of(agency).companies)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_default_task_is_missing_in_most_projects_and_half_of_the_people_are_assigned(seed: int) -> None:
    side = target_of(build_agency(seed, 100))
    assert 1 <= sum("ActiveCollab" in project.tasks for project in side.projects) <= 6
    assert all(project.tasks for project in side.projects)
    assert {len(project.assigned) for project in side.projects} == {len(side.people) // 2}


def test_a_person_decides_on_the_renamed_project_and_the_missing_person() -> None:
    agency = build_agency(7, 2000)
    user, project = mapping_choices(agency)
    assert (user.kind, user.action, user.source_name) == ("user", "hold", agency.facts.held_because_of)
    assert (project.kind, project.action) == ("project", "map")
    assert (project.source_name, project.target_name) == ("Relaunch Website", "Relaunch Web-Site 2022")


def test_a_furnished_sandbox_holds_what_was_counted() -> None:
    agency, sandbox = build_agency(7, 2000), MocoSandbox()
    furnished = furnish(agency, sandbox)
    state = sandbox.state
    assert len(state.users) == furnished.users == len(agency.cast.people) - 1
    assert len(state.companies) == furnished.companies == 13
    assert len(state.projects) == furnished.projects == 30
    assert len(state.tasks) == furnished.tasks
    assert len(state.contracts) == furnished.contracts
    assert sandbox.activities == []
    renamed = next(each for each in agency.cast.projects if each.name == "Relaunch Website")
    assert state.projects[furnished.project_ids[renamed.id]].name == "Relaunch Web-Site 2022"


def test_the_key_belongs_to_somebody_who_may_act_for_others() -> None:
    sandbox = MocoSandbox()
    furnished = furnish(build_agency(7, 2000), sandbox)
    owner = sandbox.state.keys[furnished.api_key].user_id
    assert owner is not None
    assert Permission.STAFF in sandbox.state.users[owner].permissions
    answer = sandbox.wsgi.test_client().get(
        "/api/v1/session", headers={"Authorization": f"Token token={furnished.api_key}"}
    )
    assert answer.status_code == 200
