"""The product as a process, between an export on disk and a simulated MOCO that is served in the test's process.

What MOCO holds is always read from the simulation itself, never from the product's database or answers.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_log import RequestRecord
from migrator.sandbox.moco_records import EVERY_PERMISSION, Activity
from migrator.sandbox.moco_switches import Language, Switches
from migrator.sandbox.serve import serve
from tests.system.databases import Current
from tests.system.door import At, Door
from tests.system.export import COMPANY, PEOPLE, PROJECTS, Project, Record, write_export
from tests.system.started import Forked, Launched, Started

KEY = "0123456789abcdef01234567"
TASK = "ActiveCollab"
BULK = "/activities/bulk"
LONGEST = 120.0
"""Seconds after which a process is given up."""

SETTINGS: Mapping[str, object] = {
    "activecollab.instance": "main",
    "activecollab.files": ["export/*.xml"],
    "moco.api_key": KEY,
    "moco.requests_per_window": 100_000,
    "moco.window_seconds": 1,
    "moco.bulk_size": 5,
    "moco.settle_seconds": 0.3,
    "moco.timeout_seconds": 2.0,
}


class Booked(NamedTuple):
    """What MOCO holds of one record; two lists of these are equal only when nothing is lost or doubled."""

    marker: str | None
    person: str
    project: str
    task: str
    day: str
    seconds: int
    description: str
    billable: bool
    service: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended: exit code (negative for a signal), the JSON on stdout, and all of stderr."""

    code: int
    document: dict[str, Any]  # JSON
    stderr: str

    @property
    def message(self) -> str:
        """What stopped the command, whether at once (stderr) or in the middle of the work (document)."""
        if "stopped" in self.document:
            return str(self.document["stopped"]["message"])
        told = [line for line in self.stderr.splitlines() if line.startswith('{"error"')]
        return str(json.loads(told[-1])["error"]["message"]) if told else ""

    @property
    def counts(self) -> dict[str, int]:
        """Records by final word, as far as they are not 0."""
        return {word: count for word, count in self.document["counts"].items() if count}


