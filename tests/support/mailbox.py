"""A mail server on this machine: speaks enough SMTP for smtplib, keeps what it is given, and can misbehave."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass
class Received:
    """One mail: from whom, to whom, as it was handed over, and whether the way was encrypted and after a login."""

    sender: str
    to: list[str]
    message: EmailMessage
    encrypted: bool
    user: str

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class Mailbox:
    """Listens on loopback. `refuses` answers a command with these bytes instead of taking it."""

    certificate: Path | None = None
    encrypted_at_once: bool = False
    login: tuple[str, str] | None = None
    refuses: dict[str, bytes] = field(default_factory=dict)
    refused_recipients: frozenset[str] = frozenset()
    received: list[Received] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=2)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                _Talk(self, self._wrapped(connection) if self.encrypted_at_once else connection).go()

    def _wrapped(self, connection: socket.socket) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate is not None
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)


class _Talk:
    """One connection."""

    def __init__(self, box: Mailbox, connection: socket.socket) -> None:
        self.box, self.connection = box, connection
        self.user, self.sender = "", ""
        self.to: list[str] = []
        self.rest = b""

    def go(self) -> None:
        self._say(self.box.refuses.get("", b"220 ready"))
        going = True
        while going:
            line = self._line().decode()
            verb = line.split()[0].upper()
            if verb in self.box.refuses:
                self._say(self.box.refuses[verb])
            else:
                going = self._take(verb, line)
        self.connection.close()

    def _take(self, verb: str, line: str) -> bool:
        match verb:
            case "EHLO":
                offers = ["127.0.0.1"]
                offers += ["STARTTLS"] if self.box.certificate and not self._encrypted else []
                offers += ["AUTH PLAIN"] if self.box.login else []
                self._say(b"\r\n".join(f"250{'-' if at < len(offers) - 1 else ' '}{each}".encode()
                                       for at, each in enumerate(offers)))  # fmt: skip
            case "STARTTLS":
                self._say(b"220 go on")
                self.connection = self.box._wrapped(self.connection)
            case "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                self.user = user
                # As servers do, it repeats more than it should.
                good = (user, password) == self.box.login
                self._say(b"235 welcome" if good else f"535 no {user} {password}".encode())
            case "MAIL":
                self.sender = _address(line)
                self._say(b"250 fine")
            case "RCPT":
                refused = _address(line) in self.box.refused_recipients
                self.to += [] if refused else [_address(line)]
                self._say(f"550 <{_address(line)}> is unknown".encode() if refused else b"250 fine")
            case "DATA":
                self._say(b"354 go on")
                self._keep()
                self._say(b"250 taken")
            case "QUIT":
                self._say(b"221 bye")
                return False
            case _:
                self._say(b"250 fine")
        return True

    def _keep(self) -> None:
        lines: list[bytes] = []
        while (line := self._line()) != b".":
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"\r\n".join([*lines, b""]), policy=policy.default)
        self.box.received.append(Received(self.sender, self.to, message, self._encrypted, self.user))
        self.box.arrived.set()
        self.to = []

    @property
    def _encrypted(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def _line(self) -> bytes:
        while b"\n" not in self.rest:
            piece = self.connection.recv(65536)
            if not piece:
                raise ConnectionError("the client hung up")
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return line.rstrip(b"\r")

    def _say(self, words: bytes) -> None:
        self.connection.sendall(words + b"\r\n")


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


@contextlib.contextmanager
def mailbox(**settings: object) -> Iterator[Mailbox]:
    """A mail server until the block ends; the settings are those of `Mailbox`."""
    box = Mailbox(**settings)  # type: ignore[arg-type] # passed on as they are
    try:
        yield box
    finally:
        box.close()
