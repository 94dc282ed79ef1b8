"""What a JSON document begins with, looked at before a parser sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from migrator.activecollab.xml_prologue import HEAD, inspect

_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PHP_ERROR = re.compile(rb"(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(?:\w+ )?(?:Parse|[Ff]atal) error(?:</b>)?:")
_WEB_PAGE = re.compile(rb"<!DOCTYPE\s+html\b|<html\b", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\b|<[a-z_]+\s*/?>")


@dataclass(frozen=True, slots=True)
class JsonPrologue:
    """The first bytes of a document from its JSON on.

    `objection` says why there is none, `note` what was passed over that a person should know; both may be empty.
    """

    head: bytes
    objection: str
    note: str


def inspect_json(stream: BinaryIO) -> JsonPrologue:
    """Judge a document by its first bytes, which are taken out of `stream`."""
    pieces: list[bytes] = []
    missing = HEAD
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    head = b"".join(pieces)
    before = inspect(head)
    rest = head[before.skip :]
    # What PHP complained about is not told: it can hold paths, queries and passwords.
    note = "PHP notices stand before the JSON and were passed over; ActiveCollab's own log says what is wrong"
    return JsonPrologue(rest, _objection(rest), note if before.note else "")


def _objection(head: bytes) -> str:
    return next((words for applies, words in _OBJECTIONS if applies(head)), "")


# In this order: each rule takes for granted that those above did not apply. The text of a plain answer is not
# shown, because it can be an API key.
_OBJECTIONS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head.startswith((b"{", b"[")) or head.strip() == b"null", ""),
    (lambda head: not head, "the document is empty; expected JSON"),
    (lambda head: head.startswith(_COMPRESSED), "the document is compressed; unpack it first"),
    (
        lambda head: head.startswith(_WIDE_MARKS) or b"\0" in head[:4],
        "the document is not in an encoding that reads as ASCII (UTF-16?); save it as UTF-8",
    ),
    (
        lambda head: _PHP_ERROR.match(head) is not None,
        "PHP stopped with an error before it wrote any JSON; ActiveCollab's own log says why",
    ),
    (
        lambda head: _WEB_PAGE.search(head[:4_096]) is not None,
        "this is a web page, not JSON; the address may be wrong or the login expired",
    ),
    (lambda head: _XML.match(head) is not None, "this is XML, not JSON"),
    (lambda _: True, "the document begins with plain text, not with JSON"),
)
