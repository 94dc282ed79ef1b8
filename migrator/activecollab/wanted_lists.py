"""The lists of generation 5: what each is to hold, and when a page without any of it is an empty list."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from migrator.activecollab.wire import Answer
from migrator.core.model import (
    Company,
    FoundEntry,
    FoundMaster,
    JobType,
    Master,
    Project,
    Reading,
    Rejected,
    Task,
    User,
)

_LARGEST_EMPTY = 2**20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to hold: the key it may stand under, and the identity of an element (None: another kind)."""

    key: str
    identify: Callable[[Reading], Hashable | None]


def _masters(key: str, kind: type[Master]) -> Wanted:
    def identify(reading: Reading) -> Hashable | None:
        if isinstance(reading, FoundMaster) and isinstance(reading.value, kind):
            return reading.value.id
        return None

    return Wanted(key, identify)


def _time_record(reading: Reading) -> Hashable | None:
    match reading:
        case FoundEntry(entry=entry):
            return entry.id
        case Rejected(source_id=source_id):
            return source_id
        case _:
            return None


TIME = Wanted("time_records", _time_record)
PROJECTS = _masters("projects", Project)
COMPANIES = _masters("companies", Company)
USERS = _masters("users", User)
TASKS = _masters("tasks", Task)
JOB_TYPES = _masters("job_types", JobType)


def is_empty_list(answer: Answer, key: str) -> bool:
    """Whether a page without elements is an empty list, and not some other document without any."""
    try:
        told = json.loads(answer.head(_LARGEST_EMPTY))
    except (ValueError, RecursionError):
        return False
    if isinstance(told, dict):
        return key in told and not told[key]
    return told is None or told == []
