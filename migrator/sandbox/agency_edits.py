"""What people went on doing in ActiveCollab after the first migration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from migrator.sandbox.agency_cast import InMoco
from migrator.sandbox.agency_export import write_export
from migrator.sandbox.agency_facts import Fate, fate_of
from migrator.sandbox.agency_history import Agency
from migrator.sandbox.agency_records import TimeRecord

_MORE_HUNDREDTHS = 125
_ID_BEYOND = 11


@dataclass(frozen=True, slots=True)
class Revision:
    """One record before and after an edit."""

    before: TimeRecord
    after: TimeRecord

    @property
    def id(self) -> int:
        return self.after.id


@dataclass(frozen=True, slots=True)
class Edits:
    """What was edited; `agency` is the one afterwards, and its facts are the new ones."""

    agency: Agency
    lengthened: Revision
    """Worked longer: an update."""
    added: TimeRecord
    moved: Revision
    """Booked for another person: withdrawn there, created here."""
    trashed: Revision

    @property
    def lines(self) -> tuple[str, ...]:
        """The edits in words, by record id, without names."""
        before, after = self.lengthened.before.hours, self.lengthened.after.hours
        people = f"{self.moved.before.person.id} to {self.moved.after.person.id}"
        return (
            f"time record {self.lengthened.id}: hours changed from {before} to {after}",
            f"time record {self.added.id}: added with {self.added.hours} hours",
            f"time record {self.moved.id}: moved from person {people}",
            f"time record {self.trashed.id}: moved to the trash",
        )


def edit(agency: Agency, folder: Path) -> Edits:
    """Edit four of the newest unpaid records of `agency` and write its export into `folder` again."""
    plain = (each for each in agency.records() if fate_of(each) is Fate.READY and each.status in {0, 1})
    first, second, third = islice(plain, 3)
    newest = next(agency.records())
    later = datetime.combine(agency.cast.working_days[-1], datetime.min.time()) + timedelta(days=30, hours=9)
    others = (each for each in agency.cast.people if each.in_moco is InMoco.ACTIVE and each != second.person)
    lengthened = Revision(first, _edited(first, later, hundredths=first.hundredths + _MORE_HUNDREDTHS))
    someone = next(others)
    moved = Revision(second, replace(_edited(second, later), person=someone))
    trashed = Revision(third, replace(_edited(third, later), trashed=True))
    added = replace(
        first,
        id=newest.id + _ID_BEYOND,
        hundredths=150,
        text="Nachtrag: Übergabe vorbereitet",
        created_on=later,
        updated_on=later,
        version=1,
    )
    replaced = {each.id: each.after for each in (lengthened, moved, trashed)}
    after = replace(agency, added=(added, *agency.added), replaced={**agency.replaced, **replaced})
    write_export(after, folder)
    return Edits(after, lengthened, added, moved, trashed)


def _edited(record: TimeRecord, moment: datetime, hundredths: int | None = None) -> TimeRecord:
    """`record` after one more edit at `moment`."""
    return replace(
        record,
        hundredths=record.hundredths if hundredths is None else hundredths,
        updated_on=moment,
        version=record.version + 1,
    )
