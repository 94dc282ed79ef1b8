"""ActiveCollab 5 to 7 as documentation, recordings and clients describe them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from migrator.sandbox.activecollab_records import State
from migrator.sandbox.activecollab_switches import Access, Detail
from tests.unit.sandbox_activecollab.installation import Installation

LIST = "projects/1/time-records"


def fields_of(installation: Installation, **changed: object) -> dict[str, object]:
    fields = {"value": "3:30", "record_date": "2014-05-14", "user_id": installation.person, "job_type_id": 1}
    return {**fields, **changed}


def test_a_record_has_the_documented_keys(fifth: Installation) -> None:
    record_id = fifth.book("3", task_id=fifth.task, text="Hallo")
    answer = fifth.json(LIST)
    [record] = answer["time_records"]
    assert list(record) == [
        *("id", "class", "url_path", "is_trashed", "trashed_on", "trashed_by_id", "billable_status", "value"),
        *("record_date", "summary", "user_id", "parent_type", "parent_id", "created_on", "created_by_id"),
        *("updated_on", "updated_by_id", "job_type_id"),
    ]
    assert (record["value"], record["parent_type"], record["parent_id"]) == (3, "Task", fifth.task)
    assert datetime.fromtimestamp(record["record_date"], UTC).isoformat() == "2024-03-21T00:00:00+00:00"
    assert record["url_path"] == f"/projects/1/time-records/{record_id}"
    assert answer["related"]["Project"]["1"]["name"] == "Website"
    assert answer["related"]["Task"][str(fifth.task)]["task_number"] == 1
    assert fifth.json(f"{LIST}/{record_id}") == {"single": record}
    assert '"\\/projects\\/1' in fifth.call(LIST).get_data(as_text=True)


def test_nothing_is_two_nulls(fifth: Installation) -> None:
    assert fifth.json(LIST) == {"time_records": None, "related": None}
    fifth.book()
    assert fifth.json(LIST, "page=2") == {"time_records": None, "related": None}


def test_long_lists_come_in_pages_of_100_newest_first(fifth: Installation) -> None:
    ids = [fifth.book(days_later=day) for day in range(250)]
    pages = [fifth.call(LIST, query=f"page={number}") for number in (1, 2, 3, 4)]
    shown = [[each["id"] for each in page.get_json()["time_records"] or []] for page in pages]
    assert [len(page) for page in shown] == [100, 100, 50, 0]
    assert [each for page in shown for each in page] == ids[::-1]
    headers = pages[1].headers
    assert headers["X-Angie-PaginationCurrentPage"] == "2"
    assert headers["X-Angie-PaginationItemsPerPage"] == "100"
    assert headers["X-Angie-PaginationTotalItems"] == "250"
    assert fifth.json(LIST) == pages[0].get_json()


def test_short_lists_are_unpaged_and_say_so_under_other_names(fifth: Installation) -> None:
    headers = fifth.call("users").headers
    names = ("X-Angie-PaginationPage", "X-Angie-PaginationPerPage", "X-Angie-PaginationTotal")
    assert [headers[name] for name in names] == ["0", "0", "2"]


def test_the_etag_names_list_page_and_the_caller_s_login(fifth: Installation) -> None:
    fifth.book()
    response = fifth.call(LIST, query="page=1")
    assert response.headers["Etag"].startswith(
        '"7.1.382,collection,time_records_in_project_1_page_1,ada@agentur.example,'
    )
    assert response.headers["Cache-Control"] == "public, max-age=0"
    assert response.headers["Expires"].endswith("2034 09:00:00 GMT")


def test_archived_projects_have_their_own_pages(fifth: Installation) -> None:
    for number in range(101):
        fifth.sandbox.add_project(f"Alt {number}", archived=True)
    assert [each["id"] for each in fifth.json("projects")] == [1]
    assert len(fifth.json("projects/archive")) == 100
    [last] = fifth.json("projects/archive", "page=2")
    assert last["is_completed"] is True
    assert fifth.json(f"projects/{last['id']}")["single"]["completed_on"]


def test_days_limit_a_list_both_included(fifth: Installation) -> None:
    ids = [fifth.book(days_later=day) for day in range(5)]
    query = "from=2024-03-22&to=2024-03-24"
    shown = fifth.json(f"{LIST}/filtered-by-date", query)["time_records"]
    assert [each["id"] for each in shown] == ids[3:0:-1]
    mine = fifth.json(f"users/{fifth.person}/time-records/filtered-by-date", query)["time_records"]
    assert mine == shown
    assert fifth.json("users/7/time-records/filtered-by-date", query)["time_records"] is None
    assert fifth.call(f"{LIST}/filtered-by-date", query="from=x&to=2024-03-24").status_code == 500
    fifth.switches.filters_by_date = False
    assert len(fifth.json(f"{LIST}/filtered-by-date", query)["time_records"]) == 5


def test_filtered_lists_come_whole_or_in_pages(fifth: Installation) -> None:
    for _ in range(120):
        fifth.book()
    query = "from=2024-03-21&to=2024-03-21"
    assert len(fifth.json(f"{LIST}/filtered-by-date", query)["time_records"]) == 120
    fifth.switches.filtered_in_pages = True
    assert len(fifth.json(f"{LIST}/filtered-by-date", query)["time_records"]) == 100
    assert len(fifth.json(f"{LIST}/filtered-by-date", f"{query}&page=2")["time_records"]) == 20


def test_tasks_people_companies_and_job_types_are_listed(fifth: Installation) -> None:
    done = fifth.sandbox.add_task(fifth.project, "Alt", archived=True)
    left = fifth.sandbox.add_person("Lea", archived=True)
    old = fifth.sandbox.add_company("Alt GmbH", archived=True)
    fifth.sandbox.add_job_type("Design")
    assert [each["id"] for each in fifth.json("projects/1/tasks")["tasks"]] == [fifth.task]
    assert [each["id"] for each in fifth.json("projects/1/tasks/archive")] == [done]
    assert [each["id"] for each in fifth.json("users")] == [7, fifth.person]
    assert [each["id"] for each in fifth.json("users/all")] == [7, fifth.person, left]
    assert fifth.json(f"users/{left}")["single"]["last_name"] is None
    assert [each["id"] for each in fifth.json("companies")] == [1]
    assert [each["id"] for each in fifth.json("companies/all")] == [1, old]
    assert [each["name"] for each in fifth.json("job-types")] == ["General", "Design"]


def test_a_task_lists_its_own_time_by_its_id(fifth: Installation) -> None:
    here, _ = fifth.book(task_id=fifth.task), fifth.book()
    shown = fifth.json(f"projects/1/tasks/{fifth.task}/time-records")["time_records"]
    assert [each["id"] for each in shown] == [here]
    assert fifth.call("projects/1/tasks/99/time-records").status_code == 404


@pytest.mark.parametrize("way", ["json", "form"])
def test_time_is_added_as_json_or_form(fifth: Installation, way: str) -> None:
    sent: dict[str, Any] = {way: fields_of(fifth, task_id=fifth.task, summary="neu", billable_status=1)}
    single = fifth.json(LIST, method="POST", **sent)["single"]
    record = fifth.sandbox.records[single["id"]]
    assert (record.hours, record.task_id, record.text, record.billable_status) == ("3.5", fifth.task, "neu", 1)


@pytest.mark.parametrize("missing", ["value", "record_date", "user_id", "job_type_id"])
def test_time_without_a_required_field_is_500(fifth: Installation, missing: str) -> None:
    sent = fields_of(fifth)
    del sent[missing]
    response = fifth.call(LIST, method="POST", json=sent)
    assert response.status_code == 500
    assert response.get_json()["type"] == "ValidationErrors"
    assert missing in response.get_json()["field_errors"]


def test_an_edit_may_move_a_record_to_another_project(fifth: Installation) -> None:
    other = fifth.sandbox.add_project("Anderes")
    record_id = fifth.book(task_id=fifth.task)
    moved = fifth.json(f"{LIST}/{record_id}", method="PUT", json={"project_id": other, "value": 2})["single"]
    assert (moved["id"], moved["parent_type"], moved["parent_id"], moved["value"]) == (record_id, "Project", other, 2)
    assert fifth.listed() == []
    task = fifth.sandbox.add_task(fifth.project, "Fremd")
    assert (
        fifth.call(f"projects/{other}/time-records/{record_id}", method="PUT", json={"task_id": task}).status_code
        == 500
    )


def test_the_trash_is_a_map_and_empty_it_is_an_array(fifth: Installation) -> None:
    assert fifth.json("trash") == []
    record_id = fifth.book(task_id=fifth.task, text="Entwurf")
    fifth.json(f"move-to-trash/time-record/{record_id}", method="PUT")
    assert fifth.json("trash") == {"TimeRecord": {str(record_id): "Task #1 - Entwurf"}}
    assert fifth.listed() == []
    assert fifth.json(f"{LIST}/{record_id}")["single"]["is_trashed"] is True
    fifth.json(f"restore-from-trash/time-record/{record_id}", method="PUT")
    assert fifth.listed() == [record_id]


def test_deleting_trashes_first_and_then_for_good(fifth: Installation) -> None:
    record_id = fifth.book()
    fifth.call(f"{LIST}/{record_id}", method="DELETE")
    assert fifth.sandbox.records[record_id].state is State.TRASHED
    fifth.call(f"{LIST}/{record_id}", method="DELETE")
    assert fifth.sandbox.records == {}
    fifth.sandbox.trash_record(fifth.book())
    assert fifth.call("trash", method="DELETE").mimetype == "text/html"
    assert fifth.sandbox.records == {}


def test_a_read_only_token_writes_nothing(fifth: Installation) -> None:
    record_id = fifth.book()
    fifth.switches.access = Access.READ_ONLY
    fifth.switches.trashed_detail = Detail.SHOWN
    assert fifth.call(LIST, method="POST", json=fields_of(fifth)).status_code == 403
    assert fifth.call(f"{LIST}/{record_id}", method="PUT", json={"value": 2}).status_code == 403
    assert fifth.call(f"{LIST}/{record_id}", method="DELETE").status_code == 403
    assert fifth.call(f"move-to-trash/time-record/{record_id}", method="PUT").status_code == 403
    assert fifth.listed() == [record_id]
