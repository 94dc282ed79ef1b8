"""Time records of a known layout: entries without a parser, out of texts that were mostly seen before.

Everything here is a memory of what `record_values` made of the same texts. Whatever has a warning, cannot be used or
is odd in another way is left to `RecordReader`, so that there is one place that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from migrator.activecollab.elements import PLACEHOLDER, FieldError, Texts
from migrator.activecollab.html_simple import simple_text
from migrator.activecollab.html_text import html_to_text, looks_encoded_twice
from migrator.activecollab.quick_values import builder_of
from migrator.activecollab.record_values import (
    RECORD_NAMES,
    Warnings,
    billing_of,
    class_of,
    parent_of,
    private_of,
    trashed_of,
    worker_of,
)
from migrator.activecollab.xml_bytes import is_utf8
from migrator.activecollab.xml_fields import Field, RecordTable
from migrator.activecollab.xml_layouts import Found, Layout, taken
from migrator.activecollab.xml_masters import web_address
from migrator.activecollab.xml_records import MASTER_PATHS
from migrator.core.model import Billing, Seconds, SourceId, TimeEntry

V = TypeVar("V")

_build_entry = builder_of(TimeEntry)
_MOST_REMEMBERED = 12_000
"""Texts of one kind; above the number of tickets of nearly every account, because forgetting is what costs."""


class OddError(Exception):
    """This record is one for `RecordReader`."""


class _News:
    """How often something was met that no memory held."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class _Memo(dict[object, V], Generic[V]):
    """What `read` makes of the texts at some paths, remembered by how these texts are written."""

    def __init__(self, layout: Layout, news: _News, read: Callable[[Texts], V], paths: Iterable[str]) -> None:
        super().__init__()
        self._layout = layout
        self._news = news
        self._read = read
        self.holes = layout.holes(dict.fromkeys(paths))
        self.key = taken(self.holes)
        self._sound = layout.sound(self.holes)
        self._count = len(layout.paths)

    def __missing__(self, key: object) -> V:
        self._news.count += 1
        written = key if isinstance(key, tuple) else (key,)
        found = [b""] * self._count
        for hole, text in zip(self.holes, written, strict=True):
            found[hole] = text
        if not self._sound(tuple(found)):
            raise OddError
        value = self._read(self._layout.texts(self.holes, written))
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[key] = value
        return value


def _paths(*columns: Field[Any], also: Iterable[str] = ()) -> tuple[str, ...]:
    return (*(path for column in columns for path in column.paths), *also)


Quick = tuple[TimeEntry | None, tuple[str, ...], bool]
"""A time record, None for an expense; its warnings; whether it may name somebody or something for the first time."""


