"""Picks the implementations: the one place where configuration becomes engine, clients and clock."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from migrator.activecollab.client import Client
from migrator.activecollab.client import Generation as SourceGeneration
from migrator.app import log
from migrator.app.config import Config, require_moco
from migrator.app.configuration.choices import Generation
from migrator.app.progress import Progress
from migrator.errors import LockedByAnotherRun, MigratorError
from migrator.store import account, lease, schema
from migrator.store.engine import open_engine, reading, writing
from migrator.store.window import SharedWindow

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from migrator.moco.client import MocoReader, MocoWriter
    from migrator.moco.pacing import Window

RENEW_EVERY = 15.0

_held: set[int] = set()
"""The leases that this process holds at the moment."""

MocoClient = TypeVar("MocoClient", bound="MocoReader")


@dataclass(frozen=True, slots=True)
class Clock:
    """The time as the product sees it; tests of the shell bring their own."""

    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    steady: Callable[[], float] = time.monotonic
    """Seconds since whenever; only moves forward."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.fromtimestamp(self.wall(), UTC)

    def today(self) -> date:
        """The present day, UTC: the latest day that a running timer could be on is tomorrow's at most."""
        return self.now().date()


@dataclass(frozen=True, slots=True)
class StandIn:
    """A MOCO that stands in for the real one: all requests go to `adapter`, none to the network, paced by `window`."""

    adapter: BaseAdapter
    window: Window


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every command works with: configuration, database, progress, clock; in a rehearsal a stand-in for MOCO."""

    config: Config
    engine: Engine
    progress: Progress
    clock: Clock
    stand_in: StandIn | None = None
    answers: Counter[str] = field(default_factory=Counter)
    """What was asked of MOCO since the last run ended, as `GET 200`; `GET none` got no whole answer."""


def open_workplace(config: Config, progress: Progress, clock: Clock | None = None) -> Workplace:
    """Open the database, created at head when empty, and bind it to the ActiveCollab instance.

    Raises `DatabaseNotReady` for an older schema, `RefusedByGate` for another instance.
    """
    engine = open_engine(config.database.address)
    schema.ensure_ready(engine)
    place = Workplace(config, engine, progress, clock or Clock())
    with writing(engine) as session:
        account.bind(session, config.activecollab.instance, None, place.clock.now())
    return place


def connect_source(place: Workplace) -> Client:
    """A client for the running ActiveCollab, once it answered."""
    from migrator.activecollab.connecting import connect  # noqa: PLC0415 (files are read without it)

    section, network = place.config.activecollab, place.config.network
    return connect(
        section.url,
        section.token.reveal(),
        generation=None if section.generation is Generation.AUTO else SourceGeneration(section.generation.value),
        timezone=ZoneInfo(section.timezone),
        # A day is over in some time zones before it is in UTC.
        today=place.clock.today() + timedelta(days=1),
        timeout_seconds=section.timeout_seconds,
        requests_per_minute=section.requests_per_minute,
        proxy=network.proxy,
        ca_file=network.ca_file,
        allow_http=section.allow_http,
        recent=_recent_requests(place),
        clock=place.clock.steady,
        sleep=place.clock.sleep,
    )


_REQUESTS = "activecollab_requests"


def remember_requests(place: Workplace, client: Client) -> None:
    """Keep what the next run has to know to keep the pace."""
    now = place.clock.now()
    moments = [now.timestamp() - age for age in client.recent_requests()]
    with writing(place.engine) as session:
        account.learn(session, _REQUESTS, json.dumps([round(moment, 3) for moment in moments]), now)


def _recent_requests(place: Workplace) -> list[float]:
    """How many seconds ago the runs before asked ActiveCollab, as far as it still counts."""
    with reading(place.engine) as session:
        told = account.fact(session, _REQUESTS)
    now = place.clock.wall()
    # A clock that went back makes them younger than they are: then they count for longer.
    return [max(0.0, now - moment) for moment in json.loads(told or "[]")]


def open_window(place: Workplace) -> Window:
    """The request window that all processes on this database share."""
    if place.stand_in is not None:
        return place.stand_in.window
    moco = place.config.moco
    return SharedWindow(
        place.engine,
        moco.requests_per_window,
        moco.window_seconds,
        moco.timeout_seconds,
        sleep=place.clock.sleep,
    )


def connect_reader(place: Workplace) -> MocoReader:
    """A client that can only read, after the login was accepted and the pair of accounts agreed."""
    from migrator.moco.client import MocoReader  # noqa: PLC0415 (ActiveCollab is read without it: 10 MB)

    return _greeted(place, MocoReader, open_window(place))


def connect_writer(place: Workplace, window: Window) -> MocoWriter:
    """A client that can also write; its caller takes the slots of `window` for its writes."""
    from migrator.moco.client import MocoWriter  # noqa: PLC0415

    return _greeted(place, MocoWriter, window)


def _greeted(place: Workplace, kind: type[MocoClient], window: Window) -> MocoClient:
    from migrator.moco.transport import Network  # noqa: PLC0415

    require_moco(place.config)
    moco = place.config.moco
    client = kind(
        moco.url,
        moco.api_key.reveal(),
        window,
        timeout_seconds=moco.timeout_seconds,
        window_seconds=moco.window_seconds,
        network=Network(proxy=place.config.network.proxy, ca_file=place.config.network.ca_file),
        adapter=place.stand_in.adapter if place.stand_in else None,
        sleep=place.clock.sleep,
        answers=place.answers,
    )
    _greet(place, client)
    return client


def _greet(place: Workplace, reader: MocoReader) -> None:
    """Check the pair of accounts before the first request, and the login with it.

    An account is bound once it accepted the key: a mistyped address must not claim the database.
    """
    instance, moco_name = place.config.activecollab.instance, place.config.moco.account
    with writing(place.engine) as session:
        pair = account.bound(session)
        if pair is not None and pair.subdomain is not None:
            account.bind(session, instance, moco_name, place.clock.now())
    identity = reader.fetch_session()
    with writing(place.engine) as session:
        account.bind(session, instance, moco_name, place.clock.now())
        known = account.remember_session(session, identity.uuid)
    if known not in {None, identity.uuid}:
        place.progress.note("MOCO's session uuid changed since the last run; the address is the same, so going on")


# -- the lease -----------------------------------------------------------------------------------------------------


@contextmanager
def leased(place: Workplace, command: str) -> Iterator[int]:
    """Hold the right to write; yields the epoch that every transaction of intents checks.

    Raises `LockedByAnotherRun` naming the holder. A thread renews the lease while the work goes on.
    """
    pid = os.getpid()
    with writing(place.engine) as session:
        epoch = lease.acquire(
            session,
            host=socket.gethostname(),
            pid=pid,
            process_started=lease.process_started(pid),
            command=command,
            ttl=lease.TTL_SECONDS,
            is_alive=_is_working,
        )
    _held.add(epoch)
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(RENEW_EVERY):
            try:
                with writing(place.engine) as session:
                    lease.renew(session, epoch, lease.TTL_SECONDS)
            except LockedByAnotherRun:
                # The next intent's own check stops the run with the right words.
                return
            except MigratorError:
                # A database that is away for a moment is no reason to lose the lease.
                continue

    renewer = threading.Thread(target=log.carried(renew), name="lease", daemon=True)
    renewer.start()
    try:
        yield epoch
    finally:
        stop.set()
        renewer.join(timeout=5)
        _held.discard(epoch)
        # What ended the work is to be told, not that the database is gone: the lease runs out by itself.
        with suppress(MigratorError, DBAPIError), writing(place.engine) as session:
            lease.release(session, epoch)


def _is_working(pid: int, started: str) -> bool:
    """Whether a process may still write under its lease: this one only if it knows of one.

    Another may lie there of which it was never told, or that it could not give back, because the database went away.
    """
    return bool(_held) if pid == os.getpid() else lease.process_is_alive(pid, started)
