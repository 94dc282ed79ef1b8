"""What is in MOCO now: listings of activities, re-checked row by row, that say whether they are complete."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime

from migrator.core.model import MocoId, TargetEntry
from migrator.moco.listing import ActivityFilter, Page
from migrator.moco.pacing import Priority
from migrator.moco.reading import MocoReader

MOST_AT_ONCE = 110
"""Ids or markers in one question: a full bulk and some canaries; more would not fit into an address."""

_READINGS = 2

Pages = Callable[[], Iterator[Page[TargetEntry]]]
"""Reads a list from its first page on, each time it is called."""


REMEMBERED = 20_000
"""Rows a listing remembers to tell repeated ones: a list that moves repeats its neighbours, and memory is bounded."""


class Recent:
    """The ids of the last rows seen."""

    def __init__(self) -> None:
        self._ids: OrderedDict[MocoId, None] = OrderedDict()

    def is_new(self, activity_id: MocoId) -> bool:
        """Whether it is not among them; it is from now on."""
        if activity_id in self._ids:
            return False
        self._ids[activity_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return True


class _Reading:
    """One pass over all pages of a list: which rows came, and whether MOCO's own count agrees."""

    def __init__(self) -> None:
        self._recent = Recent()
        self._rows = 0
        self._totals: set[int] = set()

    def new_rows(self, page: Page[TargetEntry]) -> Iterator[TargetEntry]:
        """The rows of `page` that no page before it had; a list that moves while it is read repeats some."""
        if page.total is not None:
            self._totals.add(page.total)
        for entry in page.rows:
            if self._recent.is_new(entry.id):
                self._rows += 1
                yield entry

    @property
    def total(self) -> int:
        """`X-Total` of the last page where it is given and agreed, else the distinct rows received."""
        return max(self._totals, default=self._rows)

    @property
    def is_steady(self) -> bool:
        """Whether every page gave the same total, and as many distinct rows came."""
        return self._totals <= {self._rows}


class Listing:
    """Activities in batches of at most a page; the attributes hold after the last batch.

    A list that moved while it was read is read a second time. An activity comes once, unless the list is longer
    than `REMEMBERED`: then the second reading may give it again.
    """

    complete: bool
    """Whether everything that matches was given out: the counts agreed, and the filter allowed to go on."""

    total_rows: int
    """The rows MOCO counted in its list, those left out here included."""

    ignored_filter: bool
    """Whether rows came that the filter should have kept out; they were left out here."""

    def __init__(
        self,
        read: Pages,
        matches: Callable[[TargetEntry], bool],
        *,
        stop_when_ignored: bool,
    ) -> None:
        self._read = read
        self._matches = matches
        self._stop_when_ignored = stop_when_ignored
        self._forget()

    def _forget(self) -> None:
        self.complete, self.total_rows, self.ignored_filter = False, 0, False

    def __iter__(self) -> Iterator[tuple[TargetEntry, ...]]:
        self._forget()
        given = Recent()
        for _ in range(_READINGS):
            reading = _Reading()
            for page in self._read():
                rows = tuple(reading.new_rows(page))
                matching = tuple(entry for entry in rows if self._matches(entry))
                self.ignored_filter |= len(matching) < len(rows)
                fresh = tuple(entry for entry in matching if given.is_new(entry.id))
                self.total_rows = reading.total
                if fresh:
                    yield fresh
                if self.ignored_filter and self._stop_when_ignored:
                    return
            if reading.is_steady:
                self.complete = True
                return


def scan_range(
    reader: MocoReader,
    day_from: date | None,
    day_to: date | None,
    user_id: MocoId | None = None,
    *,
    as_user: MocoId | None = None,
    priority: Priority = Priority.SCAN,
) -> Listing:
    """The activities of some days (inclusive, None is open), of one person or of all that the key sees."""

    def matches(entry: TargetEntry) -> bool:
        day = entry.booking.day
        return (
            (day_from is None or day >= day_from)
            and (day_to is None or day <= day_to)
            and (user_id is None or entry.booking.user_id == user_id)
        )

    filters = ActivityFilter(day_from=day_from, day_to=day_to, user_id=user_id)
    return Listing(_pages(reader, filters, as_user, priority), matches, stop_when_ignored=False)


def scan_updated_after(
    reader: MocoReader, since: datetime, *, as_user: MocoId | None = None, priority: Priority = Priority.SCAN
) -> Listing:
    """The activities created or updated since then (must carry a zone); deletions are invisible here."""
    whole = since.replace(microsecond=0)
    filters = ActivityFilter(updated_after=whole)
    pages = _pages(reader, filters, as_user, priority)
    return Listing(pages, lambda entry: entry.updated_at >= whole, stop_when_ignored=False)


def scan_ids(
    reader: MocoReader,
    ids: Collection[MocoId],
    *,
    as_user: MocoId | None = None,
    priority: Priority = Priority.SCAN,
) -> Listing:
    """The activities with these ids, at most `MOST_AT_ONCE`; stops like `scan_markers` when ignored."""
    wanted = frozenset(ids)
    filters = ActivityFilter(ids=tuple(sorted(wanted)))
    pages = _pages_of_few(reader, filters, len(wanted), as_user, priority)
    return Listing(pages, lambda entry: entry.id in wanted, stop_when_ignored=True)


def scan_markers(
    reader: MocoReader,
    markers: Collection[str],
    *,
    as_user: MocoId | None = None,
    priority: Priority = Priority.PROOF,
) -> Listing:
    """The activities that carry one of these markers, at most `MOST_AT_ONCE`.

    Servers before 2026 ignore the filter and would send the whole account: then the first page is all that is
    read, `ignored_filter` is true and `complete` false. An empty answer proves nothing without a canary.
    """
    wanted = frozenset(markers)
    filters = ActivityFilter(remote_ids=tuple(sorted(wanted)))
    pages = _pages_of_few(reader, filters, len(wanted), as_user, priority)
    return Listing(pages, lambda entry: entry.booking.marker in wanted, stop_when_ignored=True)


def _pages(reader: MocoReader, filters: ActivityFilter, as_user: MocoId | None, priority: Priority) -> Pages:
    return lambda: reader.list_activities(filters, as_user, priority)


def _pages_of_few(
    reader: MocoReader, filters: ActivityFilter, asked: int, as_user: MocoId | None, priority: Priority
) -> Pages:
    if asked > MOST_AT_ONCE:
        raise ValueError(f"{asked} asked for at once; at most {MOST_AT_ONCE}")
    # An empty list of ids or markers is no filter to MOCO: it would send everything.
    return _pages(reader, filters, as_user, priority) if asked else lambda: iter(())
