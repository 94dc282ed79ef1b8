"""How much of the staged time the mapping covers, and the largest holes in it; worked out once for each state."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from migrator.app import log
from migrator.app.mapping.cover import in_force, measure
from migrator.app.mapping.sides import Sides
from migrator.app.wiring import Workplace
from migrator.core.mapping import MapKind
from migrator.errors import MigratorError
from migrator.store import mapping, runs, totals
from migrator.store.engine import reading
from migrator.store.made import made_targets
from migrator.store.source_masters import load_masters
from migrator.store.target_masters import load_target_masters, masters_version

SHOWN: Final = 12
"""Holes that are shown; the rest is counted."""

PATIENCE: Final = 0.4
"""Seconds that a page waits for what is worked out beside it."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A thing of ActiveCollab that nobody decided on, and the time that waits for it."""

    kind: MapKind
    name: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Seconds that are mapped and that are not, and what they wait for, most time first; `share` None without time."""

    version: int
    share: Fraction | None
    mapped: int
    unmapped: int
    holes: tuple[Hole, ...]
    more: int
    """Holes that are not among `holes`."""


class Coverages:
    """Gives the coverage of now, from memory as long as no run has ended and no mapping was made. Share it.

    What a run did not change is not worked out again: that takes one look at the staged records, not at each of them.
    What did change is worked out beside the page; who asks waits a moment for it, and else gets what was known before.
    """

    def __init__(self, place: Workplace, patience: float = PATIENCE) -> None:
        self._place = place
        self._patience = patience
        self._lock = threading.Lock()
        self._cheap: object = None
        self._exact: object = None
        self._known: Coverage | None = None
        self._work: threading.Thread | None = None

    def now(self) -> Coverage | None:
        """Mapped time, and holes by time; None while it is worked out for the first time."""
        with self._lock:
            with reading(self._place.engine) as session:
                version = mapping.latest_version(session)
                latest = next(iter(runs.list_runs(session, 1)), None)
                cheap = (version, latest and latest.id, latest and latest.ended_at)
                if cheap == self._cheap:
                    return self._known
                exact = (version, totals.source_version(session), masters_version(session))
            if exact == self._exact:
                self._cheap = cheap
                return self._known
            if self._work is None or not self._work.is_alive():
                work = partial(self._work_out, cheap, exact)
                self._work = threading.Thread(target=work, name="coverage", daemon=True)
                self._work.start()
            work_going_on = self._work
        work_going_on.join(self._patience)
        return self._known

    def _work_out(self, cheap: object, exact: object) -> None:
        try:
            with reading(self._place.engine) as session:
                known = self._measured(session)
        except (MigratorError, SQLAlchemyError) as error:
            # The page that is shown next begins it again.
            log.warn(log.PAGE_NOT_SHOWN, error=type(error).__name__)
            return
        with self._lock:
            self._known, self._cheap, self._exact = known, cheap, exact

    def _measured(self, session: Session) -> Coverage:
        sides = Sides(load_masters(session), load_target_masters(session), made_targets(session))
        explicit = mapping.load_mapping(session)
        cover = measure(session, self._place.config, in_force(self._place.config, explicit, sides), sides)
        ordered = cover.lacking.most_common()
        holes = tuple(
            Hole(kind, sides.source_name(kind, id_) or f"#{id_}", time) for (kind, id_), time in ordered[:SHOWN]
        )
        return Coverage(explicit.version, cover.share, cover.mapped, cover.unmapped, holes, len(ordered) - len(holes))
