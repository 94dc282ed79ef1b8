"""How ActiveCollab writes XML: padded CDATA for texts, empty elements for null, two blanks per level."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from migrator.sandbox.agency_cast import Person

HOST = "https://projekte.nordlicht.example"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def leaf(name: str, value: object = "") -> list[str]:
    """`<name>value</name>`; nothing inside is null."""
    return [f"<{name}>{escape(str(value))}</{name}>"]


def text(name: str, value: str) -> list[str]:
    """Padded CDATA as the documentation shows it; a `]]>` in the text is split over two sections."""
    if not value:
        return leaf(name)
    return [f"<{name}>", f"  <![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>", f"</{name}>"]


def branch(name: str, *parts: list[str]) -> list[str]:
    """An element around others."""
    return [f"<{name}>", *(f"  {line}" for part in parts for line in part), f"</{name}>"]


def moment(value: datetime | None) -> str:
    """A timestamp without zone; nothing when it never happened."""
    return value.isoformat(sep=" ") if value else ""


def link(path: str) -> str:
    """The address of an object in the browser."""
    return f"{HOST}/public/index.php?path_info={path}"


def document(root: str, elements: Iterable[list[str]]) -> Iterable[str]:
    """The lines of a whole document; nothing is kept in memory."""
    yield DECLARATION
    yield f"<{root}>\n"
    for element in elements:
        yield indented(element)
    yield f"</{root}>\n"


def indented(element: list[str]) -> str:
    """The lines of one element of a list."""
    return "".join(f"  {line}\n" for line in element)


def named(name: str, ident: int, title: str) -> list[str]:
    """A nested object with id and name, as generation 3 writes it."""
    return branch(name, leaf("id", ident), text("name", title))


def nested_person(name: str, person: Person) -> list[str]:
    """A nested person, as generation 3 writes it."""
    return branch(name, leaf("id", person.id), text("name", person.name), text("email", person.email))
