"""What every test may ask for: databases of its own, and an environment without our settings."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from migrator.app import log, secret
from migrator.store.engine import open_engine
from migrator.store.schema import upgrade
from tests.support.browser import browser
from tests.support.postgres import PostgresServer, postgres_server

__all__ = ["browser"]
"""Fixtures that live elsewhere."""

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

for _name in [name for name in os.environ if name.startswith("MIGRATOR") and "_CONTRACT_" not in name]:
    # A developer's own settings must neither help nor hurt a test; a contract's account is named on purpose.
    del os.environ[_name]


@pytest.fixture(autouse=True)
def _secrets_end_with_their_test() -> Iterator[None]:
    """What one test calls a secret (drawn texts too, such as `sqlite:///`) must not be masked in the next one."""
    before = secret._known.copy()
    yield
    secret._known.clear()
    secret._known.update(before)


@pytest.fixture(autouse=True)
def _log_levels_end_with_their_test() -> Iterator[None]:
    """A command that ran in this process quietens libraries, whose words the next test may want to see."""
    named = [logging.getLogger(name) for name in ("", *log._QUIET_LIBRARIES)]
    before = [logger.level for logger in named]
    yield
    for logger, level in zip(named, before, strict=True):
        logger.setLevel(level)


ROOM = 4 * 1024**3
"""Bytes that shall be free where tests keep their files in memory."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the folders of tests in memory where there is plenty: each commit of a database waits for the disk."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say on which database the system tests run."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="of the system tests")


def _migrated(url: str) -> str:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each worker."""
    with postgres_server() as server:
        if server is None:
            pytest.skip("NO POSTGRESQL: set TEST_PG_URL, install postgresql, or install the development group")
        yield server


@pytest.fixture(scope="session")
def _postgres_original(postgres: PostgresServer) -> Iterator[str]:
    url = _migrated(postgres.create())
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def _sqlite_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "migrator.sqlite"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'migrator.sqlite'}"


@pytest.fixture
def ready_url(tmp_path: Path, _sqlite_original: Path) -> str:
    """A SQLite database with our schema and nothing in it: a copy, which takes a tenth of making one."""
    path = tmp_path / "ready.sqlite"
    shutil.copy(_sqlite_original, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our schema and nothing in it; each test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "migrator.sqlite"
        shutil.copy(request.getfixturevalue("_sqlite_original"), path)
        yield f"sqlite:///{path}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    url = postgres.create(request.getfixturevalue("_postgres_original"))
    yield url
    postgres.drop(url)
