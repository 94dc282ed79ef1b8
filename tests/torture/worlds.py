"""A world whose runs are forked instead of started, and moments of it that can be brought back as often as needed."""

from __future__ import annotations

import copy
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from migrator.sandbox.moco import MocoSandbox
from migrator.sandbox.moco_state import MocoState
from tests.support.forkserver import ERR, OUT, PASSED, ForkServer, await_stopped
from tests.support.postgres import PostgresServer
from tests.system.export import PROJECTS, Project, Record, some_records
from tests.system.harness import Booked, Finished, World
from tests.torture.points import Fate, Kind, Point, Sign

MORE_PROJECTS = (*PROJECTS, Project(4, "Relaunch"), Project(5, "Support", "Andere AG"))

SETTINGS: Mapping[str, object] = {
    "moco__concurrency": 1,
    "moco__bulk_size": 2,
    "moco__timeout_seconds": 1.0,
    "moco__settle_seconds": 0.1,
    "policy__source_deleted": "delete",
    # A handful of records is always a large share of all.
    "gates__max_change": "100%",
    "gates__max_delete": "100%",
}


@dataclass(frozen=True, slots=True)
class Held:
    """All of MOCO that runs can change: activities, tasks and assignments by what they mean, not by their ids."""

    activities: Sequence[Booked]
    billed: Sequence[str]
    """The markers of those that are."""
    tasks: Sequence[tuple[str, str]]
    contracts: Sequence[tuple[str, str]]
    lent: Lent


class Lent(NamedTuple):
    """What a run may change for as long as it works, and has to give back as it was."""

    archived: Sequence[str]
    """Names of projects."""
    inactive: Sequence[str]
    """E-mail addresses of people."""
    paused: Sequence[str]
    """Addresses of web hooks."""


class ForkedWorld(World):
    """A world whose commands are children of a fork server."""

    def __init__(self, server: ForkServer, folder: Path, records: Sequence[Record] = (), **settings: object) -> None:
        """`settings` as in `World`; tasks and assignments are missing in MOCO."""
        self.server = server
        super().__init__(folder, records, complete=False, projects=MORE_PROJECTS, **{**SETTINGS, **settings})

    def run(self, *words: str, fate: Fate | None = None) -> Finished:
        """Run one command to its end, whichever that is."""
        return self.ended(self.begin(*words, fate=fate))

    def begin(self, *words: str, fate: Fate | None = None, name: str = "run") -> Running:
        """Begin a command; `name` tells those apart that run at the same time."""
        left = self.folder / name
        return Running(self.server.start(self.folder, left, [*words, "--json"], (fate or Fate()).to_json()), left)

    def begin_and_stop(self, at: Point, *words: str, lease_seconds: float = 0.0) -> Running:
        """Begin a command and give it back standing still at a point, until `go_on`."""
        running = self.begin(*words, fate=Fate(at, Sign.STOP, lease_seconds=lease_seconds), name="stopped")
        await_stopped(running.pid)
        # Until nobody holds it any more: forks are quicker than that.
        time.sleep(lease_seconds)
        return running

    def go_on(self, running: Running) -> Finished:
        """Let a stopped command go on to its end."""
        os.kill(running.pid, signal.SIGCONT)
        return self.ended(running)

    def ended(self, running: Running) -> Finished:
        """Wait for a command that was begun."""
        code = self.server.wait(running.pid)
        out = (running.left / OUT).read_text(encoding="utf-8")
        return Finished(code, json.loads(out) if out.strip() else {}, (running.left / ERR).read_text(encoding="utf-8"))

    def passed(self) -> list[Kind]:
        """The points of the last run, which ended by itself, in their order."""
        return [Kind[name] for name in json.loads((self.folder / "run" / PASSED).read_text())]

    def held(self) -> Held:
        """What MOCO holds now."""
        state = self.moco.state
        project = {each.id: each.name for each in state.projects.values()}
        return Held(
            self.stored(),
            sorted(str(each.remote_id) for each in self.moco.activities if each.billed),
            sorted((project[each.project_id], each.name) for each in state.tasks.values()),
            sorted((project[each.project_id], state.users[each.user_id].email) for each in state.contracts.values()),
            self.lent(),
        )

    def lent(self) -> Lent:
        """What is switched off in MOCO now."""
        state = self.moco.state
        return Lent(
            sorted(each.name for each in state.projects.values() if not each.active),
            sorted(each.email for each in state.users.values() if not each.active),
            sorted(each.hook for each in state.web_hooks.values() if each.disabled_at is not None),
        )


