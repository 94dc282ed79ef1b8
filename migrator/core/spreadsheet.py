"""Texts of people as they may stand in a spreadsheet: nothing in them is calculated."""

from __future__ import annotations

import re

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with, also in the full width that some spreadsheets read as the ordinary sign."""

_FORMULA = re.compile(rf"'*[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]*[{_SIGNS}]|'*[\t\r\n]")
"""The beginning of what a spreadsheet would calculate, and of such a thing made harmless."""

_AFTER_A_DELIMITER = re.compile(rf"([;,]\"*)(?=[{_SIGNS}])")


def harmless(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would calculate it; `plain` takes it away again."""
    return "'" + text if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def harmless_anywhere(line: str) -> str:
    """One line of text for a CSV file that may be opened with the wrong delimiter: no part of it is calculated."""
    return harmless(_AFTER_A_DELIMITER.sub(r"\1'", line))
