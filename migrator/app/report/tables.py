"""The tables of a report as columns and rows of values: what XLSX and CSV are both written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What the values of a column are, and so how each format writes them."""

    TEXT = "text"
    LONG = "long"
    """A text that may be long: it wraps."""
    DAY = "day"
    MONTH = "month"
    MOMENT = "moment"
    """A `datetime` with zone, written in UTC."""
    NUMBER = "number"
    DECIMAL = "decimal"
    """A `Decimal`, as exact as it is."""
    HOURS = "hours"
    """Seconds, written as hours."""
    CLOCK = "clock"
    """Seconds, written as h:mm; in workbooks only, because a CSV file has no durations."""
    SECONDS = "seconds"
    EXACT = "exact"
    """Seconds; in CSV files only, where hours have two places and nothing behind them."""
    LINK = "link"
    """A `Linked` number."""
    URL = "url"
    """In CSV files only, because a workbook has the address behind the number."""
    ENTRY = "entry"
    """Left empty (None) for a person to fill in, the disposition from a list; "" where there is nothing to fill in."""
    HIDDEN = "hidden"
    """For the program that reads it back; in workbooks only."""


class Linked(NamedTuple):
    """A number with an address behind it; the address is "" where there is none that is safe."""

    number: int
    url: str


Cell = str | int | Decimal | date | datetime | Linked | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `name` is the key of its header."""

    name: str
    kind: Kind = Kind.TEXT
    total: bool = False
    """Whether its sum stands below."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; its rows are made anew whenever they are asked for, each with a value for each column."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[tuple[Cell, ...]]]


def columns_of(*given: Column | Iterable[Column]) -> tuple[Column, ...]:
    """Columns one after the other, from single ones and groups."""
    flat: list[Column] = []
    for each in given:
        if isinstance(each, Column):
            flat.append(each)
        else:
            flat += each
    return tuple(flat)
