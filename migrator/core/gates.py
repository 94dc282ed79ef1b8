"""Safety gates: "this would …", in words, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

ALWAYS_PASS = 10
"""So few records never trip a gate: a small account changes by large percentages."""


@dataclass(frozen=True, slots=True)
class Gates:
    """Shares beyond which a person must act, and how many creates go without a verified pilot (0: any)."""

    max_change: Fraction = Fraction(30, 100)
    max_delete: Fraction = Fraction(1, 100)
    max_source_loss: Fraction = Fraction(10, 100)
    pilot_above: int = 5000


@dataclass(frozen=True, slots=True)
class GateTripped:
    """One gate that stands in the way; `name` is what `--allow-gate` takes."""

    name: str
    message: str


def check_gates(links: int, updates: int, withdrawals: int, gates: Gates) -> tuple[GateTripped, ...]:
    """The gates that the planned updates and withdrawals trip, measured against the linked records."""
    tripped = []
    if _beyond(updates, links, gates.max_change):
        tripped.append(GateTripped("max_change", _would("change", updates, links, "linked records", gates.max_change)))
    if _beyond(withdrawals, links, gates.max_delete):
        tripped.append(
            GateTripped("max_delete", _would("delete", withdrawals, links, "linked records", gates.max_delete))
        )
    return tuple(tripped)


def check_source_loss(known: int, listed: int, gates: Gates) -> tuple[GateTripped, ...]:
    """The gate against a source that suddenly lists far fewer records than are known from it."""
    lost = known - listed
    if not _beyond(lost, known, gates.max_source_loss):
        return ()
    message = _would("lose", lost, known, "records that ActiveCollab listed before", gates.max_source_loss)
    return (GateTripped("max_source_loss", message),)


def check_pilot(creates: int, pilot_verified: bool, gates: Gates) -> tuple[GateTripped, ...]:
    """The gate against a large first run that no small one went before."""
    if pilot_verified or not gates.pilot_above or creates <= gates.pilot_above:
        return ()
    message = (
        f"this would create {creates:,} records, more than pilot_above = {gates.pilot_above:,}; "
        "carry out and verify a pilot first (plan --pilot)"
    )
    return (GateTripped("pilot_above", message),)


def _beyond(records: int, of: int, share: Fraction) -> bool:
    return records > ALWAYS_PASS and records > of * share


def _would(verb: str, records: int, of: int, what: str, share: Fraction) -> str:
    percent = f"{100 * records / of:.1f} %" if of else "all"
    return f"this would {verb} {records:,} of {of:,} {what} ({percent}); allowed are {float(100 * share):g} %"
