"""Requests to one server: where the token goes, what is repeated, what is never followed."""

from __future__ import annotations

import errno
import gzip
import json
import socket
import threading
import tracemalloc
import zlib

import pytest

from migrator.activecollab import wire
from migrator.activecollab.client import Generation
from migrator.activecollab.transport import Elsewhere, Got, Purpose, Silence, _objection_to_follow
from migrator.activecollab.wire import Answer
from migrator.errors import ConfigurationError, TryAgainLater
from tests.unit.activecollab.speaking import TOKEN, FakeTime, answer, request_line, transport, whole, xml
from tests.unit.moco.servers import Talk, closed_port, drip, hang, raw, reset, serving

BODY = "<time_records></time_records>"
GOOD = xml(BODY)


def got_from(*talks: Talk, purpose: Purpose = Purpose.LIST, time: FakeTime | None = None) -> tuple[Got, int, FakeTime]:
    """The outcome of one GET, how many connections the server saw, and the time that passed."""
    time = time or FakeTime()
    with serving(*talks) as server:
        got = whole(transport(server.url, time=time).get("projects/7/time", purpose=purpose))
        return got, server.accepted, time


def content(got: Got) -> bytes:
    assert isinstance(got, Answer), got
    return got.body.read()


@pytest.mark.parametrize(
    ("generation", "line", "header"),
    [
        (Generation.TWO, f"GET /public/api.php?path_info=projects/7/time&x=1&token={TOKEN} HTTP/1.1", False),
        (Generation.THREE, f"GET /api.php?path_info=projects/7/time&x=1&auth_api_token={TOKEN} HTTP/1.1", False),
        (Generation.FIVE, "GET /api/v1/projects/7/time?x=1 HTTP/1.1", True),
    ],
)
def test_each_generation_gets_the_token_in_its_own_place(generation: Generation, line: str, header: bool) -> None:
    with serving(GOOD) as server:
        whole(transport(server.url, generation).get("projects/7/time", (("x", "1"),)))
    assert request_line(server.seen[0]) == line
    assert (f"X-Angie-AuthApiToken: {TOKEN}".encode() in server.seen[0]) is header


def test_a_whole_answer_is_given_with_its_headers_in_lower_case() -> None:
    got, accepted, _ = got_from(xml(BODY, X_Angie_Any="1"))
    assert content(got) == BODY.encode()
    assert isinstance(got, Answer)
    assert got.headers["x-angie-any"] == "1"
    assert accepted == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_server_is_asked_again_and_then_answers(status: int) -> None:
    got, accepted, time = got_from(answer(status), answer(status), GOOD)
    assert content(got) == BODY.encode()
    assert accepted == 3
    assert time.slept == [1.0, 2.0]


def test_after_four_tries_nobody_answered() -> None:
    got, accepted, time = got_from(answer(503))
    assert got == Silence("the server is out of order (status 503)")
    assert accepted == 4
    assert time.slept == [1.0, 2.0, 4.0]


def test_retry_after_is_waited_for_in_both_spellings() -> None:
    now = "Thu, 21 Mar 2024 08:00:00 GMT"
    later = "Thu, 21 Mar 2024 08:01:30 GMT"
    _, _, time = got_from(answer(429, Retry_After="17"), answer(429, Retry_After=later, Date=now), GOOD)
    assert time.slept == [17.0, 90.0]


def test_a_server_that_asks_for_too_long_a_wait_is_left_alone() -> None:
    with pytest.raises(TryAgainLater, match="asks to wait 301 s"):
        got_from(answer(429, Retry_After="301"))


@pytest.mark.parametrize(
    ("purpose", "tries"), [(Purpose.LIST, 2), (Purpose.DETAIL, 1)], ids=["a list once more", "a record never"]
)
def test_a_failed_operation_is_repeated_for_lists_only(purpose: Purpose, tries: int) -> None:
    got, accepted, _ = got_from(answer(500), purpose=purpose)
    assert isinstance(got, Answer)
    assert got.status == 500
    assert accepted == tries


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_an_answer_and_not_repeated(status: int) -> None:
    got, accepted, _ = got_from(answer(status))
    assert isinstance(got, Answer)
    assert got.status == status
    assert accepted == 1


def _cut_in_chunks() -> Talk:
    return raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n<time_re\r\n40\r\ncords>")


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<time_records>"),
        _cut_in_chunks(),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<time_re"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n<time_re"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n<time_re"),
        raw(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde"),
        raw(b"nonsense\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n"),
    ],
    ids=[
        "reset",
        "hung up",
        "short body",
        "cut chunk",
        "broken chunk",
        "chunk below zero",
        "chunk beyond all numbers",
        "only announced",
        "broken gzip",
        "no HTTP",
        "no headers",
    ],
)
def test_an_answer_that_did_not_come_whole_is_read_again_from_its_beginning(fault: Talk) -> None:
    got, accepted, _ = got_from(fault, GOOD)
    assert content(got) == BODY.encode()
    assert accepted == 2


