"""What a plan does not write because something stands in the way: by action and reason, with the first records."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from migrator.core.model import SourceId
from migrator.core.tally import Tally

NAMED = 5
"""Records named for each reason."""

BLOCKED = ("hold", "conflict", "quarantined")
"""The actions that wait for somebody, as plans name them."""


@dataclass(slots=True)
class Blockage:
    """The records that wait for one reason; `ids` are the lowest of them."""

    tally: Tally = field(default_factory=Tally)
    ids: list[SourceId] = field(default_factory=list)

    def add(self, source_id: SourceId | None, seconds: int) -> None:
        """Count a record; one without a readable id is not named."""
        self.tally.add(seconds)
        if source_id is not None:
            insort(self.ids, source_id)
            del self.ids[NAMED:]


@dataclass(slots=True)
class Blocked:
    """All that waits, by action and reason."""

    by_reason: dict[tuple[str, str], Blockage] = field(default_factory=dict)

    def add(self, action: str, reason: str, source_id: SourceId | None, seconds: int) -> None:
        """Count a record, if its action is one that waits."""
        if action in BLOCKED:
            self.by_reason.setdefault((action, reason), Blockage()).add(source_id, seconds)

    def as_json(self) -> list[dict[str, object]]:
        """Most time first."""
        ordered = sorted(self.by_reason.items(), key=lambda pair: (-pair[1].tally.seconds, pair[0]))
        return [
            {"action": action, "reason": reason, **each.tally.as_json(), "sample_ids": list(each.ids)}
            for (action, reason), each in ordered
        ]
