"""Which few records stand for all: a pilot of few projects, every person, every status, the oldest and newest days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from migrator.core.model import SourceId


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """All records of one person in one project with one status, as far as a pilot needs to know them."""

    project_id: SourceId
    user_id: SourceId
    billing: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, order=True)
class Pick:
    """One record of a cell, on one of its days."""

    project_id: SourceId
    user_id: SourceId
    billing: int
    day: date


def choose(cells: Sequence[Cell]) -> tuple[Pick, ...]:
    """The records of a pilot, at most two of each person and of each status, and the ends of the whole history.

    The order of `cells` changes nothing. Few projects are chosen so that everybody has time in one of them.
    """
    cells = sorted(cells)
    if not cells:
        return ()
    projects = _few_projects(cells)
    inside = [cell for cell in cells if cell.project_id in projects]
    groups = [[cell for cell in inside if cell.user_id == user] for user in sorted({cell.user_id for cell in cells})]
    for status in sorted({cell.billing for cell in cells}):
        # A status that the chosen projects do not know brings another one in.
        known = [cell for cell in inside if cell.billing == status]
        groups.append(known or [cell for cell in cells if cell.billing == status])
    # Where others are as old or as new, those in the chosen projects come first.
    groups.append([*inside, *cells])
    return tuple(sorted({pick for group in groups for pick in _ends(group)}))


def _few_projects(cells: Iterable[Cell]) -> frozenset[SourceId]:
    """Projects in which everybody has time: always the one that brings most people who are still missing."""
    people: dict[SourceId, set[SourceId]] = {}
    for cell in cells:
        people.setdefault(cell.project_id, set()).add(cell.user_id)
    missing = {user for users in people.values() for user in users}
    chosen: set[SourceId] = set()
    while missing:
        best = max(people, key=lambda project: (len(people[project] & missing), -project))
        chosen.add(best)
        missing -= people[best]
    return frozenset(chosen)


def _ends(cells: Sequence[Cell]) -> tuple[Pick, Pick]:
    """The oldest and the newest record of some cells, of the first cell that has one."""
    oldest = min(cells, key=lambda cell: cell.first)
    newest = max(cells, key=lambda cell: cell.last)
    return (
        Pick(oldest.project_id, oldest.user_id, oldest.billing, oldest.first),
        Pick(newest.project_id, newest.user_id, newest.billing, newest.last),
    )
