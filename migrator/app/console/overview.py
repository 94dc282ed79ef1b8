"""What the pages of the console show, read from the database in one short look; nothing is asked of the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from migrator.app.console.coverage import Coverage, Coverages
from migrator.app.console.remedies import Remedy, remedy_of, remedy_of_group
from migrator.app.service.standing import Standing, standing_of
from migrator.app.wiring import Workplace
from migrator.core.outcomes import SUCCESS
from migrator.store import inbox, reports, runs
from migrator.store.engine import reading
from migrator.store.inbox import ItemKind, OpenGroup, SavedItem
from migrator.store.reports import SavedReport
from migrator.store.runs import SavedRun

RUNS: Final = 15
ITEMS: Final = 8
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Group:
    """What waits for one reason, and what resolves all of it at once; None where each needs a word of its own."""

    open: OpenGroup
    remedy: Remedy | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, and what resolves it."""

    saved: SavedItem
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class RunShown:
    """One run; `took` is None while it goes on, `good` when it needs no attention beyond the inbox."""

    saved: SavedRun
    took: timedelta | None
    good: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first page."""

    standing: Standing
    runs: tuple[RunShown, ...]
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    waiting: int
    waiting_seconds: int
    coverage: Coverage
    report: SavedReport | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what waits; `after` is where the next page begins, None on the last one."""

    items: tuple[Item, ...]
    groups: tuple[Group, ...]
    after: int | None


def load_overview(place: Workplace, coverages: Coverages) -> Overview:
    """Read it; raises what an unreachable database raises."""
    coverage = coverages.now()
    with reading(place.engine) as session:
        groups = inbox.open_groups(session)
        return Overview(
            standing=standing_of(session, place),
            runs=tuple(_run(each) for each in runs.list_runs(session, RUNS)),
            groups=tuple(map(_group, groups)),
            items=tuple(map(_item, inbox.open_page(session, size=ITEMS))),
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
        groups=tuple(map(_group, groups)),
        after=items[-1].id if len(found) > PAGE else None,
    )


def _run(saved: SavedRun) -> RunShown:
    took = saved.ended_at - saved.started_at if saved.ended_at else None
    return RunShown(saved, took, saved.exit_code in SUCCESS)


def _group(group: OpenGroup) -> Group:
    return Group(group, remedy_of_group(group.kind, group.reason))


def _item(saved: SavedItem) -> Item:
    return Item(saved, remedy_of(saved.new, saved.id))
