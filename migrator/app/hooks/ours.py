"""Which web hooks of the account are ours: remembered by id and by a digest of their address, which may be a secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from migrator.core.hearing import Thing
from migrator.core.model import MocoId
from migrator.moco.answers import WebHook
from migrator.moco.calls.web_hooks import HookEvent
from migrator.store import account

OUR_PATH = "/hooks/moco"
"""Where this program listens to MOCO, whatever stands before it in the address."""

OURS = "our_hooks"

WANTED: Final = tuple((target.value, event.value) for target in Thing for event in HookEvent)
"""Target and event of each web hook that is installed."""


@dataclass(frozen=True, slots=True)
class OurHook:
    """A web hook that we installed, or found as we would have installed it; `address` is a digest."""

    id: MocoId
    target: str
    event: str
    address: str
    host: str

    def __str__(self) -> str:
        return f"{self.id} ({self.target} {self.event})"


def address_of(url: str) -> str:
    """The digest by which an address is recognised; case of the host and a slash at the end make no other one."""
    try:
        parts = urlsplit(url.strip())
        whole = f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"
    except ValueError:
        whole = url
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def as_ours(hook: WebHook) -> OurHook:
    """What is remembered of a hook."""
    return OurHook(hook.id, hook.target, hook.event, address_of(hook.url), urlsplit(hook.url).hostname or "")


def is_ours(hook: WebHook, known: Collection[OurHook] = ()) -> bool:
    """Whether MOCO tells this program by it, as far as we remember, or as its path says."""
    address = address_of(hook.url)
    remembered = any(each.id == hook.id or each.address == address for each in known)
    return remembered or urlsplit(hook.url).path.rstrip("/") == OUR_PATH


def our_hooks(session: Session) -> tuple[OurHook, ...]:
    """Every web hook that we remember as ours."""
    rows = json.loads(account.fact(session, OURS) or "[]")
    return tuple(OurHook(**{**row, "id": MocoId(row["id"])}) for row in rows)


def remember(session: Session, hooks: Iterable[OurHook], now: datetime) -> None:
    """Add hooks, or what is now known of them."""
    new = {hook.id: hook for hook in hooks}
    kept = [hook for hook in our_hooks(session) if hook.id not in new]
    _keep(session, [*kept, *new.values()], now)


def forget(session: Session, ids: Collection[MocoId], now: datetime) -> None:
    """Take hooks out that are gone."""
    _keep(session, [hook for hook in our_hooks(session) if hook.id not in ids], now)


def _keep(session: Session, hooks: Iterable[OurHook], now: datetime) -> None:
    rows = [asdict(hook) for hook in hooks]
    if rows:
        account.learn(session, OURS, json.dumps(rows), now)
    else:
        account.forget(session, OURS)
