"""Where requests go, what they carry, and what is never shown."""

from __future__ import annotations

import pickle
import socket
import threading
import traceback
from pathlib import Path

import pytest
import requests

from migrator.errors import ConfigurationError, MigratorError, UsageError
from migrator.moco.client import MocoReader, MocoWriter
from migrator.moco.outcomes import NotSent, Reply, Transfer
from migrator.moco.transport import Network, TokenAuth, Transport, api_root
from migrator.moco.wire import GetOnlyAdapter, WatchedAdapter, WriteForbiddenError
from tests.unit.moco.builders import KEY, a_window
from tests.unit.moco.servers import answer, closed_port, hang, serving


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("https://example.mocoapp.com", "https://example.mocoapp.com/api/v1"),
        ("https://example.mocoapp.com/", "https://example.mocoapp.com/api/v1"),
        (" https://Example.mocoapp.com/api/v1/ ", "https://example.mocoapp.com/api/v1"),
        ("https://example.mocoapp.com:8443", "https://example.mocoapp.com:8443/api/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v1"),
        ("http://localhost", "http://localhost/api/v1"),
        ("http://[::1]:80", "http://[::1]:80/api/v1"),
    ],
)
def test_addresses_that_are_accepted(given: str, root: str) -> None:
    assert api_root(given) == root


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.mocoapp.com",
        "http://example.mocoapp.com",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "ftp://example.mocoapp.com",
        "https://",
        "https://user:hunter2@example.mocoapp.com",
        "https://example.mocoapp.com/?api_key=hunter2",
        "https://example.mocoapp.com/#hunter2",
        "https://example.mocoapp.com/activities",
        "https://exa mple.com",
        "https://example.com:port",
        "https://[::1",
        "https://exämple.com\r\nX: y",
    ],
)
def test_addresses_that_are_refused_without_being_quoted(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"expected https://NAME\.mocoapp\.com") as caught:
        api_root(given)
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("key", ["", " ", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TokenAuth(key)
    assert not key.strip() or key not in str(caught.value)


def test_a_missing_ca_file_is_found_at_once() -> None:
    with pytest.raises(ConfigurationError, match="ca_file"):
        Transport("https://x.mocoapp.com", KEY, timeout_seconds=1, network=Network(ca_file="/nowhere.pem"))


def write(transport: Transport, path: str = "/activities") -> Transfer:
    return transport.write("POST", path, {"text": "ä"}, 21, lambda: None)


def head_and_body(request: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}, body


def test_the_bytes_of_a_read() -> None:
    with serving(answer(200, [])) as server:
        transport = Transport(server.url, KEY, timeout_seconds=2)
        assert isinstance(transport.get("/activities", {"remote_id": "ac:main:1,ac:main:2"}, None), Reply)
        transport.close()
    first, headers, body = head_and_body(server.seen[0])
    assert first == "GET /api/v1/activities?remote_id=ac%3Amain%3A1%2Cac%3Amain%3A2 HTTP/1.1"
    assert headers["authorization"] == f"Token token={KEY}"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("migrator/")
    assert "content-type" not in headers
    assert "x-impersonate-user-id" not in headers
    assert body == b""


def test_the_bytes_of_a_write() -> None:
    with serving(answer(200, {})) as server:
        write(Transport(server.url + "/api/v1", KEY, timeout_seconds=2))
    first, headers, body = head_and_body(server.seen[0])
    assert first == "POST /api/v1/activities HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert headers["x-impersonate-user-id"] == "21"
    assert headers["connection"] == "close"
    assert headers["content-length"] == str(len(body))
    assert body.decode() == '{"text": "ä"}'


def test_every_write_has_a_connection_of_its_own_and_reads_keep_theirs() -> None:
    kept = answer(200, {})

    def twice(connection: socket.socket) -> None:
        kept(connection)
        connection.recv(65536)
        kept(connection)

    with serving(twice) as server:
        transport = Transport(server.url, KEY, timeout_seconds=2)
        for _ in range(2):
            transport.get("/session", {}, None)
        assert server.accepted == 1
        for _ in range(2):
            write(transport)
        assert server.accepted == 3
        transport.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_a_mistake_in_the_configuration(status: int, method: str) -> None:
    with serving(answer(200, {})) as other, serving(answer(status, None, Location=other.url + "/api/v1/x")) as server:
        transport = Transport(server.url, KEY, timeout_seconds=2)
        with pytest.raises(UsageError, match=str(status)) as caught:
            write(transport) if method == "POST" else transport.get("/session", {}, None)
        assert "https" in caught.value.hint
        transport.close()
    assert other.accepted == 0
    assert len(server.seen) == 1


def test_requests_are_counted_by_method_unless_they_never_left() -> None:
    with serving(answer(200, {})) as server:
        transport = Transport(server.url, KEY, timeout_seconds=2)
        transport.get("/session", {}, None)
        write(transport)
        write(transport)
        assert isinstance(transport.write("PUT", "/x", {}, None, lambda: "too late"), NotSent)
        transport.close()
    assert transport.counted == {"GET": 1, "POST": 2}
    lost = Transport(closed_port(), KEY, timeout_seconds=0.3)
    assert isinstance(write(lost), NotSent)
    assert not lost.counted


def test_environment_and_netrc_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    with serving(answer(200, {})) as server:
        write(Transport(server.url, KEY, timeout_seconds=2))
    assert f"Token token={KEY}".encode() in server.seen[0]


def test_cookies_are_not_kept() -> None:
    with serving(answer(200, {}, Set_Cookie="session=1; Path=/", Connection="close")) as server:
        transport = Transport(server.url, KEY, timeout_seconds=2)
        for _ in range(2):
            transport.get("/session", {}, None)
        transport.close()
    assert b"cookie" not in server.seen[1].lower()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get"])
def test_a_get_only_adapter_refuses_before_anything_is_sent(method: str) -> None:
    with serving(answer(200, {})) as server, requests.Session() as session:
        session.mount("http://", GetOnlyAdapter(WatchedAdapter()))
        request = requests.PreparedRequest()
        request.prepare(method="GET", url=server.url)
        request.method = method
        with pytest.raises(WriteForbiddenError, match=method):
            session.send(request)
    assert server.accepted == 0


def test_a_reader_has_no_way_to_write() -> None:
    writing = {name for name in dir(MocoWriter) if name.split("_")[0] in {"create", "update", "delete"}}
    assert writing
    assert not writing & set(dir(MocoReader))


def test_the_key_is_shown_nowhere() -> None:
    texts: list[str] = []
    network = Network(proxy="http://me:canary-proxy-password@127.0.0.1:9")
    client = MocoWriter("https://nowhere.invalid", KEY, a_window(), network=network, timeout_seconds=0.2)
    texts += [repr(client), str(vars(client)), repr(TokenAuth(KEY)), str(TokenAuth(KEY)), repr(network)]
    transport = Transport("https://nowhere.invalid", KEY, timeout_seconds=0.2, network=network)
    texts += [repr(transport), str(vars(transport)), repr(write(transport)), repr(transport.get("/x", {}, None))]
    with serving(answer(401, {"message": "Invalid API key."})) as server:
        refused = MocoReader(server.url, KEY, a_window(), timeout_seconds=2)
        with pytest.raises(MigratorError) as caught:
            refused.fetch_session()
        texts += ["".join(traceback.format_exception(caught.value)), caught.value.hint]
        refused.close()
    with serving(hang) as server:
        slow = MocoReader(server.url, KEY, a_window(), timeout_seconds=0.05, sleep=lambda _: None)
        with pytest.raises(MigratorError) as caught:
            slow.fetch_session()
        texts += ["".join(traceback.format_exception(caught.value)), caught.value.hint]
        slow.close()
    assert not [text for text in texts if "canary" in text]


def test_a_session_cannot_be_smuggled_out_by_pickling_the_client() -> None:
    client = MocoReader("https://x.mocoapp.com", KEY, a_window())
    with pytest.raises(TypeError):
        pickle.dumps(client)


def test_each_thread_keeps_a_connection_of_its_own() -> None:
    both = threading.Barrier(2)

    def twice(connection: socket.socket) -> None:
        both.wait(2)
        answer(200, {})(connection)
        connection.recv(65536)
        answer(200, {})(connection)

    with serving(twice) as server:
        transport = Transport(server.url, KEY, timeout_seconds=3)
        answers: list[Transfer] = []

        def read() -> None:
            answers.extend(transport.get("/session", {}, None) for _ in range(2))

        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert server.accepted == 2
        transport.close()
    assert [type(one) for one in answers] == [Reply] * 4
    assert transport.counted == {"GET": 4}
