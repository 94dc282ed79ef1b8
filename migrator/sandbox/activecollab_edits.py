"""What people go on doing in a running ActiveCollab after the first migration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.agency_cast import InMoco, Project
from migrator.sandbox.agency_facts import Fate, fate_of
from migrator.sandbox.agency_history import Agency
from migrator.sandbox.agency_records import TimeRecord

_MORE_HUNDREDTHS = 125
_ADDED_HUNDREDTHS = 150


@dataclass(frozen=True, slots=True)
class Revision:
    """One record before and after an edit."""

    before: TimeRecord
    after: TimeRecord

    @property
    def id(self) -> int:
        return self.after.id


@dataclass(frozen=True, slots=True)
class LiveEdits:
    """What was done; `agency` is the one afterwards, and its facts are the new ones."""

    agency: Agency
    lengthened: Revision
    """Worked longer: an update."""
    added: TimeRecord
    moved: Revision
    """Booked on another project; the same id."""
    handed_over: Revision
    """Booked for another person."""
    trashed: Revision

    @property
    def lines(self) -> tuple[str, ...]:
        """The edits in words, by record id, without names."""
        hours = f"{self.lengthened.before.hours} to {self.lengthened.after.hours}"
        projects = f"{self.moved.before.project.id} to {self.moved.after.project.id}"
        people = f"{self.handed_over.before.person.id} to {self.handed_over.after.person.id}"
        return (
            f"time record {self.lengthened.id}: hours changed from {hours}",
            f"time record {self.added.id}: added with {self.added.hours} hours",
            f"time record {self.moved.id}: moved from project {projects}",
            f"time record {self.handed_over.id}: moved from person {people}",
            f"time record {self.trashed.id}: moved to the trash",
        )


def live_edits(sandbox: ActiveCollabSandbox, agency: Agency) -> LiveEdits:
    """Edit four of the newest unpaid records of `agency` in `sandbox`, which holds it, and add one."""
    plain = (each for each in agency.records() if fate_of(each) is Fate.READY and each.status in {0, 1})
    first, second, third, fourth = islice(plain, 4)
    project = _another_project(agency, second)
    person = next(each for each in agency.cast.people if each.in_moco is InMoco.ACTIVE and each != third.person)
    lengthened = Revision(first, replace(first, hundredths=first.hundredths + _MORE_HUNDREDTHS))
    moved = Revision(second, replace(second, project=project, ticket=None))
    handed_over = Revision(third, replace(third, person=person))
    trashed = Revision(fourth, replace(fourth, trashed=True))
    sandbox.edit_record(first.id, hours=lengthened.after.hours)
    sandbox.move_record(second.id, project.id)
    sandbox.edit_record(third.id, user_id=person.id)
    sandbox.trash_record(fourth.id)
    added = _added(sandbox, first)
    replaced = {each.id: each.after for each in (lengthened, moved, handed_over, trashed)}
    after = replace(agency, added=(added, *agency.added), replaced={**agency.replaced, **replaced})
    return LiveEdits(after, lengthened, added, moved, handed_over, trashed)


def _another_project(agency: Agency, record: TimeRecord) -> Project:
    """One that MOCO has open too, and that is as internal or not as the record's own."""
    return next(
        each
        for each in agency.cast.projects
        if each.id != record.project.id
        and each.internal is record.project.internal
        and not each.archived
        and not each.archived_in_moco
    )


def _added(sandbox: ActiveCollabSandbox, like: TimeRecord) -> TimeRecord:
    added = replace(like, hundredths=_ADDED_HUNDREDTHS, text="Nachtrag: Übergabe vorbereitet", version=1)
    record_id = sandbox.add_record(
        like.project.id,
        like.person.id,
        added.hours,
        like.day,
        task_id=like.ticket.id if like.ticket else None,
        text=added.text,
        billable_status=like.status,
        job_type_id=like.job_type_id,
    )
    return replace(added, id=record_id)
