"""What the configuration says about the content of a booking: rounding, tasks, descriptions, scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from migrator.core.duration import Rounding


class TaskStrategy(StrEnum):
    """Which MOCO task a record lands on when no mapping row names one."""

    SINGLE = "single"
    PER_TASK = "per_task"
    PER_JOB_TYPE = "per_job_type"


class DescriptionStyle(StrEnum):
    """Whether the ticket's name stands before the text."""

    PARENT_AND_BODY = "parent_and_body"
    BODY = "body"


class ZeroDuration(StrEnum):
    """What becomes of a record without duration."""

    SKIP = "skip"
    KEEP = "keep"


class ArchivedProjects(StrEnum):
    """What becomes of a record whose MOCO project is archived."""

    HOLD = "hold"
    REOPEN = "reopen"


TAG_JOB_TYPE = "job_type"
"""The value of `Policy.tag` that means: the name of the record's job type."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records are moved at all; days are inclusive, empty sets mean everybody and everything.

    A person is named by id, e-mail or name, a project by id, identifier or name; capitals do not matter.
    """

    from_day: date | None = None
    to_day: date | None = None
    users: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()

    def has_day(self, day: date) -> bool:
        """Whether `day` lies within the scope."""
        after_start = self.from_day is None or day >= self.from_day
        return after_start and (self.to_day is None or day <= self.to_day)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a record's content is made; defaults are those of the configuration file."""

    rounding: Rounding = Rounding.EXACT
    task_strategy: TaskStrategy = TaskStrategy.SINGLE
    default_task: str = "ActiveCollab"
    create_tasks: bool = True
    create_contracts: bool = True
    create_projects: bool = False
    description: DescriptionStyle = DescriptionStyle.PARENT_AND_BODY
    empty_description: str = "(no description)"
    min_description: int = 0
    zero_duration: ZeroDuration = ZeroDuration.SKIP
    archived_projects: ArchivedProjects = ArchivedProjects.HOLD
    tag: str = ""
    scope: Scope = field(default_factory=Scope)
