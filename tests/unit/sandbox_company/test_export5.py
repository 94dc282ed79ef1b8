"""What the exported JSON of generation 5 holds, read back with the standard library alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migrator.sandbox.company import Agency, build_agency, write_export
from tests.unit.sandbox_company.exports import digests


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Agency, Path]:
    """The export of seed 7 with 2,000 records."""
    agency, folder = build_agency(7, 2000, generation=5), tmp_path_factory.mktemp("generation-5")
    write_export(agency, folder)
    return agency, folder


def records_in(folder: Path) -> list[dict[str, Any]]:
    """All time records of an export."""
    lists = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("time-*.json")))
    return [record for each in lists for record in each["time_records"] or []]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("second", 3), ("other", 4)):
        write_export(build_agency(seed, 400, generation=5), tmp_path / name)
    assert digests(tmp_path / "first") == digests(tmp_path / "second") != digests(tmp_path / "other")


def test_every_file_is_json_and_named(exported: tuple[Agency, Path]) -> None:
    agency, folder = exported
    paths = write_export(agency, folder)
    assert sorted(paths) == sorted(folder.iterdir())
    assert all(json.loads(path.read_bytes()) for path in paths)


def test_the_facts_agree_with_sums_over_the_json(exported: tuple[Agency, Path]) -> None:
    agency, folder = exported
    facts, records = agency.facts, records_in(folder)
    assert len(records) == facts.total.records == 2000
    readable = [each for each in records if each["value"] != "1h30"]
    assert sum(round(each["value"] * 3600) for each in readable) == facts.total.seconds
    assert sum(each["is_trashed"] for each in records) == facts.trashed.records
    statuses = [each["billable_status"] for each in records]
    assert tuple(statuses.count(each) for each in range(4)) == facts.by_status
    assert sum(each["parent_type"] == "Project" for each in records) == facts.without_ticket
    assert sum(each["created_by_id"] != each["user_id"] for each in records) == facts.booked_for_others
    days = {
        datetime.fromtimestamp(each["record_date"], UTC).date()
        for each in records
        if each["record_date"] != "0000-00-00"
    }
    assert (min(days), max(days)) == (facts.first_day, facts.last_day)
    names = ("users", "companies", "job-types", "projects-archive")
    counts = [len(json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))) for name in names]
    assert counts == [facts.people, facts.companies, facts.job_types, facts.archived_projects]
    assert (facts.private, facts.expenses) == (0, 0)


def test_exactly_three_records_cannot_be_used(exported: tuple[Agency, Path]) -> None:
    records = records_in(exported[1])
    odd = [
        {each["id"] for each in records if each[name] == value}
        for name, value in (("value", "1h30"), ("record_date", "0000-00-00"), ("billable_status", 7))
    ]
    assert [len(each) for each in odd] == [1, 1, 1]
    assert len(set.union(*odd)) == 3


def test_a_project_without_time_has_a_list_of_nulls(tmp_path: Path) -> None:
    write_export(build_agency(1, 50, generation=5), tmp_path)
    lists = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("time-*.json")]
    empty = [each for each in lists if each["time_records"] is None]
    assert empty
    assert all(each == {"time_records": None, "related": None} for each in empty)
