from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from migrator.core.model import Company, FoundMaster, Origin, Project, Reading, SourceId, Task, User
from migrator.store.engine import reading, writing
from migrator.store.merge import Merged, pages
from migrator.store.remembered import rejects_at
from migrator.store.source import (
    By,
    Hours,
    StageCounts,
    begin_document,
    finish_document,
    hours_by,
    list_documents,
    list_rejects,
    load_masters,
    source_totals,
    source_version,
    stage,
    stage_masters,
    unstaged_rejects,
)
from tests.unit.store.builders import a_reject, a_time_entry, an_origin, found, when


def staged(engine: Engine, run_id: int, *readings: Reading) -> StageCounts:
    with writing(engine) as session:
        return stage(session, run_id, readings)


def only(engine: Engine) -> Merged:
    (page,) = pages(engine, 0)
    (record,) = page
    return record


def version(engine: Engine) -> str:
    with reading(engine) as session:
        return source_version(session)


def test_a_record_is_given_back_as_it_was_read(engine: Engine) -> None:
    entry = a_time_entry(7, user=None, text="Müller & Söhne\n– “Termin”", updated_on=when(5), version=3)
    assert staged(engine, 1, found(entry, "p/7.xml:311")) == StageCounts(new=1)
    assert only(engine).entry == entry
    assert only(engine).origin == an_origin("p/7.xml:311")


def test_reading_the_same_again_changes_nothing(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7)))
    before = version(engine)
    assert staged(engine, 2, found(a_time_entry(7))) == StageCounts(unchanged=1)
    assert version(engine) == before
    assert only(engine).read_run == 2


def test_a_document_replaces_what_it_said_before(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7, updated_on=when(9))))
    before = version(engine)
    older = found(a_time_entry(7, seconds=60, updated_on=when(1)))
    assert staged(engine, 2, older) == StageCounts(changed=1)
    assert only(engine).entry.seconds == 60
    assert version(engine) != before


@pytest.mark.parametrize("newer_first", [True, False])
@pytest.mark.parametrize("by", ["updated_on", "version"])
def test_of_two_copies_in_one_run_the_newer_wins_in_any_order(engine: Engine, newer_first: bool, by: str) -> None:
    if by == "updated_on":
        old, new = a_time_entry(7, seconds=1, updated_on=when(1)), a_time_entry(7, updated_on=when(2))
    else:
        old, new = a_time_entry(7, seconds=1, version=1), a_time_entry(7, version=2)
    copies = [found(old, "a.xml:1"), found(new, "b.xml:2")]
    counts = staged(engine, 1, *(reversed(copies) if newer_first else copies))
    assert counts == StageCounts(new=1, superseded=1)
    assert only(engine).entry == new
    assert only(engine).rejected == ""


@pytest.mark.parametrize("together", [True, False])
def test_the_outcome_does_not_depend_on_how_reading_was_cut_into_batches(engine: Engine, together: bool) -> None:
    copies: list[Reading] = [
        found(a_time_entry(7, seconds=1, updated_on=when(1)), "a.xml:1"),
        a_reject(7, "b.xml:1", updated_on=when(2)),
        found(a_time_entry(7, seconds=3, updated_on=when(3)), "c.xml:1"),
        found(a_time_entry(8), "c.xml:9"),
        a_reject(8, "d.xml:1"),
    ]
    for batch in [copies] if together else [[each] for each in copies]:
        staged(engine, 1, *batch)
    (page,) = pages(engine, 0)
    assert [(each.entry.seconds, each.rejected) for each in page] == [(3, ""), (3600, a_reject(8, "d.xml:1").message)]
    with reading(engine) as session:
        assert [each.source_id for each in list_rejects(session)] == [8]


def test_equal_copies_in_two_places_are_one_record(engine: Engine) -> None:
    counts = staged(engine, 1, found(a_time_entry(7), "a.xml:1"), found(a_time_entry(7), "b.xml:2"))
    assert counts == StageCounts(new=1, superseded=1)
    assert only(engine).rejected == ""


def test_different_copies_of_one_age_reject_the_record_naming_both_places(engine: Engine) -> None:
    copies = found(a_time_entry(7), "a.xml:1"), found(a_time_entry(7, seconds=60), "b.xml:2")
    assert staged(engine, 1, *copies) == StageCounts(new=1, conflicting=1)
    message = only(engine).rejected
    assert "a.xml:1" in message
    assert "b.xml:2" in message
    before = version(engine)
    # Both documents, read again, say the same again.
    for copy in copies:
        with writing(engine) as session:
            begin_document(session, 2, copy.origin.document)
            stage(session, 2, [copy])
    assert only(engine).rejected == message
    assert version(engine) == before


