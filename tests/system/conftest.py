"""Which database the system tests run on: `--database postgresql` runs all of them on that one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.databases import Current, OnServer
from tests.system.export import some_records
from tests.system.harness import World
from tests.system.started import fork_server


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about a database file, or names its database itself, is the same test on every run: it is left out."""
    if config.getoption("database") == "sqlite":
        return
    kept = [each for each in items if not each.get_closest_marker("own_database")]
    config.hook.pytest_deselected(items=[each for each in items if each not in kept])
    items[:] = kept


@pytest.fixture(scope="session", autouse=True)
def _databases(request: pytest.FixtureRequest) -> Iterator[None]:
    before = Current.databases
    if request.config.getoption("database") == "postgresql":
        Current.databases = OnServer(request.getfixturevalue("postgres"))
    yield
    Current.databases = before


@pytest.fixture(scope="session", autouse=True)
def _rehearsed(_databases: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What every command line compiles anew is compiled before they are forked: that is half of the time they take."""
    with World(tmp_path_factory.mktemp("rehearsed"), some_records(6)) as world:
        for line in ("read", "plan", "apply last", "status", "sync", "verify", "report -o report", "inbox list"):
            fork_server().rehearse(world.folder, *line.split())
