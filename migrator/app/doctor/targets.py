"""What the mapping books on in MOCO and cannot be booked on as it is: how many records and hours wait for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from migrator.app.mapping.cover import Tally, in_force, resolved
from migrator.app.mapping.sides import Sides
from migrator.app.wiring import Workplace
from migrator.core.duration import format_hours
from migrator.core.mapping import TargetMasters
from migrator.core.model import MocoId
from migrator.core.wanted import LeftOut, Unmapped, Wanted
from migrator.moco.client import MocoReader
from migrator.store import mapping as stored_mapping
from migrator.store.engine import reading
from migrator.store.source_masters import load_masters
from migrator.store.totals import Alike


@dataclass(slots=True)
class Targets:
    """The staged records by what stands in their way, and the people they are booked on."""

    people: dict[MocoId, Tally] = field(default_factory=dict)
    deactivated: dict[MocoId, Tally] = field(default_factory=dict)
    archived: dict[MocoId, Tally] = field(default_factory=dict)
    inactive_tasks: dict[MocoId, Tally] = field(default_factory=dict)
    contracts: dict[tuple[MocoId, MocoId], Tally] = field(default_factory=dict)
    """By project and person."""
    mapped: int = 0
    """Seconds that the mapping has a place for, whatever else stands in their way."""
    unmapped: int = 0

    def add(self, alike: Alike, known: Wanted | Unmapped | LeftOut, there: TargetMasters) -> None:
        """Count records that share person, project and task."""
        wanted = known.wanted if isinstance(known, Unmapped) else known
        if not isinstance(wanted, Wanted):
            self.unmapped += 0 if isinstance(known, LeftOut) else alike.entry.seconds
            return
        self.mapped += alike.entry.seconds
        booking = wanted.booking
        self.people.setdefault(booking.user_id, Tally()).add(alike)
        user, task = there.users.get(booking.user_id), there.tasks.get(booking.task_id)
        if user is not None and not user.active:
            self.deactivated.setdefault(user.id, Tally()).add(alike)
        if wanted.needs_reopening:
            self.archived.setdefault(booking.project_id, Tally()).add(alike)
        elif task is not None and not task.active:
            self.inactive_tasks.setdefault(task.id, Tally()).add(alike)
        if wanted.needs_contract:
            self.contracts.setdefault((booking.project_id, booking.user_id), Tally()).add(alike)

    @property
    def sentences(self) -> list[str]:
        """What stands in the way, in words; ids only."""
        told = (
            _told("deactivated person", "deactivated people", list(self.deactivated), self.deactivated),
            _told("archived project", "archived projects", list(self.archived), self.archived),
            _told("inactive task", "inactive tasks", list(self.inactive_tasks), self.inactive_tasks),
        )
        return [sentence for sentence in told if sentence]


SHOWN = 5


def _told(one: str, many: str, ids: Sequence[MocoId], tallies: Mapping[MocoId, Tally]) -> str:
    if not ids:
        return ""
    named = ", ".join(map(str, ids[:SHOWN])) + (", …" if len(ids) > SHOWN else "")
    return f"{len(ids)} {one if len(ids) == 1 else many} ({named}) with {counted(tallies.values())}"


def counted(tallies: Iterable[Tally]) -> str:
    """Records and hours in words."""
    rows = list(tallies)
    records, seconds = sum(each.records for each in rows), sum(each.seconds for each in rows)
    return f"{records:,} {'record' if records == 1 else 'records'}, {format_hours(seconds)} h"


def list_masters(reader: MocoReader) -> TargetMasters:
    """People, projects, tasks and contracts of MOCO as they are now; nothing of it is kept."""
    users, projects = reader.list_users(), reader.list_projects()
    return TargetMasters(
        users={user.id: user for user in users},
        projects={each.project.id: each.project for each in projects},
        tasks={task.id: task for each in projects for task in each.tasks or ()},
        contracts=tuple(contract for each in projects for contract in each.contracts or ()),
    )


def measure_targets(place: Workplace, there: TargetMasters) -> Targets:
    """Resolve all staged time under the mapping in force."""
    targets = Targets()
    with reading(place.engine) as session:
        sides = Sides(load_masters(session), there)
        mapping = in_force(place.config, stored_mapping.load_mapping(session), sides)
        for alike, known in resolved(session, place.config, mapping, sides):
            targets.add(alike, known, there)
    return targets
