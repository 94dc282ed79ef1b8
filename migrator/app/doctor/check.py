"""What one line of `doctor` says, and what every check may look at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from migrator.app.doctor.targets import Targets
from migrator.app.wiring import Workplace
from migrator.core.mapping import TargetMasters
from migrator.errors import LoginRefused, MigratorError
from migrator.moco.answers import LoginSession
from migrator.moco.client import MocoReader
from migrator.store import account
from migrator.store.account import Learned
from migrator.store.engine import writing

PROBED = "probed:"
"""How the names of facts begin that hold what a probe found: the check of that name, as JSON."""

PROBE = "run `migrator doctor --probe-write PROJECT`: it books some minutes there and removes them again"
"""What to do where only a write can tell."""


GRANT = "give the key's owner the Staff permission in MOCO (people), or use an account key with full access"
"""What to do where the key may not act as others."""


class Status(StrEnum):
    """How a check ended; `unknown` is never taken for `ok`."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was found, and what to do about it; `login` says that a failure is a refused login."""

    name: str
    status: Status
    detail: str
    fix: str = ""
    login: bool = False

    def as_json(self) -> dict[str, object]:
        """What `--json` shows."""
        return {"name": self.name, "status": self.status.value, "detail": self.detail, "fix": self.fix}


@dataclass(frozen=True, slots=True)
class Examined:
    """A reachable MOCO account, everything learned about it, and what the mapping books on (None: nothing is known)."""

    place: Workplace
    reader: MocoReader
    session: LoginSession
    learned: Mapping[str, Learned]
    masters: TargetMasters | None = None
    targets: Targets = field(default_factory=Targets)

    def probed(self, name: str) -> Check | None:
        """What the last probe found about a check, with the day it did."""
        known = self.learned.get(PROBED + name)
        if known is None:
            return None
        told = json.loads(known.value)
        detail = f"{told['detail']} (probed {_day(known.at)})"
        return Check(name, Status(told["status"]), detail, told["fix"], told["login"])


def keep(place: Workplace, check: Check) -> None:
    """Remember what a probe found."""
    told = json.dumps({**check.as_json(), "login": check.login}, ensure_ascii=False)
    with writing(place.engine) as session:
        account.learn(session, PROBED + check.name, told, place.clock.now())


def failed(name: str, error: MigratorError) -> Check:
    """A check that could not be carried out: a refused login fails, anything else leaves it unknown."""
    if isinstance(error, LoginRefused):
        return Check(name, Status.FAIL, error.message, error.hint, login=True)
    return Check(name, Status.UNKNOWN, error.message, error.hint)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
