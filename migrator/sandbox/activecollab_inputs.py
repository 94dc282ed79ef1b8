"""What clients send to add or edit time: hours, days, people, each read as ActiveCollab reads it or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from migrator.sandbox.activecollab_state import ActiveCollabState

_HOURS = re.compile(r"[0-9]{1,5}(\.[0-9]+)?")
_CLOCK = re.compile(r"([0-9]{1,5}):([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")

Problems = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What the fields are called by a generation; `required` ones must be there when a record is added."""

    text: str
    task: str
    required: tuple[str, ...]


SECOND = FieldNames("body", "parent_id", ("user_id", "value", "record_date"))
LATER = FieldNames("summary", "task_id", ("user_id", "value", "record_date", "job_type_id"))


def read_hours(text: str) -> str:
    """`5:30` is 5.5 and `5.5` is 5.5 (DOC): two places at most, 0.01 at least; raises ValueError."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock and int(clock[2]) < 60:
        hours = Decimal(clock[1]) + Decimal(clock[2]) / 60
    elif _HOURS.fullmatch(text.strip()):
        hours = Decimal(text.strip())
    else:
        raise ValueError("Time value is not valid")
    rounded = hours.quantize(Decimal("0.01"))
    if not rounded:
        raise ValueError("Time value is required")
    return f"{rounded:f}".rstrip("0").rstrip(".") if rounded % 1 else str(int(rounded))


def read_day(text: str) -> date:
    """`2008-05-01` or `2008/05/01`; raises ValueError."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError("Record date is not valid")
    return date(int(found[1]), int(found[2]), int(found[3]))


def read_changes(
    state: ActiveCollabState, sent: Mapping[str, object], names: FieldNames, *, adding: bool
) -> tuple[dict[str, object], Problems]:
    """The fields of a time record that were sent, under the names of `TimeRecord`, and what is wrong with them."""
    changes: dict[str, object] = {}
    problems: Problems = {}
    if adding:
        problems = {name: [f"{name} is required"] for name in names.required if sent.get(name) in (None, "")}
    for name, value in sent.items():
        if name in problems:
            continue
        try:
            changes |= _change(state, name, str(value if value is not None else ""), names)
        except ValueError as problem:
            problems[name] = [str(problem)]
    return changes, problems


def _change(state: ActiveCollabState, name: str, text: str, names: FieldNames) -> dict[str, object]:
    """PHP takes what it knows and says nothing of the rest."""
    if name == names.text:
        return {"text": text}
    if name == names.task:
        return {"task_id": None if text in {"", "0"} else _known_task(state, text)}
    known: dict[str, Mapping[int, object]] = {"user_id": state.people, "job_type_id": state.job_types}
    if name in known:
        return {name: _known(text, known[name], name)}
    field, read = _READ.get(name, ("", str))
    return {field: read(text)} if field else {}


def _billing(text: str) -> int:
    if text not in {"0", "1", "2", "3"}:
        raise ValueError("Billable status is not valid")
    return int(text)


_READ: dict[str, tuple[str, Callable[[str], object]]] = {
    "value": ("hours", read_hours),
    "record_date": ("day", read_day),
    "billable_status": ("billable_status", _billing),
}


def _known(text: str, among: Mapping[int, object], name: str) -> int:
    if not text.isdecimal() or int(text) not in among:
        raise ValueError(f"{name} does not exist")
    return int(text)


def _known_task(state: ActiveCollabState, text: str) -> int:
    if not text.isdecimal() or state.holds_task(int(text)) is None:
        raise ValueError("parent does not exist")
    return int(text)
