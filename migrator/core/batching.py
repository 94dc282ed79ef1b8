"""Creates into bulk batches, and a refused batch into halves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Protocol, TypeVar

from migrator.core.model import Booking

MOST_PER_BULK = 100
"""MOCO's OpenAPI document (beta): at most 100 activities in one bulk request."""


class Bookable(Protocol):
    """A record that is to be created, whatever else its row carries."""

    @property
    def booking(self) -> Booking:
        """What MOCO shall hold."""


Row = TypeVar("Row", bound=Bookable)
Part = TypeVar("Part")


def batches(rows: Iterable[Row], size: int) -> Iterator[tuple[Row, ...]]:
    """The rows in batches of at most `size`, one person each, because a bulk request has one user.

    `rows` come sorted by person, day and id; they are streamed, never held whole. Raises ValueError for a
    size that MOCO does not take.
    """
    if not 1 <= size <= MOST_PER_BULK:
        raise ValueError(f"a bulk request carries 1 to {MOST_PER_BULK} records, not {size}")
    for _, of_one_person in groupby(rows, key=lambda row: row.booking.user_id):
        batch: list[Row] = []
        for row in of_one_person:
            batch.append(row)
            if len(batch) == size:
                yield tuple(batch)
                batch = []
        if batch:
            yield tuple(batch)


def halves(batch: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The two halves of a refused batch, in order; the second is empty for a single record."""
    middle = (len(batch) + 1) // 2
    return batch[:middle], batch[middle:]


def post_bound(n: int, k: int) -> int:
    """The most POSTs that halving takes to find `k` bad records among `n`: 1 + 2k·⌈log2 n⌉."""
    return 1 + 2 * k * (n - 1).bit_length() if n else 0
