"""`report` after people moved time in MOCO to another project or customer: each side stands where that side has it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.system.export import Project, Record
from tests.system.harness import World
from tests.system.inside import run_inside

ALPHA, BETA, ONLY_THERE = "Alpha GmbH", "Beta AG", "Gamma KG"
PLACES = (Project(2, "Website", ALPHA), Project(3, "Shop", BETA), Project(4, "Pflege", ALPHA))
RECORDS = (
    *(Record(101 + n, 1, 2, date(2024, 10, 1 + n), "8", 28_800) for n in range(3)),
    *(Record(201 + n, 1, 3, date(2024, 10, 11 + n), "4", 14_400) for n in range(3)),
    *(Record(301 + n, 1, 4, date(2024, 10, 21 + n), "1", 3_600, status=(1, 2, 0)[n]) for n in range(3)),
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """MOCO's hours by customer and project as MOCO itself has them, and what was written."""

    there: Counter[tuple[str, str]]
    only_there: int
    """MOCO's number of the project that ActiveCollab does not have."""
    report: Json
    folder: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with World(tmp_path_factory.mktemp("moved"), RECORDS, projects=PLACES) as world:
        place = next(each.id for each in world.moco.state.projects.values() if each.name == "Pflege")
        rows = f"kind,source_id,action,target_id\nproject,4,map,{place}\n"
        (world.folder / "map.csv").write_text(rows, encoding="utf-8")
        mapped = ("map", "apply", str(world.folder / "map.csv"))
        for words in (("read",), mapped, ("sync",), ("verify", "--full")):
            assert run_inside(world, *words).code == 0
        only_there = _work_on(world)
        run_inside(world, "verify", "--full")
        folder = world.folder / "out"
        run_inside(world, "report", "-o", str(folder), "--format", "html,csv,json", "--lang", "en")
        state = world.moco.state
        there = Counter[tuple[str, str]]()
        for each in world.moco.activities:
            project = state.projects[each.project_id]
            there[state.companies[project.company_id].name, project.name] += each.seconds
        report: Json = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        yield Made(there, only_there, report, folder)


def _work_on(world: World) -> int:
    """Two activities are moved, a project is handed to another customer, a copy is made that no record has."""
    state = world.moco.state
    projects = {each.name: each for each in state.projects.values()}
    companies = {each.name: each for each in state.companies.values()}
    gamma = world.moco.add_project(world.moco.add_company(ONLY_THERE), "Intern")
    world.moco.add_task(gamma, "Allerlei")
    for number, project in ((101, projects["Shop"]), (202, gamma)):
        task = state.tasks_of(project.id)[0]
        world.moco.edit(replace(world.activity(number), project_id=project.id, task_id=task.id))
    world.moco.edit(replace(projects["Pflege"], company_id=companies[BETA].id))
    world.moco.edit(replace(world.activity(303), billable=True))
    like = world.activity(201)
    world.moco.add_activity(
        *(state.users[like.user_id], state.tasks[like.task_id], like.date, 600),
        remote_service=like.remote_service,
        remote_id="ac:main:99999",
    )
    return gamma.id


def test_each_side_counts_where_that_side_has_it(made: Made) -> None:
    customers = {each["name"]: each for each in made.report["customers"]}
    found = {name: (each["source"]["hours"], each["target"]["seconds"]) for name, each in customers.items()}
    there = {name: sum(seconds for (who, _), seconds in made.there.items() if who == name) for name in customers}
    assert found == {ALPHA: (27, there[ALPHA]), BETA: (12, there[BETA]), ONLY_THERE: (0, there[ONLY_THERE])}
    told = Counter[tuple[str, str]]()
    for each in customers.values():
        for project in each["projects"]:
            told[each["name"], project["name"]] += project["target"]["seconds"]
    assert +told == made.there
    reasons = {
        name: {rule: time["hours"] for rule, time in each["by_rule"].items()} for name, each in customers.items()
    }
    assert reasons[ALPHA] == {"edited_in_moco": -8, "elsewhere_in_moco": -3}
    assert reasons[ONLY_THERE] == {"edited_in_moco": 4}
    assert {rule: time["seconds"] for rule, time in made.report["totals"]["by_rule"].items()} == {"unexplained": 600}


def test_what_only_moco_has_is_a_project_of_its_own_that_is_marked(made: Made) -> None:
    (gamma,) = next(each for each in made.report["customers"] if each["name"] == ONLY_THERE)["projects"]
    assert (gamma["id"], gamma["name"], gamma["only_in_moco"]) == (-made.only_there, "Intern", True)
    page = html.document_fromstring((made.folder / "report.html").read_text(encoding="utf-8"))
    links = {str(each.get("href")): each for each in page.xpath("//section[@id='totals']//tr[@class='project']//a")}
    assert len(links) == sum(len(each["projects"]) for each in made.report["customers"])
    assert all((made.folder / href).is_file() for href in links)
    marked = links[f"projects/moco-{made.only_there}.html"].getparent()
    assert "only in MOCO" in marked.text_content()
    # Its file lists the record that MOCO holds there.
    text = (made.folder / f"projects/moco-{made.only_there}.html").read_text(encoding="utf-8")
    assert ">202<" in text.replace(" ", "").replace("</a>", "<")
    totals = (made.folder / "totals.csv").read_text(encoding="utf-8")
    assert f"{ONLY_THERE},Intern (only in MOCO)," in totals


def test_the_difference_says_where_moco_has_it_now(made: Made) -> None:
    listed = {each["source_id"]: each for each in made.report["differences"]["listed"]}
    assert [listed[101][name] for name in ("customer", "target_customer", "target_project_id", "target_project")] == [
        *(ALPHA, BETA, 3, "Shop")
    ]
    with (made.folder / "differences.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Project in MOCO now"]]
    assert {(row["Customer"], row["Customer in MOCO now"], row["Project in MOCO now"]) for row in rows} >= {
        *((ALPHA, BETA, "Shop"), (BETA, ONLY_THERE, "Intern"))
    }
    page = html.document_fromstring((made.folder / "report.html").read_text(encoding="utf-8"))
    assert f"in MOCO now: {ONLY_THERE} · Intern" in " ".join(page.text_content().split())


def test_open_hours_stand_under_the_customer_that_moco_invoices(made: Made) -> None:
    rows = {each.pop("customer"): {key: time["seconds"] for key, time in each.items()} for each in _open(made)}
    for name, row in rows.items():
        assert row["target_open"] == sum(seconds for (who, _), seconds in made.there.items() if who == name)
    assert rows[ALPHA]["in_moco"] == 16 * 3_600
    assert (rows[ALPHA]["source_open"], rows[ALPHA]["apart"]) == (25 * 3_600, -9 * 3_600)
    beta = rows[BETA]
    assert (beta["pending_in_moco"], beta["made_billable"], beta["without_record"]) == (3_600, 3_600, 600)
    assert rows[ONLY_THERE]["in_moco"] == 4 * 3_600


def _open(made: Made) -> list[Json]:
    return [dict(each) for each in made.report["open_hours"]]


def test_an_activity_without_a_record_counts_with_the_person_it_is_booked_on(made: Made) -> None:
    assert [(each["id"], each["name"]) for each in made.report["people"]] == [(1, "Foo Bar")]
