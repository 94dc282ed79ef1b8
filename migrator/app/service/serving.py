"""`serve`: follows the schedule until Ctrl-C or SIGTERM, and tells over HTTP how that goes.

The main thread works, because signals stop it between its transactions; threads answer HTTP, renew the shift, ring the
alarm. What ends it is a wrong configuration, a schema that needs an upgrade, or a signal; all else is waited for.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from migrator.app import log
from migrator.app.answer import Answer
from migrator.app.config import Config, require_moco, require_source
from migrator.app.console.door import require_token
from migrator.app.console.pages import console_pages
from migrator.app.service.alarm import Alarm
from migrator.app.service.front import Front, address_of, bound
from migrator.app.service.hooks import HookReceiver
from migrator.app.service.listeners import Listener, Listeners
from migrator.app.service.schedule import Known, Schedule
from migrator.app.service.shift import Shift
from migrator.app.service.sorting import Sorter
from migrator.app.service.standing import holder_alive
from migrator.app.service.web import build_web
from migrator.app.service.worker import Worker
from migrator.app.wiring import Workplace
from migrator.core.outcomes import Kind
from migrator.core.patience import Patience
from migrator.errors import DatabaseUnreachable, ExitCode, MigratorError, TryAgainLater
from migrator.store import schema
from migrator.store.engine import impatient, reading
from migrator.store.interrupts import interrupt
from migrator.store.lease import Holder

POLL = 2.0
"""Seconds between looks at what people asked for, and at the clocks."""

STANDBY_POLL = 5.0

JUMP = 5.0
"""Seconds by which the wall clock may run away from the steady one unnoticed between two looks."""

END_WITHIN = 8.0
"""Seconds after a signal in which what is in flight is awaited; then the process ends, which is safe at any point."""

GIVE_BACK_WITHIN = 1.0

ANSWER_WITHIN = 2.0
"""Seconds that HTTP waits for what others hold in the database: else a few probes would keep every thread busy, and
nobody could hear that the process lives."""


@dataclass(frozen=True, slots=True)
class ServeWords:
    """The options of `serve` as typed; None is what the configuration says, port 0 any free one."""

    host: str | None = None
    port: int | None = None


class Clockwork(Protocol):
    """What the loop waits with: `Alarm`, or one whose clock is not the machine's."""

    def set(self, times: Mapping[Kind, datetime]) -> None:
        """Wake at these moments, and at no others."""

    def wait(self, seconds: float) -> bool:
        """Wait for one of them, or so many seconds; tells whether it came."""
        ...


class Service:
    """The loop of the main thread."""

    def __init__(self, place: Workplace, shift: Shift, worker: Worker, schedule: Schedule, alarm: Clockwork) -> None:
        self._place = place
        self._shift = shift
        self._worker = worker
        self._schedule = schedule
        self._alarm = alarm
        self._patience = Patience(timedelta(seconds=1), timedelta(seconds=30), schedule.chance)
        self._troubles = 0
        self._mine = False
        self._skipped: tuple[int, int] | None = None
        self._offset = place.clock.wall() - place.clock.steady()

    def run(self, stopping: Callable[[], bool]) -> None:
        """Work, stand by or wait until interrupted, or until `stopping` says so where an interrupt got lost."""
        while not stopping():
            try:
                self.turn()
                self._troubles = 0
            except (DatabaseUnreachable, TryAgainLater, DBAPIError) as error:
                self._wait_out(error)

    def turn(self) -> None:
        """One look at what is due, and what is due first; else a pause."""
        self._notice_jump()
        if not self._shift.hold():
            self._mine = False
            self._alarm.set({})
            self._alarm.wait(STANDBY_POLL)
            return
        if not self._mine:
            # While it stood by another version may have upgraded the schema.
            schema.ensure_ready(self._place.engine)
            self._mine = True
        with reading(self._place.engine) as session:
            known = Known.load(session)
            holder = _somebody_else(holder_alive(session))
        now = self._place.clock.now()
        times = self._schedule.times(known, now)
        due = [kind for kind in Kind if kind in times and times[kind] <= now]
        if due and holder is not None and (holder.pid, holder.epoch) != self._skipped:
            log.warn(log.WORK_SKIPPED, job=due[0].value, running=holder.command, process=holder.pid)
            self._skipped = (holder.pid, holder.epoch)
        if not due or holder is not None:
            self._alarm.set(times)
            self._alarm.wait(POLL)
            return
        self._skipped = None
        if self._worker.do(due[0]).code is ExitCode.LOCKED:
            self._alarm.wait(POLL)

    def _notice_jump(self) -> None:
        """What is due is worked out anew at each look; that the clock was set is worth a line."""
        offset = self._place.clock.wall() - self._place.clock.steady()
        if abs(offset - self._offset) > JUMP:
            log.warn(log.CLOCK_JUMPED, seconds=round(offset - self._offset))
            self._alarm.set({})
        self._offset = offset

    def _wait_out(self, error: Exception) -> None:
        self._troubles += 1
        pause = self._patience.pause(self._troubles).total_seconds()
        why = error.message if isinstance(error, MigratorError) else "the database does not answer"
        log.warn(log.WAITING, why=why, seconds=round(pause, 1))
        self._place.clock.sleep(pause)


