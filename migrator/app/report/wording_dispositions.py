"""What the two dispositions of each thing that waits would do, in German; in English the inbox says it itself."""

from __future__ import annotations

from collections.abc import Mapping

_STAYS = "MOCO bleibt, wie es ist, bis sich der Eintrag in ActiveCollab ändert"
_UNCHANGED = "solange ihn vorher niemand ändert oder abrechnet"

IN_GERMAN: Mapping[str, str] = {
    "MOCO stays as it is, until ActiveCollab's record changes": _STAYS,
    "MOCO stays without it, until ActiveCollab's record changes": (
        "MOCO bleibt ohne ihn, bis sich der Eintrag in ActiveCollab ändert"
    ),
    "it is no longer listed; MOCO stays as it is": "er wird nicht mehr aufgeführt; MOCO bleibt, wie es ist",
    "all of them stay in MOCO, until another one appears or ActiveCollab's record changes": (
        "alle bleiben in MOCO, bis ein weiterer auftaucht oder sich der Eintrag in ActiveCollab ändert"
    ),
    "the next run sends ActiveCollab's record to MOCO once more": (
        "der nächste Lauf sendet den Eintrag noch einmal an MOCO"
    ),
    "the next run asks MOCO for the same change once more": (
        "der nächste Lauf bittet MOCO noch einmal um dieselbe Änderung"
    ),
    "ActiveCollab's record cannot be used as it is: correct it there, or in the export, and read again": (
        "so ist der Eintrag nicht zu verwenden: in ActiveCollab oder im Export berichtigen und neu einlesen"
    ),
    "it was undone; release its run, and it is created again": (
        "er wurde zurückgenommen; den Lauf freigeben, dann wird er neu angelegt"
    ),
    "it is only not what the plan said: make a new plan and look at it": (
        "er ist nur nicht mehr so, wie der Plan sagte: neu planen und den Plan ansehen"
    ),
    "MOCO refused a person, a task or a contract: mend that, then `migrator inbox retry`": (
        "MOCO hat Person, Leistung oder Zuweisung abgelehnt: das beheben, dann `migrator inbox retry`"
    ),
    "it is sent by itself as soon as what is missing is there": (
        "er wird von selbst übertragen, sobald da ist, was fehlt"
    ),
    "which of several activities is the right one only a person can say: delete the others in MOCO, and the "
    "next run that lists their days sees it": (
        "welcher von mehreren Einträgen der richtige ist, kann nur ein Mensch sagen: die anderen in MOCO löschen, "
        "der nächste Lauf über diese Tage sieht es"
    ),
    "one activity cannot stand for two records: somebody gave it another marker by MOCO's API, and only there it can "
    "be given its own again": (
        "ein Eintrag in MOCO kann nicht für zwei stehen: über MOCOs Schnittstelle bekam er eine andere Kennung, und "
        "nur dort bekommt er seine eigene zurück"
    ),
    "the next run deletes the activity in MOCO, as long as nobody changes or bills it first": (
        f"der nächste Lauf löscht den Eintrag in MOCO, {_UNCHANGED}"
    ),
    "the rule counts: the next run deletes the activity in MOCO, as long as nobody changes or bills it first": (
        f"die Regel gilt: der nächste Lauf löscht den Eintrag in MOCO, {_UNCHANGED}"
    ),
    "the next run creates it again, once, after it made sure that MOCO has none": (
        "der nächste Lauf legt ihn einmal neu an, nachdem er sich vergewissert hat, dass MOCO keinen hat"
    ),
    "the next run brings the activity to ActiveCollab's values, as long as nobody changes or bills it first": (
        f"der nächste Lauf bringt den Eintrag in MOCO auf ActiveCollabs Werte, {_UNCHANGED}"
    ),
    "the next run deletes the activity and creates it for the other person, as long as nobody changes or bills it "
    "first": f"der nächste Lauf löscht den Eintrag in MOCO und legt ihn für die andere Person an, {_UNCHANGED}",
    "the next run writes ActiveCollab's values over those in MOCO, as long as nobody changes or bills it first": (
        f"der nächste Lauf überschreibt den Eintrag in MOCO mit ActiveCollabs Werten, {_UNCHANGED}"
    ),
    "what is billed in MOCO is never overwritten: cancel the invoice there, or correct ActiveCollab": (
        "was in MOCO abgerechnet ist, wird nie überschrieben: dort die Rechnung stornieren oder ActiveCollab "
        "berichtigen"
    ),
    "only in MOCO itself can an activity be marked as open again: change it there": (
        "nur in MOCO selbst lässt sich ein Eintrag wieder auf offen setzen: dort ändern"
    ),
}
