"""What the codes of reasons mean, in sentences for somebody who does not know the program, in German and in English."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, str]] = {
    # -- left out by a rule ----------------------------------------------------------------------------------------
    "TRASHED": ("liegt in ActiveCollab im Papierkorb", "is in ActiveCollab's trash"),
    "ZERO_DURATION": ("hat keine Dauer", "has no duration"),
    "OUT_OF_SCOPE": ("liegt außerhalb des vereinbarten Zeitraums oder Umfangs", "is outside the agreed days or scope"),
    "AFTER_CUTOVER": (
        "liegt am oder nach dem Tag der Umstellung, ab dem in MOCO gebucht wird",
        "is on or after the day of the cut-over, from which people book in MOCO",
    ),
    "MAPPED_TO_SKIP": (
        "soll nach der Zuordnung nicht übertragen werden",
        "is not to be moved, as the mapping says",
    ),
    # -- held ------------------------------------------------------------------------------------------------------
    "UNSETTLED": (
        "ein früherer Schreibvorgang ist noch ungeklärt",
        "the outcome of an earlier write is not known yet",
    ),
    "UNDONE": ("wurde auf Anweisung zurückgenommen", "was taken back by a person"),
    "REJECTED": ("ist in ActiveCollab nicht lesbar", "cannot be read in ActiveCollab"),
    "UNSEEN": (
        "wird von ActiveCollab nicht mehr gezeigt; ob es gelöscht ist, ist nicht bewiesen",
        "is no longer shown by ActiveCollab; nothing proves that it was deleted",
    ),
    "UNMAPPED": (
        "Person, Kunde, Projekt oder Aufgabe ist noch nicht zugeordnet",
        "the person, customer, project or task is not mapped yet",
    ),
    "MAPPED_TO_HOLD": ("soll nach der Zuordnung warten", "is to wait, as the mapping says"),
    "NOT_ESTABLISHED": (
        "ob es schon in MOCO steht, ließ sich in diesem Lauf nicht feststellen",
        "whether MOCO has it already could not be found out in this run",
    ),
    "PLAN_CHANGED": (
        "hat sich geändert, seit der Plan freigegeben wurde",
        "has changed since the plan was approved",
    ),
    "FORBIDDEN": ("MOCO erlaubt die Buchung für diese Person nicht", "MOCO does not allow booking for this person"),
    "PROJECT_MISSING": ("das Projekt gibt es in MOCO nicht", "MOCO does not have the project"),
    "PROJECT_ARCHIVED": ("das Projekt ist in MOCO archiviert", "the project is archived in MOCO"),
    "TASK_INACTIVE": ("die Leistung ist in MOCO nicht aktiv", "the task is not active in MOCO"),
    "TASK_MISSING": ("die Leistung gibt es in MOCO nicht", "MOCO does not have the task"),
    "CONTRACT_MISSING": (
        "die Person ist dem Projekt in MOCO nicht zugewiesen",
        "the person is not assigned to the project in MOCO",
    ),
    "STARTS_A_TIMER": ("würde in MOCO eine Stoppuhr starten", "would start a timer in MOCO"),
    "WITHOUT_ACCOUNT": ("die Person hat in MOCO kein Konto", "the person has no account in MOCO"),
    # -- in conflict -----------------------------------------------------------------------------------------------
    "DUPLICATE": ("steht mehrfach in MOCO", "stands in MOCO more than once"),
    "SHARED": ("teilt sich in MOCO einen Eintrag mit einem anderen", "shares its activity in MOCO with another one"),
    "DELETED_IN_SOURCE": ("wurde in ActiveCollab gelöscht", "was deleted in ActiveCollab"),
    "DELETED_IN_TARGET": ("wurde in MOCO gelöscht", "was deleted in MOCO"),
    "NO_LONGER_WANTED": ("soll nach den Regeln nicht mehr in MOCO stehen", "should no longer be in MOCO by the rules"),
    "ADOPTED_DIFFERS": (
        "stand schon in MOCO, aber mit anderem Inhalt",
        "was in MOCO already, but with other content",
    ),
    "WORKER_CHANGED": (
        "gehört in ActiveCollab jetzt einer anderen Person",
        "belongs to another person in ActiveCollab now",
    ),
    "UNBILLED_IN_SOURCE": (
        "gilt in ActiveCollab nicht mehr als bezahlt, ist in MOCO aber abgerechnet",
        "is no longer paid in ActiveCollab, yet billed in MOCO",
    ),
    "BOTH_EDITED": ("wurde auf beiden Seiten geändert", "was edited on both sides"),
    "BILLED": ("ist in MOCO abgerechnet und damit gesperrt", "is billed in MOCO and therefore locked"),
    "REFUSED": ("MOCO hat die Änderung abgelehnt", "MOCO refused the change"),
    # -- rejected: the field of ActiveCollab that cannot be used --------------------------------------------------
    "element": ("ist als Ganzes nicht lesbar", "cannot be read at all"),
    "copy": ("steht zweimal verschieden da", "stands there twice and differs"),
    "id": ("Nummer ist nicht zu verwenden", "its number cannot be used"),
    "class": ("Klasse ist nicht zu verwenden", "its class cannot be used"),
    "project_id": ("Projekt ist nicht zu verwenden", "its project cannot be used"),
    "user_id": ("Person ist nicht zu verwenden", "its person cannot be used"),
    "record_user": ("Person ist nicht zu verwenden", "its person cannot be used"),
    "record_date": ("Tag ist nicht zu verwenden", "its day cannot be used"),
    "value": ("Dauer ist nicht zu verwenden", "its duration cannot be used"),
    "billable_status": ("Status der Abrechnung ist nicht zu verwenden", "its billing status cannot be used"),
    "is_billable": ("Abrechenbarkeit ist nicht zu verwenden", "its billability cannot be used"),
    "is_billed": ("Angabe, ob abgerechnet ist, ist nicht zu verwenden", "its mark as billed cannot be used"),
    "body": ("Text ist nicht zu verwenden", "its text cannot be used"),
    "summary": ("Text ist nicht zu verwenden", "its text cannot be used"),
    "text": ("Text ist nicht zu verwenden", "its text cannot be used"),
    "parent_class": ("Art der Aufgabe ist nicht zu verwenden", "its kind of task cannot be used"),
    "parent_id": ("Aufgabe ist nicht zu verwenden", "its task cannot be used"),
    "job_type_id": ("Tätigkeitsart ist nicht zu verwenden", "its job type cannot be used"),
    "milestone_id": ("Nummer des Meilensteins ist nicht zu verwenden", "its number of the milestone cannot be used"),
    "version": ("Fassung ist nicht zu verwenden", "its version cannot be used"),
    "state": ("Zustand ist nicht zu verwenden", "its state cannot be used"),
    "is_trashed": ("Angabe, ob er im Papierkorb liegt, ist nicht zu verwenden", "its mark as trashed cannot be used"),
    "visibility": ("Sichtbarkeit ist nicht zu verwenden", "its visibility cannot be used"),
    "permalink": ("Adresse ist nicht zu verwenden", "its address cannot be used"),
    "created_on": ("Zeitpunkt der Erfassung ist nicht zu verwenden", "its moment of creation cannot be used"),
    "updated_on": ("Zeitpunkt der Änderung ist nicht zu verwenden", "its moment of change cannot be used"),
    # -- kept ------------------------------------------------------------------------------------------------------
    "EDITED_IN_TARGET": (
        "wurde in MOCO von Hand geändert und bleibt so",
        "was edited by hand in MOCO and stays that way",
    ),
    "REBASED": ("beide Seiten wurden gleich geändert", "both sides were edited in the same way"),
    "ACCEPTED": ("der Unterschied wurde angenommen", "the difference was accepted"),
    # -- why the verdict is not simply green -------------------------------------------------------------------------
    "moco_books_differ": (
        "MOCOs eigene Projektberichte nennen andere Stunden: „migrator verify --full“ sagt, welche",
        "MOCO's own project reports tell other hours: `migrator verify --full` says which",
    ),
    "presences_differ": (
        "Die Arbeitszeiten (Anwesenheiten) weichen ab: „migrator verify“ sagt, welche",
        "The working times (presences) differ: `migrator verify` says which",
    ),
    "not_verified_since_write": (
        "Seit MOCO zuletzt ganz gelesen wurde, ist in MOCO geschrieben worden (oder es wurde noch nie ganz gelesen). "
        "Lassen Sie die Prüfung laufen (migrator verify) und den Bericht neu erstellen.",
        "Something was written to MOCO after it was last read whole, or it never was. "
        "Have the verification run (migrator verify), and the report made again.",
    ),
    "waits": (
        "Einträge warten auf die Entscheidung eines Menschen:",
        "Records wait for somebody's decision:",
    ),
    "pending": (
        "Einträge sind noch nicht übertragen, der nächste Lauf holt das nach:",
        "Records are not moved yet, the next run does that:",
    ),
    "unexplained_seconds": (
        "Ein Teil der Zeit unterscheidet sich, ohne dass eine Regel es erklärt:",
        "Some of the time differs and no rule explains why:",
    ),
    "differences": (
        "Einträge unterscheiden sich ohne Erklärung:",
        "Records differ without an explanation:",
    ),
    "source_not_whole": (
        "Dass ActiveCollab vollständig gelesen wurde, ist nicht bewiesen.",
        "It is not proved that ActiveCollab was read completely.",
    ),
    "target_not_closed": (
        "Nicht alles, was MOCO von uns führt, ist in diesem Bericht enthalten.",
        "Not all that MOCO holds of ours is part of this report.",
    ),
    "control_missed": (
        "Kontrollsummen aus ActiveCollab wurden nicht erreicht:",
        "Control totals of ActiveCollab were not met:",
    ),
}
