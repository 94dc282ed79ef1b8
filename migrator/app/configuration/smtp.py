"""The address of a mail server: `smtps://USER:PASSWORD@HOST`, or `smtp://USER:PASSWORD@HOST:587` with STARTTLS."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import unquote, urlsplit

from migrator.app.configuration.loopback import is_loopback
from migrator.app.secret import register_secret

_EXPECTED: Final = "smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:587, special characters as %40"


class Tls(Enum):
    """How the way to a mail server is protected; PLAIN to this machine only."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and as whom; without a login `user` is empty."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> MailServer:
    """The server that an address names; raises `ValueError` saying what was expected, never what was given."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_EXPECTED) from None
    rest = parts.path.rstrip("/") or parts.query or parts.fragment
    if parts.scheme not in {"smtp", "smtps"} or not host or rest or any(sign.isspace() for sign in url):
        raise ValueError(_EXPECTED)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) is not bool(password):
        raise ValueError(f"{_EXPECTED} (user and password together, or neither)")
    # An error of the server, or of a library, may repeat the password alone.
    register_secret(password)
    if parts.scheme == "smtps":
        return MailServer(host, port or 465, Tls.AT_ONCE, user, password)
    return MailServer(host, port or 587, Tls.PLAIN if is_loopback(host) else Tls.STARTTLS, user, password)
