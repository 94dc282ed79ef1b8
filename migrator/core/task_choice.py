"""Which MOCO task a record is booked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from migrator.core.actions import HoldReason
from migrator.core.mapping import MapAction, MapKind, Mapping, MapRow, TargetMasters
from migrator.core.model import MocoId, TargetProject, TargetTask, TimeEntry
from migrator.core.names import task_key
from migrator.core.policy import Policy, TaskStrategy
from migrator.core.source_names import SourceNames, ticket_of
from migrator.core.wanted import TO_BE_CREATED, Unmapped


@dataclass(frozen=True, slots=True)
class Place:
    """The project a record is booked on; `project` is None while it is still to be created."""

    row: MapRow
    project: TargetProject | None

    @property
    def project_id(self) -> MocoId:
        """MOCO's id of the project, 0 while there is none."""
        return self.project.id if self.project else TO_BE_CREATED

    def __str__(self) -> str:
        if self.project is None:
            return f"the MOCO project still to be created for project {self.row.source_id}"
        return f"MOCO project {self.project.id} ({self.project.name})"


@dataclass(frozen=True, slots=True)
class Service:
    """The MOCO task a record is booked on; `found` is None while it is still to be created."""

    name: str
    found: TargetTask | None

    @property
    def id(self) -> MocoId:
        """MOCO's id of the task, 0 while there is none."""
        return self.found.id if self.found else TO_BE_CREATED


class TaskChoice:
    """Chooses the task: its own mapping row wins over its job type's, and either over the strategy."""

    def __init__(self, mapping: Mapping, names: SourceNames, target: TargetMasters, policy: Policy) -> None:
        self._task_rows = mapping.of_kind(MapKind.TASK)
        self._job_type_rows = mapping.of_kind(MapKind.JOB_TYPE)
        self._names = names
        self._target = target
        self._policy = policy

    def row_of_task(self, entry: TimeEntry) -> MapRow | None:
        """The mapping row of the ticket behind `entry`."""
        ticket = ticket_of(entry)
        return self._task_rows.get(ticket) if ticket is not None else None

    def row_of_job_type(self, entry: TimeEntry) -> MapRow | None:
        """The mapping row of the job type of `entry`."""
        return self._job_type_rows.get(entry.job_type_id) if entry.job_type_id is not None else None

    def choose(self, entry: TimeEntry, place: Place) -> Service | Unmapped:
        """The task for `entry` within the project of `place`."""
        if row := self.row_of_task(entry):
            return self._of_row(row, self._names.parent(entry), place)
        if row := self.row_of_job_type(entry):
            return self._of_row(row, self._names.job_type(entry), place)
        return self._named(self._strategy_name(entry), place, create=self._policy.create_tasks)

    def _strategy_name(self, entry: TimeEntry) -> str:
        match self._policy.task_strategy:
            case TaskStrategy.SINGLE:
                return self._policy.default_task
            case TaskStrategy.PER_TASK:
                return self._names.parent(entry) or self._policy.default_task
            case TaskStrategy.PER_JOB_TYPE:
                return self._names.job_type(entry) or self._policy.default_task
            case _:
                assert_never(self._policy.task_strategy)

    def _of_row(self, row: MapRow, source_name: str, place: Place) -> Service | Unmapped:
        shown = described(row.kind, row.source_id, source_name)
        if row.action is MapAction.CREATE and row.target_id is None:
            return self._named(source_name or self._policy.default_task, place, create=True)
        target_id = target_of(row, shown)
        if isinstance(target_id, Unmapped):
            return target_id
        task = self._target.tasks.get(target_id)
        if task is None:
            detail = f"{shown} is mapped to MOCO task {target_id}, which is not there"
            return Unmapped(HoldReason.UNMAPPED, detail)
        if task.project_id == place.project_id:
            return Service(task.name, task)
        if row.kind is MapKind.JOB_TYPE:
            # A job type lives in every project, a MOCO task in one: elsewhere its namesake is meant.
            return self._named(task.name, place, create=self._policy.create_tasks)
        detail = f"{shown} is mapped to MOCO task {target_id}, which is not in {place}"
        return Unmapped(HoldReason.UNMAPPED, detail)

    def _named(self, name: str, place: Place, *, create: bool) -> Service | Unmapped:
        found = self._target.task_by_name.get(task_key(place.project_id, name))
        if found is None and not create:
            return Unmapped(HoldReason.TASK_MISSING, f"task {name!r} is missing in {place}")
        return Service(found.name if found else name, found)


def described(kind: MapKind, source_id: int, name: str) -> str:
    """What a person calls a thing of ActiveCollab: `user 17 (Jo Doe)`."""
    words = f"{kind.value.replace('_', ' ')} {source_id}"
    return f"{words} ({name})" if name else words


def target_of(row: MapRow | None, shown: str) -> MocoId | Unmapped:
    """The target that `row` names; `shown` is what a person calls the thing."""
    if row is None:
        return Unmapped(HoldReason.UNMAPPED, f"{shown} is not mapped")
    if row.action is MapAction.HOLD:
        return Unmapped(HoldReason.MAPPED_TO_HOLD, f"{shown} is mapped to hold")
    if row.action is MapAction.CREATE and row.target_id is None:
        return Unmapped(HoldReason.UNMAPPED, f"{shown} is still to be created in MOCO")
    if row.target_id is None:
        return Unmapped(HoldReason.UNMAPPED, f"{shown} is mapped to nothing: its row names no target")
    return row.target_id
