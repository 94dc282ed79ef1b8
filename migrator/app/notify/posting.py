"""Requests to services that tell people: messages to a web hook, pings to a dead man's switch, within a deadline."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import Final, assert_never
from urllib.parse import urlsplit

from requests import Request, RequestException, Response, Session

from migrator import __version__
from migrator.app.configuration.loopback import is_loopback
from migrator.core.outbox import Letter
from migrator.errors import TryAgainLater
from migrator.moco.outcomes import NotSent, Reply, Unclear
from migrator.moco.wire import WatchedAdapter, exchange

SECONDS: Final = 15.0
_LONGEST: Final = 3_500
"""Characters; Slack cuts messages of more than 4,000 into pieces."""


class Ping(Enum):
    """What a dead man's switch is told, as what healthchecks.io has behind the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


class _Session(Session):
    """Follows nothing, not even to look: requests would read a redirect's body without limit."""

    def get_redirect_target(self, resp: Response) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Poster:
    """One address, which is a secret, and how to get out."""

    url: str = field(repr=False)
    name: str
    """What the address is called in errors, as it must not be shown itself: its key in the configuration."""
    proxy: str = field(default="", repr=False)
    ca_file: str = ""
    seconds: float = SECONDS

    def send(self, letter: Letter) -> None:
        """POST the letter as JSON of one text; raises `TryAgainLater` unless the answer is a 2xx."""
        content = json.dumps({"text": chat_text(letter)}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        self._ask(Request("POST", self.url, data=content, headers=headers))

    def ping(self, what: Ping) -> None:
        """GET the address for `what`; raises `TryAgainLater` unless the answer is a 2xx."""
        address, mark, query = self.url.partition("?")
        self._ask(Request("GET", f"{address.rstrip('/')}{what.value}{mark}{query}"))

    def _ask(self, request: Request) -> None:
        with _Session() as session:
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
            session.headers["User-Agent"] = f"migrator/{__version__}"
            session.headers["Connection"] = "close"
            if self.ca_file:
                session.verify = self.ca_file
            if self.proxy and not is_loopback(urlsplit(self.url).hostname or ""):
                session.proxies = {"http": self.proxy, "https": self.proxy}
            session.adapters.clear()
            for scheme in ("https://", "http://"):
                session.mount(scheme, WatchedAdapter())
            try:
                prepared = session.prepare_request(request)
            except RequestException:
                raise TryAgainLater(f"the address in {self.name} cannot be used") from None
            transfer = exchange(session, prepared, self.seconds, lambda: None, on_wire=True)
        match transfer:
            case Reply(status=status) if 200 <= status < 300:
                return
            case Reply(status=status):
                # What it says in words stays unread: it may repeat the address.
                raise TryAgainLater(f"{self.name} answered with {status}")
            case NotSent(reason=reason) | Unclear(reason=reason):
                raise TryAgainLater(f"{self.name}: {reason}")
            case other:
                assert_never(other)


def chat_text(letter: Letter) -> str:
    """Subject and text as one message, in which nothing calls people or makes links of what others wrote."""
    whole = f"*{letter.subject}*\n{letter.text.rstrip()}"
    if len(whole) > _LONGEST:
        whole = whole[: _LONGEST - 1] + "…"
    # Slack and its like read <!channel> and <https://…|…>, and ask for exactly these three to be escaped.
    return whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@\u200b")
