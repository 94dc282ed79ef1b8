"""`explain`: one record from its raw fragment to what MOCO showed last, while MOCO cannot be reached."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrator.app.cli.main import run
from tests.system.export import Record, some_records
from tests.system.harness import World
from tests.system.inside import run_inside

EDITED, BOTH, SILENT, BAD = 103, 105, 106, 900
HOSTILE = "Grüße \u202eevil"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Records in MOCO, one edited there, one on both sides and accepted, two unusable; nobody answers any more."""
    folder = tmp_path_factory.mktemp("explain")
    records = [replace(each, text=HOSTILE) if each.id == EDITED else each for each in some_records(8)]
    with World(folder, [*records, Record(BAD, hours="drei")]) as world:
        assert world.run("sync").code == 3
        world.moco.edit(replace(world.activity(EDITED), seconds=60, worked_seconds=60))
        world.moco.edit(replace(world.activity(BOTH), description="by hand"))
        world.change(BOTH, text="Neu")
        nameless = "<time_record><value>1.5</value><body>niemand</body></time_record></time_records>"
        path = folder / "export" / "time.xml"
        path.write_text(path.read_text(encoding="utf-8").replace("</time_records>", nameless), encoding="utf-8")
        assert world.run("sync").code == 3
        assert world.run("inbox", "accept", str(BOTH), "--note", "bleibt so").code == 0
        world.forget_requests()
        world.hang_up()
        yield world


def explain(world: World, name: object) -> dict[str, Any]:
    """The answer (Any: JSON)."""
    done = world.run("explain", str(name))
    assert (done.code, world.moco.requests) == (0, [])
    assert done.document["schema"] == "migrator.explain/1"
    return done.document


def test_a_record_is_told_from_its_fragment_to_its_activity(world: World) -> None:
    told = explain(world, f"ac:main:{EDITED}")
    activity = world.activity(EDITED)
    copy, values = told["copy"], told["values"]
    lines = (world.folder / "export" / "time.xml").read_text(encoding="utf-8").splitlines()
    assert copy["document"] == "export/time.xml"
    assert lines[copy["line"] - 1].lstrip().startswith("<time_record")
    assert copy["fragment"].startswith("<time_record>")
    assert f"<id>{EDITED}</id>" in "".join(copy["fragment"].split())
    assert (told["canonical"]["hours_raw"], told["canonical"]["seconds"]) == ("1.5", 5400)
    assert told["canonical"]["text"] == HOSTILE
    rules = {each["thing"]: (each["rule"], each["target_id"]) for each in told["mapping"]["rules"]}
    assert rules["person"] == ("exact", activity.user_id)
    assert rules["project"] == ("exact", activity.project_id)
    assert rules["task"] == ("strategy", activity.task_id)
    assert (told["decision"]["action"], told["decision"]["reason"]) == ("keep", "EDITED_IN_TARGET")
    assert "a person edited it in MOCO" in told["decision"]["words"]
    (request,) = told["requests"]
    assert (request["write"], request["outcome"], request["run_kind"]) == ("create", "answered", "sync")
    assert 1 <= request["position"] <= request["of"] <= 5
    assert request["run_verdict"].startswith("All 9 source records are accounted for")
    assert len(request["payload_sha256"]) == 64
    assert values["activity_id"] == activity.id
    assert (values["sent"]["seconds"], values["answered"]["seconds"], values["shown"]["seconds"]) == (5400, 5400, 60)
    assert values["listed_at"] > request["settled_at"]
    assert told["drift"] == [{"field": "seconds", "answered": 5400, "shown": 60}]


def test_what_a_person_said_is_told(world: World) -> None:
    told = explain(world, BOTH)
    (item,) = told["inbox"]
    assert (item["kind"], item["reason"], item["state"]) == ("conflict", "BOTH_EDITED", "accepted")
    assert item["note"].endswith(": bleibt so")
    assert told["decision"]["reason"] == "ACCEPTED"
    assert [each["field"] for each in told["drift"]] == ["description"]


def test_what_could_not_be_used_is_shown_as_it_is_written(world: World) -> None:
    told = explain(world, BAD)
    (reject,) = told["rejects"]
    assert (told["copy"], told["decision"], told["requests"]) == (None, None, [])
    assert (reject["field"], reject["value"]) == ("value", "drei")
    assert "drei" in reject["fragment"]
    assert reject["fragment_hash"] == hashlib.sha256(reject["fragment"].encode()).hexdigest()
    nameless = next(each for each in world.run("inbox", "list").document["items"] if each["source_id"] is None)
    (other,) = explain(world, nameless["id"])["rejects"]
    assert "niemand" in other["fragment"]


def test_a_document_that_changed_or_went_is_not_shown_as_what_was_read(world: World, tmp_path: Path) -> None:
    path = world.folder / "export" / "time.xml"
    raw = path.read_bytes()
    path.write_bytes(raw.replace("Gerät 5".encode(), b"Anders"))
    changed = explain(world, SILENT)["copy"]
    assert (changed["fragment"], "does not say the same" in changed["fragment_note"]) == (None, True)
    path.unlink()
    gone = explain(world, SILENT)["copy"]
    assert (gone["fragment"], "is not there any more" in gone["fragment_note"]) == (None, True)
    path.write_bytes(raw)
    assert "Gerät 5" in explain(world, SILENT)["copy"]["fragment"]


def test_the_text_has_sections_and_nothing_that_steers_a_terminal(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", str(EDITED), "--config", str(world.folder / "migrator.toml")]) == 0
    text = capsys.readouterr().out
    titles = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert (
        titles
        == [
            f"Record {EDITED} (ac:main:{EDITED}): activity {world.activity(EDITED).id} in MOCO",
            *(
                "Source",
                "As read",
                "Mapping",
                "Decision today",
                "Runs",
                "Requests",
                "Values",
                "Drift since MOCO's answer",
            ),
            "Inbox",
        ][: len(titles)]
    )
    assert "seconds: 5,400 s = 1.50 h → 60 s = 0.02 h" in text
    assert "\u202e" not in text
    assert "\\u202e" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("7777", "nothing is known"),
        ("ac:other:103", "another ActiveCollab"),
        ("i999", "no item"),
        ("x", "names no record"),
    ],
)
def test_a_name_that_means_nothing_is_refused_with_what_would(world: World, name: str, words: str) -> None:
    done = run_inside(world, "explain", name)
    assert done.code == 2
    assert words in done.message
