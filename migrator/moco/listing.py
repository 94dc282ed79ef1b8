"""What a list of MOCO is asked for, and the pages it comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Generic, TypeVar

from migrator.core.model import MocoId

PER_PAGE = 100
"""MOCO's maximum (its OpenAPI document)."""

_NEXT = re.compile(r';\s*rel="?next"?')

Row = TypeVar("Row")

Query = Mapping[str, str | tuple[str, ...]]
"""The query of a request; a name with several values stands there several times."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page; `number` begins at 1, `total` is `X-Total`, None where the list is not paged."""

    rows: tuple[Row, ...]
    number: int
    total: int | None
    is_last: bool


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which activities to list; days are inclusive, `updated_after` must carry a zone, empty means no filter.

    MOCO ignores filters it does not know (`remote_ids` is one of 2026) and answers with everything.
    """

    day_from: date | None = None
    day_to: date | None = None
    user_id: MocoId | None = None
    project_id: MocoId | None = None
    updated_after: datetime | None = None
    ids: tuple[MocoId, ...] = ()
    remote_ids: tuple[str, ...] = ()

    def params(self) -> dict[str, str]:
        """The query of `GET /activities`; the page is added by whoever turns the pages."""
        after = self.updated_after
        wanted = {
            "from": self.day_from.isoformat() if self.day_from else "",
            "to": self.day_to.isoformat() if self.day_to else "",
            "user_id": str(self.user_id) if self.user_id is not None else "",
            "project_id": str(self.project_id) if self.project_id is not None else "",
            "updated_after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if after else "",
            "ids": ",".join(str(one) for one in self.ids),
            "remote_id": ",".join(self.remote_ids),
        }
        return {name: text for name, text in wanted.items() if text}


def header_count(headers: Mapping[str, str], name: str) -> int | None:
    """A header that holds a whole number; None when missing or something else."""
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def turn_page(rows: tuple[object, ...], number: int, received: int, headers: Mapping[str, str]) -> Page[object]:
    """The page in an answer; `received` counts the rows of this page and all before it.

    The last page is the one without `rel="next"`, unless it is full and `X-Total` knows of more rows. Where an
    answer says nothing of pages (neither `Link` nor `X-Total`), a page of exactly the size asked for is not taken
    for the last: rows that were not read would be taken for absent.
    """
    total = header_count(headers, "x-total")
    size = header_count(headers, "x-per-page") or PER_PAGE
    more = _NEXT.search(headers.get("link", "")) is not None
    owed = total is not None and total > received and len(rows) >= size
    untold = total is None and "link" not in headers and len(rows) == size
    return Page(rows, number, total, is_last=not rows or not (more or owed or untold))
