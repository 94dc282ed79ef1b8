"""What `billed` may mark as billed in MOCO: which records, in which requests, and why others stay open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import assert_never

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    Create,
    Hold,
    Keep,
    KeepReason,
    Quarantined,
    Rebook,
    Skip,
    Update,
    Withdraw,
)
from migrator.core.batching import MOST_PER_BULK
from migrator.core.model import MocoId, Seconds, SourceId

REFUSED = "DISREGARD_REFUSED"
"""The reason of a record whose marking MOCO refused."""

NOT_IN_SYNC = "NOT_IN_SYNC"
"""The reason of a record that the next sync would still change in MOCO."""


class Marking(Enum):
    """What became of a record that ActiveCollab invoiced and MOCO showed open."""

    DISREGARDED = "disregarded"
    BILLED_IN_MOCO = "billed_in_moco"
    """Somebody billed it there meanwhile."""
    OPEN = "open"
    """Not verified, so it was not asked for."""
    REFUSED = "refused"
    UNCLEAR = "unclear"
    PENDING = "pending"
    """Not reached in this run."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A linked record that ActiveCollab invoiced and MOCO showed open; `company_id` 0 when its project tells none."""

    source_id: SourceId
    activity_id: MocoId
    seconds: Seconds
    project_id: MocoId
    company_id: MocoId


@dataclass(frozen=True, slots=True)
class Stays:
    """Why a record is not marked, as a constant and in words; `explained` when people or rules want it so."""

    reason: str
    detail: str = ""
    explained: bool = False


def requests_of(candidates: Iterable[Candidate], size: int) -> Iterator[tuple[Candidate, ...]]:
    """The candidates in requests of at most `size`, one company each; they come sorted by company and are streamed.

    Raises ValueError for a size that no request takes.
    """
    if not 1 <= size <= MOST_PER_BULK:
        raise ValueError(f"a request carries 1 to {MOST_PER_BULK} records, not {size}")
    for _, of_company in groupby(candidates, key=lambda each: each.company_id):
        request: list[Candidate] = []
        for each in of_company:
            request.append(each)
            if len(request) == size:
                yield tuple(request)
                request = []
        if request:
            yield tuple(request)


def common_project(candidates: Iterable[Candidate]) -> MocoId | None:
    """The project that all of one request share; None when they are of several."""
    projects = {each.project_id for each in candidates}
    return projects.pop() if len(projects) == 1 else None


def objection(action: Action) -> Stays | None:  # noqa: PLR0911 - one return for each action
    """What stands against marking a linked record, judged by what is decided of it; None when it is verified.

    Verified is what both sides agree upon. What a sync would still change, what a person edited or what waits is not.
    """
    match action:
        case Keep(reason=KeepReason.SAME | KeepReason.REBASED):
            return None
        case Keep(reason=reason):
            return Stays(reason.value, explained=reason in _WANTED_SO)
        case Hold(reason=hold, detail=detail):
            return Stays(hold.value, detail)
        case Conflict(reason=conflict, detail=detail):
            return Stays(conflict.value, detail)
        case Skip(reason=skip):
            return Stays(skip.value)
        case Quarantined(words=words):
            return Stays(NOT_IN_SYNC, words)
        case Create() | Adopt() | Update() | Withdraw() | Rebook():
            return Stays(NOT_IN_SYNC)
        case _:
            assert_never(action)


_WANTED_SO = frozenset({KeepReason.OUT_OF_SCOPE, KeepReason.AFTER_CUTOVER, KeepReason.ACCEPTED})