@dataclass(frozen=True, slots=True)
class Running:
    """A command that was begun."""

    pid: int
    left: Path


Server = Callable[[MocoSandbox], None]
"""What is set up on the simulated MOCO whenever a moment is brought back: faults are used up, switches are turned."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Everything that a simulation remembers, but for its clock, lock, switches and who watches it."""

    fields: Mapping[str, Any]  # of the simulation's state, whatever their types
    owner: MocoState

    @classmethod
    def of(cls, sandbox: MocoSandbox) -> Remembered:
        """Keep what it remembers now."""
        state, own = sandbox.state, {"lock", "_clock", "switches", "_watchers"}
        with state.lock:
            kept = {name: value for name, value in vars(state).items() if name not in own}
            return cls(copy.deepcopy(kept, {id(state): state}), state)

    def into(self, sandbox: MocoSandbox) -> None:
        """Let another simulation remember the same; its tables tell of changes to that one."""
        vars(sandbox.state).update(copy.deepcopy(dict(self.fields), {id(self.owner): sandbox.state}))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a world: both sides, the settings, and the product's own memory."""

    world: ForkedWorld
    postgres: PostgresServer | None
    server: Server
    records: Mapping[int, Record]
    settings: Mapping[str, object]
    state: Remembered = field(repr=False)
    database: str

    @classmethod
    def now(cls, world: ForkedWorld, postgres: PostgresServer | None, server: Server = lambda _: None) -> Moment:
        """Keep the present moment; `postgres` is where the world's database is, None for a file in its folder."""
        url = str(world.settings["database.url"])
        if postgres is None:
            for path in world.folder.glob("migrator.db*"):
                shutil.copy(path, path.with_name(f"kept.{path.name}"))
        return cls(world, postgres, server, dict(world.records), dict(world.settings), Remembered.of(world.moco), url)

    def again(self, **settings: object) -> ForkedWorld:
        """The world as it was, with other settings where some are given."""
        world = self.world
        if self.postgres is None:
            for path in world.folder.glob("migrator.db*"):
                path.unlink()
            for path in world.folder.glob("kept.*"):
                shutil.copy(path, path.with_name(path.name.removeprefix("kept.")))
        else:
            used = str(world.settings["database.url"])
            if used != self.database:
                self.postgres.drop(used)
            settings = {"database__url": self.postgres.create(self.database), **settings}
        # A new simulation: whatever still arrives from a killed process went to the old one.
        fresh = MocoSandbox(switches=copy.copy(world.moco.switches))
        self.state.into(fresh)
        world.door.replace(fresh)
        self.server(fresh)
        world.records, world.settings = dict(self.records), dict(self.settings)
        world.write_export()
        world.configure(**settings)
        return world

    def forget(self) -> None:
        """Drop the databases on the server."""
        if self.postgres is not None:
            for url in {self.database, str(self.world.settings["database.url"])}:
                self.postgres.drop(url)


def rehearse(server: ForkServer) -> None:
    """Show a fork server a first run, one with changes of every kind, and one with nothing to do."""
    with quick_folder() as folder, ForkedWorld(server, folder, some_records(6)) as world:
        server.rehearse(folder, "sync")
        world.change(101, trashed=True)
        world.change(102, text="Changed")
        world.change(103, person=2)
        world.records[201] = replace(world.records[104], id=201)
        world.write_export()
        for _ in range(2):
            server.rehearse(folder, "sync")


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder that lives in memory where there is some: thousands of runs wait for the disk otherwise."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="torture", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
