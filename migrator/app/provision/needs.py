"""What records that are to be written need created in MOCO first: projects, tasks, contracts; each once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from migrator.app.deciding import Decided, Decider
from migrator.app.wiring import Workplace
from migrator.core.actions import Hold, HoldReason, Withdraw, Write
from migrator.core.model import MocoId, SourceId
from migrator.core.names import normalise
from migrator.store.merge import Selection, pages
from migrator.store.work import Needed

Somewhere = tuple[MocoId, SourceId | None]
"""A project of MOCO; or 0 and the project of ActiveCollab that it is still to be created for."""


@dataclass(slots=True)
class Needs:
    """Tasks by project and name, contracts by project and person, and projects that do not exist yet.

    A task is there under the first spelling of its name: two that differ in capitals only are one task of MOCO.
    `refused` counts the records that wait for a task or contract that cannot be created, by the reason in words.
    """

    projects: set[SourceId] = field(default_factory=set)
    tasks: dict[tuple[Somewhere, str], str] = field(default_factory=dict)
    contracts: set[tuple[Somewhere, MocoId]] = field(default_factory=set)
    refused: Counter[tuple[HoldReason, str]] = field(default_factory=Counter)

    def note(self, each: Decided) -> None:
        """Remember what a record needs, if it is to be written."""
        wanted = each.wanted
        if wanted is None or isinstance(each.action, Withdraw):
            return
        project_id = wanted.booking.project_id
        place: Somewhere = (project_id, wanted.new_project if wanted.needs_project else None)
        if wanted.needs_project and wanted.new_project is not None:
            self.projects.add(wanted.new_project)
        if wanted.needs_task:
            self.tasks.setdefault((place, normalise(wanted.task_name)), wanted.task_name)
        if wanted.needs_contract:
            self.contracts.add((place, wanted.booking.user_id))

    def in_moco(self) -> Needed:
        """Tasks and contracts of projects that are there, in a steady order."""
        return Needed(
            tasks=tuple(sorted((place[0], name) for (place, _), name in self.tasks.items() if place[0])),
            contracts=tuple(sorted((place[0], person) for place, person in self.contracts if place[0])),
        )


def collect_needs(place: Workplace, decider: Decider, run_id: int, selection: Selection) -> Needs:
    """What all selected records need that would be written; MOCO is not asked, and memory does not grow with them."""
    needs = Needs()
    with place.progress.phase("looking what is to be created", None) as bar:
        for page in pages(place.engine, run_id, selection=selection):
            for merged in page:
                decided = decider.decide(merged, None)
                match decided.action:
                    case Hold(reason=HoldReason.TASK_MISSING | HoldReason.CONTRACT_MISSING as reason, detail=detail):
                        needs.refused[reason, detail] += 1
                    case _ if _is_written(decided):
                        needs.note(decided)
            bar.advance(len(page))
    return needs


def _is_written(decided: Decided) -> bool:
    """Whether a record is to be written, or would be as soon as its absence is proved."""
    match decided.action:
        case Hold(reason=reason):
            return reason is HoldReason.NOT_ESTABLISHED
        case action:
            return isinstance(action, Write)
