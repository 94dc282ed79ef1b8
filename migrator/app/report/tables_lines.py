"""The tables of a report that are streamed from its lines: differences, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from migrator.app.report.tables import Cell, Column, Kind, Linked, Table, columns_of
from migrator.app.report.wording import Wording
from migrator.app.report.wording_sheets import TEXTS, word_of
from migrator.core.report.figures import Figures
from migrator.core.report.line import Exceptional, Lines, RecordLine
from migrator.core.report.typed import shown, web_address

LONGEST = 1_000
"""Characters of an explanation."""

ENTRIES = ("disposition", "name", "date", "note")
"""What a person fills in."""

_EXCEPTIONS = columns_of(
    *(Column("id"), *(Column(name, Kind.ENTRY) for name in ENTRIES)),
    *(Column("kind"), Column("customer"), Column("project"), Column("person"), Column("day", Kind.DAY)),
    *(Column("source", Kind.HOURS, total=True), Column("reason", Kind.LONG), Column("message", Kind.LONG)),
    *(Column("keep_source", Kind.LONG), Column("keep_target", Kind.LONG), Column("since", Kind.MOMENT)),
    *(Column("record", Kind.LINK), Column("activity", Kind.LINK)),
    *(Column("source_url", Kind.URL), Column("target_url", Kind.URL), Column("digest", Kind.HIDDEN)),
)

_DIFFERENCES = columns_of(
    *(Column("kind"), Column("explained"), Column("customer"), Column("project"), Column("person")),
    *(Column("day", Kind.DAY), Column("target_day", Kind.DAY), Column("target_customer"), Column("target_project")),
    *(
        Column("source", Kind.HOURS, total=True),
        Column("target", Kind.HOURS, total=True),
        Column("apart", Kind.HOURS, total=True),
    ),
    *(Column("apart_seconds", Kind.SECONDS, total=True), Column("status"), Column("state"), Column("rule")),
    *(Column("fields"), Column("reason", Kind.LONG), Column("message", Kind.LONG)),
    *(Column("record", Kind.LINK), Column("activity", Kind.LINK)),
    *(Column("source_url", Kind.URL), Column("target_url", Kind.URL)),
)


class LineTables:
    """The tables of one report in one language, each a method."""

    def __init__(self, figures: Figures, lines: Lines, wording: Wording) -> None:
        self._with_people = figures.with_people
        self._lines = lines
        self._wording = wording
        # The same few names stand in hundreds of thousands of rows.
        self._name = lru_cache(maxsize=10_000)(self._shown_name)

    def differences(self) -> Table:
        """Everything that differs: the unexplained first, then the most time first."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            return map(self._difference, self._lines.differences())

        return Table("differences", _DIFFERENCES, rows)

    def exceptions(self) -> Table:
        """Everything that waits for a person, with room for what that person says."""

        def rows() -> Iterator[tuple[Cell, ...]]:
            return map(self._exception, self._lines.exceptions())

        return Table("exceptions", _EXCEPTIONS, rows)

    def _difference(self, line: RecordLine) -> tuple[Cell, ...]:
        term = self._wording.term
        there = line.elsewhere.place if line.elsewhere is not None else None
        return (
            *("" if line.difference is None else term(line.difference), self._yes(line.explained)),
            *(self._name(line.customer), self._name(line.project), self._name(line.person)),
            *(line.day, line.target_day),
            *(("", "") if there is None else (self._name(there.customer), self._name(there.project))),
            *(line.read, line.stored, line.seconds_apart, line.seconds_apart),
            "" if line.billing is None else term(line.billing),
            *(term(line.state), term(line.rule), ", ".join(term(name) for name in line.fields)),
            *(self._wording.reason(line.reason), self._told(line.detail)),
            *self._links(line.source_id, line.source_url, line.activity_id, line.target_url),
        )

    def _exception(self, each: Exceptional) -> tuple[Cell, ...]:
        wording = self._wording
        # Only what has a number can be decided.
        entries = (None if each.id else "" for _ in ENTRIES)
        meanings = wording.disposition(each.keep_source), wording.disposition(each.keep_target)
        if not each.id:
            meanings = word_of(TEXTS, "not_in_inbox", wording.language), ""
        return (
            *(each.id, *entries),
            *(wording.term(each.kind), self._name(each.customer), self._name(each.project), self._name(each.person)),
            *(each.day, each.seconds, wording.reason(each.reason), self._told(each.message)),
            *(*meanings, each.since),
            *self._links(each.source_id, each.source_url, each.activity_id, each.target_url),
            each.digest,
        )

    def _links(self, source_id: int | None, source: str, activity_id: int | None, target: str) -> tuple[Cell, ...]:
        source, target = web_address(source, self._with_people), web_address(target, self._with_people)
        record = None if source_id is None else Linked(source_id, source)
        activity = None if activity_id is None else Linked(activity_id, target)
        return record, activity, source, target

    def _shown_name(self, text: str) -> str:
        return shown(text, self._with_people) or word_of(TEXTS, "none", self._wording.language)

    def _told(self, detail: str) -> str:
        return shown(self._wording.detail(detail), self._with_people, LONGEST)

    def _yes(self, so: bool) -> str:
        return word_of(TEXTS, "yes" if so else "no", self._wording.language)
