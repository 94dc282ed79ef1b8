"""What the calls share: references, custom properties, fields to be written, and filters said again on the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from migrator.core.model import MocoId
from migrator.moco.call import as_json
from migrator.moco.errors import RefusedLocally
from migrator.moco.json_values import JsonObject

CustomValue = str | bool | date | int | Decimal | Sequence[str]
"""A custom property as it is written: text, yes or no, a day, a number, or the choices of a multi-select."""

CustomProperties = dict[str, str | tuple[str, ...]]
"""Custom properties as MOCO shows them: texts (days as ISO, yes and no as "1" and "0"), multi-selects as tuples."""


@dataclass(frozen=True, slots=True)
class Named:
    """A company, deal, unit, role or project group as other records show it."""

    id: MocoId
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as other records show it."""

    id: MocoId
    firstname: str
    lastname: str


def named(row: JsonObject | None) -> Named | None:
    """The reference in `row`; None for none. Raises `AnswerError`."""
    return None if row is None else Named(row.id(), row.text("name"))


def person(row: JsonObject | None) -> Person | None:
    """The person in `row`; None for none. Raises `AnswerError`."""
    return None if row is None else Person(row.id(), row.text("firstname"), row.text("lastname"))


# -- custom properties ----


def custom_properties_of(row: JsonObject) -> CustomProperties:
    """The custom properties of a record; one without a value is left out. Raises `AnswerError`."""
    table = row.table("custom_properties")
    return {name: _custom_text(value) for name, value in table.items() if value is not None}


def custom_properties_body(values: Mapping[str, CustomValue]) -> dict[str, object]:
    """Custom properties as MOCO takes them: everything is text, a multi-select an array of texts."""
    return {name: _custom_json(value) for name, value in values.items()}


def merged_properties(
    shown: Mapping[str, str | tuple[str, ...]], changes: Mapping[str, CustomValue]
) -> dict[str, CustomValue]:
    """What an update has to send so that only `changes` change: everything that was shown, and the changes over it.

    Servers until 2024-03-20 remove every property that an update leaves out; newer ones keep them.
    """
    return {**shown, **changes}


def custom_filter(values: Mapping[str, CustomValue]) -> dict[str, str | tuple[str, ...]]:
    """The query that finds records by custom properties; an unknown name finds nothing (MOCO's OpenAPI document)."""
    query: dict[str, str | tuple[str, ...]] = {}
    for name, value in values.items():
        text = ("true" if value else "false") if isinstance(value, bool) else _custom_json(value)
        if isinstance(text, list):
            query[f"custom_properties[{name}][]"] = tuple(text)
        else:
            query[f"custom_properties[{name}]"] = text
    return query


def has_properties(shown: Mapping[str, str | tuple[str, ...]], wanted: Mapping[str, CustomValue]) -> bool:
    """Whether a record has all of `wanted`; of a multi-select one of the choices, since MOCO leaves open how many."""
    return all(_has_property(shown.get(name, ""), _custom_json(value)) for name, value in wanted.items())


def _has_property(shown: str | tuple[str, ...], wanted: str | list[str]) -> bool:
    if isinstance(wanted, list):
        return not wanted or bool({shown} & set(wanted) if isinstance(shown, str) else set(shown) & set(wanted))
    if isinstance(shown, tuple):
        return wanted in shown
    # A yes-or-no property that nobody touched is shown without a value.
    return shown.casefold() == wanted.casefold() or (wanted == "0" and not shown)


def _custom_json(value: CustomValue) -> str | list[str]:
    match value:
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case date() | int() | Decimal():
            return str(as_json(value)) if isinstance(value, date) else str(value)
        case _:
            return [str(each) for each in value]


def _custom_text(value: object) -> str | tuple[str, ...]:
    match value:
        case bool():
            return "1" if value else "0"
        case list():
            return tuple(str(each) for each in value)
        case _:
            return str(value)


# -- what is written ----


def written(
    what: str, allowed: Mapping[str, object], fields: Mapping[str, object], renamed: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The JSON body of `fields`, by MOCO's names where it has others (`renamed`); a None is sent as null.

    `allowed` are the fields that `what` has: MOCO ignores any other in silence, so it raises `RefusedLocally`.
    """
    for name in fields:
        if name not in allowed:
            raise RefusedLocally(f"{what} has no field `{name}`; it has {', '.join(sorted(allowed))}", name)
    names = renamed or {}
    body = {names.get(name, name): as_json(value) for name, value in fields.items() if name != "custom_properties"}
    properties = fields.get("custom_properties")
    if isinstance(properties, Mapping):
        body["custom_properties"] = custom_properties_body(properties)
    return body


def check_choice(kind: type[StrEnum], fields: Mapping[str, object], name: str) -> None:
    """Raise `RefusedLocally` when the field `name` is given and is none of MOCO's list; None is never refused."""
    value = fields.get(name)
    if value is not None and value not in list(kind):
        choices = ", ".join(each.value or '""' for each in kind)
        raise RefusedLocally(f"{name} `{value}` is none of those that MOCO knows: {choices}", name)


def check_text(name: str, text: str) -> None:
    """Raise `RefusedLocally` when a text that MOCO needs is blank."""
    if not text or not text.strip():
        raise RefusedLocally(f"{name} is empty, and MOCO needs one", name)


def sorting(sort_by: str) -> str | None:
    """`sort_by` for the query; raises `RefusedLocally` for anything but a field, alone or with asc or desc."""
    if sort_by and not re.fullmatch(r"[a-z_]+( (asc|desc))?", sort_by):
        raise RefusedLocally(f"MOCO sorts by `field` or `field desc`, not by `{sort_by}`", "sort_by")
    return sort_by or None


# -- filters said again on the answer ----


def among(value: object, wanted: Sequence[object]) -> bool:
    """Whether `value` is one of `wanted`; nothing wanted is no filter."""
    return not wanted or value in wanted


def same(value: object, wanted: object) -> bool:
    """Whether `value` is what was wanted; None is no filter."""
    return wanted is None or value == wanted


def id_of(reference: Named | Person | None) -> MocoId | None:
    """The id of what a record refers to; None where it refers to nothing."""
    return None if reference is None else reference.id


def within(day: date | None, first: date | None, last: date | None) -> bool:
    """Whether `day` lies between two days, both included; a day that is not shown is not judged."""
    return day is None or ((first is None or day >= first) and (last is None or day <= last))


def within_about(moment: datetime | None, first: date | None, last: date | None) -> bool:
    """The same for a moment in UTC, a day wider: the days of these filters are the account's own."""
    wider = timedelta(days=1)
    return moment is None or within(moment.date(), first and first - wider, last and last + wider)


def changed_since(moment: datetime | None, after: datetime | None) -> bool:
    """Whether `moment` is not before `after`; MOCO's moments are whole seconds."""
    return moment is None or after is None or moment >= after.replace(microsecond=0)


def has_tag(tags: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of `wanted` is among `tags`, whatever its capitals; MOCO leaves open whether it wants all."""
    shown = {each.casefold() for each in tags}
    return not wanted or any(each.casefold() in shown for each in wanted)
