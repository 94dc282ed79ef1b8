"""What people typed, made fit to be shown in a report: one line, no tricks of writing, addresses masked."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 300
"""Characters of a text that are shown; names of people and projects are far shorter."""

_SHORT = 120
"""Characters of a text that is remembered, so that giants do not stay in memory."""

MASK = "***@***"
"""Stands for an e-mail address."""

_TRICKS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters; those that are blanks are folded instead
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"  # unseen, or turning the text
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"  # no characters at all, and unseen tags
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_HEAPED = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
_APART = r"\s@＠%<>()\[\]{},;:\"/?&=#|"
# Possessive and behind a separator only: ten thousand letters without an address cost one pass, not ten thousand.
_ADDRESS = re.compile(
    rf"(?:(?<![^{_APART}])[^{_APART}]++|\"[^\"]{{1,64}}\")(?:[@＠]|%40)[^\W_](?:[\w\ufffd-]|\.(?=[\w\ufffd-]))*+"
)
_WEB = re.compile(r"https?://[^\x00-\x20\x7f-\x9f\"'<>\\^`{|}@]{1,2000}", re.IGNORECASE)


def shown(text: str, with_people: bool, longest: int = LONGEST) -> str:
    """`text` as a report shows it; whoever writes it still escapes it for his format.

    Blanks and line breaks become one blank. Control characters, marks that turn the direction of writing and
    characters that nobody sees become U+FFFD, heaps of accents are cut. Unless `with_people`, e-mail addresses become
    `MASK`. What is longer than `longest` characters ends in an ellipsis.
    """
    return _remembered(text, with_people, longest) if len(text) <= _SHORT else _shown(text, with_people, longest)


def _shown(text: str, with_people: bool, longest: int) -> str:
    # More than is shown is read, so that an address across the cut is masked; not all, so that a giant costs little.
    head = text[: 4 * longest + 400]
    line = _HEAPED.sub(r"\1", _TRICKS.sub("\ufffd", " ".join(head.split())))
    if not with_people:
        line = _ADDRESS.sub(MASK, line)
    return line if len(line) <= longest and len(head) == len(text) else f"{line[: longest - 1].rstrip()}…"


# The same few names stand in hundreds of thousands of lines.
_remembered = lru_cache(maxsize=4096)(_shown)


def web_address(url: str, with_people: bool) -> str:
    """`url` where a report may link it: http or https, and nothing hidden in it; otherwise "".

    An address with an `@` is never linked: it carries a login, or somebody's e-mail address.
    """
    # No trick of ASCII passes the first pattern.
    if not _WEB.fullmatch(url) or (not url.isascii() and _TRICKS.search(url)):
        return ""
    return "" if not with_people and "%40" in url else url
