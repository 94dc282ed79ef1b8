"""What a person types, or does elsewhere, so that something in the inbox waits no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from migrator.app.inbox.meanings import meaning_of
from migrator.core.actions import ConflictReason, HoldReason
from migrator.core.billed import REFUSED
from migrator.store.inbox import ItemKind, NewItem


@dataclass(frozen=True, slots=True)
class Command:
    """One command, and the name of the text (`words.py`) that says what it does."""

    text: str
    typed: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about one item or one group; `text` names the words for what has to be done elsewhere, if anything."""

    commands: tuple[Command, ...]
    text: str = ""


_MAP: Final = (
    Command("map_export", "migrator map export -o map.csv"),
    Command("map_apply", "migrator map apply map.csv"),
)
_SYNC: Final = (Command("sync_again", "migrator sync"),)
_READ: Final = (Command("read_again", "migrator read"),)
_PROVISION: Final = (Command("provision", "migrator provision"),)

_OF_HELD: Final = {
    HoldReason.UNMAPPED: Remedy(_MAP),
    HoldReason.MAPPED_TO_HOLD: Remedy(_MAP),
    HoldReason.PROJECT_MISSING: Remedy(_MAP),
    HoldReason.TASK_MISSING: Remedy(_PROVISION, "may_create"),
    HoldReason.CONTRACT_MISSING: Remedy(_PROVISION, "may_create"),
    HoldReason.PROJECT_ARCHIVED: Remedy(_SYNC, "unarchive"),
    HoldReason.TASK_INACTIVE: Remedy(_SYNC, "activate_task"),
    HoldReason.WITHOUT_ACCOUNT: Remedy(_READ, "give_worker"),
    HoldReason.REJECTED: Remedy(_READ, "correct_source"),
    HoldReason.UNSEEN: Remedy(_READ),
    HoldReason.UNSETTLED: Remedy(_SYNC),
    HoldReason.NOT_ESTABLISHED: Remedy(_SYNC),
    HoldReason.STARTS_A_TIMER: Remedy(_SYNC, "in_two_days"),
    HoldReason.PLAN_CHANGED: Remedy(
        (Command("plan_again", "migrator plan"), Command("apply_last", "migrator apply last"))
    ),
}
"""What is held waits for something that is missing, mostly for many records at once."""


def remedy_of(item: NewItem, number: int) -> Remedy:
    """What resolves one item, under its number."""
    name = f"i{number}"
    look = Command("look", f"migrator inbox show {name}")
    accept = Command("accept", f"migrator inbox resolve {name} --keep target")
    match item.kind:
        case ItemKind.HELD if item.reason == HoldReason.FORBIDDEN.value:
            found = Remedy((Command("retry", f"migrator inbox retry {name}"),), "mend_in_moco")
        case ItemKind.HELD:
            found = remedy_of_group(item.kind, item.reason) or Remedy((look,))
        case ItemKind.QUARANTINED if item.reason == REFUSED:
            found = Remedy((Command("billed_again", "migrator billed"), accept), "mend_in_moco")
        case ItemKind.QUARANTINED:
            found = Remedy((Command("retry", f"migrator inbox retry {name}"), accept))
        case ItemKind.REJECTED:
            found = Remedy(_READ, "correct_source")
        case ItemKind.CONFLICT if meaning_of(item).possible:
            found = Remedy((look, Command("keep_source", f"migrator inbox resolve {name} --keep source"), accept))
        case ItemKind.CONFLICT:
            found = Remedy((look, accept), _ELSEWHERE[ConflictReason(item.reason)])
        case other:
            assert_never(other)
    return found


_ELSEWHERE: Final = {
    ConflictReason.DUPLICATE: "delete_copies",
    ConflictReason.SHARED: "give_back_marker",
    ConflictReason.BILLED: "cancel_invoice",
    ConflictReason.UNBILLED_IN_SOURCE: "reopen_in_moco",
}


def remedy_of_group(kind: ItemKind, reason: str) -> Remedy | None:
    """What resolves all items of a kind and reason at once; None where each needs a word of its own."""
    if kind is ItemKind.REJECTED:
        return Remedy(_READ, "correct_source")
    if reason == REFUSED:
        return Remedy((Command("billed_again", "migrator billed"),), "mend_in_moco")
    if kind is ItemKind.QUARANTINED or reason == HoldReason.FORBIDDEN.value:
        return Remedy((Command("retry_all", "migrator inbox retry --all"),), "mend_in_moco")
    if kind is ItemKind.HELD and reason in {each.value for each in HoldReason}:
        return _OF_HELD.get(HoldReason(reason))
    return None