def test_a_contradiction_ends_when_one_document_gives_in(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7), "a.xml:1"), found(a_time_entry(7, seconds=60), "b.xml:2"))
    before = version(engine)
    with writing(engine) as session:
        begin_document(session, 2, "b.xml")
        stage(session, 2, [found(a_time_entry(7), "b.xml:2")])
    assert only(engine).rejected == ""
    assert version(engine) != before


def test_across_runs_an_older_copy_from_elsewhere_is_superseded(engine: Engine) -> None:
    new = a_time_entry(7, updated_on=when(9))
    staged(engine, 1, found(new, "a.xml:1"))
    old = found(a_time_entry(7, seconds=60, updated_on=when(1)), "b.xml:1")
    assert staged(engine, 2, old) == StageCounts(superseded=1)
    assert only(engine).entry == new


def test_across_runs_a_different_copy_of_the_same_known_age_is_a_contradiction(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7, version=4), "a.xml:1"))
    assert staged(engine, 2, found(a_time_entry(7, seconds=60, version=4), "b.xml:1")) == StageCounts(conflicting=1)
    assert "b.xml:1" in only(engine).rejected


def test_across_runs_a_copy_of_unknown_age_wins_by_being_read_later(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7, updated_on=when(1)), "a.xml:1"))
    later = a_time_entry(7, seconds=60)
    assert staged(engine, 2, found(later, "b.xml:1")) == StageCounts(changed=1)
    assert only(engine).entry == later


def test_a_rejected_copy_of_unknown_age_rejects_the_staged_one(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7)))
    before = version(engine)
    assert staged(engine, 2, a_reject(7, "b.xml:1")) == StageCounts(rejected=1)
    assert only(engine).rejected == a_reject(7, "b.xml:1").message
    assert version(engine) != before


def test_an_older_rejected_copy_does_not_matter(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7, updated_on=when(9))))
    staged(engine, 1, a_reject(7, "b.xml:1", updated_on=when(1)))
    assert only(engine).rejected == ""


def test_a_good_copy_read_later_clears_the_rejection(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7)), a_reject(7, "b.xml:1"))
    staged(engine, 2, found(a_time_entry(7, seconds=60), "b.xml:1"))
    assert only(engine).rejected == ""
    with reading(engine) as session:
        assert list_rejects(session) == ()


def test_a_document_read_again_forgets_its_own_rejects_only(engine: Engine) -> None:
    staged(engine, 1, a_reject(None, "a.xml:1"), a_reject(None, "b.xml:1"))
    with writing(engine) as session:
        begin_document(session, 2, "a.xml")
    with reading(engine) as session:
        assert [str(each.origin) for each in list_rejects(session)] == ["b.xml:1"]


def test_a_reject_without_an_id_is_found_at_its_place_whatever_its_document_is_called(engine: Engine) -> None:
    odd = [replace(a_reject(None), origin=Origin(name, 0)) for name in ("a:\u00b2", "a:" + "9" * 5000)]
    staged(engine, 1, a_reject(None, "a.xml:12"), *odd)
    with reading(engine) as session:
        for place in ("a.xml:12", *(str(each.origin) for each in odd)):
            assert [str(each.value.origin) for each in rejects_at(session, place)] == [place]


def test_a_document_that_was_not_finished_shows_it(engine: Engine) -> None:
    with writing(engine) as session:
        begin_document(session, 1, "a.xml")
        begin_document(session, 1, "b.xml")
        finish_document(session, 1, "b.xml", entries=3, rejects=1, expenses=2)
    with reading(engine) as session:
        unfinished, whole = list_documents(session)
    assert unfinished.problem != ""
    assert (whole.name, whole.entries, whole.rejects, whole.expenses, whole.problem) == ("b.xml", 3, 1, 2, "")


def test_known_fields_of_a_person_survive_a_shorter_mention(engine: Engine) -> None:
    origin = Origin("a.xml", 1)
    whole = User(SourceId(1), "Jo Doe", "jo@example.org", SourceId(5), archived=True)
    with writing(engine) as session:
        assert stage_masters(session, [FoundMaster(whole, origin)]) == 1
        assert stage_masters(session, [FoundMaster(User(SourceId(1), "Jo Doe"), origin)]) == 0
        assert load_masters(session).users == {1: whole}


