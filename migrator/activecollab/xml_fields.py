"""Where each field of an ActiveCollab element stands and how its text is read: tables, no decisions.

The paths are those of the Time, Projects and People pages of ActiveCollab's API documentation (1.x, 2.x), of
the legacy API book (3.x, 4.x), and the nested forms its clients were seen to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from migrator.activecollab.dates import DateError, parse_day, parse_moment
from migrator.activecollab.elements import PLACEHOLDER, FieldError, Texts
from migrator.core.duration import HoursError, parse_hours
from migrator.core.model import Billing, ParentKind, Seconds, SourceId

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

_NUMBER = re.compile(r"[0-9]{1,18}")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,6})?")
# No source shows a currency beside an expense; these are the forms that other objects of the API have.
_CURRENCY = (
    *("currency", "currency/code", "currency/name", "currency_code"),
    *("project/currency", "project/currency/code", "project/currency_code", "project_currency"),
)
_STRANGER = ("record_user/name", "record_user/display_name")
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class TextError(ValueError):
    """A text is not what its field holds."""

    def __init__(self, *, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One field: the paths it may stand at, the first that says something wins, and how its text is read."""

    name: str
    paths: tuple[str, ...]
    parse: Callable[[str], T]
    blank: frozenset[str] = frozenset({"", PLACEHOLDER})

    def need(self, texts: Texts) -> T:
        """The value; raises `FieldError` when it is missing or unreadable."""
        found = self.find(texts)
        if found is None:
            found = next((texts.values[path] for path in self.paths if path in texts.values), "")
        return self._parsed(found)

    def maybe(self, texts: Texts) -> T | None:
        """The value, or None when nothing stands there; raises `FieldError` when it is unreadable."""
        found = self.find(texts)
        return None if found is None else self._parsed(found)

    def find(self, texts: Texts) -> str | None:
        """The text as it was written, or None when nothing stands there."""
        for path in self.paths:
            text = texts.values.get(path)
            if text is not None and text not in self.blank:
                return text
            if path in texts.groups and not any(other.startswith(f"{path}/") for other in self.paths):
                raise FieldError(self.name, "elements", "text without elements inside")
        return None

    def _parsed(self, found: str) -> T:
        try:
            return self.parse(found)
        except (TextError, DateError, HoursError) as problem:
            placeholder = " (the documentation's placeholder)" if found == PLACEHOLDER else ""
            raise FieldError(self.name, found, problem.expected + placeholder) from None


@dataclass(frozen=True, slots=True)
class IdField(Field[SourceId]):
    """An id of ActiveCollab; 0 means none, and two places that name different ids are a contradiction."""

    def find(self, texts: Texts) -> str | None:
        # Named in full: a slotted dataclass is a second class, which the short form of super() does not know.
        found = Field.find(self, texts)
        if found is not None:
            for path in self.paths:
                other = texts.values.get(path, found)
                if other != found and other not in self.blank:
                    raise FieldError(self.name, f"{found} / {other}", "the same number in all places")
        return found


def parse_id(text: str) -> SourceId:
    """A positive number of at most 18 digits; raises `TextError`."""
    if _NUMBER.fullmatch(text) and int(text):
        return SourceId(int(text))
    raise TextError(expected="a number")


def parse_number(text: str) -> int:
    """A number that is not negative; raises `TextError`."""
    if _NUMBER.fullmatch(text):
        return int(text)
    raise TextError(expected="a number")


def parse_flag(text: str) -> bool:
    """`1`, `0` or a word for them; raises `TextError`."""
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise TextError(expected="1 or 0")
    return flag


def parse_billing(text: str) -> Billing:
    """ActiveCollab's `billable_status`; raises `TextError` for everything but 0 to 3."""
    if text in {"0", "1", "2", "3"}:
        return Billing(int(text))
    raise TextError(expected="a billable status from 0 to 3")


def parse_amount(text: str) -> Decimal:
    """An amount of money, such as `1234.50` or `-3,75`; raises `TextError`."""
    if _AMOUNT.fullmatch(text):
        return Decimal(text.replace(",", "."))
    raise TextError(expected="an amount such as 1234.50")


def id_field(name: str, *paths: str) -> IdField:
    """The field of an id; 0 in it means none."""
    return IdField(name, paths, parse_id, frozenset({"", PLACEHOLDER, "0"}))


def text_field(name: str, *paths: str) -> Field[str]:
    """A field of free text."""
    return Field(name, paths, str)


