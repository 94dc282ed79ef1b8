"""What people are told of unattended work, and when: from what was told before and one outcome to the messages of now.

People are told of a trouble once, and once that it is over. What follows from a trouble that they know is not told.

    trouble       when
    gate          7: a person must act; each gate for itself
    unbalanced    6: the books do not balance
    login         12: a key was refused, or lacks a permission
    differences   4 of an audit
    out_of_reach  5, and the work did not succeed for `OUT_OF_REACH`
    no_success    any other failure, the third in a row or later

A trouble is over when work of its kind ends 0 or 3. The last two are not told while another trouble of that work is:
whoever knows of a closed gate knows that nothing gets done. A run that somebody interrupted, that another run excluded
(11) or that stopped at a limit (8) says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode

OUT_OF_REACH: Final = timedelta(hours=2)
"""So long the other side may be gone before anybody is told: most outages end by themselves."""

IN_A_ROW: Final = 3
"""So many failures of other kinds in a row before anybody is told."""


class Alarm(StrEnum):
    """What a person is told of at once."""

    GATE = "gate"
    UNBALANCED = "unbalanced"
    LOGIN = "login"
    OUT_OF_REACH = "out_of_reach"
    NO_SUCCESS = "no_success"
    DIFFERENCES = "differences"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with which work; `about` tells troubles of one alarm apart: the name of the gate."""

    alarm: Alarm
    work: Kind
    about: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many records of one kind wait for a person, and for how long each was booked."""

    records: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Row:
    """Failures in a row of one kind of work: how many, since when, and when it succeeded before."""

    failures: int = 0
    since: datetime | None = None
    succeeded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What was told before: troubles that are not over, with the moment they were told, and the digest."""

    troubles: Mapping[Trouble, datetime] = field(default_factory=dict)
    rows: Mapping[Kind, Row] = field(default_factory=dict)
    digest_on: date | None = None
    digest: Mapping[str, int] = field(default_factory=dict)
    """How many waited by kind when the last digest was made."""

    def row(self, kind: Kind) -> Row:
        """The failures in a row of one kind of work."""
        return self.rows.get(kind, Row())


@dataclass(frozen=True, slots=True)
class Alert:
    """Something is wrong that a person has to know now: troubles of one alarm that nobody was told of yet."""

    troubles: tuple[Trouble, ...]
    outcome: Outcome
    row: Row


@dataclass(frozen=True, slots=True)
class Over:
    """What people were told of is over; `since` is when the first of it was told."""

    troubles: tuple[Trouble, ...]
    since: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Digest:
    """What waits for a person, by kind; `before` is what waited when the last digest was made."""

    day: date
    waiting: Mapping[str, Waiting]
    before: Mapping[str, int]


Message = Alert | Over | Digest

_SILENT: Final = (ExitCode.INTERRUPTED, ExitCode.LOCKED, ExitCode.LIMIT)
_SHARED: Final = (Alarm.LOGIN, Alarm.OUT_OF_REACH)
"""Troubles of the other side: whoever was told by one kind of work is not told again by another."""


def after(memory: Memory, outcome: Outcome) -> tuple[Memory, Alert | Over | None]:
    """What is remembered after an outcome, and what is to be told of it; at most one message."""
    if outcome.code in _SILENT or outcome.kind is Kind.DIGEST:
        return memory, None
    if outcome.good:
        return _after_success(memory, outcome)
    if outcome.kind is Kind.AUDIT and outcome.code is ExitCode.DIFFERENCES:
        # The audit did what it is for; that it found something is no failure of the audit.
        row = Row(succeeded=outcome.ended_at)
        return _told(_with_row(memory, outcome.kind, row), (Trouble(Alarm.DIFFERENCES, outcome.kind),), outcome, row)
    before = memory.row(outcome.kind)
    row = replace(before, failures=before.failures + 1, since=before.since or outcome.ended_at)
    return _told(_with_row(memory, outcome.kind, row), _troubles(memory, outcome, row), outcome, row)


def digest_of(memory: Memory, day: date, waiting: Mapping[str, Waiting]) -> tuple[Memory, Digest | None]:
    """The digest of a day, once and only when something waits; `day` is the reader's."""
    present = {kind: each for kind, each in waiting.items() if each.records}
    counts = {kind: each.records for kind, each in present.items()}
    if memory.digest_on == day:
        return memory, None
    if not present:
        return replace(memory, digest=counts), None
    return replace(memory, digest_on=day, digest=counts), Digest(day, present, memory.digest)


def _after_success(memory: Memory, outcome: Outcome) -> tuple[Memory, Over | None]:
    memory = _with_row(memory, outcome.kind, Row(succeeded=outcome.ended_at))
    over = {each: told for each, told in memory.troubles.items() if each.work is outcome.kind}
    if not over:
        return memory, None
    left = {each: told for each, told in memory.troubles.items() if each not in over}
    return replace(memory, troubles=left), Over(tuple(over), min(over.values()), outcome)


def _troubles(memory: Memory, outcome: Outcome, row: Row) -> tuple[Trouble, ...]:
    """What this failure is worth telling: what needs a person at once, everything else after a while."""
    kind = outcome.kind
    if outcome.code is ExitCode.GATE:
        return tuple(Trouble(Alarm.GATE, kind, gate) for gate in outcome.gates or ("",))
    if outcome.code is ExitCode.UNBALANCED:
        return (Trouble(Alarm.UNBALANCED, kind),)
    if outcome.code is ExitCode.LOGIN:
        return (Trouble(Alarm.LOGIN, kind),)
    if any(each.work is kind and each.alarm is not Alarm.DIFFERENCES for each in memory.troubles):
        return ()
    if outcome.code is ExitCode.TRY_AGAIN:
        gone = row.since is not None and outcome.ended_at - row.since >= OUT_OF_REACH
        return (Trouble(Alarm.OUT_OF_REACH, kind),) if gone else ()
    return (Trouble(Alarm.NO_SUCCESS, kind),) if row.failures >= IN_A_ROW else ()


def _told(memory: Memory, troubles: tuple[Trouble, ...], outcome: Outcome, row: Row) -> tuple[Memory, Alert | None]:
    shared = {each.alarm for each in memory.troubles if each.alarm in _SHARED}
    new = tuple(each for each in troubles if each not in memory.troubles and each.alarm not in shared)
    if not new:
        return memory, None
    told = {**memory.troubles, **dict.fromkeys(new, outcome.ended_at)}
    return replace(memory, troubles=told), Alert(new, outcome, row)


def _with_row(memory: Memory, kind: Kind, row: Row) -> Memory:
    return replace(memory, rows={**memory.rows, kind: row})
