"""What the pages of the console show, read from the database in one short look; nothing is asked of the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from migrator.app.console.coverage import Coverage, Coverages
from migrator.app.console.remedies import Remedy, remedy_of, remedy_of_group
from migrator.app.reasons import in_words
from migrator.app.service.standing import Standing, standing_of
from migrator.app.wiring import Workplace
from migrator.core.actions import Word
from migrator.core.outcomes import SUCCESS
from migrator.core.tally import Tally
from migrator.store import inbox, reports, runs
from migrator.store.engine import reading
from migrator.store.inbox import ItemKind, OpenGroup, SavedItem
from migrator.store.reports import SavedReport
from migrator.store.runs import SavedRun

RUNS: Final = 15
FIRST: Final = 3
"""So many of a group are shown at once where each needs a word of its own."""

PAGE: Final = 50
_IN_MOCO: Final = (Word.CREATED, Word.ADOPTED, Word.UPDATED, Word.UNCHANGED)
_WITH_BOOKS: Final = ("apply", "sync")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, and what resolves it."""

    saved: SavedItem
    remedy: Remedy
    detail: str
    """What its message says beyond its reason."""


@dataclass(frozen=True, slots=True)
class Group:
    """What waits for one reason, and what resolves all of it at once; where that is None, the first of them."""

    open: OpenGroup
    remedy: Remedy | None
    first: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class RunShown:
    """One run; `took` is None while it goes on, `good` when it needs no attention beyond the inbox.

    `counts` are records by final word, only those of which there are any; empty where it got to no books. `known` is
    what a reading knows of ActiveCollab; None of others, and while it goes on.
    """

    saved: SavedRun
    took: timedelta | None
    good: bool
    counts: Mapping[Word, int]
    known: Tally | None = None

    @property
    def read(self) -> int:
        """The records in its books."""
        return sum(self.counts.values())

    @property
    def in_moco(self) -> int:
        """Those that MOCO holds."""
        return sum(self.counts.get(word, 0) for word in _IN_MOCO)

    @property
    def elsewhere(self) -> Mapping[Word, int]:
        """The others."""
        return {word: count for word, count in self.counts.items() if word not in _IN_MOCO}

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left to do."""
        return not {Word.PENDING, Word.UNCLEAR} & self.counts.keys()


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first page."""

    standing: Standing
    runs: tuple[RunShown, ...]
    groups: tuple[Group, ...]
    waiting: int
    waiting_seconds: int
    coverage: Coverage | None
    """None while it is worked out for the first time."""

    report: SavedReport | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what waits; `after` is where the next page begins, None on the last one."""

    items: tuple[Item, ...]
    groups: tuple[OpenGroup, ...]
    after: int | None


def load_overview(place: Workplace, coverages: Coverages) -> Overview:
    """Read it; raises what an unreachable database raises."""
    coverage = coverages.now()
    with reading(place.engine) as session:
        groups = inbox.open_groups(session)
        return Overview(
            standing=standing_of(session, place),
            runs=tuple(_run(each) for each in runs.list_runs(session, RUNS)),
            groups=tuple(_group(each, session) for each in groups),
            waiting=sum(each.records for each in groups),
            waiting_seconds=sum(each.seconds for each in groups),
            coverage=coverage,
            report=next(iter(reports.reports_before(session, 1)), None),
        )


def load_page(place: Workplace, kind: ItemKind | None, reason: str, after: int) -> Page:
    """One page of the inbox."""
    with reading(place.engine) as session:
        found = inbox.open_page(session, kind=kind, reason=reason, after=after, size=PAGE + 1)
        groups = inbox.open_groups(session)
    items = found[:PAGE]
    return Page(
        items=tuple(map(_item, items)),
        groups=groups,
        after=items[-1].id if len(found) > PAGE else None,
    )


def _run(saved: SavedRun) -> RunShown:
    took = saved.ended_at - saved.started_at if saved.ended_at else None
    told = json.loads(saved.counts)
    counts = {word: told[word.value] for word in Word if told.get(word.value)}
    known = None
    if saved.kind == "read" and "read" in told:
        known = Tally(told["read"], json.loads(saved.seconds).get("read", 0))
    return RunShown(saved, took, saved.exit_code in SUCCESS, counts if saved.kind in _WITH_BOOKS else {}, known)


def _group(group: OpenGroup, session: Session) -> Group:
    remedy = remedy_of_group(group.kind, group.reason)
    if remedy is not None:
        return Group(group, remedy)
    first = inbox.open_page(session, kind=group.kind, reason=group.reason, size=FIRST)
    return Group(group, None, tuple(map(_item, first)))


def _item(saved: SavedItem) -> Item:
    new = saved.new
    detail = "" if new.message == in_words(new.reason, "") else new.message
    return Item(saved, remedy_of(new, saved.id), detail)
