"""A console over a database in which something happened; each scene names only what matters to it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from migrator.app.config import Config
from migrator.app.configuration.model import ActiveCollab, Database, Moco, Web
from migrator.app.console.pages import console_pages
from migrator.app.progress import LoggedProgress
from migrator.app.secret import Secret
from migrator.app.service.hooks import HookReceiver
from migrator.app.service.web import build_web
from migrator.app.wiring import Clock, Workplace, open_workplace
from migrator.core.model import Company, FoundMaster, Origin, Project, SourceId, User
from migrator.store import inbox, lease, outcomes, reports, runs
from migrator.store.engine import writing
from migrator.store.inbox import NewItem
from migrator.store.lease import Right
from migrator.store.source import stage
from migrator.store.source_masters import stage_masters
from tests.unit.store.builders import a_time_entry, found

NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
HOST = "127.0.0.1:8420"
TOKEN = "0123456789abcdef-token"


class _Browser(FlaskClient):
    """Calls the service by one name, which need not be its own."""

    def __init__(self, app: Flask, host: str) -> None:
        super().__init__(app, Response, use_cookies=True)
        self._host = host

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # Any: the test client's own arguments
        """Send one request."""
        headers = {**dict(kwargs.pop("headers", None) or {}), "Host": self._host}
        return super().open(*args, headers=headers, **kwargs)


@dataclass
class Scene:
    """A console, and the time it believes in; `steady` moves only by hand."""

    place: Workplace
    app: Flask
    receiver: HookReceiver
    steady: list[float] = field(default_factory=lambda: [0.0])

    def client(self, *, host: str = HOST, remote: str = "127.0.0.1") -> FlaskClient:
        """A browser that keeps its cookies."""
        client = _Browser(self.app, host)
        client.environ_base |= {"REMOTE_ADDR": remote}
        return client

    def page(self, path: str = "/", **headers: str) -> TestResponse:
        """What a new browser is shown."""
        return self.client().get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})

    # -- what happened ---------------------------------------------------------------------------------------------

    def run(self, kind: str, code: int | None, verdict: str = "", minutes_ago: float = 60, took: float = 12) -> int:
        """A run that ended, or has not."""
        began = NOW - timedelta(minutes=minutes_ago)
        with writing(self.place.engine) as session:
            number = runs.start_run(session, kind, began)
            if code is not None:
                ended = began + timedelta(seconds=took)
                runs.finish_run(session, number, ended, exit_code=code, verdict=verdict)
        return number

    def ends(self, number: int, code: int, verdict: str, counts: str, seconds: str = "{}") -> None:
        """A run ends with books."""
        with writing(self.place.engine) as session:
            runs.finish_run(session, number, NOW, exit_code=code, verdict=verdict, counts=counts, seconds=seconds)

    def scheduled(self, kind: str, code: int | None, minutes_ago: float = 60, run: int | None = None) -> None:
        """Scheduled work that ended, or goes on."""
        began = NOW - timedelta(minutes=minutes_ago)
        with writing(self.place.engine) as session:
            number = outcomes.begin_outcome(session, kind, began)
            if code is not None:
                outcomes.end_outcome(session, number, began + timedelta(seconds=12), exit_code=code, run_id=run)

    def synced(
        self, code: int = 0, verdict: str = "All 3 source records are accounted for.", minutes_ago: float = 3
    ) -> None:
        """A scheduled sync with its run."""
        number = self.run("sync", code, verdict, minutes_ago)
        self.scheduled("sync", code, minutes_ago, number)

    def held(self, right: Right, command: str = "migrator serve", host: str = "elsewhere") -> None:
        """Another machine holds a lease."""
        with writing(self.place.engine) as session:
            lease.acquire(session, host, 4711, "", command, ttl=86_400, right=right)

    def serves(self) -> None:
        """This very process follows the schedule."""
        with writing(self.place.engine) as session:
            mine = lease.process_started(os.getpid())
            lease.acquire(session, socket.gethostname(), os.getpid(), mine, "serve", ttl=86_400, right=Right.SERVE)

    def waits(self, *items: NewItem) -> None:
        """Something waits for a person."""
        with writing(self.place.engine) as session:
            inbox.sync_inbox(session, 1, items, NOW - timedelta(days=1))

    def staged(self, hours: Sequence[tuple[str, str, float]], run: int = 1) -> None:
        """Time of people in projects, each by its name, read by a run."""
        people = {name: number for number, name in enumerate(dict.fromkeys(one for one, _, _ in hours), 1)}
        projects = {name: number for number, name in enumerate(dict.fromkeys(one for _, one, _ in hours), 1)}
        here = Origin("api:", 0)
        masters: list[User | Company | Project] = [
            *(User(SourceId(number), name, f"p{number}@agency.example") for name, number in people.items()),
            *(Project(SourceId(number), name) for name, number in projects.items()),
        ]
        entries = [
            a_time_entry(number, user=people[who], project=projects[where], seconds=round(time * 3600))
            for number, (who, where, time) in enumerate(hours, 1)
        ]
        with writing(self.place.engine) as session:
            stage_masters(session, [FoundMaster(each, here) for each in masters])
            stage(session, run, map(found, entries))

    def reported(self, directory: str = "/srv/reports/2026-11") -> None:
        """A report was made."""
        with writing(self.place.engine) as session:
            reports.save_report(
                session, run_id=2, made_at=NOW - timedelta(days=2), made_by="ops", fingerprint="3f" * 32,
                verdict="agree_but", directory=directory, totals="{}",
            )  # fmt: skip


@contextmanager
def a_scene(url: str, *, token: str = "") -> Iterator[Scene]:
    """An empty database, at a moment that stands still."""
    config = Config(
        database=Database(url=url),
        activecollab=ActiveCollab(instance="main"),
        moco=Moco(url="https://solar.mocoapp.com"),
        web=Web(token=Secret(token)),
    )
    steady = [0.0]
    clock = Clock(wall=NOW.timestamp, steady=lambda: steady[0])
    place = open_workplace(config, LoggedProgress(), clock)
    receiver = HookReceiver(place, ())
    try:
        yield Scene(place, build_web(place, receiver, [console_pages(place, patience=60)]), receiver, steady)
    finally:
        receiver.close()
        place.engine.dispose()


def form_of(page: TestResponse) -> str:
    """What the forms of a page carry."""
    got = re.search(r'name="form" value="([0-9a-f]{64})"', page.text)
    assert got is not None
    return got[1]
