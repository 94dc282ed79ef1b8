"""What a probe finds out, one question after the other; each books as little as possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from migrator.app.doctor.check import GRANT, Check, Status
from migrator.app.doctor.learned import BULK_PROVED, LISTS_FRESH, rounded
from migrator.app.doctor.probe_shots import NO_TASK, Range, Shot
from migrator.app.doctor.targets import counted
from migrator.app.mapping.cover import Tally
from migrator.core.duration import MOCO_SETTINGS, possible_roundings
from migrator.core.model import Key, MocoId, SourceId, TargetEntry
from migrator.errors import TryAgainLater
from migrator.moco.outcomes import Answered, Refused
from migrator.moco.pacing import Priority
from migrator.moco.scan import scan_markers
from migrator.store import totals
from migrator.store.engine import reading

SHORTEST_DESCRIPTION = 3
_NEVER_USED = SourceId(10**18 - 1)


class Useless(TryAgainLater):
    """Without the first activity, or with a wrong one, the other questions cannot be asked."""


def probe_first(range_: Range) -> Iterator[Check]:
    """One activity alone: for the right person, with its marker, shown by lists, found by its marker."""
    shot = range_.shoot(range_.booking(61))
    if shot.refusal:
        if isinstance(shot.outcome, Refused) and shot.outcome.status == 403:
            detail = f"MOCO refuses to book for person {range_.person}: {shot.words}"
            yield Check("staff", Status.FAIL, detail, GRANT, login=True)
        raise Useless(f"MOCO refused the first activity of the probe: {shot.words}", hint="name another project")
    as_key, own = range_.listed()
    entry = shot.shown[0]
    echoed = entry is not None and entry.booking.marker == shot.bookings[0].marker
    entry = _stored(range_, shot, as_key, own)
    yield _of_staff(range_, entry)
    if not echoed:
        detail = (
            "the answer to a bulk request does not show what was sent with its marker: every batch has to be proved"
        )
        yield Check("bulk", Status.WARN, detail, "nothing to do; each batch costs a few requests more")
    range_.echoed = echoed
    range_.fresh = any(row.id == entry.id for row in (*as_key, *own))
    range_.carrier.learn(LISTS_FRESH, "yes" if range_.fresh else "no")
    yield _of_marker(range_, shot, entry)
    range_.canary = entry.booking.marker
    range_.accepted.append((shot.bookings[0].seconds, entry.booking.seconds))
    if echoed and range_.person != range_.me:
        range_.carrier.learn(BULK_PROVED, "yes")


def _stored(range_: Range, shot: Shot, as_key: list[TargetEntry], own: list[TargetEntry]) -> TargetEntry:
    """The first activity as MOCO has it, asked for by its own address."""
    found = shot.shown[0] or range_.name_found(shot.ids, shot.bookings, [*as_key, *own])[0]
    if found is None:
        found = range_.look_for(shot)[0][0]
    entry = range_.carrier.writer.fetch_activity(found.id, priority=Priority.PROOF) if found else None
    if entry is None:
        raise Useless(
            "MOCO answered success to the first activity of the probe, and shows none", hint="probe again later"
        )
    return entry


def _of_staff(range_: Range, entry: TargetEntry) -> Check:
    booked_for = entry.booking.user_id
    if booked_for != range_.person:
        detail = f"a bulk request for person {range_.person} was booked for person {booked_for}"
        return Check("staff", Status.FAIL, detail, GRANT, login=True)
    if range_.person == range_.me:
        detail = "nobody but the key's owner is assigned to the probed project: a bulk request for others is untested"
        return Check("staff", Status.UNKNOWN, detail, "probe a project that somebody else is assigned to")
    return Check("staff", Status.OK, f"a bulk request for person {range_.person} was booked for that person")


def _of_marker(range_: Range, shot: Shot, entry: TargetEntry) -> Check:
    """Raises `Useless` behind a marker that was not stored: what is booked then is found by its text only."""
    marker = shot.bookings[0].marker
    if entry.booking.marker != marker:
        detail = (
            "MOCO does not store the marker (`remote_id`): records could not be told apart, nothing may be migrated"
        )
        return Check("remote_id", Status.FAIL, detail, "ask MOCO's support why remote_id is not kept")
    instance = range_.carrier.place.config.activecollab.instance
    by_marker = scan_markers(range_.carrier.writer, [marker])
    shown = any(row.id == entry.id for page in by_marker for row in page)
    of_nobody = scan_markers(range_.carrier.writer, [Key(instance, _NEVER_USED).marker])
    list(of_nobody)
    lists = "lists show at once what was written" if range_.fresh else "lists lag behind what was written"
    if by_marker.ignored_filter or of_nobody.ignored_filter:
        detail = f"MOCO ignores `remote_id=` (an older server), so proofs list whole days; {lists}"
        return Check("remote_id", Status.WARN, detail, "nothing to do; proofs and re-checks cost more requests")
    if not range_.fresh:
        fix = "nothing to do; what is unclear is proved after a longer wait"
        return Check("remote_id", Status.WARN, f"the marker is stored; {lists}", fix)
    if not shown:
        detail = f"the marker is stored, and `remote_id=` does not find it; {lists}"
        return Check("remote_id", Status.WARN, detail, "nothing to do; proofs list whole days")
    return Check("remote_id", Status.OK, f"the marker is stored, and found by `remote_id=`; {lists}")


def probe_rounding(range_: Range) -> Iterator[Check]:
    """Two more durations, which with the first one tell MOCO's settings apart."""
    shot = range_.shoot(range_.booking(420), range_.booking(960))
    found = shot.shown if all(shot.shown) else range_.look_for(shot)[0]
    range_.accepted += [
        (sent.seconds, entry.booking.seconds) for sent, entry in zip(shot.bookings, found, strict=True) if entry
    ]
    possible = possible_roundings(range_.accepted)
    told = ", ".join(f"{sent} s became {stored} s" for sent, stored in range_.accepted)
    if MOCO_SETTINGS[0] in possible:
        yield Check("rounding", Status.OK, f"off ({told})")
    else:
        setting = " or ".join(possible) or "by no setting of MOCO's"
        yield rounded(f"MOCO rounds: {setting} ({told})", range_.carrier.place.config.policy.rounding_in_moco)


