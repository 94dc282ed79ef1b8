"""Whatever goes wrong is told by its class, its fields and what to do; and a write is sent exactly once."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from datetime import time
from typing import TYPE_CHECKING

import pytest

from migrator.errors import ConfigurationError
from migrator.moco import (
    AnswerError,
    InvalidRequest,
    KeyRefused,
    Locked,
    MocoClient,
    MocoError,
    NoAnswer,
    NotFound,
    NothingWasSent,
    OutcomeUnknown,
    PerhapsInPart,
    PermissionMissing,
    TooManyRequests,
    WrongAddress,
)
from migrator.moco.calls.activities import NewActivity
from migrator.sandbox.faults import AnswerInstead, CutBody, Drop, Effect, LoseAnswer, TruncatedJson
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_switches import BulkAnswer, Envelope, Language
from tests.contract.moco.world import KEY, World
from tests.support.wsgi import WsgiAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ERRORS: list[tuple[int, bytes, str, type[MocoError], set[str]]] = [
    (422, b'{"email":["ist bereits vergeben"]}', "application/json", InvalidRequest, {"email"}),
    (
        422,
        b'{"probability":["must be less than or equal to 100"]}',
        "application/json",
        InvalidRequest,
        {"probability"},
    ),
    (422, b'{"base":["Timer can only be started on the current day"]}', "application/json", InvalidRequest, {"base"}),
    (422, b'{"errors":["Name can\'t be blank"]}', "application/json", InvalidRequest, set()),
    (422, b'{"errors":{"name":["muss ausgef\xc3\xbcllt werden"]}}', "application/json", InvalidRequest, {"name"}),
    (422, b'{"message":"Invalid payload"}', "application/json", InvalidRequest, set()),
    (400, b'{"message":"Invalid date"}', "application/json", InvalidRequest, set()),
    (415, b"", "", InvalidRequest, set()),
    (401, b'{"message":"Invalid API key."}', "application/json", KeyRefused, set()),
    (401, b'{"message":"Subdomain does not exist."}', "application/json", KeyRefused, set()),
    (403, b"", "", PermissionMissing, set()),
    (403, b'{"errors":["Access denied"]}', "application/json", PermissionMissing, set()),
    (404, b"", "", NotFound, set()),
    (410, b"", "", NotFound, set()),
    (423, b"", "", Locked, set()),
    (429, b'{"message":"Too many requests"}', "application/json", TooManyRequests, set()),
]


class Canned:
    """A server that answers every request with the same, and counts them."""

    def __init__(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        self._status, self._body = f"{status} Told", body
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self._headers = [("Content-Type", kind), *named] if kind else named
        self.sent: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.sent.append(str(environ["REQUEST_METHOD"]))
        start_response(self._status, self._headers)
        return [self._body]

    def client(self, key: str = KEY) -> MocoClient:
        """A client of it, that never waits."""
        adapter = WsgiAdapter(self)
        return MocoClient(
            "https://x.mocoapp.com", key, requests=1000, seconds=0.001, adapter=adapter, sleep=lambda _: None
        )


def _create_task(moco: MocoClient) -> object:
    return moco.tasks.create(1, name="x")


def _delete_task(moco: MocoClient) -> object:
    return moco.tasks.delete(1, 2)


def _list_tasks(moco: MocoClient) -> object:
    return list(moco.tasks.list(1))


def _get_task(moco: MocoClient) -> object:
    return moco.tasks.get(1, 2)


@pytest.mark.parametrize("ask", [_create_task, _delete_task, _list_tasks, _get_task])
@pytest.mark.parametrize(("status", "body", "kind", "raised", "fields"), ERRORS)
def test_every_shape_of_a_refusal_is_told_by_class_and_fields(
    ask: Callable[[MocoClient], object], status: int, body: bytes, kind: str, raised: type[MocoError], fields: set[str]
) -> None:
    server = Canned(status, body, kind)
    with pytest.raises(raised) as refused:
        ask(server.client())
    error = refused.value
    assert (set(error.fields), error.status) == (fields, status)
    assert error.endpoint.endswith((" /projects/1/tasks", " /projects/1/tasks/2"))
    assert error.hint
    # Only a read that met the limit is repeated: nothing was changed by it.
    assert len(server.sent) == (3 if status == 429 and server.sent[0] == "GET" else 1)


def test_messages_come_with_their_fields() -> None:
    body = '{"date":["muss ausgefüllt werden","ist nicht gültig"],"base":["x"]}'.encode()
    with pytest.raises(InvalidRequest) as refused:
        _create_task(Canned(422, body).client())
    assert refused.value.messages == (
        ("date", "muss ausgefüllt werden"),
        ("date", "ist nicht gültig"),
        ("base", "x"),
    )


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry_After": "7"}, 7.0), ({}, None)])
def test_too_many_requests_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    with pytest.raises(TooManyRequests) as refused:
        _create_task(Canned(429, b'{"message":"Too many requests"}', **headers).client())
    assert refused.value.retry_after == seconds


UNKNOWN: list[Canned] = [
    Canned(500, b"500 Internal Server Error\nIf you are the administrator", "text/plain"),
    Canned(502, b"<html>Bad Gateway</html>", "text/html"),
    Canned(504),
    Canned(408),
    Canned(409),
    Canned(200, b""),
    Canned(200, b"<html>", "text/html"),
    Canned(200, b'{"id": "none"}'),
    Canned(200, b"[]"),
    Canned(200, b'{"id": 1, "na'),
]


@pytest.mark.parametrize("server", UNKNOWN, ids=lambda server: f"{server._status} {server._body[:9]!r}")
def test_a_write_that_nobody_can_be_sure_of_is_sent_once_and_says_so(server: Canned) -> None:
    server.sent.clear()
    with pytest.raises(OutcomeUnknown) as unknown:
        _create_task(server.client())
    assert server.sent == ["POST"]
    assert "before you send it again" in unknown.value.hint
    assert not isinstance(unknown.value, InvalidRequest)


@pytest.mark.parametrize("server", UNKNOWN[:3], ids=lambda server: server._status)
def test_a_read_is_tried_three_times_and_then_no_answer(server: Canned) -> None:
    server.sent.clear()
    with pytest.raises(NoAnswer) as none:
        _get_task(server.client())
    assert server.sent == ["GET"] * 3
    assert none.value.endpoint == "GET /projects/1/tasks/2"


@pytest.mark.parametrize("server", UNKNOWN[5:], ids=lambda server: f"{server._body[:9]!r}")
def test_a_read_that_cannot_be_understood_is_no_answer_either(server: Canned) -> None:
    with pytest.raises(AnswerError):
        _get_task(server.client())


def test_a_redirect_is_not_followed() -> None:
    server = Canned(301, Location="https://elsewhere.example.com/api/v1/projects/1/tasks")
    with pytest.raises(WrongAddress):
        _create_task(server.client())
    assert server.sent == ["POST"]


def test_a_bulk_that_is_refused_is_invalid_and_unknown_at_once(sandboxed: MocoSandbox, world: World) -> None:
    good: NewActivity = {"day": world.day, "project_id": world.project.id, "task_id": world.task.id, "seconds": 60}
    bad: NewActivity = {**good, "task_id": 1}
    with pytest.raises(PerhapsInPart) as several:
        world.moco.activities.bulk([good, bad])
    assert isinstance(several.value, InvalidRequest)
    assert isinstance(several.value, OutcomeUnknown)
    assert any("task_id" in field for field in several.value.fields)
    with pytest.raises(InvalidRequest) as alone:
        world.moco.activities.bulk([bad])
    assert not isinstance(alone.value, OutcomeUnknown)


@pytest.mark.parametrize("shape", [BulkAnswer.WRAPPED, BulkAnswer.SHUFFLED])
def test_a_bulk_may_be_answered_in_other_shapes(sandboxed: MocoSandbox, world: World, shape: BulkAnswer) -> None:
    row: NewActivity = {"day": world.day, "project_id": world.project.id, "task_id": world.task.id, "seconds": 60}
    plain = _unjudged(sandboxed)
    sandboxed.switches.bulk_answer = shape
    assert len(plain.activities.bulk([row, row])) == 2
    for useless in (BulkAnswer.IDS_ONLY, BulkAnswer.EMPTY, BulkAnswer.NO_CONTENT):
        sandboxed.switches.bulk_answer = useless
        with pytest.raises(OutcomeUnknown):
            plain.activities.bulk([row, row])


LOST: list[Effect] = [
    Drop(applied=True),
    Drop(applied=False),
    LoseAnswer(502),
    CutBody(),
    TruncatedJson(),
    AnswerInstead(503),
]


@pytest.mark.parametrize("effect", LOST, ids=repr)
def test_a_lost_answer_is_unknown_and_nothing_is_sent_twice(
    sandboxed: MocoSandbox, world: World, effect: Effect
) -> None:
    task, plain = world.task, _unjudged(sandboxed)
    sandboxed.forget_requests()
    sandboxed.fault(effect, path="/activities")
    with pytest.raises(OutcomeUnknown):
        plain.activities.create(day=world.day, project_id=world.project.id, task_id=task.id, seconds=60)
    assert len(sandboxed.requests) == 1
    assert len(list(plain.activities.list(project_id=world.project.id))) <= 1


def test_nothing_was_sent_where_nobody_listens() -> None:
    with (
        MocoClient("http://127.0.0.1:1", KEY, timeout_seconds=2) as moco,
        pytest.raises(NothingWasSent) as unsent,
    ):
        _create_task(moco)
    assert unsent.value.status is None


@pytest.mark.parametrize("envelope", list(Envelope))
@pytest.mark.parametrize("language", list(Language))
def test_both_languages_and_every_envelope_of_the_server_are_read(
    sandboxed: MocoSandbox, world: World, envelope: Envelope, language: Language
) -> None:
    sandboxed.switches.envelope, sandboxed.switches.language = envelope, language
    with pytest.raises(InvalidRequest) as refused:
        world.moco.activities.create(day=world.day, project_id=world.project.id, task_id=1)
    assert refused.value.fields == (set() if envelope is Envelope.ERRORS_LIST else {"task_id"})
    assert refused.value.messages


@pytest.mark.parametrize("as_object", [False, True])
def test_both_styles_of_deletion_are_understood(sandboxed: MocoSandbox, world: World, as_object: bool) -> None:
    sandboxed.switches.delete_returns_object = as_object
    sandboxed.switches.presence_delete_returns_object = as_object
    moco, presence = world.moco, world.new_presence(day=world.day, start=time(8), end=time(9))
    moco.presences.delete(presence.id)
    moco.web_hooks.delete(world.new_hook().id)
    moco.activities.delete(world.new_activity().id)
    moco.tasks.delete(world.project.id, world.task.id)
    moco.contracts.delete(world.project.id, next(iter(moco.contracts.list(world.project.id))).id)
    moco.projects.delete(world.project.id)
    moco.companies.delete(world.company.id)
    with pytest.raises(NotFound):
        moco.companies.delete(world.company.id)


def test_the_key_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """A server that repeats the key in every answer, a key in no `repr`, error, traceback or log."""
    caplog.set_level(logging.DEBUG)
    canary, shown = "canary-" + "x" * 20, []
    echoes = [
        Canned(status, f'{{"message":"{canary} and {KEY}"}}'.encode()) for status in (400, 401, 403, 404, 422, 500)
    ]
    for server in (*echoes, Canned(200, canary.encode()), Canned(301, Location="https://x.example.com")):
        moco = server.client(canary)
        shown += [repr(moco), str(moco), repr(vars(moco)), repr(moco.acting_as(7))]
        for ask in (_create_task, _list_tasks, lambda moco: moco.session.profile()):
            with pytest.raises(MocoError) as raised:
                ask(moco)
            error = raised.value
            shown += [repr(error), str(error), error.hint, repr(error.messages), repr(vars(error))]
            shown += traceback.format_exception(error)
    for url in ("http://127.0.0.1:1", "https://localhost:1"):
        with MocoClient(url, canary, timeout_seconds=2, sleep=lambda _: None) as moco:
            for ask in (_create_task, _get_task):
                with pytest.raises(MocoError) as raised:
                    ask(moco)
                shown += traceback.format_exception(raised.value)
    assert len(shown) > 100
    assert [text for text in (*shown, caplog.text) if canary in text] == []
    with pytest.raises(ConfigurationError) as misfit:
        MocoClient("https://x.mocoapp.com", f"{canary} ")
    assert canary not in str(misfit.value)


def _unjudged(sandbox: MocoSandbox) -> MocoClient:
    """A client that no document stands behind, for answers that are wrong on purpose."""
    adapter = WsgiAdapter(sandbox.wsgi)
    return MocoClient("https://x.mocoapp.com", KEY, requests=1000, seconds=0.001, adapter=adapter, sleep=lambda _: None)