def flag_field(name: str) -> Field[bool]:
    """A field of 1 or 0."""
    return Field(name, (name,), parse_flag)


def number_field(name: str) -> Field[int]:
    """A field of a plain number."""
    return Field(name, (name,), parse_number)


def wanted_names(*tables: DataclassInstance) -> frozenset[str]:
    """The child elements that fields or tables of fields read; nothing else is taken out of a document."""
    names: set[str] = set()
    for table in tables:
        if isinstance(table, Field):
            names.update(path.partition("/")[0] for path in table.paths)
            continue
        for member in fields(table):
            value = getattr(table, member.name)
            columns = value if isinstance(value, tuple) else (value,)
            names |= wanted_names(*(column for column in columns if isinstance(column, Field)))
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class RecordTable:
    """The fields of a time record in one generation of the API.

    `untyped_parent` is what a parent without its class is; `stranger_name` and `stranger_email` tell of people
    without an account: the free `record_user`, else the name and address of a user without an id.
    """

    id: IdField
    classes: tuple[Field[str], ...]
    project_id: IdField
    user_id: IdField
    record_user: Field[str]
    stranger_name: Field[str]
    stranger_email: Field[str]
    day: Field[date]
    hours: Field[Seconds]
    billing: Field[Billing]
    is_billable: Field[bool]
    is_billed: Field[bool]
    text: Field[str]
    parent_class: Field[str]
    parent_id: IdField
    untyped_parent: ParentKind
    job_type_id: IdField
    milestone_id: IdField
    version: Field[int]
    state: Field[int]
    is_trashed: Field[bool]
    visibility: Field[int]
    permalink: Field[str]
    created_on: Field[datetime | None]
    updated_on: Field[datetime | None]
    amount: Field[Decimal]
    currency: Field[str]


RECORD_MARKUP = frozenset({"body", "summary"})
"""The children of a time record that may hold unescaped HTML."""


def record_tables(*, timezone: tzinfo, today: date) -> tuple[RecordTable, RecordTable]:
    """The tables of generation 2 (1.x, 2.x) and 3 (3.x, 4.x); moments without a zone are in `timezone`."""
    moment = partial(parse_moment, timezone=timezone)
    day = partial(parse_day, today=today)
    # A day as text comes before its seconds, the seconds of a moment before its text: the clearer one first.
    day_paths = ("record_date", "record_date/mysql", "record_date/timestamp")
    generation_2 = RecordTable(
        id=id_field("id", "id"),
        classes=(text_field("class", "class"), text_field("type", "type")),
        project_id=id_field("project_id", "project_id", "project/id"),
        user_id=id_field("user_id", "user_id", "user/id"),
        record_user=text_field("record_user", "record_user", *_STRANGER),
        stranger_name=text_field("record_user", *_STRANGER, "user/name", "user/display_name", "user_name"),
        stranger_email=text_field("record_user", "record_user/email", "user/email", "user_email"),
        day=Field("record_date", day_paths, day),
        hours=Field("value", ("value",), parse_hours),
        billing=Field("billable_status", ("billable_status",), parse_billing),
        is_billable=flag_field("is_billable"),
        is_billed=flag_field("is_billed"),
        text=text_field("body", "body", "summary"),
        parent_class=text_field("parent_class", "parent_class", "parent_type", "parent/class", "parent/type"),
        parent_id=id_field("parent_id", "parent_id", "parent/id"),
        untyped_parent=ParentKind.TASK,  # ids are global there, and only tickets and tasks are parents
        job_type_id=id_field("job_type_id", "job_type_id", "job_type/id"),
        milestone_id=id_field("milestone_id", "milestone_id", "milestone/id"),
        version=number_field("version"),
        state=number_field("state"),
        is_trashed=flag_field("is_trashed"),
        visibility=number_field("visibility"),
        permalink=text_field("permalink", "permalink"),
        created_on=Field("created_on", ("created_on", "created_on/timestamp", "created_on/mysql"), moment),
        updated_on=Field("updated_on", ("updated_on", "updated_on/timestamp", "updated_on/mysql"), moment),
        amount=Field("value", ("value",), parse_amount),
        currency=text_field("currency", *_CURRENCY),
    )
    text = text_field("summary", "summary", "body")
    return generation_2, replace(generation_2, text=text, untyped_parent=ParentKind.UNKNOWN)
