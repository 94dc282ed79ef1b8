"""Every write is sent once, gives its permit back, and ends in one of four values."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from migrator.core.model import MocoId
from migrator.errors import UsageError
from migrator.moco.answers import read_activities
from migrator.moco.client import MocoWriter
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear, WriteOutcome
from migrator.moco.pacing import LocalWindow, Priority
from migrator.moco.writing import Freshness
from tests.unit.moco.builders import KEY, a_booking, activity_json
from tests.unit.moco.servers import Talk, answer, closed_port, raw, serving

PERSON = MocoId(21)
Write = Callable[[MocoWriter, LocalWindow, float], WriteOutcome]


def create(count: int) -> Write:
    bookings = [a_booking(number) for number in range(1, count + 1)]
    return lambda client, window, moment: client.create_activities(
        bookings, PERSON, window.take(Priority.WRITE), moment
    )


def update(client: MocoWriter, window: LocalWindow, moment: float) -> WriteOutcome:
    return client.update_activity(MocoId(7), a_booking(), PERSON, window.take(Priority.WRITE), moment)


def delete(client: MocoWriter, window: LocalWindow, moment: float) -> WriteOutcome:
    return client.delete_activity(MocoId(7), PERSON, window.take(Priority.WRITE), moment)


def create_task(client: MocoWriter, window: LocalWindow, moment: float) -> WriteOutcome:
    permit = window.take(Priority.WRITE)
    return client.create_task(MocoId(31), "Zeit", billable=False, permit=permit, committed_at=moment)


def create_contract(client: MocoWriter, window: LocalWindow, moment: float) -> WriteOutcome:
    return client.create_contract(MocoId(31), PERSON, window.take(Priority.WRITE), moment)


def disregard(count: int) -> Write:
    ids = [MocoId(each) for each in range(1, count + 1)]
    project = MocoId(31) if count == 1 else None
    return lambda client, window, moment: client.disregard(
        ids, MocoId(5), project, "Rechnung 2019", window.take(Priority.WRITE), moment
    )


WRITES: list[Write] = [create(1), create(2), update, delete, create_task, create_contract, disregard(1), disregard(2)]


class Clock:
    """A clock for a window, so that a test can see whether a permit came back."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        assert self.now < 1000, "the permit never came back"


def run(url: str, write: Write, *, age: float = 0.0) -> WriteOutcome:
    """Write through a window of one; fails when the permit does not come back."""
    clock = Clock()
    window = LocalWindow(1, 1, clock=clock, sleep=clock.sleep)
    client = MocoWriter(url, KEY, window, timeout_seconds=0.2)
    try:
        return write(client, window, time.time() - age)
    finally:
        window.take(Priority.PROOF)


@pytest.mark.parametrize(
    ("write", "line", "body", "impersonates"),
    [
        (create(2), "POST /api/v1/activities/bulk", {"activities": 2}, True),
        (update, "PUT /api/v1/activities/7", {"remote_id": "ac:main:1"}, True),
        (delete, "DELETE /api/v1/activities/7", None, True),
        (create_task, "POST /api/v1/projects/31/tasks", {"name": "Zeit", "billable": False}, False),
        (create_contract, "POST /api/v1/projects/31/contracts", {"user_id": 21}, False),
        (
            disregard(2),
            "POST /api/v1/activities/disregard",
            {"reason": "Rechnung 2019", "company_id": 5, "activity_ids": [1, 2]},
            False,
        ),
        (disregard(1), "POST /api/v1/activities/disregard", {"activity_ids": [1], "project_id": 31}, False),
    ],
)
def test_the_bytes_of_each_write(write: Write, line: str, body: dict[str, object] | None, impersonates: bool) -> None:
    with serving(answer(200, [])) as server:
        assert isinstance(run(server.url, write), Answered)
    head, _, content = server.seen[0].partition(b"\r\n\r\n")
    assert head.decode().startswith(line + " HTTP/1.1\r\n")
    assert (b"X-IMPERSONATE-USER-ID: 21" in head) is impersonates
    assert (b"Content-Type: application/json" in head) is (body is not None)
    if body is None:
        assert content == b""
        return
    sent = json.loads(content)
    if "activities" in body:
        assert [row["remote_id"] for row in sent["activities"]] == ["ac:main:1", "ac:main:2"]
        assert "user_id" not in sent["activities"][0]
    else:
        assert body.items() <= sent.items()


def test_the_answer_of_a_bulk_is_read_by_marker() -> None:
    with serving(answer(200, [activity_json(2), activity_json(1)])) as server:
        outcome = run(server.url, create(2))
    assert isinstance(outcome, Answered)
    assert [entry.booking for entry in read_activities(outcome.body)] == [a_booking(2), a_booking(1)]


