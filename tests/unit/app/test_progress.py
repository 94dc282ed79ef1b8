"""Progress is a bar for a person and log lines for everybody else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from migrator.app import log
from migrator.app.progress import BarProgress, LoggedProgress, progress_for
from migrator.app.secret import register_secret


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_nobody_at_a_terminal_sees_no_bar() -> None:
    assert isinstance(progress_for(as_json=False, quiet=False), LoggedProgress)


def test_without_a_terminal_progress_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    progress = LoggedProgress()
    with progress.phase("scan", 3) as phase:
        phase.advance(3)
        progress.note("half way")
    assert capsys.readouterr() == ("", "")


def test_on_request_the_log_tells_beginning_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.JSON, 1)
    progress = LoggedProgress()
    with progress.phase("scan", 3) as phase:
        phase.advance()
        phase.advance(2)
        progress.note("half way")
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events] == ["phase_started", "note_written", "phase_ended"]
    assert events[1]["text"] == "half way"
    assert (events[2]["phase"], events[2]["done"], events[2]["total"]) == ("scan", 3, 3)


def test_a_phase_that_fails_still_ends(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(log.LogFormat.JSON, 1)
    with pytest.raises(ValueError, match="broken"), LoggedProgress().phase("scan"):
        raise ValueError("broken")
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["event"] == "phase_ended"


def test_bars_write_to_stderr_only_and_mask_their_notes(capsys: pytest.CaptureFixture[str]) -> None:
    register_secret("canary-in-a-note")
    progress = BarProgress()
    with progress.phase("outer", 2) as outer, progress.phase("inner") as inner:
        inner.advance(5)
        outer.advance()
        progress.note("seen canary-in-a-note [bold]as it is[/bold]")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "seen *** [bold]as it is[/bold]" in captured.err
