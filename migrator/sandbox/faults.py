"""Faults that a simulated service can be told to show, and on which request."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar


class ConnectionDropped(ConnectionError):
    """Leaves the WSGI app when no (further) answer must be sent.

    `serve` turns it into a reset connection; whoever calls the app in process turns it into the
    connection error of its HTTP library. It may come out of the body's iterator, after some bytes.
    """


class NoAnswer(ConnectionDropped):
    """Leaves the WSGI app when the client must wait in vain: `serve` stays silent until it hangs up."""


@dataclass(frozen=True, slots=True)
class AnswerInstead:
    """Answer `status` and apply nothing: 500, 502, 503, 504, 429, 401, 403, ..."""

    status: int
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """Apply, then answer a gateway's `status`."""

    status: int = 502


@dataclass(frozen=True, slots=True)
class LateCommit:
    """Answer `status` now; the request takes effect `seconds` later."""

    seconds: float
    status: int = 504


@dataclass(frozen=True, slots=True)
class Drop:
    """Reset the connection without an answer, before or after applying."""

    applied: bool


@dataclass(frozen=True, slots=True)
class Hang:
    """Never answer, before or after applying."""

    applied: bool


@dataclass(frozen=True, slots=True)
class Delay:
    """Apply and answer, so many seconds late: before the request is applied, or after."""

    seconds: float
    applied: bool = False


@dataclass(frozen=True, slots=True)
class TruncatedJson:
    """Apply, then answer half of the JSON with a fitting Content-Length."""


@dataclass(frozen=True, slots=True)
class CutBody:
    """Apply, then announce the whole body, send half of it and reset the connection."""


@dataclass(frozen=True, slots=True)
class SlowBytes:
    """Apply, then send the body in pieces, `pause` seconds apart."""

    pause: float
    piece: int = 1


@dataclass(frozen=True, slots=True)
class RefuseRows:
    """Refuse the rows that `chosen` picks with 422 and these messages, alone or in a bulk."""

    chosen: Callable[[Mapping[str, object]], bool]
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"base": ("Refused by a fault",)})

    @classmethod
    def with_markers(cls, *markers: str) -> RefuseRows:
        """Refuse the rows that carry one of these `remote_id`."""
        return cls(lambda row: row.get("remote_id") in markers)


@dataclass(frozen=True, slots=True)
class WrongUser:
    """Book under the key's own user, whatever the impersonation header says."""


Effect = (
    AnswerInstead
    | LoseAnswer
    | LateCommit
    | Drop
    | Hang
    | Delay
    | TruncatedJson
    | CutBody
    | SlowBytes
    | RefuseRows
    | WrongUser
)


E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Fault(Generic[E]):
    """An effect on the `nth` request that matches, and on the following ones up to `times` (None: all).

    `path` is a regular expression for the whole path below the API's root, `method` None is any.
    """

    effect: E
    method: str | None = None
    path: str = ".*"
    nth: int = 1
    times: int | None = 1

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one of those that count."""
        return self.method in (None, method) and re.fullmatch(self.path, path) is not None


class FaultQueue(Generic[E]):
    """The faults that wait for their request; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault[E], int]] = []

    def add(self, fault: Fault[E]) -> None:
        """Let `fault` wait; it starts counting now."""
        with self._lock:
            self._waiting.append((fault, 0))

    def clear(self) -> None:
        """Forget every waiting fault."""
        with self._lock:
            self._waiting = []

    def __len__(self) -> int:
        return len(self._waiting)

    def effects_for(self, method: str, path: str) -> tuple[E, ...]:
        """The effects on this request, in the order of their adding; counts it as seen."""
        due: list[E] = []
        with self._lock:
            still: list[tuple[Fault[E], int]] = []
            for fault, seen_before in self._waiting:
                matched = fault.matches(method, path)
                seen = seen_before + matched
                last = None if fault.times is None else fault.nth + fault.times - 1
                if matched and seen >= fault.nth:
                    due.append(fault.effect)
                if last is None or seen < last:
                    still.append((fault, seen))
            self._waiting = still
        return tuple(due)


def fault_from_json(given: Mapping[str, object]) -> Fault[Effect]:
    """The fault that a JSON object describes.

    `{"effect": "lose_answer", "method": "POST", "path": "/activities/bulk", "nth": 1, "times": 1}`, with
    the effect's own fields beside it; `times: null` is for ever. Raises ValueError with what is wrong.
    """
    return read_fault(given, _EFFECTS)


def read_fault(given: Mapping[str, object], effects: Mapping[str, Callable[..., E]]) -> Fault[E]:
    """The same for a service with these `effects` by name."""
    own = dict(given)
    make = effects.get(str(own.pop("effect", None)))
    if make is None:
        raise ValueError(f"effect must be one of {', '.join(effects)}")
    common = {name: own.pop(name) for name in ("method", "path", "nth", "times") if name in own}
    _require_types(common | own)
    try:
        fault = Fault(make(**own), **common)  # type: ignore[arg-type]  # the types were checked just above
        re.compile(fault.path)
    except (TypeError, re.error) as error:
        raise ValueError(str(error)) from error
    return fault


def _refuse_markers(markers: list[str]) -> RefuseRows:
    return RefuseRows.with_markers(*markers)


_EFFECTS: dict[str, Callable[..., Effect]] = {
    "answer": AnswerInstead,
    "lose_answer": LoseAnswer,
    "late_commit": LateCommit,
    "drop": Drop,
    "hang": Hang,
    "delay": Delay,
    "truncated_json": TruncatedJson,
    "cut_body": CutBody,
    "slow_bytes": SlowBytes,
    "refuse_rows": _refuse_markers,
    "wrong_user": WrongUser,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "method": (str, type(None)),
    "path": (str,),
    "nth": (int,),
    "times": (int, type(None)),
    "status": (int,),
    "retry_after": (int, type(None)),
    "seconds": (int, float),
    "applied": (bool,),
    "pause": (int, float),
    "piece": (int,),
    "markers": (list,),
    "location": (str,),
    "keep_query": (bool,),
}


def _require_types(given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name not in _TYPES or not isinstance(value, _TYPES[name]):
            raise ValueError(f"{name} cannot be {value!r}")