def furnished(
    *,
    complete: bool = True,
    projects: Sequence[Project] = PROJECTS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> MocoSandbox:
    """A MOCO with all people and projects; `complete`: with every task and assignment that is needed, too."""
    sandbox = MocoSandbox(now=now, switches=Switches(rate_limits=(), language=Language.ENGLISH))
    owner = sandbox.add_user("Ada", "Admin", permissions=EVERY_PERMISSION)
    sandbox.add_key(KEY, owner)
    customers = dict.fromkeys((COMPANY, *(each.company for each in projects)))
    companies = {name: sandbox.add_company(name) for name in customers}
    users = [sandbox.add_user(each.first, each.last, email=each.email) for each in PEOPLE]
    for each in projects:
        project = sandbox.add_project(companies[each.company], each.name, leader=owner)
        if complete:
            sandbox.add_task(project, TASK)
            for user in (owner, *users):
                sandbox.add_contract(project, user)
    return sandbox


class World:
    """An ActiveCollab, a MOCO and the product between them, until the `with` block ends."""

    def __init__(
        self,
        folder: Path,
        records: Iterable[Record] = (),
        *,
        complete: bool = True,
        projects: Sequence[Project] = PROJECTS,
        **settings: object,
    ) -> None:
        """`settings` are keys of the configuration with `__` for the dot: `moco__bulk_size=3`."""
        self.folder = folder
        self.projects = projects
        self.records = {record.id: record for record in records}
        self.door = Door(furnished(complete=complete, projects=projects))
        self._served = serve(self.door)
        self.program: tuple[str, ...] = ()
        """What Python runs instead of the product, where a test has a launcher of its own."""
        addresses = {"database.url": Current.databases.url(folder), "moco.url": self._served.url}
        self.settings: dict[str, object] = {**SETTINGS, **addresses}
        self.configure(**settings)
        self.write_export()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._served.close()

    # -- the two sides ----------------------------------------------------------------------------------------

    @property
    def moco(self) -> MocoSandbox:
        """The simulated account."""
        return self.door.sandbox

    def hang_up(self) -> None:
        """MOCO cannot be reached any more."""
        self._served.close()

    def pick_up(self) -> None:
        """MOCO can be reached again, at the same address."""
        self._served = serve(self.door, port=self._served.port)

    def write_export(self) -> None:
        """Export all records again."""
        write_export(self.folder / "export", PEOPLE, self.projects, self.records.values())

    def change(self, record_id: int, **changed: Any) -> None:  # the fields of a record, whatever their types
        """Somebody edits a record in ActiveCollab, and it is exported again."""
        before = self.records[record_id]
        self.records[record_id] = replace(before, version=before.version + 1, **changed)
        self.write_export()

    def user_id(self, person: int) -> int:
        """The id in MOCO of a person of ActiveCollab."""
        email = next(each.email for each in PEOPLE if each.id == person)
        return next(user.id for user in self.moco.state.users.values() if user.email == email)

    def activity(self, record_id: int) -> Activity:
        """The one activity of a record."""
        (found,) = self.moco.with_marker(f"ac:main:{record_id}")
        return found

    def stored(self) -> list[Booked]:
        """All that MOCO holds, whoever wrote it."""
        state = self.moco.state
        every = [
            Booked(
                each.remote_id,
                state.users[each.user_id].email,
                state.projects[each.project_id].name,
                state.tasks[each.task_id].name,
                each.date.isoformat(),
                each.seconds,
                each.description,
                each.billable,
                each.remote_service,
            )
            for each in self.moco.activities
        ]
        # What is not ours has no marker, and None cannot be ordered.
        return sorted(every, key=repr)

    def wanted(self, *, without: Collection[int] = ()) -> list[Booked]:
        """What MOCO shall hold of the records, each exactly once."""
        people = {each.id: each.email for each in PEOPLE}
        projects = {each.id: each.name for each in self.projects}
        every = [
            Booked(
                f"ac:main:{each.id}",
                people[each.person],
                projects[each.project],
                TASK,
                each.day.isoformat(),
                each.seconds,
                each.text,
                each.status != 0,
            )
            for each in self.records.values()
            if each.id not in without and not each.trashed
        ]
        return sorted(every, key=repr)

    # -- the requests -----------------------------------------------------------------------------------------

    def forget_requests(self) -> None:
        """Begin a new log."""
        self.moco.forget_requests()
        self.door.turned_away.clear()

    def writes(self) -> list[RequestRecord]:
        """Every request since then that was no mere reading."""
        return [each for each in self.moco.requests if each.method not in {"GET", "HEAD"}]

    def bulks(self) -> list[list[dict[str, Any]]]:  # JSON
        """The rows of every bulk request since then."""
        return [json.loads(each.body)["activities"] for each in self.writes() if each.path.endswith(BULK)]

    # -- the product ------------------------------------------------------------------------------------------

    def configure(self, **settings: object) -> None:
        """Change keys of the configuration; `__` stands for the dot."""
        self.settings |= {name.replace("__", "."): value for name, value in settings.items()}
        sections: dict[str, list[str]] = {}
        for name, value in self.settings.items():
            section, _, key = name.partition(".")
            # What JSON writes for texts, numbers, switches and lists is TOML, too.
            sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}")
        lines = [line for section, keys in sections.items() for line in (f"[{section}]", *keys)]
        (self.folder / "migrator.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self, *words: str) -> Started:
        """Start the product; the caller ends it with `finished`."""
        line = (*words, "--json")
        return Launched.begin(self.folder, self.program, line) if self.program else Forked.begin(self.folder, line)

    def finished(self, process: Started) -> Finished:
        """Wait for a process that was started."""
        code, out, err = process.end(LONGEST)
        return Finished(code, json.loads(out) if out.strip() else {}, err)

    def run(self, *words: str) -> Finished:
        """Run one command to its end."""
        return self.finished(self.start(*words))

    def run_and_strike(self, at: At, *words: str, sign: signal.Signals = signal.SIGKILL) -> Finished:
        """Run one command and send it a signal at a request; nothing happens when it sends fewer."""
        started = Future[Started]()
        self.door.expect(at, lambda: started.result(LONGEST).send_signal(sign))
        started.set_result(self.start(*words))
        return self.finished(started.result())

    def run_to_the_end(self, *words: str) -> Finished:
        """Repeat a command for as long as it says "try again later"."""
        for _ in range(5):
            finished = self.run(*words)
            if finished.code != 5:
                return finished
        return finished

    def prepare(self) -> None:
        """Read and plan."""
        for words in (("read",), ("plan",)):
            finished = self.run(*words)
            assert finished.code == 0, finished
        self.forget_requests()


@dataclass(frozen=True, slots=True)
class Kept:
    """A moment of a world that can be brought back, however often: both sides, the settings and the database."""

    world: World
    complete: bool
    records: Mapping[int, Record]
    settings: Mapping[str, object]
    activities: Sequence[Activity]

    @classmethod
    def now(cls, world: World, *, complete: bool = True) -> Kept:
        """Keep the present moment."""
        Current.databases.keep(world.folder)
        return cls(world, complete, dict(world.records), dict(world.settings), world.moco.activities)

    def again(self, **settings: object) -> World:
        """The world as it was, with other settings where some are given."""
        world = self.world
        url = Current.databases.again(world.folder)
        # A new simulation: whatever still arrives from a killed process went to the old one.
        world.door.replace(furnished(complete=self.complete))
        for activity in self.activities:
            world.moco.state.new_activity_id()
            world.moco.state.activities.put(activity)
        world.records, world.settings = dict(self.records), {**self.settings, "database.url": url}
        world.write_export()
        world.configure(**settings)
        return world