def probe_bulk(range_: Range) -> Iterator[Check]:
    """A bad row between good ones; then, where nothing of that is stored, as many rows as one request may have."""
    shot = range_.shoot(range_.booking(), range_.booking(task_id=NO_TASK), range_.booking())
    found, certain = shot.shown, True
    if not isinstance(shot.outcome, Refused) and not all(found):
        found, certain = range_.look_for(shot)
    there = [entry is not None for entry in found]
    fix = "nothing to do; refused batches are halved with a proof for each level"
    if not any(there) and not certain:
        yield Check("bulk", Status.UNKNOWN, "whether a refused bulk stores its good rows is not known: lists lag", fix)
    elif there[1]:
        yield Check(
            "bulk", Status.WARN, "MOCO took a row with a task that does not exist", "tell the program's authors"
        )
    elif not any(there):
        yield _of_size(range_, shot)
    else:
        kind = "the good rows" if all(there[::2]) else "the rows before the bad one"
        how = "answered success and stored" if isinstance(shot.outcome, Answered) else "refused, and yet stored"
        yield Check("bulk", Status.WARN, f"a bulk with a bad row is not atomic: MOCO {how} {kind}", fix)


def _of_size(range_: Range, small: Shot) -> Check:
    size = range_.carrier.place.config.moco.bulk_size
    atomic = f"a bulk request is all or nothing{', and answered with markers' if range_.echoed else ''}"
    if size <= len(small.bookings):
        return Check("bulk", Status.OK, f"{atomic}; no more than {size} records are sent at once")
    # The bad row goes first: whatever the server's habit, nothing of the others is stored.
    large = range_.shoot(range_.booking(task_id=NO_TASK), *(range_.booking() for _ in range(size - 1)))
    if not isinstance(large.outcome, Refused):
        range_.look_for(large)
    if large.words == small.words:
        return Check("bulk", Status.OK, f"{atomic}; {size} records in one request are not too many")
    detail = f"{atomic}; {size} records in one request are refused: {large.words or 'in no words'}"
    return Check("bulk", Status.WARN, detail, "lower moco.bulk_size")


