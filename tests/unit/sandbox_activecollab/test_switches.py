"""What is unknown of ActiveCollab or differs between versions, switch by switch."""

from __future__ import annotations

import pytest

from migrator.sandbox.activecollab_records import LeftOut
from migrator.sandbox.activecollab_switches import (
    DateForm,
    Detail,
    EmptyList,
    Order,
    Paging,
    ProjectParent,
    References,
    Related,
    UserForm,
)
from migrator.sandbox.activecollab_tree import Markup
from tests.unit.sandbox_activecollab.installation import Installation, told


@pytest.mark.parametrize(
    ("form", "in_list", "in_detail"),
    [
        (UserForm.FLAT, {"user_id"}, {"user_id"}),
        (UserForm.NESTED, {"user/id"}, {"user/id"}),
        (UserForm.BOTH, {"user_id", "user/id"}, {"user_id", "user/id"}),
        (UserForm.NESTED_IN_DETAIL, {"user_id"}, {"user/id"}),
    ],
)
def test_a_person_is_flat_or_nested(
    second: Installation, form: UserForm, in_list: set[str], in_detail: set[str]
) -> None:
    second.switches.user_form = form
    record_id = second.book()
    [listed], shown = second.xml("projects/1/time"), second.xml(f"projects/1/time/{record_id}")
    for element, expected in ((listed, in_list), (shown, in_detail)):
        found = {path: told(element, path) for path in ("user_id", "user/id")}
        assert {path for path, text in found.items() if text == str(second.person)} == expected


def test_dates_of_generation_3_may_be_children(third: Installation) -> None:
    third.switches.date_form = DateForm.CHILDREN
    third.book()
    [record] = third.xml("projects/1/tracking")
    assert told(record, "record_date/timestamp") == "1710979200"
    assert told(record, "record_date/mysql") == "2024-03-21"
    assert told(record, "created_on/class") == "DateTimeValue"


def test_references_of_generation_3_may_be_flat(third: Installation) -> None:
    third.switches.references = References.FLAT
    third.book()
    [record] = third.xml("projects/1/tracking")
    assert (told(record, "project_id"), told(record, "job_type_id")) == ("1", "1")
    assert (record.find("project"), record.find("job_type")) == (None, None)
    assert told(record, "user/id") == str(third.person)


@pytest.mark.parametrize(
    ("form", "ending"),
    [
        (EmptyList.ROOT, b"\n<{}></{}>\n"),
        (EmptyList.SELF_CLOSED, b"\n<{} />\n"),
        (EmptyList.BLANK_ROOT, b"\n<{}>\n  \n</{}>\n"),
        (EmptyList.EMPTY_BODY, b""),
    ],
)
def test_an_empty_list_has_four_forms(legacy: Installation, form: EmptyList, ending: bytes) -> None:
    legacy.switches.empty_list = form
    root = b"time_records" if legacy.sandbox.generation == 2 else b"tracking_objects"
    body = legacy.call(legacy.time).get_data()
    expected = ending.replace(b"{}", root)
    assert body.endswith(expected)
    assert bool(body) is bool(ending)


def test_the_order_may_be_any(every: Installation) -> None:
    ids = [every.book(days_later=day) for day in range(30)]
    assert every.listed() == ids[::-1]
    every.switches.order = Order.OLDEST_FIRST
    assert every.listed() == ids
    every.switches.order = Order.RANDOM
    shuffled = every.listed()
    assert sorted(shuffled) == ids
    assert shuffled not in (ids, ids[::-1])
    assert every.listed() == shuffled
    every.switches.order_seed = 1
    assert every.listed() != shuffled


@pytest.mark.parametrize(
    ("form", "parent"), [(ProjectParent.ZERO, "0"), (ProjectParent.EMPTY, ""), (ProjectParent.MISSING, None)]
)
def test_time_on_the_project_has_no_parent_in_three_forms(
    second: Installation, form: ProjectParent, parent: str | None
) -> None:
    second.switches.project_parent = form
    second.book()
    second.book(task_id=second.task, days_later=1)
    on_task, on_project = second.xml("projects/1/time")
    assert told(on_project, "parent_id") == parent
    assert told(on_task, "parent_id") == str(second.task)


@pytest.mark.parametrize(("detail", "status"), [(Detail.NOT_FOUND, 404), (Detail.SHOWN, 200), (Detail.FORBIDDEN, 403)])
def test_a_trashed_and_a_moved_record_are_answered_as_switched(
    every: Installation, detail: Detail, status: int
) -> None:
    trashed, moved, deleted = every.book(), every.book(), every.book()
    every.sandbox.trash_record(trashed)
    every.sandbox.move_record(moved, every.sandbox.add_project("Anderes"))
    every.sandbox.delete_record(deleted)
    every.switches.trashed_detail = every.switches.moved_detail = detail
    assert every.call(every.detail(trashed)).status_code == status
    assert every.call(every.detail(moved)).status_code == status
    assert every.call(every.detail(deleted)).status_code == 404
    assert every.listed() == []


