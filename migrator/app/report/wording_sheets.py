"""What spreadsheets say in German and English: names of sheets, headers, and the words that are read back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from migrator.app.report.wording import Language


class Disposition(StrEnum):
    """What a person may say about something that waits."""

    KEEP_SOURCE = "keep_source"
    KEEP_TARGET = "keep_target"
    ACCEPT = "accept"
    RETRY = "retry"
    LATER = "later"


DISPOSITIONS: Mapping[Disposition, tuple[str, str]] = {
    Disposition.KEEP_SOURCE: ("ActiveCollab gilt", "keep source"),
    Disposition.KEEP_TARGET: ("MOCO gilt", "keep target"),
    Disposition.ACCEPT: ("so annehmen", "accept"),
    Disposition.RETRY: ("noch einmal versuchen", "retry"),
    Disposition.LATER: ("später", "later"),
}
"""The list of words in the column for dispositions; both languages are read back."""

SHEETS: Mapping[str, tuple[str, str]] = {
    "summary": ("Übersicht", "Summary"),
    "customers": ("Summen je Kunde", "Totals by customer"),
    "projects": ("Summen je Projekt", "Totals by project"),
    "totals": ("Summen je Monat", "Totals by month"),
    "people": ("Summen je Person", "Totals by person"),
    "differences": ("Unterschiede", "Differences"),
    "exceptions": ("Ausnahmen", "Exceptions"),
    "open_hours": ("Offene Stunden", "Open hours"),
    "matrix": ("Status-Matrix", "Status matrix"),
    "stand_ins": ("Vertretungen", "Stand-ins"),
    "left_out": ("Ausgelassen", "Left out"),
    "ledger": ("Rundungsbuch", "Rounding ledger"),
    "control": ("Kontrollsummen", "Control totals"),
    "changes": ("Seit dem letzten Bericht", "Since the last report"),
    "decisions": ("Entscheidungen", "Decisions"),
    "outside": ("Nicht übertragen", "What is outside"),
}
"""At most 26 signs, so that a number still fits behind: Excel takes 31."""

HEADERS: Mapping[str, tuple[str, str]] = {
    "agrees": ("Stimmt", "Agrees"),
    "activity": ("MOCO-Eintrag", "MOCO activity"),
    "amount": ("Betrag", "Amount"),
    "apart": ("Differenz (h)", "Difference (h)"),
    "apart_seconds": ("Differenz (s)", "Difference (s)"),
    "at": ("Wann (UTC)", "When (UTC)"),
    "booked_in_moco": ("In MOCO gebucht (h)", "Booked in MOCO (h)"),
    "booked_on": ("Gebucht auf", "Booked on"),
    "count": ("Anzahl", "Count"),
    "currency": ("Währung", "Currency"),
    "customer": ("Kunde", "Customer"),
    "date": ("Datum", "Date"),
    "day": ("Tag", "Day"),
    "decided_by": ("Entschieden von", "Decided by"),
    "digest": ("Prüfsumme", "Digest"),
    "disposition": ("Entscheidung", "Disposition"),
    "email": ("E-Mail", "E-mail"),
    "expected": ("Laut ActiveCollab (h)", "Expected (h)"),
    "explained": ("Erklärt", "Explained"),
    "fields": ("Felder", "Fields"),
    "group": ("Bereich", "Group"),
    "id": ("Nr.", "ID"),
    "in_moco": ("In MOCO abrechnen (h)", "Invoice in MOCO (h)"),
    "invoiced_already": ("Schon bezahlt, in MOCO offen (h)", "Invoiced already, open in MOCO (h)"),
    "keep_source": ("Bedeutung: ActiveCollab gilt", "Meaning of keep source"),
    "keep_target": ("Bedeutung: MOCO gilt", "Meaning of keep target"),
    "kind": ("Art", "Kind"),
    "label": ("Kontrollsumme", "Control total"),
    "made_billable": ("Nur in MOCO abrechenbar (h)", "Billable in MOCO only (h)"),
    "message": ("Erläuterung", "Explanation"),
    "month": ("Monat", "Month"),
    "moco_absent": ("Nicht in MOCO (h)", "Not in MOCO (h)"),
    "moco_billed": ("MOCO abgerechnet (h)", "MOCO billed (h)"),
    "moco_non_billable": ("MOCO nicht abrechenbar (h)", "MOCO non-billable (h)"),
    "moco_open": ("MOCO offen (h)", "MOCO open (h)"),
    "name": ("Name", "Name"),
    "note": ("Bemerkung", "Note"),
    "only_in_activecollab": ("Nur in ActiveCollab (h)", "Only in ActiveCollab (h)"),
    "open_apart": ("Davon MOCO mehr (h)", "Of that more in MOCO (h)"),
    "pending": ("In Rechnung (h)", "Pending payment (h)"),
    "pending_in_moco": ("In Rechnung, in MOCO offen (h)", "Pending payment, open in MOCO (h)"),
    "person": ("Person", "Person"),
    "project": ("Projekt", "Project"),
    "read_seconds": ("Gelesen (s)", "Read (s)"),
    "reason": ("Grund", "Reason"),
    "record": ("ActiveCollab-Eintrag", "ActiveCollab record"),
    "records": ("Einträge", "Records"),
    "rule": ("Regel", "Rule"),
    "run": ("Lauf", "Run"),
    "sent_seconds": ("Gesendet (s)", "Sent (s)"),
    "since": ("Seit (UTC)", "Since (UTC)"),
    "source": ("ActiveCollab (h)", "ActiveCollab (h)"),
    "source_billable": ("AC abrechenbar (h)", "AC billable (h)"),
    "source_clock": ("ActiveCollab (h:mm)", "ActiveCollab (h:mm)"),
    "source_not_billable": ("AC nicht abrechenbar (h)", "AC not billable (h)"),
    "source_open": ("Offen in ActiveCollab (h)", "Open in ActiveCollab (h)"),
    "source_paid": ("AC bezahlt (h)", "AC paid (h)"),
    "source_pending": ("AC in Rechnung (h)", "AC pending payment (h)"),
    "source_seconds": ("ActiveCollab (s)", "ActiveCollab (s)"),
    "source_url": ("Adresse in ActiveCollab", "Address in ActiveCollab"),
    "settled_in_moco": ("In MOCO erledigt (h)", "Settled in MOCO (h)"),
    "status": ("Status in ActiveCollab", "Status in ActiveCollab"),
    "state": ("Status in MOCO", "Status in MOCO"),
    "step": ("Schritt", "Step"),
    "stored_seconds": ("Gespeichert (s)", "Stored (s)"),
    "target": ("MOCO (h)", "MOCO (h)"),
    "target_clock": ("MOCO (h:mm)", "MOCO (h:mm)"),
    "target_customer": ("In MOCO jetzt bei Kunde", "Customer in MOCO now"),
    "target_day": ("Tag in MOCO", "Day in MOCO"),
    "target_open": ("Offen in MOCO (h)", "Open in MOCO (h)"),
    "target_project": ("In MOCO jetzt in Projekt", "Project in MOCO now"),
    "target_seconds": ("MOCO (s)", "MOCO (s)"),
    "target_url": ("Adresse in MOCO", "Address in MOCO"),
    "what": ("Was", "What"),
    "who": ("Wer", "Who"),
    "within": ("Spielraum (s)", "Latitude (s)"),
    "without_record": ("In MOCO offen, ohne gültigen Eintrag (h)", "Open in MOCO, without a valid record (h)"),
    "written": ("Wie erfasst (h)", "As written (h)"),
    "year": ("Jahr", "Year"),
}

TEXTS: Mapping[str, tuple[str, str]] = {
    "accepted": ("angenommen", "accepted"),
    "applied": ("ausgeführt", "applied"),
    "approved": ("freigegeben", "approved"),
    "planned": ("geplant", "planned"),
    "only_in_moco": ("nur in MOCO", "only in MOCO"),
    "verified": ("geprüft", "verified"),
    "as_of": ("Stichtag der offenen Stunden", "Open hours as of"),
    "beside": ("daneben gezählt", "counted beside"),
    "by_rule": ("durch eine Regel ausgelassen", "left out by a rule"),
    "choose": ("Bitte einen Eintrag der Liste wählen.", "Please choose a word of the list."),
    "complete": ("vollständig gelesen", "read whole"),
    "complete_files": (
        "jede Datei bis zum Ende gelesen; was in ihnen fehlt, zeigen nur Kontrollsummen",
        "every file read to its end; what is missing from them only control totals show",
    ),
    "control": ("Kontrollsummen", "Control totals"),
    "control_met": ("alle {count} erreicht", "all {count} met"),
    "control_missed": ("{missed} von {count} nicht erreicht", "{missed} of {count} missed"),
    "control_outdated": (
        "vor der letzten Änderung des Gelesenen geprüft: bitte neu prüfen",
        "checked before what was read changed: check again",
    ),
    "control_none": ("niemand hat sie geprüft", "nobody checked any"),
    "date_expected": ("Bitte ein Datum eintragen.", "Please enter a date."),
    "deleted": ("in ActiveCollab gelöscht", "deleted in ActiveCollab"),
    "edited_in_target": ("in MOCO von Hand geändert", "edited by hand in MOCO"),
    "extract": ("gelesen (UTC)", "read (UTC)"),
    "fingerprint": ("Fingerabdruck (SHA-256)", "Fingerprint (SHA-256)"),
    "incomplete": ("nicht vollständig gelesen", "not read whole"),
    "invisible": ("in ActiveCollab nicht für alle sichtbar", "not visible to everybody in ActiveCollab"),
    "not_in_inbox": (
        "noch nicht im Eingang: erst „migrator sync“ laufen lassen, dann den Bericht neu erstellen",
        "not in the inbox yet: run `migrator sync`, then make the report anew",
    ),
    "made": ("Erstellt (UTC)", "Made (UTC)"),
    "made_by": ("Erstellt von", "Made by"),
    "mapping": ("Zuordnung, Version", "Mapping version"),
    "never": ("nie", "never"),
    "no": ("nein", "no"),
    "none": ("(ohne)", "(none)"),
    "period": ("Zeitraum", "Period"),
    "program": ("Programmversion", "Version of the program"),
    "reasons": ("Weil", "Because"),
    "run": ("Lauf", "Run"),
    "sheet_of": ("Blatt {number}", "sheet {number}"),
    "signature": ("Unterschrift, Datum", "Signature, date"),
    "source": ("ActiveCollab", "ActiveCollab"),
    "source_hours": ("Stunden in ActiveCollab", "Hours in ActiveCollab"),
    "superseded": ("ältere Fassungen desselben Eintrags", "older copies of the same record"),
    "target": ("MOCO", "MOCO"),
    "target_hours": ("Stunden in MOCO", "Hours in MOCO"),
    "title": ("Abgleich ActiveCollab – MOCO", "Reconciliation of ActiveCollab and MOCO"),
    "total": ("Summe", "Total"),
    "trashed": ("im Papierkorb von ActiveCollab", "in ActiveCollab's trash"),
    "unexplained": ("nicht erklärte Sekunden", "Seconds unexplained"),
    "unseen": ("von ActiveCollab nicht mehr gezeigt", "no longer shown by ActiveCollab"),
    "verdict": ("Ergebnis", "Verdict"),
    "without_record": ("ohne Eintrag in ActiveCollab", "without a record in ActiveCollab"),
    "yes": ("ja", "yes"),
}


def word_of(table: Mapping[str, tuple[str, str]], key: str, language: Language, **values: object) -> str:
    """One word of a table, its `{name}`s filled in."""
    return table[key][0 if language is Language.DE else 1].format(**values)


def disposition_words(language: Language) -> list[str]:
    """The words that the drop-down list offers."""
    place = 0 if language is Language.DE else 1
    return [words[place] for words in DISPOSITIONS.values()]
