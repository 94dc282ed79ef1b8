"""The account that the contract tests ask for: simulated in process, or real where one is named."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from requests.adapters import BaseAdapter

from migrator.moco import MocoClient
from migrator.moco.wire import WatchedAdapter
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION
from tests.contract.moco.world import KEY, OTHERS_KEY, World
from tests.support.openapi import Document, JudgingAdapter
from tests.support.wsgi import WsgiAdapter

REAL = os.environ.get("MIGRATOR_CONTRACT_MOCO", "")
REAL_KEY = os.environ.get("MIGRATOR_CONTRACT_MOCO_KEY", "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what turns the simulation, where there is none."""
    if not REAL:
        return
    left_out = [item for item in items if "sandboxed" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@cache
def _document() -> Document | None:
    named = os.environ.get("MOCO_OPENAPI")
    return Document(json.loads(Path(named).read_text(encoding="utf-8"))) if named else None


@pytest.fixture
def document() -> Document | None:
    """MOCO's OpenAPI document, None where no copy is named."""
    return _document()


def judged(adapter: BaseAdapter) -> BaseAdapter:
    """The adapter, judged by MOCO's document where there is one."""
    found = _document()
    return JudgingAdapter(adapter, found) if found else adapter


@pytest.fixture(scope="session")
def real() -> Iterator[MocoClient | None]:
    """A client of the real account that is named: one for all tests, since they share its request limit."""
    if not REAL:
        yield None
        return
    with MocoClient(REAL, REAL_KEY, adapter=judged(WatchedAdapter())) as moco:
        yield moco


@pytest.fixture
def world(real: MocoClient | None) -> Iterator[World]:
    """An account of its own, or the real one, which is cleaned afterwards."""
    prefix = f"migrator-{secrets.token_hex(4)}"
    if real is not None:
        found = World(real, prefix, None)
        try:
            yield found
        finally:
            found.clean()
        return
    sandbox = MocoSandbox()
    sandbox.switches.rate_limits = ()
    sandbox.add_key(KEY, sandbox.add_user("Anna", "Adler", permissions=EVERY_PERMISSION, password="geheim"))
    sandbox.add_key(OTHERS_KEY, sandbox.add_user("Paul", "Plain"))
    yield World(client_of(sandbox), prefix, sandbox)


def client_of(sandbox: MocoSandbox, key: str = KEY) -> MocoClient:
    """A client of the simulation, in process and without waiting."""
    adapter = judged(WsgiAdapter(sandbox.wsgi))
    return MocoClient("https://x.mocoapp.com", key, requests=1000, seconds=0.001, adapter=adapter, sleep=lambda _: None)


@pytest.fixture
def sandboxed(world: World) -> MocoSandbox:
    """The simulation itself, for tests that turn it."""
    assert world.sandbox is not None
    return world.sandbox
