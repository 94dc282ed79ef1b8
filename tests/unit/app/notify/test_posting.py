"""Web hooks and heartbeats against real receivers: what they get, and receivers that are down, slow or unwilling."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from migrator.app.notify.posting import Ping, Poster, chat_text
from migrator.core.outbox import Letter
from migrator.errors import TryAgainLater
from tests.unit.moco.servers import RawServer, Talk, answer, closed_port, drip, hang, reset, serving

LETTER = Letter("7f", datetime(2026, 11, 26, tzinfo=UTC), "Größe", "<!channel> @here & <https://evil.example|click>\n")
PATH = "/services/T0/B0/s3cr3t-token"


def poster(server: RawServer | str, path: str = PATH, *, seconds: float = 5) -> Poster:
    url = server if isinstance(server, str) else server.url
    return Poster(url + path, "notify.webhook_url", seconds=seconds)


def test_a_letter_is_posted_as_one_text_that_calls_nobody() -> None:
    with serving(answer(200, b"ok")) as server:
        poster(server).send(LETTER)
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {PATH} HTTP/1.1".encode())
    assert b"application/json" in head
    text = json.loads(body)["text"]
    assert text == "*Größe*\n&lt;!channel&gt; @\u200bhere &amp; &lt;https://evil.example|click&gt;"
    assert json.loads(body).keys() == {"text"}


def test_a_very_long_text_stays_one_message() -> None:
    told = chat_text(Letter("1", LETTER.made, "s", "x" * 10_000))
    assert len(told) == 3_500
    assert told.endswith("…")


@pytest.mark.parametrize(
    ("what", "url", "line"),
    [
        (Ping.START, "/ping/uuid", "GET /ping/uuid/start HTTP/1.1"),
        (Ping.SUCCESS, "/ping/uuid/", "GET /ping/uuid HTTP/1.1"),
        (Ping.FAIL, "/ping/uuid?create=1", "GET /ping/uuid/fail?create=1 HTTP/1.1"),
    ],
)
def test_a_heartbeat_says_by_its_path_how_it_stands(what: Ping, url: str, line: str) -> None:
    with serving(answer(200, b"OK")) as server:
        poster(server, url).ping(what)
    assert server.seen[0].decode().splitlines()[0] == line


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (answer(500, b"sorry"), "answered with 500"),
        (answer(404, f"no {PATH}".encode()), "answered with 404"),
        (answer(302, b"", Location="/elsewhere"), "answered with 302"),
        (reset, "the connection was reset"),
        (hang, "no complete answer within 0.3 s"),
        (drip, "no complete answer within 0.3 s"),
    ],
)
def test_a_receiver_that_does_not_take_it_costs_no_more_than_the_deadline(talk: Talk, words: str) -> None:
    began = time.monotonic()
    with serving(talk) as server, pytest.raises(TryAgainLater) as raised:
        poster(server, seconds=0.3).send(LETTER)
    assert time.monotonic() - began < 3
    assert words in raised.value.message
    assert raised.value.message.startswith("notify.webhook_url")
    assert "s3cr3t" not in raised.value.message
    assert len(server.seen) == 1


def test_a_receiver_that_is_down_is_told_without_its_address() -> None:
    with pytest.raises(TryAgainLater) as raised:
        poster(closed_port()).send(LETTER)
    assert raised.value.message == "notify.webhook_url: the connection was refused"
