"""The round trip of the mapping as a person does it, and what the plan makes of it."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.sandbox.agency_words import JOB_TYPE_NAMES
from migrator.sandbox.company import Fate, Generation, TimeRecord, fate_of
from migrator.sandbox.moco_records import Activity
from tests.system.cli.stage import Stage, staged

Row = dict[str, str]


@pytest.fixture
def known(stage: Stage) -> Stage:
    """The agency, its export read."""
    stage.prepare("read", code=3)
    return stage


def exported(stage: Stage) -> Path:
    """The mapping as a spreadsheet."""
    file = stage.folder / "map.csv"
    stage.prepare("map", "suggest")
    stage.prepare("map", "export", "-o", str(file))
    return file


def rows_of(file: Path) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def edit(file: Path, decide: Callable[[Row], Row], *, delimiter: str = ";", encoding: str = "utf-8-sig") -> None:
    """Save the file again as a spreadsheet would, each row with what `decide` says."""
    rows = rows_of(file)
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows({**row, **decide(row)} for row in rows)


def carried_out(stage: Stage) -> list[Activity]:
    """Plan and apply; what MOCO holds then."""
    stage.prepare("plan")
    stage.prepare("apply", "last", code=3)
    return stage.sandbox.activities


def record_of(activity: Activity) -> int:
    """The ActiveCollab id in the marker."""
    return int((activity.remote_id or "").removeprefix("ac:main:"))


def is_bookable(record: TimeRecord) -> bool:
    return fate_of(record) not in {Fate.REJECTED, Fate.TRASHED, Fate.ZERO_DURATION}


def marked(activities: list[Activity], record: int) -> Activity:
    (found,) = (each for each in activities if each.remote_id == f"ac:main:{record}")
    return found


def test_what_a_spreadsheet_decides_is_what_the_plan_does(known: Stage) -> None:
    before = known.prepare("plan", "--json").document["counts"]
    file = exported(known)
    assert file.read_bytes().startswith(b"\xef\xbb\xbfkind;source_id;source_name;")
    undecided = {(row["kind"], row["source_name"]): row for row in rows_of(file) if not row["action"]}
    assert undecided.keys() == {("user", "Paulina Krüger"), ("project", "Relaunch Website")}
    # A likely name is proposed, and never chosen by itself.
    assert undecided["project", "Relaunch Website"]["proposal_name"] == "Relaunch Web-Site 2022"

    def decide(row: Row) -> Row:
        if row["kind"] == "project" and not row["action"]:
            return {"action": "Map", "target_name": row["proposal_name"]}
        return {"action": "hold", "note": "left in 2022"} if not row["action"] else {}

    edit(file, decide)
    checked = known.done("map", "check", "map.csv")
    assert checked.out.startswith("98.7 % of hours mapped")
    assert known.prepare("plan", "--json").document["counts"] == before
    applied = known.done("map", "apply", "map.csv")
    assert "Mapping version 1 is in force: 2 decisions (2 added, 0 changed, 0 removed)." in applied.out
    assert "no new version" in known.done("map", "apply", "map.csv").out

    after = known.prepare("plan", "--json").document
    assert after["counts"]["created"] == before["created"] + 1
    assert after["counts"]["held"] == before["held"] - 1
    # The plan from before the decision is stale.
    assert "the mapping changed" in known.prepare("apply", "1", code=7).err


def test_every_problem_of_a_file_is_told_with_its_line(known: Stage) -> None:
    (known.folder / "bad.csv").write_text(
        "kind,source_id,action,target_id,target_name,cutover\n"
        "user,20,mapp,1,,\n"
        "usr,20,map,1,,\n"
        "user,8,map,,Nobody Of This Name,\n"
        "user,11,map,99,,\n"
        "project,9,stand_in,1,,\n"
        "project,9,skip,,,2024-13-01\n"
        "user,x,hold,,,\n"
        "project,3,,,Website,\n",
        encoding="utf-8",
    )
    known.prepare("map", "suggest")
    done = known.done("map", "check", "bad.csv", "--json", code=2)
    told = [(problem["where"], problem["column"]) for problem in done.document["problems"]]
    assert told == [
        ("bad.csv:2", "action"),
        ("bad.csv:3", "kind"),
        ("bad.csv:4", "target_name"),
        ("bad.csv:5", "target_id"),
        ("bad.csv:6", "action"),
        ("bad.csv:7", "cutover"),
        ("bad.csv:7", "source_id"),
        ("bad.csv:8", "source_id"),
        ("bad.csv:9", "action"),
    ]
    assert all(problem["expected"] and problem["remedy"] for problem in done.document["problems"])
    refused = known.done("map", "apply", "bad.csv", code=2)
    assert "bad.csv:2: action 'mapp': expected one of map, create, skip, hold, stand_in; write map" in refused.out
    assert refused.out.endswith("9 problems found; nothing was changed.\n")
    assert known.prepare("status", "--json").document["mapping_version"] == 0


def test_stand_in_skip_hold_and_cutover_do_what_they_say(known: Stage) -> None:
    """Saved with commas, without BOM, and a German day, as another spreadsheet would."""
    file = exported(known)
    users = known.furnished.user_ids

    def decide(row: Row) -> Row:
        match row["kind"], row["source_id"]:
            case "user", "20":
                return {"action": "stand_in", "target_id": str(users[38])}
            case "user", "47":
                return {"action": "skip"}
            case "user", "53":
                return {"action": "hold"}
            case "user", "38":
                return {"cutover": "01.01.2024"}
            case _:
                return {}

    edit(file, decide, delimiter=",", encoding="utf-8")
    known.done("map", "apply", "map.csv")
    records = {record.id: record for record in known.agency.records()}
    activities = carried_out(known)
    by_person: dict[int, list[TimeRecord]] = defaultdict(list)
    for each in activities:
        by_person[each.user_id].append(records[record_of(each)])

    substitute = marked(activities, 5004)
    assert substitute.user_id == users[38]
    assert substitute.description.startswith("[Paulina Krüger] ")
    assert by_person[users[47]] == by_person[users[53]] == []
    own = [record for record in by_person[users[38]] if record.person.id == 38]
    assert {record.day.year for record in own} == {2023}
    waiting = known.prepare("inbox", "list", "--kind", "held", "--json").document["items"]
    held = {item["source_id"] for item in waiting if item["reason"] == "MAPPED_TO_HOLD"}
    assert held == {record.id for record in records.values() if record.person.id == 53 and is_bookable(record)}
    after = sum(record.person.id == 38 and record.day.year >= 2024 for record in records.values())
    left = sum(record.person.id == 47 for record in records.values())
    assert known.prepare("runs", "show", "--json").document["counts"]["skipped"] >= after + left > 0


@pytest.mark.parametrize(("strategy", "generation"), [("per_task", 2), ("per_job_type", 3)])
def test_tasks_are_created_by_the_names_that_the_strategy_asks_for(
    strategy: str, generation: Generation, tmp_path: Path
) -> None:
    more = f'[mapping]\ntask_strategy = "{strategy}"'
    with staged(tmp_path, generation=generation, more=more) as stage:
        before = set(stage.sandbox.state.tasks)
        stage.prepare("read", code=3)
        activities = carried_out(stage)
        tasks = stage.sandbox.state.tasks
        records = {record.id: record for record in stage.agency.records()}
        for each in activities:
            record = records[record_of(each)]
            ticket = record.ticket.name if record.ticket else "ActiveCollab"
            named = ticket if strategy == "per_task" else JOB_TYPE_NAMES[record.job_type_id - 1]
            assert tasks[each.task_id].name == named
            assert tasks[each.task_id].project_id == each.project_id
        assert tasks.keys() - before
        assert len({(task.project_id, task.name.casefold()) for task in tasks.values()}) == len(tasks)
        assert stage.prepare("plan", "--json").document["is_noop"] is True


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ("--from 2024-01-01 --to 2024-12-31", lambda record: record.day.year == 2024),
        ("--user theo.yildiz@nordlicht.example", lambda record: record.person.id == 38),
        ("--user 38 --user 47", lambda record: record.person.id in {38, 47}),
        ("--project Weiterbildung", lambda record: record.project.name == "Weiterbildung"),
        ("--project 3 --from 2024-01-01", lambda record: record.project.id == 3 and record.day.year >= 2024),
    ],
)
def test_a_plan_is_about_what_was_chosen(options: str, chosen: Callable[[TimeRecord], bool], known: Stage) -> None:
    usable = [record for record in known.agency.records() if record.oddity is None]
    expected = [record for record in usable if chosen(record)]
    document = known.prepare("plan", *options.split(), "--json").document
    assert document["counts"]["read"] == len(expected) > 0
    assert document["seconds"]["read"] == sum(record.readable_seconds for record in expected)


def test_a_sample_is_carried_out_and_a_wrong_name_is_refused(known: Stage) -> None:
    assert known.done("plan", "--sample", "7", "--json").document["counts"]["read"] == 7
    known.prepare("apply", "last", code=3)
    assert 0 < len(known.sandbox.activities) <= 7
    for nobody in ("Nobody", "9" * 19):
        refused = known.done("plan", "--user", nobody, "--json", code=2)
        assert refused.error["message"] == f"--user '{nobody}': ActiveCollab has no such user"
