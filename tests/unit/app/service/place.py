"""A database with our schema and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from migrator.app.config import load
from migrator.app.progress import LoggedProgress
from migrator.app.wiring import Clock, Workplace, open_workplace
from migrator.store import outcomes, runs
from migrator.store.engine import writing


@dataclass(slots=True)
class Time:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 5, 4, 12, tzinfo=UTC))
    steady: float = 0.0

    def pass_(self, **span: float) -> None:
        """Let time go by."""
        self.now += timedelta(**span)
        self.steady += timedelta(**span).total_seconds()

    def seconds(self) -> float:
        """Now, since 1970."""
        return self.now.timestamp()

    @property
    def clock(self) -> Clock:
        """What the product takes for now."""
        return Clock(self.seconds, lambda seconds: self.pass_(seconds=seconds), lambda: self.steady)


@contextmanager
def opened(url: str, time: Time, **settings: str) -> Iterator[Workplace]:
    """A workplace on a database; `settings` are keys with two underscores for the dot."""
    given = {"database__url": url, "moco__url": "http://127.0.0.1:9", "moco__api_key": "k" * 24, **settings}
    environ = {f"MIGRATOR__{name.upper()}": value for name, value in given.items()}
    place = open_workplace(load(environ=environ), LoggedProgress(), time.clock)
    try:
        yield place
    finally:
        place.engine.dispose()


def work(place: Workplace, time: Time, code: int | None, *, kind: str = "sync", minutes: float = 1) -> int:
    """One scheduled piece of work, with a run of its own; `code` None: it was killed. Gives the run."""
    with writing(place.engine) as session:
        number = outcomes.begin_outcome(session, kind, time.now)
        run = runs.start_run(session, "verify" if kind == "audit" else kind, time.now)
    time.pass_(minutes=minutes)
    if code is not None:
        with writing(place.engine) as session:
            runs.finish_run(
                session,
                run,
                time.now,
                exit_code=code,
                counts='{"read": 4, "created": 3, "held": 1}',
                seconds='{"read": 9000, "created": 7200, "held": 1800}',
                requests='{"GET": 5, "POST": 2}',
            )
            outcomes.end_outcome(session, number, time.now, exit_code=code, run_id=run, verdict="told")
    return run
