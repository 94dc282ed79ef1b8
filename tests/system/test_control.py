"""`verify --control`: totals of ActiveCollab's own reports prove that the source was read whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.system.export import COMPANY, PEOPLE, PROJECTS, some_records
from tests.system.harness import Finished, World

RECORDS = some_records(20)
TRASHED = 103


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A finished migration of twenty records, one of which ActiveCollab has in its trash."""
    records = [replace(each, trashed=each.id == TRASHED) for each in RECORDS]
    with World(tmp_path_factory.mktemp("control"), records) as made:
        assert made.run("sync").code == 0
        yield made


def hours(**of: object) -> float:
    """What ActiveCollab's own report would show, counted apart from the product."""
    return (
        sum(
            each.seconds
            for each in RECORDS
            if each.id != TRASHED and all(getattr(each, name) == value for name, value in of.items())
        )
        / 3600
    )


def checked(world: World, content: str) -> Finished:
    (world.folder / "totals.csv").write_text(content, encoding="utf-8")
    return world.run("verify", "--control", str(world.folder / "totals.csv"))


def test_totals_that_are_met_are_proof_and_kept_for_the_report(world: World) -> None:
    clock = round(hours(project=3) * 60)
    rows = [
        "Jahr;Monat;Kunde;Projekt;Mitarbeiter;Status;Stunden",
        f"2024;;{COMPANY};;;;{hours():.2f}".replace(".", ","),
        f";;;{PROJECTS[0].name};;;{hours(project=2):.2f}".replace(".", ","),
        f";;;{PROJECTS[1].name};;;{clock // 60}:{clock % 60:02}",
        f";;;;{PEOPLE[1].first} {PEOPLE[1].last};abrechenbar;{hours(person=2, status=1):.2f}".replace(".", ","),
    ]
    content = "\n".join(rows)
    verified = checked(world, content)
    assert verified.code == 0, verified
    assert verified.document["verdict"].startswith("All 4 control totals of totals.csv are met")
    control = verified.document["control"]
    assert [control["agrees"], control["missed"], control["not_counted"]["trashed"]["records"]] == [True, 0, 1]
    assert [row["label"] for row in control["rows"]][:2] == [f"2024 · {COMPANY}", PROJECTS[0].name]
    assert world.run("report", "-o", "report", "--format", "json").code == 0
    kept = json.loads((world.folder / "report" / "report.json").read_text(encoding="utf-8"))["control"]
    assert (kept["file"], kept["agrees"]) == ("totals.csv", True)
    assert kept["sha256"] == hashlib.sha256((world.folder / "totals.csv").read_bytes()).hexdigest()
    assert [row["read"]["seconds"] for row in kept["rows"]] == [row["read"] for row in control["rows"]]


def test_a_total_that_is_missed_is_named_with_both_figures(world: World) -> None:
    verified = checked(
        world,
        f"month,project,hours\n,,{hours() + 1.5:.2f}\n2019-01,,2:00\n,{PROJECTS[0].name},{hours(project=2):.2f}\n",
    )
    assert verified.code == verified.document["exit_code"] == 4
    assert verified.document["verdict"].startswith("2 of 3 control totals of totals.csv are missed. The books agree.")
    first, second, third = verified.document["control"]["rows"]
    # Hours with two decimals leave 18 s open.
    assert first["label"] == "everything"
    assert abs(first["expected"] - first["read"] - 5400) <= first["within"] == 18
    assert (second["label"], second["expected"], second["read"]) == ("2019-01", 7200, 0)
    assert abs(third["expected"] - third["read"]) <= third["within"]


def test_a_file_that_cannot_be_used_is_refused_before_moco_is_asked(world: World) -> None:
    world.forget_requests()
    refused = checked(world, "project,hours\nNobody's,1.00\n,abc\n")
    assert (refused.code, world.moco.requests) == (2, [])
    assert "totals.csv:2: project" in refused.message
    assert "totals.csv:3: hours 'abc'" in refused.message
    absent = world.run("verify", "--control", "nowhere.csv")
    assert (absent.code, "nowhere.csv" in absent.message) == (2, True)
