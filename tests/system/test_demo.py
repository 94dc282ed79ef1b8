"""`migrator demo` and `migrator sandbox` as processes: what a newcomer types first."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

LONGEST = 180.0
"""Seconds after which a process is given up; it takes under twenty on a machine of its own."""


def migrator(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "migrator", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def document_of(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:  # JSON
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert isinstance(found, dict)
    return found


CHAPTERS = ["Read", "Map", "Plan", "Apply", "Plan again", "Life goes on", "Sync", "Verify"]


def test_the_story_is_told_in_plain_text_and_leaves_something_to_look_at(tmp_path: Path) -> None:
    finished = migrator("demo", "--records", "120", "--keep", "kept", folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    headings = [line.partition(" ──")[0] for line in finished.stdout.splitlines() if " ──" in line]
    assert headings == [
        *(f"{number}  {title}" for number, title in enumerate(CHAPTERS, 1)),
        "What was written where",
        "Next",
    ]
    unwrapped = " ".join(finished.stdout.split())
    for told in ("were sent once and exist exactly once", "0 changes", "on purpose", "The books agree."):
        assert told in unwrapped
    assert str(tmp_path / "kept") in finished.stdout
    for stream in (finished.stdout, finished.stderr):
        assert "\x1b" not in stream
        assert "sandbox-key" not in stream

    status = document_of(migrator("status", "--json", folder=tmp_path / "kept"))
    waiting = document_of(migrator("inbox", "list", "--json", folder=tmp_path / "kept"))
    assert status["mapping_version"] == 1
    assert status["linked"] > 0
    assert len(waiting["items"]) == sum(status["inbox"].values()) > 0


def test_json_is_one_document_in_which_every_proof_holds(tmp_path: Path) -> None:
    document = document_of(migrator("demo", "--records", "50", "--keep", "kept", "--json", folder=tmp_path))
    answers = {chapter["command"]: chapter["answer"] for chapter in document["chapters"]}
    sync = answers["migrator sync"]
    assert document["schema"] == "migrator.demo/1"
    assert [check["holds"] for check in document["checks"]] == [True] * len(document["checks"])
    assert document["moco"]["activities"] == sum(
        sync["counts"][word] for word in ("created", "adopted", "updated", "unchanged")
    )
    assert document["moco"]["seconds"] == sum(each["seconds"] for each in document["moco"]["by_person"]) > 0


def test_the_sandbox_answers_until_it_is_stopped(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "migrator", "sandbox", "--moco-port", "0", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        served = json.loads("".join(lines))
        headers = {"Authorization": f"Token token={served['api_key']}"}
        session = requests.get(f"{served['url']}/api/v1/session", headers=headers, timeout=10)
        state = requests.get(f"{served['control_url']}/state", timeout=10).json()
        assert session.status_code == 200
        assert (state["activities"], state["projects"]) == (0, 30)
        (tmp_path / "migrator.toml").write_text(served["configuration"], encoding="utf-8")
        read = migrator("read", "--json", folder=tmp_path)
        assert json.loads(read.stdout)["counts"]["read"] == 2000
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert rest == ""


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        finished = migrator("sandbox", "--moco-port", port, folder=tmp_path)
    assert finished.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in finished.stderr
    assert not list(tmp_path.iterdir())
