"""Activities of the simulated MOCO, one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from migrator.sandbox.moco_switches import Envelope, HourlyRate, Language, Markers, Rounding
from tests.unit.sandbox.account import DAY, PLAIN_KEY, Account, listed, shown

INVALID = ["ist nicht gültig"]
BLANK = ["muss ausgefüllt werden"]


def test_an_activity_has_the_recorded_shape(account: Account) -> None:
    response = account.call("POST", "/activities", account.row(tag="x", remote_url="https://ac.example.com/1"))
    assert response.status_code == 200
    created = shown(response)
    assert list(created) == [
        *("id", "date", "hours", "seconds", "description", "billed", "billable", "tag", "remote_service"),
        *("remote_id", "remote_url", "project", "task", "customer", "user", "timer_started_at"),
        *("created_at", "updated_at", "hourly_rate", "worked_seconds", "invoice_id", "deal"),
    ]
    assert '"hours":1.0,' in response.get_data(as_text=True)
    assert created["project"] == {"id": account.project.id, "name": "Website", "billable": True}
    assert created["task"] == {"id": account.task.id, "name": "Entwicklung", "billable": True}
    assert created["customer"] == {"id": account.company.id, "name": "Kunde AG"}
    assert created["user"] == {"id": account.admin.id, "firstname": "Anna", "lastname": "Adler"}
    assert created["created_at"] == created["updated_at"] == "2024-06-12T09:00:00Z"
    assert (created["hourly_rate"], created["worked_seconds"], created["timer_started_at"]) == (
        0.0,
        3600,
        None,
    )
    assert shown(account.call("GET", f"/activities/{created['id']}")) == created


def test_what_was_not_sent_is_empty_or_null_as_recorded(account: Account) -> None:
    sent = account.row()
    del sent["description"], sent["remote_id"]
    created = shown(account.call("POST", "/activities", sent))
    empty = {name: created[name] for name in ("description", "tag", "remote_service", "remote_id", "remote_url")}
    assert empty == {
        "description": "",
        "tag": "",
        "remote_service": "",
        "remote_id": None,
        "remote_url": None,
    }


def test_an_older_server_lacks_the_newer_fields(account: Account) -> None:
    account.switches.newer_fields = False
    assert {"worked_seconds", "invoice_id"}.isdisjoint(account.book())


@pytest.mark.parametrize(
    ("visibility", "admin_sees", "plain_sees"),
    [
        (HourlyRate.BY_RIGHT, True, False),
        (HourlyRate.ALWAYS, True, True),
        (HourlyRate.NEVER, False, False),
    ],
)
def test_the_hourly_rate_follows_the_effective_person(
    account: Account, visibility: HourlyRate, admin_sees: bool, plain_sees: bool
) -> None:
    account.switches.hourly_rate = visibility
    assert ("hourly_rate" in account.book()) is admin_sees
    assert ("hourly_rate" in account.book(acting_as=account.plain)) is plain_sees


def test_impersonation_books_for_the_other_person(account: Account) -> None:
    created = account.book(acting_as=account.plain, user_id=account.admin.id)
    assert created["user"]["id"] == account.plain.id


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"date": None}, {"date": [*BLANK, *INVALID]}),
        ({"date": "21.03.2024"}, {"date": INVALID}),
        ({"date": "2024-02-30"}, {"date": INVALID}),
        ({"date": "20240321"}, {"date": INVALID}),
        ({"task_id": None}, {"task_id": INVALID}),
        ({"task_id": 1}, {"task_id": INVALID}),
        ({"task_id": "1"}, {"task_id": INVALID}),
        ({"project_id": None}, {"project_id": BLANK, "task_id": INVALID}),
        ({"project_id": 1}, {"project_id": INVALID, "task_id": INVALID}),
        ({"company_id": 1}, {"company_id": INVALID}),
        ({"seconds": "3600"}, {"seconds": ["ist keine Zahl"]}),
        ({"seconds": 1.5}, {"seconds": ["ist keine Zahl"]}),
        ({"seconds": True}, {"seconds": ["ist keine Zahl"]}),
        ({"seconds": -1}, {"seconds": INVALID}),
        ({"billable": "true"}, {"billable": ["ist kein gültiger Wert"]}),
        ({"remote_service": "activecollab"}, {"remote_service": ["ist kein gültiger Wert"]}),
        ({"remote_id": 7}, {"remote_id": INVALID}),
        ({"description": 7}, {"description": INVALID}),
        (
            {"date": None, "remote_service": "x"},
            {"date": [*BLANK, *INVALID], "remote_service": ["ist kein gültiger Wert"]},
        ),
    ],
)
def test_a_bad_field_is_refused_by_name(
    account: Account, changed: dict[str, object], problems: dict[str, list[str]]
) -> None:
    response = account.call("POST", "/activities", account.row(**changed))
    assert (response.status_code, response.get_json()) == (422, problems)
    assert account.sandbox.activities == []


@pytest.mark.parametrize("service", ["", None, "toggl", "mite", "jira"])
def test_a_known_remote_service_is_accepted(account: Account, service: str | None) -> None:
    assert account.book(remote_service=service)["remote_service"] == (service or "")


def test_a_contract_is_required_to_book(account: Account) -> None:
    other = account.sandbox.add_project(account.company, "Shop")
    task = account.sandbox.add_task(other, "Design")
    sent = account.row(project_id=other.id, task_id=task.id)
    assert account.call("POST", "/activities", sent).get_json() == {"task_id": INVALID}
    contract = account.sandbox.add_contract(other, account.admin)
    account.sandbox.edit(replace(contract, active=False))
    assert account.call("POST", "/activities", sent).status_code == 422
    account.sandbox.edit(contract)
    assert account.call("POST", "/activities", sent).status_code == 200


def test_task_and_project_must_be_open_and_belong_together(account: Account) -> None:
    other = account.sandbox.add_task(account.sandbox.add_project(account.company, "Shop"), "Design")
    assert account.call("POST", "/activities", account.row(task_id=other.id)).get_json() == {"task_id": INVALID}
    account.sandbox.edit(replace(account.task, active=False))
    assert account.call("POST", "/activities", account.row()).get_json() == {"task_id": INVALID}
    account.sandbox.edit(account.task)
    account.sandbox.edit(replace(account.project, active=False))
    assert account.call("POST", "/activities", account.row()).get_json() == {"task_id": INVALID}


@pytest.mark.parametrize(
    ("project_billable", "task_billable", "sent", "stored"),
    [
        (True, True, None, True),
        (True, True, False, False),
        (True, False, None, False),
        (True, False, True, True),
        (False, True, None, False),
        (False, True, True, False),
    ],
)
def test_billable_comes_from_project_and_task(
    account: Account, project_billable: bool, task_billable: bool, sent: bool | None, stored: bool
) -> None:
    account.sandbox.edit(replace(account.project, billable=project_billable))
    account.sandbox.edit(replace(account.task, billable=task_billable))
    assert account.book(billable=sent)["billable"] is stored


@pytest.mark.parametrize(("hours", "seconds"), [(3.5, 12600), (2.3, 8280), (0.5, 1800), (2, 7200)])
def test_deprecated_hours_become_seconds(account: Account, hours: float, seconds: int) -> None:
    sent = account.row(hours=hours)
    del sent["seconds"]
    assert shown(account.call("POST", "/activities", sent))["seconds"] == seconds
    assert account.book(hours=9, seconds=60)["seconds"] == 60


@pytest.mark.parametrize(
    ("rounding", "sent", "stored"),
    [
        (Rounding.NONE, 612, 612),
        (Rounding.NEAREST_5, 612, 600),
        (Rounding.NEAREST_5, 10, 300),
        (Rounding.NEAREST_5, 450, 600),
        (Rounding.UP_5, 601, 900),
        (Rounding.UP_5, 600, 600),
        (Rounding.NEAREST_15, 1300, 900),
        (Rounding.NEAREST_15, 60, 900),
        (Rounding.UP_15, 901, 1800),
        (Rounding.UP_15, 0, 0),
    ],
)
def test_the_account_rounds(account: Account, rounding: Rounding, sent: int, stored: int) -> None:
    account.switches.rounding = rounding
    created = account.book(seconds=sent)
    assert (created["seconds"], created["worked_seconds"]) == (stored, stored)


@pytest.mark.parametrize(("description", "status"), [("", 422), ("ab", 422), ("  a  ", 422), ("abc", 200)])
def test_a_mandatory_description_has_three_characters(account: Account, description: str, status: int) -> None:
    account.switches.description_mandatory = True
    response = account.call("POST", "/activities", account.row(description=description))
    assert response.status_code == status
    if status == 422:
        assert response.get_json() == {"description": ["ist zu kurz (weniger als 3 Zeichen)"]}


def test_a_locked_period_cannot_be_written(account: Account) -> None:
    before, after = account.book(date="2024-02-29"), account.book(date="2024-03-01")
    account.switches.locked_before = date(2024, 3, 1)
    for response in (
        account.call("POST", "/activities", account.row(date="2024-02-29")),
        account.call("PUT", f"/activities/{before['id']}", {"description": "neu"}),
        account.call("PUT", f"/activities/{after['id']}", {"date": "2024-02-29"}),
        account.call("DELETE", f"/activities/{before['id']}"),
    ):
        assert (response.status_code, list(response.get_json())) == (422, ["base"])
    assert account.call("DELETE", f"/activities/{after['id']}").status_code == 204


def test_a_billed_activity_can_neither_be_changed_nor_deleted(account: Account) -> None:
    billed = account.sandbox.add_activity(account.admin, account.task, date(2024, 3, 1), 60, billed=True)
    for method, sent in (("PUT", {"description": "neu"}), ("PATCH", {}), ("DELETE", None)):
        response = account.call(method, f"/activities/{billed.id}", sent)
        assert (response.status_code, list(response.get_json())) == (422, ["base"])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_changes_only_what_was_sent(account: Account, method: str) -> None:
    created = account.book()
    account.clock.sleep(60)
    changed = shown(account.call(method, f"/activities/{created['id']}", {"seconds": 60, "tag": "neu"}))
    expected = {
        "seconds": 60,
        "hours": 0.02,
        "worked_seconds": 60,
        "tag": "neu",
        "updated_at": "2024-06-12T09:01:00Z",
    }
    assert changed == created | expected
    assert account.call(method, f"/activities/{created['id']}", {"task_id": 1}).status_code == 422


def test_deleting_answers_204_or_the_object(account: Account) -> None:
    first, second = account.book(), account.book()
    response = account.call("DELETE", f"/activities/{first['id']}")
    assert (response.status_code, response.get_data()) == (204, b"")
    assert "Content-Type" not in response.headers
    assert account.call("GET", f"/activities/{first['id']}").status_code == 404
    account.switches.delete_returns_object = True
    assert shown(account.call("DELETE", f"/activities/{second['id']}")) == second
    assert account.sandbox.activities == []


def test_somebody_elses_activity_needs_impersonation(account: Account) -> None:
    theirs = account.book(acting_as=account.plain)
    assert account.call("PUT", f"/activities/{theirs['id']}", {"tag": "x"}).status_code == 403
    assert account.call("DELETE", f"/activities/{theirs['id']}").status_code == 403
    changed = account.call("PUT", f"/activities/{theirs['id']}", {"tag": "x"}, acting_as=account.plain)
    assert changed.status_code == 200
    account.switches.foreign_writes = True
    assert account.call("DELETE", f"/activities/{theirs['id']}").status_code == 204


def test_without_the_right_only_own_activities_are_visible(account: Account) -> None:
    mine, theirs = account.book(acting_as=account.plain), account.book()
    assert len(listed(account.call("GET", "/activities", key=PLAIN_KEY))) == 2
    account.switches.colleagues_visible = False
    assert [found["id"] for found in listed(account.call("GET", "/activities", key=PLAIN_KEY))] == [mine["id"]]
    assert account.call("GET", f"/activities/{theirs['id']}", key=PLAIN_KEY).status_code == 404
    assert len(listed(account.call("GET", "/activities"))) == 2


def test_no_seconds_today_starts_a_timer_and_another_day_does_not(account: Account) -> None:
    account.clock.moment = datetime(2024, 6, 12, 22, 30, tzinfo=UTC)
    assert account.book(seconds=0, date="2024-06-12")["timer_started_at"] is None
    running = account.book(seconds=0, date="2024-06-13")
    assert running["timer_started_at"] == "2024-06-12T22:30:00Z"
    account.clock.sleep(150)
    second = account.book(seconds=0, date="2024-06-13")
    assert second["timer_started_at"] is not None
    first = shown(account.call("GET", f"/activities/{running['id']}"))
    assert (first["timer_started_at"], first["seconds"]) == (None, 120)


def test_a_timer_is_started_and_stopped(account: Account) -> None:
    today = account.book(date="2024-06-12", seconds=60)
    place = f"/activities/{today['id']}"
    assert account.call("PATCH", f"{place}/stop_timer").status_code == 422
    assert shown(account.call("PATCH", f"{place}/start_timer"))["timer_started_at"] == "2024-06-12T09:00:00Z"
    again = account.call("PATCH", f"{place}/start_timer")
    assert (again.status_code, again.get_json()) == (422, {"base": ["Timer is already running"]})
    account.clock.sleep(119)
    assert account.call("PUT", place, {"seconds": 5}).status_code == 422
    stopped = shown(account.call("PATCH", f"{place}/stop_timer"))
    assert (stopped["timer_started_at"], stopped["seconds"]) == (None, 120)
    other_day = account.book()
    response = account.call("PATCH", f"/activities/{other_day['id']}/start_timer")
    assert response.get_json() == {"base": ["Timer can only be started on the current day"]}


def test_stop_timer_in_an_update_allows_other_seconds(account: Account) -> None:
    running = account.book(date="2024-06-12", seconds=0)
    changed = shown(account.call("PUT", f"/activities/{running['id']}", {"seconds": 90, "stop_timer": True}))
    assert (changed["seconds"], changed["timer_started_at"]) == (90, None)


def test_billable_seconds_leave_the_worked_ones(account: Account) -> None:
    created = account.book(acting_as=account.plain)
    place = f"/activities/{created['id']}/billable_seconds"
    changed = shown(account.call("PATCH", place, {"seconds": 1800}))
    assert (changed["seconds"], changed["worked_seconds"]) == (1800, 3600)
    assert account.call("PATCH", place, {"seconds": 1}, key=PLAIN_KEY).status_code == 403
    assert account.call("PATCH", place, {"seconds": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("envelope", "language", "body"),
    [
        (Envelope.FIELD_MAP, Language.GERMAN, {"task_id": ["ist nicht gültig"]}),
        (Envelope.FIELD_MAP, Language.ENGLISH, {"task_id": ["is invalid"]}),
        (Envelope.ERRORS_MAP, Language.ENGLISH, {"errors": {"task_id": ["is invalid"]}}),
        (Envelope.ERRORS_LIST, Language.ENGLISH, {"errors": ["Task id is invalid"]}),
    ],
)
def test_a_refusal_has_the_switched_shape(
    account: Account, envelope: Envelope, language: Language, body: dict[str, object]
) -> None:
    account.switches.envelope, account.switches.language = envelope, language
    response = account.call("POST", "/activities", account.row(task_id=1))
    assert (response.status_code, response.get_json()) == (422, body)


def test_with_another_content_type_the_server_sees_no_fields(account: Account) -> None:
    client = account.sandbox.wsgi.test_client()
    auth = {"Authorization": f"Token token={PLAIN_KEY}"}
    seen = client.post("/api/v1/activities", data=b"{}", content_type="application-json", headers=auth)
    assert (seen.status_code, seen.get_json()["date"]) == (422, [*BLANK, *INVALID])
    for broken in (b"{", b"[]", b"\xff"):
        response = client.post("/api/v1/activities", data=broken, content_type="application/json", headers=auth)
        assert (response.status_code, response.get_json()) == (400, {"message": "Invalid payload"})


@pytest.mark.parametrize(
    ("markers", "echoed", "stored"),
    [(Markers.KEPT, "m", "m"), (Markers.NOT_ECHOED, None, "m"), (Markers.NOT_STORED, None, None)],
)
def test_markers_may_get_lost(account: Account, markers: Markers, echoed: str | None, stored: str | None) -> None:
    account.switches.markers = markers
    assert account.book(remote_id="m", date=DAY)["remote_id"] == echoed
    [activity] = account.sandbox.activities
    assert activity.remote_id == stored
    assert bool(account.sandbox.with_marker("m")) is (stored is not None)
