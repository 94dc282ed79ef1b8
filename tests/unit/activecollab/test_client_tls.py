"""The client over TLS: certificates are checked, and http is left for https where the server says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.activecollab.client import Generation
from migrator.activecollab.transport import Silence
from migrator.activecollab.wire import Answer
from tests.unit.activecollab.speaking import TOKEN, answer, request_line, transport, whole, xml
from tests.unit.moco.servers import RawServer, serving
from tests.unit.moco.test_wire import certificate

__all__ = ["certificate"]

BODY = "<info></info>"


def secure(server: RawServer) -> str:
    return server.url.replace("http://127.0.0.1", "https://localhost")


@pytest.mark.parametrize("generation", list(Generation))
def test_an_unknown_certificate_ends_the_talk_before_the_token_is_sent(
    generation: Generation,
    certificate: Path,
) -> None:
    with serving(xml(BODY), certificate=certificate) as server:
        got = transport(secure(server), generation).get("info")
    assert isinstance(got, Silence)
    assert got.why.startswith("the certificate was refused")
    assert server.seen == []


def test_http_is_left_for_https_on_the_same_host(certificate: Path) -> None:
    with serving(xml(BODY), certificate=certificate) as server:
        target = f"{secure(server)}/public/api.php?path_info=info&token={TOKEN}"
        with serving(answer(301, Location=target)) as plain:
            url = plain.url.replace("127.0.0.1", "localhost")
            got = whole(transport(url, ca_file=str(certificate)).get("info"))
    assert isinstance(got, Answer)
    assert got.body.read() == BODY.encode()
    assert request_line(server.seen[0]) == f"GET /public/api.php?path_info=info&token={TOKEN} HTTP/1.1"


def test_a_write_over_tls_carries_the_token_where_it_belongs(certificate: Path) -> None:
    with serving(xml(BODY), certificate=certificate) as server:
        speaking = transport(secure(server), Generation.FIVE, ca_file=str(certificate))
        whole(speaking.send("POST", "projects/7/time-records", {}, body={"value": 1}))
    assert f"X-Angie-AuthApiToken: {TOKEN}".encode() in server.seen[0]
    assert TOKEN not in request_line(server.seen[0])
