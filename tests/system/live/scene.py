"""A running ActiveCollab, simulated and served, and the product that reads it, under a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from migrator.app.answer import Answer
from migrator.app.config import load
from migrator.app.progress import LoggedProgress
from migrator.app.reading.command import read_source
from migrator.app.reading.live import Reach
from migrator.app.wiring import Clock, Workplace, open_workplace
from migrator.core.listing import Fate, deletion_of
from migrator.core.record import Deletion
from migrator.sandbox.activecollab import ActiveCollabSandbox
from migrator.sandbox.serve import Served, serve
from migrator.store.merge import Merged, pages
from tests.system.databases import absolute

Generation = Literal[2, 3, 5]
GENERATIONS: tuple[Generation, ...] = (2, 3, 5)
TODAY = date(2026, 6, 1)
_PACE = 100_000
"""Requests in a minute: the pace itself is tested with the client."""


@dataclass(slots=True)
class Time:
    """What both sides take for now; it stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 6, 1, 8, tzinfo=UTC))

    def seconds(self) -> float:
        """The same as seconds since 1970."""
        return self.now.timestamp()

    def pass_(self, **span: float) -> None:
        """Let time go by."""
        self.now += timedelta(**span)


@dataclass(slots=True)
class Scene:
    """One server and one database."""

    server: ActiveCollabSandbox
    served: Served
    place: Workplace
    time: Time

    def read(self, reach: Reach = Reach.ALL) -> dict[str, Any]:
        """Read, a minute later than whatever was before; gives the document (Any: JSON)."""
        return dict(self.answer(reach).document)

    def answer(self, reach: Reach = Reach.ALL) -> Answer:
        """The whole answer of a reading."""
        self.time.pass_(minutes=1)
        self.server.forget_requests()
        return read_source(self.place, (), reach)

    def known(self) -> dict[int, Merged]:
        """Everything staged, by id."""
        return {each.entry.id: each for page in pages(self.place.engine, 0) for each in page}

    def deletions(self) -> dict[int, Deletion]:
        """What is proved of each record."""
        return {id_: deletion_of(each.fate, trashed=each.entry.trashed) for id_, each in self.known().items()}

    def fates(self) -> dict[int, Fate]:
        """What is known of the records that are not listed, those in the trash by their own copy included."""
        known = self.known()
        told = {id_: Fate.TRASHED if each.entry.trashed else each.fate for id_, each in known.items()}
        return {id_: fate for id_, fate in told.items() if fate is not Fate.LISTED}

    def commands(self) -> list[str]:
        """The commands that the server was asked since the latest reading began."""
        found = []
        for request in self.server.requests:
            asked = dict(part.partition("=")[::2] for part in request.query.split("&"))
            command = asked.get("path_info", request.path.removeprefix("/api/v1/"))
            page = f"?page={asked['page']}" if asked.get("page", "1") != "1" else ""
            found.append(f"{command}{page}")
        return found


@contextmanager
def scene(folder: Path, generation: Generation, **settings: object) -> Iterator[Scene]:
    """An empty server of `generation`; `settings` are keys of the configuration with `__` for the dot."""
    time = Time()
    server = ActiveCollabSandbox(generation, now=lambda: time.now)
    with serve(server) as served:
        given: dict[str, object] = {
            "activecollab__url": served.url + server.path,
            "activecollab__token": server.token,
            "activecollab__requests_per_minute": _PACE,
            "activecollab__timeout_seconds": 5.0,
            "database__url": absolute(folder),
            **settings,
        }
        environ = {f"MIGRATOR__{name.upper()}": str(value) for name, value in given.items()}
        clock = Clock(time.seconds, lambda seconds: time.pass_(seconds=seconds), time.seconds)
        place = open_workplace(load(environ=environ), LoggedProgress(), clock)
        yield Scene(server, served, place, time)
        place.engine.dispose()


@dataclass(frozen=True, slots=True)
class Agency:
    """What the tests' server holds at first: two active projects, an archived one, one person, ten records."""

    website: int
    shop: int
    archive: int
    person: int
    ticket: int
    in_website: tuple[int, ...]
    in_shop: tuple[int, ...]
    in_archive: tuple[int, ...]

    @property
    def records(self) -> tuple[int, ...]:
        return (*self.in_website, *self.in_shop, *self.in_archive)


def furnish(server: ActiveCollabSandbox) -> Agency:
    """Put a small agency into a server."""
    website, shop = server.add_project("Website"), server.add_project("Shop")
    archive = server.add_project("Archive", archived=True)
    person = server.add_person("Bo", "Beispiel", email="bo@agentur.example")
    ticket = server.add_task(website, "Design")
    return Agency(
        website,
        shop,
        archive,
        person,
        ticket,
        in_website=tuple(
            server.add_record(website, person, "1.5", date(2026, 5, day), task_id=ticket if day % 2 else None)
            for day in range(1, 6)
        ),
        in_shop=tuple(server.add_record(shop, person, "0.25", date(2026, 5, day)) for day in range(1, 4)),
        in_archive=tuple(server.add_record(archive, person, "8", date(2019, 5, day)) for day in range(1, 3)),
    )
