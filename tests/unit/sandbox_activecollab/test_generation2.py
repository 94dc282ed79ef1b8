"""ActiveCollab 2 as its API pages and its clients describe it."""

from __future__ import annotations

import pytest

from migrator.sandbox.activecollab_records import State
from migrator.sandbox.activecollab_switches import Access
from tests.unit.sandbox_activecollab.installation import Installation, names, told

ADD = "projects/1/time/add"


def a_form(installation: Installation, **changed: str) -> dict[str, str]:
    fields = {"value": "3:30", "record_date": "2008-05-01", "user_id": str(installation.person)} | changed
    return {"submitted": "submitted"} | {f"time[{name}]": text for name, text in fields.items()}


def test_a_record_has_the_fields_of_the_official_page_in_their_order(second: Installation) -> None:
    record_id = second.book("3.75", text="<p>Hallo</p>", task_id=second.task, billable_status=3)
    [record] = second.xml("projects/1/time")
    assert names(record) == [
        *("id", "type", "name", "body", "state", "visibility", "created_on", "created_by_id", "updated_on"),
        *("updated_by_id", "version", "permalink", "project_id", "parent_id", "milestone_id", "permissions"),
        *("billable_status", "value", "record_date", "is_billable", "is_billed", "user_id"),
    ]
    expected = {"id": str(record_id), "name": "3.75 hours", "body": "<p>Hallo</p>", "state": "3", "value": "3.75"}
    expected |= {"record_date": "2024-03-21", "created_on": "2024-06-12 09:00:00", "parent_id": str(second.task)}
    expected |= {"is_billed": "1", "user_id": str(second.person), "permissions/can_move": "0", "milestone_id": ""}
    assert {name: told(record, name) for name in expected} == expected
    assert (record.findtext("name") or "").startswith("\n")
    assert told(second.xml(f"projects/1/time/{record_id}"), "value") == "3.75"


def test_all_project_objects_share_one_room_of_ids(second: Installation) -> None:
    ticket = second.sandbox.add_task(second.project, "Kontakt", subtasks=2)
    first, expense, last = second.book(), second.sandbox.add_expense(second.project, second.person), second.book()
    assert len({second.task, ticket, ticket + 1, ticket + 2, first, expense, last}) == 7
    second.sandbox.delete_record(last)
    assert second.book() > last


def test_time_is_listed_without_expenses_trash_or_limit_and_newest_first(second: Installation) -> None:
    ids = [second.book(days_later=day) for day in range(310)]
    second.sandbox.add_expense(second.project, second.person)
    second.sandbox.trash_record(ids[7])
    assert second.listed() == [each for each in reversed(ids) if each != ids[7]]


def test_archived_projects_stand_in_the_one_list(second: Installation) -> None:
    done = second.sandbox.add_project("Fertig")
    second.sandbox.archive_project(done)
    shown = {told(each, "id"): told(each, "status") for each in second.xml("projects")}
    assert shown == {"1": "active", str(done): "completed"}
    assert second.call("projects/archive").status_code == 404


def test_a_project_by_itself_nests_leader_and_company(second: Installation) -> None:
    project = second.xml("projects/1")
    assert (told(project, "leader/id"), told(project, "company/name")) == ("7", "Agentur")
    assert told(project, "logged_user_permissions/permissions/timerecord") == "3"
    assert told(project, "leader/token") == second.sandbox.token


def test_people_are_found_company_by_company_with_the_caller_s_key_inside(second: Installation) -> None:
    left = second.sandbox.add_person("Lea", "Left", archived=True)
    old = second.sandbox.add_company("Alt GmbH", archived=True)
    companies = second.xml("people")
    assert [told(each, "id") for each in companies] == ["1", str(old)]
    assert all(each.find("users") is None for each in companies)
    users = second.xml("people/1").findall("users/user")
    assert [told(each, "id") for each in users] == ["7", str(second.person), str(left)]
    assert [told(each, "token") for each in users] == [second.sandbox.token, None, None]
    assert users[0].findtext("first_name", "").strip() == "Ada"
    assert told(second.xml(f"people/1/users/{second.person}"), "email") == "bo.berg@agentur.example"
    assert second.call(f"people/{old}/users/{second.person}").status_code == 404


def test_tickets_are_shown_by_number_with_the_tasks_below(second: Installation) -> None:
    archived = second.sandbox.add_task(second.project, "Alt", archived=True, subtasks=1)
    assert [told(each, "id") for each in second.xml("projects/1/tickets")] == [str(second.task)]
    assert [told(each, "ticket_id") for each in second.xml("projects/1/tickets/archive")] == ["2"]
    ticket = second.xml("projects/1/tickets/2")
    assert told(ticket, "id") == str(archived)
    assert [told(each, "id") for each in ticket.findall("tasks/task")] == [str(archived + 1)]
    assert second.call(f"projects/1/tickets/{archived}").status_code == 404


