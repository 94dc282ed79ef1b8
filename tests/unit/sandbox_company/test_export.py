"""What the exported XML holds, read back with lxml alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from lxml import etree

from migrator.sandbox.company import Agency, Generation, build_agency, write_export
from tests.unit.sandbox_company.exports import digests, elements, told, tracked

GENERATIONS: tuple[Generation, ...] = (2, 3)
Exported = Callable[[Generation], tuple[Agency, Path]]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The export of seed 7 with 2,000 records, written once per generation."""
    written: dict[Generation, tuple[Agency, Path]] = {}

    def write(generation: Generation) -> tuple[Agency, Path]:
        if generation not in written:
            agency = build_agency(7, 2000, generation=generation)
            folder = tmp_path_factory.mktemp(f"generation-{generation}")
            write_export(agency, folder)
            written[generation] = agency, folder
        return written[generation]

    return write


def seconds_of(value: str) -> int:
    try:
        return int(Decimal(value) * 3600)
    except InvalidOperation:
        return 0


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_same_seed_gives_the_same_bytes(generation: Generation, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_export(build_agency(3, 400, generation=generation), tmp_path / name)
    write_export(build_agency(4, 400, generation=generation), tmp_path / "other")
    assert digests(tmp_path / "first") == digests(tmp_path / "second")
    assert digests(tmp_path / "first") != digests(tmp_path / "other")


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_file_is_well_formed_and_named(generation: Generation, exported: Exported) -> None:
    agency, folder = exported(generation)
    paths = write_export(agency, folder)
    assert sorted(paths) == sorted(folder.iterdir())
    for path in paths:
        assert path.read_bytes().startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')
        etree.parse(path)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_facts_agree_with_sums_over_the_xml(generation: Generation, exported: Exported) -> None:
    agency, folder = exported(generation)
    facts, records = agency.facts, list(tracked(folder))
    assert len(records) == facts.total.records == 2000
    assert sum(seconds_of(told(each, "value")) for each in records) == facts.total.seconds
    trashed = [each for each in records if told(each, "state") == "1"]
    assert len(trashed) == facts.trashed.records
    assert sum(seconds_of(told(each, "value")) for each in trashed) == facts.trashed.seconds
    status = Counter(told(each, "billable_status") for each in records)
    assert tuple(status[str(each)] for each in range(4)) == facts.by_status
    zero = [each for each in records if told(each, "value") == "0" and told(each, "state") == "3"]
    assert len(zero) == facts.zero_duration.records


@pytest.mark.parametrize("generation", GENERATIONS)
def test_exactly_three_records_cannot_be_used(generation: Generation, exported: Exported) -> None:
    _, folder = exported(generation)
    records = list(tracked(folder))
    assert [told(each, "value") for each in records].count("1h30") == 1
    assert [told(each, "record_date") for each in records].count("0000-00-00") == 1
    assert [told(each, "billable_status") for each in records].count("7") == 1
    bad = {told(each, "id") for each in records if told(each, "value") == "1h30"}
    bad |= {told(each, "id") for each in records if told(each, "record_date") == "0000-00-00"}
    bad |= {told(each, "id") for each in records if told(each, "billable_status") == "7"}
    assert len(bad) == 3


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_reference_can_be_resolved(generation: Generation, exported: Exported) -> None:
    _, folder = exported(generation)
    companies = list(elements(folder, "people*.xml"))
    users = [user for company in companies for user in company.iter("user")]
    people = {told(each, "id") for each in (*users, *elements(folder, "users-archive.xml"))}
    projects = {told(each, "id") for each in elements(folder, "projects*.xml")}
    tickets = {told(each, "id") for each in elements(folder, "t[ia][cs]k*-*.xml")}
    user, project = ("user_id", "project_id") if generation == 2 else ("user/id", "project/id")
    for record in tracked(folder):
        assert told(record, user) in people
        assert told(record, project) in projects
        if told(record, "parent_class") != "Project":
            assert told(record, "parent_id") in {*tickets, ""}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_ids_are_unique_and_files_newest_first(generation: Generation, exported: Exported) -> None:
    _, folder = exported(generation)
    ids = [int(told(each, "id")) for each in tracked(folder)]
    assert len(set(ids)) == len(ids)
    for path in folder.glob("time-*.xml"):
        days = [told(each, "record_date") for each in tracked_in(path)]
        days = [day for day in days if day != "0000-00-00"]
        assert days == sorted(days, reverse=True)


def tracked_in(path: Path) -> list[etree._Element]:
    return [each for each in etree.parse(path).getroot() if told(each, "class") != "Expense"]


def test_the_second_generation_has_the_fields_of_the_time_page(exported: Exported) -> None:
    _, folder = exported(2)
    record = next(tracked(folder))
    assert [child.tag for child in record] == [
        *("id", "type", "name", "body", "state", "visibility", "created_on", "created_by_id"),
        *("updated_on", "updated_by_id", "version", "permalink", "project_id", "parent_id", "milestone_id"),
        *("permissions", "billable_status", "value", "record_date", "is_billable", "is_billed", "user_id"),
    ]
    raw = next(folder.glob("time-9.xml")).read_text("utf-8")
    assert "<type>\n      <![CDATA[TimeRecord]]>\n    </type>" in raw


def test_a_cdata_end_inside_a_text_survives(exported: Exported) -> None:
    _, folder = exported(2)
    assert [told(each, "body") for each in tracked(folder) if "]]>" in told(each, "body")] == [
        "Parser brach bei ]]> im XML-Feed ab, behoben"
    ]


def test_texts_have_umlauts_emoji_html_and_are_sometimes_missing(exported: Exported) -> None:
    _, folder = exported(2)
    texts = Counter(told(each, "body") for each in tracked(folder))
    assert texts[""] > 20
    assert any("🚀" in text for text in texts)
    assert any("Größe" in text for text in texts)
    assert any(text.startswith("<p>") and "&nbsp;" in text for text in texts)


def test_the_third_generation_mixes_expenses_in(exported: Exported) -> None:
    agency, folder = exported(3)
    expenses = [each for each in elements(folder, "time-*.xml") if told(each, "class") == "Expense"]
    assert len(expenses) == agency.facts.expenses > 20
    assert len({told(each, "id") for each in expenses}) == len(expenses)
    times = {told(each, "id") for each in tracked(folder)}
    assert times & {told(each, "id") for each in expenses}, "ids are only unique within a class"


def test_the_third_generation_keeps_archived_ones_apart(exported: Exported) -> None:
    agency, folder = exported(3)
    assert sum(1 for _ in elements(folder, "projects-archive.xml")) == agency.facts.archived_projects > 0
    assert sum(1 for _ in elements(folder, "users-archive.xml")) == 2
    assert sum(1 for _ in elements(folder, "people-archive.xml")) == 1


def test_time_on_the_project_itself_has_an_empty_parent(exported: Exported) -> None:
    agency, folder = exported(2)
    without = [each for each in tracked(folder) if told(each, "parent_id") == ""]
    assert len(without) == agency.facts.without_ticket > 100


def test_only_the_administrator_shows_a_token(exported: Exported) -> None:
    _, folder = exported(2)
    [company] = [each for each in elements(folder, "people.xml") if told(each, "id") == "1"]
    tokens = [told(each, "token") for each in company.iter("user") if told(each, "token")]
    assert len(tokens) == 1


def test_days_are_working_days(exported: Exported) -> None:
    _, folder = exported(2)
    days = {told(each, "record_date") for each in tracked(folder)} - {"0000-00-00"}
    assert all(date.fromisoformat(day).weekday() < 5 for day in days)
    assert not any(day.endswith(("-12-25", "-01-01")) for day in days)
    assert days.isdisjoint({"2023-04-07", "2024-04-01", "2025-05-29"}), "Good Friday and the like"
