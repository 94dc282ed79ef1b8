"""The stored activities of the simulated MOCO, with the indexes that keep long lists quick."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from migrator.sandbox.moco_records import Activity

_REMEMBERED_LISTS = 16


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What a list of activities is narrowed to; None does not narrow."""

    ids: frozenset[int] | None = None
    markers: frozenset[str] | None = None
    first_day: date | None = None
    last_day: date | None = None
    user_id: int | None = None
    task_id: int | None = None
    projects: frozenset[int] | None = None
    billable: bool | None = None
    billed: bool | None = None
    updated_after: datetime | None = None
    term: str | None = None
    tags: frozenset[str] | None = None

    def admits(self, activity: Activity) -> bool:
        """Whether `activity` belongs into the list."""
        return (
            (self.ids is None or activity.id in self.ids)
            and (self.markers is None or activity.remote_id in self.markers)
            and (self.first_day is None or activity.date >= self.first_day)
            and (self.last_day is None or activity.date <= self.last_day)
            and (self.user_id is None or activity.user_id == self.user_id)
            and (self.task_id is None or activity.task_id == self.task_id)
            and (self.projects is None or activity.project_id in self.projects)
            and (self.billable is None or activity.billable == self.billable)
            and (self.billed is None or activity.billed == self.billed)
            and (self.updated_after is None or activity.updated_at.replace(microsecond=0) > self.updated_after)
            and (self.tags is None or activity.tag in self.tags)
            and (self.term is None or self._mentions(activity, self.term.casefold()))
        )

    @staticmethod
    def _mentions(activity: Activity, term: str) -> bool:
        searched = (activity.tag, activity.description, activity.remote_id or "")
        return any(term in text.casefold() for text in searched)


class ActivityTable:
    """Activities by id, indexed by marker, person and day; lists are remembered until the next write.

    `changed` hears of every change, None standing for what was or is not there.
    """

    def __init__(self, changed: Callable[[Activity | None, Activity | None], None]) -> None:
        self._changed = changed
        self._by_id: dict[int, Activity] = {}
        self._by_marker: dict[str, set[int]] = {}
        self._by_user: dict[int, set[int]] = {}
        self._by_day: dict[date, set[int]] = {}
        self._days: list[date] = []
        self._lists: dict[ActivityFilter, list[int]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Activity]:
        return iter(self._by_id.values())

    def get(self, activity_id: int) -> Activity | None:
        """The activity of that id, if there is one."""
        return self._by_id.get(activity_id)

    def put(self, activity: Activity) -> None:
        """Store `activity` under its id, in place of an older version."""
        old = self._by_id.get(activity.id)
        if old is not None:
            self._forget(old)
        self._by_id[activity.id] = activity
        self._by_user.setdefault(activity.user_id, set()).add(activity.id)
        if activity.date not in self._by_day:
            self._by_day[activity.date] = set()
            insort(self._days, activity.date)
        self._by_day[activity.date].add(activity.id)
        if activity.remote_id is not None:
            self._by_marker.setdefault(activity.remote_id, set()).add(activity.id)
        self._lists.clear()
        self._changed(old, activity)

    def remove(self, activity_id: int) -> None:
        """Delete the activity of that id."""
        gone = self._by_id.pop(activity_id)
        self._forget(gone)
        self._lists.clear()
        self._changed(gone, None)

    def with_marker(self, marker: str) -> list[Activity]:
        """Every activity whose `remote_id` is `marker`, in the order of ids."""
        return [self._by_id[found] for found in sorted(self._by_marker.get(marker, ()))]

    def select(self, wanted: ActivityFilter, visible: Callable[[Activity], bool] | None = None) -> list[int]:
        """The ids of the activities that `wanted` admits, ascending; `visible` narrows further.

        The list is shared with later callers and must not be changed.
        """
        if visible is not None:
            return [found for found in self.select(wanted) if visible(self._by_id[found])]
        if wanted not in self._lists:
            if len(self._lists) >= _REMEMBERED_LISTS:
                self._lists.pop(next(iter(self._lists)))
            self._lists[wanted] = sorted(
                found for found in self._candidates(wanted) if wanted.admits(self._by_id[found])
            )
        return self._lists[wanted]

    def _candidates(self, wanted: ActivityFilter) -> set[int]:
        """The smallest set that an index offers; the caller still applies the whole filter."""
        if wanted.ids is not None:
            return {found for found in wanted.ids if found in self._by_id}
        if wanted.markers is not None:
            return {found for marker in wanted.markers for found in self._by_marker.get(marker, ())}
        if wanted.first_day is not None and wanted.last_day is not None:
            span = (wanted.last_day - wanted.first_day).days
            if span < len(self._days):
                return {
                    found
                    for day in self._days
                    if wanted.first_day <= day <= wanted.last_day
                    for found in self._by_day[day]
                }
        if wanted.user_id is not None:
            return self._by_user.get(wanted.user_id, set())
        if wanted.updated_after is not None:
            return {one.id for one in self._by_id.values() if one.updated_at > wanted.updated_after}
        return set(self._by_id)

    def _forget(self, activity: Activity) -> None:
        self._by_user[activity.user_id].discard(activity.id)
        self._by_day[activity.date].discard(activity.id)
        if activity.remote_id is not None:
            marked = self._by_marker[activity.remote_id]
            marked.discard(activity.id)
            if not marked:
                del self._by_marker[activity.remote_id]
