"""What makes the agency believable, whatever its seed."""

from __future__ import annotations

import tracemalloc
from collections import Counter, defaultdict
from datetime import date
from itertools import islice

import pytest

from migrator.sandbox.company import Agency, Fate, InMoco, Oddity, Tally, build_agency, fate_of

SEEDS = range(12)


@pytest.fixture(scope="module")
def agency() -> Agency:
    return build_agency(7, 20_000)


@pytest.mark.parametrize("seed", SEEDS)
def test_names_and_addresses_are_unique(seed: int) -> None:
    cast = build_agency(seed, 100).cast
    for names in (
        [person.name for person in cast.people],
        [person.email.lower() for person in cast.people],
        [client.name for client in cast.clients],
        [project.name for project in cast.projects],
        [project.slug for project in cast.projects],
        [project.name_in_moco for project in cast.projects],
        [ticket.id for project in cast.projects for ticket in project.tickets],
    ):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_size_is_that_of_a_small_agency(seed: int) -> None:
    cast = build_agency(seed, 100).cast
    assert 14 <= len(cast.people) <= 24
    assert len(cast.clients) == 13
    assert len(cast.projects) == 30
    assert sum(person.last_name == "" for person in cast.people) == 1
    assert sum(person.last_day is not None for person in cast.people) == 2
    assert {project.name for project in cast.projects} > {"Relaunch Website", "Wartung 2024"}
    assert all(project.first_day <= project.last_day for project in cast.projects)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("records", [50, 99, 1000])
def test_every_oddity_is_there_however_small_the_export(seed: int, records: int) -> None:
    facts = build_agency(seed, records).facts
    assert facts.total.records == records
    assert facts.rejected.records == len(Oddity) == 3
    assert facts.trashed.records >= 1
    assert facts.zero_duration.records >= 1
    assert facts.person_missing.records >= 1
    assert facts.person_missing.seconds > 0


def test_too_few_records_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 50 time records, not 49"):
        build_agency(1, 49)


def test_the_tallies_add_up(agency: Agency) -> None:
    facts = agency.facts
    tallies: list[Tally] = [getattr(facts, fate.value) for fate in Fate]
    assert sum(tally.records for tally in tallies) == facts.total.records == 20_000
    assert sum(tally.seconds for tally in tallies) == facts.total.seconds


def test_each_record_has_the_fate_of_its_first_flaw(agency: Agency) -> None:
    for record in agency.records():
        match fate_of(record):
            case Fate.READY:
                assert record.hundredths > 0
                assert record.person.in_moco is InMoco.ACTIVE
                assert not record.project.archived_in_moco
            case Fate.PERSON_MISSING:
                assert record.person.name == agency.facts.held_because_of
            case Fate.PERSON_DEACTIVATED:
                assert record.person.in_moco is InMoco.DEACTIVATED
            case Fate.PROJECT_ARCHIVED:
                assert record.project.archived_in_moco
            case Fate.REJECTED | Fate.TRASHED | Fate.ZERO_DURATION:
                assert record.oddity is not None or record.trashed or record.hundredths == 0


def test_old_work_is_mostly_paid_and_recent_work_still_billable(agency: Agency) -> None:
    old: Counter[int] = Counter()
    recent: Counter[int] = Counter()
    for record in agency.records():
        if record.project.internal:
            assert record.status == 0
        elif record.day < date(2024, 1, 1):
            old[record.status] += 1
        elif record.day > date(2025, 1, 1):
            recent[record.status] += 1
    assert 0.80 < old[3] / old.total() < 0.90
    assert 0.65 < recent[1] / recent.total() < 0.75
    assert 0.04 < recent[2] / recent.total() < 0.12


def test_some_is_private_some_without_ticket_some_booked_for_others(agency: Agency) -> None:
    facts = agency.facts
    assert 0.01 < facts.private / 20_000 < 0.03
    assert 0.20 < facts.without_ticket / 20_000 < 0.30
    assert 0.03 < facts.booked_for_others / 20_000 < 0.06


def test_nobody_works_after_leaving_or_more_than_a_long_day(agency: Agency) -> None:
    worked: dict[tuple[int, date], int] = defaultdict(int)
    for record in agency.records():
        assert record.project.first_day <= record.day <= record.project.last_day
        assert record.person.last_day is None or record.day <= record.person.last_day
        worked[record.person.id, record.day] += record.hundredths
    assert max(worked.values()) <= 1_200


def test_durations_are_quarters_and_the_odd_minutes(agency: Agency) -> None:
    hours = {record.hours for record in agency.records()} - {"1h30"}
    assert hours > {"0", "0.25", "0.5", "1", "1.5", "0.17", "0.33", "8"}
    assert not any(value.endswith(".0") or ":" in value for value in hours)


def test_many_records_need_no_more_memory_than_few() -> None:
    agency = build_agency(5, 20_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in agency.records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000, "bytes: far below what 20,000 records held at once would take"


def test_a_quarter_of_a_million_records_spread_over_more_years() -> None:
    agency = build_agency(5, 250_000)
    newest = next(agency.records())
    assert agency.cast.working_days[0].year == 2010
    assert len(list(islice(agency.records(), 500))) == 500
    assert newest.day == agency.cast.working_days[-1]
