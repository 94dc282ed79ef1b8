"""Frozen values built at the price of ordinary ones.

A frozen dataclass sets every field by a call of its own; for a value of twenty fields that costs more than parsing
the record it was read from. So the fields are set in an unfrozen twin, which then becomes the frozen class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

V = TypeVar("V", bound="DataclassInstance")


def builder_of(kind: type[V]) -> Callable[..., V]:
    """A function that builds a `kind`, a frozen slotted dataclass, from all its fields in their order."""
    # Python allows to change the class of an object only to one with the very same slots.
    twin = make_dataclass(f"Unfrozen{kind.__name__}", [each.name for each in fields(kind)], slots=True)

    def build(*values: object) -> V:
        built: V = twin(*values)
        built.__class__ = kind
        return built

    return build
