"""What the console says, in German and English; reasons, kinds and numbers are those of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Form = str | tuple[str, str]
"""A text, or one for a single thing and one for any other `count`."""

TEXTS: Final[Mapping[str, tuple[Form, Form]]] = {
    "title": ("Stand der Übertragung", "State of the migration"),
    "skip": ("Zum Inhalt springen", "Skip to the content"),
    "other_language": ("English", "Deutsch"),
    "log_out": ("Abmelden", "Log out"),
    "foot": (
        "Zeiten: {zone}. Stand dieser Seite: {at}. migrator {version}",
        "Times: {zone}. This page shows the state of {at}. migrator {version}",
    ),
    # -- the state, in one line --------------------------------------------------------------------------------------
    "idle": ("Alles in Ordnung", "All is well"),
    "idle_people": ("Läuft; einiges wartet auf Menschen", "It works; some records wait for a person"),
    "failed_once": ("Der letzte Versuch misslang", "The last attempt failed"),
    "running": ("Ein Lauf arbeitet", "A run is working"),
    "paused": ("Angehalten", "Paused"),
    "failing": ("Es kommt nichts mehr an", "Nothing gets through any more"),
    "never_run": ("Noch nichts übertragen", "Nothing has been moved yet"),
    "standing_by": ("In Bereitschaft", "Standing by"),
    "no_service": ("Kein Dienst", "No service"),
    "idle_line": (
        "Der letzte Lauf ging gut aus; der nächste beginnt {next}.",
        "The last run ended well; the next begins {next}.",
    ),
    "idle_failed": (
        "Der letzte Versuch endete mit {code}: {means}. Der nächste beginnt {next}.",
        "The last attempt ended with {code}: {means}. The next begins {next}.",
    ),
    "running_line": (
        "„{command}“ auf {host} (Prozess {pid}) hält das Recht zu schreiben.",
        "`{command}` on {host} (process {pid}) holds the right to write.",
    ),
    "paused_line": (
        "Seit {since} beginnt nichts Geplantes, bis jemand fortsetzt.",
        "Since {since} nothing scheduled begins until somebody resumes.",
    ),
    "failing_login": (
        "Eine Anmeldung wird abgelehnt, oder ein Recht fehlt.",
        "A login is refused, or a permission is missing.",
    ),
    "failing_missed": (
        "{missed} geplante Zeiten hintereinander vergingen ohne Erfolg. Warum, sagen die Läufe unten.",
        "{missed} scheduled times in a row went by without a success. The runs below say why.",
    ),
    "never_run_line": (
        "Kein Lauf ist bisher mit Erfolg zu Ende gegangen. Der nächste beginnt {next}.",
        "No run has ended with success so far. The next begins {next}.",
    ),
    "standing_by_line": (
        "„{command}“ auf {host} (Prozess {pid}) macht die Arbeit; dieser Dienst übernimmt, wenn er ausfällt.",
        "`{command}` on {host} (process {pid}) does the work; this service takes over should it fail.",
    ),
    "no_service_line": (
        "Kein Dienst folgt gerade dem Zeitplan; es beginnt nichts von selbst.",
        "No service follows the schedule at the moment; nothing begins by itself.",
    ),
    "after_this": ("nach diesem Lauf", "after this run"),
    "now": ("jetzt", "now"),
    "at": ("am {moment}", "at {moment}"),
    "in_minutes": ("um {time} (in {minutes} min)", "at {time} (in {minutes} min)"),
    "refreshing": ("Diese Seite lädt sich alle {seconds} s neu.", "This page reloads every {seconds} s."),
    "stop_refreshing": ("Nicht mehr neu laden", "Stop reloading"),
    # -- buttons -----------------------------------------------------------------------------------------------------
    "controls": ("Steuern", "Controls"),
    "sync_now": ("Jetzt abgleichen", "Sync now"),
    "pause": ("Anhalten", "Pause"),
    "resume": ("Fortsetzen", "Resume"),
    "asked": (
        "Ein Abgleich ist verlangt und beginnt in Sekunden, sobald kein anderer Lauf arbeitet.",
        "A sync was asked for; it begins within seconds, as soon as no other run is working.",
    ),
    "did_sync_now": ("Verlangt: Ein Abgleich beginnt gleich.", "Done: a sync will begin in a moment."),
    "did_pause": ("Angehalten: Geplantes beginnt nicht mehr.", "Done: nothing scheduled begins any more."),
    "did_resume": ("Fortgesetzt: Der Zeitplan gilt wieder.", "Done: the schedule counts again."),
    # -- key figures -------------------------------------------------------------------------------------------------
    "next_sync": ("Nächster Abgleich", "Next sync"),
    "last_run": ("Letzter Lauf", "Last run"),
    "last_success": ("Letzter Erfolg", "Last success"),
    "last_audit": ("Letzte Prüfung", "Last audit"),
    "waiting": ("Warten auf Menschen", "Wait for a person"),
    "mapped": ("Zugeordnete Stunden", "Hours mapped"),
    "none": ("–", "–"),
    "in_moco": ("{count} in MOCO", "{count} in MOCO"),
    "read_in_all": (
        ("Der eine Eintrag ist verbucht", "Alle {count} Einträge sind verbucht"),
        ("The one record is accounted for", "All {count} records are accounted for"),
    ),
    "known": (
        ("{count} Zeiteintrag mit {hours} h aus ActiveCollab", "{count} Zeiteinträge mit {hours} h aus ActiveCollab"),
        (
            "{count} time record with {hours} h from ActiveCollab",
            "{count} time records with {hours} h from ActiveCollab",
        ),
    ),
    "not_all_done": (
        ("{count} Eintrag, noch nicht fertig", "{count} Einträge, noch nicht fertig"),
        ("{count} record, not finished yet", "{count} records, not finished yet"),
    ),
    "not_scheduled": ("keiner geplant", "none scheduled"),
    "goes_on": ("läuft noch, oder wurde abgebrochen", "goes on, or was killed"),
    "records_hours": (
        ("{count} Eintrag, {hours} h", "{count} Einträge, {hours} h"),
        ("{count} record, {hours} h", "{count} records, {hours} h"),
    ),
    # -- runs --------------------------------------------------------------------------------------------------------
    "runs": ("Läufe", "Runs"),
    "runs_none": ("Es ist noch nichts gelaufen. So fängt es an:", "Nothing has run yet. This is how it begins:"),
    "run": ("Lauf", "Run"),
    "verdict": ("Urteil", "Verdict"),
    "more_runs": ("Mehr über einen Lauf:", "More about a run:"),
    "earlier_runs": (
        ("{count} früherer Lauf", "{count} frühere Läufe"),
        ("{count} earlier run", "{count} earlier runs"),
    ),
    "next_steps": ("Als Nächstes:", "Next:"),
    "exit_0": ("alles erledigt", "all done"),
    "exit_1": ("Fehler", "an error"),
    "exit_2": ("falsche Einstellung oder falscher Aufruf", "wrong configuration or usage"),
    "exit_3": ("fertig; einiges wartet auf Menschen", "finished; some records wait for a person"),
    "exit_4": ("Unterschiede gefunden", "differences found"),
    "exit_5": ("vorübergehend gestört", "a temporary failure"),
    "exit_6": ("die Bücher gehen nicht auf", "the books do not balance"),
    "exit_7": ("von einer Sicherung angehalten", "stopped by a safety gate"),
    "exit_8": ("an einer gesetzten Grenze angehalten", "stopped at a limit that was set"),
    "exit_10": ("Datenbank nicht bereit", "the database is not ready"),
    "exit_11": ("ein anderer Lauf arbeitete", "another run was working"),
    "exit_12": ("Anmeldung abgelehnt", "login refused"),
    "exit_130": ("unterbrochen", "interrupted"),
    # -- the inbox ---------------------------------------------------------------------------------------------------
    "inbox": ("Offene Punkte", "Inbox"),
    "inbox_empty": ("Nichts wartet auf einen Menschen.", "Nothing waits for a person."),
    "inbox_why": ("Was wartet, und was es löst", "What waits, and what resolves it"),
    "inbox_all": ("Alle ({count})", "All ({count})"),
    "inbox_more": ("Weitere", "More"),
    "inbox_first": ("Von vorn", "From the beginning"),
    "inbox_back": ("Zurück zur Übersicht", "Back to the overview"),
    "these": (("Diesen ansehen", "Alle {count} ansehen"), ("See it", "See all {count}")),
    "since": ("seit", "since"),
    "record": ("Eintrag {id}", "record {id}"),
    "copy_hint": (
        "Ein Klick auf einen Befehl markiert ihn ganz, zum Kopieren.",
        "A click on a command selects all of it, to be copied.",
    ),
    "map_export": ("Zuordnung als Tabelle schreiben und ergänzen", "write the mapping as a table, and complete it"),
    "map_apply": ("die ergänzte Tabelle gelten lassen", "put the completed table into force"),
    "provision": ("anlegen, was fehlt", "create what is missing"),
    "sync_again": ("abgleichen", "sync"),
    "read_again": ("ActiveCollab noch einmal lesen", "read ActiveCollab again"),
    "plan_again": ("neu planen", "plan anew"),
    "apply_last": ("und ausführen", "and carry it out"),
    "look": ("beide Seiten ansehen", "look at both sides"),
    "accept": ("so lassen, wie es in MOCO ist", "leave MOCO as it is"),
    "keep_source": ("ActiveCollab gilt: der nächste Lauf schreibt es", "ActiveCollab counts: the next run writes it"),
    "billed_again": ("noch einmal als abgerechnet markieren", "mark as billed once more"),
    "retry": ("noch einmal an MOCO senden lassen", "have it sent to MOCO once more"),
    "retry_all": ("alles noch einmal senden lassen", "have all of it sent once more"),
    "may_create": (
        "Anlegen, oder mapping.create erlauben:",
        "Create it, or let mapping.create allow that:",
    ),
    "unarchive": (
        'In MOCO aus dem Archiv holen, oder policy.archived_projects = "reopen"; dann:',
        'Take it out of MOCO\'s archive, or set policy.archived_projects = "reopen"; then:',
    ),
    "activate_task": ("Die Leistung in MOCO wieder aktivieren; dann:", "Make the task active again in MOCO; then:"),
    "give_worker": (
        "In ActiveCollab klären, wessen Zeit es ist; dann:",
        "Find out in ActiveCollab whose time it is; then:",
    ),
    "correct_source": (
        "In ActiveCollab oder der Datei berichtigen; dann:",
        "Correct it in ActiveCollab, or in the file; then:",
    ),
    "in_two_days": (
        "Geht von selbst, sobald der Tag lange genug vorbei ist:",
        "Goes by itself as soon as the day is long enough past:",
    ),
    "mend_in_moco": ("Zuerst in MOCO beheben, was MOCO nennt; dann:", "First mend in MOCO what MOCO names; then:"),
    "give_back_marker": (
        "Dem Eintrag in MOCO seine eigene Kennung zurückgeben, oder:",
        "Give the activity in MOCO its own marker back, or:",
    ),
    "delete_copies": ("Die überzähligen Buchungen in MOCO löschen, oder:", "Delete the copies in MOCO, or:"),
    "cancel_invoice": ("Die Rechnung in MOCO stornieren, oder:", "Cancel the invoice in MOCO, or:"),
    "reopen_in_moco": ("In MOCO wieder als offen markieren, oder:", "Mark it as open again in MOCO, or:"),
    # -- the mapping -------------------------------------------------------------------------------------------------
    "mapping": ("Zuordnung", "Mapping"),
    "mapping_none": ("Es ist keine Zeit gelesen, die zuzuordnen wäre.", "There is no time that could be mapped yet."),
    "mapping_soon": (
        "Wird gerade ausgerechnet; nach dem nächsten Laden der Seite steht es hier.",
        "It is being worked out; the next load of this page shows it.",
    ),
    "mapping_whole": ("Alle Stunden sind zugeordnet (Fassung {version}).", "All hours are mapped (version {version})."),
    "mapping_part": (
        "{mapped} h sind zugeordnet, {unmapped} h nicht (Fassung {version}).",
        "{mapped} h are mapped, {unmapped} h are not (version {version}).",
    ),
    "holes": ("Was fehlt, nach Stunden", "What is missing, by hours"),
    "more_holes": ("… und {count} weitere", "… and {count} more"),
    "close_holes": ("So werden sie zugeordnet:", "This is how they are mapped:"),
    # -- the report --------------------------------------------------------------------------------------------------
    "report": ("Letzter Bericht", "Latest report"),
    "report_none": ("Es gibt noch keinen Bericht. So entsteht einer:", "There is no report yet. This makes one:"),
    "report_made": ("Erstellt am {moment} von {who}, über Lauf {run}", "Made at {moment} by {who}, about run {run}"),
    "report_where": ("Verzeichnis", "Directory"),
    "fingerprint": ("Fingerabdruck", "Fingerprint"),
    "agree": ("stimmt überein", "agrees"),
    "agree_but": ("stimmt überein, mit offenen Punkten", "agrees, but something is open"),
    "differ": ("weicht ab", "differs"),
    "unproved": ("nicht bewiesen", "not proved"),
    # -- the door ----------------------------------------------------------------------------------------------------
    "login": ("Anmelden", "Log in"),
    "token": ("Zugangstoken", "Token"),
    "token_hint": ("Es steht in der Konfiguration: web.token", "It stands in the configuration: web.token"),
    "wrong_token": ("Dieses Zugangstoken stimmt nicht.", "This token is wrong."),
    "refused": ("Das geht so nicht", "That is not possible"),
    "WRONG_HOST": (
        "Diese Seite wurde unter einem fremden Namen aufgerufen. "
        "Ohne web.token antwortet sie nur unter localhost und 127.0.0.1.",
        "This page was called by a foreign name. Without web.token it answers by localhost and 127.0.0.1 only.",
    ),
    "NOT_FROM_HERE": (
        "Ohne web.token ist diese Seite nur von diesem Rechner aus zu sehen, nicht über einen Proxy.",
        "Without web.token this page can be seen from this machine only, and not through a proxy.",
    ),
    "LOGIN_NEEDED": ("Das Zugangstoken fehlt oder ist falsch.", "The token is missing or wrong."),
    "TOO_MANY_GUESSES": (
        "Zu viele falsche Versuche. Bitte eine Minute warten.",
        "Too many wrong tokens. Please wait a minute.",
    ),
    "FOREIGN_FORM": (
        "Dieser Knopf kam nicht von der Seite, die jetzt offen ist. Bitte neu laden und noch einmal drücken.",
        "This button did not come from the page that is open now. Please reload it, and press again.",
    ),
    "NO_DATABASE": (
        "Die Datenbank ist gerade nicht zu erreichen. Der Dienst wartet auf sie; diese Seite lädt sich neu.",
        "The database cannot be reached at the moment. The service waits for it; this page reloads.",
    ),
    "overview": ("Zur Übersicht", "To the overview"),
}
"""German, English; `{name}` is filled in."""
