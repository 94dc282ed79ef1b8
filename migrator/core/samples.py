"""A few records that show a plan: each action and reason, each status, the oldest and the newest days; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from migrator.core.model import Billing, SourceId

FULL = 25
"""So many are shown, and more only where there are more actions and reasons."""

Stratum = tuple[str, str]
"""An action and its reason."""

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be shown; `rank` is an order that has nothing to do with what the record says."""

    source_id: SourceId
    stratum: Stratum
    day: date
    billing: Billing
    rank: tuple[str, int]

    @classmethod
    def of(cls, source_id: SourceId, stratum: Stratum, day: date, billing: Billing) -> Candidate:
        """The candidate with its rank, which is the same every time."""
        digest = hashlib.sha256(str(source_id).encode()).hexdigest()
        return cls(source_id, stratum, day, billing, (digest, source_id))


@dataclass(frozen=True, slots=True)
class Sample(Generic[_Shown]):
    """A chosen record and what is shown of it."""

    of: Candidate
    shown: _Shown


@dataclass(slots=True)
class Sampler(Generic[_Shown]):
    """Takes records one by one, in whatever order, and holds no more than may still be chosen.

    The choice depends on the records alone: of each stratum and each status those first by rank, and the first of the
    oldest and of the newest day.
    """

    full: int = FULL
    _strata: dict[Stratum, list[Sample[_Shown]]] = field(default_factory=dict)
    _statuses: dict[Billing, Sample[_Shown]] = field(default_factory=dict)
    _oldest: Sample[_Shown] | None = None
    _newest: Sample[_Shown] | None = None

    def take(self, new: Candidate, show: Callable[[], _Shown]) -> None:
        """Consider a record; `show` is only asked when it may be chosen."""
        held = self._strata.setdefault(new.stratum, [])
        status, oldest, newest = self._statuses.get(new.billing), self._oldest, self._newest
        in_stratum = len(held) < self.full or new.rank < held[-1].of.rank
        in_status = status is None or new.rank < status.of.rank
        is_oldest = oldest is None or (new.day, new.rank) < (oldest.of.day, oldest.of.rank)
        # The newest day, and of that again the first by rank.
        is_newest = newest is None or (-new.day.toordinal(), new.rank) < (-newest.of.day.toordinal(), newest.of.rank)
        if not (in_stratum or in_status or is_oldest or is_newest):
            return
        sample = Sample(new, show())
        if in_stratum:
            held.append(sample)
            held.sort(key=lambda each: each.of.rank)
            del held[self.full :]
        if in_status:
            self._statuses[new.billing] = sample
        if is_oldest:
            self._oldest = sample
        if is_newest:
            self._newest = sample

    def chosen(self) -> tuple[Sample[_Shown], ...]:
        """One of each stratum and status, both ends of the days, then the strata in turns; by stratum and day."""
        found: dict[SourceId, Sample[_Shown]] = {}
        for stratum in sorted(self._strata):
            first = self._strata[stratum][0]
            found[first.of.source_id] = first
        seen = {each.of.billing for each in found.values()}
        statuses = (self._statuses[each] for each in sorted(self._statuses) if each not in seen)
        for each in (self._oldest, self._newest, *statuses):
            if each is not None:
                found.setdefault(each.of.source_id, each)
        for each in self._in_turns():
            if len(found) >= self.full:
                break
            found.setdefault(each.of.source_id, each)
        return tuple(sorted(found.values(), key=lambda each: (each.of.stratum, each.of.day, each.of.source_id)))

    def _in_turns(self) -> Iterator[Sample[_Shown]]:
        """The next of each stratum, over and over."""
        for turn in range(1, self.full):
            for stratum in sorted(self._strata):
                if turn < len(self._strata[stratum]):
                    yield self._strata[stratum][turn]
