"""When scheduled work is due: every so often, or by a line of cron; each time once, also when clocks are changed.

APScheduler's trigger knows the grammar of cron, but fires twice in the hour that autumn repeats. So it is asked for
times of the wall clock, and each of those becomes one moment: the first of two, and an hour later where spring skips
it. A line that names no hours (`*/15 * * * *`) goes by real time instead: it shall not rest for an hour in autumn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped] # it brings no types

_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TICK: Final = timedelta(microseconds=1)
_FIELDS: Final = 5


class Every:
    """Every so often, counted from when the work last began."""

    def __init__(self, period: timedelta) -> None:
        self._period = period

    def after(self, moment: datetime) -> datetime:
        """The next time strictly after one."""
        return moment + self._period

    def due(self, last_start: datetime | None, now: datetime) -> datetime:
        """When the work is due that began last then; never begun: at once. A start in the future counts as now."""
        return now if last_start is None else self.after(min(last_start, now))


class Cron:
    """A line of cron in a time zone."""

    def __init__(self, line: str, zone: ZoneInfo) -> None:
        fields = line.split()
        self._zone = zone
        self._by_real_time = len(fields) == _FIELDS and fields[1].startswith("*")
        self._trigger = _trigger(line, zone if self._by_real_time else UTC)

    def after(self, moment: datetime) -> datetime:
        """The next time strictly after one. Raises `ValueError` when there is none."""
        if self._by_real_time:
            return self._next((moment + _TICK).astimezone(self._zone)).astimezone(UTC)
        wall = moment.astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        while True:
            wall = self._next(wall + _TICK)
            at = wall.replace(tzinfo=self._zone).astimezone(UTC)
            # In the second of two equal hours the wall clock shows times that have been.
            if at > moment:
                return at

    def _next(self, wall: datetime) -> datetime:
        found: datetime | None = self._trigger.get_next_fire_time(None, wall)
        if found is None:
            raise ValueError("a line that names a day that comes")
        return found

    def due(self, last_start: datetime | None, now: datetime) -> datetime:
        """When the work is due that began last then; never begun: at the next time of the line."""
        return self.after(now if last_start is None else min(last_start, now))


Timetable = Every | Cron


def timetable(every: timedelta | None, cron: str, zone: str) -> Timetable:
    """The timetable of a configuration; `ValueError` for a line of cron that cannot be used."""
    if cron:
        made = Cron(cron, ZoneInfo(zone))
        made.after(datetime(2024, 1, 1, tzinfo=UTC))
        return made
    assert every is not None
    return Every(every)


def count_times(table: Timetable, after: datetime, until: datetime, most: int) -> int:
    """How many times of a timetable lie after one moment and not after another; counts no further than `most`."""
    count = 0
    at = after
    while count < most and (at := table.after(at)) <= until:
        count += 1
    return count


def _trigger(line: str, zone: ZoneInfo | object) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 (a tenth of a second, and most have no cron)

    fields = line.split()
    if len(fields) != _FIELDS:
        raise ValueError("five fields: minute, hour, day of month, month, day of week")
    minute, hour, day, month, weekday = fields
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=zone)


def _weekdays(text: str) -> str:
    """Days of the week by name: cron counts from Sunday, APScheduler from Monday; and `fri-mon` is fine in cron."""
    if text.startswith("*"):
        return text
    return ",".join(name for part in text.lower().split(",") for name in _span(part))


def _span(part: str) -> Iterator[str]:
    names, _, step = part.partition("/")
    first, _, last = names.partition("-")
    begin, end = _weekday(first), _weekday(last or first)
    if end < begin:
        end += 7
    for number in range(begin, end + 1, int(step or 1)):
        yield _DAYS[number % 7]


def _weekday(name: str) -> int:
    if name in _DAYS:
        return _DAYS.index(name)
    if name.isdecimal() and int(name) < len(_DAYS):
        return int(name)
    raise ValueError(f"{name!r} is no day of the week")
