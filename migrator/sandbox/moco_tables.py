"""The tables of the simulated MOCO: records by id, and what is told when one of them changes."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable
from datetime import date
from typing import Generic, Protocol, TypeVar

from migrator.sandbox.moco_records import Presence


class Stored(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> int:
        """Unique among all records of the account."""
        ...


R = TypeVar("R", bound=Stored)


class Table(UserDict[int, R], Generic[R]):
    """Records by id; `changed` hears of every change, None standing for what was or is not there."""

    def __init__(self, changed: Callable[[R | None, R | None], None]) -> None:
        self._changed = changed
        super().__init__()

    def __setitem__(self, key: int, record: R) -> None:
        before = self.data.get(key)
        self.data[key] = record
        self._changed(before, record)

    def __delitem__(self, key: int) -> None:
        before = self.data.pop(key)
        self._changed(before, None)


class PresenceTable(Table[Presence]):
    """Presences, indexed by person and day."""

    def __init__(self, changed: Callable[[Presence | None, Presence | None], None]) -> None:
        self._by_day: dict[tuple[int, date], set[int]] = {}
        self._open: dict[int, set[int]] = {}
        super().__init__(changed)

    def __setitem__(self, key: int, presence: Presence) -> None:
        self._forget(key)
        self._by_day.setdefault((presence.user_id, presence.date), set()).add(key)
        if presence.end is None:
            self._open.setdefault(presence.user_id, set()).add(key)
        super().__setitem__(key, presence)

    def __delitem__(self, key: int) -> None:
        self._forget(key)
        super().__delitem__(key)

    def of_day(self, user_id: int, day: date) -> list[Presence]:
        """A person's presences of that day."""
        return [self.data[found] for found in sorted(self._by_day.get((user_id, day), ()))]

    def open_of(self, user_id: int) -> list[Presence]:
        """A person's presences without an end, of whatever day."""
        return [self.data[found] for found in sorted(self._open.get(user_id, ()))]

    def _forget(self, key: int) -> None:
        known = self.data.get(key)
        if known is not None:
            self._by_day[known.user_id, known.date].discard(key)
            self._open.get(known.user_id, set()).discard(key)
