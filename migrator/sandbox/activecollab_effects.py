"""What can go wrong with one answer of the simulated ActiveCollab, beside the faults every service can show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from migrator.sandbox.faults import (
    AnswerInstead,
    CutBody,
    Delay,
    Drop,
    Fault,
    Hang,
    LoseAnswer,
    SlowBytes,
    TruncatedJson,
    read_fault,
)


class Spoil(Enum):
    """The endpoint's own answer with 200, spoilt."""

    HTML_PAGE = "html_page"
    """The application's page instead, as `text/html`."""
    EMPTY_BODY = "empty_body"
    PLAIN_TEXT = "plain_text"
    BOM = "bom"
    PHP_NOTICE = "php_notice"
    """HTML that PHP prints before the document, as its default error display does."""
    LATIN_1 = "latin_1"
    """Bytes of Latin-1 under a declaration of UTF-8."""
    CONTROL_CHARACTER = "control_character"
    """A vertical tab within the first text."""
    DOCTYPE = "doctype"
    """A document type with an entity, which the first text refers to."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send to `location`, a whole address or a path, without applying; `keep_query` appends the query as sent."""

    location: str
    status: int = 302
    keep_query: bool = False


@dataclass(frozen=True, slots=True)
class RevokeTokens:
    """From this request on every token is refused, as after a change of password."""


@dataclass(frozen=True, slots=True)
class Then:
    """Answer as usual, then let `action` happen: what a person does between two requests."""

    action: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Answer with the body that `change` makes of the right one."""

    change: Callable[[bytes], bytes]


Common = AnswerInstead | LoseAnswer | Drop | Hang | Delay | TruncatedJson | CutBody | SlowBytes
ActiveCollabEffect = Common | Spoil | Redirect | RevokeTokens | Then | Rewrite

PAGE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
    "<html><head><title>activeCollab</title></head><body><h1>Welcome</h1><p>Please log in&nbsp;&hellip;</body></html>\n"
)
_NOTICE = (
    b"<br />\n<b>Notice</b>:  Undefined index: value in <b>/srv/activecollab/TimeRecord.class.php</b> "
    b"on line <b>214</b><br />\n"
)
_FIRST_TEXT = re.compile(rb'<!\[CDATA\[(?=[^\]])|"(?:summary|name|message)":\s*"')
_DECLARED = re.compile(rb"\s*<\?xml[^>]*>\s*")


def spoilt(kind: Spoil, body: bytes) -> bytes:
    """`body` as this kind of trouble leaves it."""
    return _SPOILT[kind](body)


def _in_first_text(body: bytes, added: bytes) -> bytes:
    return _FIRST_TEXT.sub(lambda found: found[0] + added, body, count=1)


def _in_latin_1(body: bytes) -> bytes:
    return _in_first_text(body, "Ä".encode()).decode().encode("latin-1", "replace")


def _with_doctype(body: bytes) -> bytes:
    declared = _DECLARED.match(body)
    start = declared.end() if declared else 0
    root = re.match(rb"<([a-z_]+)", body[start:])
    name = root[1] if root else b"html"
    kind = b"<!DOCTYPE " + name + b' [ <!ENTITY shown SYSTEM "file:///etc/hostname"> ]>\n'
    return body[:start] + kind + body[start:].replace(b"<name>", b"<name>&shown;", 1)


_SPOILT: dict[Spoil, Callable[[bytes], bytes]] = {
    Spoil.HTML_PAGE: lambda _: PAGE.encode(),
    Spoil.EMPTY_BODY: lambda _: b"",
    Spoil.PLAIN_TEXT: lambda _: b"The system is being upgraded. Please try again later.\n",
    Spoil.BOM: lambda body: b"\xef\xbb\xbf" + body,
    Spoil.PHP_NOTICE: lambda body: _NOTICE + body,
    Spoil.LATIN_1: _in_latin_1,
    Spoil.CONTROL_CHARACTER: lambda body: _in_first_text(body, b"\x0b"),
    Spoil.DOCTYPE: _with_doctype,
}


def activecollab_fault(given: Mapping[str, object]) -> Fault[ActiveCollabEffect]:
    """The fault that a JSON object describes, such as `{"effect": "bom", "path": "projects/7/time"}`.

    Raises ValueError with what is wrong.
    """
    return read_fault(given, _EFFECTS)


def _spoiling(kind: Spoil) -> Callable[..., ActiveCollabEffect]:
    return lambda: kind


_EFFECTS: dict[str, Callable[..., ActiveCollabEffect]] = {
    "answer": AnswerInstead,
    "lose_answer": LoseAnswer,
    "drop": Drop,
    "hang": Hang,
    "delay": Delay,
    "truncated": TruncatedJson,
    "cut_body": CutBody,
    "slow_bytes": SlowBytes,
    "redirect": Redirect,
    "revoke_tokens": RevokeTokens,
    **{kind.value: _spoiling(kind) for kind in Spoil},
}
