"""Lists of the simulated MOCO: filters, pages, headers."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from migrator.sandbox.moco_records import Activity
from tests.unit.sandbox.account import Account, listed, shown

HOST = "http://localhost/api/v1"


@pytest.fixture
def booked(account: Account) -> list[Activity]:
    """Three activities that differ in everything a filter asks for."""
    second = account.sandbox.add_project(account.sandbox.add_company("Zweite GmbH"), "Shop")
    task = account.sandbox.add_task(second, "Design")
    new, add = datetime(2024, 6, 1, tzinfo=UTC), account.sandbox.add_activity
    return [
        add(account.admin, account.task, date(2024, 1, 1), 60, remote_id="ac:1", created_at=new, tag="Rot"),
        add(account.plain, account.task, date(2024, 1, 2), 60, remote_id="ac:2", billable=False),
        add(account.plain, task, date(2024, 1, 3), 60, billed=True, description="Über uns"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"from": "2024-01-02"}, [1, 2]),
        ({"to": "2024-01-02"}, [0, 1]),
        ({"from": "2024-01-02", "to": "2024-01-02"}, [1]),
        ({"from": "2023-01-01", "to": "2025-01-02"}, [0, 1, 2]),
        ({"from": "2024-01-03", "to": "2024-01-02"}, []),
        ({"ids": "{2},{0},7,x"}, [0, 2]),
        ({"remote_id": "ac:2,ac:1,ac:9"}, [0, 1]),
        ({"remote_id": "ac:9"}, []),
        ({"remote_id": "ac"}, []),
        ({"user_id": "{plain}"}, [1, 2]),
        ({"user_id": "{plain}", "from": "2024-01-03"}, [2]),
        ({"user_id": "7"}, []),
        ({"task_id": "{task}"}, [0, 1]),
        ({"project_id": "{project}"}, [0, 1]),
        ({"company_id": "{company}"}, [0, 1]),
        ({"company_id": "7"}, []),
        ({"project_id": "{project}", "company_id": "7"}, []),
        ({"billable": "true"}, [0, 2]),
        ({"billable": "false"}, [1]),
        ({"billed": "true"}, [2]),
        ({"updated_after": "2024-06-01T00:00:00Z"}, [1, 2]),
        ({"updated_after": "2024-05-31T23:59:59Z"}, [0, 1, 2]),
        ({"updated_after": "2024-06-12T09:00:00Z"}, []),
        ({"term": "über"}, [2]),
        ({"term": "AC:"}, [0, 1]),
        ({"tag": "Rot,Blau"}, [0]),
        ({"sort_by": "date desc"}, [2, 1, 0]),
        ({"sort_by": "created_at"}, [0, 1, 2]),
    ],
)
def test_a_filter_narrows_the_list(
    account: Account, booked: list[Activity], query: dict[str, str], found: list[int]
) -> None:
    names = {"plain": account.plain.id, "task": account.task.id, "project": account.project.id}
    names["company"] = account.company.id
    text = "&".join(f"{key}={value}" for key, value in query.items())
    for position, activity in enumerate(booked):
        text = text.replace(f"{{{position}}}", str(activity.id))
    response = account.call("GET", f"/activities?{text.format(**names)}")
    assert [one["id"] for one in listed(response)] == [booked[position].id for position in found]
    assert response.headers["X-Total"] == str(len(found))


@pytest.mark.parametrize(
    "query",
    [
        "billable=True",
        "billed=TRUE",
        "billed=1",
        "from=gestern",
        "to=2024-13-01",
        "user_id=x",
        "ids=x",
        "ids=",
        "nope=1",
        "updated_after=x",
        "remote_id=",
        "sort_by=nope",
        "term=",
        "project_id=1.5",
    ],
)
def test_an_unreadable_filter_is_ignored_silently(account: Account, booked: list[Activity], query: str) -> None:
    assert len(listed(account.call("GET", f"/activities?{query}"))) == len(booked)


def test_an_older_server_ignores_the_marker_filter(account: Account, booked: list[Activity]) -> None:
    account.switches.remote_id_filter = False
    assert len(listed(account.call("GET", "/activities?remote_id=ac:9"))) == len(booked)


def test_several_pages_are_linked_as_recorded(account: Account) -> None:
    account.days_booked(205)
    place = "/activities?to=2030-01-01&from=2020-01-01"
    first = account.call("GET", place)
    assert len(listed(first)) == 100
    assert [first.headers[name] for name in ("X-Page", "X-Per-Page", "X-Total")] == ["1", "100", "205"]
    assert first.headers["Link"] == (
        f'<{HOST}/activities?from=2020-01-01&page=3&to=2030-01-01>; rel="last", '
        f'<{HOST}/activities?from=2020-01-01&page=2&to=2030-01-01>; rel="next"'
    )
    middle = account.call("GET", f"{place}&page=2")
    assert re.findall(r'rel="(\w+)"', middle.headers["Link"]) == ["first", "prev", "last", "next"]
    last = account.call("GET", f"{place}&page=3")
    assert len(listed(last)) == 5
    assert re.findall(r'rel="(\w+)"', last.headers["Link"]) == ["first", "prev"]
    beyond = account.call("GET", f"{place}&page=4")
    assert (listed(beyond), beyond.headers["X-Total"]) == ([], "205")
    ids = {found["id"] for page in (first, middle, last) for found in listed(page)}
    assert len(ids) == 205


def test_the_link_has_no_json_suffix_and_escapes_its_query(account: Account) -> None:
    account.days_booked(3)
    response = account.call("GET", "/activities.json?per_page=2&updated_after=2020-01-01T00:00:00Z")
    escaped = "updated_after=2020-01-01T00%3A00%3A00Z"
    assert f"<{HOST}/activities?page=2&per_page=2&{escaped}>" in response.headers["Link"]


@pytest.mark.parametrize(
    ("per_page", "used"), [("1", 1), ("2", 2), ("100", 100), ("500", 100), ("0", 1), ("x", 100), ("-1", 100)]
)
def test_the_page_size_is_clamped(account: Account, per_page: str, used: int) -> None:
    account.days_booked(3)
    response = account.call("GET", f"/activities?per_page={per_page}")
    assert response.headers["X-Per-Page"] == str(used)
    assert len(listed(response)) == min(3, used)
    assert ("Link" in response.headers) is (used < 3)


@pytest.mark.parametrize("page", ["0", "x", "-3", ""])
def test_an_unreadable_page_is_the_first(account: Account, page: str) -> None:
    assert account.call("GET", f"/activities?page={page}").headers["X-Page"] == "1"


def test_an_empty_list_says_so(account: Account) -> None:
    response = account.call("GET", "/activities")
    assert (response.get_data(), response.headers["X-Total"]) == (b"[]", "0")
    assert "Link" not in response.headers


def test_answers_carry_the_recorded_headers(account: Account) -> None:
    headers = account.call("GET", "/session").headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Cache-Control"] == "max-age=0, private, must-revalidate"
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', headers["ETag"])
    assert headers["Vary"] == "Origin"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["X-Request-Id"])
    assert float(headers["X-Runtime"]) >= 0
    assert headers["Date"] == "Wed, 12 Jun 2024 09:00:00 GMT"
    assert not any(name.lower().startswith("x-ratelimit") for name in dict(headers))


def test_gzip_is_sent_when_switched_on_and_asked_for(account: Account) -> None:
    account.switches.gzip = True
    assert "Content-Encoding" not in account.call("GET", "/session").headers
    zipped = account.call("GET", "/session", headers={"Accept-Encoding": "gzip, deflate"})
    assert (zipped.headers["Content-Encoding"], zipped.get_data()[:2]) == ("gzip", b"\x1f\x8b")


def test_a_new_activity_appears_in_stale_lists_later_but_by_id_at_once(account: Account) -> None:
    account.switches.list_staleness_seconds = 30
    created = account.book()
    assert listed(account.call("GET", "/activities?remote_id=ac:main:1")) == []
    assert shown(account.call("GET", f"/activities/{created['id']}")) == created
    account.clock.sleep(30)
    assert listed(account.call("GET", "/activities?remote_id=ac:main:1")) == [created]


def test_a_list_follows_every_write(account: Account) -> None:
    by_hand = account.sandbox.add_activity(account.plain, account.task, date(2024, 1, 1), 60, remote_id="a")
    assert len(listed(account.call("GET", "/activities?remote_id=a"))) == 1
    account.sandbox.edit(replace(by_hand, remote_id="b", date=date(2025, 1, 1), user_id=account.admin.id))
    for query, count in {"remote_id=a": 0, "remote_id=b": 1, "to=2024-02-01&from=2024-01-01": 0}.items():
        assert len(listed(account.call("GET", f"/activities?{query}"))) == count
    assert len(listed(account.call("GET", f"/activities?user_id={account.admin.id}"))) == 1
    account.sandbox.remove(by_hand)
    assert listed(account.call("GET", "/activities?remote_id=b")) == []


def test_paging_through_a_long_list_does_not_sort_it_again_for_every_page(account: Account) -> None:
    for number in range(30_000):
        day = date(2015, 1, 1) + timedelta(days=number // 20)
        account.sandbox.add_activity(account.plain, account.task, day, 60)
    listed(account.call("GET", "/activities?from=2015-01-01"))
    started = time.perf_counter()
    for page in range(1, 41):
        listed(account.call("GET", f"/activities?from=2015-01-01&per_page=1&page={page}"))
    assert time.perf_counter() - started < 2