def probe_description(range_: Range) -> Iterator[Check]:
    """No description, then two characters of one."""
    empty = range_.shoot(range_.booking(description=""))
    if not empty.refusal:
        yield Check("description", Status.OK, "not demanded: MOCO took an activity without one")
        return
    short = range_.shoot(range_.booking(description="xy"))
    told = f"MOCO refuses an activity without description ({empty.words})"
    if not short.refusal:
        yield Check("description", Status.OK, f"{told}; two characters suffice, and none is sent without any")
        return
    detail = f"descriptions are demanded: {told}, and one of two characters ({short.words})"
    if range_.carrier.place.config.policy.min_description >= SHORTEST_DESCRIPTION:
        yield Check("description", Status.OK, f"{detail}; policy.min_description sees to it")
    else:
        yield Check("description", Status.WARN, detail, f"set policy.min_description = {SHORTEST_DESCRIPTION}")


def probe_period_lock(range_: Range) -> Iterator[Check]:
    """The oldest staged day."""
    with reading(range_.carrier.place.engine) as session:
        first = totals.source_totals(session).first_day
    if first is None:
        return
    shot = range_.shoot(range_.booking(day=first))
    if shot.refusal:
        fix = "open the period in MOCO until the migration is over; else these records wait in the inbox"
        yield Check(
            "period_lock", Status.WARN, f"locked: MOCO refuses {first}, the oldest staged day: {shot.words}", fix
        )
    else:
        yield Check("period_lock", Status.OK, f"{first}, the oldest staged day, is open")


def probe_deactivated(range_: Range) -> Iterator[Check]:
    """The deactivated person whom the mapping books on most."""
    person = _most(range_.targets.deactivated)
    if person is None:
        return
    shot = range_.shoot(range_.booking(user_id=person))
    waiting = counted(range_.targets.deactivated.values())
    if shot.refusal:
        detail = f"MOCO refuses to book for deactivated person {person}: {shot.words} ({waiting} wait for such people)"
        yield Check("deactivated_person", Status.WARN, detail, "activate the people in MOCO for the migration")
    else:
        yield Check("deactivated_person", Status.OK, f"MOCO takes bookings for deactivated person {person}")


def probe_archived(range_: Range) -> Iterator[Check]:
    """The archived project that the mapping books on most."""
    project = _most(range_.targets.archived)
    if project is None:
        return
    tasks = [task.id for task in range_.masters.tasks.values() if task.project_id == project and task.active]
    people = [
        each.user_id
        for each in range_.masters.contracts
        if each.project_id == project and each.active and range_.masters.users[each.user_id].active
    ]
    if not tasks or not people:
        detail = f"archived project {project} has no active task, or nobody active is assigned to it"
        yield Check("archived_project", Status.UNKNOWN, detail)
        return
    person = range_.person if range_.person in people else people[0]
    shot = range_.shoot(range_.booking(project_id=project, task_id=tasks[0], user_id=person))
    if shot.refusal:
        detail = f"MOCO refuses to book on archived project {project}: {shot.words}"
        yield Check("archived_project", Status.WARN, detail, "reopen the projects in MOCO for the migration")
    else:
        yield Check("archived_project", Status.OK, f"MOCO takes bookings on archived project {project}")


def _most(tallies: dict[MocoId, Tally]) -> MocoId | None:
    return max(tallies, key=lambda each: (tallies[each].seconds, each), default=None)


PROBES: Final[tuple[Callable[[Range], Iterator[Check]], ...]] = (
    probe_first,
    probe_rounding,
    probe_bulk,
    probe_description,
    probe_period_lock,
    probe_deactivated,
    probe_archived,
)
"""Every question, in the order it is asked: without an answer to the first there are no others."""
