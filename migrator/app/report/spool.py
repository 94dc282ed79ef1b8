"""The lines of a report on disk, in whatever order a format needs them; memory does not grow with them.

They lie in a temporary database of SQLite's own: it makes the file for this user only and takes its name away at
once, so that nothing is left even of a process that is killed.
"""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self

from migrator.core.actions import Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import Billing, SourceId
from migrator.core.report.line import Elsewhere, Exceptional, Place, RecordLine, Rule, TargetState

_TABLES = """
CREATE TABLE line (
    number INTEGER PRIMARY KEY, record INTEGER, activity INTEGER, project INTEGER NOT NULL, other INTEGER,
    day TEXT NOT NULL,
    differs INTEGER NOT NULL, unexplained INTEGER NOT NULL, apart INTEGER NOT NULL, whole BLOB NOT NULL
);
CREATE TABLE waiting (
    number INTEGER PRIMARY KEY, unnumbered INTEGER NOT NULL, kind TEXT NOT NULL, seconds INTEGER NOT NULL,
    whole BLOB NOT NULL
);
"""
_INDEXES = """
CREATE INDEX line_project ON line (project, day, record);
CREATE INDEX line_other ON line (other) WHERE other IS NOT NULL;
CREATE INDEX line_differs ON line (unexplained DESC, apart DESC, record) WHERE differs;
"""
_RULES = {each.value: each for each in Rule}
_STATES = {each.value: each for each in TargetState}
_BILLINGS: dict[int | None, Billing | None] = {None: None, **{int(each): each for each in Billing}}
_WORDS: dict[str | None, Word | None] = {None: None, **{each.value: each for each in Word}}
_KINDS: dict[str | None, DifferenceKind | None] = {None: None, **{each.value: each for each in DifferenceKind}}


class Spool:
    """Takes the lines of a report one after the other, in the order of their records, and gives them back."""

    def __init__(self) -> None:
        # The empty name asks for a temporary file that is gone with its connection.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES} BEGIN;")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, lines: Iterable[RecordLine]) -> None:
        """Append lines."""
        self._database.executemany(
            "INSERT INTO line (record, activity, project, other, day, differs, unexplained, apart, whole)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    line.source_id,
                    line.activity_id,
                    line.project_id,
                    None if line.elsewhere is None else line.elsewhere.place.project_id,
                    line.day.isoformat(),
                    line.difference is not None,
                    line.difference is not None and not line.explained,
                    abs(line.seconds_apart),
                    _packed(line),
                )
                for line in lines
            ),
        )

    def add_waiting(self, waiting: Iterable[Exceptional]) -> None:
        """Append what waits for a person."""
        self._database.executemany(
            "INSERT INTO waiting (unnumbered, kind, seconds, whole) VALUES (?, ?, ?, ?)",
            ((not each.id, each.kind, each.seconds, _packed_waiting(each)) for each in waiting),
        )

    def finish(self) -> None:
        """Say that all is there: from now on it is read."""
        self._database.execute("COMMIT")
        self._database.executescript(_INDEXES)

    # -- the protocol `Lines` ------------------------------------------------------------------------------------

    def differences(self) -> Iterator[RecordLine]:
        """Those with a `difference`: unexplained first, then by the size of the seconds apart, largest first."""
        return self._lines("WHERE differs ORDER BY unexplained DESC, apart DESC, record, number")

    def of_project(self, project_id: SourceId) -> Iterator[RecordLine]:
        """Those that either side has in one project, by day and record."""
        where = "WHERE project = ? OR other = ? ORDER BY day, record IS NULL, record, number"
        return self._lines(where, project_id, project_id)

    def every(self) -> Iterator[RecordLine]:
        """All of them, by record; activities without a record come last."""
        return self._lines("ORDER BY record IS NULL, record, number")

    def exceptions(self) -> Iterator[Exceptional]:
        """What waits for a person: by kind, then the most time first; what has no number yet comes last."""
        query = "SELECT whole FROM waiting ORDER BY unnumbered, kind, seconds DESC, number"
        for (whole,) in self._database.execute(query):
            yield _unpacked_waiting(whole)

    def _lines(self, rest: str, *values: int) -> Iterator[RecordLine]:
        # Only clauses of this module are put in.
        for (whole,) in self._database.execute(f"SELECT whole FROM line {rest}", values):  # noqa: S608
            yield _unpacked(whole)


def _packed(line: RecordLine) -> bytes:
    """All of a line; `marshal` writes plain values only, and a tenth as slowly as anything else."""
    return marshal.dumps(
        (
            line.source_id,
            line.activity_id,
            line.customer,
            line.project_id,
            line.project,
            line.person_id,
            line.person,
            line.day.toordinal(),
            None if line.target_day is None else line.target_day.toordinal(),
            None if line.billing is None else int(line.billing),
            line.written,
            line.read,
            line.sent,
            line.stored,
            line.state.value,
            None if line.word is None else line.word.value,
            line.reason,
            line.detail,
            line.rule.value,
            None if line.difference is None else line.difference.value,
            line.explained,
            line.fields,
            line.stand_in,
            line.source_url,
            line.target_url,
            line.unexplained_seconds,
            None if line.elsewhere is None else _packed_place(line.elsewhere),
        )
    )


def _packed_place(found: Elsewhere) -> tuple[str, int, str, str]:
    return found.place.customer, found.place.project_id, found.place.project, found.rule.value


def _unpacked_place(found: tuple[str, int, str, str] | None) -> Elsewhere | None:
    if found is None:
        return None
    customer, project_id, project, rule = found
    return Elsewhere(Place(customer, SourceId(project_id), project), _RULES[rule])


def _unpacked(whole: bytes) -> RecordLine:
    values: tuple[Any, ...] = marshal.loads(whole)  # noqa: S302 (what `_packed` wrote into a file that nobody else has)
    (record, activity, customer, project_id, project, person_id, person, day, target_day, billing) = values[:10]
    (written, read, sent, stored, state, word, reason, detail, rule, difference) = values[10:20]
    return RecordLine(
        record,
        activity,
        customer,
        project_id,
        project,
        person_id,
        person,
        date.fromordinal(day),
        None if target_day is None else date.fromordinal(target_day),
        _BILLINGS[billing],
        written,
        read,
        sent,
        stored,
        _STATES[state],
        _WORDS[word],
        reason,
        detail,
        _RULES[rule],
        _KINDS[difference],
        *(*values[20:26], _unpacked_place(values[26])),
    )


def _packed_waiting(each: Exceptional) -> bytes:
    return marshal.dumps(
        (
            each.id,
            each.kind,
            each.source_id,
            each.activity_id,
            each.customer,
            each.project,
            each.person,
            None if each.day is None else each.day.toordinal(),
            each.seconds,
            each.reason,
            each.message,
            each.since.timestamp(),
            each.keep_source,
            each.keep_target,
            each.source_url,
            each.target_url,
            each.digest,
        )
    )


def _unpacked_waiting(whole: bytes) -> Exceptional:
    values: list[Any] = list(marshal.loads(whole))  # noqa: S302 (what `_packed_waiting` wrote, see above)
    values[7] = None if values[7] is None else date.fromordinal(values[7])
    values[11] = datetime.fromtimestamp(values[11], UTC)
    return Exceptional(*values)
