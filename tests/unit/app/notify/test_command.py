"""`notify test`: what every way says, in one table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from migrator.app.config import Config
from migrator.app.configuration.model import Notify
from migrator.app.notify import command
from migrator.app.secret import Secret
from migrator.errors import ExitCode, UsageError
from tests.support.mailbox import mailbox
from tests.unit.moco.servers import answer, closed_port, serving

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_every_way_gets_one_message_and_says_what_came_of_it() -> None:
    with mailbox() as box, serving(answer(500)) as hook, serving(answer(200)) as switch:
        notify = Notify(
            smtp_url=Secret(box.url),
            email_to=("ops@example.com",),
            webhook_url=Secret(f"{hook.url}/s3cr3t"),
            heartbeat_url=Secret(switch.url),
        )
        told = command.send_test(Config(notify=notify), NOW)
    assert told.exit_code is ExitCode.TRY_AGAIN
    assert told.text.splitlines() == [
        "ok    mail       handed over; look whether it arrived",
        "fail  webhook    notify.webhook_url answered with 500",
        "ok    heartbeat  handed over; look whether it arrived",
    ]
    assert "nothing is wrong" in str(box.received[0].message["Subject"])
    assert (len(hook.seen), len(switch.seen)) == (1, 1)


def test_a_recipient_that_is_refused_is_a_failure_here() -> None:
    with mailbox(refused_recipients=frozenset({"boss@example.com"})) as box:
        notify = Notify(smtp_url=Secret(box.url), email_to=("ops@example.com", "boss@example.com"))
        told = command.send_test(Config(notify=notify), NOW)
    assert told.exit_code is ExitCode.TRY_AGAIN
    assert "refused 1 of the recipients" in told.text
    down = Notify(heartbeat_url=Secret(closed_port()))
    assert "notify.heartbeat_url: the connection was refused" in command.send_test(Config(notify=down), NOW).text


def test_it_is_wrong_usage_where_nothing_is_configured() -> None:
    with pytest.raises(UsageError, match="no way is configured"):
        command.send_test(Config(), NOW)
