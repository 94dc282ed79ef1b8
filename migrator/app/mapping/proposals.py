"""What a thing of ActiveCollab may be in MOCO: proposals for a person to look at, never identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, process

from migrator.app.mapping.sides import Sides, Target, names_of
from migrator.core.mapping import MapKind
from migrator.core.mapping import Mapping as Decisions
from migrator.core.matching import ExactMatcher
from migrator.core.model import MocoId, SourceId, TargetProject, TargetTask, TargetUser
from migrator.core.names import normalise

LEAST_SCORE = 70
"""Less alike than this is more likely to mislead than to help; scores go from 0 to 100."""

EXACT_SCORE = 100

Texts = tuple[str, ...]
"""The normalised names of one thing."""

Choices = dict[tuple[MocoId, int], str]
"""The texts of all candidates, each with its target and its number there."""

_T = TypeVar("_T", TargetProject, TargetTask)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The most similar target, and how similar it is (0 to 100)."""

    target_id: MocoId
    name: str
    score: int


class Proposals:
    """Proposes targets under one mapping in force, which tells a project's customer and a ticket's project."""

    def __init__(self, sides: Sides, matcher: ExactMatcher, mapping: Decisions) -> None:
        self._sides = sides
        self._matcher = matcher
        self._mapping = mapping
        self._all: dict[MapKind, Choices] = {kind: choices(sides.targets(kind)) for kind in MapKind}
        self._of_company = _apart(sides.there.projects, lambda project: project.company_id)
        self._of_project = _apart(sides.there.tasks, lambda task: task.project_id)

    def of(self, kind: MapKind, source_id: SourceId) -> Proposal | None:
        """The best proposal for one thing, None when nothing is similar enough; an active target stands first."""
        targets = self._sides.targets(kind)
        same = sorted(self._matcher.candidates(kind, source_id), key=lambda each: (not targets[each].active, each))
        if same:
            return Proposal(same[0], targets[same[0]].name, EXACT_SCORE)
        found = self._most_similar(kind, source_id)
        return Proposal(found[0], targets[found[0]].name, found[1]) if found else None

    def _most_similar(self, kind: MapKind, source_id: SourceId) -> tuple[MocoId, int] | None:
        texts = self._source_texts(kind, source_id)
        match kind:
            case MapKind.USER | MapKind.COMPANY | MapKind.JOB_TYPE:
                return most_similar(texts, self._all[kind])
            case MapKind.PROJECT:
                project = self._sides.known.projects.get(source_id)
                company = self._target_of(MapKind.COMPANY, project.company_id if project else None)
                near = most_similar(texts, self._of_company.get(company, {}))
                return near or most_similar(texts, self._all[kind])
            case MapKind.TASK:
                task = self._sides.known.tasks.get(source_id)
                place = self._target_of(MapKind.PROJECT, task.project_id if task else None)
                return most_similar(texts, self._of_project.get(place, {}))

    def _source_texts(self, kind: MapKind, source_id: SourceId) -> Texts:
        names = [self._sides.source_name(kind, source_id)]
        if kind is MapKind.USER:
            names.append(_local_part(self._sides.source_email(kind, source_id)))
        if kind is MapKind.PROJECT and (project := self._sides.known.projects.get(source_id)):
            names.append(project.identifier)
        return _normalised(names)

    def _target_of(self, kind: MapKind, source_id: SourceId | None) -> MocoId | None:
        row = self._mapping.get(kind, source_id) if source_id is not None else None
        return row.target_id if row else None


def choices(targets: Mapping[MocoId, Target]) -> Choices:
    """What can be proposed of `targets`, the oldest first."""
    return {
        (target_id, at): text for target_id in sorted(targets) for at, text in enumerate(_texts(targets[target_id]))
    }


def most_similar(texts: Texts, candidates: Choices) -> tuple[MocoId, int] | None:
    """The candidate one of whose texts is most like one of `texts`, with its score; of equals the oldest.

    All texts are normalised. None when nothing reaches `LEAST_SCORE`.
    """
    best: tuple[MocoId, float] | None = None
    for text in texts:
        found = process.extractOne(text, candidates, scorer=fuzz.WRatio, score_cutoff=LEAST_SCORE)
        if found is not None:
            _, score, (target_id, _) = found
            if best is None or (score, -target_id) > (best[1], -best[0]):
                best = (target_id, score)
    return (best[0], int(best[1])) if best else None


def _apart(targets: Mapping[MocoId, _T], place_of: Callable[[_T], MocoId | None]) -> dict[MocoId | None, Choices]:
    """What can be proposed within each company or project."""
    within: dict[MocoId | None, dict[MocoId, _T]] = defaultdict(dict)
    for target_id, target in targets.items():
        if (place := place_of(target)) is not None:
            within[place][target_id] = target
    return {place: choices(those) for place, those in within.items()}


def _texts(target: Target) -> Texts:
    if isinstance(target, TargetUser):
        return _normalised((target.name, _local_part(target.email)))
    return _normalised(names_of(target))


def _local_part(email: str) -> str:
    """What stands before the @ as words; people keep it when a company changes its name."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ")


def _normalised(names: Iterable[str]) -> Texts:
    # A single letter is contained in nearly everything.
    return tuple(text for text in map(normalise, names) if len(text) > 1)
