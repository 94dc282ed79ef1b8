"""`migrator demo` and `migrator sandbox` as processes: what a newcomer types first."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
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


CHAPTERS = ["Read", "Map", "Plan", "Apply", "Plan again", "Life goes on", "Sync", "Verify", "Report"]


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
    for arrived in ("is still activity", "the old one is gone", "is gone, too", "a person's edit stays"):
        assert arrived in unwrapped
    token = tomllib.loads((tmp_path / "kept" / "migrator.toml").read_text(encoding="utf-8"))["activecollab"]["token"]
    assert "\x1b" not in finished.stdout
    assert "sandbox-key" not in finished.stdout
    assert token not in finished.stdout
    assert finished.stderr == ""

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
    assert {"edited", "added", "moved", "another person's", "thrown away", "ActiveCollab was only read"} <= {
        check["name"] for check in document["checks"]
    }
    read = answers["migrator read"]
    assert read["complete"] is True
    assert len(read["projects"]) == 30
    assert document["activecollab"]["generation"] == read["generation"] == "5"
    assert document["activecollab"]["records"] == 51
    assert document["moco"]["seconds"] == sum(each["seconds"] for each in document["moco"]["by_person"]) > 0


@contextmanager
def sandbox(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The sandbox as a process, and what it says of itself (Any: JSON)."""
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "migrator", "--json", "sandbox"),
            *("--moco-port", "0", "--activecollab-port", "0", *arguments),
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == "}\n":
                    break
            yield process, json.loads("".join(lines))
        finally:
            process.kill()


def test_the_sandbox_answers_until_it_is_stopped(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (process, served):
        headers = {"Authorization": f"Token token={served['api_key']}"}
        session = requests.get(f"{served['url']}/api/v1/session", headers=headers, timeout=10)
        state = requests.get(f"{served['control_url']}/state", timeout=10).json()
        assert session.status_code == 200
        assert (state["activities"], state["projects"]) == (0, 30)
        state = requests.get(f"{served['activecollab']['control_url']}/state", timeout=10).json()
        assert (state["generation"], state["records"], state["projects"]) == (5, 2000, 30)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert rest == ""


@pytest.mark.parametrize("generation", ["2", "3", "5"])
def test_the_settings_that_the_sandbox_prints_read_its_activecollab_or_its_files(
    tmp_path: Path, generation: str
) -> None:
    with sandbox(tmp_path, "--generation", generation) as (_, served):
        (tmp_path / "migrator.toml").write_text(served["configuration"], encoding="utf-8")
        live = json.loads(migrator("read", "--json", folder=tmp_path).stdout)
        assert (live["generation"], live["complete"], live["counts"]["read"]) == (generation, True, 1995)
        record = requests.get(f"{served['activecollab']['control_url']}/records", timeout=10).json()[0]
        changed = f"{served['activecollab']['control_url']}/records/{record['id']}"
        requests.post(changed, json={"hours": "23.5"}, timeout=10).raise_for_status()
        assert json.loads(migrator("read", "--json", folder=tmp_path).stdout)["counts"]["changed"] == 1

    settings = [
        line.removeprefix("# ") if line.startswith("# files") else line
        for line in served["configuration"].splitlines()
        if served["activecollab"]["url"] not in line and not line.startswith("token")
    ]
    (tmp_path / "files.toml").write_text("\n".join(settings), encoding="utf-8")
    (tmp_path / "migrator.db").unlink()
    files = json.loads(migrator("--config", "files.toml", "read", "--json", folder=tmp_path).stdout)
    assert files["counts"]["read"] == 2000


def test_ports_that_are_taken_are_named(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        ports = [str(taken.getsockname()[1]) for taken in (one, other)]
        finished = migrator("sandbox", "--moco-port", ports[0], "--activecollab-port", ports[1], folder=tmp_path)
        second = migrator("sandbox", "--moco-port", "0", "--activecollab-port", ports[1], folder=tmp_path)
    assert (finished.returncode, second.returncode) == (2, 2)
    assert f"--moco-port {ports[0]}: cannot listen on 127.0.0.1:{ports[0]}" in finished.stderr
    assert f"--activecollab-port {ports[1]}: cannot listen on 127.0.0.1:{ports[1]}" in finished.stderr
    assert "--moco-port" not in second.stderr
    assert f"--activecollab-port {ports[1]}" in second.stderr
    assert not list(tmp_path.iterdir())


def test_two_services_cannot_share_a_port(tmp_path: Path) -> None:
    finished = migrator("sandbox", "--moco-port", "8423", "--activecollab-port", "8423", folder=tmp_path)
    assert finished.returncode == 2
    assert "expected two different ports" in finished.stderr
    assert not list(tmp_path.iterdir())
