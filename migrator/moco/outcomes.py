"""What became of a request: the answer of a read, and the three outcomes of a write, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from migrator.moco.json_values import AnswerError, parse_json
from migrator.moco.refusals import Refusal, parse_refusal

_LONGEST_RETRY_AFTER = 3600.0

# Nothing was applied, whatever was sent. Any other 4xx is treated as unclear: that is always safe.
_REJECTING = frozenset({400, 401, 403, 404, 405, 413, 415, 429})


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer; header names are lower-case. `repr` leaves out what may hold personal text."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """2xx; `body` is the parsed JSON (fractions as Decimal), None for a deletion without a body."""

    status: int
    body: object = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """MOCO refused and applied nothing; `retry_after` (seconds) only for a 429 that says so."""

    status: int
    refusal: Refusal
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left this process's connection."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The request may have been applied; `status` and `refusal` where an answer came at all."""

    reason: str
    status: int | None = None
    refusal: Refusal | None = None


WriteOutcome = Answered | Refused | NotSent | Unclear
Transfer = Reply | NotSent | Unclear


class WriteKind(Enum):
    """What a write holds, which decides what a 422 and an empty answer mean."""

    ONE_RECORD = "one record"
    SEVERAL_RECORDS = "several records"
    REMOVAL = "removal"
    MAYBE_SILENT = "may be answered without a body"


def read_refusal(reply: Reply) -> Refusal:
    """The refusal in an error answer."""
    return parse_refusal(reply.status, reply.body, reply.headers.get("content-type", ""))


def retry_after_seconds(reply: Reply) -> float | None:
    """`Retry-After` in seconds, at most an hour; None when missing or unreadable (MOCO documents none)."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    zoned = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (zoned - datetime.now(UTC)).total_seconds()), _LONGEST_RETRY_AFTER)


def server_time(reply: Reply) -> datetime | None:
    """When the server answered, by its own clock in UTC; None when its `Date` is missing or unreadable."""
    try:
        told = parsedate_to_datetime(reply.headers.get("date", ""))
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def classify_write(transfer: Transfer, kind: WriteKind) -> WriteOutcome:
    """The outcome of a write: answered, refused with nothing applied, not sent, or unclear.

    A 422 of one record means that it was not applied; of several it does not, because MOCO does not document
    that a bulk is all or nothing.
    """
    if not isinstance(transfer, Reply):
        return transfer
    status = transfer.status
    if 200 <= status < 300:
        return _answered(transfer, kind)
    refusal = read_refusal(transfer)
    if status in _REJECTING or (status == 422 and kind is not WriteKind.SEVERAL_RECORDS):
        return Refused(status, refusal, retry_after_seconds(transfer) if status == 429 else None)
    return Unclear(f"MOCO answered {status}", status, refusal)


def _answered(reply: Reply, kind: WriteKind) -> Answered | Unclear:
    if kind is WriteKind.REMOVAL:
        # 204 without a body was recorded, 200 with the deleted object is documented: 2xx says it all.
        return Answered(reply.status, None)
    if not reply.body.strip():
        if kind is WriteKind.MAYBE_SILENT:
            return Answered(reply.status, None)
        return Unclear(f"MOCO answered {reply.status} without a body", reply.status)
    try:
        return Answered(reply.status, parse_json(reply.body, "a write"))
    except AnswerError:
        return Unclear(f"MOCO answered {reply.status} with something that is not JSON", reply.status)
