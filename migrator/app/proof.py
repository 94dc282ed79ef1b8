"""Proves whether writes that got no clear answer took effect: the fifth step of a write.

A proof asks MOCO for the markers together with a canary, an entry of the same person known to exist. Where the
canary does not show, the filter is not to be trusted and the person's days are listed instead; where even known
entries are missing there, nothing is proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from migrator.app.wiring import Workplace
from migrator.core.model import MocoId, TargetEntry
from migrator.moco.client import Forbidden, MocoReader
from migrator.moco.pacing import Priority
from migrator.moco.scan import Listing, scan_markers, scan_range
from migrator.store import links
from migrator.store.engine import reading

SAMPLE = 3
"""Known activities that a list does not show and that are asked for by their own address."""

ASKED_AT_ONCE = 97
"""Markers of one question; up to three canaries ride with them, and MOCO takes 100."""


@dataclass(slots=True)
class Proof:
    """What is known of the markers asked for: `found` by marker; `valid` when absence means absence."""

    valid: bool
    found: dict[str, list[TargetEntry]] = field(default_factory=dict)
    person_days: list[TargetEntry] | None = None
    """Everything of that person on the days, where they were listed."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A marker whose fate is asked for, and the day it would be on."""

    marker: str
    day: date


def prove(
    place: Workplace, reader: MocoReader, person: MocoId, sought: Sequence[Sought], settle_seconds: float
) -> Proof:
    """Find out which of `sought` exist in MOCO; all belong to `person`."""
    whole = Proof(valid=True)
    for start in range(0, len(sought), ASKED_AT_ONCE):
        part = _prove_some(place, reader, person, sought[start : start + ASKED_AT_ONCE], settle_seconds)
        whole.valid &= part.valid
        for marker, entries in part.found.items():
            whole.found.setdefault(marker, []).extend(entries)
    return whole


def _prove_some(
    place: Workplace, reader: MocoReader, person: MocoId, sought: Sequence[Sought], settle_seconds: float
) -> Proof:
    with reading(place.engine) as session:
        canaries = {canary.marker for canary in links.canary_of(session, person)}
    if canaries:
        listing = scan_markers(reader, [*(each.marker for each in sought), *canaries], priority=Priority.PROOF)
        entries = list({entry.id: entry for page in listing for entry in page}.values())
        trusted = listing.complete and not listing.ignored_filter
        if trusted and any(entry.booking.marker in canaries for entry in entries):
            return Proof(True, _by_marker(entries, sought))
    return _prove_by_days(place, reader, person, sought, settle_seconds)


def _prove_by_days(
    place: Workplace, reader: MocoReader, person: MocoId, sought: Sequence[Sought], settle_seconds: float
) -> Proof:
    first, last = min(each.day for each in sought), max(each.day for each in sought)
    entries, complete = _list_days(reader, first, last, person, as_user=None)
    with reading(place.engine) as session:
        known = links.linked_between(session, person, first, last, before=_long_enough_ago(place))
        anything_known = links.any_link(session) is not None
    seen = {entry.booking.marker for entry in entries}
    if known and not known.keys() & seen:
        # The key does not see what is known to be there; perhaps the person does.
        own, own_complete = _list_days(reader, first, last, person, as_user=person)
        visible = bool(known.keys() & {entry.booking.marker for entry in own})
        return Proof(own_complete and visible, _by_marker(own, sought), own)
    if known:
        hidden = [activity_id for marker, activity_id in known.items() if marker not in seen]
        complete = complete and not _any_exists(reader, person, hidden[:SAMPLE], first, last)
    else:
        own, own_complete = _list_days(reader, first, last, person, as_user=person)
        entries, complete = _joined(entries, own), complete and own_complete
        if not anything_known and not _by_marker(entries, sought):
            entries, complete = _list_twice(place, reader, first, last, entries, complete, settle_seconds)
    return Proof(complete, _by_marker(entries, sought), entries)


def _long_enough_ago(place: Workplace) -> datetime:
    """What was linked before this moment must show in every list; a list may lag behind what is younger."""
    moco = place.config.moco
    return place.clock.now() - timedelta(seconds=moco.timeout_seconds + moco.settle_seconds)


def _any_exists(reader: MocoReader, person: MocoId, hidden: Sequence[MocoId], first: date, last: date) -> bool:
    """Whether MOCO has what its list should have shown: then the list is not whole, whatever it says."""
    for activity_id in hidden:
        entry = reader.fetch_activity(activity_id, priority=Priority.PROOF)
        if entry and entry.booking.user_id == person and first <= entry.booking.day <= last:
            return True
    return False


def _list_twice(
    place: Workplace,
    reader: MocoReader,
    first: date,
    last: date,
    entries: list[TargetEntry],
    complete: bool,
    settle_seconds: float,
) -> tuple[list[TargetEntry], bool]:
    """When nothing of ours is known in the whole account: the days without a person, twice, apart in time."""
    for attempt in range(2):
        if attempt:
            place.progress.note(f"nothing is known in MOCO yet: looking again in {settle_seconds:g} s")
            place.clock.sleep(settle_seconds)
        everybody, all_complete = _list_days(reader, first, last, None, as_user=None)
        entries, complete = _joined(entries, everybody), complete and all_complete
    return entries, complete


def _list_days(
    reader: MocoReader, first: date, last: date, person: MocoId | None, as_user: MocoId | None
) -> tuple[list[TargetEntry], bool]:
    try:
        listing: Listing = scan_range(reader, first, last, user_id=person, as_user=as_user, priority=Priority.PROOF)
        entries = list({entry.id: entry for page in listing for entry in page}.values())
    except Forbidden:
        # A person who may not look (or may not be impersonated) tells nothing; the key's own view stands.
        return [], True
    return entries, listing.complete


def _joined(one: list[TargetEntry], other: list[TargetEntry]) -> list[TargetEntry]:
    return list({entry.id: entry for entry in (*one, *other)}.values())


def _by_marker(entries: Sequence[TargetEntry], sought: Sequence[Sought]) -> dict[str, list[TargetEntry]]:
    wanted = {each.marker for each in sought}
    found: dict[str, list[TargetEntry]] = {}
    for entry in entries:
        if entry.booking.marker in wanted:
            found.setdefault(entry.booking.marker, []).append(entry)
    return found
