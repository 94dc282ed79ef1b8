"""What the members of enums, kinds and fields are called in German and in English."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from migrator.core.actions import Word
from migrator.core.compare import DifferenceKind
from migrator.core.model import Billing
from migrator.core.report.figures import Agreement
from migrator.core.report.line import Rule, TargetState

TERMS: Mapping[Enum | str, tuple[str, str]] = {
    Agreement.AGREE: ("Die Bücher stimmen überein", "The books agree"),
    Agreement.AGREE_BUT: (
        "Die Bücher stimmen überein, aber es ist noch etwas offen",
        "The books agree, but something is still open",
    ),
    Agreement.DIFFER: ("Die Bücher stimmen nicht überein", "The books do not agree"),
    Agreement.UNPROVED: ("Noch nicht nachgewiesen", "Not proved yet"),
    # -- billing ---------------------------------------------------------------------------------------------------
    Billing.NOT_BILLABLE: ("nicht abrechenbar", "not billable"),
    Billing.BILLABLE: ("abrechenbar", "billable"),
    Billing.PENDING_PAYMENT: ("in Rechnung", "pending payment"),
    Billing.PAID: ("bezahlt", "paid"),
    TargetState.ABSENT: ("nicht in MOCO", "not in MOCO"),
    TargetState.NON_BILLABLE: ("nicht abrechenbar", "non-billable"),
    TargetState.OPEN: ("offen", "open"),
    TargetState.BILLED: ("abgerechnet", "billed"),
    # -- the books -------------------------------------------------------------------------------------------------
    Word.CREATED: ("in MOCO angelegt", "created in MOCO"),
    Word.ADOPTED: ("schon in MOCO gefunden", "found in MOCO already"),
    Word.UPDATED: ("in MOCO geändert", "updated in MOCO"),
    Word.UNCHANGED: ("unverändert in MOCO", "unchanged in MOCO"),
    Word.SKIPPED: ("durch eine Regel ausgelassen", "left out by a rule"),
    Word.HELD: ("zurückgestellt", "held"),
    Word.CONFLICTS: ("im Widerspruch", "in conflict"),
    Word.QUARANTINED: ("von MOCO abgelehnt", "refused by MOCO"),
    Word.REJECTED: ("unlesbar in ActiveCollab", "unusable in ActiveCollab"),
    Word.PENDING: ("noch nicht übertragen", "not moved yet"),
    Word.UNCLEAR: ("Ausgang ungeklärt", "outcome unclear"),
    # -- why seconds differ ----------------------------------------------------------------------------------------
    Rule.SAME: ("gleich", "the same"),
    Rule.WHOLE_MINUTES: ("auf Minuten gerundet", "rounded to minutes"),
    Rule.ROUNDED_BY_MOCO: ("von MOCO gerundet", "rounded by MOCO"),
    Rule.EDITED_IN_MOCO: ("in MOCO geändert", "edited in MOCO"),
    Rule.ACCEPTED: ("angenommen", "accepted"),
    Rule.LEFT_OUT: ("ausgelassen", "left out"),
    Rule.WAITS: ("noch zu klären", "to be decided"),
    Rule.IN_CONFLICT: ("im Konflikt", "in conflict"),
    Rule.NOT_MOVED_YET: ("noch nicht übertragen", "not moved yet"),
    Rule.ELSEWHERE_IN_MOCO: ("in MOCO woanders zugeordnet", "assigned elsewhere in MOCO"),
    Rule.UNEXPLAINED: ("nicht erklärt", "unexplained"),
    # -- kinds of differences --------------------------------------------------------------------------------------
    DifferenceKind.MISSING: ("fehlt in MOCO", "missing in MOCO"),
    DifferenceKind.EXTRA: ("nur in MOCO", "only in MOCO"),
    DifferenceKind.DUPLICATE: ("doppelt in MOCO", "twice in MOCO"),
    DifferenceKind.CHANGED: ("weicht ab", "differs"),
    DifferenceKind.ROUNDED: ("gerundet", "rounded"),
    DifferenceKind.EDITED: ("in MOCO geändert", "edited in MOCO"),
    DifferenceKind.DELETED: ("in MOCO gelöscht", "deleted in MOCO"),
    DifferenceKind.UNLINKED: ("nicht verknüpft", "not linked"),
    # -- what waits ------------------------------------------------------------------------------------------------
    "held": ("zurückgestellt", "held"),
    "conflict": ("Widerspruch", "conflict"),
    "quarantined": ("von MOCO abgelehnt", "refused by MOCO"),
    "rejected": ("unlesbar", "unusable"),
    # -- fields of a booking ---------------------------------------------------------------------------------------
    "day": ("Tag", "day"),
    "seconds": ("Dauer", "duration"),
    "user_id": ("Person", "person"),
    "project_id": ("Projekt", "project"),
    "task_id": ("Leistung", "task"),
    "description": ("Text", "text"),
    "billable": ("Abrechenbarkeit", "billability"),
    "marker": ("Kennung", "marker"),
    "url": ("Verweis", "link"),
    "tag": ("Etikett", "tag"),
    # -- rows of the mapping ---------------------------------------------------------------------------------------
    "user": ("Person", "person"),
    "company": ("Kunde", "customer"),
    "project": ("Projekt", "project"),
    "task": ("Aufgabe", "task"),
    "job_type": ("Tätigkeitsart", "job type"),
    "map": ("zugeordnet", "mapped"),
    "create": ("in MOCO anzulegen", "to be created in MOCO"),
    "skip": ("auszulassen", "to be left out"),
    "hold": ("zurückgestellt", "held"),
    "stand_in": ("auf Vertretung gebucht", "booked on a stand-in"),
    # -- runs ------------------------------------------------------------------------------------------------------
    "read": ("Einlesen", "reading"),
    "plan": ("Planung", "plan"),
    "apply": ("Übertragung", "move"),
    "sync": ("Abgleich", "sync"),
    "verify": ("Prüfung", "verification"),
    "undo": ("Rücknahme", "undo"),
    "billed": ("Kennzeichnung als abgerechnet", "marking as billed"),
}
