"""What a person has to decide on: every thing that has time, what is decided, and what is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.app.config import Config
from migrator.app.mapping.check import EXACT_NOTE
from migrator.app.mapping.cover import Cover, Tally, in_force
from migrator.app.mapping.proposals import Proposal, Proposals
from migrator.app.mapping.sides import Sides, Thing
from migrator.app.mapping.terms import cells_of
from migrator.core.duration import format_hours
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow
from migrator.core.matching import ExactMatcher
from migrator.core.policy import TaskStrategy
from migrator.core.terms import NO_TERMS

_KINDS = list(MapKind)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing of ActiveCollab: its time, the row that is in force or found, and the best proposal."""

    thing: Thing
    tally: Tally
    row: MapRow | None
    proposal: Proposal | None
    note: str


class Suggester:
    """Suggests under one explicit mapping."""

    def __init__(self, config: Config, explicit: Mapping, sides: Sides) -> None:
        self._strategy = TaskStrategy(config.mapping.task_strategy.value)
        self._explicit = explicit
        self._matcher = ExactMatcher(sides.known, sides.there, explicit.rows.values())
        self._exact = {(row.kind, row.source_id): row for row in self._matcher.rows()}
        self._proposals = Proposals(sides, self._matcher, in_force(config, explicit, sides))

    def all(self, cover: Cover) -> list[Suggestion]:
        """Everything that has time or was decided on, by kind, most time first.

        Tickets and job types count only where each becomes a task of its own, or where somebody decided on them.
        """
        kinds = {MapKind.USER, MapKind.COMPANY, MapKind.PROJECT}
        if self._strategy is TaskStrategy.PER_TASK:
            kinds.add(MapKind.TASK)
        if self._strategy is TaskStrategy.PER_JOB_TYPE:
            kinds.add(MapKind.JOB_TYPE)
        things = {thing for thing in cover.things if thing[0] in kinds} | set(self._explicit.rows)
        return sorted((self.one(thing, cover) for thing in things), key=_order)

    def one(self, thing: Thing, cover: Cover) -> Suggestion:
        """What is decided and proposed for one thing."""
        row = self._explicit.get(*thing) or self._exact.get(thing)
        note = row.note if row else self._ambiguity(thing)
        if row is not None and row.exact:
            note = EXACT_NOTE
        return Suggestion(thing, cover.things.get(thing, Tally()), row, self._proposals.of(*thing), note)

    def _ambiguity(self, thing: Thing) -> str:
        same = self._matcher.candidates(*thing)
        if not same:
            return ""
        shared = len(same) == 1
        return "ambiguous: others have this name too" if shared else f"ambiguous: {', '.join(map(str, same))}"


def _order(suggestion: Suggestion) -> tuple[int, int, int]:
    kind, source_id = suggestion.thing
    return _KINDS.index(kind), -suggestion.tally.seconds, source_id


def cells(suggestions: list[Suggestion], sides: Sides) -> Iterator[dict[str, str]]:
    """The rows of the file, by column."""
    for each in suggestions:
        kind, source_id = each.thing
        tally, proposal = each.tally, each.proposal
        yield {
            "kind": kind.value,
            "source_id": str(source_id),
            "source_name": sides.source_name(kind, source_id),
            "source_email": sides.source_email(kind, source_id),
            "source_parent": sides.source_parent(kind, source_id),
            "records": str(tally.records),
            "hours": format_hours(tally.seconds),
            "first_day": tally.first_day.isoformat() if tally.records else "",
            "last_day": tally.last_day.isoformat() if tally.records else "",
            "proposal_id": str(proposal.target_id) if proposal else "",
            "proposal_name": proposal.name if proposal else "",
            "score": str(proposal.score) if proposal else "",
            **_decision(each, sides),
            "note": each.note,
            **cells_of(each.row.terms if each.row else NO_TERMS),
        }


def _decision(suggestion: Suggestion, sides: Sides) -> dict[str, str]:
    row = suggestion.row
    if row is None:
        return {"action": "", "target_id": "", "target_name": "", "cutover": ""}
    name = sides.target_name(row.kind, row.target_id)
    if row.action is MapAction.CREATE:
        name = sides.source_name(row.kind, row.source_id)
    return {
        "action": row.action.value,
        "target_id": str(row.target_id) if row.target_id is not None else "",
        "target_name": name,
        "cutover": row.cutover.isoformat() if row.cutover else "",
    }
