"""What a terminal, a pipe and a log see: options everywhere, no colour, help, completion, and never a secret."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
from pathlib import Path

import pytest

from migrator.app.cli.main import run
from migrator.sandbox.faults import AnswerInstead
from tests.system.cli.stage import Stage, command_line, environment, migrator

COMMANDS = (
    *("demo", "init", "config check", "config show", "read", "map suggest", "map export", "map check", "map apply"),
    *("plan", "show", "apply", "verify", "sync", "status", "inbox list", "inbox show", "inbox retry", "inbox accept"),
    *("runs list", "runs show", "db upgrade", "db current", "db check", "db backup", "db restore", "sandbox"),
)


def in_a_terminal(*arguments: str, cwd: Path, **environ: str) -> tuple[int, str]:
    """Run one command with a terminal for stdout and stderr; its exit code and all that the terminal got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command_line(*arguments),
        cwd=cwd,
        env=environment({"TERM": "xterm-256color", **environ}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    told = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65_536)
        except OSError:
            # Linux says so when the other side of a terminal is closed.
            break
        if not piece:
            break
        told += piece
    os.close(ours)
    return process.wait(timeout=60), told.decode()


# -- options everywhere ---------------------------------------------------------------------------------------------


def test_global_options_work_before_and_after_the_command(stage: Stage) -> None:
    elsewhere = stage.folder / "elsewhere"
    elsewhere.mkdir()
    file = str(stage.folder / "migrator.toml")
    before = migrator("--config", file, "--json", "status", cwd=elsewhere)
    after = migrator("status", "--json", f"--config={file}", cwd=elsewhere)
    named = migrator("status", "--json", cwd=elsewhere, MIGRATOR_CONFIG=file)
    assert (before.code, after.code, named.code) == (0, 0, 0)
    assert before.document == after.document == named.document
    assert list(elsewhere.iterdir()) == []


def test_the_environment_wins_over_the_file(stage: Stage) -> None:
    stage.configure("[policy]\nmin_description = 3")
    done = stage.done("config", "show", MIGRATOR__POLICY__MIN_DESCRIPTION="5")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "policy.min_description = 5 # environment MIGRATOR__POLICY__MIN_DESCRIPTION" in lines


# -- colour, progress, quiet ----------------------------------------------------------------------------------------


def test_a_terminal_sees_a_bar_and_what_was_piped_does_not(stage: Stage) -> None:
    code, told = in_a_terminal("read", cwd=stage.folder)
    assert code == 3
    assert "\x1b[" in told
    assert "reading files" in told
    code, told = in_a_terminal("read", cwd=stage.folder, NO_COLOR="1")
    assert code == 3
    assert "\x1b[" not in told
    for arguments in (("read",), ("read", "--quiet")):
        piped = stage.done(*arguments, code=3)
        assert "\x1b" not in piped.out
        assert piped.err == ""


def test_the_story_is_told_when_it_is_asked_for(stage: Stage) -> None:
    told = stage.done("read", "-v", code=3)
    assert "phase_started" in told.err
    assert told.out.startswith("60 time records")
    logged = stage.done("read", "-v", "--log-format", "json", code=3).err.splitlines()
    events = [json.loads(line) for line in logged]
    assert [event["event"] for event in events] == ["phase_started", "phase_ended"]
    assert {"timestamp", "level", "phase"} <= events[0].keys()
    assert stage.done("read", "-v", "-q", code=3).err == ""


def test_a_reader_that_has_seen_enough_changes_nothing(stage: Stage) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -1; exit "${PIPESTATUS[0]}"', "-", *command_line("config", "show")],
        cwd=stage.folder,
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)


def test_a_terminal_that_knows_only_ascii_gets_the_answer_all_the_same(stage: Stage) -> None:
    stage.prepare("read", code=3)
    done = stage.done("map", "suggest", PYTHONIOENCODING="ascii")
    assert "Paulina Kr\\xfcger" in done.out


