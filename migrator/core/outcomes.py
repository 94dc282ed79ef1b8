"""What came of one scheduled piece of work: the value that is kept, shown, and alerted about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from migrator.errors import ExitCode


class Kind(Enum):
    """What a service does at its scheduled times."""

    SYNC = "sync"
    AUDIT = "audit"
    """A whole `verify`, once a night."""
    DIGEST = "digest"
    """Once a day: time to tell people what waits for them. Nothing else is done."""


SUCCESS = frozenset({ExitCode.DONE, ExitCode.NEEDS_A_PERSON})
"""How work ends that needs no attention beyond the inbox."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one piece of work ended. `counts` and `seconds` by word, as the run's JSON has them; times are UTC.

    `verdict` is one sentence: the run's own, or the message of what stopped it; `hint` says what to do next.
    """

    kind: Kind
    code: ExitCode
    started_at: datetime
    ended_at: datetime
    run_id: int | None = None
    verdict: str = ""
    hint: str = ""
    gates: tuple[str, ...] = ()
    """The gates that stopped it, by name; empty when none did."""
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether it counts as a success."""
        return self.code in SUCCESS

    @property
    def took(self) -> timedelta:
        """How long it went on."""
        return self.ended_at - self.started_at
