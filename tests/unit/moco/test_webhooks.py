"""What MOCO's web hooks deliver: signatures by its documented vectors, and what is read of each delivery."""

from __future__ import annotations

import json
from typing import Any

import pytest

from migrator.moco.calls.web_hooks import HookEvent
from migrator.moco.webhooks import Delivery, Unheard, is_signed, read_delivery
from tests.unit.moco.builders import activity_json

KEY = "1d608b9d72219b90ff2393a1d3ee0ac0"

HEADERS = {
    "X-Moco-Target": "Activity",
    "X-Moco-Event": "update",
    "X-Moco-Timestamp": "1527170410463",
    "X-Moco-User-Id": "933613686",
    "X-Moco-Account-Url": "solar",
    "X-Moco-Origin": "api",
}


def read(body: bytes, account: str = "solar", **headers: str) -> Delivery | Unheard:
    changed = {f"X-Moco-{name.replace('_', '-')}": value for name, value in headers.items()}
    return read_delivery({**HEADERS, **changed}, body, account=account, targets=["Activity", "Project"])


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (
            '{"id":111,"description":"a description"}',
            "bf027a86207ef1ca1cb76f5a536b41a14287ab1a0fd5b33bfe86924bc2f48fd1",
        ),
        ('{"id":111}', "a80daf93aa3cb4f3ca575d7ce95b4f2e8c448b1d4aafc6e14efc0ffdbbb4a44d"),
        ('{"id":982237015}', "45d3d871f32126516b3248f65dcd4609bfcdebd3b52b4024362ae549c105678f"),
        ('{"id":1,"description":"Müller"}', "7198af62a201b6a105e6ba746a4456fe71e6a23b4bce9b6a24267c4a8b06c51d"),
        (
            '{id: 111, description: "a description"}',
            "09f9ebc0adeb597cb7cb37fd72b20be0caeca6bd9fb67416b663606bd7f89183",
        ),
    ],
)
def test_signatures_are_those_of_the_documentation(body: str, signature: str) -> None:
    raw = body.encode()
    assert is_signed(raw, signature, [KEY])
    assert is_signed(raw, signature, ["another", KEY])
    assert not is_signed(raw + b" ", signature, [KEY])
    assert not is_signed(raw, signature[:-1] + "x", [KEY])
    assert not is_signed(raw, "", [KEY])
    assert not is_signed(raw, "ä", [KEY])
    assert not is_signed(raw, signature, [KEY.upper()])
    assert not is_signed(raw, signature, [])


def test_an_activity_is_read_as_a_list_would_show_it() -> None:
    sent: dict[str, Any] = activity_json(id=7, remote_id="ac:main:3")
    told = read(json.dumps(sent).encode())
    assert isinstance(told, Delivery)
    assert (told.target, told.event, told.id, told.at_ms) == ("Activity", HookEvent.UPDATE, 7, 1527170410463)
    assert (told.user_id, told.origin) == (933613686, "api")
    assert told.entry is not None
    assert told.entry.booking.marker == "ac:main:3"


def test_a_deletion_has_nothing_but_the_id() -> None:
    told = read(b'{"id":7}', Event="delete", Origin="", Timestamp="soon")
    assert isinstance(told, Delivery)
    assert (told.event, told.id, told.entry, told.origin, told.at_ms) == (HookEvent.DELETE, 7, None, "", 0)


def test_what_shows_no_whole_activity_is_heard_all_the_same() -> None:
    told = read(b'{"id":7,"date":"2026-01-02"}')
    assert isinstance(told, Delivery)
    assert (told.id, told.entry) == (7, None)


def test_a_repeated_delivery_is_the_same_and_any_other_is_not() -> None:
    told = [read(b'{"id":7}'), read(b'{"id":7}'), read(b'{"id":7}', Timestamp="1"), read(b'{"id":7} ')]
    digests = [each.digest for each in told if isinstance(each, Delivery)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.parametrize("account", ["solar", "SOLAR", "https://solar.mocoapp.com", "solar.mocoapp.com/x", ""])
def test_the_account_is_told_by_its_name_in_whatever_form(account: str) -> None:
    assert isinstance(read(b'{"id":7}', Account_Url=account), Delivery)


def test_another_account_another_target_and_nonsense_are_not_heard() -> None:
    assert read(b'{"id":7}', Account_Url="lunar") is Unheard.ACCOUNT
    assert isinstance(read(b'{"id":7}', account="", Account_Url="lunar"), Delivery)
    assert read(b'{"id":7}', Target="Invoice::Payment") is Unheard.TARGET
    assert read(b'{"id":7}', Target="") is Unheard.TARGET
    for body in (b"", b"{", b"[]", b"7", b'{"id":"7"}', b'{"id":-7}', b"\xff", b"[" * 100_000, b'{"id":1e999999999}'):
        assert read(body) is Unheard.UNREADABLE
    assert read(b'{"id":7}', Event="archive") is Unheard.UNREADABLE
