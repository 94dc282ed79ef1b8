"""Web hooks of the simulated MOCO's account."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.account import PLAIN_KEY, Account, listed, shown

PATH = "/account/web_hooks"
GOOD = {"target": "Activity", "event": "create", "hook": "https://example.com/moco"}


def test_a_hook_is_created_changed_and_deleted(account: Account) -> None:
    created = shown(account.call("POST", PATH, GOOD))
    assert (created["disabled"], created["disabled_at"]) == (False, None)
    one = f"{PATH}/{created['id']}"
    changed = shown(account.call("PUT", one, {"hook": "https://example.com/new", "event": "delete"}))
    assert (changed["hook"], changed["event"]) == ("https://example.com/new", "create")
    assert listed(account.call("GET", PATH)) == [changed]
    assert shown(account.call("DELETE", one)) == changed
    gone = account.call("GET", one)
    assert (gone.status_code, gone.get_data()) == (404, b"")


def test_switching_is_idempotent(account: Account) -> None:
    hook = account.sandbox.add_web_hook("https://example.com/moco")
    off = shown(account.call("PUT", f"{PATH}/{hook.id}/disable"))
    account.clock.sleep(60)
    assert shown(account.call("PUT", f"{PATH}/{hook.id}/disable")) == off
    assert off["disabled"] is True
    on = shown(account.call("PUT", f"{PATH}/{hook.id}/enable"))
    assert (on["disabled"], on["disabled_at"]) == (False, None)
    assert account.call("PUT", f"{PATH}/1/enable").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"), [("target", "Customer"), ("event", "archive"), ("hook", "http://x"), ("hook", "")]
)
def test_a_bad_hook_is_refused_by_field(account: Account, field: str, value: str) -> None:
    refused = account.call("POST", PATH, GOOD | {field: value})
    assert (refused.status_code, list(refused.get_json())) == (422, [field])
    assert account.sandbox.state.web_hooks == {}


def test_ordinary_people_and_trials_have_none(account: Account) -> None:
    assert account.call("GET", PATH, key=PLAIN_KEY).status_code == 403
    account.switches.web_hooks_offered = False
    assert account.call("GET", PATH).status_code == 403


def test_the_remote_control_adds_and_shows_hooks(account: Account) -> None:
    added = shown(account.control("POST", "/web_hooks", {"hook": "https://example.com/a", "disabled": True}))
    assert added["disabled"] is True
    assert listed(account.control("GET", "/web_hooks")) == [added]
    assert account.control("POST", "/web_hooks", {"hook": 7}).status_code == 400
