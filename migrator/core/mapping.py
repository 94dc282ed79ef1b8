"""Who is who: the mapping a person approved, and the master records of both sides it speaks about."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from migrator.core.model import (
    Company,
    JobType,
    MocoId,
    Project,
    SourceId,
    TargetCompany,
    TargetContract,
    TargetProject,
    TargetTask,
    TargetUser,
    Task,
    User,
)
from migrator.core.names import task_key
from migrator.core.terms import NO_TERMS, Terms


class MapKind(Enum):
    """What a mapping row is about."""

    USER = "user"
    COMPANY = "company"
    PROJECT = "project"
    TASK = "task"
    JOB_TYPE = "job_type"


class MapAction(Enum):
    """What a mapping row asks for."""

    MAP = "map"
    CREATE = "create"
    SKIP = "skip"
    HOLD = "hold"
    STAND_IN = "stand_in"


@dataclass(frozen=True, slots=True)
class MapRow:
    """One line of the mapping; `exact` when its target was found by name and no person decided it.

    Records dated on or after `cutover` are left out. `terms` are those of a project that is to be created.
    """

    kind: MapKind
    source_id: SourceId
    action: MapAction
    target_id: MocoId | None = None
    cutover: date | None = None
    note: str = ""
    exact: bool = False
    terms: Terms = NO_TERMS


Made = abc.Mapping[tuple[MapKind, SourceId], MocoId]
"""What was created in MOCO for things of ActiveCollab."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One version of the mapping."""

    version: int
    rows: abc.Mapping[tuple[MapKind, SourceId], MapRow]

    @classmethod
    def of(cls, version: int, rows: abc.Iterable[MapRow]) -> Mapping:
        """The mapping of `rows`; of two for one thing the later wins."""
        return cls(version, {(row.kind, row.source_id): row for row in rows})

    def with_made(self, made: Made) -> Mapping:
        """The same version in which rows that say `create` name what was created for them."""
        filled = {
            thing: replace(row, target_id=made[thing])
            for thing, row in self.rows.items()
            if row.action is MapAction.CREATE and row.target_id is None and thing in made
        }
        return Mapping(self.version, {**self.rows, **filled}) if filled else self

    def of_kind(self, kind: MapKind) -> dict[SourceId, MapRow]:
        """The rows about one kind of thing by id."""
        return {row.source_id: row for row in self.rows.values() if row.kind is kind}

    def get(self, kind: MapKind, source_id: SourceId) -> MapRow | None:
        """The row of one thing, if there is one."""
        return self.rows.get((kind, source_id))


@dataclass(frozen=True, slots=True)
class SourceMasters:
    """The people, companies, projects, tasks and job types of ActiveCollab by id."""

    users: abc.Mapping[SourceId, User] = field(default_factory=dict)
    companies: abc.Mapping[SourceId, Company] = field(default_factory=dict)
    projects: abc.Mapping[SourceId, Project] = field(default_factory=dict)
    tasks: abc.Mapping[SourceId, Task] = field(default_factory=dict)
    job_types: abc.Mapping[SourceId, JobType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignments:
    """What is known of the assignments of deactivated people, of whom MOCO lists none.

    In projects that we created (`fresh`) they have those that we made, as (project, person), and no others. `later`
    are people who are reactivated for their bookings, and assigned then.
    """

    fresh: frozenset[MocoId] = frozenset()
    made: frozenset[tuple[MocoId, MocoId]] = frozenset()
    later: frozenset[MocoId] = frozenset()


NOTHING_KNOWN = Assignments()


@dataclass(frozen=True, slots=True)
class TargetMasters:
    """The people, companies, projects, tasks and contracts of MOCO, archived and deactivated ones included.

    `task_by_name` finds a task by `task_key`, `contract_of` a contract by project and person; where several
    share a key, an active one stands before an inactive one and an older before a newer.
    """

    users: abc.Mapping[MocoId, TargetUser] = field(default_factory=dict)
    companies: abc.Mapping[MocoId, TargetCompany] = field(default_factory=dict)
    projects: abc.Mapping[MocoId, TargetProject] = field(default_factory=dict)
    tasks: abc.Mapping[MocoId, TargetTask] = field(default_factory=dict)
    contracts: tuple[TargetContract, ...] = ()
    groups: abc.Mapping[str, MocoId] = field(default_factory=dict)
    """Project groups by normalised name; read only when a mapping names one."""
    task_by_name: abc.Mapping[tuple[MocoId, str], TargetTask] = field(init=False)
    contract_of: abc.Mapping[tuple[MocoId, MocoId], TargetContract] = field(init=False)

    def __post_init__(self) -> None:
        tasks = sorted(self.tasks.values(), key=lambda task: (task.active, -task.id))
        contracts = sorted(self.contracts, key=lambda contract: (contract.active, -contract.id))
        by_name = {task_key(task.project_id, task.name): task for task in tasks}
        by_pair = {(contract.project_id, contract.user_id): contract for contract in contracts}
        # The one way to fill a derived field of a frozen dataclass.
        object.__setattr__(self, "task_by_name", by_name)
        object.__setattr__(self, "contract_of", by_pair)
