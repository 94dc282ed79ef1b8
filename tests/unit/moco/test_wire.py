"""The three outcomes, by real sockets; every one of them within its deadline."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.moco.outcomes import NotSent, Reply, Transfer, Unclear
from migrator.moco.transport import Network, Transport
from tests.unit.moco.builders import KEY
from tests.unit.moco.servers import RawServer, Talk, accepting, answer, closed_port, drip, hang, raw, reset, serving

SOON = 0.15


def secure(server: RawServer) -> str:
    return server.url.replace("http://127.0.0.1", "https://localhost")


def until_closed(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


def write(url: str, objection: Callable[[], str | None] = lambda: None, seconds: float = SOON) -> Transfer:
    return Transport(url, KEY, timeout_seconds=seconds).write("POST", "/activities", {"a": 1}, None, objection)


def test_without_a_connection_nothing_was_sent() -> None:
    assert write(closed_port()) == NotSent("the connection was refused")
    assert write("https://nowhere.invalid") == NotSent("the host name is not known")


def test_a_tls_failure_comes_before_the_request() -> None:
    def garble(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with accepting(garble) as server:
        outcome = write(secure(server), seconds=1)
    assert outcome == NotSent("the TLS connection failed")


def test_a_handshake_that_hangs_ends_at_the_deadline_and_nothing_was_sent() -> None:
    with accepting(until_closed) as server:
        begun = time.monotonic()
        outcome = write(secure(server))
    assert isinstance(outcome, NotSent)
    assert time.monotonic() - begun < SOON + 1


def test_the_objection_is_asked_when_the_connection_stands_and_before_any_byte() -> None:
    received: list[bytes] = []
    accepted = threading.Event()

    def note(connection: socket.socket) -> None:
        accepted.set()
        received.append(connection.recv(1000))

    def objection() -> str | None:
        return "too old" if accepted.wait(2) else "was asked before connecting"

    with accepting(note) as server:
        assert write(server.url, objection, seconds=5) == NotSent("too old")
    assert received == [b""]


def test_a_deadline_that_passed_before_the_first_byte_lets_nothing_leave() -> None:
    received: list[bytes] = []
    with accepting(lambda connection: received.append(connection.recv(1000))) as server:
        assert isinstance(write(server.url, seconds=0.000_001), NotSent)
    assert b"".join(received) == b""


UNCLEAR: dict[str, Talk] = {
    "reset": reset,
    "closed": raw(b""),
    "hang": hang,
    "drip": drip,
    "no http": raw(b"\x00\x01\x02\r\n\r\n"),
    "body cut": raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"id"'),
    "chunks cut": raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n[{"id"'),
    "bad chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "chunk below zero": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n[]"),
    "chunk beyond all numbers": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n[]"),
    "only announced": raw(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "no gzip": answer(200, b"plain", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_after_the_first_byte_every_failure_is_unclear(name: str) -> None:
    with serving(UNCLEAR[name]) as server:
        begun = time.monotonic()
        outcome = write(server.url)
        assert time.monotonic() - begun < SOON + 1
    assert isinstance(outcome, Unclear)
    assert len(server.seen) == 1, "a write must never be repeated"


def test_an_answer_that_comes_after_its_announcement_is_not_taken_for_the_next_one() -> None:
    asked_again = threading.Event()

    def late(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        asked_again.wait(5)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n["old"]')

    with serving(late, answer(200, b'["new"]')) as server:
        client = Transport(server.url, KEY, timeout_seconds=5)
        assert isinstance(client.get("/activities", {}, None), Unclear)
        asked_again.set()
        second = client.get("/activities", {}, None)
        client.close()
    assert isinstance(second, Reply)
    assert second.body == b'["new"]'


@pytest.mark.parametrize(
    ("talk", "words"), [(hang, "0.15 s"), (drip, "0.15 s"), (reset, "reset"), (raw(b""), "closed")]
)
def test_an_unclear_outcome_says_why(talk: Talk, words: str) -> None:
    with serving(talk) as server:
        outcome = write(server.url)
    assert isinstance(outcome, Unclear)
    assert words in outcome.reason


def test_a_body_without_a_length_that_drips_past_the_deadline_is_no_answer() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]")
        hang(connection)

    with serving(endless) as server:
        outcome = write(server.url)
    assert isinstance(outcome, Unclear)
    assert outcome.status == 200


def test_a_compression_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 60_000_000, 1)
    with serving(answer(200, bomb, Content_Encoding="gzip")) as server:
        outcome = write(server.url, seconds=5)
    assert outcome == Unclear("the answer is larger than 20 MB", 200)


def test_a_compressed_answer_is_read() -> None:
    with serving(answer(200, gzip.compress(b"[1]"), Content_Encoding="gzip")) as server:
        outcome = write(server.url, seconds=2)
    assert isinstance(outcome, Reply)
    assert outcome.body == b"[1]"


def test_a_connection_that_went_stale_is_noticed_by_a_read_and_cannot_happen_to_a_write() -> None:
    closing = answer(200, [])
    with serving(closing) as server:
        transport = Transport(server.url, KEY, timeout_seconds=2)
        for _ in range(3):
            # The server closes after each answer without saying so.
            assert isinstance(transport.get("/a", {}, None), Reply | Unclear)
            assert isinstance(transport.write("PUT", "/a", {}, None, lambda: None), Reply)
        transport.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "both.pem"
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files: list[str | Path] = ["-keyout", folder / "key.pem", "-out", folder / "crt.pem"]
    subprocess.run([openssl, *request.split(), *files], check=True, capture_output=True)
    made.write_bytes((folder / "key.pem").read_bytes() + (folder / "crt.pem").read_bytes())
    return made


def test_an_unknown_certificate_is_refused_before_the_request(certificate: Path) -> None:
    with serving(hang, certificate=certificate) as server:
        outcome = write(secure(server), seconds=2)
    assert isinstance(outcome, NotSent)
    assert "certificate" in outcome.reason


@pytest.mark.parametrize("talk", [hang, drip])
def test_the_deadline_holds_over_tls_too(certificate: Path, talk: Talk) -> None:
    network = Network(ca_file=str(certificate))
    with serving(talk, certificate=certificate) as server:
        transport = Transport(secure(server), KEY, timeout_seconds=0.3, network=network)
        begun = time.monotonic()
        outcome = transport.write("POST", "/a", {}, None, lambda: None)
        assert time.monotonic() - begun < 1.3
    assert isinstance(outcome, Unclear)
    assert outcome.reason == "no complete answer within 0.3 s"


def test_an_answer_over_tls_is_read(certificate: Path) -> None:
    network = Network(ca_file=str(certificate))
    with serving(answer(200, [7]), certificate=certificate) as server:
        transport = Transport(secure(server), KEY, timeout_seconds=2, network=network)
        outcome = transport.write("POST", "/a", {}, None, lambda: None)
    assert isinstance(outcome, Reply)
    assert outcome.body == b"[7]"


def test_the_body_of_a_redirect_is_limited_too() -> None:
    bomb = gzip.compress(b"0" * 60_000_000, 1)
    redirect = answer(302, bomb, Content_Encoding="gzip", Location="https://evil.example/")
    with serving(redirect) as server:
        outcome = write(server.url, seconds=5)
    assert outcome == Unclear("the answer is larger than 20 MB", 302)


def test_a_proxy_that_refuses_the_tunnel_saw_neither_request_nor_key() -> None:
    with serving(answer(407)) as server:
        network = Network(proxy=server.url.replace("//", "//me:canary-password@"))
        transport = Transport("https://x.mocoapp.com", KEY, timeout_seconds=2, network=network)
        outcome = transport.write("POST", "/a", {"text": "secret"}, None, lambda: None)
    assert outcome == NotSent("the proxy refused or failed")
    assert len(server.seen) == 1
    assert server.seen[0].startswith(b"CONNECT x.mocoapp.com:443 ")
    assert b"Proxy-Authorization" in server.seen[0]
    assert KEY.encode() not in server.seen[0]
