"""Reads bytes as one document and sorts what came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from io import BytesIO
from pathlib import Path
from typing import assert_never

from migrator.activecollab.json_reader import read_json_document
from migrator.activecollab.xml_reader import read_document
from migrator.core.model import (
    DocumentNote,
    DocumentProblem,
    ExpenseIgnored,
    FoundEntry,
    FoundMaster,
    Master,
    Reading,
    Rejected,
    TimeEntry,
)

CORPUS = Path(__file__).parents[2] / "data" / "activecollab"
TODAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The readings of one document by kind, each in the order it came."""

    found: tuple[FoundEntry, ...]
    masters: tuple[Master, ...]
    rejected: tuple[Rejected, ...]
    expenses: int
    problems: tuple[DocumentProblem, ...]
    notes: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[TimeEntry, ...]:
        return tuple(found.entry for found in self.found)


def sort(readings: list[Reading]) -> Sorted:
    found: list[FoundEntry] = []
    masters: list[Master] = []
    rejected: list[Rejected] = []
    problems: list[DocumentProblem] = []
    notes: list[str] = []
    expenses = 0
    for reading in readings:
        match reading:
            case FoundEntry():
                found.append(reading)
            case FoundMaster(value):
                masters.append(value)
            case Rejected():
                rejected.append(reading)
            case ExpenseIgnored():
                expenses += 1
            case DocumentProblem():
                problems.append(reading)
            case DocumentNote(message=message):
                notes.append(message)
            case _:
                assert_never(reading)
    return Sorted(tuple(found), tuple(masters), tuple(rejected), expenses, tuple(problems), tuple(notes))


def read(document: bytes | str, *, name: str = "a.xml", timezone: tzinfo = UTC, today: date = TODAY) -> Sorted:
    """What a document holds: JSON when `name` says so, else XML."""
    raw = document.encode() if isinstance(document, str) else document
    reader = read_json_document if name.endswith(".json") else read_document
    return sort(list(reader(BytesIO(raw), name, timezone=timezone, today=today)))


def read_corpus(case: str) -> Sorted:
    return read((CORPUS / f"{case}.xml").read_bytes())


def a_record(**fields: str) -> str:
    """A listing of one usable record with `fields` changed or added; their texts are written as XML."""
    usual = {
        "id": "1",
        "type": "TimeRecord",
        "project_id": "7",
        "user_id": "3",
        "value": "1.5",
        "record_date": "2008-05-01",
        "billable_status": "1",
    }
    written = "".join(f"<{name}>{text}</{name}>" for name, text in {**usual, **fields}.items())
    return f"<time_records><time_record>{written}</time_record></time_records>"
