"""What a time record shall become in MOCO, or why nothing can."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.core.actions import HoldReason, SkipReason
from migrator.core.fingerprint import digest, values
from migrator.core.model import Booking, MocoId, SourceId
from migrator.core.names import normalise
from migrator.core.quick import quickly_made

TO_BE_CREATED = MocoId(0)
"""Stands for the id of a project or task that MOCO has yet to give."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Wanted:
    """The booking that MOCO shall hold, and what has to be there before it can be written.

    `booking.task_id` is 0 while `needs_task`; `booking.project_id` is 0 while the project itself is still to
    be created. `new_project` names the ActiveCollab project whose mapping says `create`, before and after it
    was.
    """

    booking: Booking
    task_name: str
    needs_task: bool = False
    needs_contract: bool = False
    needs_reopening: bool = False
    new_project: SourceId | None = None

    @property
    def needs_project(self) -> bool:
        """Whether the project is still to be created."""
        return self.booking.project_id == TO_BE_CREATED


@dataclass(frozen=True, slots=True)
class Unmapped:
    """No write is possible until a person, a mapping or MOCO's administrator acts.

    `wanted` is known where only MOCO stands in the way (an archived project, an inactive task, a missing
    contract): a record that needs no write is then no worse for it.
    """

    reason: HoldReason
    detail: str = ""
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule leaves the record out."""

    reason: SkipReason


def payload_digest(wanted: Wanted) -> str:
    """The digest of what is wanted in which a task stands by its name and a new project by its origin.

    So it stays the same when a task or a project is created between plan and apply.
    """
    fields = values(wanted.booking)
    fields["task_id"] = normalise(wanted.task_name)
    if wanted.new_project is not None:
        fields["project_id"] = f"project {wanted.new_project} of ActiveCollab"
    return digest(fields)
