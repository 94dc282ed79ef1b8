"""What a plan shows of a sample: ActiveCollab's side, what is wanted in MOCO, and what MOCO has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from migrator.app.deciding import Decided, Decider
from migrator.core.mapping import TargetMasters
from migrator.core.model import Booking
from migrator.core.plan import action_name
from migrator.core.samples import Candidate, Sampler
from migrator.core.sides import entry_shown, present_side, side_of

Told = dict[str, object]


@dataclass(slots=True)
class SampleBook:
    """Chooses the samples of a plan while its records are decided."""

    decider: Decider
    sampler: Sampler[Told] = field(default_factory=Sampler)

    def take(self, each: Decided, reason: str, detail: str) -> None:
        """Consider a decided record."""
        entry = each.merged.entry
        candidate = Candidate.of(entry.id, (action_name(each.action), reason), entry.day, entry.billing)
        self.sampler.take(candidate, lambda: self._told(each, reason, detail))

    def restart(self) -> None:
        """Forget everything taken so far."""
        self.sampler = Sampler()

    def as_json(self) -> list[Told]:
        """The samples, by action, reason and day."""
        return [sample.shown for sample in self.sampler.chosen()]

    def _told(self, each: Decided, reason: str, detail: str) -> Told:
        entry, labels, there = each.merged.entry, self.decider.labels(each), self.decider.there
        wanted, present = each.wanted, entry_shown(each.merged.link, each.target)
        return {
            "source_id": entry.id,
            "action": action_name(each.action),
            "reason": reason,
            "detail": detail,
            "source": {
                "date": entry.day.isoformat(),
                "hours": entry.hours_raw,
                "seconds": entry.seconds,
                "person": labels.person,
                "project": labels.project,
                "customer": labels.customer,
                "billing": int(entry.billing),
                "text": entry.text,
                "url": entry.permalink,
            },
            "wanted": _named(wanted.booking, there, wanted.task_name) if wanted else None,
            "target": {**present_side(present), **_names(present.booking, there)} if present else None,
            "activity_id": present.id if present else None,
        }


def _named(booking: Booking, there: TargetMasters, task_name: str) -> Told:
    """What is wanted, with names; a task that is still to be created has only one."""
    return {**side_of(booking), **_names(booking, there), "task": task_name}


def _names(booking: Booking, there: TargetMasters) -> dict[str, str]:
    user, project = there.users.get(booking.user_id), there.projects.get(booking.project_id)
    task = there.tasks.get(booking.task_id)
    return {
        "person": user.name if user else "",
        "project": project.name if project else "",
        "task": task.name if task else "",
    }


def phases(requests: dict[str, int], eta: Sequence[int]) -> list[Told]:
    """Requests and least seconds of each phase that needs any."""
    pairs = zip(requests.items(), eta, strict=True)
    return [{"phase": name, "requests": count, "seconds": seconds} for (name, count), seconds in pairs if count]
