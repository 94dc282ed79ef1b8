"""Tiny servers of raw bytes, for what no WSGI server can do: reset, hang, drip, cut off."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Talk = Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Listens on loopback; each connection's request is kept in `seen`, then the next talk answers it.

    The last talk serves all further connections. `stopping` is set when the test is over.
    """

    talks: tuple[Talk, ...]
    certificate: Path | None = None
    reads_first: bool = True
    seen: list[bytes] = field(default_factory=list)
    accepted: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._loop = threading.Thread(target=self._accept, daemon=True)
        self._loop.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._loop, *self._threads):
            thread.join(timeout=2)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            talk = self.talks[min(self.accepted, len(self.talks) - 1)]
            self.accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection, talk), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, talk: Talk) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            if not self.reads_first:
                talk(connection)
                return
            with self._secured(connection) as secured:
                request = read_request(secured)
                if request:
                    self.seen.append(request)
                    talk(secured)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self.certificate is None:
            return connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)


def read_request(connection: socket.socket) -> bytes:
    """All bytes of one request, by its Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")),
        0,
    )
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
        received += piece
    return received


@contextlib.contextmanager
def serving(*talks: Talk, certificate: Path | None = None) -> Iterator[RawServer]:
    """Read each request, then talk; over TLS when there is a certificate (with its key)."""
    server = RawServer(talks, certificate)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def accepting(talk: Talk) -> Iterator[RawServer]:
    """Talk as soon as a connection stands."""
    server = RawServer((talk,), reads_first=False)
    try:
        yield server
    finally:
        server.close()


def answer(status: int, body: object = None, **headers: str) -> Talk:
    """A whole answer; a `bytes` body is sent as it is, anything else as JSON, None as nothing."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(content))}
    fields |= {name.replace("_", "-"): text for name, text in headers.items()}
    head = f"HTTP/1.1 {status} Any\r\n" + "".join(f"{name}: {text}\r\n" for name, text in fields.items())

    def talk(connection: socket.socket) -> None:
        connection.sendall(head.encode() + b"\r\n" + content)

    return talk


def raw(content: bytes) -> Talk:
    """Exactly these bytes, then the connection ends."""
    return lambda connection: connection.sendall(content)


def reset(connection: socket.socket) -> None:
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection: socket.socket) -> None:
    """Silence until the client hangs up."""
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    """One byte of the body every hundredth of a second: never slow enough for a timeout per read."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    pause = threading.Event()
    while True:
        connection.sendall(b"x")
        pause.wait(0.01)


def closed_port() -> str:
    """The address of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
