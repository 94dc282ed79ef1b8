"""What one key cannot know alone: URLs, and dependencies between keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from migrator.app.configuration.loopback import is_loopback
from migrator.app.configuration.model import (
    ActiveCollab,
    Database,
    Moco,
    Network,
    Notify,
    Presences,
    Schedule,
    Scope,
    Section,
    Web,
)
from migrator.app.configuration.smtp import parse_smtp_url
from migrator.app.service.timetable import timetable

_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
SHORTEST_TOKEN: Final = 16
_OFTEN_ENOUGH: Final = timedelta(seconds=1)

_USER_WITHOUT_PASSWORD = re.compile(r"postgresql[^:]*://[^/:@]+@")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One key whose value cannot be used, and what was expected instead."""

    key: str
    expected: str


def url_expectation(url: str, *, http_allowed: bool = False) -> str:
    """What `url` should have been; empty when it is fine: https, or http to this machine or where allowed."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "an address such as https://example.com"
    if not host or parts.scheme not in {"http", "https"}:
        return "an address that begins with https://"
    if parts.username is not None or parts.password is not None:
        return "an address without a user name or password"
    if parts.query or parts.fragment or any(sign.isspace() for sign in url):
        return "an address without blanks, ? and #"
    if parts.scheme == "http" and not (http_allowed or is_loopback(host)):
        return "an address that begins with https:// (plain http:// only to this machine)"
    return ""


def broken_rules(section: Section) -> Iterator[Complaint]:
    """Every rule between the keys of one section, and every URL in it, that does not hold."""
    match section:
        case Database():
            yield from _database(section)
        case ActiveCollab():
            yield from _activecollab(section)
        case Moco():
            yield from _unless_fine("url", _moco_url_expectation(section.url))
        case Network():
            yield from _network(section)
        case Scope():
            yield from _scope(section)
        case Schedule():
            yield from _schedule(section)
        case Presences():
            yield from _presences(section)
        case Web():
            yield from _web(section)
        case Notify():
            yield from _notify(section)
        case _:
            return


def _unless_fine(key: str, expected: str) -> Iterator[Complaint]:
    if expected:
        yield Complaint(key, expected)


def _activecollab(section: ActiveCollab) -> Iterator[Complaint]:
    if section.url:
        yield from _unless_fine("url", url_expectation(section.url, http_allowed=section.allow_http))


def _scope(section: Scope) -> Iterator[Complaint]:
    if section.from_ and section.to and section.from_ > section.to:
        yield Complaint("to", f"a day not before scope.from ({section.from_})")


def _database(section: Database) -> Iterator[Complaint]:
    on_file = section.url.startswith("sqlite:///") and section.url.removeprefix("sqlite:///")
    in_memory = ":memory:" in section.url or "mode=memory" in section.url
    on_server = section.url.startswith(("postgresql://", "postgresql+psycopg://"))
    if in_memory or not (on_file or on_server):
        yield Complaint("url", "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    elif section.password and not _USER_WITHOUT_PASSWORD.match(section.url):
        yield Complaint(
            "password", "nothing, or an address with a user and no password such as postgresql://USER@HOST/NAME"
        )


def _moco_url_expectation(url: str) -> str:
    expected = url_expectation(url)
    if not expected and urlsplit(url).path.rstrip("/") not in {"", "/api/v1"}:
        return "MOCO's address without a path, such as https://example.mocoapp.com"
    return expected


def _network(section: Network) -> Iterator[Complaint]:
    if section.proxy:
        try:
            parts = urlsplit(section.proxy)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            usable = False
        if not usable:
            yield Complaint("proxy", "an address such as http://proxy.example.com:3128, or nothing")
    if section.ca_file and not Path(section.ca_file).is_file():
        yield Complaint("ca_file", "an existing file with certificates in PEM form, or nothing")


def _schedule(section: Schedule) -> Iterator[Complaint]:
    chosen = "every" in section.model_fields_set and section.every is not None
    if section.cron and chosen:
        yield Complaint("cron", 'nothing, or every = "" beside it: a schedule has one of the two')
    if not section.cron and section.every is None:
        yield Complaint("every", "a duration such as 15m, or a schedule in cron")
    if section.every is not None and section.every < _OFTEN_ENOUGH:
        yield Complaint("every", "a second at least")
    try:
        timetable(section.every or _OFTEN_ENOUGH, section.cron, section.timezone)
    except ValueError as error:
        yield Complaint("cron", f"five fields such as */15 6-20 * * mon-fri ({error})")


def _presences(section: Presences) -> Iterator[Complaint]:
    """MOCO's times are whole minutes."""
    minute = timedelta(minutes=1)
    if section.break_after < minute or section.break_after % minute:
        yield Complaint("break_after", "whole minutes such as 6h, at least one")
    if section.break_length % minute:
        yield Complaint("break_length", "whole minutes such as 30m")


def _web(section: Web) -> Iterator[Complaint]:
    # With that key alone `hooks listen` shows nothing and takes only what MOCO signed; `serve` insists on the token.
    if not is_loopback(section.host) and not (section.token or section.webhook_key):
        yield Complaint("host", "127.0.0.1, or any host together with web.token (`hooks listen`: web.webhook_key)")
    token = section.token.reveal()
    if token and (len(token) < SHORTEST_TOKEN or any(sign.isspace() for sign in token)):
        yield Complaint("token", f"at least {SHORTEST_TOKEN} characters without blanks, such as `openssl rand -hex 16`")


def _notify(section: Notify) -> Iterator[Complaint]:
    """Such addresses are secrets: what was given is never repeated."""
    for key, secret in (("heartbeat_url", section.heartbeat_url), ("webhook_url", section.webhook_url)):
        if secret:
            # The credential of some services is a parameter.
            yield from _unless_fine(key, url_expectation(secret.reveal().partition("?")[0]))
    if section.smtp_url:
        yield from _unless_fine("smtp_url", _smtp_url_expectation(section))
    elif section.email_to:
        yield Complaint("email_to", "nothing, or smtp_url beside it: that says how to send")
    if wrong := [each for each in section.email_to if not _ADDRESS.fullmatch(each)]:
        yield Complaint("email_to", f"addresses such as ops@example.com ({len(wrong)} of them are none)")


def _smtp_url_expectation(section: Notify) -> str:
    try:
        parse_smtp_url(section.smtp_url.reveal())
    except ValueError as error:
        return str(error)
    return "" if section.email_to else "email_to beside it: this says how to send, that to whom"
