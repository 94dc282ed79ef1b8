"""A served, simulated ActiveCollab of each generation, and the clients that speak to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from migrator.activecollab.client import Client, Generation, Listing
from migrator.activecollab.connecting import connect
from migrator.core.model import FoundEntry, FoundMaster, Master, Project, SourceId, TimeEntry
from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.activecollab_switches import ActiveCollabSwitches
from migrator.sandbox.serve import serve

TODAY = date(2024, 3, 21)
TOKEN = "7-" + "CANARYcanary" * 3 + "0123"
SANDBOXES = {Generation.TWO: 2, Generation.THREE: 3, Generation.FIVE: 5}


@dataclass
class Time:
    """Passes only when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Place:
    """A served sandbox with two projects, one of them archived, a task and a person."""

    sandbox: ActiveCollabSandbox
    site: str
    generation: Generation
    time: Time
    project: Project
    archived: Project
    task_id: int
    person: int

    @property
    def url(self) -> str:
        return self.site + self.sandbox.path

    def connect(self, url: str | None = None, **changed: Any) -> Client:
        settings: dict[str, Any] = {
            "generation": self.generation,
            "timezone": UTC,
            "today": TODAY,
            "timeout_seconds": 0.5,
            "requests_per_minute": 100_000,
            "clock": self.time.clock,
            "sleep": self.time.sleep,
        }
        return connect(url or self.url, changed.pop("token", TOKEN), **(settings | changed))

    def book(self, hours: str = "1.5", **given: Any) -> int:
        return self.sandbox.add_record(given.pop("project_id", self.project.id), self.person, hours, **given)

    def book_many(self, count: int) -> list[int]:
        return [self.book("0.25", day=date(2023, 1 + number % 12, 1 + number % 28)) for number in range(count)]

    @property
    def time_command(self) -> str:
        last = {Generation.TWO: "time", Generation.THREE: "tracking", Generation.FIVE: "time-records"}
        return f"projects/{self.project.id}/{last[self.generation]}"


@contextmanager
def a_place(generation: Generation, **switches: Any) -> Iterator[Place]:
    sandbox = ActiveCollabSandbox(
        SANDBOXES[generation],  # type: ignore[arg-type]  # one of the three numbers
        switches=ActiveCollabSwitches(**switches),
        token=TOKEN,
    )
    project = Project(SourceId(sandbox.add_project("Website")))
    archived = Project(SourceId(sandbox.add_project("Alt", archived=True)))
    task_id = sandbox.add_task(project.id, "Startseite")
    person = sandbox.add_person("Paula", "Plan")
    with serve(sandbox) as served:
        yield Place(sandbox, served.url, generation, Time(), project, archived, task_id, person)


def entries(listing: Listing) -> dict[int, TimeEntry]:
    """The records of a listing by id, read to its end."""
    return {each.entry.id: each.entry for each in listing if isinstance(each, FoundEntry)}


def masters(listing: Listing, kind: type[Master]) -> dict[int, Any]:
    """The masters of one kind by id, read to the listing's end."""
    found = [each.value for each in listing if isinstance(each, FoundMaster)]
    return {value.id: value for value in found if isinstance(value, kind)}
