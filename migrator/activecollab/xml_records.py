"""Time records: one XML element in, one entry or one reason why not out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, tzinfo
from hashlib import sha256

import migrator
from migrator.activecollab.elements import FieldError, Texts, local_name, read_texts
from migrator.activecollab.fragments import context_of, kept
from migrator.activecollab.record_values import RECORD_NAMES, class_of, entry_of, expense_of, parent_of, readable
from migrator.activecollab.xml_fields import (
    RECORD_MARKUP,
    RecordTable,
    record_tables,
    text_field,
    wanted_names,
)
from migrator.activecollab.xml_masters import (
    MasterReader,
    MasterTable,
    full_name,
    master_table,
    nested_user,
)
from migrator.activecollab.xml_pieces import Opening, Piece
from migrator.activecollab.xml_stream import Broken, Parsed
from migrator.core.model import (
    DocumentProblem,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    JobType,
    Master,
    Origin,
    ParentKind,
    Project,
    Reading,
    Rejected,
    Seconds,
    SourceId,
    Task,
)

_USER = master_table("user/", "user_")
_PROJECT = master_table("project/", "project_")
_JOB_TYPE = master_table("job_type/", "job_type_")
_PARENT = master_table("parent/", "parent_")
_PARENT_CLASS = text_field("class", "parent_class", "parent_type", "parent/class", "parent/type")
_NAMED_MASTERS = tuple(
    (named, tuple(path for column in (named.id, *columns) for path in column.paths))
    for named, columns in (
        (_USER, (_USER.first_name, _USER.last_name, _USER.name, _USER.display_name, _USER.email, _USER.company_id)),
        (_PROJECT, (_PROJECT.name,)),
        (_JOB_TYPE, (_JOB_TYPE.name,)),
        (_PARENT, (_PARENT.name, _PARENT_CLASS)),
    )
)
MASTER_PATHS = tuple(paths for _, paths in _NAMED_MASTERS)
"""What tells apart the person, project, job type and task named in a record."""

_MASTER_NAMES = wanted_names(_USER, _PROJECT, _JOB_TYPE, _PARENT)


def wanted_of(*tables: RecordTable) -> frozenset[str]:
    """The names inside a record that `tables` and the people, projects and tasks named in it are read from."""
    return wanted_names(*tables) | _MASTER_NAMES | RECORD_NAMES


class RecordReader:
    """Reads the time records of one document, and the people, projects and tasks named in them."""

    def __init__(
        self,
        masters: MasterReader,
        *,
        timezone: tzinfo,
        today: date,
        site: str = "",
        project_id: SourceId | None = None,
    ) -> None:
        self.context = context_of(migrator.__version__, timezone, site)
        """What a reading depends on besides the record; part of every fragment hash."""
        self.document = masters.document
        self.timezone = timezone
        self._masters = masters
        self._project_id = project_id
        self._generation_2, self._generation_3 = record_tables(timezone=timezone, today=today)
        self._wanted = wanted_of(self._generation_2, self._generation_3)

    def within(self, opening: Opening) -> None:
        """The records stand in this root; what it says about namespaces decides which of them are well-formed."""
        if b"xmlns" in opening.tag:
            self.context += opening.tag

    def read(self, piece: Piece, parsed: Parsed | Broken) -> Iterator[Reading]:
        """A `<time_record>`, `<tracking_object>` or `<expense>`."""
        origin = self._masters.origin_at(piece.line)
        yield from self._swallowed(piece, origin)
        if isinstance(parsed, Broken):
            yield self._broken(piece, parsed, origin)
            return
        name = local_name(parsed.element)
        texts = self.texts(parsed)
        raw = piece.raw
        yield from self.told(name, texts, self.table(name, texts), origin, lambda: raw, lambda: raw, parsed.warnings)

    def texts(self, parsed: Parsed) -> Texts:
        """The texts of a record."""
        return read_texts(parsed.element, self._wanted, markup=RECORD_MARKUP)

    def told(
        self,
        name: str,
        texts: Texts,
        table: RecordTable,
        origin: Origin,
        fragment: Callable[[], bytes],
        shown: Callable[[], bytes],
        warnings: tuple[str, ...] = (),
    ) -> Iterator[Reading]:
        """What the texts of one record called `name` tell, whichever format they were written in.

        `fragment` gives the record as it is written, or what stands for that in its hash; `shown` gives it for people.
        """
        self._tell_project(texts, table)
        try:
            if class_of(name, texts, table) == "Expense":
                yield ExpenseIgnored(origin, *expense_of(texts, table))
                return
            entry, odd = entry_of(texts, table)
        except FieldError as problem:
            yield _rejected(origin, texts, table, problem, kept(shown()))
        else:
            yield FoundEntry(entry, origin, sha256(self.context + fragment()).hexdigest(), warnings + odd)
        yield from self.masters_inside(texts, table, origin)

    def _tell_project(self, texts: Texts, table: RecordTable) -> None:
        """A record that names no project is in the one whose list it stands in."""
        if self._project_id is not None and readable(table.project_id, texts) is None:
            blank = all(texts.values.get(path, "") in table.project_id.blank for path in table.project_id.paths)
            if blank and "project_id" not in texts.groups:
                texts.values["project_id"] = str(self._project_id)

    def _broken(self, piece: Piece, broken: Broken, origin: Origin) -> Rejected:
        """A record that is not well-formed, by its id if that can be made out; its text is not shown."""
        texts, name = Texts(), piece.local_name
        if broken.salvaged is not None:
            texts = read_texts(broken.salvaged, self._wanted, markup=RECORD_MARKUP)
        problem = FieldError("element", f"<{name}>", f"well-formed XML, but: {broken.meaning}")
        return _rejected(origin, texts, self.table(name, texts), problem, kept(piece.raw))

    def _swallowed(self, piece: Piece, origin: Origin) -> Iterator[Reading]:
        """What looks like further records inside one: lost with it, or behind a CDATA section that was not closed."""
        name = re.escape(piece.name.encode())
        others = len(re.findall(rb"<%b>\s*<" % name, piece.raw)) - 1
        if others > 0:
            told = f"{others} more <{piece.local_name}> begin inside one; what they hold was not read"
            yield DocumentProblem(origin, told, usable_part=True)

    def table(self, name: str, texts: Texts) -> RecordTable:
        """Where the values of a record called `name` stand."""
        newer = name == "tracking_object" or "class" in texts.values
        return self._generation_3 if newer else self._generation_2

    def masters_inside(self, texts: Texts, table: RecordTable, origin: Origin) -> Iterator[Reading]:
        """The people, projects, job types and tasks named in a record, each once or seldom."""
        for named, paths in _NAMED_MASTERS:
            # Most records name the same few people and projects: compare texts before anything is built.
            if not self._masters.seen.is_new((named.name.paths, *map(texts.values.get, paths))):
                continue
            value = _master(named, texts, table)
            if value is not None:
                yield FoundMaster(value, origin, mention=True)


def _master(named: MasterTable, texts: Texts, table: RecordTable) -> Master | None:
    """The person, project, job type or task behind `named`; None where only an id, or no usable one, is told."""
    name = full_name(texts, named) if named is _USER else (readable(named.name, texts) or "")
    email = readable(_USER.email, texts) if named is _USER else None
    if not name and not email:
        return None
    try:
        if named is _USER:
            return nested_user(texts, _USER)
        if named is _PROJECT:
            return Project(table.project_id.need(texts), name)
        if named is _JOB_TYPE:
            return JobType(table.job_type_id.need(texts), name)
        kind, parent_id = parent_of(texts, table)
        project_id = table.project_id.maybe(texts)
    except FieldError:
        return None
    return Task(parent_id, name, project_id) if kind is ParentKind.TASK and parent_id is not None else None


def _rejected(origin: Origin, texts: Texts, table: RecordTable, problem: FieldError, fragment: str) -> Rejected:
    seconds = readable(table.hours, texts)
    return Rejected(
        origin,
        source_id=readable(table.id, texts),
        field=problem.name,
        value=problem.value,
        expected=problem.expected,
        seconds=Seconds(0) if seconds is None else seconds,
        updated_on=readable(table.updated_on, texts) or readable(table.created_on, texts),
        version=readable(table.version, texts),
        fragment=fragment,
    )