def test_what_waits_is_named_by_its_number_its_record_or_its_marker(stage: Stage) -> None:
    stage.prepare("sync", code=3)
    items = stage.prepare("inbox", "list", "--kind", "held", "--json").document["items"]
    item = items[0]
    names = (item["id"], str(item["source_id"]), f"ac:main:{item['source_id']}")
    assert {stage.prepare("inbox", "show", name, "--json").document["id"] for name in names} == {item["id"]}
    # A number alone is a record of ActiveCollab, never the number of an item.
    assert "the inbox has no item '1'" in stage.prepare("inbox", "show", "1", code=2).err
    assert "the inbox has no item" in stage.prepare("inbox", "show", f"ac:other:{item['source_id']}", code=2).err
    assert "1 of 1 accepted" in stage.prepare("inbox", "accept", names[2], "--note", "as it should be").out


# -- help -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert f"Usage: migrator {command}" in told
    # A sentence between the usage and the first box.
    described = told.split("╭")[0].splitlines()[2:]
    assert any(line.strip().endswith(".") for line in described), told


def test_help_version_and_completion_need_no_configuration(tmp_path: Path) -> None:
    told = migrator("--help", cwd=tmp_path)
    assert told.code == 0
    assert "Examples" in told.out
    assert "migrator apply last --limit 100" in told.out
    assert migrator("--version", cwd=tmp_path).out.startswith("migrator ")
    script = migrator("--show-completion", "bash", cwd=tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert script.code == 0
    checked = subprocess.run(["bash", "-n"], input=script.out, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "complete " in script.out
    assert list(tmp_path.iterdir()) == []


# -- secrets --------------------------------------------------------------------------------------------------------

KEY = "canary-moco-key-7391"
TOKEN = "canary-ac-token-5520"


@pytest.mark.own_database
def test_no_secret_reaches_an_output_a_log_or_a_file(stage: Stage) -> None:
    owner = stage.sandbox.state.keys[stage.furnished.api_key].user_id
    assert owner is not None
    stage.sandbox.add_key(KEY, stage.sandbox.state.users[owner])
    stage.configure(api_key=KEY)
    told = [
        stage.run("config", "show"),
        stage.run("config", "show", "--json"),
        stage.run("read", "-vv"),
        stage.run("plan", "-vv", "--log-format", "json"),
        stage.run("apply", "last", "-vv", "--json"),
        # What is told when things go wrong.
        stage.run("plan", "-vv", MIGRATOR__MOCO__API_KEY=f"{KEY} wrong"),
        stage.run("plan", "-vv", MIGRATOR__MOCO__URL=f"https://user:{KEY}@acme.mocoapp.com"),
        stage.run(
            "sync",
            "-vv",
            MIGRATOR__MOCO__URL="https://nobody.invalid",
            MIGRATOR__NETWORK__PROXY=f"http://user:{KEY}@127.0.0.1:9",
            MIGRATOR__DATABASE__URL="sqlite:///other.db",
        ),
        stage.run("plan", "-vv", MIGRATOR__MOCO__API_KEY_FILE=KEY),
        stage.run("config", "check", MIGRATOR__ACTIVECOLLAB__TOKEN=TOKEN, MIGRATOR__WEB__TOKEN=f"{TOKEN} wrong"),
        stage.run("config", "check", "--json", MIGRATOR__NOTIFY__HEARTBEAT_URL=f"http://ping.example/{TOKEN}"),
        stage.run("config", "show", MIGRATOR__DATABASE__URL=f"postgresql://me:{TOKEN}@db.example:99999/x"),
    ]
    stage.sandbox.fault(AnswerInstead(401), path="/session")
    told.append(stage.run("sync", "-vv"))
    assert [done.code for done in told[:5]] == [0, 0, 3, 0, 3]
    assert [done.code for done in told[5:]] == [2, 2, 5, 2, 2, 2, 0, 12], [done.err for done in told[5:]]
    for done in told:
        assert "canary" not in done.out + done.err, done
    assert 'moco.api_key = "***"' in told[0].out
    kept = [path for path in stage.folder.iterdir() if path.is_file() and path.name != "migrator.toml"]
    assert stage.database in kept
    for path in kept:
        assert b"canary" not in path.read_bytes(), path
