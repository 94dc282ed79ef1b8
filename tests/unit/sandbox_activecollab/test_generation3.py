"""ActiveCollab 3 and 4 as the legacy API book and its clients describe them."""

from __future__ import annotations

import pytest

from migrator.sandbox.activecollab_records import State, Stranger
from tests.unit.sandbox_activecollab.installation import Installation, ident, told

SUBMITTED = {"submitted": "submitted"}


def a_form(installation: Installation, **changed: str) -> dict[str, str]:
    fields = {"value": "3:30", "record_date": "2012-05-01", "user_id": str(installation.person), "job_type_id": "1"}
    return SUBMITTED | {f"time_record[{name}]": text for name, text in (fields | changed).items()}


def test_time_and_expenses_are_mixed_and_told_apart_by_class(third: Installation) -> None:
    record = third.book("3.75", task_id=third.task, text="Hallo")
    expense = third.sandbox.add_expense(third.project, third.person, "12.90")
    assert record == expense, "ids of time and expenses overlap"
    rows = third.xml("projects/1/tracking")
    assert (rows.tag, rows[0].tag) == ("tracking_objects", "tracking_object")
    assert {told(each, "class") for each in rows} == {"TimeRecord", "Expense"}
    [time] = [each for each in rows if told(each, "class") == "TimeRecord"]
    expected = {"value": "3.75", "summary": "Hallo", "parent_class": "Task", "parent_id": str(third.task)}
    expected |= {"record_date": "2024-03-21", "created_on": "2024-06-12 09:00:00", "job_type/id": "1"}
    expected |= {"user/id": str(third.person), "user/email": "bo.berg@agentur.example", "project/id": "1"}
    expected |= {"state": "3", "is_trashed": "0", "billable_status": "0"}
    assert {name: told(time, name) for name in expected} == expected
    assert "<![CDATA[2024-03-21]]>" in third.call("projects/1/tracking").get_data(as_text=True)


def test_a_list_is_cut_at_the_last_300_unless_asked_not_to(third: Installation) -> None:
    ids = [third.book(days_later=day) for day in range(305)]
    assert third.listed() == ids[:4:-1]
    assert third.listed("dont_limit_result=1") == ids[::-1]
    third.switches.honours_dont_limit_result = False
    assert third.listed("dont_limit_result=1") == ids[:4:-1]


def test_expenses_count_towards_the_300(third: Installation) -> None:
    ids = [third.book(days_later=day) for day in range(299)]
    for _ in range(2):
        third.sandbox.add_expense(third.project, third.person)
    assert len(third.listed()) == 300
    assert ids[0] in third.listed()


def test_archived_projects_are_found_only_in_the_archive(third: Installation) -> None:
    done = third.sandbox.add_project("Fertig", archived=True, member=False)
    assert [told(each, "id") for each in third.xml("projects")] == ["1"]
    [archived] = third.xml("projects/archive")
    assert (told(archived, "id"), told(archived, "state"), told(archived, "is_member")) == (str(done), "2", "0")
    third.book(project_id=done)
    assert len(third.xml(f"projects/{done}/tracking")) == 1


def test_a_project_is_known_by_id_and_by_slug(third: Installation) -> None:
    assert told(third.xml("projects/website-1"), "id") == "1"
    third.book()
    assert len(third.xml("projects/website-1/tracking")) == 1
    assert third.call("projects/other").status_code == 404


def test_people_and_companies_of_the_archive_are_apart(third: Installation) -> None:
    left = third.sandbox.add_person("Lea", "Left", archived=True)
    old = third.sandbox.add_company("Alt GmbH", archived=True)
    assert [told(each, "id") for each in third.xml("people")] == ["1"]
    assert [told(each, "id") for each in third.xml("people/archive")] == [str(old)]
    assert [told(each, "id") for each in third.xml("people/1/users")] == ["7", str(third.person)]
    assert [told(each, "id") for each in third.xml("people/1/users/archive")] == [str(left)]
    assert told(third.xml(f"people/1/users/{left}"), "is_archived") == "1"
    assert third.xml("people/1").find("users") is None
    third.switches.company_users = True
    assert [told(each, "id") for each in third.xml("people/1").findall("users/user")] == ["7", str(third.person)]
    assert third.call("people/99/users").status_code == 404


