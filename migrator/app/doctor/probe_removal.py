"""Takes back what a probe booked, also one that was killed: found by id, marker or text, deleted, and proved gone.

The intent of each probed activity stays open until then, so every run that writes finds what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from migrator.app.bulk_answers import login_refused
from migrator.app.carrying import Carrier, wait_until_settled
from migrator.app.doctor.check import Check, Status
from migrator.app.proof import Sought, prove
from migrator.app.wiring import Workplace
from migrator.core.fingerprint import from_canonical
from migrator.core.model import MocoId, TargetEntry
from migrator.errors import LoginRefused, MigratorError
from migrator.moco.outcomes import Answered, NotSent, Refused, Unclear
from migrator.moco.pacing import Priority
from migrator.store import intents
from migrator.store.engine import reading
from migrator.store.intents import OpenIntent, Outcome

WRITE = "probe"
"""The name under which the intents of probes are kept."""

TRIES = 3


@dataclass(slots=True)
class Removal:
    """What became of probed activities: how many were removed and proved gone, and what is left, with the reason."""

    removed: int = 0
    left: list[str] = field(default_factory=list)


def probe_text(marker: str) -> str:
    """What a probed activity says of itself, so that it is found where its marker was not stored."""
    return f"migrator {marker.rpartition(':')[2]}: may be deleted"


def check_leftovers(place: Workplace) -> list[Check]:
    """A warning when a killed probe may have left something in MOCO."""
    left = open_probes(place)
    if not left:
        return []
    named = ", ".join(f"activity {each.activity_id}" if each.activity_id else each.natural_key for each in left[:5])
    detail = f"a probe that was killed may have left {len(left)} activities in MOCO: {named}"
    fix = "the next `migrator apply`, `migrator sync` or `migrator doctor --probe-write PROJECT` removes them"
    return [Check("probe", Status.WARN, detail, fix)]


def open_probes(place: Workplace) -> list[OpenIntent]:
    """Every probed activity that is not proved gone."""
    with reading(place.engine) as session:
        return [each for each in intents.list_open(session) if each.write == WRITE]


def remove_probes(carrier: Carrier) -> Removal:
    """Remove everything that probes booked; what fails is named and stays for the next run."""
    removal = Removal()
    left = sorted(open_probes(carrier.place), key=lambda each: each.user_id or 0)
    for person, rows in groupby(left, key=lambda each: each.user_id or MocoId(0)):
        of_person = list(rows)
        known = [each for each in of_person if each.activity_id is not None]
        for each in known:
            assert each.activity_id is not None
            _remove(carrier, removal, each, [each.activity_id])
        try:
            _search(carrier, removal, person, [each for each in of_person if each.activity_id is None])
        except LoginRefused:
            raise
        except MigratorError as error:
            removal.left.append(f"activities of person {person} that carry a marker of a probe: {error.message}")
    return removal


def _search(carrier: Carrier, removal: Removal, person: MocoId, unknown: Sequence[OpenIntent]) -> None:
    """Requests without an answer: remove what they made, if they made anything."""
    if not unknown:
        return
    for each in unknown:
        wait_until_settled(carrier, each.id)
    sought = [Sought(each.natural_key, from_canonical(each.payload).day) for each in unknown]
    settle = carrier.place.config.moco.settle_seconds
    proof = prove(carrier.place, carrier.writer, person, sought, settle)
    for each in unknown:
        found = proof.found.get(each.natural_key, []) or _by_text(proof.person_days or [], each.natural_key)
        if found:
            _remove(carrier, removal, each, [entry.id for entry in found])
        elif proof.valid:
            carrier.close_intents([each.id], Outcome.ABSENT, "proved absent")
        else:
            removal.left.append(
                f"perhaps an activity with the marker {each.natural_key}: MOCO's lists cannot be trusted"
            )


def _by_text(entries: Sequence[TargetEntry], marker: str) -> list[TargetEntry]:
    return [entry for entry in entries if entry.booking.description == probe_text(marker)]


def _remove(carrier: Carrier, removal: Removal, intent: OpenIntent, ids: Sequence[MocoId]) -> None:
    """Delete the activities of one intent; it is closed when all are proved gone."""
    for activity_id in ids:
        try:
            why = _delete(carrier, intent, activity_id)
        except LoginRefused:
            raise
        except MigratorError as error:
            why = error.message
        if why:
            removal.left.append(f"activity {activity_id} ({intent.natural_key}): {why}")
            return
        removal.removed += 1
    carrier.close_intents([intent.id], Outcome.ANSWERED, "removed again")


def _delete(carrier: Carrier, intent: OpenIntent, activity_id: MocoId) -> str:
    """Delete until a GET says that it is gone; empty then, else MOCO's words."""
    why = ""
    for as_user in (intent.user_id, intent.user_id, None)[:TRIES]:
        permit = carrier.permission()
        try:
            committed_at = _intended(carrier, intent)
        except BaseException:
            carrier.window.free(permit)
            raise
        outcome = carrier.writer.delete_activity(activity_id, as_user, permit, committed_at)
        match outcome:
            case Refused(status=401, refusal=refusal):
                raise login_refused(refusal)
            case Refused(status=429):
                carrier.too_many_requests(outcome)
                why = "too many requests"
            case Refused(refusal=refusal):
                why = refusal.text or f"MOCO answered {refusal.status}"
            case NotSent(reason=why) | Unclear(reason=why):
                pass
            case Answered():
                why = "MOCO answered that it was deleted, and still shows it"
        if carrier.writer.fetch_activity(activity_id, priority=Priority.PROOF) is None:
            return ""
    return why


def _intended(carrier: Carrier, intent: OpenIntent) -> float:
    """The probe's intent is that of its deletion, too: renewed under the lease right before."""
    return carrier.renew(intent.id, intent.detail)
