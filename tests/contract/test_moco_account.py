"""The MOCO client on what belongs to the account as a whole, against the simulation on a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from migrator.core.model import MocoId
from migrator.errors import LoginRefused
from migrator.moco.answers import read_web_hook
from migrator.moco.client import MocoReader, MocoWriter
from migrator.moco.outcomes import Answered, Refused, WriteOutcome
from migrator.moco.pacing import LocalWindow, Priority
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION
from migrator.sandbox.serve import Served, serve

ADMIN, PLAIN = "a" * 24, "b" * 24
MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


@pytest.fixture
def sandbox() -> MocoSandbox:
    sandbox = MocoSandbox(now=lambda: MOMENT)
    sandbox.switches.rate_limits = ()
    sandbox.add_key(ADMIN, sandbox.add_user("Anna", "Adler", permissions=EVERY_PERMISSION))
    sandbox.add_key(PLAIN, sandbox.add_user("Paul", "Plain"))
    return sandbox


@pytest.fixture
def served(sandbox: MocoSandbox) -> Iterator[Served]:
    with serve(sandbox) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[MocoWriter]:
    with MocoWriter(served.url, ADMIN, LocalWindow(1000, 0.001), sleep=lambda _: None) as client:
        yield client


def switch(client: MocoWriter, hook_id: int, *, active: bool) -> WriteOutcome:
    permit = client.window.take(Priority.WRITE)
    return client.switch_web_hook(MocoId(hook_id), active=active, permit=permit, committed_at=time.time())


def test_web_hooks_are_listed_on_all_pages(sandbox: MocoSandbox, client: MocoWriter) -> None:
    added = [sandbox.add_web_hook(f"https://example.com/{n}", disabled=n % 2 == 0) for n in range(120)]
    assert [(hook.id, hook.active) for hook in client.list_web_hooks()] == [
        (hook.id, hook.disabled_at is None) for hook in added
    ]


@pytest.mark.parametrize("active", [True, False])
def test_a_web_hook_is_switched(sandbox: MocoSandbox, client: MocoWriter, active: bool) -> None:
    hook = sandbox.add_web_hook("https://example.com/secret-part", disabled=active)
    outcome = switch(client, hook.id, active=active)
    assert isinstance(outcome, Answered)
    shown = read_web_hook(outcome.body)
    assert (shown.id, shown.active, "secret-part" in repr(shown)) == (hook.id, active, False)
    assert client.list_web_hooks() == (shown,)


def test_a_web_hook_that_is_gone_is_refused(client: MocoWriter) -> None:
    outcome = switch(client, 5, active=True)
    assert isinstance(outcome, Refused)
    assert outcome.status == 404


def test_a_key_that_may_not_manage_the_account_is_told_so(served: Served) -> None:
    with (
        MocoReader(served.url, PLAIN, LocalWindow(10, 0.001)) as reader,
        pytest.raises(LoginRefused, match="the account's settings"),
    ):
        reader.list_web_hooks()


def test_the_clock_of_the_server_is_read(client: MocoWriter) -> None:
    assert client.fetch_server_time() == MOMENT
