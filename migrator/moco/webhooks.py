"""What MOCO's web hooks deliver: whether a delivery is MOCO's, and what it says. Pure.

Signature: lower-case hex HMAC-SHA256 over the raw body, its key being the 32 characters that MOCO shows, as text
(DOC, with test vectors). Whether each hook has a key of its own is not known, so several may be given.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from migrator.core.model import MocoId, TargetEntry
from migrator.moco.answers import read_activity
from migrator.moco.calls.web_hooks import HookEvent
from migrator.moco.json_values import AnswerError, JsonObject

LARGEST_BODY = 256 * 1024
"""Bytes; no entity of MOCO is nearly as long."""

_DELIVERY = "a web hook"
_HEADERS = ("Target", "Event", "Timestamp", "User-Id", "Account-Url", "Origin")
_LATEST = 10**15


class Unheard(StrEnum):
    """Why a signed delivery says nothing to us; MOCO would repeat for ever what is not answered with success."""

    ACCOUNT = "other_account"
    TARGET = "other_target"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery; `at_ms` are MOCO's milliseconds since 1970, 0 where it gives none.

    `entry` is the activity as created or changed, None where the delivery does not show a whole one: a deletion has
    nothing but the id. `origin` is "api" for what the API caused, else empty; `user_id` is who did it, where told.
    """

    target: str
    event: HookEvent
    id: MocoId
    at_ms: int
    digest: str
    """Of body and headers: the same for a delivery that is repeated."""
    user_id: MocoId | None = None
    origin: str = ""
    entry: TargetEntry | None = None


def is_signed(body: bytes, signature: str, keys: Iterable[str]) -> bool:
    """Whether one of the keys made this signature; takes the same time whatever is wrong with it."""
    given = signature.strip().lower().encode()
    right = False
    for key in keys:
        made = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        right |= hmac.compare_digest(made.encode(), given)
    return right


class Headers(Protocol):
    """Header fields by name, whose case does not matter."""

    def get(self, name: str, default: str, /) -> str:
        """The value of a field."""
        ...


def read_delivery(headers: Headers, body: bytes, *, account: str, targets: Iterable[str]) -> Delivery | Unheard:
    """What a delivery says whose signature was right; `account` is MOCO's subdomain, "" where it cannot be compared."""
    told = {name: headers.get(f"X-Moco-{name}", "").strip() for name in _HEADERS}
    if account and told["Account-Url"] and _subdomain(told["Account-Url"]) != account.lower():
        return Unheard.ACCOUNT
    if told["Target"] not in set(targets):
        return Unheard.TARGET
    try:
        event = HookEvent(told["Event"].lower())
        parsed: object = json.loads(body, parse_float=Decimal)
        object_id = JsonObject(parsed, _DELIVERY).id()
    except (ValueError, ArithmeticError, RecursionError, AnswerError):
        return Unheard.UNREADABLE
    return Delivery(
        target=told["Target"],
        event=event,
        id=object_id,
        at_ms=_number(told["Timestamp"]),
        digest=_digest(told, body),
        user_id=MocoId(_number(told["User-Id"])) or None,
        origin=told["Origin"].lower(),
        entry=None if event is HookEvent.DELETE else _entry(parsed),
    )


def _entry(parsed: object) -> TargetEntry | None:
    try:
        return read_activity(parsed, _DELIVERY)
    except AnswerError:
        return None


def _subdomain(told: str) -> str:
    """`solar` of `solar`, which was seen, and of `https://solar.mocoapp.com`, which the header's name promises."""
    host = urlsplit(told).hostname if "//" in told else told.partition("/")[0]
    return (host or "").lower().removesuffix(".mocoapp.com")


def _number(text: str) -> int:
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
    return found if found < _LATEST else 0


def _digest(told: Mapping[str, str], body: bytes) -> str:
    whole = hashlib.sha256(json.dumps(dict(told), sort_keys=True).encode())
    whole.update(body)
    return whole.hexdigest()[:32]