class QuickReader:
    """Makes time entries of the texts that one layout finds; `table` says where the values stand.

    Raises `ValueError` when no record of this layout can be read so.
    """

    def __init__(self, name: str, layout: Layout, table: RecordTable, timezone: tzinfo) -> None:
        if RECORD_NAMES & layout.groups:
            raise ValueError("a record inside another")
        self._layout = layout
        self._zone = timezone
        (self._id,) = _holes_for(layout, table.id)
        self._texts = _holes_for(layout, table.text)
        self._permalinks = _holes_for(layout, table.permalink)
        self._news = _News()
        self._created = _Memo(layout, _News(), table.created_on.maybe, table.created_on.paths)
        self._updated = _Memo(layout, _News(), table.updated_on.maybe, table.updated_on.paths)
        # Few memories of several fields each: those that vary together, or hardly at all. The names of people,
        # projects, job types and parents are remembered with their ids, so that new ones are noticed.
        of_user, of_project, of_job_type, of_parent = MASTER_PATHS
        names = (*of_user, *of_project, *of_job_type, *of_parent)
        ids = _paths(table.project_id, table.job_type_id, table.parent_id, table.parent_class, also=names)
        self.naming = layout.holes(dict.fromkeys(ids))
        """The holes that people, projects, job types and tasks are read from."""
        status = _Memo(
            layout,
            self._news,
            lambda texts: _status(name, texts, table),
            _paths(
                *table.classes,
                table.billing,
                table.is_billable,
                table.is_billed,
                table.visibility,
                table.state,
                table.is_trashed,
                table.job_type_id,
                also=of_job_type,
            ),
        )
        project = _Memo(
            layout,
            self._news,
            lambda texts: (table.project_id.need(texts), table.milestone_id.maybe(texts)),
            _paths(table.project_id, table.milestone_id, also=of_project),
        )
        works = _paths(table.user_id, table.record_user, table.stranger_name, table.stranger_email, also=of_user)
        worker = _Memo(layout, self._news, lambda texts: worker_of(texts, table), works)
        hangs_on = _paths(table.parent_class, table.parent_id, also=of_parent)
        parent = _Memo(layout, self._news, lambda texts: parent_of(texts, table), hangs_on)
        effort = _Memo(layout, _News(), lambda texts: _effort(texts, table), _paths(table.hours, table.version))
        day = _Memo(layout, _News(), table.day.need, table.day.paths)
        self._memories = (status, worker, parent, project, effort, day)
        # What a memory holds was looked at when it came in; an id and the one description are looked at by themselves.
        looked_at = {self._id}.union(*(memo.holes for memo in (*self._memories, self._created, self._updated)))
        self._description = self._first_described
        if len(self._texts) == 1:
            self._description = self._described
            looked_at.update(self._texts)
        self._sound = layout.sound(hole for hole in range(len(layout.paths)) if hole not in looked_at)
        self._utc = timezone is UTC or (isinstance(timezone, ZoneInfo) and timezone.key == "UTC")

    def read(self, found: Found) -> Quick:
        """What these texts tell; raises `OddError`."""
        news = self._news.count
        number = found[self._id]
        if not number.isdigit() or len(number) > 18 or not self._sound(found):
            raise OddError
        statuses, workers, parents, projects, efforts, days = self._memories
        try:
            status = statuses[statuses.key(found)]
            if status is None:
                return None, (), False
            user_id, worker_name, worker_email = workers[workers.key(found)]
            parent_kind, parent_id = parents[parents.key(found)]
            project_id, milestone_id = projects[projects.key(found)]
            seconds, hours_raw, version = efforts[efforts.key(found)]
            created_on = self._moment(self._created, found)
            updated_on = self._moment(self._updated, found)
            entry = _build_entry(
                SourceId(int(number) or _odd()),
                user_id,
                project_id,
                days[days.key(found)],
                seconds,
                status.billing,
                self._description(found),
                parent_kind,
                parent_id,
                status.job_type_id,
                hours_raw,
                status.billing_raw,
                worker_name,
                worker_email,
                web_address(self._first(self._permalinks, found)),
                status.private,
                status.trashed,
                status.state_raw,
                created_on,
                created_on if updated_on is None else updated_on,
                version,
                milestone_id,
            )
        except FieldError:
            raise OddError from None
        return entry, status.warnings, self._news.count != news

    def _moment(self, memo: _Memo[datetime | None], found: Found) -> datetime | None:
        """A moment: mostly a time that was never seen before, in one and the same form."""
        written = memo.key(found)
        if isinstance(written, bytes) and len(written) == 19 and written[4:14:3] == b"-- :" and written[16] == 58:
            try:
                if self._utc:
                    return datetime.fromisoformat(f"{written.decode()}+00:00")
                local = datetime.fromisoformat(written.decode()).replace(tzinfo=self._zone)
                return local.astimezone(UTC)
            except (ValueError, OverflowError):
                raise OddError from None
        return memo[written]

    def _described(self, found: Found) -> str:
        """The one text that may be the description, which nobody has looked at yet, as plain text."""
        (hole,) = self._texts
        written = found[hole]
        if self._layout.literal(hole, written) and not self._layout.holds_markup(hole, written):
            # What is printable holds no control characters.
            text = simple_text(written)
            if text is not None and text != PLACEHOLDER and (text.isascii() or not looks_encoded_twice(text)):
                return text
        if not self._layout.harmless(hole, written) or not is_utf8(written):
            raise OddError
        return self._first_described(found)

    def _first_described(self, found: Found) -> str:
        """The description as plain text."""
        text = self._first(self._texts, found)
        if not text.isascii() and looks_encoded_twice(text):
            raise OddError
        return html_to_text(text)

    def _first(self, holes: tuple[int, ...], found: Found) -> str:
        """The first of some texts that says something; empty when none does."""
        for hole in holes:
            if text := self._layout.text(hole, found[hole]):
                return text
        return ""


def _holes_for(layout: Layout, column: Field[V]) -> tuple[int, ...]:
    """The holes whose texts count for `column`, in order; raises `ValueError` when the markup itself tells one."""
    if any(layout.fixed.get(path) or path.partition("/")[0] in layout.groups for path in column.paths):
        raise ValueError(f"{column.name} stands in the markup")
    return layout.holes(column.paths)


class _Status(NamedTuple):
    billing: Billing
    billing_raw: str
    private: bool
    trashed: bool
    state_raw: str
    job_type_id: SourceId | None
    warnings: tuple[str, ...]


def _status(name: str, texts: Texts, table: RecordTable) -> _Status | None:
    """What varies little from record to record; None for an expense.

    The warnings are those of the billing: whole documents share them, so they must not be an exception here.
    """
    if class_of(name, texts, table) == "Expense":
        return None
    warnings = Warnings()
    return _Status(
        billing_of(texts, table, warnings),
        table.billing.find(texts) or "",
        _unwarned(private_of, texts, table),
        _unwarned(trashed_of, texts, table),
        table.state.find(texts) or "",
        table.job_type_id.maybe(texts),
        warnings.all(texts),
    )


def _effort(texts: Texts, table: RecordTable) -> tuple[Seconds, str, int | None]:
    return table.hours.need(texts), table.hours.find(texts) or "", table.version.maybe(texts)


def _odd() -> int:
    raise OddError


def _unwarned(read: Callable[[Texts, RecordTable, Warnings], V], texts: Texts, table: RecordTable) -> V:
    """The value; raises `FieldError` when there is anything to say about it."""
    warnings = Warnings()
    value = read(texts, table, warnings)
    if warnings.any:
        raise FieldError("record", "a warning", "nothing to say")
    return value
