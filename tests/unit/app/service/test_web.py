"""/healthz, /readyz and /metrics: what they say, whose words they keep to themselves, and that they never fall over."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from migrator.app.runs import ended, started
from migrator.app.service.controls import Controls
from migrator.app.service.front import Front, address_of, beginning, bound
from migrator.app.service.hooks import HookReceiver
from migrator.app.service.web import build_web
from migrator.app.wiring import Workplace, open_window
from migrator.core.model import SourceId
from migrator.errors import ExitCode
from migrator.moco.pacing import Priority
from migrator.store import inbox, lease, runs
from migrator.store.engine import open_engine, reading, writing
from migrator.store.inbox import ItemKind, NewItem
from tests.unit.app.service.place import Time, opened, work


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def place(database_url: str, time: Time) -> Iterator[Workplace]:
    with opened(database_url, time) as made:
        yield made


@pytest.fixture
def web(place: Workplace) -> Iterator[Client]:
    receiver = HookReceiver(place, ())
    yield build_web(place, receiver).test_client()
    receiver.close()


def figures(web: Client) -> dict[tuple[str, ...], float]:
    """Each figure by its name and the values of its labels, in the order of their names."""
    text = web.get("/metrics").text
    return {
        (sample.name.removeprefix("migrator_"), *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_ready_says_why_not(web: Client, place: Workplace, time: Time) -> None:
    assert web.get("/healthz").status_code == 200
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json) == (
        503,
        {"ready": False, "state": "never_run", "reason": "nothing has succeeded yet"},
    )
    work(place, time, 3)
    assert web.get("/readyz").json == {"ready": True, "state": "idle", "reason": ""}
    assert web.get("/readyz").status_code == 200
    assert web.post("/readyz").status_code == 405


def test_the_figures_are_those_of_the_database(web: Client, place: Workplace, time: Time) -> None:
    assert figures(web)["state", "never_run"] == 1
    first = work(place, time, 0)
    work(place, time, 5)
    work(place, time, 130)
    work(place, time, 2, kind="read")
    work(place, time, None)
    with writing(place.engine) as session:
        item = NewItem(ItemKind.HELD, "no_user", "Bo Beispiel <bo@agentur.example> is nobody", SourceId(4711))
        inbox.sync_inbox(session, first, [item], time.now)
    time.pass_(minutes=20)
    window = open_window(place)
    window.free(window.take(Priority.SCAN))
    Controls(place).pause()
    asked = ({"GET 200": 9, "POST none": 1}, {"GET 200": 2, "POST 429": 3})
    with started(place, "plan") as run_id:
        for answers, code in zip(asked, (ExitCode.LIMIT, ExitCode.DONE), strict=True):
            # The second time it goes on under its number; the first time it was interrupted, and told of no requests.
            place.answers.update(answers)
            document = {"requests": {"GET": 2, "POST": 3}} if code is ExitCode.DONE else {}
            ended(place, run_id, code, document)
    with reading(place.engine) as session:
        assert json.loads(runs.load_run(session, run_id).requests) == {"GET": 11, "POST": 4}
    found = figures(web)
    assert [found["answers_total", status] for status in ("200", "429", "none")] == [11, 3, 1]
    assert place.answers.total() == 0
    assert found["up",] == 1
    assert [found["runs_total", code, "sync"] for code in ("0", "5", "130")] == [1, 1, 1]
    assert ("runs_total", "none", "sync") not in found
    assert found["runs_unfinished", "sync"] == 1
    assert (found["last_exit_code", "sync"], found["last_duration_seconds", "sync"]) == (130, 60)
    assert found["requests_total", "GET"] == 11
    assert found["requests_total", "POST"] == 4
    assert found["records", "created"] == 3
    assert found["hours", "created"] == 2
    assert found["inbox_open", "held"] == 1
    assert found["oldest_unsynced_age_seconds",] == 20 * 60
    assert found["last_success_duration_seconds",] == 60
    assert found["failures_in_a_row",] == 1
    assert (found["window_used",], found["window_limit",]) == (1, 15)
    assert (found["paused",], found["state", "paused"], found["ready",]) == (1, 1, 1)
    assert ("next_run_timestamp_seconds",) not in found
    Controls(place).resume()
    found = figures(web)
    # It was killed 21 minutes ago.
    assert found["schedule_lag_seconds",] == 6 * 60
    assert time.now.timestamp() - found["next_run_timestamp_seconds",] == 6 * 60
    text = web.get("/metrics").text
    assert not [word for word in ("Bo", "agentur", "4711", "@") if word in text]


def test_every_process_says_the_same(web: Client, place: Workplace, time: Time, database_url: str) -> None:
    work(place, time, 0)
    with writing(place.engine) as session:
        lease.acquire(session, "worker-7", 4242, "", "serve", right=lease.Right.SERVE)
    with opened(database_url, time) as other:
        receiver = HookReceiver(other, ())
        assert figures(build_web(other, receiver).test_client()) == figures(web)
        receiver.close()
    assert figures(web)["lease_held", "serve"] == 1
    assert "worker-7" not in web.get("/metrics").text


def test_without_a_database_it_lives_and_is_not_ready(time: Time, tmp_path: object) -> None:
    with opened(f"sqlite:///{tmp_path}/there.db", time) as place:
        place.engine.dispose()
        broken = open_engine(f"sqlite:///{tmp_path}/there.db")
        with writing(broken) as session:
            session.connection().exec_driver_sql("ALTER TABLE outcomes RENAME TO gone")
        broken.dispose()
        receiver = HookReceiver(place, ())
        web = build_web(place, receiver).test_client()
        assert web.get("/healthz").status_code == 200
        answer = web.get("/readyz")
        assert answer.status_code == 503
        assert answer.json is not None
        assert answer.json["reason"] == "the database cannot be reached"
        assert figures(web) == {("up",): 0}
        receiver.close()


def test_before_the_database_was_reached_everybody_is_told_to_come_back() -> None:
    web = beginning().test_client()
    assert figures(web) == {("up",): 0}
    assert web.get("/healthz").status_code == 200
    for answer in (web.get("/readyz"), web.get("/"), web.post("/hooks/moco"), web.post("/secret/hooks/moco")):
        assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
        assert "the database has not been reached yet" in answer.text


def test_connections_that_say_nothing_keep_nobody_out() -> None:
    at = bound("127.0.0.1", 0)
    with closing(Front(at)), ExitStack() as silent:
        for _ in range(120):
            half = silent.enter_context(socket.create_connection(at.getsockname()))
            half.sendall(b"GET / HTTP/1.1\r\n")
        with urlopen(f"{address_of(at)}/healthz", timeout=5) as answer:
            assert answer.status == 200


def test_each_answer_forbids_what_a_page_of_ours_never_does(web: Client) -> None:
    headers = web.get("/readyz").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
