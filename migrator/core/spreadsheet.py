"""Texts of people as they may stand in a spreadsheet: nothing in them is calculated, and nothing breaks the file."""

from __future__ import annotations

import re

LONGEST_CELL = 32_767
"""Signs that Excel takes in one cell (its published limits)."""

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with, also in the full width that some spreadsheets read as the ordinary sign."""

_FORMULA = re.compile(rf"'*[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]*[{_SIGNS}]|'*[\t\r\n]")
"""The beginning of what a spreadsheet would calculate, and of such a thing made harmless."""

_AFTER_A_DELIMITER = re.compile(rf"([;,]\"*)(?=[{_SIGNS}])")

_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, marks that turn the direction of writing, and what no UTF-8 document can hold."""


def harmless(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would calculate it; `plain` takes it away again."""
    return "'" + text if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def legible(text: str) -> str:
    """`text` without what cannot be written or seen, line ends as `\\n`, cut where a cell would not take it."""
    seen = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return seen if len(seen) <= LONGEST_CELL else seen[: LONGEST_CELL - 1] + "…"


def harmless_line(text: str) -> str:
    """`text` as one line of a CSV file that may be opened with the wrong delimiter: no part of it is calculated."""
    line = " ".join(legible(text).split())
    return harmless(_AFTER_A_DELIMITER.sub(r"\1'", line))
