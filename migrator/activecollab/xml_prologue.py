"""What a document begins with, looked at before a parser sees it.

ActiveCollab answers with web pages, plain text or nothing when something is wrong, PHP prints its notices before
the XML, and a document type declaration has no business in an export. All of it is told apart here, in words:
marks, blank lines and PHP's notices are passed over, everything else is a reason not to read the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

HEAD = 65_536
"""How many bytes of a document are looked at; its first element must begin within them."""

_BLANK_OR_MARK = re.compile(rb"(?:\xef\xbb\xbf|[ \t\r\n])*+")
# As PHP prints them with and without html_errors; the messages after which it goes on. What they say is not
# looked at: it may hold addresses, queries and line breaks, but always ends with a line of a script.
PHP_NOTICE = re.compile(
    rb"(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(Notice|Warning|Deprecated|Strict Standards)(?:</b>)?:\s"
    rb"(?:(?!<\?xml|<!DOCTYPE|<!ENTITY).){0,10000}?\bon line (?:<b>)?[0-9]{1,7}(?:</b>)?\s*(?:<br\s*/?>|\n|(?=<)|\Z)",
    re.DOTALL,
)
_BEFORE_ROOT = rb"(?:[ \t\r\n]++|<\?.*?\?>|<!--.*?-->)*+"
_DOCUMENT_TYPE = re.compile(_BEFORE_ROOT + rb"<!DOCTYPE", re.IGNORECASE | re.DOTALL)
_WEB_PAGE = re.compile(_BEFORE_ROOT + rb"<(?:!DOCTYPE\s+html\b|html\b)", re.IGNORECASE | re.DOTALL)
_DECLARED_ENCODING = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)[\"']")
# The encodings in which markup reads as ASCII; UTF-7 and EBCDIC could hide a declaration from the checks here.
_KNOWN_ENCODING = re.compile(rb"utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d", re.IGNORECASE)
_PHP_ERROR = re.compile(rb"(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(?:\w+ )?(?:Parse|[Ff]atal) error(?:</b>)?:")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True, slots=True)
class Prologue:
    """What stands before the markup: `skip` bytes with `lines` line breaks.

    `objection` says why the rest is no XML, `note` what was passed over that a person should know; both may be empty.
    """

    skip: int
    lines: int
    objection: str
    note: str = ""


def inspect(head: bytes) -> Prologue:
    """Judge a document by its first bytes."""
    skip, notices = _blank_end(head, 0), 0
    while notice := PHP_NOTICE.match(head, skip):
        skip, notices = _blank_end(head, notice.end()), notices + 1
    objection = _objection(head[skip:])
    if objection and notices:
        objection += " (this stands behind a PHP notice)"
    return Prologue(skip, head.count(b"\n", 0, skip), objection, note_of(notices, "before the XML"))


def is_only_notices(tail: bytes) -> bool:
    """Whether nothing but blanks and PHP's notices is in `tail`."""
    end = _blank_end(tail, 0)
    while notice := PHP_NOTICE.match(tail, end):
        end = _blank_end(tail, notice.end())
    return end == len(tail)


def _blank_end(head: bytes, start: int) -> int:
    blank = _BLANK_OR_MARK.match(head, start)
    return blank.end() if blank else start


def note_of(notices: int, where: str) -> str:
    """What a person is told of PHP's notices; empty when there was none."""
    # What PHP complained about is not told: it can hold paths, queries and passwords.
    passed = "a PHP notice" if notices == 1 else f"{notices} PHP notices"
    return f"passed over {passed} {where}; ActiveCollab's own log says what is wrong" if notices else ""


def _objection(head: bytes) -> str:
    return next((words for applies, words in _OBJECTIONS if applies(head)), "")


def _declares_unknown_encoding(head: bytes) -> bool:
    declared = _DECLARED_ENCODING.match(head)
    return declared is not None and not _KNOWN_ENCODING.fullmatch(declared[1])


def _stands_before_declaration(head: bytes) -> bool:
    # Behind markup of its own, a declaration can also be text inside CDATA.
    begins = head[:9].lower()
    return b"<?xml" in head[1:] and (not begins.startswith(b"<") or begins.startswith((b"<br", b"<b>", b"<p>")))


# In this order: each rule takes for granted that those above did not apply. The text of a plain answer is not
# shown, because it can be an API key.
_OBJECTIONS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: not head, "the document is empty; expected XML"),
    (lambda head: head.startswith(_COMPRESSED), "the document is compressed; unpack it first"),
    (
        lambda head: head.startswith(_WIDE_MARKS) or b"\0" in head[:4],
        "the document is not in an encoding that reads as ASCII (UTF-16?); save it as UTF-8",
    ),
    (
        lambda head: _PHP_ERROR.match(head) is not None,
        "PHP stopped with an error before it wrote any XML; ActiveCollab's own log says why",
    ),
    (_stands_before_declaration, "text stands before the XML declaration; remove it and read again"),
    (lambda head: head.startswith((b"{", b"[")), "this is JSON, not XML"),
    (lambda head: not head.startswith(b"<"), "the document begins with plain text, not with XML"),
    (
        lambda head: _WEB_PAGE.match(head) is not None,
        "this is a web page, not XML; the address may be wrong or the login expired",
    ),
    (
        lambda head: _DOCUMENT_TYPE.match(head) is not None,
        "the document has a document type declaration (<!DOCTYPE>), which is never needed; it was not read",
    ),
    (_declares_unknown_encoding, "the document declares an encoding that is not supported; save it as UTF-8"),
)