OUTCOMES: dict[str, tuple[Talk, type[WriteOutcome]]] = {
    "refused": (answer(401, {"message": "Invalid API key."}), Refused),
    "forbidden": (answer(403), Refused),
    "gone": (answer(404), Refused),
    "slow down": (answer(429, None, Retry_After="9"), Refused),
    "server error": (answer(500, b"500 Internal Server Error"), Unclear),
    "headers cut": (raw(b"HTTP/1.1 500 OK\r\nContent-Le"), Unclear),
    "cut": (raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"id"'), Unclear),
    "hung up": (raw(b""), Unclear),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("name", OUTCOMES)
def test_each_write_knows_each_outcome(name: str, write: Write) -> None:
    talk, kind = OUTCOMES[name]
    with serving(talk) as server:
        outcome = run(server.url, write)
    assert isinstance(outcome, kind)
    assert len(server.seen) == 1
    if name == "slow down":
        assert isinstance(outcome, Refused)
        assert outcome.retry_after == 9


@pytest.mark.parametrize("talk", [answer(200, b"<html>"), answer(200), raw(b"HTTP/1.1 200 OK\r\nContent-Le")])
def test_a_2xx_that_says_nothing_is_unclear(talk: Talk) -> None:
    with serving(talk) as server:
        outcome = run(server.url, create(2))
    assert isinstance(outcome, Unclear)
    assert outcome.status == 200


@pytest.mark.parametrize("write", WRITES)
def test_without_a_connection_nothing_was_sent(write: Write) -> None:
    assert run(closed_port(), write) == NotSent("the connection was refused")


@pytest.mark.parametrize(("count", "kind"), [(1, Refused), (2, Unclear)])
def test_a_bulk_of_one_is_a_single_record(count: int, kind: type[WriteOutcome]) -> None:
    with serving(answer(422, {"task_id": ["ist nicht gültig"]})) as server:
        outcome = run(server.url, create(count))
    assert isinstance(outcome, kind)
    assert isinstance(outcome, Refused | Unclear)
    assert outcome.refusal is not None
    assert outcome.refusal.fields == {"task_id"}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("age", [2.5, 3600.0, -3600.0])
def test_an_intent_that_is_too_old_or_of_another_time_is_not_sent(write: Write, age: float) -> None:
    with serving(answer(200, [])) as server:
        outcome = run(server.url, write, age=age)
    assert isinstance(outcome, NotSent)
    assert "2 s" in outcome.reason
    assert server.seen == []


class TwoClocks:
    """A wall clock and a steady one that a test moves apart."""

    def __init__(self) -> None:
        self.wall, self.steady = 1000.0, 50.0

    def freshness(self, committed_at: float) -> Freshness:
        return Freshness(committed_at, wall=lambda: self.wall, steady=lambda: self.steady)


@pytest.mark.parametrize(
    ("committed_at", "wall_moves", "steady_moves", "fresh"),
    [
        (1000.0, 0.0, 0.0, True),
        (999.0, 0.9, 0.9, True),
        (999.0, 1.5, 1.5, False),
        (1000.0, -1.0, 3.0, False),  # the wall clock was set back meanwhile
        (1000.0, 3.0, 0.1, False),  # the machine slept: its steady clock stood still
        (1000.0, -5.0, 0.1, False),
        (1001.0, 0.0, 1.5, True),
        (996.0, 0.0, 0.0, False),
    ],
)
def test_freshness_trusts_neither_clock_alone(
    committed_at: float, wall_moves: float, steady_moves: float, fresh: bool
) -> None:
    clocks = TwoClocks()
    freshness = clocks.freshness(committed_at)
    clocks.wall += wall_moves
    clocks.steady += steady_moves
    assert (freshness.objection() is None) is fresh


@pytest.mark.parametrize(
    "bookings",
    [
        [],
        [a_booking(number) for number in range(101)],
        [a_booking(1), a_booking(2, user_id=MocoId(22))],
        [a_booking(1, task_id=MocoId(0))],
    ],
)
def test_a_batch_that_cannot_be_right_is_not_sent(bookings: list[object]) -> None:
    def write(client: MocoWriter, window: LocalWindow, moment: float) -> WriteOutcome:
        return client.create_activities(bookings, PERSON, window.take(Priority.WRITE), moment)  # type: ignore[arg-type]  # parametrized

    with serving(answer(200, [])) as server, pytest.raises(ValueError, match=r"bulk|task"):
        run(server.url, write)
    assert server.accepted == 0


@pytest.mark.parametrize("write", WRITES)
def test_a_redirected_write_is_not_followed_and_gives_its_permit_back(write: Write) -> None:
    with serving(answer(307, None, Location="https://evil.example/")) as server, pytest.raises(UsageError):
        run(server.url, write)
    assert len(server.seen) == 1
