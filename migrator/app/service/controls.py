"""What a person may ask of the service: sync now, pause, resume; kept in the database, so for every process on it."""

from __future__ import annotations

from migrator.app.wiring import Workplace
from migrator.store import outcomes
from migrator.store.engine import writing


class Controls:
    """The buttons of the console; each may be pressed twice."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def sync_now(self) -> None:
        """Begin a sync within seconds, also while paused: a person said so."""
        with writing(self._place.engine) as session:
            outcomes.ask(session, self._place.clock.now())

    def pause(self) -> None:
        """Begin nothing scheduled until `resume`; what runs goes on to its end."""
        with writing(self._place.engine) as session:
            outcomes.pause(session, self._place.clock.now())

    def resume(self) -> None:
        """Follow the schedule again."""
        with writing(self._place.engine) as session:
            outcomes.resume(session, self._place.clock.now())
