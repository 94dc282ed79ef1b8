"""The pilot gate: a large first run needs a small one before it, carried out and verified."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.app.wiring import Workplace
from migrator.core.gates import Gates, GateTripped, check_pilot
from migrator.errors import RefusedByGate
from migrator.store import pilot
from migrator.store.engine import reading, writing
from migrator.store.merge import Selection

NEXT = "migrator plan --pilot, then migrator apply last, then migrator verify --plan last"


def missing_pilot(place: Workplace, creates: int) -> tuple[GateTripped, ...]:
    """The gate, where so many creates stand against it."""
    with reading(place.engine) as session:
        verified = pilot.verified_pilot(session) is not None
    return check_pilot(creates, verified, Gates(pilot_above=place.config.gates.pilot_above))


def refuse_without_pilot(place: Workplace, creates: int, allowed: Sequence[str], command: str) -> None:
    """Raise `RefusedByGate` with the commands to type, unless a pilot was verified or the gate is passed by name."""
    for gate in missing_pilot(place, creates):
        if gate.name not in allowed:
            raise RefusedByGate(
                gate.message,
                hint=f"{NEXT}; or go without: {command} --allow-gate {gate.name}",
                gates=(gate.name,),
            )


def note_verified(place: Workplace, plan_id: int | None, selection: Selection, run_id: int) -> int | None:
    """A `verify` of `selection`, of the plan if one was named, found nothing unexplained and something in MOCO.

    Gives the pilot that is verified by that: the plan itself, or the newest pilot that a whole verification covers.
    """
    if not (selection.pilot or selection.is_whole):
        return None
    with writing(place.engine) as session:
        applied = pilot.applied_pilots(session)
        covered = [each for each in applied if plan_id in (None, each)]
        if not covered:
            return None
        pilot.remember_verified(session, covered[-1], run_id, place.clock.now())
        return covered[-1]