def test_silence_ends_a_try() -> None:
    with serving(hang) as server:
        got = whole(transport(server.url, timeout_seconds=0.05).get("info"))
    assert got == Silence("no answer within 0.05 s")


def test_an_answer_that_drips_ends_a_try() -> None:
    time = FakeTime()

    def impatient() -> float:
        time.now += 0.05
        return time.now

    with serving(drip) as server:
        got = whole(transport(server.url, clock=impatient, sleep=time.sleep).get("info"))
    assert got == Silence("the answer came in slower than 512 bytes in a second")


def test_headers_that_drip_end_a_try() -> None:
    pause = threading.Event()

    def drip_headers(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Any: ")
        while True:
            connection.sendall(b"x")
            pause.wait(0.005)

    with serving(drip_headers) as server:
        got = transport(server.url, timeout_seconds=0.03).get("info")
    assert got == Silence("no answer within 0.03 s")


def test_a_long_answer_takes_no_memory() -> None:
    record = b"<time_record><id>1</id></time_record>" * 1000
    size = 600 * len(record)

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(600):
            connection.sendall(record)

    with serving(send) as server:
        speaking = transport(server.url, timeout_seconds=5)
        tracemalloc.start()
        try:
            got = speaking.get("projects/7/time")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(content(whole(got))) == size > 20_000_000
    assert peak < 4_000_000


def test_a_host_that_no_library_takes_is_told_in_words() -> None:
    got = transport("http://a..example.com").get("info")
    assert isinstance(got, Silence)
    assert "failed" in got.why or "not known" in got.why


def test_a_full_disk_is_told_in_words() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert "no space left" in wire._say(full, 1.0)


def test_a_closed_port_is_named_in_words() -> None:
    assert transport(closed_port()).get("info") == Silence("the connection was refused")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(BODY.encode(), mtime=0)), ("deflate", zlib.compress(BODY.encode()))],
    ids=["gzip", "deflate"],
)
def test_packed_answers_are_unpacked(encoding: str, packed: bytes) -> None:
    got, _, _ = got_from(answer(200, packed, Content_Encoding=encoding))
    assert content(got) == BODY.encode()


def test_an_answer_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_RATIO_COUNTS_FROM", 100_000)
    bomb = gzip.compress(bytes(5_000_000))
    got, _, _ = got_from(answer(200, bomb, Content_Encoding="gzip"))
    assert got == Silence("the answer unpacks to more than 200 times its size")


def test_an_answer_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_ANSWER", 10)
    got, _, _ = got_from(GOOD)
    assert isinstance(got, Silence)
    assert got.why.startswith("the answer is larger than")


def test_a_large_answer_lies_on_disk_and_its_ends_can_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_IN_MEMORY", 10)
    got, _, _ = got_from(GOOD)
    assert isinstance(got, Answer)
    assert (got.head(5), got.tail(5)) == (b"<time", b"ords>")
    assert content(got) == BODY.encode()


def _redirect(location: str) -> Talk:
    return answer(302, Location=location)


def test_a_redirect_on_the_same_host_is_followed_once_with_the_token() -> None:
    with serving(_redirect(f"/ac/api.php?path_info=info&token={TOKEN}"), GOOD) as server:
        got = whole(transport(server.url).get("info"))
    assert content(got) == BODY.encode()
    assert request_line(server.seen[1]) == f"GET /ac/api.php?path_info=info&token={TOKEN} HTTP/1.1"


def test_a_second_redirect_is_not_followed() -> None:
    got, accepted, _ = got_from(_redirect("/a"), _redirect("/b"), GOOD)
    assert isinstance(got, Elsewhere)
    assert accepted == 2


@pytest.mark.parametrize("generation", list(Generation))
def test_another_host_never_sees_a_request(generation: Generation) -> None:
    with serving(GOOD) as other, serving(_redirect(f"{other.url}/api.php?token={TOKEN}")) as server:
        got = whole(transport(server.url, generation).get("info"))
        named = whole(transport(server.url.replace("127.0.0.1", "localhost"), generation).get("info"))
    assert other.seen == []
    assert isinstance(got, Elsewhere)
    assert isinstance(named, Elsewhere)
    assert "another host (127.0.0.1)" in named.why


@pytest.mark.parametrize(
    "location", ["/public/index.php?path_info=login", "/login", "https://127.0.0.1/sign-in?to=api"]
)
def test_a_login_page_is_told_and_not_asked(location: str) -> None:
    got, accepted, _ = got_from(_redirect(location))
    assert isinstance(got, Elsewhere)
    assert got.login
    assert accepted == 1


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "javascript:alert(1)", "http://[broken"])
def test_a_redirect_to_no_web_address_is_told(location: str) -> None:
    got, _, _ = got_from(_redirect(location))
    assert isinstance(got, Elsewhere)


