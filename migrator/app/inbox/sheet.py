"""The exceptions of a workbook that a person filled in: what is said of which item, or all that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from migrator.app.inbox.workbook import Formula, SheetRows, Value
from migrator.app.report.wording_sheets import DISPOSITIONS, HEADERS, Disposition
from migrator.core.names import normalise
from migrator.core.report.typed import shown

COLUMNS = ("id", "disposition", "name", "date", "note", "digest")
"""What is read; whatever else stands beside it is not looked at."""

_NEEDED = ("id", "disposition", "name", "digest")
_COLUMN_OF = {normalise(word): name for name in COLUMNS for word in HEADERS[name]}
_DISPOSITION_OF = {normalise(word): said for said, words in DISPOSITIONS.items() for word in (*words, said.value)}
_ID = re.compile(r"i([1-9][0-9]{0,17})")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_HEAD = 20
"""Rows in which the headers are looked for: somebody may have put a title above them."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that keeps a file from being applied; `changed` when the item is not as it was shown."""

    where: str
    told: str
    expected: str
    changed: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.told}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one item."""

    where: str
    item: int
    disposition: Disposition
    name: str
    day: date | None
    note: str
    digest: str
    """Of the item as it was shown to that person."""


@dataclass(slots=True)
class Filled:
    """What was found in a workbook."""

    said: list[Said] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    later: int = 0
    empty: int = 0


def read_sheets(sheets: Iterable[SheetRows], today: date) -> Filled:
    """Every row of every worksheet with exceptions, wherever its columns are and in whichever language.

    Nobody decides on a day after `today`.
    """
    filled = Filled()
    found = False
    for sheet in sheets:
        reader = _Reader(filled, sheet, today)
        found = reader.read() or found
    if not found:
        names = " or ".join(" / ".join(HEADERS[name]) for name in ("id", "disposition"))
        told = "no worksheet with exceptions was found"
        filled.wrong.append(Wrong("the workbook", told, f"one with the headers of the report, such as {names}"))
    _refuse_twins(filled)
    return filled


def _refuse_twins(filled: Filled) -> None:
    first: dict[int, str] = {}
    for said in filled.said:
        if said.item in first:
            told = f"i{said.item} is decided a second time"
            filled.wrong.append(Wrong(said.where, told, f"one row for each item; see {first[said.item]}"))
        first.setdefault(said.item, said.where)


class _Reader:
    """Reads one worksheet."""

    def __init__(self, filled: Filled, sheet: SheetRows, today: date) -> None:
        self._filled, self._sheet, self._today = filled, sheet, today
        self._columns: Mapping[str, int] = {}

    def read(self) -> bool:
        """Read it; whether it holds exceptions."""
        for number, values in self._sheet.rows:
            if self._columns:
                self._row(number, values)
            elif number > _HEAD:
                return False
            elif _looks_like_headers(values) and not self._headers(number, values):
                return True
        return bool(self._columns)

    def _headers(self, number: int, values: Sequence[Value]) -> bool:
        """Where each column is; complains about what is missing."""
        named = [_COLUMN_OF.get(normalise(str(value))) if value is not None else None for value in values]
        before = len(self._filled.wrong)
        for name in COLUMNS:
            header = " / ".join(dict.fromkeys(HEADERS[name]))
            if named.count(name) > 1:
                self._complain(number, f"the column {header} stands there twice", "each column once")
            elif name in _NEEDED and name not in named:
                self._complain(number, f"no column is called {header}", "that header, wherever the column is")
        if self._sheet.merged:
            self._complain(number, "some cells are merged, so that a decision would count for one row only", "none")
        if len(self._filled.wrong) > before:
            return False
        self._columns = {name: place for place, name in enumerate(named) if name is not None}
        return True

    def _row(self, number: int, values: Sequence[Value]) -> None:
        cells = {name: values[place] if place < len(values) else None for name, place in self._columns.items()}
        entered = {name: cells.get(name) for name in ("disposition", "name", "date", "note")}
        if not any(_filled_in(value) for value in entered.values()):
            # Below the rows stands their sum.
            self._filled.empty += _ID.fullmatch(_text(cells["id"])) is not None
            return
        before = len(self._filled.wrong)
        for name, value in cells.items():
            if isinstance(value, Formula):
                self._complain(number, f"the cell {HEADERS[name][1]} holds a formula", "a value that is typed")
        if len(self._filled.wrong) > before:
            return
        disposition = self._disposition(number, cells["disposition"])
        if disposition is Disposition.LATER:
            self._filled.later += 1
            return
        item, name = self._item(number, cells["id"]), self._name(number, cells["name"])
        # What has no number has no digest either, and one complaint says it.
        digest = self._digest(number, cells["digest"]) if item else ""
        day = self._day(number, cells.get("date"))
        note = shown(_text(cells.get("note")), True, 1_000)
        if disposition is Disposition.ACCEPT and not note:
            self._complain(number, "an acceptance without a note", "why it is right as it is, in the column for notes")
        if len(self._filled.wrong) == before and disposition is not None:
            said = Said(self._where(number), item, disposition, name, day, note, digest)
            self._filled.said.append(said)

    def _disposition(self, number: int, value: Value) -> Disposition | None:
        found = _DISPOSITION_OF.get(normalise(_text(value)))
        if found is None:
            words = ", ".join(words[1] for words in DISPOSITIONS.values())
            self._complain(number, f"the disposition is {_text(value)!r}", f"one of {words}, or an empty row")
        return found

    def _item(self, number: int, value: Value) -> int:
        if not _filled_in(value):
            told = "the row has no number: when the report was made, it was not in the inbox yet"
            self._complain(number, told, "nothing filled in here; run `migrator sync`, then make the report anew")
            return 0
        found = _ID.fullmatch(_text(value))
        if found is None:
            expected = "the id of an item, such as i17"
            self._complain(number, f"the id is {_text(value)!r}", expected)
            return 0
        return int(found[1])

    def _name(self, number: int, value: Value) -> str:
        # A colon ends the name in the notes of the inbox.
        name = " ".join(shown(_text(value), True).replace(":", " ").split())
        if not name or not any(sign.isalpha() for sign in name):
            self._complain(number, "nobody signed", "the name of who decides")
        return name

    def _digest(self, number: int, value: Value) -> str:
        digest = _text(value)
        if not _DIGEST.fullmatch(digest):
            self._complain(number, "the hidden digest is missing or damaged", "the row as the report wrote it")
        return digest

    def _day(self, number: int, value: Value) -> date | None:
        if not _filled_in(value):
            return None
        day = _as_day(value)
        if day is None:
            self._complain(number, f"the date is {_text(value)!r}", "a date such as 2026-11-26 or 26.11.2026")
        elif day > self._today:
            self._complain(number, f"the date {day} is in the future", "the day of the decision")
        return day

    def _where(self, number: int) -> str:
        return f"{shown(self._sheet.title, True, 40)}, row {number}"

    def _complain(self, number: int, told: str, expected: str) -> None:
        self._filled.wrong.append(Wrong(self._where(number), told, expected))


def _looks_like_headers(values: Sequence[Value]) -> bool:
    """Whether a row names at least one column that only exceptions have, and one more."""
    named = {_COLUMN_OF.get(normalise(value)) for value in values if isinstance(value, str)} - {None}
    return len(named) >= 2 and bool(named & {"disposition", "digest"})


def _filled_in(value: Value) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _text(value: Value) -> str:
    if value is None:
        return ""
    # Spreadsheets make numbers of what looks like one.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _as_day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if found := _DAY.fullmatch(text):
        parts = found.groups()
    elif found := _GERMAN_DAY.fullmatch(text):
        parts = found.groups()[::-1]
    else:
        return None
    year, month, day = map(int, parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None
