"""One request to MOCO as a value: what is sent, and how the answer is read; whoever has it decides how to send it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Generic, TypeVar

from migrator.moco.errors import RefusedLocally
from migrator.moco.listing import Query, Row
from migrator.moco.outcomes import WriteKind

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """A request for one thing; `path` begins with a slash below `/api/v1`, `params` are the query.

    `read` turns the JSON of a 2xx into the answer and raises `AnswerError`; a deletion gives it None, since some
    servers answer 204 without a body and some the deleted object. `kind` says what a 422 means (`classify_write`).
    """

    method: str
    path: str
    read: Callable[[object], Answer]
    params: Query = field(default_factory=dict)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    kind: WriteKind = WriteKind.ONE_RECORD

    @property
    def endpoint(self) -> str:
        """What errors call it: `PUT /projects/17`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class ListCall(Generic[Row]):
    """A request for the rows of a list, whatever number of pages it has.

    `keeps` says the filter once more: MOCO ignores filters that it does not know, or whose value it cannot read, and
    answers with everything (reported live), so every row is asked whether it was asked for. Where MOCO knows no pages
    (`paged` False) the first answer is everything.
    """

    path: str
    read: Callable[[object], Row]
    params: Query = field(default_factory=dict)
    keeps: Callable[[Row], bool] = lambda _: True
    paged: bool = True

    @property
    def endpoint(self) -> str:
        """What errors call it: `GET /projects`."""
        return f"GET {self.path}"


def as_json(value: object) -> object:
    """A Python value as MOCO's JSON has it: days `YYYY-MM-DD`, times `HH:MM`, moments in UTC, tuples as arrays.

    Raises `RefusedLocally` for a moment without a zone and for what JSON cannot hold.
    """
    match value:
        case Enum():
            return as_json(value.value)
        case Mapping():
            return {str(name): as_json(each) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [as_json(each) for each in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return _scalar(value)


def _scalar(value: object) -> str | float:
    match value:
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return float(value)
        case _:
            raise RefusedLocally(f"{type(value).__name__} is nothing that JSON can hold")


def body_of(fields: Mapping[str, object]) -> dict[str, object]:
    """The JSON body of what was given; a None is sent as null, what was not given is left as it is in MOCO."""
    return {name: as_json(value) for name, value in fields.items()}


def query_of(fields: Mapping[str, object]) -> dict[str, str]:
    """The query of what was given: arrays by commas, booleans in lower case (`True` is ignored by MOCO, recorded).

    A None or an empty array is no filter. Raises `RefusedLocally` for a moment without a zone.
    """
    asked = {name: as_json(value) for name, value in fields.items()}
    return {name: _query_text(value) for name, value in asked.items() if value is not None and value != []}


def moment_text(moment: datetime) -> str:
    """A moment as MOCO's filters take it, whole seconds in UTC; raises `RefusedLocally` without a zone."""
    if moment.tzinfo is None:
        raise RefusedLocally("a moment needs a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _query_text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(_query_text(each) for each in value)
        case _:
            return str(value)
