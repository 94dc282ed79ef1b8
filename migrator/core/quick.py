"""Frozen dataclasses that are made by hundred thousands: filled by plain assignments, and frozen from then on."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, TypeVar

_Value = TypeVar("_Value", bound=type[Any])


def quickly_made(frozen: _Value) -> _Value:
    """The same frozen dataclass with slots, whose instances are made in a third of the time.

    The `__init__` of a frozen dataclass calls `object.__setattr__` for each field. This one fills the instance as
    one of a class that has the same slots and is not frozen. Raises TypeError where it cannot.
    """
    known = {each.name: each for each in fields(frozen)}
    if hasattr(frozen, "__post_init__") or tuple(known) != getattr(frozen, "__slots__", ()):
        raise TypeError(f"{frozen.__name__}: expected a dataclass with slots and without __post_init__")
    if any(each.default_factory is not MISSING or not each.init or each.kw_only for each in known.values()):
        raise TypeError(f"{frozen.__name__}: expected fields that have no factory and are given in their order")
    defaults = {f"default_{name}": each.default for name, each in known.items() if each.default is not MISSING}
    given = (f"{name}=default_{name}" if f"default_{name}" in defaults else name for name in known)
    lines = [
        f"def __init__(self, {', '.join(given)}):",
        # Those of a subclass may have more to them.
        f" if self.__class__ is not frozen: return slowly(self, {', '.join(known)})",
        " turn(self, '__class__', open_)",
        *(f" self.{name} = {name}" for name in known),
        " self.__class__ = frozen",
    ]
    open_ = type(frozen.__name__, (), {"__slots__": frozen.__slots__})
    names: dict[str, Any] = {
        "turn": object.__setattr__,
        "open_": open_,
        "frozen": frozen,
        "slowly": frozen.__init__,
        **defaults,
    }
    # As `dataclasses` makes its own: there is no other way to a function with these arguments.
    exec("\n".join(lines), names)  # noqa: S102 - nothing but names of our own fields
    frozen.__init__ = wraps(frozen.__init__)(names["__init__"])
    return frozen
