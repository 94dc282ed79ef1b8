"""Turns the lines of a mapping into rows, or says all that is wrong with them, at once."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from migrator.app.mapping.csv_file import Line, Problem
from migrator.app.mapping.sides import Sides, Thing, names_of
from migrator.app.mapping.terms import cells_of, filled, terms_of
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow
from migrator.core.matching import effective, exact_matches
from migrator.core.model import MocoId, SourceId
from migrator.core.names import normalise
from migrator.core.terms import NO_TERMS, Terms

EXACT_NOTE = "exact"
"""The note of a row that was found by its name and that no person has changed."""

_CALLED = {
    MapKind.USER: "person",
    MapKind.COMPANY: "company",
    MapKind.PROJECT: "project",
    MapKind.TASK: "task",
    MapKind.JOB_TYPE: "task",
}

_ID = re.compile(r"[1-9][0-9]{0,17}")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
# German spreadsheets write a day like this as soon as they have touched it.
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")

_READ_MOCO = "correct it, or read MOCO anew with `migrator map suggest`"

_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line whose own cells are fine; its target is still to be looked up."""

    line: Line
    kind: MapKind
    source_id: SourceId
    action: MapAction
    cutover: date | None
    terms: Terms

    @property
    def thing(self) -> Thing:
        return self.kind, self.source_id


