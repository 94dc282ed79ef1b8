"""What reading a running ActiveCollab found, project by project, and what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.activecollab.client import Generation
from migrator.core.listing import Due, Fate
from migrator.core.model import Seconds, SourceId


@dataclass(frozen=True, slots=True)
class ProjectCount:
    """One project: how much of its list was read, what was in it, and why it was not read whole, if so.

    `records` and `seconds` are what this reading saw in it; of a list that was not due, what is known from
    earlier readings. `rejects` of them, or beside them, cannot be used.
    """

    id: SourceId
    name: str
    archived: bool
    due: Due
    records: int
    seconds: Seconds
    rejects: int
    problem: str

    @property
    def whole(self) -> bool:
        """Whether this reading read the whole list."""
        return self.due is Due.WHOLE and not self.problem


@dataclass(frozen=True, slots=True)
class LiveBook:
    """The reading of one server.

    `problems` name what could not be read whole: any of them blocks proofs of deletion. `fates` counts the
    records that are not listed by what became of them, `news` those of which this reading learned it;
    `unlisted` the records of projects that are not visible any more; `source_loss` is what the gate
    `max_source_loss` says, empty while it is open.
    """

    generation: Generation
    projects: Sequence[ProjectCount]
    problems: Sequence[str]
    fates: Counter[str]
    news: Counter[str]
    unlisted: Mapping[SourceId, int]
    source_loss: str
    out_of_reach: bool
    """Whether a problem is one that may pass: no answer, or an overloaded server."""
    requests: Counter[str]
    requests_needed: int
    eta_seconds: int

    @property
    def needs_a_person(self) -> bool:
        """Whether something is missing that neither is proved deleted nor will settle by itself."""
        open_fates = self.fates[Fate.LOST.value] + self.fates[Fate.UNKNOWN.value]
        return bool(open_fates or self.unlisted or self.source_loss)
