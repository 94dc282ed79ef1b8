"""Compares the time in each mapped project with MOCO's own books: its reports, for `verify --full`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from migrator.app.answer import Answer
from migrator.app.survey import Survey
from migrator.core.duration import format_hours
from migrator.core.mapping import MapAction, MapKind, Mapping, TargetMasters
from migrator.core.moco_books import NotTold, ProjectBook, Told, seconds_of_hours
from migrator.core.model import MocoId, TargetProject
from migrator.errors import ExitCode, severest
from migrator.moco.calls import projects as calls
from migrator.moco.client import MocoReader
from migrator.moco.errors import PermissionMissing
from migrator.moco.pacing import Priority
from migrator.store.engine import reading
from migrator.store.held import held_in

SHOWN = 20

_HAVE_TARGET = (MapAction.MAP, MapAction.CREATE)


@dataclass(frozen=True, slots=True)
class MocoBooks:
    """The books of every mapped project, in the order of their names."""

    projects: tuple[ProjectBook, ...]

    @property
    def differing(self) -> tuple[ProjectBook, ...]:
        """The projects with time that nothing explains."""
        return tuple(each for each in self.projects if not each.agrees)

    @property
    def sentence(self) -> str:
        """The sum of all of them."""
        told = [each for each in self.projects if isinstance(each.told, Told)]
        total = sum(each.told.total for each in told if isinstance(each.told, Told))
        columns = (
            (sum(each.held.migrated for each in told), "migrated"),
            (sum(each.held.booked for each in told), "booked in MOCO"),
            (sum(each.unexplained for each in told), "unexplained"),
        )
        parts = " + ".join(f"{format_hours(seconds)} h {words}" for seconds, words in columns)
        noun = "1 project" if len(told) == 1 else f"{len(told):,} projects"
        whole = f"MOCO's own books of {noun}: {format_hours(total)} h = {parts}"
        return "; ".join([whole, *self._notes()]) + "."

    @property
    def lines(self) -> list[str]:
        """Each project with time that nothing explains."""
        lines = [_line(each) for each in self.differing[:SHOWN]]
        if len(self.differing) > SHOWN:
            lines.append(f"  … and {len(self.differing) - SHOWN:,} more projects with --json")
        return lines

    def _notes(self) -> list[str]:
        notes = []
        for why in NotTold:
            left = sum(each.told is why for each in self.projects)
            if left:
                notes.append(f"{left:,} {'is' if left == 1 else 'are'} {why.value}")
        other = sum(not each.billable_agrees for each in self.projects)
        if other:
            notes.append(f"{other:,} with other billable hours than their activities have, which is not judged")
        return notes


def _line(book: ProjectBook) -> str:
    total = book.held.total + book.unexplained
    return (
        f"  project   {book.project_id} {book.name}: {format_hours(total)} h in MOCO = "
        f"{format_hours(book.held.migrated)} migrated + {format_hours(book.held.booked)} booked in MOCO + "
        f"{format_hours(book.unexplained)} unexplained ({book.tolerance} s may be rounding)"
    )


def compare_books(survey: Survey, mapping: Mapping, there: TargetMasters, listed_at: datetime) -> MocoBooks:
    """Ask for the report of every mapped project, and compare it with what was listed since `listed_at`.

    Where both differ somebody may have booked in between: what was updated is listed, and the report asked for, again.
    """
    wanted = sorted(_mapped(mapping, there), key=lambda each: (each.name, each.id))
    found = _books(survey, wanted)
    again = {each.project_id for each in found if not each.agrees}
    if again:
        survey.list_updates(listed_at)
        second = _books(survey, [each for each in wanted if each.id in again])
        newer = {each.project_id: each for each in second}
        found = [newer.get(each.project_id, each) for each in found]
    return MocoBooks(tuple(found))


def with_books(answer: Answer, books: MocoBooks) -> Answer:
    """The answer together with MOCO's own books: time that nothing explains is a difference like any other."""
    document = {**answer.document, "projects": [each.as_json() for each in books.projects]}
    verdict, code = str(answer.document["verdict"]), answer.exit_code
    if books.differing:
        code = severest(code, ExitCode.DIFFERENCES)
        many = f"{len(books.differing):,} {'project' if len(books.differing) == 1 else 'projects'}"
        verdict = f"MOCO's own books differ in {many}. {verdict.replace('The books agree. ', '')}"
    rest = answer.text.removeprefix(str(answer.document["verdict"])).lstrip("\n")
    text = "\n".join(filter(None, [verdict, books.sentence, *books.lines, rest]))
    return replace(answer, text=text, document={**document, "verdict": verdict, "exit_code": int(code)}, exit_code=code)


def _mapped(mapping: Mapping, there: TargetMasters) -> Iterable[TargetProject]:
    rows = mapping.rows.values()
    ids = {row.target_id for row in rows if row.kind is MapKind.PROJECT and row.action in _HAVE_TARGET}
    return [there.projects[each] for each in ids if each is not None and each in there.projects]


def _books(survey: Survey, projects: Sequence[TargetProject]) -> list[ProjectBook]:
    told = {}
    with survey.place.progress.phase("reading MOCO's own books", len(projects)) as bar:
        for each in projects:
            told[each.id] = _told(survey.reader, each.id)
            bar.advance()
    with reading(survey.place.engine) as session:
        held = held_in(session, list(told))
    return [ProjectBook.of(each.id, each.name, held[each.id], told[each.id]) for each in projects]


def _told(reader: MocoReader, project_id: MocoId) -> Told | NotTold:
    try:
        report = reader.fetch(calls.report(project_id), priority=Priority.AUDIT)
    except PermissionMissing:
        return NotTold.NOT_SHOWN
    if report is None:
        return NotTold.GONE
    if report.hours_total is None:
        return NotTold.WITHOUT_HOURS
    return Told(seconds_of_hours(report.hours_total), seconds_of_hours(report.hours_billable))