def _somebody_else(holder: Holder | None) -> Holder | None:
    """Who writes, if that is not this process, which does nothing at the moment: then it could not give it back."""
    ours = holder is not None and (holder.host, holder.pid) == (socket.gethostname(), os.getpid())
    return None if ours else holder


def serve(
    config: Config,
    open_place: Callable[[Config], Workplace],
    words: ServeWords,
    announce: Callable[[Answer], object],
    listeners_of: Callable[[Workplace], list[Listener]] = lambda _place: [],
) -> Answer:
    """Serve until a signal; `announce` hears where, as soon as somebody may ask.

    Raises `UsageError` for a configuration that cannot be worked with or an address that cannot be had, and
    `DatabaseNotReady` for a schema of another version.
    """
    require_moco(config)
    require_source(config)
    schedule = Schedule.of(config)
    host = words.host or config.web.host
    require_token(host, config.web.token)
    at = bound(host, config.web.port if words.port is None else words.port)
    with _ended_in_time() as ending, ExitStack() as open_things, suppress(KeyboardInterrupt):
        front = open_things.enter_context(closing(Front(at)))
        announce(_announcement(address_of(at)))
        place = _reached(lambda: open_place(config), schedule)
        listeners = Listeners(listeners_of(place))
        open_things.callback(listeners.close)
        sorter = Sorter(place)
        receiver = open_things.enter_context(closing(HookReceiver(place, config.web.webhook_keys, sorter.wake)))
        if config.web.webhook_keys:
            open_things.enter_context(sorter.working())
        asked = replace(place, engine=impatient(place.engine, ANSWER_WITHIN))
        front.show(build_web(asked, receiver, [console_pages(asked)]))
        shift = Shift(place)
        open_things.callback(_given_back, shift)
        ending.shift = shift
        alarm = open_things.enter_context(closing(Alarm()))
        Service(place, shift, Worker(place, listeners), schedule, alarm).run(ending.begun)
    log.tell(log.SERVICE_STOPPED)
    return Answer("Stopped.", {"schema": "migrator.serve/1", "verdict": "stopped"})


def _reached(open_place: Callable[[], Workplace], schedule: Schedule) -> Workplace:
    """The workplace, as soon as the database answers."""
    patience = Patience(timedelta(seconds=1), timedelta(seconds=30), schedule.chance)
    failures = 0
    while True:
        try:
            return open_place()
        except (DatabaseUnreachable, TryAgainLater, DBAPIError) as error:
            failures += 1
            pause = patience.pause(failures).total_seconds()
            why = error.message if isinstance(error, MigratorError) else "the database does not answer"
            log.warn(log.WAITING, why=why, seconds=round(pause, 1))
            time.sleep(pause)


def _given_back(shift: Shift) -> None:
    # Where the database is gone the shift runs out by itself.
    with suppress(MigratorError, DBAPIError):
        shift.end()


class _Ending:
    """Counts the seconds from the first signal on: what takes too long to come to an end is abandoned."""

    def __init__(self) -> None:
        self.shift: Shift | None = None
        self._timer = threading.Timer(END_WITHIN, self._abandon)
        self._timer.daemon = True

    def begun(self) -> bool:
        """Whether a signal came."""
        return self._timer.is_alive()

    def stop(self, number: int, frame: object) -> None:
        """What a signal does; another one could only disturb what the first has begun."""
        if not self.begun():
            self._timer.start()
            interrupt(number, frame)

    def over(self) -> None:
        """It came to its end."""
        self._timer.cancel()

    def _abandon(self) -> None:
        if self.shift is not None:
            # The database may be what everybody waits for.
            giving = threading.Thread(target=_given_back, args=(self.shift,), daemon=True)
            giving.start()
            giving.join(GIVE_BACK_WITHIN)
        log.warn(log.SERVICE_ABANDONED, seconds=END_WITHIN)
        os._exit(ExitCode.DONE)


@contextmanager
def _ended_in_time() -> Iterator[_Ending]:
    """Signals end the block in time; only the main thread may ask for that, so elsewhere they do what they did."""
    ending = _Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    before = {number: signal.signal(number, ending.stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ending
    finally:
        ending.over()
        for number, handler in before.items():
            signal.signal(number, handler)


def _announcement(url: str) -> Answer:
    text = f"Serving at {url} until Ctrl-C: / is the console, /healthz, /readyz and /metrics tell how it goes."
    return Answer(text, {"schema": "migrator.serve/1", "url": url, "exit_code": int(ExitCode.DONE)})
