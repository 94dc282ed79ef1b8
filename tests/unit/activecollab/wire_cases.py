"""The table of odd answers over HTTP, and a small server that gives the answers it names."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from migrator.activecollab.client import Generation
from tests.unit.activecollab.cases import FOLDER, Said
from tests.unit.moco.servers import RawServer

WIRE = FOLDER / "wire"


@dataclass(frozen=True, slots=True)
class WireCase:
    """One variant of a case: what the server answers, and what the client makes of it."""

    number: int
    says: str
    generation: int
    asks: str
    answers: dict[str, list[str]] = field(default_factory=dict)
    records: tuple[Said, ...] = ()
    masters: tuple[Said, ...] = ()
    problem: str = ""
    forbidden: bool = False
    found: str = ""
    project: int = 0
    info: Said = field(default_factory=dict)
    raises: str = ""
    words: str = ""
    sent: int = 0

    @property
    def name(self) -> str:
        return f"{self.number}: {self.says}"

    @property
    def spoken(self) -> Generation:
        return Generation(str(self.generation))


def stored(name: str) -> bytes:
    """The bytes of one answer as they go over the wire."""
    if name.endswith(".tls"):
        return (WIRE / name).read_bytes()
    head, _, body = (WIRE / f"{name}.http").read_bytes().partition(b"\n\n")
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


def command_of(request: bytes) -> str:
    """The command that was asked for, in whichever place its generation writes it."""
    target = urlsplit(request.split(b" ", 2)[1].decode() if b" " in request else "")
    told = parse_qs(target.query).get("path_info", [re.sub(r"^.*/api/v1", "", target.path)])
    return told[0].strip("/")


@contextmanager
def answering(case: WireCase) -> Iterator[RawServer]:
    """A server that answers each command as `case` says; over TLS it only ever says what is stored."""
    left = {command: list(names) for command, names in case.answers.items()}
    secured = any(name.endswith(".tls") for names in left.values() for name in names)

    def talk(connection: socket.socket) -> None:
        if secured:
            connection.recv(65536)
        names = left.get("" if secured else command_of(server.seen[-1]), ["not_found"])
        connection.sendall(stored(names.pop(0) if len(names) > 1 else names[0]))

    server = RawServer((talk,), reads_first=not secured)
    try:
        yield server
    finally:
        server.close()