class Checker:
    """Checks lines against both sides; `problems` tells what is wrong, in the order of the lines."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._found: list[tuple[int, Problem]] = []
        self._at = 0
        self._named = {kind: _ids_by_name(sides, kind) for kind in MapKind}
        self._places = Mapping(0, {})

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong so far."""
        return tuple(problem for _, problem in sorted(self._found, key=lambda pair: pair[0]))

    def check(self, lines: Sequence[Line]) -> tuple[MapRow, ...]:
        """The rows of all lines that ask for something and can be used."""
        drafts: list[tuple[int, _Draft]] = []
        first: dict[Thing, str] = {}
        for self._at, line in enumerate(lines):
            draft = self._draft(line, first)
            if draft is not None:
                drafts.append((self._at, draft))
        rows: list[MapRow] = []
        # Tickets are looked up within their projects, so those come first.
        for kind in MapKind:
            if kind is MapKind.TASK:
                exact = exact_matches(self._sides.known, self._sides.there, rows)
                self._places = effective(Mapping.of(0, rows), exact, accept_exact=True)
            for self._at, draft in drafts:
                if draft.kind is kind and (row := self._row(draft)) is not None:
                    rows.append(row)
        return tuple(rows)

    def _complain(self, line: Line, column: str, expected: str, remedy: str) -> None:
        self._found.append((self._at, line.problem(column, expected, remedy)))

    # -- the cells of one line --------------------------------------------------------------------------------

    def _draft(self, line: Line, first: dict[Thing, str]) -> _Draft | None:
        before = len(self._found)
        kind = self._word(line, "kind", MapKind)
        source_id = self._source_id(line)
        action = self._word(line, "action", MapAction) if line.cell("action") else None
        cutover = self._cutover(line, kind)
        if kind is not None and source_id is not None:
            earlier = first.setdefault((kind, source_id), line.where)
            if earlier != line.where:
                self._complain(line, "source_id", f"each {kind.value} once", f"remove this line or {earlier}")
        self._check_action(line, kind, action)
        terms = self._terms(line, kind, action)
        if len(self._found) > before or kind is None or source_id is None or action is None:
            return None
        return _Draft(line, kind, source_id, action, cutover, terms)

    def _terms(self, line: Line, kind: MapKind | None, action: MapAction | None) -> Terms:
        """How a project is to be created; nothing else has terms."""
        if kind is not MapKind.PROJECT or action is not MapAction.CREATE:
            for column in filled(line):
                self._complain(line, column, "nothing", "only a project with the action create has it: empty it")
            return NO_TERMS

        def complain(column: str, expected: str, remedy: str) -> None:
            self._complain(line, column, expected, remedy)

        terms = terms_of(line, complain, _day)
        people = {user.email for user in self._sides.there.users.values() if user.active}
        if terms.leader and people and terms.leader not in people:
            complain("leader", "the e-mail of an active person in MOCO", _READ_MOCO)
        return terms

    def _check_action(self, line: Line, kind: MapKind | None, action: MapAction | None) -> None:
        if not line.cell("action"):
            filled = [name for name in ("target_id", "target_name", "cutover") if line.cell(name)]
            if filled:
                expected = f"an action, because {filled[0]} is filled in"
                self._complain(line, "action", expected, f"write map, or empty {filled[0]}")
        elif action is MapAction.STAND_IN and kind is not None and kind is not MapKind.USER:
            remedy = "only a person can book in the name of another one"
            self._complain(line, "action", "map, create, skip or hold", remedy)

    def _word(self, line: Line, column: str, words: type[_E]) -> _E | None:
        value = line.cell(column).lower()
        choices = [str(word.value) for word in words]
        if value in choices:
            return words(value)
        near = difflib.get_close_matches(value, choices, 1)
        remedy = f"write {near[0]}" if near else "write one of these"
        self._complain(line, column, "one of " + ", ".join(choices), remedy)
        return None

    def _source_id(self, line: Line) -> SourceId | None:
        if _ID.fullmatch(line.cell("source_id")):
            return SourceId(int(line.cell("source_id")))
        self._complain(line, "source_id", "the id of ActiveCollab, a whole number", "copy it from the exported file")
        return None

    def _cutover(self, line: Line, kind: MapKind | None) -> date | None:
        text = line.cell("cutover")
        if not text:
            return None
        if kind is MapKind.COMPANY:
            self._complain(line, "cutover", "nothing for a company", "write it into the rows of its projects")
            return None
        day = _day(text)
        if day is None:
            self._complain(line, "cutover", "a day such as 2024-12-31, or nothing", "correct or empty it")
        return day

    # -- targets ----------------------------------------------------------------------------------------------

    def _row(self, draft: _Draft) -> MapRow | None:
        before = len(self._found)
        match draft.action:
            case MapAction.MAP | MapAction.STAND_IN:
                target_id = self._target(draft)
            case MapAction.CREATE:
                target_id = None
                self._check_new_name(draft)
            case MapAction.SKIP | MapAction.HOLD:
                # Somebody changed only the action of a row whose target was filled in already.
                target_id = None
        if len(self._found) > before:
            return None
        note = draft.line.cell("note")
        return MapRow(draft.kind, draft.source_id, draft.action, target_id, draft.cutover, note, terms=draft.terms)

    def _target(self, draft: _Draft) -> MocoId | None:
        text = draft.line.cell("target_id")
        if not text:
            return self._target_by_name(draft)
        if not _ID.fullmatch(text):
            self._complain(draft.line, "target_id", "the id of MOCO, a whole number", "copy it from MOCO's address bar")
            return None
        target_id = MocoId(int(text))
        target = self._sides.targets(draft.kind).get(target_id)
        if target is None:
            self._complain(draft.line, "target_id", f"a {_CALLED[draft.kind]} of MOCO", self._instead(draft, target_id))
            return None
        self._check_place(draft, target_id)
        name = draft.line.cell("target_name")
        if name and normalise(name) not in {normalise(each) for each in names_of(target)}:
            expected = f"{target.name!r}, as target_id {target_id} is called in MOCO"
            self._complain(draft.line, "target_name", expected, "correct target_id, or empty one of the two")
        return target_id

    def _instead(self, draft: _Draft, target_id: MocoId) -> str:
        for kind in (MapKind.USER, MapKind.COMPANY, MapKind.PROJECT, MapKind.TASK):
            if target_id in self._sides.targets(kind):
                return f"{target_id} is a {_CALLED[kind]} there: name a {_CALLED[draft.kind]}"
        return f"nothing in MOCO has this id: {_READ_MOCO}"

    def _target_by_name(self, draft: _Draft) -> MocoId | None:
        line, called = draft.line, _CALLED[draft.kind]
        name = line.cell("target_name")
        if not name:
            self._complain(line, "target_id", f"the id of a {called} of MOCO", "fill in target_id or target_name")
            return None
        found = sorted(self._named[draft.kind].get(normalise(name), ()))
        if draft.kind is MapKind.TASK and (place := self._place(draft)) is not None:
            found = [each for each in found if self._sides.there.tasks[each].project_id == place]
        if len(found) == 1 or (found and draft.kind is MapKind.JOB_TYPE):
            # A job type's task stands for its namesakes in every project.
            return found[0]
        if found:
            ids = ", ".join(map(str, found[:8]))
            self._complain(line, "target_name", f"a name that only one {called} has", f"write one of these ids: {ids}")
        else:
            self._complain(line, "target_name", f"the name of a {called} of MOCO", _READ_MOCO)
        return None

    def _check_place(self, draft: _Draft, target_id: MocoId) -> None:
        place = self._place(draft)
        if place is not None and self._sides.there.tasks[target_id].project_id != place:
            project = f"{place} ({self._sides.target_name(MapKind.PROJECT, place)})"
            expected = f"a task of MOCO project {project}, which the ticket's project is mapped to"
            self._complain(draft.line, "target_id", expected, "choose one of that project's tasks")

    def _place(self, draft: _Draft) -> MocoId | None:
        """The MOCO project of a ticket, where it is known."""
        task = self._sides.known.tasks.get(draft.source_id) if draft.kind is MapKind.TASK else None
        row = self._places.get(MapKind.PROJECT, task.project_id) if task and task.project_id is not None else None
        return row.target_id if row else None

    def _check_new_name(self, draft: _Draft) -> None:
        name, given = self._sides.source_name(*draft.thing), draft.line.cell("target_name")
        if given and name and normalise(given) != normalise(name):
            remedy = "empty it, or create it in MOCO yourself and map it"
            self._complain(draft.line, "target_name", f"{name!r}: what is created keeps its name", remedy)


