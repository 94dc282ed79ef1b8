"""`show --format html`: a plan as a page, and what a plan keeps of blocked records and samples, computed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.system.export import PROJECTS, Project, Record, some_records
from tests.system.harness import World
from tests.system.inside import run_inside

MANY = 40
NOWHERE = Project(9, "Nirgendwo")
BAD = 900


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Some records in MOCO, some to come, one changed, some of a project that MOCO does not have, one unusable."""
    records = [replace(each, status=number % 4) for number, each in enumerate(some_records(MANY))]
    with World(tmp_path_factory.mktemp("page"), records[:10], projects=PROJECTS) as world:
        assert world.run("sync").code == 0
        world.projects = (*PROJECTS, NOWHERE)
        lost = [Record(500 + number, project=9, hours="1.5", seconds=5_400) for number in range(7)]
        world.records |= {each.id: each for each in (*records[10:], *lost, Record(BAD, hours="drei"))}
        world.change(101, text="Neu & anders")
        assert world.run("read").code == 3
        assert world.run("plan").code == 0
        yield world


def test_what_is_blocked_is_told_by_reason(planned: World) -> None:
    shown = run_inside(planned, "show", "last", "--format", "json").document
    blocked = {each["reason"]: each for each in shown["blocked"]}
    assert blocked.keys() == {"UNMAPPED", "REJECTED"}
    lost = blocked["UNMAPPED"]
    assert (lost["records"], lost["seconds"], lost["sample_ids"]) == (7, 7 * 5_400, [500, 501, 502, 503, 504])
    assert (blocked["REJECTED"]["records"], blocked["REJECTED"]["sample_ids"]) == (1, [BAD])
    needed = {name: count for name, count in shown["requests_needed"].items() if count}
    assert {each["phase"]: each["requests"] for each in shown["phases"]} == needed


def test_the_samples_show_something_of_everything_with_both_sides(planned: World) -> None:
    shown = run_inside(planned, "show", "last", "--format", "json").document
    samples = {each["source_id"]: each for each in shown["samples"]}
    assert len(samples) == 25
    kinds = Counter((each["action"], each["reason"]) for each in samples.values())
    assert kinds.keys() == {("create", ""), ("update", ""), ("keep", "SAME"), ("hold", "UNMAPPED")}
    assert {each["source"]["billing"] for each in samples.values()} == {0, 1, 2, 3}
    days = [each.day.isoformat() for each in planned.records.values() if each.id != BAD]
    assert {min(days), max(days)} <= {each["source"]["date"] for each in samples.values()}
    changed = samples[101]
    assert changed["activity_id"] == planned.activity(101).id
    assert (changed["source"]["text"], changed["source"]["hours"]) == ("Neu & anders", "3.75")
    assert "Neu & anders" in changed["wanted"]["description"]
    assert "Gerät 0" in changed["target"]["description"]
    assert changed["wanted"]["person"] == changed["target"]["person"] == "Foo Bar"


@pytest.mark.parametrize(("language", "words"), [("de", "Beispiele zum Nachsehen"), ("en", "Samples to look at")])
def test_the_page_goes_into_a_private_file(planned: World, language: str, words: str) -> None:
    path = planned.folder / f"plan-{language}.html"
    done = planned.run("show", "last", "--format", "html", "--lang", language, "-o", str(path))
    assert (done.code, path.stat().st_mode & 0o777) == (0, 0o600)
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert words in page
    assert "Neu &amp; anders" in page
    assert "@kunde.example" not in page
    assert planned.run("show", "last", "--format", "html", "-o", "/nowhere/plan.html").code == 2