def test_roles_and_teams_are_there(second: Installation) -> None:
    assert second.xml("roles/system").tag == "roles"
    assert [told(each, "user_id") for each in second.xml("projects/1/people")] == ["7", str(second.person)]


@pytest.mark.parametrize(
    ("entered", "hours"), [("3:30", "3.5"), ("3.5", "3.5"), ("5:5", "5.08"), ("0:10", "0.17"), ("8", "8"), ("10", "10")]
)
def test_time_is_added_with_hours_in_either_notation(second: Installation, entered: str, hours: str) -> None:
    response = second.call(
        ADD, method="POST", form=a_form(second, value=entered, body="neu", parent_id=str(second.task))
    )
    assert response.status_code == 200
    [record] = second.sandbox.records.values()
    assert (record.hours, record.day.isoformat(), record.user_id) == (hours, "2008-05-01", second.person)
    assert (record.text, record.task_id, record.created_by_id, record.version) == ("neu", second.task, 7, 1)
    assert b"<time_record>" in response.get_data()


@pytest.mark.parametrize("missing", ["user_id", "value", "record_date"])
def test_time_without_person_hours_or_day_is_refused_by_field(second: Installation, missing: str) -> None:
    form = a_form(second)
    del form[f"time[{missing}]"]
    response = second.call(ADD, method="POST", form=form)
    assert response.status_code == 500
    assert f"<{missing}>".encode() in response.get_data()
    second.switches.validation_status = 400
    assert second.call(ADD, method="POST", form=form).status_code == 400
    assert second.sandbox.records == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "1h30"},
        {"value": "1,5"},
        {"value": "0"},
        {"value": "-1"},
        {"value": "1:75"},
        {"record_date": "gestern"},
        {"record_date": "2008-13-01"},
        {"user_id": "999"},
        {"billable_status": "4"},
        {"parent_id": "999"},
    ],
)
def test_impossible_values_are_refused(second: Installation, wrong: dict[str, str]) -> None:
    response = second.call(ADD, method="POST", form=a_form(second, **wrong))
    assert response.status_code == 500
    assert b"<field_errors>" in response.get_data()
    assert second.sandbox.records == {}


def test_a_ticket_of_another_project_is_no_parent(second: Installation) -> None:
    other = second.sandbox.add_task(second.sandbox.add_project("Anderes"), "Fremd")
    assert second.call(ADD, method="POST", form=a_form(second, parent_id=str(other))).status_code == 500


def test_a_write_needs_post_and_submitted_and_no_charset(second: Installation) -> None:
    form = a_form(second)
    assert second.call(ADD).status_code == 400
    assert second.call(ADD, method="POST", form={**form, "submitted": "yes"}).status_code == 400
    typed = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert second.call(ADD, method="POST", form=form, headers=typed).status_code == 400
    assert second.sandbox.records == {}


def test_an_edit_changes_what_is_sent_and_moves_version_and_moment_on(second: Installation) -> None:
    record_id = second.book("1.5", text="alt")
    second.clock.sleep(60)
    edit = f"projects/1/time/{record_id}/edit"
    shown = second.call(edit, method="POST", form={"submitted": "submitted", "time[value]": "3:45"})
    assert shown.status_code == 200
    record = second.sandbox.records[record_id]
    assert (record.hours, record.text, record.version) == ("3.75", "alt", 2)
    assert record.updated_on == second.clock.now()
    assert record.created_on < second.clock.now()
    assert second.call(edit, method="POST", form={"time[value]": "4"}).status_code == 400


def test_time_goes_into_the_trash_and_back_by_its_global_id(second: Installation) -> None:
    record_id = second.book()
    submitted = {"submitted": "submitted"}
    assert (
        second.call(f"projects/1/objects/{record_id}/move-to-trash", method="POST", form=submitted).status_code == 200
    )
    assert second.sandbox.records[record_id].state is State.TRASHED
    assert second.listed() == []
    second.call(f"projects/1/objects/{record_id}/restore-from-trash", method="POST", form=submitted)
    assert second.listed() == [record_id]
    assert second.call("projects/1/objects/999/move-to-trash", method="POST", form=submitted).status_code == 404


def test_a_read_only_api_writes_nothing(second: Installation) -> None:
    second.switches.access = Access.READ_ONLY
    assert second.call(ADD, method="POST", form=a_form(second)).status_code == 403
    assert second.sandbox.records == {}


def test_json_of_generation_2_has_plain_dates_and_numbers(second: Installation) -> None:
    second.book("3.75")
    [record] = second.json("projects/1/time", "format=json")
    assert (record["value"], record["record_date"], record["is_billable"]) == (3.75, "2024-03-21", 0)
    assert record["created_on"] == "2024-06-12 09:00:00"
