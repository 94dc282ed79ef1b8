"""The remote control of the simulated ActiveCollab."""

from __future__ import annotations

import pytest

from migrator.sandbox.activecollab_records import State
from migrator.sandbox.activecollab_switches import DateForm, EmptyList
from tests.unit.sandbox_activecollab.installation import Installation


def test_state_and_requests_are_shown_without_tokens(every: Installation) -> None:
    every.book()
    every.call(every.time)
    state = every.control("GET", "/state").get_json()
    shown = (state["generation"], state["records"], state["projects"], state["requests"])
    assert shown == (every.sandbox.generation, 1, 1, 1)
    response = every.control("GET", "/requests")
    [request] = response.get_json()
    assert (request["command"], request["status"]) == (every.time, 200)
    assert every.sandbox.token not in response.get_data(as_text=True)


def test_switches_are_set_by_their_words(every: Installation) -> None:
    sent = {"date_form": "children", "empty_list": "self_closed", "page_size": 7, "long_floats": True}
    assert every.control("POST", "/switches", sent).get_json() == {"set": sorted(sent)}
    assert (every.switches.date_form, every.switches.empty_list) == (DateForm.CHILDREN, EmptyList.SELF_CLOSED)
    assert (every.switches.page_size, every.switches.long_floats) == (7, True)
    every.control("POST", "/switches", {"system_version": "4.2.17"})
    assert every.sandbox.state.system_version == "4.2.17"


@pytest.mark.parametrize("sent", [{"nope": 1}, {"order": "x"}, {"page_size": "7"}, {"gzip": 1}, {"system_version": 4}])
def test_a_switch_that_does_not_exist_or_fit_is_explained(second: Installation, sent: dict[str, object]) -> None:
    response = second.control("POST", "/switches", sent)
    assert response.status_code == 400
    assert response.get_json()["message"]


def test_a_fault_is_queued_and_taken_back(every: Installation) -> None:
    sent = {"effect": "answer", "status": 503, "path": "info"}
    assert every.control("POST", "/faults", sent).get_json() == {"faults_waiting": 1}
    assert every.call("info").status_code == 503
    every.control("POST", "/faults", sent)
    assert every.control("DELETE", "/faults").get_json() == {"faults_waiting": 0}
    assert every.call("info").status_code == 200
    assert every.control("POST", "/faults", {"effect": "nope"}).status_code == 400


def test_records_are_added_edited_moved_trashed_and_deleted_by_hand(every: Installation) -> None:
    sent = {"project_id": every.project, "user_id": every.person, "hours": "2", "day": "2024-03-21", "text": "neu"}
    added = every.control("POST", "/records", sent).get_json()
    place = f"/records/{added['id']}"
    assert (added["hours"], added["text"]) == ("2", "neu")
    edited = every.control("POST", place, {"hours": "3", "day": "2024-03-22"}).get_json()
    assert (edited["hours"], edited["day"], edited["version"]) == ("3", "2024-03-22", added["version"] + 1)
    other = every.sandbox.add_project("Anderes")
    every.sandbox.edit_record(added["id"], task_id=every.task)
    moved = every.control("POST", place, {"project_id": other}).get_json()
    assert (moved["project_id"], moved["task_id"]) == (other, None)
    assert every.control("POST", f"{place}/trash").get_json()["state"] == State.TRASHED
    assert every.control("POST", f"{place}/restore").get_json()["state"] == State.VISIBLE
    assert [each["id"] for each in every.control("GET", "/records").get_json()] == [added["id"]]
    assert every.control("DELETE", place).status_code == 204
    assert every.control("DELETE", place).status_code == 404
    assert every.sandbox.records == {}


@pytest.mark.parametrize(
    "sent", [{"hours": 2}, {"day": "x"}, {"id": 5}, {"project_id": 99}, {"version": 3}, {"nope": 1}, {"user_id": None}]
)
def test_an_impossible_edit_is_explained(second: Installation, sent: dict[str, object]) -> None:
    record_id = second.book()
    assert second.control("POST", f"/records/{record_id}", sent).status_code == 400
    assert second.sandbox.records[record_id].version == 1


def test_adding_by_hand_needs_a_project_and_a_person(second: Installation) -> None:
    sent = {"project_id": 99, "user_id": second.person, "hours": "2", "day": "2024-03-21"}
    assert second.control("POST", "/records", sent).status_code == 400
    assert second.control("POST", "/records/1/vanish").status_code == 404
    assert second.sandbox.records == {}


def test_the_control_hears_only_the_same_machine_and_only_json(every: Installation) -> None:
    for address in ("127.0.0.1", "::1"):
        assert every.control("GET", "/state", address=address).status_code == 200
    assert every.control("GET", "/state", address="192.0.2.7").status_code == 403
    assert every.raw("/_sandbox/switches", "POST", data={"gzip": "1"}).status_code == 415
    assert every.sandbox.requests == []
