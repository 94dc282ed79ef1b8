"""The lease: who lost it changes nothing and sends nothing, and who holds it is named; on both databases.

The processes run with a lease of a few seconds, and partly under the name of another machine: their launcher sets both.
"""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests.system.door import At, Moment
from tests.system.export import some_records
from tests.system.harness import Finished, World
from tests.system.started import Started

LEASE_SECONDS = 4.0
ELSEWHERE = "another-machine"


def launcher(host: str = "") -> tuple[str, ...]:
    """The product with a short lease, on a machine of that name."""
    lines = [
        "import socket",
        "from migrator.app import wiring",
        "from migrator.app.cli.main import run",
        "from migrator.store import lease",
        f"lease.FROZEN_SECONDS = {LEASE_SECONDS / 2}",
        f"lease.TTL_SECONDS, wiring.RENEW_EVERY = {LEASE_SECONDS}, {LEASE_SECONDS / 8}",
        f"socket.gethostname = (lambda: {host!r}) if {host!r} else socket.gethostname",
        "raise SystemExit(run())",
    ]
    return "-c", "\n".join(lines)


@contextmanager
def a_world(folder: Path, database_url: str, records: int = 24) -> Iterator[World]:
    """Some records and a plan for them, one request at a time."""
    with World(folder, some_records(records), database__url=database_url, moco__concurrency=1) as world:
        world.configure(moco__timeout_seconds=2.0, moco__settle_seconds=0.2)
        world.prepare()
        yield world


@contextmanager
def launched(world: World, host: str = "") -> Iterator[None]:
    """What is started here has a short lease and may run elsewhere; starting it anew is dear."""
    world.program = launcher(host)
    yield
    world.program = ()


def run_once_it_is_free(world: World, *words: str) -> tuple[Finished, list[Finished]]:
    """Repeat a command while another process holds the lease; its end, and how it was refused until then."""
    refused = []
    until = time.monotonic() + 60
    while (finished := world.run(*words)).code == 11 and time.monotonic() < until:
        refused.append(finished)
        time.sleep(LEASE_SECONDS / 4)
    return finished, refused


def stop_outside_of_transactions(process: Started, database_url: str) -> None:
    """Stop a process while it waits for its answer; one that renews its lease just then would hold locks."""
    while True:
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.02)
        if not is_locked(database_url):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)


def is_locked(database_url: str) -> bool:
    """Whether somebody stands in the middle of writing to a database."""
    if not database_url.startswith("sqlite:///"):
        with psycopg.connect(database_url) as server:
            return bool(others(server, "xact_start IS NOT NULL"))
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
    return False


def others(server: psycopg.Connection, state: LiteralString) -> int:
    """How many other connections to this database are in a state."""
    theirs = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
    row = server.execute("SELECT count(*) " + theirs + state).fetchone()
    assert row is not None
    return int(row[0])


def stop_within_a_transaction(process: Started, server: psycopg.Connection) -> None:
    """Stop a process that holds the lease's lock: it has to wait for ours while it tells of an answer."""
    with server.transaction():
        server.execute("LOCK TABLE links IN ACCESS EXCLUSIVE MODE")
        while not others(server, "wait_event_type = 'Lock'"):
            time.sleep(0.01)
            # Within a transaction this view stands still.
            server.execute("SELECT pg_stat_clear_snapshot()")
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.02)


@pytest.mark.parametrize("second", ["apply last", "sync"])
def test_a_superseded_worker_changes_nothing_and_sends_nothing(tmp_path: Path, database_url: str, second: str) -> None:
    with a_world(tmp_path, database_url) as world:
        with launched(world):
            first = world.start("apply", "last")
        world.door.expect(At(3, Moment.APPLIED), lambda: stop_outside_of_transactions(first, database_url))
        try:
            while not world.door.reached():
                time.sleep(0.01)
            other, refused = run_once_it_is_free(world, *second.split())
            assert (other.code, world.stored()) == (0, world.wanted())
            assert all(str(first.pid) in each.message for each in refused)
            before = world.run("runs", "list").document
            world.forget_requests()
        finally:
            first.send_signal(signal.SIGCONT)
            lost = world.finished(first)
        assert lost.code == 11
        assert (world.moco.requests, world.stored()) == ([], world.wanted())
        assert world.run("runs", "list").document == before
        assert world.run("sync").counts == {"read": 24, "unchanged": 24}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_freezes_within_a_transaction_is_cut_off_when_its_lease_ends(tmp_path: Path, database_url: str) -> None:
    with a_world(tmp_path, database_url) as world, psycopg.connect(database_url) as server:
        answered = threading.Event()
        world.door.expect(At(3, Moment.APPLIED), answered.set)
        with launched(world):
            first = world.start("apply", "last")
        try:
            assert answered.wait(60)
            stop_within_a_transaction(first, server)
            with launched(world):
                other, _ = run_once_it_is_free(world, "sync")
            assert (other.code, world.stored()) == (0, world.wanted())
            world.forget_requests()
        finally:
            first.send_signal(signal.SIGCONT)
            lost = world.finished(first)
        assert lost.code in {5, 11}, lost
        assert (world.moco.requests, world.stored()) == ([], world.wanted())
        assert world.run("sync").counts == {"read": 24, "unchanged": 24}


def test_the_lease_of_another_machine_is_respected_until_it_expires(tmp_path: Path, database_url: str) -> None:
    with a_world(tmp_path, database_url) as world:
        with launched(world, ELSEWHERE):
            killed = world.run_and_strike(At(3), "apply", "last")
        assert killed.code == -signal.SIGKILL
        other, refused = run_once_it_is_free(world, "apply", "last")
        assert (other.code, world.stored()) == (0, world.wanted())
        # Whether that machine's process lives cannot be seen from here.
        assert all(ELSEWHERE in each.message for each in refused)


def test_the_holder_is_named_with_its_command_its_machine_and_since_when(tmp_path: Path, database_url: str) -> None:
    with a_world(tmp_path, database_url) as world:
        world.configure(moco__timeout_seconds=60)
        refused: list[Finished] = []
        first = world.start("apply", "last")
        world.door.expect(At(1, Moment.ARRIVING), lambda: refused.append(world.run("sync")))
        assert world.finished(first).code == 0
        (told,) = refused
        assert told.code == 11
        name = re.escape(socket.gethostname())
        expected = rf"`apply 1` is working since 20..-..-.. ..:..:.. UTC: process {first.pid} on {name} holds the lease"
        assert re.match(expected, told.message)


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_over_at_once(tmp_path: Path, database_url: str) -> None:
    with a_world(tmp_path, database_url) as world:
        killed = world.run_and_strike(At(3), "apply", "last")
        assert killed.code == -signal.SIGKILL
        assert world.run("sync").code == 0
        assert world.stored() == world.wanted()
