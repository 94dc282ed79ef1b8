"""Digests of the fields a write sets, never of a whole answer: newer servers add fields, some keys hide some.

A fingerprint belongs to a version: the explicit list of fields it covers. A link remembers its version, so
that a later release with more fields does not take every older record for changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

from migrator.core.model import Booking, MocoId, Seconds, TimeEntry

VERSION = 1
"""The version that new links are written in."""

FIELDS: dict[int, tuple[str, ...]] = {
    1: (
        "day",
        "seconds",
        "user_id",
        "project_id",
        "task_id",
        "description",
        "billable",
        "marker",
        "url",
        "tag",
    ),
}
"""The field names of `Booking` that each version covers."""

Scalar = str | int | bool | None

_DIGEST_LENGTH = 32
"""Hex digits kept of a SHA-256: 128 bits are beyond any accident."""


def fields_of(version: int) -> tuple[str, ...]:
    """The fields that `version` covers; an unknown version (written by a newer release) covers today's."""
    return FIELDS.get(version, FIELDS[VERSION])


def digest(value: object) -> str:
    """A stable digest of a JSON value: 32 hex digits of SHA-256 over its sorted, compact text."""
    return hashlib.sha256(_json(value).encode()).hexdigest()[:_DIGEST_LENGTH]


def values(booking: Booking, version: int = VERSION) -> dict[str, Scalar]:
    """The covered fields of `booking` by name; the day as ISO text."""
    found: dict[str, Scalar] = {}
    for name in fields_of(version):
        value = getattr(booking, name)
        found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def canonical(booking: Booking, version: int = VERSION) -> str:
    """The covered fields of `booking` as stable JSON text; `from_canonical` reads it back."""
    return _json(values(booking, version))


_read = json.JSONDecoder().raw_decode
"""`json.loads` for texts that we wrote: every command reads one or two for each record."""


def from_canonical(text: str) -> Booking:
    """The booking that `canonical` wrote; raises ValueError when `text` is anything else."""
    try:
        fields, end = _read(text)
        if end != len(text):
            raise ValueError("more than one value")
        return Booking(
            day=date.fromisoformat(fields["day"]),
            seconds=Seconds(int(fields["seconds"])),
            user_id=MocoId(int(fields["user_id"])),
            project_id=MocoId(int(fields["project_id"])),
            task_id=MocoId(int(fields["task_id"])),
            description=str(fields["description"]),
            billable=bool(fields["billable"]),
            marker=str(fields["marker"]),
            url=str(fields["url"]),
            tag=str(fields["tag"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"not a stored booking: {type(problem).__name__}") from problem


def fingerprint(booking: Booking, version: int = VERSION) -> str:
    """The digest of the covered fields of `booking`."""
    return digest(values(booking, version))


def differing(one: Booking, other: Booking, version: int = VERSION) -> tuple[str, ...]:
    """The names of the covered fields in which two bookings differ."""
    if one is other or one == other:
        # Most are, and whole values are compared in a fraction of the time.
        return ()
    return tuple(name for name in fields_of(version) if getattr(one, name) != getattr(other, name))


def stored_view(sent_or_wanted: Booking, target: Booking) -> Booking:
    """`target` as far as it is our affair: a tag we did not set belongs to the person who set it."""
    return target if sent_or_wanted.tag or not target.tag else replace(target, tag="")


def content_hash(entry: TimeEntry) -> str:
    """The digest of what a time record says, whoever wrote it down and however.

    Left out are the spellings (`hours_raw`, `billing_raw`, `state_raw`), the ages (`created_on`,
    `updated_on`, `version`) and the milestone. The worker's name and e-mail belong to the person's account
    and count only where there is none.
    """
    worker = "" if entry.user_id is not None else f"{_text(entry.worker_name)},{_text(entry.worker_email)}"
    # The JSON that `digest` would write, field by field: the general way costs as much as reading the record.
    written = (
        f'{{"billing":{int(entry.billing)},"day":"{entry.day.isoformat()}","id":{entry.id},'
        f'"job_type":{_number(entry.job_type_id)},"parent":["{entry.parent_kind.value}",{_number(entry.parent_id)}],'
        f'"permalink":{_text(entry.permalink)},"private":{_flag(entry.private)},"project":{entry.project_id},'
        f'"seconds":{entry.seconds},"text":{_text(entry.text)},"trashed":{_flag(entry.trashed)},'
        f'"user":{_number(entry.user_id)},"worker":[{worker}]}}'
    )
    return hashlib.sha256(written.encode()).hexdigest()[:_DIGEST_LENGTH]


_text = json.encoder.encode_basestring


def _number(value: int | None) -> int | str:
    return "null" if value is None else value


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
