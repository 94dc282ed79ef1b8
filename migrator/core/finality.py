"""The point of no return: until when what a plan does can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum

from migrator.core.model import Billing
from migrator.core.tally import Tally


class Finality(Enum):
    """Until when `undo` of the run reaches a record; from the mildest to the last."""

    UNDOABLE = "undoable"
    UNTIL_BILLED_OR_LOCKED = "until_billed_or_locked"
    UNTIL_MARKED = "until_marked"
    FINAL = "final"


IN_WORDS: Mapping[Finality, str] = {
    Finality.UNDOABLE: "nothing to take back: only linked, MOCO stays as it is",
    Finality.UNTIL_BILLED_OR_LOCKED: "undoable until somebody bills, edits or locks it in MOCO",
    Finality.UNTIL_MARKED: "undoable only until `migrator billed` marks it as billed",
    Finality.FINAL: "final: undo does not bring back what is changed or deleted",
}

_FINAL = ("update", "adopt_update", "rebook", "withdraw")


def points_of_no_return(
    by_action: Mapping[str, Tally], created: Mapping[Billing, Tally], marked: Collection[Billing]
) -> dict[Finality, Tally]:
    """The records and seconds that a plan writes, by how long they can be taken back.

    `by_action` is keyed by `core.plan.action_name`, `created` holds the creates by their billing status in
    ActiveCollab, and `marked` says which of these `billed` marks. What is kept, held or skipped is in none.
    """
    found = {each: Tally() for each in Finality}
    if "adopt" in by_action:
        found[Finality.UNDOABLE].merge(by_action["adopt"])
    for billing, tally in created.items():
        found[Finality.UNTIL_MARKED if billing in marked else Finality.UNTIL_BILLED_OR_LOCKED].merge(tally)
    for name in _FINAL:
        if name in by_action:
            found[Finality.FINAL].merge(by_action[name])
    return found
