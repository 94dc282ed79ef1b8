"""The alarm clock: APScheduler wakes the main thread when something is due, and does nothing else.

The work itself belongs to the main thread, because signals stop that one between its transactions. What is due is
said by the database, so a wake-up too many is harmless, and one that got lost (clocks are set, machines sleep) is made
up for by the next look.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from apscheduler.events import (  # type: ignore[import-untyped] # it brings no types
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.jobstores.memory import MemoryJobStore  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from migrator.app import log
from migrator.core.outcomes import Kind

_DEFAULTS: Final = {
    # Its own default is one second, after which a job is dropped.
    "misfire_grace_time": None,
    "coalesce": True,
    "max_instances": 1,
}


class Alarm:
    """Set it, then wait; close it at the end."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._set: dict[Kind, datetime] = {}
        # In memory: two processes on one stored job list would fire everything twice.
        self._scheduler = BackgroundScheduler(
            timezone=UTC, jobstores={"default": MemoryJobStore()}, job_defaults=_DEFAULTS, daemon=True
        )
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()

    def set(self, times: Mapping[Kind, datetime]) -> None:
        """Ring at these moments, and at no others."""
        for kind in self._set.keys() - times.keys():
            del self._set[kind]
            if self._scheduler.get_job(kind.value):
                # It is gone where it has rung.
                self._scheduler.remove_job(kind.value)
        for kind, at in times.items():
            if self._set.get(kind) != at:
                self._scheduler.add_job(self._rung.set, "date", run_date=at, id=kind.value, replace_existing=True)
                self._set[kind] = at

    def ring(self) -> None:
        """Wake whoever waits now."""
        self._rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, or so many seconds have passed; tells whether it rang."""
        rang = self._rung.wait(seconds)
        self._rung.clear()
        return rang

    def close(self) -> None:
        """Never ring again."""
        self._scheduler.shutdown(wait=False)


def _tell(event: JobEvent) -> None:
    log.warn(log.ALARM_FAILED, job=event.job_id, event_code=event.code)