def test_masters_of_every_kind_are_given_back_and_count_as_a_change_once(engine: Engine) -> None:
    project = Project(SourceId(1), "Site", "site", SourceId(2), SourceId(3), "https://ac.example.org/1", True)
    masters = [
        FoundMaster(value, Origin("a.xml", 1))
        for value in (project, Company(SourceId(1), "Client"), Task(SourceId(1), "Fix it", SourceId(1), 4))
    ]
    before = version(engine)
    staged(engine, 1, *masters)
    after = version(engine)
    staged(engine, 2, *masters)
    assert before != after == version(engine)
    with reading(engine) as session:
        loaded = load_masters(session)
    assert [*loaded.projects.values(), *loaded.companies.values(), *loaded.tasks.values()] == [
        each.value for each in masters
    ]


def test_totals_count_every_key_once(engine: Engine) -> None:
    staged(
        engine,
        1,
        found(a_time_entry(1, user=1, project=1, day=date(2019, 1, 1), seconds=100)),
        found(a_time_entry(2, user=None, project=2, day=date(2021, 1, 1), seconds=50), "a.xml:2"),
        a_reject(2, "b.xml:1", seconds=40),
        a_reject(3, "a.xml:3", seconds=30),
        a_reject(3, "b.xml:3", seconds=20),
        a_reject(None, "a.xml:4", seconds=7),
        a_reject(None, "a.xml:5", seconds=5),
    )
    with reading(engine) as session:
        totals = source_totals(session)
        unstaged = unstaged_rejects(session)
    assert (totals.records, totals.seconds) == (2, 150)
    assert (totals.rejects_without_key, totals.reject_seconds) == (3, 42)
    assert (totals.first_day, totals.last_day) == (date(2019, 1, 1), date(2021, 1, 1))
    assert (totals.people, totals.projects, totals.rejected_keys) == (1, 2, 1)
    assert [(each.source_id, each.seconds) for each in unstaged] == [(3, 30), (None, 7), (None, 5)]


def test_hours_are_summed_by_person_and_by_year(engine: Engine) -> None:
    staged(
        engine,
        1,
        found(a_time_entry(1, user=4, day=date(2019, 1, 1), seconds=100), "a.xml:1"),
        found(a_time_entry(2, user=4, day=date(2020, 1, 1), seconds=50), "a.xml:2"),
        found(a_time_entry(3, user=None, day=date(2020, 2, 1), seconds=5), "a.xml:3"),
    )
    with reading(engine) as session:
        people, years = hours_by(session, By.USER), hours_by(session, By.YEAR)
    assert [(each.id, each.records, each.seconds) for each in people] == [(None, 1, 5), (4, 2, 150)]
    assert people[1] == Hours(4, 2, people[1].seconds, date(2019, 1, 1), date(2020, 1, 1))
    assert [(each.id, each.seconds) for each in years] == [(2019, 100), (2020, 55)]


def test_many_records_are_staged_and_merged_in_pages(engine: Engine) -> None:
    total = 2_500
    entries = [found(a_time_entry(each + 1), f"a.xml:{each + 1}") for each in range(total)]
    assert staged(engine, 1, *entries).new == total
    sizes, ids = [], []
    for page in pages(engine, 0, size=1000):
        sizes.append(len(page))
        ids += [each.entry.id for each in page]
    assert sizes == [1000, 1000, 500]
    assert ids == [each + 1 for each in range(total)]


def test_a_reading_that_began_earlier_does_not_take_back_what_a_later_one_saw(engine: Engine) -> None:
    staged(engine, 1, found(a_time_entry(7)))
    staged(engine, 3, found(a_time_entry(7)))
    staged(engine, 2, found(a_time_entry(7)))
    assert only(engine).read_run == 3


def test_a_mention_fills_what_is_not_known_and_never_replaces_it(engine: Engine) -> None:
    origin = Origin("a.xml", 1)
    own, mention = User(SourceId(1), "Jo Doe", "jo@x.example"), User(SourceId(1), "login7")
    for first, second in ((own, mention), (mention, own)):
        with writing(engine) as session:
            stage_masters(session, [FoundMaster(each, origin, mention=each is mention) for each in (first, second)])
            assert load_masters(session).users[SourceId(1)].name == "Jo Doe"
    with writing(engine) as session:
        assert stage_masters(session, [FoundMaster(mention, origin, mention=True)]) == 0
        stage_masters(session, [FoundMaster(User(SourceId(2), "only login"), origin, mention=True)])
        assert load_masters(session).users[SourceId(2)].name == "only login"
