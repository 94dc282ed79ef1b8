"""What is true of an agency's export, counted apart from the product, so that its figures can be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from migrator.sandbox import agency_words as words
from migrator.sandbox.agency_cast import Cast, InMoco
from migrator.sandbox.agency_records import TimeRecord, expense_beside


class Fate(Enum):
    """What becomes of a record on its way to MOCO; the first that fits."""

    REJECTED = "rejected"
    """Hours, day or status cannot be read."""
    TRASHED = "trashed"
    ZERO_DURATION = "zero_duration"
    PERSON_MISSING = "person_missing"
    """Its person is not in MOCO: held."""
    PROJECT_ARCHIVED = "project_archived"
    """Its project is archived in MOCO: held, unless archived projects are reopened."""
    PERSON_DEACTIVATED = "person_deactivated"
    """Its person is deactivated in MOCO: written, unless MOCO refuses."""
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records, and their readable seconds."""

    records: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts over one export; the tallies from `rejected` to `ready` are disjoint and add up to `total`."""

    people: int
    companies: int
    projects: int
    archived_projects: int
    tickets: int
    job_types: int
    expenses: int
    held_because_of: str
    """The person that is missing in MOCO."""
    total: Tally
    rejected: Tally
    trashed: Tally
    zero_duration: Tally
    person_missing: Tally
    project_archived: Tally
    person_deactivated: Tally
    ready: Tally
    private: int
    without_ticket: int
    booked_for_others: int
    by_status: tuple[int, int, int, int]
    """Records by `billable_status` 0 to 3, the one with 7 left out."""
    first_day: date
    last_day: date


def fate_of(record: TimeRecord) -> Fate:
    """What becomes of `record` on its way to MOCO."""
    if record.oddity is not None:
        return Fate.REJECTED
    if record.trashed:
        return Fate.TRASHED
    if record.hundredths == 0:
        return Fate.ZERO_DURATION
    if record.person.in_moco is InMoco.MISSING:
        return Fate.PERSON_MISSING
    if record.project.archived_in_moco:
        return Fate.PROJECT_ARCHIVED
    return Fate.PERSON_DEACTIVATED if record.person.in_moco is InMoco.DEACTIVATED else Fate.READY


def count_facts(cast: Cast, records: Iterable[TimeRecord], *, generation: int) -> Facts:
    """The facts of an export with these records; one pass, constant memory."""
    number: Counter[Fate] = Counter()
    seconds: Counter[Fate] = Counter()
    status: Counter[int] = Counter()
    private = without_ticket = for_others = expenses = 0
    days: set[date] = set()
    for record in records:
        fate = fate_of(record)
        number[fate] += 1
        seconds[fate] += record.readable_seconds
        status[record.billable_status] += 1
        private += record.private
        without_ticket += record.ticket is None
        for_others += record.creator.id != record.person.id
        expenses += expense_beside(record) is not None
        days.add(record.day)
    tallies = {fate: Tally(number[fate], seconds[fate]) for fate in Fate}
    return Facts(
        people=len(cast.people),
        companies=len(cast.clients),
        projects=len(cast.projects),
        archived_projects=sum(project.archived for project in cast.projects),
        tickets=sum(len(project.tickets) for project in cast.projects),
        job_types=0 if generation == 2 else len(words.JOB_TYPE_NAMES),
        expenses=expenses if generation == 3 else 0,
        held_because_of=next(each.name for each in cast.people if each.in_moco is InMoco.MISSING),
        total=Tally(number.total(), seconds.total()),
        rejected=tallies[Fate.REJECTED],
        trashed=tallies[Fate.TRASHED],
        zero_duration=tallies[Fate.ZERO_DURATION],
        person_missing=tallies[Fate.PERSON_MISSING],
        project_archived=tallies[Fate.PROJECT_ARCHIVED],
        person_deactivated=tallies[Fate.PERSON_DEACTIVATED],
        ready=tallies[Fate.READY],
        private=private if generation == 2 else 0,
        without_ticket=without_ticket,
        booked_for_others=for_others,
        by_status=(status[0], status[1], status[2], status[3]),
        first_day=min(days),
        last_day=max(days),
    )
