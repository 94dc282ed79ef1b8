"""Charts as shapes on a plane: bars, lines and labels, for any drawer of vectors; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Look(Enum):
    """How an area is told apart from its neighbours, in colour, in grey and in print."""

    SOLID = "solid"
    HATCHED = "hatched"
    DOTTED = "dotted"
    HOLLOW = "hollow"


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float
    look: Look


@dataclass(frozen=True, slots=True)
class Label:
    """A text; `anchor` as in SVG: start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line, for a scale."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with what stands for it where it cannot be seen: a description and a table."""

    id: str
    title: str
    description: str
    width: int
    height: int
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    lines: tuple[Line, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two amounts of one thing, one for each side, and how each is written."""

    label: str
    first: int
    second: int
    first_text: str
    second_text: str


Named = tuple[Look, str]
"""A look and what it stands for."""

_WIDTH = 960


def tick_step(largest: float) -> int:
    """A round step, so that three to six of them reach `largest`; at least 1."""
    step = 1
    while largest / step > 6:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def columns(
    pairs: Sequence[Pair], names: tuple[str, str], unit: int, scale: str
) -> tuple[tuple[Bar, ...], tuple[Label, ...], tuple[Line, ...], int]:
    """Two columns side by side for each pair, over a scale in `unit`s that `scale` (`{} h`) writes; and the height."""
    top, left, tall = 44, 70, 220
    largest = max((max(pair.first, pair.second) for pair in pairs), default=0) / unit
    step = tick_step(largest)
    ceiling = max(step, -(-int(largest * 1000) // (step * 1000)) * step)
    slot = (_WIDTH - left - 10) / max(len(pairs), 1)
    every = max(1, -(-58 // max(int(slot), 1)))
    bars, labels = _legend(((Look.SOLID, names[0]), (Look.HATCHED, names[1])), left)
    lines = []
    for tick in range(0, ceiling + 1, step):
        y = round(top + tall - tall * tick / ceiling, 1)
        lines.append(Line(left, y, _WIDTH - 10, y))
        labels.append(Label(left - 8, y + 4, scale.format(tick), "end"))
    wide = round(min(slot * 0.38, 34), 1)
    for place, pair in enumerate(pairs):
        middle = round(left + slot * (place + 0.5), 1)
        for amount, x, look in ((pair.first, middle - wide, Look.SOLID), (pair.second, middle, Look.HATCHED)):
            height = round(tall * amount / unit / ceiling, 1)
            bars.append(Bar(round(x, 1), round(top + tall - height, 1), wide, height, look))
        if place % every == 0:
            labels.append(Label(middle, top + tall + 18, pair.label, "middle"))
    return tuple(bars), tuple(labels), tuple(lines), top + tall + 30


def rows(pairs: Sequence[Pair], names: tuple[str, str]) -> tuple[tuple[Bar, ...], tuple[Label, ...], int]:
    """Two bars below each other for each pair, with name and amounts beside them; and the height."""
    top, left, room = 40, 210, 560
    largest = max((max(pair.first, pair.second) for pair in pairs), default=0) or 1
    bars, labels = _legend(((Look.SOLID, names[0]), (Look.HATCHED, names[1])), left)
    for place, pair in enumerate(pairs):
        y = top + place * 40
        labels.append(Label(left - 10, y + 18, pair.label, "end"))
        drawn = ((pair.first, pair.first_text, 0, Look.SOLID), (pair.second, pair.second_text, 15, Look.HATCHED))
        for amount, text, down, look in drawn:
            width = round(room * amount / largest, 1)
            bars.append(Bar(left, y + down, width, 12, look))
            labels.append(Label(round(left + width + 8, 1), y + down + 11, text))
    return tuple(bars), tuple(labels), top + len(pairs) * 40 + 6


def shares(parts: Sequence[tuple[Look, int, str]]) -> tuple[tuple[Bar, ...], tuple[Label, ...], int]:
    """One bar of a whole, divided into parts, each named below; what is there at all is seen. And the height."""
    whole = sum(amount for _, amount, _ in parts) or 1
    least = 4.0
    bars, labels, x = [], [], 10.0
    room = _WIDTH - 20 - least * sum(1 for _, amount, _ in parts if amount)
    for place, (look, amount, text) in enumerate(parts):
        if amount:
            width = round(least + room * amount / whole, 1)
            bars.append(Bar(round(x, 1), 8, width, 36, look))
            x += width
        bars.append(Bar(10, 60 + place * 24, 22, 14, look))
        labels.append(Label(42, 72 + place * 24, text))
    return tuple(bars), tuple(labels), 66 + len(parts) * 24


def stacks(
    found: Sequence[tuple[str, int, int, str]], names: tuple[str, str]
) -> tuple[tuple[Bar, ...], tuple[Label, ...], int]:
    """A bar of two parts for each kind (label, first, second, text behind it); and the height."""
    top, left, room = 40, 210, 500
    largest = max((first + second for _, first, second, _ in found), default=0) or 1
    bars, labels = _legend(((Look.SOLID, names[0]), (Look.DOTTED, names[1])), left)
    for place, (label, first, second, text) in enumerate(found):
        y, x = top + place * 30, float(left)
        labels.append(Label(left - 10, y + 15, label, "end"))
        for amount, look in ((first, Look.SOLID), (second, Look.DOTTED)):
            if amount:
                width = round(max(room * amount / largest, 3), 1)
                bars.append(Bar(round(x, 1), y, width, 20, look))
                x += width
        labels.append(Label(round(x + 8, 1), y + 15, text))
    return tuple(bars), tuple(labels), top + len(found) * 30 + 6


def _legend(named: Sequence[Named], left: int) -> tuple[list[Bar], list[Label]]:
    bars, labels, x = [], [], left
    for look, text in named:
        bars.append(Bar(x, 6, 22, 14, look))
        labels.append(Label(x + 30, 18, text))
        x += 60 + 8 * len(text)
    return bars, labels
