"""One answer of the legacy API as a tree, written as XML or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from struct import pack, unpack

from migrator.sandbox.activecollab_records import LeftOut
from migrator.sandbox.activecollab_switches import DateForm, EmptyList
from migrator.sandbox.agency_xml import DECLARATION, branch, leaf, text

Fields = dict[str, object]
"""Element names to: None, bool, int, Number, Plain, Markup, str (in CDATA), date, datetime, Fields, Items."""

_LOCAL = timedelta(hours=2)


class Format(Enum):
    """What an answer is written in."""

    XML = "xml"
    JSON = "json"


class Number(str):
    """A decimal as text; a number in JSON where it is one."""

    __slots__ = ()


class Plain(str):
    """A text without CDATA."""

    __slots__ = ()


class Markup(str):
    """Written into XML exactly as it is, for documents that nobody should send."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list: each row is an element called `child` in XML."""

    child: str
    rows: Sequence[object]


@dataclass(frozen=True, slots=True)
class Look:
    """How a tree is written; `dates` None is generation 2: plain text."""

    dates: DateForm | None
    empty_list: EmptyList = EmptyList.ROOT
    declaration: bool = True


def overridden(shape: Fields, as_is: Mapping[str, object]) -> Fields:
    """`shape` with the fields of `as_is` in place of its own; a text stands in CDATA where its forerunner did."""
    shown = dict(shape)
    for name, value in as_is.items():
        plain = type(value) is str and type(shape.get(name)) is not str
        shown[name] = Plain(value) if plain else value
    return {name: value for name, value in shown.items() if value is not LeftOut.FIELD}


def hours_shown(hours: str, *, long: bool) -> Number:
    """Hours as written, or as a float column of four bytes gives them to PHP."""
    return Number(f"{unpack('f', pack('f', float(hours)))[0]:.14g}") if long else Number(hours)


def write_xml(root: str, node: object, look: Look) -> bytes:
    """A whole document."""
    if isinstance(node, Items) and not node.rows:
        body = _empty_list(root, look.empty_list)
    else:
        body = "\n".join(_element(root, node, look)) + "\n"
    return ((DECLARATION if look.declaration and body else "") + body).encode("utf-8", "surrogatepass")


def write_json(node: object, look: Look) -> bytes:
    """The same as JSON; an empty list is `null`, as clients of generation 3 found it."""
    empty = isinstance(node, Items) and not node.rows
    return json.dumps(None if empty else _plain(node, look)).encode()


def _empty_list(root: str, form: EmptyList) -> str:
    match form:
        case EmptyList.ROOT:
            return f"<{root}></{root}>\n"
        case EmptyList.SELF_CLOSED:
            return f"<{root} />\n"
        case EmptyList.BLANK_ROOT:
            return f"<{root}>\n  \n</{root}>\n"
        case EmptyList.EMPTY_BODY:
            return ""


def _element(name: str, node: object, look: Look) -> list[str]:  # noqa: PLR0911 - one line per kind of node
    match node:
        case None:
            return leaf(name)
        case bool():
            return leaf(name, int(node))
        case Markup():
            return [f"<{name}>{node}</{name}>"]
        case Number() | Plain() | int():
            return leaf(name, node)
        case datetime() | date():
            return _date(name, node, look)
        case Items():
            return branch(name, *(_element(node.child, row, look) for row in node.rows)) if node.rows else leaf(name)
        case dict():
            return branch(name, *(_element(str(key), value, look) for key, value in node.items()))
        case _:
            return text(name, str(node))


def _date(name: str, value: date, look: Look) -> list[str]:
    match look.dates:
        case None:
            return leaf(name, written(value))
        case DateForm.TEXT:
            return text(name, written(value))
        case DateForm.CHILDREN:
            return _element(name, date_object(value), look)


def _plain(node: object, look: Look) -> object:
    match node:
        case bool():
            return int(node)
        case Number():
            return _number(node)
        case datetime() | date():
            return written(node) if look.dates is None else _plain(date_object(node), look)
        case Items():
            return [_plain(row, look) for row in node.rows]
        case dict():
            return {key: _plain(value, look) for key, value in node.items()}
        case _:
            return node


def _number(written_as: str) -> object:
    try:
        return float(written_as) if "." in written_as else int(written_as)
    except ValueError:
        return str(written_as)


def written(value: date) -> str:
    """A moment or day as ActiveCollab writes it: no zone, UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value.isoformat()


def unix(value: date) -> int:
    """Unix seconds; those of a day are its midnight in UTC."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return int(moment.timestamp())


def date_object(value: date) -> Fields:
    """The object that generation 3 shows for a date, its local texts two hours ahead of GMT."""
    gmt = datetime.fromtimestamp(unix(value), UTC)
    if not isinstance(value, datetime):
        shown = f"{gmt:%b} {gmt.day}. {gmt.year}"
        return {
            "class": "DateValue",
            "timestamp": unix(value),
            "mysql": value.isoformat(),
            "formatted": shown,
            "formatted_gmt": shown,
        }
    local = gmt + _LOCAL
    day, day_gmt = (f"{each:%b} {each.day}. {each.year}" for each in (local, gmt))
    clock, clock_gmt = (f"{each:%I:%M %p}" for each in (local, gmt))
    return {
        "class": "DateTimeValue",
        "timestamp": unix(value),
        "mysql": written(value),
        "formatted": f"{day} {clock}",
        "formatted_gmt": f"{day_gmt} {clock_gmt}",
        "formatted_time": clock,
        "formatted_time_gmt": clock_gmt,
        "formatted_date": day,
        "formatted_date_gmt": day_gmt,
    }
