"""`verify --against`: a signed report holds, no longer holds, or was changed by somebody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.system.export import some_records
from tests.system.harness import Kept, World
from tests.system.inside import run_inside

ID = 105


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A finished migration, and a report on it."""
    with World(tmp_path_factory.mktemp("signed"), some_records(12)) as world:
        assert run_inside(world, "sync").code == 0
        assert run_inside(world, "verify").code == 0
        assert run_inside(world, "report", "-o", str(world.folder / "report")).code == 0
        yield Kept.now(world)


def report(world: World) -> Path:
    return world.folder / "report" / "report.json"


def test_the_report_holds_as_long_as_nothing_changes_and_then_says_what_did(signed: Kept) -> None:
    world = signed.again()
    held = run_inside(world, "verify", "--against", str(report(world)))
    assert held.code == 0, held
    against = held.document["against"]
    assert (against["holds"], against["known"], against["tampered"], against["changes"]) == (True, True, False, [])
    assert " still holds. The books agree." in held.document["verdict"]

    # What a person edits in MOCO is explained, and yet not what was signed.
    before = world.activity(ID)
    world.moco.edit(replace(before, seconds=before.seconds + 360))
    assert run_inside(world, "verify").code == 0
    changed = run_inside(world, "verify", "--against", str(report(world)))
    assert changed.code == changed.document["exit_code"] == 4
    assert "no longer holds" in changed.document["verdict"]
    months = [each for each in changed.document["against"]["changes"] if each["level"] == "month"]
    assert {each["figure"] for each in months} >= {"target"}
    (month,) = [each for each in months if each["figure"] == "target"]
    assert month["now"] - month["then"] == 360
    assert month["place"][-1] == f"{before.date:%Y-%m}"
    kinds = {tuple(each["place"]) for each in changed.document["against"]["changes"] if each["level"] == "difference"}
    assert kinds == {("edited",)}


def test_a_report_that_somebody_changed_is_named_before_moco_is_asked(signed: Kept) -> None:
    world = signed.again()
    document = json.loads(report(world).read_text(encoding="utf-8"))
    document["totals"]["target"]["seconds"] += 3600
    path = world.folder / "changed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    world.forget_requests()
    found = world.run("verify", "--against", str(path))
    assert (found.code, world.moco.requests) == (4, [])
    assert found.document["against"]["tampered"] is True
    assert found.document["verdict"].startswith("changed.json was changed after it was made")


def test_a_report_of_another_database_or_of_nothing_is_said_to_be_so(signed: Kept) -> None:
    world = signed.again()
    (world.folder / "other.json").write_text("{}", encoding="utf-8")
    assert run_inside(world, "verify", "--against", str(world.folder / "other.json")).code == 2
    assert run_inside(world, "verify", "--against", str(report(world)), "--from", "2024-01-01").code == 2
    world.configure(database__url="sqlite:///another.db")
    assert run_inside(world, "sync").code == 0
    again = run_inside(world, "verify", "--against", str(report(world)))
    assert (again.code, again.document["against"]["known"], again.document["against"]["holds"]) == (0, False, True)
