"""The texts of a plan as a page, German and English beside each other, and its English sentences in German."""

from __future__ import annotations

import re
from collections.abc import Mapping

Forms = str | tuple[str, str]

PLAN_TEXTS: Mapping[str, tuple[Forms, Forms]] = {
    "plan_title": ("Plan {plan}", "Plan {plan}"),
    "plan_over": (
        "Probelauf: Arbeitszeiten von ActiveCollab nach MOCO",
        "Dry run: working time from ActiveCollab to MOCO",
    ),
    "plan_nothing": ("Es gibt nichts zu schreiben", "There is nothing to write"),
    "plan_writes": ("Noch wurde nichts geschrieben", "Nothing was written yet"),
    "plan_of": (
        ("Der eine Eintrag aus ActiveCollab ist geprüft:", "Alle {count} Einträge aus ActiveCollab sind geprüft:"),
        ("The one record of ActiveCollab was decided:", "All {count} records of ActiveCollab were decided:"),
    ),
    "plan_used": ("Dieser Plan ist ausgeführt", "This plan was carried out"),
    "plan_applying": ("Dieser Plan wird gerade ausgeführt", "This plan is being carried out"),
    "plan_is_pilot": (
        "Dieser Plan ist ein Probelauf mit wenigen Einträgen (Pilot).",
        "This plan is a pilot of few records.",
    ),
    "key_to_write": ("Zu schreiben", "To write"),
    "key_blocked": ("Warten", "Blocked"),
    "key_requests": ("Anfragen an MOCO", "Requests to MOCO"),
    "key_time": ("Dauer mindestens", "Least time"),
    "key_undo": ("Rücknahme mindestens", "Least time to undo"),
    "made_at": ("Erstellt", "Made"),
    "plan_digest": ("Prüfsumme", "Digest"),
    "no_time": ("sofort", "at once"),
    "in_seconds": ("{count} s", "{count} s"),
    "in_minutes": ("{count} min", "{count} min"),
    "in_hours": ("{hours} h", "{hours} h"),
    # -- actions -------------------------------------------------------------------------------------------------------
    "h_actions": ("Was geschieht", "What would be done"),
    "chart_actions": ("Was mit den Stunden geschieht", "What happens to the hours"),
    "cover_to_write": ("wird geschrieben", "is written"),
    "cover_kept": ("bleibt, wie es ist", "stays as it is"),
    "cover_blocked": ("wartet", "is blocked"),
    "col_action": ("Aktion", "Action"),
    "action_create": ("in MOCO anlegen", "create in MOCO"),
    "action_adopt": ("schon in MOCO: verknüpfen", "already in MOCO: link it"),
    "action_adopt_update": ("schon in MOCO: verknüpfen und ändern", "already in MOCO: link and update it"),
    "action_update": ("in MOCO ändern", "update in MOCO"),
    "action_withdraw": ("in MOCO löschen", "delete in MOCO"),
    "action_rebook": ("auf eine andere Person umbuchen", "move to another person"),
    "action_keep": ("unverändert lassen", "leave unchanged"),
    "action_skip": ("auslassen", "leave out"),
    "action_hold": ("zurückstellen", "hold"),
    "action_conflict": ("Widerspruch: nichts schreiben", "conflict: write nothing"),
    "action_quarantined": ("abgelehnt: nicht noch einmal senden", "refused: not send again"),
    # -- what waits ----------------------------------------------------------------------------------------------------
    "h_blocked": ("Was wartet, und warum", "What is blocked, and why"),
    "blocked_lead": (
        "Diese Einträge schreibt der Plan nicht. „migrator explain NUMMER“ erklärt jeden einzelnen.",
        "The plan does not write these records. “migrator explain ID” explains each of them.",
    ),
    "nothing_blocked": ("Nichts steht im Weg.", "Nothing stands in the way."),
    "col_samples": ("Beispiele", "Samples"),
    # -- gates and warnings --------------------------------------------------------------------------------------------
    "h_gates": ("Vor der Ausführung", "Before it is carried out"),
    "gate_shut": (
        "Eine Sicherung hält „migrator apply“ auf, bis ein Mensch handelt:",
        "A gate stops “migrator apply” until a person acts:",
    ),
    "gate_open": (
        "Keine Sicherung hält „migrator apply“ auf; ein Pilot wird nicht verlangt oder ist geprüft.",
        "No gate stops “migrator apply”; a pilot is not asked for, or was verified.",
    ),
    "warnings": ("Hinweise", "Warnings"),
    "no_warnings": ("Es gibt keine Hinweise.", "There are no warnings."),
    "doubles": (
        (
            "{count} Eintrag ohne unsere Kennung könnte in MOCO doppelt sein: gleiche Person, gleicher Tag.",
            "{count} Einträge ohne unsere Kennung könnten in MOCO doppelt sein: gleiche Person, gleicher Tag.",
        ),
        (
            "{count} activity without our marker may stand in MOCO twice: same person, same day.",
            "{count} activities without our marker may stand in MOCO twice: same person, same day.",
        ),
    ),
    "first_made": ("Wird vorher in MOCO angelegt", "Created in MOCO first"),
    "made_companies": ("Kunden", "customers"),
    "made_projects": ("Projekte", "projects"),
    "made_tasks": ("Leistungen", "tasks"),
    "made_contracts": ("Projektzuweisungen", "project assignments"),
    "opened": (
        "Zum Schreiben geöffnet, dann wieder geschlossen: archivierte Projekte {projects}, inaktive Personen {people}.",
        "Opened for the writes, then shut again: archived projects {projects}, deactivated people {people}.",
    ),
    # -- cost ----------------------------------------------------------------------------------------------------------
    "h_cost": ("Anfragen und Zeit", "Requests and time"),
    "cost_lead": (
        "Die Zeiten sind die kürzesten, die MOCOs Anfragegrenze zulässt; „sofort“ heißt: so lange, wie MOCO antwortet.",
        "The times are the least that MOCO's request limit allows; “at once” is as long as MOCO takes to answer.",
    ),
    "col_phase": ("Abschnitt", "Phase"),
    "col_requests": ("Anfragen", "Requests"),
    "col_time": ("Dauer mindestens", "Least time"),
    "undo_row": ("Rücknahme alles Angelegten", "Undo of all that is created"),
    "phase_scan": ("MOCO lesen", "read MOCO"),
    "phase_proofs": ("Nachweise", "proofs"),
    "phase_places": ("Kunden und Projekte anlegen", "create customers and projects"),
    "phase_tasks": ("Leistungen anlegen", "create tasks"),
    "phase_contracts": ("Personen zuweisen", "assign people"),
    "phase_reopen": ("öffnen und wieder schließen", "reopen and shut again"),
    "phase_bulk": ("Einträge anlegen", "create activities"),
    "phase_single": ("Einträge ändern", "change activities"),
    "phase_verify": ("prüfen", "verify"),
    "phase_billed": ("als abgerechnet kennzeichnen", "mark as billed"),
    "h_return": ("Ab wann es kein Zurück gibt", "The point of no return"),
    "return_undoable": (
        "nichts zurückzunehmen: nur verknüpft, MOCO bleibt, wie es ist",
        "nothing to take back: only linked, MOCO stays as it is",
    ),
    "return_until_billed_or_locked": (
        "rücknehmbar, bis es jemand in MOCO abrechnet, ändert oder sperrt",
        "undoable until somebody bills, edits or locks it in MOCO",
    ),
    "return_until_marked": (
        "rücknehmbar nur, bis „migrator billed“ es als abgerechnet kennzeichnet",
        "undoable only until “migrator billed” marks it as billed",
    ),
    "return_final": (
        "endgültig: eine Rücknahme bringt nicht zurück, was geändert oder gelöscht ist",
        "final: undo does not bring back what is changed or deleted",
    ),
    "nothing_final": ("Der Plan schreibt nichts, was zurückzunehmen wäre.", "The plan writes nothing to take back."),
    # -- totals --------------------------------------------------------------------------------------------------------
    "h_plan_totals": ("Umfang", "Totals"),
    "plan_by_year": ("Je Jahr", "By year"),
    "plan_by_person": ("Je Person", "By person"),
    "plan_by_project": ("Je Projekt", "By project"),
    "col_year": ("Jahr", "Year"),
    "plan_rest": (
        (
            "{count} weitere Zeile: „migrator show --format json“.",
            "{count} weitere Zeilen: „migrator show --format json“.",
        ),
        ("{count} more row: “migrator show --format json”.", "{count} more rows: “migrator show --format json”."),
    ),
    # -- samples -------------------------------------------------------------------------------------------------------
    "h_samples": ("Beispiele zum Nachsehen", "Samples to look at"),
    "samples_lead": (
        "Ausgewählt ohne Ansehen des Inhalts: jede Aktion und jeder Grund, jeder Status, der älteste und der neueste "
        "Tag. Dieselben Daten geben dieselbe Auswahl.",
        "Chosen without looking at what they say: each action and reason, each status, the oldest and the newest day. "
        "The same data give the same choice.",
    ),
    "no_samples": (
        "Dieser Plan stammt von einer älteren Version, die keine Beispiele festhielt.",
        "This plan was made by an older version, which kept no samples.",
    ),
    "col_wanted": ("Soll in MOCO", "Wanted in MOCO"),
    "col_there": ("Heute in MOCO", "In MOCO now"),
    "billable": ("abrechenbar", "billable"),
    "not_billable": ("nicht abrechenbar", "not billable"),
    "as_written": ("geschrieben als {hours}", "written as {hours}"),
    "not_there": ("nichts", "nothing"),
    "not_wanted": ("nichts", "nothing"),
    "plan_next": ("Ausführen mit", "Carry it out with"),
}

