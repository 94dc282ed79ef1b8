"""Web hooks of the simulated MOCO as they are called."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from migrator.sandbox.moco_hook_sending import Deliverer, send_to_this_machine
from migrator.sandbox.moco_hooks import FAILURES_UNTIL_DISABLED, signature
from tests.unit.sandbox.account import Account, shown

DOCUMENTED_KEY = "1d608b9d72219b90ff2393a1d3ee0ac0"
ADDRESS = "https://hooks.example.com/moco"


@dataclass
class Receiver:
    """Keeps what it is told; answers `status`, or nothing at all."""

    status: int | None = 204
    heard: list[tuple[str, Mapping[str, str], dict[str, Any]]] = field(default_factory=list)

    def take(self, address: str, headers: Mapping[str, str], body: bytes) -> int:
        self.heard.append((address, headers, json.loads(body)))
        if self.status is None:
            raise ConnectionRefusedError(address)
        return self.status


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def watch(account: Account, target: str, *events: str) -> None:
    for event in events or ("create", "update", "delete"):
        account.sandbox.add_web_hook(ADDRESS, target=target, event=event)


def heard(account: Account, receiver: Receiver) -> list[tuple[str, int]]:
    """Deliver what is due, and tell the events and ids of it."""
    account.sandbox.deliver_hooks(receiver.take)
    told = [(headers["X-Moco-Event"], body["id"]) for _, headers, body in receiver.heard]
    receiver.heard.clear()
    return told


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '{"id":111,"description":"a description"}',
            "bf027a86207ef1ca1cb76f5a536b41a14287ab1a0fd5b33bfe86924bc2f48fd1",
        ),
        ('{"id":111}', "a80daf93aa3cb4f3ca575d7ce95b4f2e8c448b1d4aafc6e14efc0ffdbbb4a44d"),
        ('{"id":1,"description":"Müller"}', "7198af62a201b6a105e6ba746a4456fe71e6a23b4bce9b6a24267c4a8b06c51d"),
    ],
)
def test_the_signature_is_that_of_the_documents(body: str, expected: str) -> None:
    assert signature(DOCUMENTED_KEY, body.encode()) == expected


def test_an_activity_is_told_as_get_shows_it_and_its_deletion_by_id(account: Account, receiver: Receiver) -> None:
    account.sandbox.webhook_key = DOCUMENTED_KEY
    watch(account, "Activity")
    booked = account.book(acting_as=account.plain, description="Müller")
    attempts = account.sandbox.deliver_hooks(receiver.take)
    assert [(each.address, each.status, each.taken) for each in attempts] == [(ADDRESS, 204, True)]
    ((_, headers, body),) = receiver.heard
    assert body == shown(account.call("GET", f"/activities/{booked['id']}"))
    assert headers == {
        "Content-Type": "application/json; charset=utf-8",
        "X-Moco-Target": "Activity",
        "X-Moco-Event": "create",
        "X-Moco-Timestamp": "1718182800000",
        "X-Moco-Signature": signature(DOCUMENTED_KEY, attempts[0].body),
        "X-Moco-User-Id": str(account.plain.id),
        "X-Moco-Account-Url": "sandbox",
        "X-Moco-Origin": "api",
    }
    receiver.heard.clear()
    path = f"/activities/{booked['id']}"
    account.call("PUT", path, {"seconds": 60}, acting_as=account.plain)
    account.call("DELETE", path, acting_as=account.plain)
    account.sandbox.deliver_hooks(receiver.take)
    assert [(told["X-Moco-Event"], body.get("seconds")) for _, told, body in receiver.heard] == [
        ("update", 60),
        ("delete", None),
    ]
    assert receiver.heard[1][2] == {"id": booked["id"]}
    assert account.sandbox.deliver_hooks(receiver.take) == []


def test_what_a_person_does_by_hand_has_no_origin(account: Account, receiver: Receiver) -> None:
    watch(account, "Activity")
    activity = account.sandbox.add_activity(account.plain, account.task, date(2024, 3, 21), 3600)
    account.sandbox.edit(replace(activity, seconds=1800))
    account.sandbox.remove(activity)
    assert account.call("PUT", f"/activities/{activity.id}", {"seconds": 1}).status_code == 404
    account.sandbox.deliver_hooks(receiver.take)
    assert [(told["X-Moco-Event"], told["X-Moco-Origin"], told["X-Moco-User-Id"]) for _, told, _ in receiver.heard] == [
        (event, "", str(account.plain.id)) for event in ("create", "update", "delete")
    ]


def test_a_bulk_request_tells_of_each_activity_and_a_refused_one_of_none(account: Account, receiver: Receiver) -> None:
    watch(account, "Activity")
    rows = account.bulk(account.row(), account.row(remote_id="ac:main:2")).get_json()
    assert account.bulk(account.row(), account.row(date="x")).status_code == 422
    assert heard(account, receiver) == [("create", each["id"]) for each in rows]


def test_every_kind_of_record_is_told(account: Account, receiver: Receiver) -> None:
    for target in ("Project", "Task", "Contract", "Company", "User", "Presence"):
        watch(account, target)
    account.sandbox.define_property("Project", "AC")
    sent = {"name": "Neu", "currency": "EUR", "leader_id": account.admin.id, "company_id": account.company.id}
    project = shown(account.call("POST", "/projects", sent | {"custom_properties": {"AC": "7"}}))
    account.sandbox.deliver_hooks(receiver.take)
    told = [(headers["X-Moco-Target"], headers["X-Moco-Event"]) for _, headers, _ in receiver.heard]
    assert told == [("Project", "create"), *[("Task", "create")] * 3, ("Contract", "create")]
    assert receiver.heard[0][2] == project
    receiver.heard.clear()
    account.call("DELETE", f"/projects/{project['id']}")
    account.sandbox.deliver_hooks(receiver.take)
    assert receiver.heard[-1][2] == {"id": project["id"], "custom_properties": {"AC": "7"}}
    receiver.heard.clear()
    account.call("PUT", f"/companies/{account.company.id}", {"info": "x"})
    account.call("PUT", f"/users/{account.plain.id}", {"info": "x"})
    account.call("POST", "/users/presences/touch")
    account.sandbox.deliver_hooks(receiver.take)
    told = [(headers["X-Moco-Target"], headers["X-Moco-Event"]) for _, headers, _ in receiver.heard]
    assert told == [("Company", "update"), ("User", "update"), ("Presence", "create")]


def test_a_refused_event_comes_again_later_and_later(account: Account, receiver: Receiver) -> None:
    watch(account, "Activity", "create")
    booked = account.book()
    receiver.status = 500
    assert heard(account, receiver) == [("create", booked["id"])]
    assert heard(account, receiver) == []
    account.clock.sleep(2)
    receiver.status = None
    assert heard(account, receiver) == [("create", booked["id"])]
    account.clock.sleep(3)
    assert heard(account, receiver) == []
    account.clock.sleep(1)
    receiver.status = 200
    assert heard(account, receiver) == [("create", booked["id"])]
    account.clock.sleep(3600)
    assert heard(account, receiver) == []


def test_who_takes_longer_than_ten_seconds_is_told_again(account: Account) -> None:
    watch(account, "Activity", "create")
    account.book()

    def slow(address: str, headers: Mapping[str, str], body: bytes) -> int:
        account.clock.sleep(11)
        return 200

    (attempt,) = account.sandbox.deliver_hooks(slow)
    assert (attempt.status, attempt.taken) == (200, False)
    account.clock.sleep(2)
    assert len(account.sandbox.deliver_hooks(slow)) == 1


def test_a_hook_that_always_fails_is_disabled_and_one_success_forgives(account: Account, receiver: Receiver) -> None:
    watch(account, "Activity", "create")
    receiver.status = 503
    account.bulk(*[account.row()] * 100)
    for _ in range(4):
        assert len(heard(account, receiver)) == 100
        account.clock.sleep(3600)
    receiver.status = 200
    account.book()
    assert len(heard(account, receiver)) == 101
    receiver.status = 503
    account.bulk(*[account.row()] * 100)
    for _ in range(FAILURES_UNTIL_DISABLED // 100):
        assert [hook.disabled_at for hook in account.sandbox.state.web_hooks.values()] == [None]
        assert len(heard(account, receiver)) == 100
        account.clock.sleep(3600)
    (hook,) = account.sandbox.state.web_hooks.values()
    assert hook.disabled_at is not None
    account.book()
    account.call("PUT", f"/account/web_hooks/{hook.id}/enable")
    assert heard(account, receiver) == []


def test_events_may_come_twice_and_in_another_order(account: Account, receiver: Receiver) -> None:
    watch(account, "Activity", "create")
    account.switches.hooks_twice = account.switches.hooks_shuffled = True
    first, second, third = (account.book()["id"] for _ in range(3))
    ids = [each for _, each in heard(account, receiver)]
    assert ids == [second, second, first, first, third, third]


def test_a_hook_gone_or_switched_off_meanwhile_is_not_told(account: Account, receiver: Receiver) -> None:
    watch(account, "Activity", "create")
    account.book()
    (hook,) = account.sandbox.state.web_hooks.values()
    account.call("DELETE", f"/account/web_hooks/{hook.id}")
    assert account.sandbox.deliver_hooks(receiver.take) == []


def test_http_is_taken_on_this_machine_when_switched_on(account: Account) -> None:
    hook = {"target": "Activity", "event": "create", "hook": "http://127.0.0.1:8500/moco"}
    assert account.call("POST", "/account/web_hooks", hook).status_code == 422
    account.switches.hooks_by_http = True
    assert account.call("POST", "/account/web_hooks", hook).status_code == 200
    elsewhere = hook | {"hook": "http://example.com/moco"}
    assert account.call("POST", "/account/web_hooks", elsewhere).status_code == 422


@contextmanager
def listening(account: Account) -> Iterator[tuple[str, list[str]]]:
    """A server that asks the account before it answers, as receivers do, and keeps what it was sent."""
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            told = account.call("GET", f"/activities/{json.loads(got[-1])['id']}").status_code
            self.send_response(200 if (self.path, told) == ("/moco?x=1", 200) else 404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/moco?x=1", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_remote_control_and_the_background_deliver_by_http(account: Account) -> None:
    with listening(account) as (address, got):
        account.sandbox.add_web_hook(address)
        booked = account.book()
        assert shown(account.control("GET", "/state"))["hook_deliveries_waiting"] == 1
        assert shown(account.control("POST", "/web_hooks/deliver", {})) == {"sent": 1, "taken": 1}
        assert json.loads(got[0]) == booked
        delivered = threading.Event()

        def deliver() -> None:
            if account.sandbox.deliver_hooks():
                delivered.set()

        with Deliverer(deliver, pause=0.001):
            again = account.book(remote_id="ac:main:2")
            assert delivered.wait(10)
        assert json.loads(got[1]) == again


@pytest.mark.parametrize("address", ["https://example.com/x", "http://10.0.0.1/", "file:///etc/passwd"])
def test_nothing_leaves_this_machine(address: str) -> None:
    with pytest.raises(OSError, match="is not this machine"):
        send_to_this_machine(address, {}, b"{}")
