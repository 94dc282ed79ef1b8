"""What an answer that is no success says: the message and the fields it objects to, in every form seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from migrator.activecollab.html_text import html_to_text
from migrator.activecollab.wire import Answer

LONGEST_SAID = 300
_LARGEST_READ = 256 * 1024
_MOST_FIELDS = 50
_ECHOES = frozenset({"object_fields", "file", "line", "trace", "previous", "var_name", "var_value", "code", "type"})
"""Beside the message: what was sent, and where in the server's own code it failed."""

_NO_SUCH_RECORD = re.compile(
    r"\b(?:time\s?record|tracking object|record|object)\b.{0,60}\b(?:not found|does not exist|doesn't exist)\b"
    r"|\bno such (?:time\s?record|record|object)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said: `said` without markup and at most 300 characters, and its words by field."""

    said: str = ""
    field_errors: tuple[tuple[str, str], ...] = ()

    @property
    def denies_the_record(self) -> bool:
        """Whether it says in clear words that there is no such record."""
        return _NO_SUCH_RECORD.search(self.said) is not None

    def __str__(self) -> str:
        told = (*([self.said] if self.said else []), *(f"{field}: {words}" for field, words in self.field_errors))
        return "; ".join(told)


def parse_refusal(answer: Answer) -> Refusal:
    """Read any error answer; never fails. A plain text is not repeated: it can be an API key."""
    body = answer.head(_LARGEST_READ).lstrip(b"\xef\xbb\xbf \t\r\n")
    if body.startswith((b"{", b"[")):
        return _of_json(body)
    return _of_xml(body) if body.startswith(b"<") else Refusal()


def _of_json(body: bytes) -> Refusal:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Refusal()
    if not isinstance(told, dict):
        return Refusal()
    kind = told.get("type")
    message = told.get("message") or kind or ""
    errors = told.get("field_errors")
    if not isinstance(errors, dict):
        errors = {name: words for name, words in told.items() if name not in _ECHOES and isinstance(words, list)}
    fields = ((str(name), _joined(words)) for name, words in errors.items())
    return Refusal(_short(message), tuple((_short(name), _short(words)) for name, words in fields)[:_MOST_FIELDS])


def _joined(words: object) -> str:
    return ", ".join(str(word) for word in words) if isinstance(words, list) else str(words)


def _of_xml(body: bytes) -> Refusal:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return Refusal()
    if root.getroottree().docinfo.doctype or _name(root) == "html":
        return Refusal()
    said = next((_text(child) for child in root if _name(child) == "message"), "")
    groups = [child for child in root if _name(child) == "field_errors"] or _unnamed_errors(root)
    fields = [(_name(field), _text(field)) for group in groups for field in group]
    return Refusal(_short(said), tuple((_short(name), _short(words)) for name, words in fields)[:_MOST_FIELDS])


def _unnamed_errors(root: etree._Element) -> list[etree._Element]:
    """3.x and 4.x put the errors by field beside `object_fields`, the echo of what was sent."""
    return [root] if any(_name(child) == "object_fields" for child in root) and _drop_echoes(root) else []


def _drop_echoes(root: etree._Element) -> bool:
    for child in list(root):
        if _name(child) in _ECHOES | {"message"}:
            root.remove(child)
    return len(root) > 0


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(element: etree._Element) -> str:
    return ", ".join(_pieces(element))


def _pieces(element: etree._Element) -> Iterator[str]:
    for piece in element.itertext():
        if isinstance(piece, str) and piece.strip():
            yield piece.strip()


def _short(text: object) -> str:
    line = " ".join(html_to_text(str(text)).split())
    return line if len(line) <= LONGEST_SAID else line[: LONGEST_SAID - 3] + "..."
