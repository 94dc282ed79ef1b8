"""Quickly made values behave as the frozen dataclasses that they are."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from migrator.core.quick import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2


class Named(Point):
    """A subclass with room for more."""


def test_a_value_is_filled_in_every_way_and_frozen_from_then_on() -> None:
    point = Point(1)
    assert point == Point(1, 2) == Point(y=2, x=1) == replace(Point(3), x=1)
    assert (type(point), repr(point), hash(point)) == (Point, "Point(x=1, y=2)", hash(Point(1)))
    assert (type(Named(1)), Named(1).y) == (Named, 2)
    assert copy.copy(point) == pickle.loads(pickle.dumps(point)) == point
    with pytest.raises(FrozenInstanceError):
        point.x = 4  # type: ignore[misc] # what is tried
    with pytest.raises(AttributeError):
        object.__setattr__(point, "z", 4)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg] # what is tried


@dataclass(frozen=True, slots=True)
class Made:
    points: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    x: int

    def __post_init__(self) -> None:
        assert self.x


@dataclass(frozen=True)
class Open:
    x: int


@pytest.mark.parametrize("kind", [Made, Checked, Open])
def test_what_cannot_be_filled_by_assignments_alone_is_refused(kind: type[object]) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__}: expected"):
        quickly_made(kind)