def test_tasks_are_listed_and_shown_by_number(third: Installation) -> None:
    archived = third.sandbox.add_task(third.project, "Alt", archived=True)
    assert [told(each, "id") for each in third.xml("projects/1/tasks")] == [str(third.task)]
    assert [told(each, "id") for each in third.xml("projects/1/tasks/archive")] == [str(archived)]
    assert told(third.xml("projects/1/tasks/2"), "id") == str(archived)
    third.sandbox.trash_task(archived)
    assert third.call("projects/1/tasks/2").status_code == 404
    assert [told(each, "user_id") for each in third.xml("projects/1/people")] == ["7", str(third.person)]


def test_job_types_have_a_list_of_their_own(third: Installation) -> None:
    third.sandbox.add_job_type("Design")
    assert [told(each, "name") for each in third.xml("info/job-types")] == ["General", "Design"]


def test_a_task_lists_its_own_time(third: Installation) -> None:
    here, _ = third.book(task_id=third.task), third.book()
    assert [ident(each) for each in third.xml("projects/1/tasks/1/tracking")] == [here]


def test_a_record_is_shown_where_it_hangs_and_nowhere_else(third: Installation) -> None:
    on_task, on_project = third.book(task_id=third.task), third.book()
    assert third.call(f"projects/1/tracking/time/{on_project}").status_code == 200
    assert third.call(f"projects/1/tasks/1/tracking/time/{on_task}").status_code == 200
    assert third.call(f"projects/1/tracking/time/{on_task}").status_code == 404
    assert third.call(f"projects/1/tasks/1/tracking/time/{on_project}").status_code == 404
    third.switches.task_time_at_project = True
    assert third.call(f"projects/1/tracking/time/{on_task}").status_code == 200


def test_time_is_added_edited_and_trashed_at_project_and_task(third: Installation) -> None:
    for place, task_id in (("projects/1/tracking/time", None), ("projects/1/tasks/1/tracking/time", third.task)):
        form = a_form(third, summary="neu")
        shown = third.call(f"{place}/add", method="POST", form=form, query="format=json").get_json()
        record = third.sandbox.records[shown["id"]]
        assert (record.task_id, record.hours, record.text) == (task_id, "3.5", "neu")
        edit = SUBMITTED | {"time_record[value]": "1"}
        assert third.call(f"{place}/{record.id}/edit", method="POST", form=edit).status_code == 200
        assert third.sandbox.records[record.id].hours == "1"
        third.call(f"{place}/{record.id}/trash", method="POST", form=SUBMITTED)
        assert third.sandbox.records[record.id].state is State.TRASHED
        third.call(f"{place}/{record.id}/untrash", method="POST", form=SUBMITTED)
        assert third.sandbox.records[record.id].state is State.VISIBLE
        assert third.call(f"{place}/{record.id}/trash").status_code == 400


@pytest.mark.parametrize("missing", ["user_id", "value", "record_date", "job_type_id"])
def test_a_refused_record_is_500_and_repeats_what_was_sent(third: Installation, missing: str) -> None:
    form = a_form(third, summary="neu")
    del form[f"time_record[{missing}]"]
    response = third.call("projects/1/tracking/time/add", method="POST", form=form, query="format=json")
    assert response.status_code == 500
    told_back = response.get_json()
    assert told_back["object_fields"]["summary"] == "neu"
    assert missing in told_back["field_errors"]
    assert third.sandbox.records == {}


def test_work_of_somebody_without_an_account_is_told_as_text(third: Installation) -> None:
    third.book(user_id=None, stranger=Stranger("Gast", "gast@example.com"))
    [record] = third.xml("projects/1/tracking")
    assert told(record, "user") == ""
    assert (told(record, "record_user/name"), told(record, "record_user/email")) == ("Gast", "gast@example.com")


def test_json_dates_are_objects_and_an_empty_list_is_null(third: Installation) -> None:
    assert third.json("projects/1/tracking", "format=json") is None
    third.book()
    [record] = third.json("projects/1/tracking", "format=json")
    assert record["record_date"]["class"] == "DateValue"
    assert record["record_date"]["timestamp"] == 1710979200
    assert record["created_on"]["mysql"] == "2024-06-12 09:00:00"
    assert record["created_on"]["formatted_time"] != record["created_on"]["formatted_time_gmt"]
    assert record["value"] == 1.5


def test_reads_sent_as_post_without_a_body_are_answered(third: Installation) -> None:
    assert third.call("projects/1/tracking", method="POST").status_code == 200
