"""Working times of a day: where the time of its records is laid, and what may become of a day that has records.

A day's records are laid from `day_start` on, with one break after `break_after`. MOCO knows minutes: the sum of the day
is rounded half up, once, so that the spans together are what the records are. Nothing is laid beyond 23:59.

`judge_memory` says all that can be said without asking MOCO, `judge_shown` the rest. A day ends in one word:

| # | when | word |
|---|---|---|
| 1 | the outcome of a write of that day is not known yet | unclear |
| 2 | a person had it taken back, and did not release it | held |
| 3 | we wrote all of it before | unchanged |
| 4 | it is not closed yet: `after_days` have not passed | skipped |
| 5 | its records come to less than half a minute | skipped |
| 6 | we wrote a part of it, and MOCO shows exactly that part | the rest is written: created |
| 7 | we wrote a part of it, and MOCO shows anything else | held |
| 8 | MOCO shows a presence on it, whoever made it, open ones too | skipped |
| 9 | the person has time in MOCO that is no record of ours: the sum would be too small | held |
| 10 | a record of that day is still to come to MOCO | held |
| 11 | it would pass 23:59 | held |
| 12 | otherwise | it is written: created |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from migrator.core.actions import Word
from migrator.core.model import MocoId

LAST_MINUTE = 23 * 60 + 59
"""Minutes after midnight: MOCO's times are `HH:MM`, and 24:00 is none."""


class DayReason(Enum):
    """Why a day is left as it is."""

    UNSETTLED = "UNSETTLED"
    UNDONE = "UNDONE"
    WRITTEN_BEFORE = "WRITTEN_BEFORE"
    NOT_CLOSED = "NOT_CLOSED"
    TOO_SHORT = "TOO_SHORT"
    HALF_WRITTEN = "HALF_WRITTEN"
    HAS_PRESENCE = "HAS_PRESENCE"
    TIME_IN_MOCO = "TIME_IN_MOCO"
    INCOMPLETE = "INCOMPLETE"
    PAST_MIDNIGHT = "PAST_MIDNIGHT"
    MADE_MEANWHILE = "MADE_MEANWHILE"
    REFUSED = "REFUSED"
    FORBIDDEN = "FORBIDDEN"
    NOT_REACHED = "NOT_REACHED"


class SpanState(Enum):
    """What we know of a span that we wrote, or were about to write."""

    WANTED = "wanted"
    LINKED = "linked"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one time of the day to a later one, in whole minutes of the account's local time."""

    start: time
    end: time

    @property
    def minutes(self) -> int:
        """How long it is."""
        return _minute(self.end) - _minute(self.start)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    @classmethod
    def parse(cls, text: str) -> Span:
        """The span that is written `09:00-15:00`."""
        start, _, end = text.partition("-")
        return cls(time.fromisoformat(start), time.fromisoformat(end))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a day's time is laid; `break_after` and `break_length` in minutes, `after_days` until a day is closed."""

    day_start: time = time(9)
    break_after: int = 360
    break_length: int = 30
    after_days: int = 2

    def is_closed(self, day: date, today: date) -> bool:
        """Whether a day is so long ago that nobody books on it any more."""
        return day + timedelta(days=self.after_days) <= today


@dataclass(frozen=True, slots=True)
class WorkedDay:
    """A person of MOCO, a day, and the records of ActiveCollab that are there by our links.

    `waiting` counts the records of that person and day that are still to come; `other_time` says that MOCO shows
    time of that person and day behind which is no record of ours.
    """

    person: MocoId
    day: date
    records: int
    seconds: int
    waiting: int = 0
    other_time: bool = False


@dataclass(frozen=True, slots=True)
class OurSpan:
    """A span of a day as we remember it; `presence_id` and `answered` are what MOCO showed us of it."""

    span: Span
    state: SpanState
    presence_id: MocoId | None = None
    answered: Span | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """A presence as MOCO shows it; `end` is None while it is open. Moments are UTC, whole seconds."""

    id: MocoId
    person: MocoId
    day: date
    start: time
    end: time | None
    created_at: datetime
    updated_at: datetime

    @property
    def span(self) -> Span | None:
        """From when to when, once it is closed."""
        return None if self.end is None else Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing is written on a day."""

    word: Word
    reason: DayReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be written on a day, in this order."""

    spans: tuple[Span, ...]


