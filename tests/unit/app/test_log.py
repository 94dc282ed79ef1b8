"""The story on stderr: its levels, its two forms, and no secret in either."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from migrator.app import log, log_form
from migrator.app.secret import Secret, register_secret

CANARY = "canary-in-the-log-0815"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("verbosity", "shown"),
    [
        (-1, ["error"]),
        (0, ["warning", "error"]),
        (1, ["info", "warning", "error"]),
        (2, ["debug", "info", "warning", "error"]),
    ],
)
def test_verbosity_decides_what_is_shown(verbosity: int, shown: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.JSON, verbosity)
    for level in ("debug", "info", "warning", "error"):
        getattr(log.logger(), level)(log.NOTE_WRITTEN)
    assert [json.loads(line)["level"] for line in capsys.readouterr().err.splitlines()] == shown


def test_an_event_is_one_json_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.JSON, 1)
    log.logger().info(log.PHASE_ENDED, phase="scan", done=3)
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "phase_ended", "level": "info", "phase": "scan", "done": 3}


def test_an_event_as_text_names_its_facts_without_colour(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.TEXT, 1)
    log.logger().info(log.PHASE_ENDED, phase="scan", done=3)
    told = capsys.readouterr().err
    assert "phase_ended" in told
    assert "done=3" in told
    assert "\x1b" not in told


def test_libraries_tell_their_story_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.JSON, 1)
    logging.getLogger("apscheduler").warning("run of job %s missed", "sync")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "run of job sync missed"


def test_urllib3_keeps_its_addresses_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.TEXT, 2)
    logging.getLogger("urllib3.connectionpool").debug("GET /api?token=x")
    assert capsys.readouterr().err == ""


def test_configuring_again_does_not_tell_everything_twice(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    log.configure()
    log.logger().warning(log.NOTE_WRITTEN)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_e_mail_address_is_nobodys_business_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.JSON, 1)
    logging.getLogger("some.library").warning("no user <ada.b+x@mail.agentur.example>, really")
    assert json.loads(capsys.readouterr().err)["event"] == "no user <(an e-mail address)>, really"


def test_every_event_of_a_run_names_it_also_those_of_libraries_and_threads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure(log.LogFormat.JSON, 1)

    def work() -> None:
        logging.getLogger("some.library").warning("in a thread")

    with log.bound(job="sync"), log.bound(run=7):
        log.tell(log.NOTE_WRITTEN)
        for target in (log.carried(work), work):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
    log.tell(log.NOTE_WRITTEN)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each.get("job"), each.get("run")) for each in told] == [
        ("sync", 7),
        ("sync", 7),
        (None, None),
        (None, None),
    ]


def _everything_with(canary: str) -> None:
    """Say a secret in every way a careless caller could."""
    logger = log.logger()
    logger.warning(f"said {canary}")
    logger.warning(log.NOTE_WRITTEN, text=f"x{canary}x", api_key="masked by name", nested={"a": [canary, {canary: 1}]})
    logger.warning(log.NOTE_WRITTEN, secret=Secret(canary), error=ValueError(canary), pair=(canary, {canary}))
    logger.bind(session=canary).warning(log.NOTE_WRITTEN)
    logging.getLogger("some.library").error("sent %s to %s", canary, "https://u:pw@host/")
    local_variable = canary
    try:
        raise RuntimeError(f"refused {local_variable}")
    except RuntimeError:
        logger.exception("unexpected_happened")
        logging.getLogger("some.library").exception("library failed")


@pytest.mark.parametrize("log_format", list(log.LogFormat))
def test_no_secret_reaches_the_log_whatever_the_caller_does(
    log_format: log.LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    register_secret(CANARY)
    log.configure(log_format, 2)
    _everything_with(CANARY)
    told = capsys.readouterr().err
    assert told.count("***") >= 10
    assert CANARY not in told
    assert "masked by name" not in told
    assert ":pw@" not in told


@pytest.mark.parametrize("log_format", list(log.LogFormat))
def test_a_traceback_shows_lines_but_no_local_variables(
    log_format: log.LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure(log_format)
    hours_of = "Ada Beispiel" + "".join(reversed("terces"))
    try:
        raise RuntimeError(str(len(hours_of)))
    except RuntimeError:
        log.logger().exception("unexpected_happened")
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "test_log.py" in told
    assert hours_of not in told


@pytest.mark.parametrize(
    ("key", "masked"),
    [
        ("api_key", True),
        ("MOCO_API_KEY", True),
        ("webhook_key", True),
        ("token", True),
        ("Authorization", True),
        ("password", True),
        ("set-cookie", True),
        ("key", False),
        ("tokens_left", False),
        ("source_id", False),
    ],
)
def test_values_are_masked_by_the_name_of_their_key(key: str, masked: bool) -> None:
    event = log_form.mask_event(None, "info", {"event": "e", key: "plain"})
    assert event == {"event": "e", key: "***" if masked else "plain"}


def test_the_log_follows_stderr_when_something_stands_in_between(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    before = sys.stderr
    sys.stderr = sys.stdout
    try:
        log.logger().warning(log.NOTE_WRITTEN)
    finally:
        sys.stderr = before
    assert "note_written" in capsys.readouterr().out
