"""Every document of the corpus, and what must come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from migrator.core.model import Company, JobType, Master, Project, SourceId, Task, User
from tests.unit.activecollab.reading import CORPUS, read, read_corpus


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ids of good records; field and part of the message of each reject; part of each document problem."""

    good: tuple[int, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    expenses: int = 0


def good(*ids: int) -> Outcome:
    return Outcome(good=ids)


def rejected(*reasons: tuple[str, str], beside: tuple[int, ...] = ()) -> Outcome:
    return Outcome(good=beside, rejected=reasons)


def problem(*messages: str, after: tuple[int, ...] = ()) -> Outcome:
    return Outcome(good=after, problems=messages)


OUTCOMES = {
    "v2_minimal": good(1),
    "v2_padded_cdata": good(1),
    "v2_split_cdata_and_comment": good(1),
    "v2_html_body": good(1),
    "v2_unescaped_markup_in_body": good(1),
    "v2_nested_user_and_project": good(1),
    "v2_flat_and_nested_user_agree": good(1),
    "v2_flat_and_nested_user_differ": rejected(("user_id", "'3 / 4' cannot be used; expected the same number")),
    "v2_creator_is_not_the_worker": rejected(("user_id", "the number of a person")),
    "v2_before_billable_status": good(1, 2, 3, 4),
    "v2_billing_contradicts": good(1),
    "v2_status_0_to_3": good(1, 2, 3, 4),
    "v2_status_4": rejected(("billable_status", "'4' cannot be used; expected a billable status from 0 to 3")),
    "v2_status_text": rejected(("billable_status", "'yes'")),
    "v2_status_missing": rejected(("billable_status", "from 0 to 3")),
    "v2_hours_forms": good(1, 2, 3, 4, 5, 6),
    "v2_hours_unusable": rejected(
        ("value", "time record 1: value '1h30' cannot be used; expected hours such as 5:30, 5.5 or 3,75"),
        ("value", "no negative"),
        ("value", "''"),
        ("value", "at most 1,000 hours"),
        ("value", "minutes from 0 to 59"),
        ("value", "the documentation's placeholder"),
    ),
    "v2_day_forms": good(1, 2, 3, 4),
    "v2_day_unusable": rejected(
        ("record_date", "'0000-00-00' cannot be used; expected a day that exists"),
        ("record_date", "'01.05.2008' cannot be used; expected a day such as 2008-05-01"),
        ("record_date", "'5/1/2008'"),
        ("record_date", "a day that exists"),
        ("record_date", "no later than 2027-11-21"),
        ("record_date", "midnight UTC"),
        ("record_date", "'20080501'"),
        ("record_date", "''"),
    ),
    "v2_moments": good(1, 2, 3),
    "v2_trashed_archived_private": good(1, 2, 3, 4),
    "v2_parents": good(1, 2, 3, 4, 5, 6),
    "v2_zero_ids": rejected(("user_id", "'0'"), ("project_id", "'0'"), ("id", "time record: id '0'")),
    "v2_ids_that_are_no_numbers": rejected(
        ("id", "'x'"), ("id", "'-5'"), ("user_id", "'Ann'"), ("project_id", "'٣'"), ("parent_id", "'T12'")
    ),
    "v2_id_missing": rejected(("id", "''")),
    "v2_repeated_value_differs": rejected(("value", "only once"), beside=(2,)),
    "v2_repeated_value_same": good(1),
    "v2_repeated_unknown_element": good(1),
    "v2_markup_in_value": rejected(("value", "text without elements"), beside=(2,)),
    "v2_record_inside_record": Outcome(
        good=(3,),
        rejected=(("time_record", "no record inside another"),),
        problems=("1 more <time_record> begin inside one",),
    ),
    "v2_permalinks": good(1, 2, 3),
    "v2_other_order_attributes_extras": good(1),
    "v2_namespaces": good(1),
    "v2_prefixed_namespace": good(1),
    "v2_single_record": good(1),
    "v2_empty_list": good(),
    "v2_empty_list_with_blanks": good(),
    "v2_list_child_named_like_the_list": good(1),
    "v2_strange_child_in_list": rejected(
        ("element", "'<zeiteintrag>' cannot be used; expected <time_record>"), ("element", "'<zeit>'"), beside=(1, 3)
    ),
    "v2_masters_in_flat_fields": good(1, 2),
    "v2_other_type": rejected(("type", "'Ticket' cannot be used; expected TimeRecord"), beside=(2,)),
    "v2_type_and_class_differ": rejected(("type", "Expense / TimeRecord")),
    "v2_many_children": rejected(("element", "at most 200"), beside=(2,)),
    "v3_time_and_expenses": Outcome(good=(1, 2), expenses=1),
    "v3_class_missing_or_other": rejected(("class", "TimeRecord or Expense"), ("class", "'Estimate'")),
    "v3_nested_dates": good(1, 2),
    "v3_job_type_nested_and_flat": good(1, 2, 3),
    "v3_parents": good(1, 2, 3, 4),
    "v3_person_without_account": rejected(("user_id", "record_user"), beside=(1, 2, 3)),
    "v3_summary_before_body": good(1),
    "masters_people": problem("user left out: id '' cannot be used; expected a number"),
    "masters_projects": problem("project left out: id ''"),
    "masters_tickets": good(),
    "masters_checklist": good(),
    "masters_job_types": problem("job_type left out: id 'x'"),
    "masters_project_users": good(),
    "masters_strange_child": problem("<projekt> inside <projects> is not known"),
    "info": good(),
    "broken_cut_off": problem("cut off", after=(1,)),
    "broken_cut_off_before_the_end_tag": problem("cut off", after=(1, 2)),
    "broken_text_after_the_end": problem("behind the end", after=(1, 2)),
    "broken_control_character": good(1, 2, 3),
    "broken_nul": good(1, 2, 3),
    "broken_nul_reference": good(1, 2, 3),
    "broken_nbsp_entity": rejected(
        (
            "element",
            "time record 2: element '<time_record>' cannot be used; expected well-formed XML, but: "
            "&nbsp; is no XML entity",
        ),
        beside=(1, 3),
    ),
    "broken_bare_ampersand": rejected(("element", "not well-formed"), beside=(1, 3)),
    "broken_end_tags": rejected(("element", "tag mismatch"), beside=(1, 3)),
    "broken_too_deep": rejected(("element", "more than 256 deep"), beside=(1, 3)),
    "broken_latin1_bytes_in_utf8": good(1, 2, 3),
    "broken_empty": problem("empty"),
    "broken_blank": problem("empty"),
    "broken_declaration_only": problem("no element in the document"),
    "broken_plain_text": problem("plain text"),
    "broken_json": problem("JSON"),
    "broken_gzip": problem("compressed"),
    "broken_utf16": problem("UTF-16"),
    "broken_utf7": problem("encoding that is not supported"),
    "broken_html_page": problem("web page"),
    "broken_html_page_without_doctype": problem("web page"),
    "broken_text_before": problem("text stands before the XML declaration"),
    "broken_error_document": problem("ActiveCollab answered with an error: Not found; Hours are required"),
    "broken_error_under_a_known_root": problem("No such record"),
    "broken_unknown_root": problem("<rss> is no document of ActiveCollab"),
    "broken_doctype": problem("<!DOCTYPE>"),
    "broken_external_entity": problem("<!DOCTYPE>"),
    "broken_billion_laughs": problem("<!DOCTYPE>"),
    "odd_bom_and_blank_lines": good(1, 2),
    "odd_php_notice_before": good(1, 2),
    "odd_xinclude_is_not_followed": good(1),
    "odd_declaration_inside_cdata": good(1),
    "odd_declared_latin1": good(1, 2, 3),
    "odd_declared_windows_1252": good(1),
    # What ActiveCollab's documentation prints, word for word: "..." is where it left something out.
    "doc_samples/v2_time_records_list": rejected(("project_id", "(the documentation's placeholder)")),
    "doc_samples/v2_time_record_add_response": good(20),
    "doc_samples/v2_time_record_detail": rejected(("project_id", "'...' cannot be used; expected a number")),
    "doc_samples/v2_time_record_edit_response": rejected(("project_id", "'...'")),
    "doc_samples/v2_info": good(),
    "doc_samples/v2_projects_list": good(),
    "doc_samples/v2_project_add_response": good(),
    "doc_samples/v2_project_detail": good(),
    "doc_samples/v2_project_minimal": good(),
    "doc_samples/v2_companies_list": problem("company left out: id '...'"),
    "doc_samples/v2_company_detail": problem("company left out: id '...'"),
    "doc_samples/v2_leader_user_block": good(),
    "doc_samples/v3_tracking_objects_list": Outcome(rejected=(("project_id", "''"),), expenses=1),
    "doc_samples/v3_info": good(),
    "doc_samples/v3_projects_list": good(),
    "doc_samples/v3_project_users": good(),
    "doc_samples/v3_tasks_list": good(),
    "doc_samples/v3_milestone_add_response": good(),
    "doc_samples/v3_notebooks_archive_odd_child_name": good(),
}


def case_of(path: Path) -> str:
    return path.relative_to(CORPUS).with_suffix("").as_posix()


# The documents of the odd cases have a table of their own: test_cases.py.
DOCUMENTS = sorted(case_of(path) for path in CORPUS.rglob("*.xml") if "cases" not in path.parts)


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_document_gives_its_good_records_and_says_what_is_wrong(case: str) -> None:
    outcome, got = OUTCOMES[case], read_corpus(case)
    assert tuple(entry.id for entry in got.entries) == outcome.good
    assert tuple(reject.field for reject in got.rejected) == tuple(name for name, _ in outcome.rejected)
    for reject, (_, part) in zip(got.rejected, outcome.rejected, strict=True):
        assert part in reject.message
    assert len(got.problems) == len(outcome.problems)
    for told, part in zip(got.problems, outcome.problems, strict=True):
        assert part in told.message
    assert got.expenses == outcome.expenses


@pytest.mark.parametrize(
    ("case", "text", "warning"),
    [
        ("broken_control_character", "bell", "1 control character was left out"),
        ("broken_nul", "nul", "1 control character was left out"),
        ("broken_nul_reference", "nul", "1 control character was left out"),
        ("broken_latin1_bytes_in_utf8", "Grüße", "2 bytes that do not fit the declared encoding: read as Windows-1252"),
    ],
)
def test_bytes_that_cannot_be_xml_cost_nothing_but_a_warning(case: str, text: str, warning: str) -> None:
    first, second, third = read_corpus(case).found
    assert (second.entry.text, second.warnings) == (text, (warning,))
    assert first.warnings == third.warnings == ()


def test_every_outcome_has_its_document() -> None:
    assert set(OUTCOMES) == set(DOCUMENTS)


@pytest.mark.parametrize(
    "case", sorted(case for case, outcome in OUTCOMES.items() if case.startswith("broken_") and outcome.problems)
)
def test_a_broken_document_says_whether_a_part_was_usable(case: str) -> None:
    (told,) = read_corpus(case).problems
    assert told.usable_part is bool(OUTCOMES[case].good)
    assert (told.origin.line > 0) is bool(OUTCOMES[case].good)


@pytest.mark.parametrize("case", sorted(OUTCOMES))
def test_no_secret_of_a_document_is_ever_told(case: str) -> None:
    assert "secret" not in repr(read_corpus(case))


MASTERS: dict[str, tuple[Master, ...]] = {
    "v2_nested_user_and_project": (
        User(SourceId(3), "Ann Lee", "ann@x.example"),
        Project(SourceId(7), "Site"),
    ),
    "v2_masters_in_flat_fields": (
        User(SourceId(3), "Ann Lee", "ann@x.example"),
        Project(SourceId(7), "Site"),
        JobType(SourceId(5), "Design"),
        Task(SourceId(12), "Ticket", SourceId(7)),
    ),
    "v3_time_and_expenses": (User(SourceId(3), "msvsbc"),),
    "v3_job_type_nested_and_flat": (User(SourceId(3), "msvsbc"), JobType(SourceId(5), "Design")),
    "masters_people": (
        Company(SourceId(1), "Owner & Co"),
        User(SourceId(3), "Ann Lee", "ann@x.example", SourceId(1)),
        User(SourceId(4), "login", "", SourceId(9), archived=True),
        Company(SourceId(2), "Old", archived=True),
    ),
    "masters_projects": (
        Project(SourceId(1), "One", "one", leader_id=SourceId(3)),
        User(SourceId(3), "Ann"),
        Project(
            SourceId(2),
            "Two",
            "two-too",
            company_id=SourceId(9),
            permalink="https://x.example/public/index.php?path_info=projects%2Ftwo-too",
            archived=True,
        ),
        Company(SourceId(9), "Client"),
        Project(SourceId(3), "Three", leader_id=SourceId(3), permalink="https://x.example/projects/731"),
    ),
    "masters_tickets": (
        Task(SourceId(12), "Ticket", SourceId(7), 1),
        Task(SourceId(13), "Sub", SourceId(7)),
    ),
    "masters_checklist": (Task(SourceId(21), "Point", SourceId(7)),),
    "masters_job_types": (JobType(SourceId(5), "Design"),),
    "masters_project_users": (User(SourceId(3), "Ann"),),
    "doc_samples/v2_leader_user_block": (User(SourceId(1), "Foo Bar", "foo@bar.com", SourceId(3)),),
    "doc_samples/v2_project_detail": (Project(SourceId(2), "Created through API"),),
    "doc_samples/v3_tasks_list": (
        Task(SourceId(12), "Task example"),
        Task(SourceId(13), "Some task"),
    ),
}


@pytest.mark.parametrize("case", sorted(MASTERS))
def test_people_companies_projects_tasks_and_job_types_are_found_once_each(case: str) -> None:
    assert read_corpus(case).masters == MASTERS[case]


def test_a_document_type_is_refused_however_late_it_comes() -> None:
    late = b"<!--" + b"x" * 70_000 + b"-->" + b"<!DOCTYPE a [<!ENTITY x 'y'>]><time_records/>"
    (told,) = read(late).problems
    assert "no element begins within the first 65536 bytes" in told.message
