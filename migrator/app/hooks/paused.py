"""Which web hooks of the account we switched off, and for whom: remembered before the first is touched."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from migrator.core.model import MocoId
from migrator.store import account

PAUSED = "paused_hooks"


class Pauser(StrEnum):
    """Who had a hook paused: a run resumes its own at its end, or the next run does; a person's wait for the person."""

    RUN = "run"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class PausedHook:
    """A web hook that was active before we paused it; its address may be a secret and is not kept."""

    id: MocoId
    target: str
    event: str
    by: Pauser

    def __str__(self) -> str:
        return f"{self.id} ({self.target} {self.event})"


def paused_hooks(session: Session) -> tuple[PausedHook, ...]:
    """Every hook that is paused, or was about to be when a run was killed."""
    rows = json.loads(account.fact(session, PAUSED) or "[]")
    return tuple(PausedHook(MocoId(row["id"]), row["target"], row["event"], Pauser(row["by"])) for row in rows)


def remember(session: Session, hooks: Iterable[PausedHook], now: datetime) -> None:
    """Add hooks; one that is remembered already keeps who had it paused."""
    known = paused_hooks(session)
    ids = {hook.id for hook in known}
    _keep(session, [*known, *(hook for hook in hooks if hook.id not in ids)], now)


def forget(session: Session, ids: Collection[MocoId], now: datetime) -> None:
    """Take hooks out that are active again, or gone."""
    _keep(session, [hook for hook in paused_hooks(session) if hook.id not in ids], now)


def _keep(session: Session, hooks: Collection[PausedHook], now: datetime) -> None:
    if hooks:
        account.learn(session, PAUSED, json.dumps([asdict(hook) for hook in hooks]), now)
    else:
        account.forget(session, PAUSED)
