"""libxml2's complaints, in words that say what to do about the document."""

from __future__ import annotations

import re

from lxml import etree

_CODES = etree.ErrorTypes
_ENTITY_NAME = re.compile(r"Entity '([\w.-]{1,40})'")
_CONTROL = "a control character, which XML does not allow; remove it and read again"
_ENCODING = "bytes that do not fit the declared encoding; save the document as UTF-8"
CUT_OFF = "the document is cut off; what came before the end was read. Fetch or export it again"
BEHIND_THE_END = "something stands behind the end of the document; everything before it was read"
_LONGEST_MEANING = 200

_MEANINGS: dict[int, str] = {
    _CODES.ERR_INVALID_CHAR: _CONTROL,
    _CODES.ERR_INVALID_CHARREF: _CONTROL,
    _CODES.ERR_INVALID_ENCODING: _ENCODING,
    _CODES.ERR_ENCODING_NAME: _ENCODING,
    _CODES.ERR_UNSUPPORTED_ENCODING: _ENCODING,
    _CODES.ERR_RESOURCE_LIMIT: "nested more than 256 deep, or a text of more than 10 MB",
}


class UnreadableError(Exception):
    """The document cannot be read further; `line` counts from the document's first, 0 = unknown."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def explain(error: etree.XMLSyntaxError, log: etree._ListErrorLog, *, complete: bool) -> tuple[int, str]:
    """The line (0 = unknown) and meaning of a parser's first complaint.

    `complete` tells whether the document ends as it should; the log is needed because the exception itself can
    name the consequence ("no element found") instead of the cause.
    """
    first = next(iter(log), None)
    line, code, message = (
        (error.lineno or 0, error.code, str(error.msg)) if first is None else (first.line, first.type, first.message)
    )
    return line, _meaning(code, " ".join(message.split()), complete=complete)


def _meaning(code: int, message: str, *, complete: bool) -> str:
    if code == _CODES.ERR_UNDECLARED_ENTITY:
        name = _ENTITY_NAME.search(message)
        shown = f"&{name[1]};" if name else "a named entity"
        return f"{shown} is no XML entity (only &amp; &lt; &gt; &quot; &apos; are); put HTML into CDATA"
    if code in _MEANINGS:
        return _MEANINGS[code]
    if message.startswith("Extra content"):
        return BEHIND_THE_END
    if not complete:
        return CUT_OFF
    return f"not well-formed XML: {message[:_LONGEST_MEANING]}"