_AMOUNT = r"(?P<records>[\d,]+) records? \((?P<hours>[\d.]+) h\)"

_IN_GERMAN: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(rf"{_AMOUNT} of more than 24 hours each are sent as they are"),
        "{records} Einträge ({hours} h) mit je mehr als 24 Stunden werden unverändert gesendet",
    ),
    (
        re.compile(rf"{_AMOUNT} private in ActiveCollab: .*"),
        "{records} Einträge ({hours} h) sind in ActiveCollab privat: in MOCO sieht sie, wer das Projekt sieht",
    ),
    (
        re.compile(rf"{_AMOUNT} billable in ActiveCollab, where MOCO does not bill the project or task"),
        "{records} Einträge ({hours} h) sind in ActiveCollab abrechenbar, in MOCO aber Projekt oder Leistung nicht",
    ),
    (
        re.compile(rf"{_AMOUNT} pending payment in ActiveCollab: (?P<told>.*)"),
        "{records} Einträge ({hours} h) sind in ActiveCollab in Rechnung: {told}",
    ),
    (
        re.compile(r"this would create (?P<many>[\d,]+) records, more than pilot_above = (?P<most>[\d,]+); .*"),
        "der Plan legt {many} Einträge an, mehr als pilot_above = {most}; zuerst einen Pilot ausführen und prüfen "
        "(migrator plan --pilot)",
    ),
    (
        re.compile(
            r"billed by the rates of (?P<called>.*); what is created has rate 0 until somebody sets one in MOCO: "
            r"(?P<shown>.*)"
        ),
        "abgerechnet nach den Sätzen von {called}; Neues hat den Satz 0, bis ihn jemand in MOCO setzt: {shown}",
    ),
)


_HOURS = re.compile(r"(\d)\.(\d\d) h\b")


def in_german(sentence: str) -> str:
    """What a plan says in English, in German; an unknown sentence stays as it is."""
    for pattern, german in _IN_GERMAN:
        if found := pattern.fullmatch(sentence):
            numbers = {name: text for name, text in found.groupdict().items() if text is not None}
            for name in ("records", "many", "most", "hours"):
                if name in numbers:
                    swapped = numbers[name].translate(str.maketrans(",.", ".,"))
                    numbers[name] = swapped
            return _HOURS.sub(r"\1,\2 h", german.format(**numbers))
    return sentence
