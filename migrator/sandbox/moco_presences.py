"""Which presences the simulated MOCO accepts: none overlap, one may be open, home office is of the whole day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from migrator.sandbox.moco_fields import FieldReader
from migrator.sandbox.moco_problems import Words
from migrator.sandbox.moco_records import Presence
from migrator.sandbox.moco_state import MocoState

_END_OF_DAY = 24 * 60


class MalformedTime(Exception):
    """A time of day that MOCO cannot read: it answers 500 in plain text (LIVE)."""


def drafted_presence(state: MocoState, user_id: int, fields: FieldReader, before: Presence | None = None) -> Presence:
    """The presence that `fields` describes, over the values of `before` for an update; not stored yet.

    Raises Invalid: `date` and `from` are needed (DOC); another presence in the way, or a second open one on
    whatever day (GUESS: any day), is `{"from":["range overlaps"]}` (LIVE); an end that is not after the
    start and a locked day are GUESS. Raises MalformedTime.
    """
    day = fields.day("date", before.date if before else None)
    if day is None:
        fields.complain("date", Words.BLANK)
    start = _minutes(fields.raw("from")) if "from" in fields else before.start if before else None
    end = _minutes(fields.raw("to")) if "to" in fields else before.end if before else None
    home = fields.flag("is_home_office", before.is_home_office if before else _home_office_of(state, user_id, day))
    if start is None:
        fields.complain("from", Words.BLANK)
    elif end is not None and end <= start:
        fields.complain("to", Words.INVALID)
    for locked in {day, before.date if before else day}:
        if locked is not None and state.is_locked(locked):
            fields.complain("base", Words.LOCKED)
    fields.check()
    assert day is not None
    assert start is not None
    now = state.now()
    drafted = (
        replace(before, date=day, start=start, end=end, is_home_office=home, updated_at=now)
        if before
        else Presence(state.new_id(), user_id, day, start, end, home, now, now)
    )
    if is_in_the_way(state, drafted):
        fields.complain("from", Words.OVERLAPS)
    fields.check()
    return drafted


def is_in_the_way(state: MocoState, wanted: Presence) -> bool:
    """Whether another presence of the person keeps `wanted` out."""
    if wanted.end is None and any(other.id != wanted.id for other in state.presences.open_of(wanted.user_id)):
        return True
    return any(
        other.id != wanted.id
        and other.start < (_END_OF_DAY if wanted.end is None else wanted.end)
        and wanted.start < (_END_OF_DAY if other.end is None else other.end)
        for other in state.presences.of_day(wanted.user_id, wanted.date)
    )


def store_presence(state: MocoState, presence: Presence) -> None:
    """Store it; the whole day takes over its home office (DOC, LIVE)."""
    state.presences[presence.id] = presence
    for other in state.presences.of_day(presence.user_id, presence.date):
        if other.is_home_office != presence.is_home_office:
            changed = replace(other, is_home_office=presence.is_home_office, updated_at=state.now())
            state.presences[other.id] = changed


def touched_presence(state: MocoState, user_id: int) -> Presence | None:
    """Close the open presence at this minute, or open one; None when something is in the way (DOC: 423).

    Closed in the minute of its opening it is discarded (DOC) and returned as it would have been (GUESS). An open
    one of another day is in the way (GUESS).
    """
    today, minute = state.today(), state.minute()
    opened = next(iter(state.presences.open_of(user_id)), None)
    if opened is None:
        return open_presence(state, user_id)
    if opened.date != today or minute < opened.start:
        return None
    closed = replace(opened, end=minute, updated_at=state.now())
    if minute == opened.start:
        del state.presences[opened.id]
    else:
        state.presences[opened.id] = closed
    return closed


def open_presence(state: MocoState, user_id: int) -> Presence | None:
    """Open a presence of the person at this minute; None when another one is open or in the way."""
    today, now = state.today(), state.now()
    home = _home_office_of(state, user_id, today)
    opened = Presence(state.new_id(), user_id, today, state.minute(), None, home, now, now)
    if is_in_the_way(state, opened):
        return None
    store_presence(state, opened)
    return opened


def _home_office_of(state: MocoState, user_id: int, day: date | None) -> bool:
    """What a new presence of that day begins with: what the day has already (GUESS)."""
    return day is not None and any(each.is_home_office for each in state.presences.of_day(user_id, day))


def _minutes(given: object) -> int | None:
    """`HH:MM` as minutes, null and blank as nothing; anything else cannot be read (LIVE for `8`)."""
    if given in (None, ""):
        return None
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", given) if isinstance(given, str) else None
    if found is None:
        raise MalformedTime
    return int(found[1]) * 60 + int(found[2])
