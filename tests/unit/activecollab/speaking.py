"""What tests of the client start from: a clock that nobody waits for, and clients of small servers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from typing import Any

from migrator.activecollab.address import Endpoint
from migrator.activecollab.client import Client, Generation
from migrator.activecollab.connecting import connect
from migrator.activecollab.credential import Credential
from migrator.activecollab.transport import Got, Network, Transport
from migrator.activecollab.wire import Answer
from tests.unit.moco import servers
from tests.unit.moco.servers import RawServer, Talk, serving

TOKEN = "7-CANARYcanaryCANARYcanaryCANARYcanary0123"
TODAY = date(2024, 3, 21)
PATHS = {Generation.TWO: "/public/api.php", Generation.THREE: "/api.php", Generation.FIVE: "/api/v1"}


@dataclass
class FakeTime:
    """Passes only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def network(time: FakeTime, **changed: Any) -> Network:
    settings: dict[str, Any] = {
        "timeout_seconds": 0.5,
        "requests_per_minute": 10_000,
        "proxy": "",
        "ca_file": "",
        "clock": time.clock,
        "sleep": time.sleep,
    }
    return Network(**(settings | changed))


def transport(url: str, generation: Generation = Generation.TWO, **changed: Any) -> Transport:
    time = changed.pop("time", FakeTime())
    endpoint = Endpoint(url + PATHS[generation], generation)
    return Transport(endpoint, Credential(TOKEN, generation), network(time, **changed))


@contextmanager
def client_of(generation: Generation, *talks: Talk) -> Iterator[tuple[Client, RawServer]]:
    """A client of a server that answers with `talks`, one after the other, the last one for ever."""
    with serving(*talks) as server:
        yield client(server.url, generation), server


def client(url: str, generation: Generation | None, **changed: Any) -> Client:
    time = changed.pop("time", FakeTime())
    settings: dict[str, Any] = {
        "generation": generation,
        "timezone": UTC,
        "today": TODAY,
        "timeout_seconds": 0.5,
        "requests_per_minute": 10_000,
        "clock": time.clock,
        "sleep": time.sleep,
    }
    path = PATHS[generation] if generation else ""
    return connect(url + path, TOKEN, **(settings | changed))


def answer(status: int, body: object = None, **headers: str) -> Talk:
    """A whole answer that ends its connection, as these servers do."""
    return servers.answer(status, body, Connection="close", **headers)


def xml(body: str, status: int = 200, **headers: str) -> Talk:
    """An answer in XML."""
    return answer(status, body.encode(), Content_Type="text/xml; charset=utf-8", **headers)


def whole(got: Got) -> Got:
    """The same answer with its body in memory, where nobody has to close it."""
    if not isinstance(got, Answer):
        return got
    with closing(got.body):
        return replace(got, body=io.BytesIO(got.body.read()))


def request_line(seen: bytes) -> str:
    return seen.split(b"\r\n")[0].decode()