def test_a_trashed_record_that_is_shown_says_so(legacy: Installation) -> None:
    record_id = legacy.book()
    legacy.sandbox.trash_record(record_id)
    assert told(legacy.xml(legacy.detail(record_id)), "state") == "1"


def test_hours_may_come_out_of_a_float_column(every: Installation) -> None:
    every.book("3.33")
    every.switches.long_floats = True
    assert "3.3299999237061" in every.call(every.time).get_data(as_text=True)


def test_what_was_never_edited_may_lack_updated_on(every: Installation) -> None:
    every.switches.null_updated_on = True
    record_id = every.book()
    empty = {2: "<updated_on></updated_on>", 3: "<updated_on></updated_on>", 5: '"updated_on":null'}
    assert empty[every.sandbox.generation] in every.call(every.time).get_data(as_text=True)
    every.sandbox.edit_record(record_id, hours="2")
    assert empty[every.sandbox.generation] not in every.call(every.time).get_data(as_text=True)


def test_the_oldest_versions_know_no_billable_status(second: Installation) -> None:
    second.switches.old_billing = True
    second.book(billable_status=3)
    [record] = second.xml("projects/1/time")
    assert record.find("billable_status") is None
    assert (told(record, "is_billable"), told(record, "is_billed")) == ("1", "1")


def test_documents_may_lack_their_declaration(legacy: Installation) -> None:
    legacy.switches.declaration = False
    assert legacy.call("info").get_data().startswith(b"<info>")


@pytest.mark.parametrize("paging", list(Paging))
def test_pages_are_told_in_every_spelling_or_not_at_all(fifth: Installation, paging: Paging) -> None:
    fifth.switches.paging = paging
    fifth.switches.page_size = 2
    for _ in range(5):
        fifth.book()
    response = fifth.call("projects/1/time-records", query="page=2")
    shown = len(response.get_json()["time_records"])
    headers = {name: text for name, text in response.headers.items() if name.startswith("X-Angie-Pagination")}
    prefix = "X-Angie-Pagination"
    expected = {
        Paging.CURRENT_PAGE: {f"{prefix}CurrentPage": "2", f"{prefix}ItemsPerPage": "2", f"{prefix}TotalItems": "5"},
        Paging.PAGE: {f"{prefix}Page": "2", f"{prefix}PerPage": "2", f"{prefix}Total": "5"},
        Paging.WHOLE: {f"{prefix}Page": "0", f"{prefix}PerPage": "0", f"{prefix}Total": "5"},
        Paging.NONE: {},
    }
    assert headers == expected[paging]
    assert shown == (5 if paging is Paging.WHOLE else 2)


def test_related_comes_in_every_form(fifth: Installation) -> None:
    fifth.book()
    shown = {}
    for related in Related:
        fifth.switches.related = related
        shown[related] = fifth.json("projects/1/time-records")["related"]
    assert shown[Related.MAPS]["Task"] == {}
    assert shown[Related.EMPTY_ARRAYS]["Task"] == []
    assert shown[Related.NULL] is None
    assert shown[Related.WITHOUT_TASK].keys() == {"Project"}


def test_fields_of_one_record_can_be_shown_as_they_are_or_not_at_all(every: Installation) -> None:
    every.book(as_is={"value": "1h30", "billable_status": LeftOut.FIELD})
    text = every.call(every.time).get_data(as_text=True)
    assert ("<value>1h30</value>" in text) or ('"value":"1h30"' in text)
    assert "billable_status" not in text


def test_markup_goes_into_a_document_untouched(legacy: Installation) -> None:
    name = "body" if legacy.sandbox.generation == 2 else "summary"
    legacy.book(as_is={name: Markup("a & b &nbsp;")})
    assert f"<{name}>a & b &nbsp;</{name}>" in legacy.call(legacy.time).get_data(as_text=True)


def test_a_project_can_be_hidden_forbidden_or_gone(every: Installation) -> None:
    every.book()
    every.sandbox.hide_time(every.project)
    assert every.call(every.time).status_code == 403
    assert every.call("projects/1").status_code == 200
    assert b"Website" in every.call("projects").get_data()
    every.sandbox.hide_project(every.project)
    assert every.call("projects/1").status_code == 403
    assert every.call(every.time).status_code == 403
    assert b"Website" not in every.call("projects").get_data()
    every.sandbox.show_project(every.project)
    assert len(every.listed()) == 1
    every.sandbox.delete_project(every.project)
    assert every.call(every.time).status_code == 404
    assert every.sandbox.records == {}


def test_answers_are_compressed_for_who_accepts_it(every: Installation) -> None:
    every.switches.gzip = True
    response = every.call("info", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.get_data().startswith(b"\x1f\x8b")
    assert "Content-Encoding" not in every.call("info").headers
