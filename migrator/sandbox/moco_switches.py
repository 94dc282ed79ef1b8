"""What can be turned on the simulated MOCO: everything its documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import NamedTuple


class Bulk(Enum):
    """What `POST /activities/bulk` does when a row is bad (undocumented: GUESS atomic)."""

    ATOMIC = "atomic"
    """422, nothing stored."""
    PARTIAL = "partial"
    """422, yet the good rows are stored."""
    PARTIAL_ANSWERED = "partial_answered"
    """200 with the good rows only."""
    PREFIX = "prefix"
    """422, the rows before the first bad one are stored."""


class BulkAnswer(Enum):
    """The shape of a successful bulk answer; documented is the array."""

    ARRAY = "array"
    SHUFFLED = "shuffled"
    IDS_ONLY = "ids_only"
    EMPTY = "empty"
    WRAPPED = "wrapped"
    NO_CONTENT = "no_content"


class Markers(Enum):
    """What becomes of `remote_id` when an activity is created."""

    KEPT = "kept"
    NOT_ECHOED = "not_echoed"
    NOT_STORED = "not_stored"


class Envelope(Enum):
    """The shape of a 422: RECORDED is the field map, DOC the `errors` forms."""

    FIELD_MAP = "field_map"
    ERRORS_LIST = "errors_list"
    ERRORS_MAP = "errors_map"


class Language(Enum):
    """The language of messages (both RECORDED)."""

    GERMAN = "de"
    ENGLISH = "en"


class Rounding(Enum):
    """The account's rounding of durations (MOCO's help page on time tracking)."""

    NONE = "none"
    NEAREST_5 = "nearest_5"
    UP_5 = "up_5"
    NEAREST_15 = "nearest_15"
    UP_15 = "up_15"

    def of(self, seconds: int) -> int:
        """`seconds` as stored; nearest always lifts a short entry to one whole step."""
        if self is Rounding.NONE or seconds == 0:
            return seconds
        direction, minutes = self.value.split("_")
        step = int(minutes) * 60
        if direction == "up":
            return -(-seconds // step) * step
        return max(step, (seconds + step // 2) // step * step)


class HourlyRate(Enum):
    """Who sees `hourly_rate` (RECORDED: a plain user's answer lacks the key)."""

    BY_RIGHT = "by_right"
    ALWAYS = "always"
    NEVER = "never"


class RateLimit(NamedTuple):
    """So many requests in any window of so many seconds."""

    requests: int
    seconds: int


STANDARD_LIMIT = RateLimit(120, 120)
UNLIMITED_PLAN = RateLimit(1200, 120)
STRICT15 = RateLimit(15, 15)


@dataclass(slots=True)
class Switches:
    """Settings of the account and the unknowns of the server; assign to them at any time."""

    bulk: Bulk = Bulk.ATOMIC
    bulk_answer: BulkAnswer = BulkAnswer.ARRAY
    bulk_rows_missing: int = 0
    """So many rows at the end of a bulk answer are left out, though stored."""
    bulk_limit: int = 100
    bulk_over_limit_status: int = 400
    disregard_ids_missing: int = 0
    """So many ids at the end of an answer to a disregard are left out, though marked."""
    disregard_left_alone: int = 0
    """So many activities at the end of a disregard are neither marked nor answered."""
    disregard_partial: bool = False
    """True: a refused disregard marks the activities that fit."""
    disregard_shows_billed: bool = True
    """False: what was disregarded is answered, and never shows as `billed`."""
    markers: Markers = Markers.KEPT
    remote_id_filter: bool = True
    """False: an older server, which ignores `remote_id=`, `tag=` and `deal_id=` silently."""
    list_staleness_seconds: int = 0
    """A created activity appears in lists only so much later; by id it is there at once."""
    delete_returns_object: bool = False
    presence_delete_returns_object: bool = True
    """The same for presences, where the object is what a server of 2026 answers (LIVE)."""
    touch_answers_nothing: bool = False
    """True: a server before 2022, whose touch answers 200 without a body (RECORDED)."""
    envelope: Envelope = Envelope.FIELD_MAP
    language: Language = Language.GERMAN
    retry_after: bool = False
    rate_limits: tuple[RateLimit, ...] = (STANDARD_LIMIT,)
    """All hold at once, per key; empty is no limit."""
    rounding: Rounding = Rounding.NONE
    description_mandatory: bool = False
    locked_before: date | None = None
    """No change of an activity dated before this day."""
    hourly_rate: HourlyRate = HourlyRate.BY_RIGHT
    nested_parts: bool = True
    """False: a project is shown without its tasks and contracts, which have lists of their own."""
    newer_fields: bool = True
    """False: a server of 2022, without `worked_seconds`, `invoice_id` and the like."""
    colleagues_visible: bool = True
    """False: without the staff permission only one's own activities are listed."""
    deactivated_forbidden: bool = True
    """False: a deactivated person can be impersonated, and every record of theirs is refused with 422."""
    deactivated_assignable: bool = False
    """True: a deactivated person can be assigned to a project (GUESS: not)."""
    foreign_writes: bool = False
    """True: an activity of somebody else may be changed without impersonation."""
    contract_required: bool = True
    manual_identifiers: bool = False
    """True: a project without an identifier is refused (DOC: manual number ranges)."""
    manual_company_identifiers: bool = False
    """The same for customers."""
    custom_properties_merged: bool = True
    """False: a server before March 2024, where properties that are not sent are removed (DOC)."""
    default_tasks: tuple[str, ...] = ("Projektleitung", "Entwicklung", "Grafik")
    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    """Of the account; decides which day is today."""
    gzip: bool = False
    web_hooks_offered: bool = True
    """False: a trial account, which has no web hooks (DOC)."""

    hooks_by_http: bool = False
    """True: a web hook may be registered at an http address of this machine."""
    hooks_shuffled: bool = False
    """True: events arrive in another order (DOC: none is promised)."""
    hooks_twice: bool = False
    """True: every event arrives twice."""

    def set(self, name: str, value: object) -> None:
        """Set one switch from a JSON value: enums by their word, days as `YYYY-MM-DD`.

        Raises ValueError for an unknown name or a value of the wrong type.
        """
        if name not in {field.name for field in fields(self)}:
            raise ValueError(f"no switch is called {name!r}")
        setattr(self, name, _parsed(name, getattr(self, name), value))


def _parsed(name: str, current: object, value: object) -> object:
    if name == "locked_before":
        return None if value is None else date.fromisoformat(str(value))
    if name == "rate_limits" and isinstance(value, list):
        return tuple(RateLimit(int(requests), int(seconds)) for requests, seconds in value)
    if name == "default_tasks" and isinstance(value, list):
        return tuple(str(task) for task in value)
    if isinstance(current, Enum):
        return type(current)(value)
    if isinstance(current, (bool, int, str)) and type(value) is type(current):
        return value
    raise ValueError(f"{name} cannot be {value!r}; it is now {current!r}")