def whole_minutes(seconds: int) -> int:
    """Seconds as minutes, half up."""
    return (seconds + 30) // 60


def lay_out(seconds: int, layout: Layout) -> tuple[Span, ...] | None:
    """The spans of a day with so much work, none for no minute at all; None when they would pass 23:59."""
    minutes, start = whole_minutes(seconds), _minute(layout.day_start)
    if minutes <= 0:
        return ()
    first = min(minutes, layout.break_after) if layout.break_length else minutes
    pieces = [(start, start + first)]
    if minutes > first:
        again = start + first + layout.break_length
        pieces.append((again, again + minutes - first))
    if pieces[-1][1] > LAST_MINUTE:
        return None
    return tuple(Span(_clock(begin), _clock(end)) for begin, end in pieces)


def judge_memory(
    worked: WorkedDay, ours: Sequence[OurSpan], layout: Layout, today: date, *, unsettled: bool = False
) -> Leave | None:
    """What is known of a day without asking MOCO (rows 1 to 5); None when MOCO has to be asked."""
    states = {each.state for each in ours}
    half_written = states > {SpanState.LINKED}
    rows = (
        (unsettled, Leave(Word.UNCLEAR, DayReason.UNSETTLED)),
        (SpanState.UNDONE in states, Leave(Word.HELD, DayReason.UNDONE)),
        (states == {SpanState.LINKED}, Leave(Word.UNCHANGED, DayReason.WRITTEN_BEFORE)),
        (not half_written and not layout.is_closed(worked.day, today), Leave(Word.SKIPPED, DayReason.NOT_CLOSED)),
        (not half_written and not whole_minutes(worked.seconds), Leave(Word.SKIPPED, DayReason.TOO_SHORT)),
    )
    return next((leave for holds, leave in rows if holds), None)


def judge_shown(worked: WorkedDay, ours: Sequence[OurSpan], shown: Sequence[Presence], layout: Layout) -> Leave | Write:
    """What becomes of a day of which memory says nothing, now that MOCO showed its presences (rows 6 to 12)."""
    written = [each for each in ours if each.state is SpanState.LINKED]
    if written:
        return _judge_half(ours, written, shown)
    spans = lay_out(worked.seconds, layout)
    if shown:
        return Leave(Word.SKIPPED, DayReason.HAS_PRESENCE)
    if worked.other_time:
        return Leave(Word.HELD, DayReason.TIME_IN_MOCO)
    if worked.waiting:
        return Leave(Word.HELD, DayReason.INCOMPLETE, f"records still to come: {worked.waiting:,}")
    if spans is None:
        return Leave(Word.HELD, DayReason.PAST_MIDNIGHT, f"{whole_minutes(worked.seconds):,} minutes of work")
    return Write(spans)


def _judge_half(ours: Sequence[OurSpan], written: Sequence[OurSpan], shown: Sequence[Presence]) -> Leave | Write:
    """A day of which a part was written: the rest may follow while MOCO shows exactly that part."""
    left = tuple(sorted(each.span for each in ours if each.state is SpanState.WANTED))
    if {(each.id, each.span) for each in shown} == {(each.presence_id, each.answered) for each in written}:
        return Write(left)
    return Leave(Word.HELD, DayReason.HALF_WRITTEN, f"not written: {', '.join(map(str, left))}")


def own_among(
    shown: Sequence[Presence], person: MocoId, day: date, span: Span, since: datetime
) -> tuple[Presence, ...]:
    """The presences that a write of this span, sent at `since` or later, can have made: person, day and times agree."""
    return tuple(
        each for each in shown if (each.person, each.day, each.span) == (person, day, span) and each.created_at >= since
    )


def differs(shown: Presence, day: date, ours: OurSpan) -> bool:
    """Whether a presence of ours stands elsewhere than where MOCO last answered us."""
    return (shown.day, shown.span) != (day, ours.answered)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)
