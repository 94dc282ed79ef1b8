"""Presences of the simulated MOCO."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.unit.sandbox.account import ADMIN_KEY, DAY, PLAIN_KEY, Account, listed, shown

PATH = "/users/presences"


def add(account: Account, start: str, end: str | None = None, day: str = DAY, **more: object) -> dict[str, object]:
    given = {"date": day, "from": start, **({"to": end} if end else {}), **more}
    return shown(account.call("POST", PATH, given, acting_as=account.plain))


def test_a_presence_is_created_for_another_changed_and_deleted(account: Account) -> None:
    created = add(account, "08:30", "10:30")
    assert created == {
        "id": created["id"],
        "date": DAY,
        "from": "08:30",
        "to": "10:30",
        "is_home_office": False,
        "user": {"id": account.plain.id, "firstname": "Paul", "lastname": "Plain"},
        "created_at": "2024-06-12T09:00:00Z",
        "updated_at": "2024-06-12T09:00:00Z",
    }
    one = f"{PATH}/{created['id']}"
    assert shown(account.call("GET", one)) == created
    account.clock.sleep(60)
    for method, given in (("PUT", {"to": "11:00"}), ("PATCH", {"date": "2024-03-22", "from": "09:00"})):
        shown(account.call(method, one, given, acting_as=account.plain))
    changed = shown(account.call("GET", one))
    assert (changed["date"], changed["from"], changed["to"]) == ("2024-03-22", "09:00", "11:00")
    assert changed["updated_at"] == "2024-06-12T09:01:00Z"
    assert account.call("PUT", one, {"to": "12:00"}).status_code == 403
    assert shown(account.call("DELETE", one, acting_as=account.plain)) == changed
    assert account.call("DELETE", one, acting_as=account.plain).status_code == 404
    account.switches.presence_delete_returns_object = False
    again = add(account, "08:30", "10:30")
    gone = account.call("DELETE", f"{PATH}/{again['id']}", acting_as=account.plain)
    assert (gone.status_code, gone.get_data()) == (204, b"")


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        ("08:00", "12:00", False),
        ("12:00", "14:00", False),
        ("12:00", "14:01", True),
        ("13:00", None, True),
        ("07:00", "17:00", True),
        ("15:30", "15:45", True),
    ],
)
def test_ranges_that_overlap_are_refused(account: Account, start: str, end: str | None, refused: bool) -> None:
    add(account, "14:00", "16:00")
    given = {"date": DAY, "from": start, "to": end}
    response = account.call("POST", PATH, given, acting_as=account.plain)
    assert response.status_code == (422 if refused else 200)
    if refused:
        assert response.get_json() == {"from": ["range overlaps"]}


def test_one_presence_may_be_open_also_on_a_past_day(account: Account) -> None:
    opened = add(account, "14:00")
    assert opened["to"] is None
    for given in ({"date": DAY, "from": "15:00", "to": "16:00"}, {"date": "2024-03-22", "from": "08:00"}):
        refused = account.call("POST", PATH, given, acting_as=account.plain)
        assert (refused.status_code, refused.get_json()) == (422, {"from": ["range overlaps"]})
    add(account, "13:00", "14:00")
    shown(account.call("PUT", f"{PATH}/{opened['id']}", {"to": "15:00"}, acting_as=account.plain))
    add(account, "08:00", day="2024-03-22")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"from": "08:00"}, "date"),
        ({"date": DAY}, "from"),
        ({"date": DAY, "from": "10:00", "to": "10:00"}, "to"),
        ({"date": DAY, "from": "10:00", "is_home_office": "yes"}, "is_home_office"),
        ({"date": "2023-12-31", "from": "10:00"}, "base"),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_field(account: Account, given: dict[str, object], field: str) -> None:
    account.switches.locked_before = date(2024, 1, 1)
    refused = account.call("POST", PATH, given, acting_as=account.plain)
    assert (refused.status_code, list(refused.get_json())) == (422, [field])
    assert account.sandbox.presences == []


@pytest.mark.parametrize("time", ["8", "24:00", "8:30", 830])
def test_a_time_that_cannot_be_read_breaks_the_server(account: Account, time: object) -> None:
    broken = account.call("POST", PATH, {"date": DAY, "from": time}, acting_as=account.plain)
    assert (broken.status_code, broken.mimetype) == (500, "text/plain")
    assert broken.get_data().startswith(b"500 Internal Server Error")


def test_home_office_is_of_the_whole_day(account: Account) -> None:
    first, other_day = add(account, "08:00", "12:00"), add(account, "08:00", "12:00", "2024-03-22")
    account.clock.sleep(60)
    second = add(account, "13:00", "17:00", is_home_office=True)
    third = add(account, "18:00", "19:00")
    seen = {each["id"]: each for each in listed(account.call("GET", PATH))}
    homes = [seen[each["id"]]["is_home_office"] for each in (first, second, third, other_day)]
    assert homes == [True, True, True, False]
    assert seen[first["id"]]["updated_at"] == "2024-06-12T09:01:00Z"
    shown(account.call("PATCH", f"{PATH}/{first['id']}", {"is_home_office": False}, acting_as=account.plain))
    assert not any(each.is_home_office for each in account.sandbox.presences)


def test_the_list_is_filtered_and_from_and_to_count_only_together(account: Account) -> None:
    mine = account.sandbox.add_presence(account.admin, date(2024, 3, 20), "08:00", "12:00", is_home_office=True)
    account.clock.sleep(60)
    theirs = account.sandbox.add_presence(account.plain, date(2024, 3, 21), "08:00")

    def found(query: str, key: str = ADMIN_KEY) -> list[int]:
        return [each["id"] for each in listed(account.call("GET", f"{PATH}?{query}", key=key))]

    assert found("") == [mine.id, theirs.id]
    assert found("from=2024-03-21&to=2024-03-21") == [theirs.id]
    assert found("from=2024-03-21") == found("to=2024-03-20") == [mine.id, theirs.id]
    assert found(f"user_id={account.admin.id}") == found("is_home_office=true") == found(f"ids={mine.id}") == [mine.id]
    assert found("updated_after=2024-06-12T09:00:00Z") == [theirs.id]
    assert found("", PLAIN_KEY) == [theirs.id]
    assert found(f"user_id={account.admin.id}", PLAIN_KEY) == []
    assert account.call("GET", f"{PATH}/{mine.id}", key=PLAIN_KEY).status_code == 404
    assert account.call("GET", f"{PATH}?per_page=1").headers["X-Total"] == "2"


def test_touching_opens_and_closes_and_the_same_minute_is_discarded(account: Account) -> None:
    opened = shown(account.call("POST", f"{PATH}/touch", acting_as=account.plain))
    assert (opened["date"], opened["from"], opened["to"]) == ("2024-06-12", "11:00", None)
    account.clock.sleep(59)
    shown(account.call("POST", f"{PATH}/touch", acting_as=account.plain))
    assert account.sandbox.presences == []
    account.call("POST", f"{PATH}/touch", acting_as=account.plain)
    account.clock.sleep(121)
    assert shown(account.call("POST", f"{PATH}/touch", acting_as=account.plain))["to"] == "11:03"
    account.switches.touch_answers_nothing = True
    silent = account.call("POST", f"{PATH}/touch", acting_as=account.plain)
    assert (silent.status_code, silent.get_data()) == (200, b"")
    assert [(each.start, each.end) for each in account.sandbox.presences] == [(661 - 1, 663), (663, None)]


@pytest.mark.parametrize(("day", "end"), [(date(2024, 6, 12), "12:00"), (date(2024, 6, 11), None)])
def test_touching_in_the_way_of_another_is_locked(account: Account, day: date, end: str | None) -> None:
    account.sandbox.add_presence(account.plain, day, "08:00", end)
    refused = account.call("POST", f"{PATH}/touch", acting_as=account.plain)
    assert (refused.status_code, refused.get_data()) == (423, b"")


def test_a_timer_opens_a_presence_and_leaves_it_open(account: Account) -> None:
    account.clock.moment = datetime(2024, 6, 12, 8, 0, tzinfo=UTC)
    running = account.book(acting_as=account.plain, date="2024-06-12", seconds=0)
    assert [(each.start, each.end) for each in account.sandbox.presences] == [(600, None)]
    path = f"/activities/{running['id']}"
    account.clock.sleep(600)
    for timer in ("stop_timer", "start_timer", "stop_timer"):
        shown(account.call("PATCH", f"{path}/{timer}", acting_as=account.plain))
    assert [(each.start, each.end) for each in account.sandbox.presences] == [(600, None)]


def test_a_person_edits_presences_by_hand(account: Account) -> None:
    presence = account.sandbox.add_presence(account.plain, date(2024, 3, 21), "08:00")
    account.sandbox.edit(replace(presence, end=1020))
    assert [each["to"] for each in listed(account.control("GET", "/presences"))] == ["17:00"]
    account.sandbox.remove(presence)
    assert shown(account.control("GET", "/state"))["presences"] == 0