@pytest.mark.parametrize(
    ("here", "there", "followed"),
    [
        ("http://ac.example.com/api.php", "https://ac.example.com/api.php", True),
        ("http://ac.example.com:8080/a", "https://AC.example.com/a", True),
        ("https://ac.example.com/a", "https://ac.example.com/b", True),
        ("https://ac.example.com/a", "http://ac.example.com/a", False),
        ("https://ac.example.com/a", "https://ac.example.com:8443/a", False),
        ("https://ac.example.com/a", "https://ac.example.com.evil.example/a", False),
        ("https://ac.example.com/a", "https://ac.example.com@evil.example/a", False),
    ],
)
def test_only_the_same_host_and_never_less_than_https_is_followed(here: str, there: str, followed: bool) -> None:
    assert (_objection_to_follow(here, there) is None) is followed


@pytest.mark.parametrize("fault", [answer(500), answer(403)], ids=["failed", "forbidden"])
def test_a_write_is_sent_once_whatever_becomes_of_it(fault: Talk) -> None:
    with serving(fault, GOOD) as server:
        got = whole(transport(server.url).send("POST", "projects/7/time/add", {"time[value]": "1:30"}))
    assert isinstance(got, Answer)
    assert got.status in {500, 403}
    assert len(server.seen) == 1


@pytest.mark.parametrize("fault", [reset, answer(503), answer(429), _redirect("/other"), raw(b"")])
def test_a_write_without_an_answer_says_that_its_outcome_is_not_known(fault: Talk) -> None:
    with serving(fault, GOOD) as server, pytest.raises(TryAgainLater) as told:
        transport(server.url).send("POST", "projects/7/time/add", {"time[value]": "1:30"})
    assert "not known" in told.value.hint
    assert server.accepted == 1


def test_a_form_is_sent_without_a_charset_and_json_as_json() -> None:
    with serving(GOOD) as server:
        speaking = transport(server.url)
        whole(speaking.send("POST", "time/add", {"time[body]": "Ünï & mehr"}))
        whole(speaking.send("PUT", "time/1", {}, body={"value": 1.5}))
    form, _, posted = server.seen[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in form + b"\r\n"
    assert posted == b"time%5Bbody%5D=%C3%9Cn%C3%AF+%26+mehr"
    assert json.loads(server.seen[1].partition(b"\r\n\r\n")[2]) == {"value": 1.5}


def test_neither_proxies_nor_passwords_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    got, _, _ = got_from(GOOD)
    assert content(got) == BODY.encode()


def test_a_proxy_is_used_and_its_password_never_shown() -> None:
    with serving(GOOD) as proxy:
        address = proxy.url.replace("http://", "http://me:pass-of-proxy@")
        speaking = transport("http://ac.example.com", proxy=address)
        got = whole(speaking.get("info"))
    assert content(got) == BODY.encode()
    line = f"GET http://ac.example.com/public/api.php?path_info=info&token={TOKEN} HTTP/1.1"
    assert request_line(proxy.seen[0]) == line
    gone = transport("http://ac.example.com", proxy=closed_port().replace("http://", "http://me:pass-of-proxy@"))
    told = gone.get("info")
    assert isinstance(told, Silence)
    assert "pass-of-proxy" not in f"{told} {gone._network!r}"


def test_cookies_are_not_sent_back() -> None:
    with serving(xml(BODY, Set_Cookie="PHPSESSID=secret; path=/")) as server:
        speaking = transport(server.url)
        whole(speaking.get("info"))
        whole(speaking.get("info"))
    assert not any(b"ookie" in seen for seen in server.seen)


def test_an_unknown_file_of_certificates_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"network\.ca_file"):
        transport("http://127.0.0.1", ca_file="nowhere.pem")


def test_requests_are_counted_by_method() -> None:
    with serving(answer(503), GOOD) as server:
        speaking = transport(server.url)
        whole(speaking.get("info"))
        whole(speaking.send("POST", "time/add", {"a": "b"}))
    assert speaking.requests == {"GET": 2, "POST": 1}


def test_the_pace_is_kept_exactly() -> None:
    time = FakeTime()
    sent: list[float] = []
    lock = threading.Lock()

    def note(connection: object) -> None:
        with lock:
            sent.append(time.now)
            time.now += 0.7
        GOOD(connection)  # type: ignore[arg-type]  # the socket, passed on

    with serving(note) as server:
        speaking = transport(server.url, time=time, requests_per_minute=5)
        for _ in range(23):
            whole(speaking.get("info"))
    assert len(sent) == 23
    for first, sixth in zip(sent, sent[5:], strict=False):
        assert sixth - first >= 60
    # Not slower than needed either: 23 requests are four full minutes and three more.
    assert sent[-1] - sent[0] < 4 * 65
