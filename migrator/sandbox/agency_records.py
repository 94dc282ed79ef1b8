"""The agency's time records, one after the other: any number of them in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import accumulate
from random import Random

from migrator.sandbox import agency_words as words
from migrator.sandbox.agency_cast import Cast, InMoco, Person, Project, Ticket

FEWEST_RECORDS = 50
_FIRST_ID = 5_000
_ID_STEP = 3
_TRASHED_EVERY, _TRASHED_AT = 400, 2
_ZERO_EVERY, _ZERO_AT = 120, 3
_MISSING_AT = 1
_EXPENSE_EVERY, _EXPENSE_AT = 60, 30
_JOB_TYPES = len(words.JOB_TYPE_NAMES)
_FULL_DAY = 1_000
"""Hundredths of an hour: whoever reached ten hours books quarters only."""

_DURATIONS = (
    (25, 8), (50, 14), (75, 8), (100, 14), (125, 5), (150, 10), (200, 12), (250, 5), (300, 6), (350, 3),
    (400, 5), (600, 2), (750, 1), (800, 1), (8, 1), (17, 3), (33, 3), (42, 1), (67, 2), (83, 1), (92, 1),
    (133, 1),
)  # fmt: skip
"""Hundredths of an hour, and how often they occur."""
_HUNDREDTHS = tuple(length for length, _ in _DURATIONS)
_DURATION_WEIGHTS = tuple(accumulate(weight for _, weight in _DURATIONS))


class Oddity(Enum):
    """What makes a record impossible to use; each occurs exactly once."""

    HOURS = "value 1h30"
    DAY = "record_date 0000-00-00"
    STATUS = "billable_status 7"


@dataclass(frozen=True, slots=True)
class TimeRecord:
    """One time record as ActiveCollab knows it; `hundredths` of an hour are exact, times are UTC."""

    id: int
    day: date
    hundredths: int
    person: Person
    creator: Person
    project: Project
    ticket: Ticket | None
    job_type_id: int
    status: int
    text: str
    created_on: datetime
    updated_on: datetime | None
    version: int
    private: bool = False
    trashed: bool = False
    oddity: Oddity | None = None

    @property
    def hours(self) -> str:
        """`value` as written: 3, 3.5, 0.17, and once 1h30."""
        if self.oddity is Oddity.HOURS:
            return "1h30"
        whole, rest = divmod(self.hundredths, 100)
        return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)

    @property
    def record_date(self) -> str:
        """`record_date` as written."""
        return "0000-00-00" if self.oddity is Oddity.DAY else self.day.isoformat()

    @property
    def billable_status(self) -> int:
        """`billable_status` as written."""
        return 7 if self.oddity is Oddity.STATUS else self.status

    @property
    def readable_seconds(self) -> int:
        """The duration in seconds, 0 where it cannot be read."""
        return 0 if self.oddity is Oddity.HOURS else self.hundredths * 36


@dataclass(frozen=True, slots=True)
class Expense:
    """Money spent, listed among the time records by ActiveCollab 3; its ids overlap with theirs."""

    id: int
    day: date
    cents: int
    category_id: int
    person: Person
    project: Project
    text: str
    created_on: datetime


def stream_records(seed: int, count: int, cast: Cast) -> Iterator[TimeRecord]:
    """`count` records, newest first; the same for the same arguments. Ids ascend with time."""
    days = cast.working_days
    for at in range(len(days) - 1, -1, -1):
        first, end = count * at // len(days), count * (at + 1) // len(days)
        if first < end:
            yield from reversed(_Day(seed, count, cast, at).records(first, end))


def expense_beside(record: TimeRecord) -> Expense | None:
    """The expense that ActiveCollab 3 lists right after `record`; most have none."""
    ordinal = (record.id - _FIRST_ID) // _ID_STEP
    if ordinal % _EXPENSE_EVERY != _EXPENSE_AT:
        return None
    number = ordinal // _EXPENSE_EVERY
    return Expense(
        id=_FIRST_ID + number * 7,
        day=record.day,
        cents=1_290 + number % 40 * 735,
        category_id=1 + number % len(words.EXPENSE_CATEGORY_NAMES),
        person=record.creator,
        project=record.project,
        text=words.EXPENSE_TEXTS[number % len(words.EXPENSE_TEXTS)],
        created_on=record.created_on,
    )


class _Day:
    """One working day: who was there, what was open, and who has booked how much already."""

    def __init__(self, seed: int, count: int, cast: Cast, at: int) -> None:
        self._chance = Random(f"{seed}/{count}/{at}")
        self._count = count
        self._cast = cast
        self._day = cast.working_days[at]
        self._age = 1 - at / len(cast.working_days)
        self._present = [each for each in cast.people if each.last_day is None or self._day <= each.last_day]
        self._chance.shuffle(self._present)
        self._open = [each for each in cast.projects if each.first_day <= self._day <= each.last_day]
        self._booked: dict[int, int] = {}

    def records(self, first: int, end: int) -> list[TimeRecord]:
        """The day's records with the ordinals from `first` to before `end`."""
        crew = self._present
        return [self._record(ordinal, crew[ordinal % len(crew)]) for ordinal in range(first, end)]

    def _record(self, ordinal: int, person: Person) -> TimeRecord:
        chance = self._chance
        if ordinal == _MISSING_AT:
            person = next(each for each in self._cast.people if each.in_moco is InMoco.MISSING)
        project = chance.choice(self._open)
        oddity = _oddity(ordinal, self._count)
        noted_after = timedelta(days=chance.choices((0, 1, 4), (8, 2, 1))[0], seconds=chance.randrange(39_600))
        created_on = datetime.combine(self._day, time(7)) + noted_after
        edits = chance.choices((0, 1, 2), (85, 12, 3))[0]
        return TimeRecord(
            id=_FIRST_ID + ordinal * _ID_STEP + chance.randrange(_ID_STEP),
            day=self._day,
            hundredths=0 if ordinal % _ZERO_EVERY == _ZERO_AT and oddity is None else self._length(person),
            person=person,
            creator=self._cast.person(project.leader_id) if chance.random() < 0.05 else person,
            project=project,
            ticket=chance.choice(project.tickets) if chance.random() < 0.75 else None,
            job_type_id=person.job_type_id if chance.random() < 0.8 else chance.randint(1, _JOB_TYPES),
            status=self._status(project),
            text=words.CDATA_TRAP if ordinal == self._count // 3 else self._text(person),
            created_on=created_on,
            updated_on=self._updated_on(created_on, edits),
            version=1 + edits,
            private=chance.random() < 0.02,
            trashed=ordinal % _TRASHED_EVERY == _TRASHED_AT and oddity is None,
            oddity=oddity,
        )

    def _length(self, person: Person) -> int:
        booked = self._booked.get(person.id, 0)
        length = self._chance.choices(_HUNDREDTHS, cum_weights=_DURATION_WEIGHTS)[0]
        if booked + length > _FULL_DAY:
            length = 25
        self._booked[person.id] = booked + length
        return length

    def _status(self, project: Project) -> int:
        """Old work is mostly paid, recent work mostly still billable, internal work never."""
        if project.internal:
            return 0
        weights = (7, 5, 3, 85) if self._age > 0.3 else (14, 70, 8, 8)
        return self._chance.choices((0, 1, 2, 3), weights)[0]

    def _text(self, person: Person) -> str:
        kind = self._chance.random()
        if kind < 0.03:
            return ""
        if kind < 0.13:
            return self._chance.choice(words.HTML_TEXTS)
        text = self._chance.choice(words.ENGLISH_TEXTS if person.english else words.GERMAN_TEXTS)
        return f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>" if kind < 0.2 else text

    def _updated_on(self, created_on: datetime, edits: int) -> datetime | None:
        if edits:
            return created_on + timedelta(hours=self._chance.randint(1, 400))
        return None if self._chance.random() < 0.1 else created_on


def _oddity(ordinal: int, count: int) -> Oddity | None:
    places = {count // 5: Oddity.HOURS, count // 2: Oddity.DAY, count * 4 // 5: Oddity.STATUS}
    return places.get(ordinal)
