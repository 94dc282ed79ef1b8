"""Every JSON document of the corpus, and what must come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from migrator.core.model import Company, JobType, Master, Project, SourceId, Task, User
from tests.unit.activecollab.json_reading import JSON_CORPUS, read_json_corpus


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ids of good records; field and part of the message of each reject; part of each document problem."""

    good: tuple[int, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    expenses: int = 0
    notes: int = 0


def good(*ids: int) -> Outcome:
    return Outcome(good=ids)


def rejected(*reasons: tuple[str, str], beside: tuple[int, ...] = ()) -> Outcome:
    return Outcome(good=beside, rejected=reasons)


def problem(*messages: str, after: tuple[int, ...] = ()) -> Outcome:
    return Outcome(good=after, problems=messages)


OUTCOMES = {
    "doc_samples/v5_time_records_list": good(3, 2, 1),
    "doc_samples/v5_time_record_single": good(1),
    "doc_samples/v5_time_records_empty": good(),
    "doc_samples/v5_job_types": good(),
    "doc_samples/v5_user_single": good(),
    "doc_samples/v5_trash_map": good(),
    "doc_samples/v5_projects_list": good(),
    "doc_samples/v5_error": problem("ActiveCollab answered with an error: Invalid password"),
    "v5_list": good(1, 2),
    "v5_related_is_a_list": good(1),
    "v5_related_without_tasks": good(1),
    "v5_null_list": good(),
    "v5_null": good(),
    "v5_empty_array": good(),
    "v5_list_as_a_map": good(1, 2),
    "v5_single": good(1),
    "v5_bare_record": good(1),
    "v5_days": good(1, 2, 3),
    "v5_days_unusable": rejected(
        ("record_date", "midnight UTC"),
        ("record_date", "''"),
        ("record_date", "'14000256000'"),
        ("record_date", "'1400025600.5'"),
        ("record_date", "''"),
    ),
    "v5_hours_exact": rejected(("value", "'3.000000000000000000000001'"), beside=(1, 2, 3, 4, 5, 6)),
    "v5_hours_unusable": rejected(
        ("value", "no negative"),
        ("value", "''"),
        ("value", "'true'"),
        ("value", "at most 1,000 hours"),
        ("value", "''"),
        ("value", "'1E+999999999'"),
    ),
    "v5_flags": good(1, 2, 3, 4, 5),
    "v5_status": rejected(("billable_status", "'4'"), ("billable_status", "'true'"), beside=(1, 2)),
    "v5_ids_as_texts": good(1),
    "v5_ids_unusable": rejected(
        ("id", "'0'"), ("id", "'-2'"), ("id", "''"), ("user_id", "'0'"), ("user_id", "''"), ("id", "'5.0'")
    ),
    "v5_project_not_told": rejected(
        ("project_id", "''"), ("project_id", "'8 / 7' cannot be used; expected the same number"), beside=(2, 3)
    ),
    "v5_summaries": good(1, 2, 3, 4, 5),
    "v5_person_without_account": good(1),
    "v5_expenses": Outcome(expenses=2),
    "v5_mixed_list": Outcome(good=(1,), expenses=2),
    "v5_other_class_in_list": rejected(("class", "'Task' cannot be used; expected TimeRecord"), beside=(2,)),
    "v5_strange_members": rejected(
        ("element", "'nothing'"), ("element", "'a text'"), ("element", "'a list'"), beside=(1, 2)
    ),
    "v5_unknown_class": problem("an object of class 'Robot' is not known", after=(3,)),
    "v5_repeated_value_differs": rejected(("value", "only once")),
    "v5_repeated_value_same": good(1),
    "v5_many_values": good(1, 2),
    "v5_trash_empty": good(),
    "v5_info": good(),
    "v5_tasks_of_a_project": good(),
    "v5_people": problem("user left out: id ''"),
    "v5_companies": good(),
    "v5_projects": good(),
    "v3_tracking": Outcome(good=(1,), expenses=1),
    "v3_tracking_null": good(),
    "v3_company_with_people": good(),
    "v3_completed_project_is_not_archived": good(),
    "v3_project_people": good(),
    "v3_job_types": good(),
    "v3_info": good(),
    "v2_list": good(1),
    "v2_ticket_with_tasks": good(),
    "error_message": problem("ActiveCollab answered with an error: Invalid email"),
    "error_fields": problem("Not saved; Hours are required"),
    "error_object_fields": problem("it refused what it was sent"),
    "broken_cut_off": problem("cut off", after=(1,)),
    "broken_cut_off_in_related": problem("cut off", after=(1,)),
    "broken_text_after_the_end": problem("behind the end", after=(1,)),
    "broken_nan": problem("not well-formed JSON: invalid char", after=(1,)),
    "broken_single_quotes": problem("not well-formed"),
    "broken_line_break_inside": problem("line break or tab inside a text", after=(1,)),
    "broken_half_a_surrogate_pair": problem("cannot be represented"),
    "broken_too_deep": problem("more than 64 deep", after=(1,)),
    "broken_endless_number": problem("more than 1,000 digits", after=(1,)),
    "broken_empty": problem("empty"),
    "broken_blank": problem("empty"),
    "broken_plain_text": problem("plain text"),
    "broken_token_answer": problem("no document of ActiveCollab that can be read"),
    "broken_html_page": problem("web page"),
    "broken_xml": problem("this is XML"),
    "broken_utf16": problem("UTF-16"),
    "broken_gzip": problem("compressed"),
    "broken_php_error": problem("PHP stopped with an error"),
    "broken_empty_object": problem("no document of ActiveCollab"),
    "broken_unknown_object": problem("not colour"),
    "broken_list_that_is_none": problem("time_records holds yes or no where a list was expected"),
    "broken_numbers": problem("a number stands where an object was expected"),
    "odd_bom_and_blank_lines": good(1),
    "odd_php_notice_before": Outcome(good=(1,), notes=1),
    "odd_control_character": Outcome(good=(1, 2, 3), notes=1),
    "odd_latin1": Outcome(good=(1, 2, 3), notes=1),
}


def case_of(path: Path) -> str:
    return path.relative_to(JSON_CORPUS).with_suffix("").as_posix()


@pytest.mark.parametrize("case", sorted(map(case_of, JSON_CORPUS.rglob("*.json"))))
def test_a_document_gives_its_good_records_and_says_what_is_wrong(case: str) -> None:
    outcome, got = OUTCOMES[case], read_json_corpus(case)
    assert tuple(entry.id for entry in got.entries) == outcome.good
    assert tuple(reject.field for reject in got.rejected) == tuple(name for name, _ in outcome.rejected)
    for reject, (_, part) in zip(got.rejected, outcome.rejected, strict=True):
        assert part in reject.message
    assert len(got.problems) == len(outcome.problems)
    for told, part in zip(got.problems, outcome.problems, strict=True):
        assert part in told.message
    assert got.expenses == outcome.expenses
    assert len(got.notes) == outcome.notes


def test_bytes_that_do_not_belong_there_cost_no_record_and_are_told() -> None:
    controlled, western = read_json_corpus("odd_control_character"), read_json_corpus("odd_latin1")
    assert [entry.text for entry in controlled.entries] == ["Work", "abc", "Work"]
    assert [entry.text for entry in western.entries] == ["Work", "Müller €", "Work"]
    assert "control characters were left out" in controlled.notes[0]
    assert "read as Windows-1252" in western.notes[0]


def test_every_outcome_has_its_document() -> None:
    assert set(OUTCOMES) == set(map(case_of, JSON_CORPUS.rglob("*.json")))


@pytest.mark.parametrize("case", sorted(case for case in OUTCOMES if case.startswith("broken_")))
def test_a_broken_document_says_whether_a_part_was_usable(case: str) -> None:
    (told,) = read_json_corpus(case).problems
    assert told.usable_part is bool(OUTCOMES[case].good)


MASTERS: dict[str, tuple[Master, ...]] = {
    "doc_samples/v5_time_records_list": (Project(SourceId(1), "Test Project"),),
    "doc_samples/v5_user_single": (
        User(SourceId(2), "Peter Smith", "member@activecollab.com", company_id=SourceId(1)),
    ),
    "doc_samples/v5_job_types": (
        JobType(SourceId(3), "Architecture"),
        JobType(SourceId(1), "General"),
        JobType(SourceId(2), "Programming"),
    ),
    "doc_samples/v5_projects_list": (
        Project(SourceId(16), "Test Project", company_id=SourceId(1), leader_id=SourceId(1)),
    ),
    "v5_list": (
        Project(SourceId(7), "Site", company_id=SourceId(4), archived=True),
        Task(SourceId(12), "Fix it", SourceId(7), 5),
        User(SourceId(3), "Ann Lee", "ann@x.example"),
    ),
    "v5_single": (Task(SourceId(12), "Fix it", SourceId(7)),),
    "v5_tasks_of_a_project": (
        Task(SourceId(12), "Fix it", SourceId(7), 5),
        Task(SourceId(13), "Two", SourceId(7), 6),
    ),
    "v5_people": (
        User(SourceId(3), "Ann", "ann@x.example", SourceId(4)),
        User(SourceId(5), "Bob", archived=True),
        User(SourceId(6), "Cy", archived=True),
        User(SourceId(8), "Di Fo"),
    ),
    "v5_companies": (Company(SourceId(4), "Agency"), Company(SourceId(9), "Old", archived=True)),
    "v5_projects": (
        Project(SourceId(7), "Site", company_id=SourceId(4)),
        Project(SourceId(8), "Done", archived=True),
        Project(SourceId(9), "Bin", archived=True),
    ),
    "v3_tracking": (
        User(SourceId(3), "Ann Lee", "ann@x.example"),
        Project(SourceId(7), "Site"),
        JobType(SourceId(2), "Design"),
    ),
    "v3_company_with_people": (
        Company(SourceId(4), "Agency", archived=True),
        User(SourceId(3), "Ann Lee", "ann@x.example", SourceId(4)),
    ),
    "v3_completed_project_is_not_archived": (Project(SourceId(7), "Site", "site"),),
    "v3_project_people": (User(SourceId(3), "Ann Lee"),),
    "v3_job_types": (JobType(SourceId(2), "Design"),),
    "v2_ticket_with_tasks": (Task(SourceId(12), "Fix it", SourceId(7), 5), Task(SourceId(30), "part", SourceId(7))),
}


@pytest.mark.parametrize("case", sorted(OUTCOMES))
def test_people_companies_projects_tasks_and_job_types_are_found(case: str) -> None:
    assert read_json_corpus(case).masters == MASTERS.get(case, ())


@pytest.mark.parametrize("case", sorted(OUTCOMES))
def test_no_reading_ever_shows_a_key_of_the_api(case: str) -> None:
    assert "secret" not in repr(read_json_corpus(case))
    assert "abcdefghijkl" not in repr(read_json_corpus(case))