def without_exact(rows: Iterable[MapRow], sides: Sides) -> tuple[MapRow, ...]:
    """Only what a person decided: rows that merely repeat an exact match are left to the matching."""
    decided = tuple(rows)
    exact = {(row.kind, row.source_id): row.target_id for row in exact_matches(sides.known, sides.there, decided)}
    return tuple(row for row in decided if not _is_found(row, exact.get((row.kind, row.source_id))))


def _is_found(row: MapRow, target_id: MocoId | None) -> bool:
    plain = row.action is MapAction.MAP and row.cutover is None and row.note == EXACT_NOTE
    return plain and target_id is not None and row.target_id == target_id


def lines_of(mapping: Mapping) -> tuple[Line, ...]:
    """The rows of a stored mapping as lines."""
    return tuple(
        Line(
            f"mapping version {mapping.version}, {row.kind.value} {row.source_id}",
            {
                "kind": row.kind.value,
                "source_id": str(row.source_id),
                "action": row.action.value,
                "target_id": str(row.target_id) if row.target_id is not None else "",
                "cutover": row.cutover.isoformat() if row.cutover else "",
                "note": row.note,
                **cells_of(row.terms),
            },
        )
        for row in mapping.rows.values()
    )


def _ids_by_name(sides: Sides, kind: MapKind) -> dict[str, set[MocoId]]:
    found: dict[str, set[MocoId]] = defaultdict(set)
    for target_id, target in sides.targets(kind).items():
        for name in names_of(target):
            if name:
                found[normalise(name)].add(target_id)
    return dict(found)


def _day(text: str) -> date | None:
    try:
        if iso := _DAY.fullmatch(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if german := _GERMAN_DAY.fullmatch(text):
            return date(int(german[3]), int(german[2]), int(german[1]))
    except ValueError:
        return None
    return None
