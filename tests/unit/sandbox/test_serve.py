"""The served sandbox: real connections, really broken ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from migrator.sandbox.faults import CutBody, Drop, Effect, Hang, SlowBytes
from migrator.sandbox.serve import Served, serve
from tests.unit.sandbox.account import ADMIN_KEY, Account

HEADERS = {"Authorization": f"Bearer {ADMIN_KEY}"}


@pytest.fixture
def served(account: Account) -> Iterator[Served]:
    with serve(account.sandbox) as running:
        yield running


def bulk(account: Account, served: Served, timeout: float = 5) -> requests.Response:
    sent = {"activities": [account.row(remote_id="m")]}
    url = f"{served.url}/api/v1/activities/bulk"
    return requests.post(url, json=sent, headers=HEADERS, timeout=timeout)


def test_a_served_sandbox_answers_like_the_one_in_process(account: Account, served: Served) -> None:
    assert served.url == f"http://127.0.0.1:{served.port}"
    account.days_booked(3)
    response = requests.get(f"{served.url}/api/v1/activities?per_page=2", headers=HEADERS, timeout=5)
    assert (response.status_code, len(response.json()), response.headers["X-Total"]) == (200, 2, "3")
    assert response.links["next"]["url"] == f"{served.url}/api/v1/activities?page=2&per_page=2"
    assert response.headers["Date"] == "Wed, 12 Jun 2024 09:00:00 GMT"
    state = requests.get(f"{served.url}/_sandbox/state", timeout=5).json()
    assert state["activities"] == 3


@pytest.mark.parametrize("applied", [True, False])
def test_a_dropped_connection_is_reset(account: Account, served: Served, applied: bool) -> None:
    account.sandbox.fault(Drop(applied=applied))
    with pytest.raises(requests.ConnectionError, match="reset"):
        bulk(account, served)
    assert len(account.sandbox.with_marker("m")) == int(applied)


def test_a_cut_body_breaks_while_it_is_read(account: Account, served: Served) -> None:
    account.sandbox.fault(CutBody())
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        bulk(account, served)
    assert len(account.sandbox.with_marker("m")) == 1


@pytest.mark.parametrize("applied", [True, False])
def test_a_hanging_answer_runs_into_the_clients_timeout(account: Account, served: Served, applied: bool) -> None:
    account.sandbox.fault(Hang(applied=applied))
    with pytest.raises(requests.ReadTimeout):
        bulk(account, served, timeout=0.2)
    assert len(account.sandbox.with_marker("m")) == int(applied)
    assert bulk(account, served).status_code == 200


@pytest.mark.parametrize("effect", [SlowBytes(0.001, piece=50)])
def test_slow_bytes_arrive_whole(account: Account, served: Served, effect: Effect) -> None:
    account.sandbox.fault(effect)
    assert bulk(account, served).json()[0]["remote_id"] == "m"


def test_many_clients_at_once_lose_and_double_nothing(account: Account, served: Served) -> None:
    def write(number: int) -> None:
        rows = [account.row(remote_id=f"m{number}-{row}") for row in range(10)]
        url = f"{served.url}/api/v1/activities/bulk"
        requests.post(url, json={"activities": rows}, headers=HEADERS, timeout=10).raise_for_status()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    markers = [activity.remote_id for activity in account.sandbox.activities]
    assert len(markers) == len(set(markers)) == 80
    assert len({activity.id for activity in account.sandbox.activities}) == 80
    assert [record.status for record in account.sandbox.requests] == [200] * 8


def test_a_closed_server_refuses_connections(account: Account) -> None:
    with serve(account.sandbox) as running:
        url = f"{running.url}/api/v1/session"
        assert requests.get(url, headers=HEADERS, timeout=5).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(url, headers=HEADERS, timeout=5)
