"""The service under a clock that jumps: from one scheduled time to the next, with life going on in between."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import psutil

from migrator.app.config import load
from migrator.app.log import WORK_FAILED
from migrator.app.progress import LoggedProgress
from migrator.app.service.listeners import Listeners
from migrator.app.service.schedule import Schedule
from migrator.app.service.serving import Service
from migrator.app.service.shift import Shift
from migrator.app.service.worker import Worker
from migrator.app.sync import SyncWords, sync
from migrator.app.wiring import Clock, open_workplace
from migrator.core.outcomes import Kind, Outcome
from migrator.errors import ExitCode
from migrator.sandbox.faults import ConnectionDropped
from migrator.sandbox.serve import serve
from tests.soak.agency import KEY, SETTLE, TIMEOUT, WINDOW, Agency
from tests.soak.promises import Promises
from tests.support.story import Story
from tests.system.door import Door

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

EVENTS = 3
"""Things that happen at most between two scheduled times."""

CHANCE = 0.35
"""Of each fault."""

LONGEST_NAP = 0.6
"""Seconds of real time; longer than `SETTLE`: a request that is abandoned dies in real time."""

RESTART_DAYS = 5
"""Each life of the service lasts so many days, but for the ends of months."""

EXPLAINED = frozenset({ExitCode.DONE, ExitCode.NEEDS_A_PERSON, ExitCode.DIFFERENCES, ExitCode.TRY_AGAIN})
"""How work may end for all that people do here and all that breaks; anything else is a defect, of the product or of
the soak."""

LAST = 10
"""Runs whose stories are kept, for whoever has to find out how a promise broke."""


@dataclass(slots=True)
class Time:
    """Real time, plus what was jumped over."""

    ahead: timedelta = timedelta()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        """What both accounts take for now."""
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        """Pass so much time, and wait for a little of it: others have to get on, too."""
        nap = min(seconds, LONGEST_NAP)
        time.sleep(nap)
        self.jump(timedelta(seconds=seconds - nap))

    def jump(self, span: timedelta) -> None:
        """Let so much time pass at once; threads of both sides may ask for that."""
        with self._lock:
            self.ahead += span

    @property
    def clock(self) -> Clock:
        """What the product takes for now."""
        return Clock(lambda: self.now().timestamp(), self.sleep, lambda: time.monotonic() + self.ahead.total_seconds())


@dataclass(slots=True)
class Figures:
    """What a soak came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    restarts: int = 0
    memory: list[float] = field(default_factory=list)
    """Resident megabytes at the end of each day, both simulations included."""
    records: int = 0
    seconds: float = 0.0
    unexplained: list[str] = field(default_factory=list)
    """The runs that ended as none should, each with everything the product told of it."""

    def growth(self) -> float:
        """Megabytes a day, over the second half: caches are filled by then."""
        half = self.memory[len(self.memory) // 2 :] or [0.0]
        return (half[-1] - half[0]) / max(1, len(half) - 1)


class _Over(Exception):
    """The last day is over."""


class _Jump:
    """In place of the alarm: what would be waited for is jumped to, and life goes on meanwhile."""

    def __init__(self, soak: Soak) -> None:
        self._soak = soak
        self._times: dict[Kind, datetime] = {}

    def set(self, times: Mapping[Kind, datetime]) -> None:
        self._times = dict(times)

    def wait(self, seconds: float) -> bool:
        now = self._soak.time.now()
        until = min(self._times.values(), default=now + timedelta(seconds=seconds))
        self._soak.life_goes_on(until - now)
        return True


class Soak:
    """One soak: `days` of a service that follows `every`, in a folder; before each run so many chances of a fault."""

    def __init__(
        self, folder: Path, days: float, every: str, seed: int, told: Callable[[str], object], faults: int = 1
    ) -> None:
        self.folder = folder
        self.time = Time(datetime(2026, 3, 27, 5, tzinfo=UTC) - datetime.now(UTC))
        self.chance = Random(seed)
        self.agency = Agency(self.time.now, self.time.sleep, self.chance)
        self.promises = Promises(self.agency, folder)
        self.figures = Figures(events=self.agency.done)
        self.every = every
        self.faults = faults
        self.until = self.time.now() + timedelta(days=days)
        self.calm = False
        self._told = told
        self._day = self.time.now().date()
        self._broken: Exception | None = None
        self._story = Story()
        self.last: deque[str] = deque(maxlen=LAST)
        """The last runs, with everything the product told of them."""

    def run(self) -> Figures:
        """All days, and then a quiet time in which everything has to come right."""
        began = time.monotonic()
        door = Door(self.agency.moco, watch=self.arrives)
        with serve(self.agency.source) as source, serve(door) as moco, self._story.heard():
            settings = self._settings(source.url + self.agency.source.path, moco.url)
            while not self.calm:
                self._live(settings)
                self.figures.restarts += 1
            self._come_right(settings)
        self.figures.records = len(self.agency.source.records)
        self.figures.seconds = time.monotonic() - began
        return self.figures

    def life_goes_on(self, span: timedelta) -> None:
        """So much time passes, in which people work and things break; some days bring a restart."""
        self.time.jump(max(span, timedelta(milliseconds=1)))
        self.agency.today = self.time.now().date()
        for _ in range(self.chance.randint(0, EVENTS)):
            self.agency.something_happens()
        for _ in range(self.faults):
            if self.chance.random() < CHANCE:
                self.agency.something_breaks()
        if self._broken is not None:
            raise self._broken
        if self.time.now() >= self.until:
            raise _Over
        if self.agency.today != self._day:
            self._day = self.agency.today
            self._a_day_is_over()
            if self._day.day % RESTART_DAYS == 4:
                raise _Restarted

    def arrives(self, environ: WSGIEnvironment, body: bytes) -> None:
        """A write comes to MOCO, unless nobody waits for it any more.

        On a machine under load the thread that serves it may begin long after the product has given it up, proved
        that nothing came of it and sent it again: later than it waits, and MOCO would not be what it is taken for.
        """
        if _hung_up(environ["werkzeug.socket"]):
            raise ConnectionDropped("whoever sent it waits no longer")
        self.promises.see(environ, body)

    # -- the service ----------------------------------------------------------------------------------------------

    def _live(self, settings: Mapping[str, str]) -> None:
        """One life of the service; it ends with the day, or with the last one."""
        place = open_workplace(load(environ=settings), LoggedProgress(), self.time.clock)
        shift = Shift(place)
        worker = Worker(place, Listeners([self]))
        service = Service(place, shift, worker, Schedule.of(place.config, self.chance.random), _Jump(self))
        try:
            service.run(lambda: False)
        except _Restarted:
            pass
        except _Over:
            self.calm = True
        finally:
            shift.end()
            place.engine.dispose()

    def _come_right(self, settings: Mapping[str, str]) -> None:
        """Nothing breaks any more: a few syncs later all promises are kept, and nothing is left to do (I5, I7)."""
        self.agency.moco.faults.clear()
        self.agency.source.faults.clear()
        place = open_workplace(load(environ=settings), LoggedProgress(), self.time.clock)
        worker = Worker(place, Listeners([self]))
        for _ in range(8):
            self.time.jump(timedelta(hours=8))
            if worker.do(Kind.SYNC).good:
                break
        self.promises.in_the_end()
        self.agency.moco.forget_requests()
        assert worker.do(Kind.SYNC).good
        assert writes(self.agency) == [], f"I5: a second run writes {writes(self.agency)}"
        # 4 where somebody deleted something of ours in MOCO and nobody has said yet what counts.
        assert worker.do(Kind.AUDIT).code in {ExitCode.DONE, ExitCode.NEEDS_A_PERSON, ExitCode.DIFFERENCES}
        self.agency.source.add_record(next(iter(self.agency.projects)), next(iter(self.agency.people)), text="late")
        sync(place, SyncWords(dry_run=True))
        assert writes(self.agency) == [], "I7: a dry run writes"
        if self._broken is not None:
            raise self._broken
        place.engine.dispose()

    def _a_day_is_over(self) -> None:
        self.figures.memory.append(psutil.Process().memory_info().rss / 2**20)
        self.figures.requests += len(self.agency.moco.requests)
        self.agency.moco.forget_requests()
        self.agency.source.forget_requests()
        self._told(f"{self._day}: {self.figures.memory[-1]:.0f} MB, {dict(self.figures.outcomes)}")

    # -- as a listener --------------------------------------------------------------------------------------------

    def began(self, kind: Kind, at: datetime) -> None:
        """Nothing to do."""

    def ended(self, outcome: Outcome) -> None:
        """Whatever came of it, the promises hold."""
        self.figures.outcomes[f"{outcome.kind.value} {int(outcome.code)}"] += 1
        first = f"{outcome.started_at} {outcome.kind.value} ended with {int(outcome.code)}: {outcome.verdict}"
        told = self._story.told()
        self.last.append("\n".join([first, *told]))
        if outcome.code not in EXPLAINED or any(WORK_FAILED in line for line in told):
            self.figures.unexplained.append(self.last[-1])
        # A listener must not hold up the work: what is raised here, whatever it is, would only be logged.
        try:
            self._check(outcome)
        except Exception as broken:
            self._broken = self._broken or broken

    def _check(self, outcome: Outcome) -> None:
        self.promises.always()
        if outcome.kind is Kind.SYNC and outcome.good:
            self.promises.of_books(outcome)
            self.figures.words.update({word: n for word, n in outcome.counts.items() if word in {"created", "updated"}})

    def close(self, within: float) -> None:
        """Nothing to do."""

    def _settings(self, source: str, moco: str) -> dict[str, str]:
        given = {
            "database__url": f"sqlite:///{self.folder / 'migrator.db'}",
            "activecollab__url": source,
            "activecollab__token": self.agency.source.token,
            "activecollab__requests_per_minute": "100000",
            "activecollab__timeout_seconds": "5",
            "moco__url": moco,
            "moco__api_key": KEY,
            "moco__requests_per_window": str(WINDOW),
            "moco__window_seconds": "1",
            "moco__timeout_seconds": str(TIMEOUT),
            "moco__settle_seconds": str(SETTLE),
            "moco__bulk_size": "5",
            "policy__source_deleted": "delete",
            "gates__max_change": "100%",
            "gates__max_delete": "100%",
            "gates__max_source_loss": "100%",
            "schedule__every": self.every,
        }
        return {f"MIGRATOR__{name.upper()}": value for name, value in given.items()}


class _Restarted(Exception):
    """The service is stopped and started again."""


def _hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def writes(agency: Agency) -> list[str]:
    """Every request to MOCO that was no mere reading, since the log was begun."""
    return [
        f"{each.method} {each.path} {each.body!r}"
        for each in agency.moco.requests
        if each.method not in {"GET", "HEAD"}
    ]
