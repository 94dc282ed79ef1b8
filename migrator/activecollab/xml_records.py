"""Time records: one XML element in, one entry or one reason why not out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date, tzinfo
from functools import partial

from lxml import etree

from migrator.activecollab.elements import PLACEHOLDER, FieldError, Texts, local_name, read_texts
from migrator.activecollab.html_text import html_to_text, looks_encoded_twice
from migrator.activecollab.xml_fields import (
    RECORD_MARKUP,
    Field,
    RecordTable,
    T,
    record_tables,
    wanted_names,
)
from migrator.activecollab.xml_masters import (
    MasterReader,
    MasterTable,
    full_name,
    master_table,
    nested_user,
    web_address,
)
from migrator.core.model import (
    Billing,
    ExpenseIgnored,
    FoundEntry,
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
    TimeEntry,
)

RECORD_NAMES = frozenset({"time_record", "tracking_object", "expense"})

_TRASHED = 1
"""The highest `state` that means gone (0 deleted, 1 trashed); 2 is archived, 3 visible."""
_PRIVATE = 0

_USER = master_table("user/", "user_")
_PROJECT = master_table("project/", "project_")
_JOB_TYPE = master_table("job_type/", "job_type_")
_PARENT = master_table("parent/", "parent_")
_NAMED_MASTERS = tuple(
    (named, tuple(path for column in (named.id, *columns) for path in column.paths))
    for named, columns in (
        (_USER, (_USER.first_name, _USER.last_name, _USER.name, _USER.display_name, _USER.email, _USER.company_id)),
        (_PROJECT, (_PROJECT.name,)),
        (_JOB_TYPE, (_JOB_TYPE.name,)),
        (_PARENT, (_PARENT.name,)),
    )
)
_MASTER_NAMES = wanted_names(_USER, _PROJECT, _JOB_TYPE, _PARENT)

_NAME_AND_ADDRESS = re.compile(r"(.*?)\s*<?([^\s<>@]+@[^\s<>@]+)>?", re.DOTALL)


def wanted_of(*tables: RecordTable) -> frozenset[str]:
    """The names inside a record that `tables` and the people, projects and tasks named in it are read from."""
    return wanted_names(*tables) | _MASTER_NAMES | RECORD_NAMES


class RecordReader:
    """Reads the time records of one document, and the people, projects and tasks named in them."""

    def __init__(self, masters: MasterReader, *, timezone: tzinfo, today: date) -> None:
        self._masters = masters
        self._generation_2, self._generation_3 = record_tables(timezone=timezone, today=today)
        self._wanted = wanted_of(self._generation_2, self._generation_3)
        self._named: set[tuple[str | None, ...]] = set()

    def record(self, element: etree._Element) -> Iterator[Reading]:
        """A `<time_record>`, `<tracking_object>` or `<expense>`."""
        texts = read_texts(element, self._wanted, markup=RECORD_MARKUP)
        table = self._table(element, texts)
        origin = self._masters.origin(element)
        yield from self.told(local_name(element), texts, table, origin, partial(_fragment_hash, element))

    def told(
        self, name: str, texts: Texts, table: RecordTable, origin: Origin, fragment_hash: Callable[[], str]
    ) -> Iterator[Reading]:
        """What the texts of one record called `name` tell, whichever format they were written in."""
        try:
            if _class_of(name, texts, table) == "Expense":
                yield ExpenseIgnored(origin)
                return
            entry, warnings = _entry(texts, table)
        except FieldError as problem:
            yield _rejected(origin, texts, table, problem)
        else:
            yield FoundEntry(entry, origin, fragment_hash(), warnings)
        yield from self._masters_inside(texts, table, origin)

    def _table(self, element: etree._Element, texts: Texts) -> RecordTable:
        newer = local_name(element) == "tracking_object" or "class" in texts.values
        return self._generation_3 if newer else self._generation_2

    def _masters_inside(self, texts: Texts, table: RecordTable, origin: Origin) -> Iterator[Reading]:
        for named, paths in _NAMED_MASTERS:
            # Most records name the same few people and projects: compare texts before anything is built.
            key = tuple(map(texts.values.get, paths))
            if key not in self._named:
                self._named.add(key)
                yield from self._masters.found(_master(named, texts, table), origin)


def _master(named: MasterTable, texts: Texts, table: RecordTable) -> Master | None:
    """The person, project, job type or task behind `named`; None where only an id, or no usable one, is told."""
    name = full_name(texts, named) if named is _USER else (_readable(named.name, texts) or "")
    email = _readable(_USER.email, texts) if named is _USER else None
    if not name and not email:
        return None
    try:
        if named is _USER:
            return nested_user(texts, _USER)
        if named is _PROJECT:
            return Project(table.project_id.need(texts), name)
        if named is _JOB_TYPE:
            return JobType(table.job_type_id.need(texts), name)
        kind, parent_id = _parent(texts, table)
        project_id = table.project_id.maybe(texts)
    except FieldError:
        return None
    return Task(parent_id, name, project_id) if kind is ParentKind.TASK and parent_id is not None else None


def _class_of(name: str, texts: Texts, table: RecordTable) -> str:
    """`TimeRecord` or `Expense`; raises `FieldError` for everything else."""
    named = {"time_record": "TimeRecord", "expense": "Expense"}.get(name)
    expected = "TimeRecord or Expense" if named is None else named
    told = [(column.name, text) for column in table.classes if (text := column.find(texts)) is not None]
    for place, text in told:
        if text not in {"TimeRecord", "Expense"}:
            raise FieldError(place, text, expected)
        if text != told[0][1]:
            raise FieldError(place, f"{told[0][1]} / {text}", "class and type to agree")
    if told:
        return told[0][1]
    if named is None:
        raise FieldError("class", "", expected)
    return named


def _entry(texts: Texts, table: RecordTable) -> tuple[TimeEntry, tuple[str, ...]]:
    if texts.problem is not None:
        raise texts.problem
    for name in RECORD_NAMES:
        if name in texts.groups:
            raise FieldError(name, "elements", "no record inside another")
    warnings = _Warnings()
    record_id = table.id.need(texts)
    project_id = table.project_id.need(texts)
    user_id, worker_name, worker_email = _worker(texts, table)
    parent_kind, parent_id = _parent(texts, table)
    created_on = warnings.instead_of(table.created_on, texts)
    updated_on = warnings.instead_of(table.updated_on, texts)
    state = warnings.instead_of(table.state, texts)
    entry = TimeEntry(
        id=record_id,
        user_id=user_id,
        project_id=project_id,
        day=table.day.need(texts),
        seconds=table.hours.need(texts),
        billing=_billing(texts, table, warnings),
        text=html_to_text(table.text.maybe(texts) or ""),
        parent_kind=parent_kind,
        parent_id=parent_id,
        job_type_id=table.job_type_id.maybe(texts),
        hours_raw=table.hours.find(texts) or "",
        billing_raw=table.billing.find(texts) or "",
        worker_name=worker_name,
        worker_email=worker_email,
        permalink=web_address(table.permalink.maybe(texts) or ""),
        private=warnings.instead_of(table.visibility, texts) == _PRIVATE,
        trashed=warnings.instead_of(table.is_trashed, texts) is True or (state is not None and state <= _TRASHED),
        state_raw=table.state.find(texts) or "",
        created_on=created_on,
        updated_on=created_on if updated_on is None else updated_on,
        version=warnings.instead_of(table.version, texts),
        milestone_id=warnings.instead_of(table.milestone_id, texts),
    )
    if not entry.text.isascii() and looks_encoded_twice(table.text.find(texts) or ""):
        warnings.add("the description looks as if it had been encoded twice (Ã¼ for ü); it was kept as it is")
    return entry, warnings.all(texts)


def _worker(texts: Texts, table: RecordTable) -> tuple[SourceId | None, str, str]:
    """The person who worked, never the creator: an id, or the name and address of somebody without account."""
    user_id = table.user_id.maybe(texts)
    if user_id is not None:
        return user_id, "", ""
    written = table.record_user.maybe(texts) or ""
    if "record_user" in texts.values and (found := _NAME_AND_ADDRESS.fullmatch(written)):
        return None, found[1].strip(" \"'"), found[2].lower()
    name = table.stranger_name.maybe(texts) or ("" if written.isdigit() else written)
    email = (table.stranger_email.maybe(texts) or "").lower()
    if not name and not email:
        shown = texts.values.get("user_id", "")
        raise FieldError("user_id", shown, "the number of a person, or a record_user with a name or address")
    return None, name, email


def _parent(texts: Texts, table: RecordTable) -> tuple[ParentKind, SourceId | None]:
    parent_class = table.parent_class.maybe(texts)
    if parent_class is not None and parent_class.lower() == "project":
        return ParentKind.PROJECT, None
    parent_id = table.parent_id.maybe(texts)
    if parent_id is None:
        return ParentKind.PROJECT, None
    return (table.untyped_parent if parent_class is None else ParentKind.TASK), parent_id


def _billing(texts: Texts, table: RecordTable, warnings: _Warnings) -> Billing:
    """`billable_status`; before ActiveCollab 1.1.5 there was only the pair is_billable, is_billed."""
    is_billable = warnings.instead_of(table.is_billable, texts)
    is_billed = warnings.instead_of(table.is_billed, texts)
    told_missing = texts.values.get("billable_status", "") == ""
    if is_billable is None or not told_missing:
        billing = table.billing.need(texts)
        if is_billable is not None and _contradict(billing, is_billable, is_billed is True):
            warnings.add(
                f"billable_status {billing.value} was used; "
                f"is_billable {is_billable:d} and is_billed {is_billed or False:d} say otherwise"
            )
        return billing
    if not is_billable:
        return Billing.NOT_BILLABLE
    return Billing.PAID if is_billed else Billing.BILLABLE


def _contradict(billing: Billing, is_billable: bool, is_billed: bool) -> bool:
    if is_billable != (billing is not Billing.NOT_BILLABLE):
        return True
    # Pending payment (2) is invoiced but not paid: the old pair has no word for it.
    return is_billable and billing in (Billing.BILLABLE, Billing.PAID) and is_billed != (billing is Billing.PAID)


class _Warnings:
    """What was read around while a record was still usable."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        self._texts.append(text)

    def instead_of(self, column: Field[T], texts: Texts) -> T | None:
        """The value of a field that may be missing; None and a warning when it is unreadable."""
        try:
            return column.maybe(texts)
        except FieldError as problem:
            self.add(f"{problem}; read as missing")
            return None

    def all(self, texts: Texts) -> tuple[str, ...]:
        left_out = sorted(path for path, text in texts.values.items() if text == PLACEHOLDER)
        if left_out:
            self.add(f"the documentation's placeholder '...' was read as missing: {', '.join(left_out)}")
        return tuple(self._texts)


def _rejected(origin: Origin, texts: Texts, table: RecordTable, problem: FieldError) -> Rejected:
    seconds = _readable(table.hours, texts)
    return Rejected(
        origin,
        source_id=_readable(table.id, texts),
        field=problem.name,
        value=problem.value,
        expected=problem.expected,
        seconds=Seconds(0) if seconds is None else seconds,
        updated_on=_readable(table.updated_on, texts) or _readable(table.created_on, texts),
        version=_readable(table.version, texts),
    )


def _readable(column: Field[T], texts: Texts) -> T | None:
    try:
        return column.maybe(texts)
    except FieldError:
        return None


def _fragment_hash(element: etree._Element) -> str:
    return hashlib.sha256(etree.tostring(element, encoding="utf-8", with_tail=False)).hexdigest()
