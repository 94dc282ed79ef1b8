"""Lists that come in pages while people go on working: read until one pass agrees with itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from migrator.activecollab.conversation import Verdict
from migrator.core.model import Reading

PER_PAGE = 100
MOST_PASSES = 3
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Paging:
    """What the headers of a page say; None is what they leave out.

    `page` 0 means that the list is not paged. Paged and unpaged lists use other names (fact sheet §5.4).
    """

    page: int | None = None
    per_page: int | None = None
    total: int | None = None

    @classmethod
    def told_by(cls, headers: Mapping[str, str]) -> Paging:
        """The paging that `headers` (lower-case names) tell in either spelling."""

        def number(*names: str) -> int | None:
            for name in names:
                told = headers.get(f"x-angie-pagination{name}", "").strip()
                if re.fullmatch(r"[0-9]{1,12}", told):
                    return int(told)
            return None

        return cls(
            page=number("currentpage", "page"),
            per_page=number("itemsperpage", "perpage"),
            total=number("totalitems", "total"),
        )

    def is_last(self, page: int, count: int, *, anything_new: bool) -> bool:
        """Whether nothing can follow page number `page` with its `count` elements."""
        if self.page == 0 or not count:
            return True
        if self.total is None:
            # Only an empty page ends such a list, or one that repeats: a list that takes no notice of `page`.
            return not anything_new
        per_page = self.per_page or PER_PAGE
        # A full page is never taken for the last: the next one must be empty, whatever the total says.
        return count < per_page and page * per_page >= self.total


@dataclass(slots=True)
class _Pass:
    """One reading of all pages: the distinct elements, and what the pages said."""

    seen: set[Hashable] = field(default_factory=set)
    totals: set[int | None] = field(default_factory=set)

    @property
    def objection(self) -> str:
        """Why this pass alone proves nothing; empty when it does."""
        if len(self.totals) != 1:
            return "the total changed from page to page"
        total = next(iter(self.totals))
        if total is None:
            return "no page told the total"
        if len(self.seen) != total:
            return f"the pages held {len(self.seen)} distinct elements, but their headers said {total}"
        return ""


Page = tuple[Paging, Iterator[Reading]]


def read_pages(
    name: str,
    fetch: Callable[[int], Page | None],
    identify: Callable[[Reading], Hashable | None],
    verdict: Verdict,
) -> Iterator[Reading]:
    """Every element of a paged list at least once; `verdict` gets a problem unless the list is proved complete.

    A list is complete when every page of one pass told the same total and as many distinct elements were seen;
    where no total is told, when two passes in a row saw the same. `fetch` gives page n, from 1, or None after
    it told `verdict` why; `identify` tells what an element is, None for what does not count. One thing no total
    can tell: a deletion and an addition between the same two pages. So absence from a list is no proof alone.
    """
    before: set[Hashable] | None = None
    objection = ""
    for _ in range(MOST_PASSES):
        current = _Pass()
        whole = yield from _read_once(fetch, identify, current, verdict)
        if not whole:
            return
        objection = current.objection
        untold = current.totals == {None}
        if verdict or not objection or (untold and before == current.seen):
            return
        before = current.seen if untold else None
    verdict.add(f"{name}: read {MOST_PASSES} times, and each time it changed meanwhile: {objection}")


def _read_once(
    fetch: Callable[[int], Page | None],
    identify: Callable[[Reading], Hashable | None],
    current: _Pass,
    verdict: Verdict,
) -> Generator[Reading, None, bool]:
    """All pages, one bad page notwithstanding; False when one did not come or the last was not found."""
    for page in range(1, _MOST_PAGES):
        got = fetch(page)
        if got is None:
            return False
        paging, readings = got
        count, known = 0, len(current.seen)
        for reading in readings:
            identity = identify(reading)
            if identity is not None:
                count += 1
                current.seen.add(identity)
            yield reading
        current.totals.add(paging.total)
        if paging.is_last(page, count, anything_new=len(current.seen) > known):
            return True
    verdict.add(f"the list did not end after {_MOST_PAGES} pages")
    return False
