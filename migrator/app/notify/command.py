"""`notify test`: one message on every way that is configured, and what came of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from migrator.app.answer import Answer
from migrator.app.config import Config
from migrator.app.notify.posting import Ping
from migrator.app.notify.ways import Ways, ways_of
from migrator.core.outbox import Channel, Letter
from migrator.errors import ExitCode, MigratorError, UsageError, severest

_TEXT = (
    "This is a test: you would be told here, at once, when a person must act, and once a day of what waits.\n"
    "Nothing is wrong. When all is well you hear nothing.\n"
)


@dataclass(frozen=True, slots=True)
class _Tried:
    way: str
    problem: str = ""
    hint: str = ""


def send_test(config: Config, now: datetime) -> Answer:
    """Send one message on each way; exit 5 when one of them failed. Raises `UsageError` when there is none."""
    ways = ways_of(config)
    if not ways.people and ways.heartbeat is None:
        raise UsageError(
            "nobody is to be told: no way is configured",
            hint="set notify.smtp_url and notify.email_to, notify.webhook_url or notify.heartbeat_url",
        )
    account = f"{config.activecollab.instance} → {config.moco.account}"
    letter = Letter(uuid.uuid4().hex, now, f"[migrator {account}] A test: nothing is wrong", _TEXT)
    tried = [_sent(ways, channel, letter) for channel in ways.people]
    if ways.heartbeat is not None:
        tried.append(_pinged(ways))
    code = severest(*(ExitCode.TRY_AGAIN if each.problem else ExitCode.DONE for each in tried))
    document: dict[str, object] = {
        "schema": "migrator.notify-test/1",
        "ways": [
            {"way": each.way, "ok": not each.problem, "problem": each.problem, "hint": each.hint} for each in tried
        ],
        "exit_code": int(code),
    }
    return Answer("\n".join(map(_line, tried)), document, code)


def _sent(ways: Ways, channel: Channel, letter: Letter) -> _Tried:
    try:
        refused = ways.send(channel, letter)
    except MigratorError as error:
        return _Tried(channel.value, error.message, error.hint)
    if refused:
        return _Tried(channel.value, f"the mail server refused {refused} of the recipients", "check notify.email_to")
    return _Tried(channel.value)


def _pinged(ways: Ways) -> _Tried:
    assert ways.heartbeat is not None
    try:
        ways.heartbeat.ping(Ping.SUCCESS)
    except MigratorError as error:
        return _Tried("heartbeat", error.message, error.hint)
    return _Tried("heartbeat")


def _line(tried: _Tried) -> str:
    if not tried.problem:
        return f"ok    {tried.way:<10} handed over; look whether it arrived"
    return f"fail  {tried.way:<10} {tried.problem}" + (f"; {tried.hint}" if tried.hint else "")
