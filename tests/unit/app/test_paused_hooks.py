"""Which web hooks are remembered as paused, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from migrator.app.hooks.ours import address_of, as_ours, is_ours
from migrator.app.hooks.paused import PAUSED, PausedHook, Pauser, forget, paused_hooks, remember
from migrator.core.model import MocoId
from migrator.moco.answers import WebHook
from migrator.store import account
from migrator.store.engine import open_engine, writing
from migrator.store.schema import upgrade

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOOK = PausedHook(MocoId(7), "Activity", "create", Pauser.RUN)
OTHER = replace(HOOK, id=MocoId(8))


def test_a_hook_keeps_who_had_it_paused_first(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    with writing(engine) as session:
        remember(session, [HOOK], NOW)
        remember(session, [replace(HOOK, by=Pauser.PERSON), OTHER], NOW)
        assert paused_hooks(session) == (HOOK, OTHER)
        forget(session, [HOOK.id], NOW)
        assert paused_hooks(session) == (OTHER,)
        forget(session, [OTHER.id], NOW)
        assert account.fact(session, PAUSED) is None
    engine.dispose()


def test_a_hook_is_ours_by_its_path() -> None:
    def hook(url: str) -> WebHook:
        return WebHook(MocoId(1), "Activity", "create", url, active=True)

    assert is_ours(hook("https://migrator.example/hooks/moco"))
    assert is_ours(hook("https://migrator.example/hooks/moco/?x=1"))
    assert not is_ours(hook("https://zap.example/in/hooks/moco/7"))


def test_a_hook_behind_a_secret_path_is_ours_when_it_is_remembered() -> None:
    secret = WebHook(MocoId(1), "Activity", "create", "https://Migrator.example/s3cr3t/hooks/moco/", active=True)
    known = [as_ours(secret)]
    assert not is_ours(secret)
    assert is_ours(secret, known)
    assert is_ours(replace(secret, id=MocoId(2)), known)
    assert not is_ours(replace(secret, id=MocoId(2), url="https://migrator.example/other/hooks/moco"), known)
    assert address_of(secret.url) == address_of("https://migrator.example/s3cr3t/hooks/moco")
    assert "s3cr3t" not in repr(known)
