"""An agency in a simulated ActiveCollab, its account in a simulated MOCO, and what people do in both, by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.activecollab_effects import ActiveCollabEffect
from migrator.sandbox.activecollab_records import State, TimeRecord
from migrator.sandbox.faults import (
    AnswerInstead,
    CutBody,
    Drop,
    Effect,
    Hang,
    LateCommit,
    LoseAnswer,
    TruncatedJson,
)
from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_records import EVERY_PERMISSION, Activity
from migrator.sandbox.moco_switches import RateLimit, Switches

KEY = "0123456789abcdef01234567"
WINDOW = 200
"""Requests a second that MOCO allows."""

TIMEOUT, SETTLE, LATE = 2.0, 0.5, 0.2
"""Seconds: a machine under load must not take longer for an answer, nor what is late than the product waits."""

PEOPLE = (("Bo", "Beispiel"), ("Cy", "Claus"), ("Di", "Dachs"))
PROJECTS = ("Website", "Shop", "App")
HOURS = ("0.25", "0.5", "1.5", "3.75", "0.17")
BEGIN = 16
"""Records that are there in the beginning."""

EFFECTS: tuple[Effect, ...] = (
    AnswerInstead(500),
    AnswerInstead(503),
    AnswerInstead(429, retry_after=1),
    LoseAnswer(502),
    LateCommit(LATE, 504),
    Drop(applied=False),
    Drop(applied=True),
    Hang(applied=True),
    TruncatedJson(),
    CutBody(),
)


SOURCE_EFFECTS: tuple[ActiveCollabEffect, ...] = (
    AnswerInstead(503),
    AnswerInstead(502),
    AnswerInstead(429, retry_after=1),
    Drop(applied=False),
    Drop(applied=True),
    CutBody(),
)
"""What passes by itself; what a damaged list comes to is told elsewhere, and would be in the way of the end."""


class Agency:
    """Both accounts; `left` is what a person made of a record's activity in MOCO (None: deleted it)."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None], chance: Random) -> None:
        self.chance = chance
        self.today = now().date()
        self.source = ActiveCollabSandbox(5, now=now)
        self.moco = MocoSandbox(now=now, switches=Switches(rate_limits=(RateLimit(WINDOW, 1),)), sleep=sleep)
        self.done = Counter[str]()
        self.left: dict[int, Activity | None] = {}
        self.own: list[Activity] = []
        owner = self.moco.add_user("Ada", "Admin", permissions=EVERY_PERMISSION)
        self.moco.add_key(KEY, owner)
        customer = self.moco.add_company("Kunde")
        self.people: dict[int, int] = {}
        """The id in MOCO by the id in ActiveCollab."""
        for first, last in PEOPLE:
            email = f"{first}@agentur.example".lower()
            user = self.moco.add_user(first, last, email=email)
            self.people[self.source.add_person(first, last, email=email)] = user.id
        self.projects = {
            self.source.add_project(name): self.moco.add_project(customer, name, leader=owner).id for name in PROJECTS
        }
        for _ in range(BEGIN):
            self.books()

    # -- what people do -------------------------------------------------------------------------------------------

    def something_happens(self) -> None:
        """One thing, more often an ordinary one."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self.books, 8),
            (self.edits, 5),
            (self.trashes, 2),
            (self.restores, 1),
            (self.deletes, 1),
            (self.edits_in_moco, 1),
            (self.deletes_in_moco, 1),
            (self.books_in_moco, 1),
        )
        (act,) = self.chance.choices([act for act, _ in acts], [weight for _, weight in acts])
        act()
        self.done[act.__name__] += 1

    def something_breaks(self) -> None:
        """A fault waits for a request to come, of either account."""
        if self.chance.random() < 0.3:
            self.source.fault(self.chance.choice(SOURCE_EFFECTS), nth=self.chance.randint(1, 4), times=2)
            self.done["faults of ActiveCollab"] += 1
            return
        method = self.chance.choice(("POST", "PUT", "DELETE", "GET", None))
        self.moco.fault(self.chance.choice(EFFECTS), method=method, nth=self.chance.randint(1, 3))
        self.done["faults of MOCO"] += 1

    def books(self) -> None:
        """A new record."""
        day = self.today - timedelta(days=self.chance.randrange(40))
        number = self.source.add_record(self._project(), self._person(), self.chance.choice(HOURS), day)
        self.source.edit_record(number, text=f"work {number}", billable_status=self.chance.randrange(2))

    def edits(self) -> None:
        """Text, hours, day, person or project."""
        if not (record := self._some()):
            return
        changes: tuple[dict[str, object], ...] = (
            {"text": f"changed {self.chance.randrange(10**6)}"},
            {"hours": self.chance.choice(HOURS)},
            {"day": record.day - timedelta(days=1)},
            {"user_id": self._person()},
            {"project_id": self._project()},
        )
        self.source.edit_record(record.id, **self.chance.choice(changes))

    def trashes(self) -> None:
        """Into the trash."""
        if record := self._some():
            self.source.trash_record(record.id)

    def restores(self) -> None:
        """Out of it again."""
        # What is gone on both sides is nobody's memory any more; brought back it would be a new record.
        gone = {record_id for record_id, kept in self.left.items() if kept is None}
        trashed = [
            each.id for each in self.source.records.values() if each.state is State.TRASHED and each.id not in gone
        ]
        if trashed:
            self.source.restore_record(self.chance.choice(trashed))

    def deletes(self) -> None:
        """For good."""
        if record := self._some():
            self.source.delete_record(record.id)

    def edits_in_moco(self) -> None:
        """A person gives an activity of ours another text."""
        if activity := self._activity():
            edited = replace(activity, description=f"by hand {self.chance.randrange(10**6)}")
            self.left[record_of(activity)] = self.moco.edit(edited)

    def deletes_in_moco(self) -> None:
        """A person deletes an activity of ours: it must not come back by itself."""
        if activity := self._activity():
            self.moco.remove(activity)
            self.left[record_of(activity)] = None

    def books_in_moco(self) -> None:
        """Somebody's own time, which is not our business."""
        state = self.moco.state
        if state.tasks:
            task = self.chance.choice(sorted(state.tasks.values(), key=lambda each: each.id))
            user = state.users[self.chance.choice(sorted(self.people.values()))]
            self.own.append(self.moco.add_activity(user, task, self.today, 900, description="own"))

    # -- chance ---------------------------------------------------------------------------------------------------

    def _person(self) -> int:
        return self.chance.choice(sorted(self.people))

    def _project(self) -> int:
        return self.chance.choice(sorted(self.projects))

    def _some(self) -> TimeRecord | None:
        alive = [each for each in self.source.records.values() if each.state is State.VISIBLE]
        return self.chance.choice(sorted(alive, key=lambda each: each.id)) if alive else None

    def _activity(self) -> Activity | None:
        ours = [each for each in self.moco.activities if each.remote_id and record_of(each) not in self.left]
        return self.chance.choice(sorted(ours, key=lambda each: each.id)) if ours else None


def record_of(activity: Activity) -> int:
    """The record whose marker an activity carries."""
    return int(str(activity.remote_id).rpartition(":")[2])
