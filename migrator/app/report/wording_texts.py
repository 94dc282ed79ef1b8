"""The texts of the report, German and English beside each other; two forms where a number decides."""

from __future__ import annotations

from collections.abc import Mapping

Forms = str | tuple[str, str]
"""A text, or two of them: for exactly one, and for any other number."""

TEXTS: Mapping[str, tuple[Forms, Forms]] = {
    # -- the frame -------------------------------------------------------------------------------------------------
    "skip": ("Zum Inhalt springen", "Skip to the content"),
    "contents": ("Inhalt", "Contents"),
    "over": ("Arbeitszeiten von ActiveCollab nach MOCO", "Working time from ActiveCollab to MOCO"),
    "title": ("Abstimmungsbericht", "Reconciliation report"),
    "foot": ("Erstellt mit migrator {version} am {moment}.", "Made with migrator {version} on {moment}."),
    "back": ("← Zurück zum Bericht", "← Back to the report"),
    "page": ("Seite {page}", "page {page}"),
    "rows": ("Einzelne Einträge", "Single records"),
    "as_table": ("Dieselben Zahlen als Tabelle", "The same figures as a table"),
    "table_of": ("{title}, als Tabelle", "{title}, as a table"),
    "rest": (
        ("{count} weitere Zeile steht nicht hier.", "{count} weitere Zeilen stehen nicht hier."),
        ("{count} more row is not shown here.", "{count} more rows are not shown here."),
    ),
    "rest_file": ("Hier sind alle.", "All of them are here."),
    "rest_sheet": ("Alle stehen in der Tabelle (XLSX).", "All of them are in the spreadsheet (XLSX)."),
    # -- small words -----------------------------------------------------------------------------------------------
    "none": ("keiner", "none"),
    "nobody": ("niemand genannt", "nobody named"),
    "no_customer": ("(ohne Kunde)", "(no customer)"),
    "no_project": ("(ohne Projekt)", "(no project)"),
    "no_person": ("(ohne Person)", "(no person)"),
    "no_currency": ("(Währung nicht genannt)", "(currency not named)"),
    "no_records": ("Es gibt keine Einträge.", "There are no records."),
    "records": (("{count} Eintrag", "{count} Einträge"), ("{count} record", "{count} records")),
    "seconds": (("{count} Sekunde", "{count} Sekunden"), ("{count} second", "{count} seconds")),
    "others": (
        ("{count} weitere Person", "{count} weitere Personen"),
        ("{count} other person", "{count} other people"),
    ),
    "quarter": ("Q", "Q"),
    "open": ("offen", "open"),
    "explained": ("erklärt", "explained"),
    "unexplained": ("nicht erklärt", "unexplained"),
    "sum": ("Summe", "Total"),
    # -- the first screen ------------------------------------------------------------------------------------------
    "verdict_of": (
        ("Der eine Eintrag ist gezählt:", "Alle {count} Einträge sind gezählt:"),
        ("The one record is accounted for:", "All {count} records are accounted for:"),
    ),
    "verdict_in_moco": ("{count} in MOCO", "{count} in MOCO"),
    "verdict_left_out": ("{count} durch eine Regel ausgelassen", "{count} left out by a rule"),
    "verdict_held": ("{count} zurückgestellt", "{count} held"),
    "verdict_conflicts": ("{count} im Widerspruch", "{count} in conflict"),
    "verdict_refused": ("{count} von MOCO abgelehnt", "{count} refused by MOCO"),
    "verdict_rejected": ("{count} unlesbar", "{count} unusable"),
    "verdict_pending": ("{count} noch nicht übertragen", "{count} not moved yet"),
    "verdict_unexplained": (
        ("{count} Sekunde ist nicht erklärt.", "{count} Sekunden sind nicht erklärt."),
        ("{count} second is unexplained.", "{count} seconds are unexplained."),
    ),
    "apart_is": ("Die Differenz besteht aus:", "The difference is made of:"),
    "key_source": ("Stunden in ActiveCollab", "Hours in ActiveCollab"),
    "key_target": ("Stunden in MOCO", "Hours in MOCO"),
    "key_apart": ("Differenz (MOCO − ActiveCollab)", "Difference (MOCO − ActiveCollab)"),
    "key_unexplained": ("davon nicht erklärt", "of these unexplained"),
    "key_open": ("Warten auf Entscheidung", "Wait for a decision"),
    "key_open_note": ("siehe „Ausnahmen“", "see “Exceptions”"),
    "of_plan": ("Umfang", "Scope"),
    "of_plan_number": ("nur die Einträge von Plan {plan}", "only the records of plan {plan}"),
    "unplaced": (
        (
            "{count} unlesbarer Eintrag steht unter „Ausnahmen“ und in keiner Summe: von ihm ist keine lesbare "
            "Fassung bekannt.",
            "{count} unlesbare Einträge stehen unter „Ausnahmen“ und in keiner Summe: von ihnen ist keine lesbare "
            "Fassung bekannt.",
        ),
        (
            "{count} unusable record is listed under “Exceptions” and in no total: no readable copy of it is known.",
            "{count} unusable records are listed under “Exceptions” and in no total: no readable copy of them is "
            "known.",
        ),
    ),
    "period": ("Zeitraum", "Period"),
    "extract": ("Gelesen", "Read"),
    "never_read": ("Noch nie ganz gelesen", "Never read whole"),
    "whole": ("vollständig gelesen", "read completely"),
    "not_whole": ("Vollständigkeit nicht bewiesen", "completeness not proved"),
    "whole_files": (
        "jede Datei bis zum Ende gelesen; was in ihnen fehlt, zeigen nur Kontrollsummen",
        "every file read to its end; what is missing from them only control totals show",
    ),
    "control_outdated": (
        "mit Kontrollsummen verglichen, bevor sich das Gelesene änderte: bitte neu vergleichen",
        "compared with control totals before what was read changed: please compare again",
    ),
    "of_plan_only": (
        "Das gilt nur für die Einträge von Plan {plan}, nicht für ganz ActiveCollab.",
        "This is about the records of plan {plan} only, not about all of ActiveCollab.",
    ),
    "control_none": ("von niemandem mit Kontrollsummen verglichen", "compared with control totals by nobody"),
    "control_met": ("mit Kontrollsummen verglichen", "compared with control totals"),
    "made": ("Bericht erstellt von", "Report made by"),
    "program": ("Programm", "Program"),
    "run": ("Lauf", "Run"),
    "run_number": ("Nr. {id}", "No. {id}"),
    "run_not_ended": ("nicht beendet", "not ended"),
    "as_of": ("Stichtag für offene Stunden", "Open hours as of"),
    "mapping": ("Zuordnung", "Mapping"),
    "mapping_version": ("Fassung {version}", "version {version}"),
    "fingerprint": ("Fingerabdruck", "Fingerprint"),
    # -- columns ---------------------------------------------------------------------------------------------------
    "outcome": ("Verbleib", "Outcome"),
    "col_records": ("Einträge", "Records"),
    "col_hours": ("Stunden", "Hours"),
    "col_share": ("Anteil", "Share"),
    "col_source": ("ActiveCollab (h)", "ActiveCollab (h)"),
    "col_target": ("MOCO (h)", "MOCO (h)"),
    "col_apart": ("Differenz (h)", "Difference (h)"),
    "col_why": ("Grund", "Reason"),
    "col_customer": ("Kunde", "Customer"),
    "col_project": ("Projekt", "Project"),
    "col_project_month": ("Projekt und Monat", "Project and month"),
    "col_month": ("Monat", "Month"),
    "col_day": ("Tag", "Day"),
    "col_place": ("Kunde, Projekt", "Customer, project"),
    "col_person": ("Person", "Person"),
    "col_status": ("ActiveCollab → MOCO", "ActiveCollab → MOCO"),
    "col_source_id": ("Eintrag in ActiveCollab", "Record in ActiveCollab"),
    "col_target_id": ("Eintrag in MOCO", "Activity in MOCO"),
    "col_both_ids": ("Einträge", "Records"),
    "col_kind": ("Art", "Kind"),
    "col_id": ("Nr.", "No."),
    "col_disposition": ("Entscheidung", "Disposition"),
    "col_name": ("Name", "Name"),
    "col_date": ("Datum", "Date"),
    "col_rule": ("Regel", "Rule"),
    "col_code": ("Kürzel", "Code"),
    "col_what": ("Was", "What"),
    "col_note": ("Bemerkung", "Note"),
    # -- the books -------------------------------------------------------------------------------------------------
    "h_books": ("Verbleib aller Einträge", "Where every record is"),
    "books_lead": (
        "Jeder Eintrag aus ActiveCollab steht in genau einer Zeile. Nichts verschwindet stillschweigend.",
        "Each record of ActiveCollab is in exactly one row. Nothing disappears silently.",
    ),
    "chart_coverage": ("Was aus den Stunden geworden ist", "What became of the hours"),
    "cover_in_moco": ("in MOCO", "in MOCO"),
    "cover_left_out": ("durch eine Regel ausgelassen", "left out by a rule"),
    "cover_waits": ("wartet auf eine Entscheidung", "waits for a decision"),
    "cover_pending": ("noch nicht übertragen", "not moved yet"),
    # -- control totals --------------------------------------------------------------------------------------------
    "h_totals": ("Kontrollsummen", "Control totals"),
    "totals_lead": (
        "Stunden je Kunde, Projekt und Monat auf beiden Seiten; darunter genau, als Stunden:Minuten. Die Differenz "
        "ist MOCO minus ActiveCollab, der Grund zerlegt sie nach Regeln. In MOCO zählt nur, was zu Einträgen aus "
        "ActiveCollab gehört; was dort selbst gebucht wurde, steht unter „Offene abrechenbare Stunden“.",
        "Hours per customer, project and month on both sides; below them exactly, as hours:minutes. The difference is "
        "MOCO less ActiveCollab, the reason splits it by rule. Of MOCO only what belongs to records of ActiveCollab "
        "counts; what was booked there itself is under “Open billable hours”.",
    ),
    "by_customer": ("Je Kunde", "Per customer"),
    "by_project": ("Je Projekt und Monat", "Per project and month"),
    "by_project_of": ("Projekte des {number}. Kunden", "Projects of customer {number}"),
    "by_month": ("Je Monat", "Per month"),
    "project_link": (
        "Der Name eines Projekts führt zu seinen einzelnen Einträgen.",
        "The name of a project leads to its single records.",
    ),
    "project_link_months": (
        "Der Name eines Projekts führt zu seinen Monaten und einzelnen Einträgen.",
        "The name of a project leads to its months and single records.",
    ),
    "all_projects": ("Verzeichnis aller Projekte", "Index of all projects"),
    "too_many_projects": (
        ("Das eine Projekt steht in einer eigenen Datei:", "Die {count} Projekte stehen in eigenen Dateien:"),
        ("The one project is in a file of its own:", "The {count} projects are in files of their own:"),
    ),
    "project_sums": (
        (
            "{count} Eintrag: {source} h in ActiveCollab, {target} h in MOCO",
            "{count} Einträge: {source} h in ActiveCollab, {target} h in MOCO",
        ),
        (
            "{count} record: {source} h in ActiveCollab, {target} h in MOCO",
            "{count} records: {source} h in ActiveCollab, {target} h in MOCO",
        ),
    ),
    "chart_months": ("Stunden je Monat auf beiden Seiten", "Hours per month on both sides"),
    "chart_quarters": ("Stunden je Quartal auf beiden Seiten", "Hours per quarter on both sides"),
    "chart_years": ("Stunden je Jahr auf beiden Seiten", "Hours per year on both sides"),
    "chart_description": (
        (
            "{count} Balkenpaar. {most}: {source} in ActiveCollab, {target} in MOCO.",
            "{count} Balkenpaare. Am meisten hat {most}: {source} in ActiveCollab, {target} in MOCO. "
            "Verschieden sind beide Seiten bei {apart} davon.",
        ),
        (
            "{count} pair of bars. {most}: {source} in ActiveCollab, {target} in MOCO.",
            "{count} pairs of bars. The most has {most}: {source} in ActiveCollab, {target} in MOCO. "
            "The sides differ in {apart} of them.",
        ),
    ),
    # -- people ----------------------------------------------------------------------------------------------------
    "h_people": ("Wessen Stunden", "Whose hours"),
    "people_lead": (
        "Stunden der Person, die gearbeitet hat; wer in MOCO auf eine Vertretung gebucht ist, steht hier unter "
        "eigenem Namen.",
        "Hours of the person who did the work; who is booked on a stand-in in MOCO is listed under the own name.",
    ),
    "chart_people": ("Stunden je Person auf beiden Seiten", "Hours per person on both sides"),
    "stand_ins": ("Auf eine Vertretung gebucht", "Booked on a stand-in"),
    "stand_ins_lead": (
        "Für diese Personen gibt es in MOCO kein Konto; ihre Zeit ist auf eine andere Person gebucht, und ihr Name "
        "steht vor dem Text.",
        "These people have no account in MOCO; their time is booked on another person, and the text begins with their "
        "name.",
    ),
    "no_stand_ins": (
        "Niemandes Zeit ist auf eine andere Person gebucht.",
        "Nobody's time is booked on another person.",
    ),
    "stand_in_tag": ("auf Vertretung", "on a stand-in"),
    "col_worker": ("Gearbeitet hat", "Who worked"),
    "col_booked_on": ("Gebucht auf", "Booked on"),
    "col_decided": ("Entschieden von", "Decided by"),
    # -- differences -----------------------------------------------------------------------------------------------
    "h_differences": ("Unterschiede", "Differences"),
    "differences_lead": (
        (
            "{count} Eintrag ist nicht auf beiden Seiten gleich.",
            "{count} Einträge sind nicht auf beiden Seiten gleich: zuerst die ohne Erklärung, dann die größten.",
        ),
        (
            "{count} record is not the same on both sides.",
            "{count} records are not the same on both sides: those without an explanation first, then the largest.",
        ),
    ),
    "find_in_moco": (
        "Einen Eintrag in MOCO finden Sie über Person und Tag; seine Nummer belegt, welcher gemeint ist.",
        "Find an activity in MOCO by person and day; its number proves which one is meant.",
    ),
    "project_in_moco": ("Projekt öffnen", "open project"),
    "no_differences": ("Es gibt keine Unterschiede.", "There are no differences."),
    "chart_kinds": ("Unterschiede nach Art", "Differences by kind"),
    # -- exceptions ------------------------------------------------------------------------------------------------
    "h_exceptions": ("Ausnahmen", "Exceptions"),
    "exceptions_lead": (
        "Diese Einträge warten auf eine Entscheidung. Tragen Sie Entscheidung, Name und Datum ein, hier auf Papier "
        "oder in der "
        "Tabelle (XLSX); aus der Tabelle lassen sich die Entscheidungen wieder einlesen.",
        "These records wait for a decision. Fill in disposition, name and date, here on paper or in the spreadsheet "
        "(XLSX); "
        "dispositions can be read back from the spreadsheet.",
    ),
    "dispositions": ("Was die Entscheidungen bewirken", "What the dispositions do"),
    "scroll_hint": (
        "Ist eine Tabelle breiter als das Fenster, verblasst sie am Rand: dort seitwärts rollen.",
        "Where a table is wider than the window, it fades at the edge: scroll sideways there.",
    ),
    "keep_source": ("ActiveCollab gilt", "keep source: ActiveCollab counts"),
    "keep_target": ("MOCO gilt", "keep target: MOCO counts"),
    "since": ("seit {moment}", "since {moment}"),
    "not_in_inbox": (
        "noch nicht im Eingang: erst „migrator sync“ laufen lassen, dann den Bericht neu erstellen",
        "not in the inbox yet: run `migrator sync`, then make the report anew",
    ),
    "no_exceptions": ("Nichts wartet auf eine Entscheidung.", "Nothing waits for a decision."),
    # -- what may be invoiced --------------------------------------------------------------------------------------
    "h_invoicing": ("Offene abrechenbare Stunden", "Open billable hours"),
    "invoicing_lead": (
        "Was am {day} noch niemand in Rechnung gestellt hat, und wo es in Rechnung gestellt werden darf. Was in MOCO "
        "offen ist, steht bei dem Kunden, den MOCO dafür nennt.",
        "What nobody had invoiced by {day}, and where it may be invoiced. What is open in MOCO stands under the "
        "customer that MOCO has it for.",
    ),
    "invoice_in_moco": (
        "In MOCO abrechnen: Stunden, die dort offen und in ActiveCollab abrechenbar sind, und offene Stunden, die in "
        "MOCO selbst gebucht wurden.",
        "Invoice in MOCO: hours that are open there and billable in ActiveCollab, and open hours that were booked in "
        "MOCO itself.",
    ),
    "invoice_in_activecollab": (
        "Nur in ActiveCollab offen: nicht in MOCO vorhanden (zurückgestellt, ausgelassen, nach der Umstellung). Erst "
        "klären, dann abrechnen.",
        "Open in ActiveCollab only: not in MOCO (held, left out, after the cut-over). Settle these before invoicing.",
    ),
    "invoice_settled": (
        "In MOCO erledigt: in ActiveCollab offen, in MOCO abgerechnet oder nicht abrechenbar.",
        "Settled in MOCO: open in ActiveCollab, but billed or not billable in MOCO.",
    ),
    "invoice_nowhere": (
        "Nicht noch einmal abrechnen: in ActiveCollab schon bezahlt, in MOCO noch offen. „migrator billed“ "
        "kennzeichnet sie in MOCO.",
        "Do not invoice again: paid in ActiveCollab already, still open in MOCO. “migrator billed” marks them in MOCO.",
    ),
    "invoice_pending": (
        "In Rechnung: in ActiveCollab berechnet, aber noch nicht bezahlt, wie auch immer MOCO es führt. Nicht noch "
        "einmal abrechnen.",
        "Pending payment: invoiced in ActiveCollab and not paid yet, however MOCO holds it. Do not invoice again.",
    ),
    "h_open_rest": ("In MOCO offen, vor dem Abrechnen zu prüfen", "Open in MOCO, to be looked at before invoicing"),
    "open_rest_lead": (
        "Offen in MOCO = übertragen + dort gebucht + schon bezahlt + die drei Spalten hier. Offen in ActiveCollab = "
        "übertragen − davon MOCO mehr + nur in ActiveCollab + in MOCO erledigt. „Davon MOCO mehr“ ist, was MOCO von "
        "dem, was auf beiden Seiten offen ist, mehr hat: durch eine andere Dauer, einen anderen Kunden oder einen "
        "anderen Tag.",
        "Open in MOCO = moved + booked there + paid already + the three columns here. Open in ActiveCollab = moved − "
        "of that more in MOCO + ActiveCollab only + settled in MOCO. “Of that more in MOCO” is how much more MOCO has "
        "of what is open on both sides: by another duration, another customer or another day.",
    ),
    "col_pending_in_moco": ("In Rechnung, in MOCO offen (h)", "Pending payment, open in MOCO (h)"),
    "col_made_billable": ("In ActiveCollab nicht abrechenbar (h)", "Not billable in ActiveCollab (h)"),
    "col_without_record": (
        "Doppelt, ohne Eintrag oder in ActiveCollab gelöscht (h)",
        "Twice, without a record or deleted in ActiveCollab (h)",
    ),
    "col_open_apart": ("Davon MOCO mehr (h)", "Of that more in MOCO (h)"),
    "only_in_moco": ("nur in MOCO", "only in MOCO"),
    "now_in_moco": ("in MOCO jetzt:", "in MOCO now:"),
    "col_open_in": ("Offen (h) in", "Open (h) in"),
    "col_invoice_moco": ("In MOCO abrechnen (h)", "Invoice in MOCO (h)"),
    "col_in_moco": ("übertragen", "moved"),
    "col_booked_in_moco": ("dort gebucht", "booked there"),
    "col_only_source": ("Nur in ActiveCollab (h)", "ActiveCollab only (h)"),
    "col_settled": ("In ActiveCollab offen, in MOCO erledigt (h)", "Open in ActiveCollab, settled in MOCO (h)"),
    "no_status": ("nur in MOCO", "only in MOCO"),
    "col_invoiced_already": ("Schon bezahlt, in MOCO offen (h)", "Paid already, open in MOCO (h)"),
    "col_pending": ("In Rechnung (h)", "Pending payment (h)"),
    "h_status": ("Status auf beiden Seiten", "Status on both sides"),
    "status_lead": (
        "Stunden nach dem Status in ActiveCollab (Zeilen) und danach, wie MOCO sie führt (Spalten), je Geschäftsjahr.",
        "Hours by status in ActiveCollab (rows) and by how MOCO holds them (columns), per fiscal year.",
    ),
    "fiscal_year": ("Geschäftsjahr {year}", "Fiscal year {year}"),
    # -- beside ----------------------------------------------------------------------------------------------------
    "h_beside": ("Ausgelassen, verborgen, außerhalb", "Left out, hidden, outside"),
    "left_out": ("Durch eine Regel ausgelassen", "Left out by a rule"),
    "left_out_lead": (
        "Diese Einträge sind mit Absicht nicht in MOCO.",
        "These records are not in MOCO, on purpose.",
    ),
    "nothing_left_out": ("Keine Regel hat etwas ausgelassen.", "No rule left anything out."),
    "unseen": ("Verborgen, im Papierkorb, gelöscht", "Hidden, trashed, deleted"),
    "unseen_lead": (
        "Sie sind in den Summen oben enthalten, soweit sie zum Bestand gehören, und stehen hier noch einmal für sich.",
        "They are part of the totals above as far as they belong to the books, and are told apart here.",
    ),
    "invisible": ("in ActiveCollab nicht für alle sichtbar", "not visible to everybody in ActiveCollab"),
    "trashed": ("in ActiveCollab im Papierkorb", "in ActiveCollab's trash"),
    "deleted": ("in ActiveCollab gelöscht", "deleted in ActiveCollab"),
    "vanished": (
        "von ActiveCollab nicht mehr gezeigt, Löschung nicht bewiesen",
        "no longer shown by ActiveCollab, deletion not proved",
    ),
    "edited_in_target": ("in MOCO von Hand geändert", "edited by hand in MOCO"),
    "superseded": ("ältere Abzüge desselben Eintrags, ersetzt", "older copies of a record, superseded"),
    "outside": ("Nicht Teil der Übertragung", "Not part of the move"),
    "outside_lead": (
        "Übertragen werden Zeiten. Stundensätze, Beträge und Ausgaben werden nicht übertragen; die Ausgaben sind hier "
        "nur gezählt.",
        "Time is moved. Rates, amounts and expenses are not; expenses are only counted here.",
    ),
    "no_expenses": ("In ActiveCollab wurden keine Ausgaben gefunden.", "No expenses were found in ActiveCollab."),
    "col_currency": ("Währung", "Currency"),
    "col_expenses": ("Ausgaben", "Expenses"),
    "col_amount": ("Betrag", "Amount"),
    # -- decisions -------------------------------------------------------------------------------------------------
    "h_decisions": ("Wer entschieden hat", "Who decided"),
    "col_step": ("Schritt", "Step"),
    "col_who": ("Wer", "Who"),
    "col_when": ("Wann", "When"),
    "col_run": ("Lauf", "Run"),
    "planned": ("geplant", "planned"),
    "approved": ("freigegeben", "approved"),
    "applied": ("übertragen", "applied"),
    "verified": ("geprüft", "verified"),
    "accepted": ("Unterschied angenommen", "difference accepted"),
    "nobody_planned": ("Kein Plan ist aufgezeichnet.", "No plan is on record."),
    "nobody_approved": ("Niemand hat eine Freigabe hinterlassen.", "Nobody left an approval."),
    "nobody_applied": ("Keine Übertragung ist aufgezeichnet.", "No move is on record."),
    "nobody_verified": ("Niemand hat geprüft.", "Nobody verified."),
    "nobody_accepted": ("Kein Unterschied wurde angenommen.", "No difference was accepted."),
    "h_completeness": ("Vollständigkeit", "Completeness"),
    "nobody_checked": (
        "Niemand hat das Gelesene mit Kontrollsummen aus ActiveCollab verglichen. Dass die Quelle vollständig ist, "
        "belegt nur, "
        "dass sie zu Ende gelesen wurde. (migrator verify --control DATEI.csv holt den Vergleich nach.)",
        "Nobody compared what was read with control totals of ActiveCollab. That the source is complete is only "
        "supported by "
        "its having been read to the end. (migrator verify --control FILE.csv makes that comparison.)",
    ),
    "control_agrees": (
        (
            "Die eine Kontrollsumme aus ActiveCollab wurde erreicht.",
            "Alle {count} Kontrollsummen aus ActiveCollab wurden erreicht.",
        ),
        ("The one control total of ActiveCollab was met.", "All {count} control totals of ActiveCollab were met."),
    ),
    "control_misses": (
        "Kontrollsummen aus ActiveCollab wurden nicht erreicht.",
        "Control totals of ActiveCollab were not met.",
    ),
    "control_from": ("Verglichen am {moment} mit", "Compared on {moment} with"),
    "col_control": ("Kontrollsumme", "Control total"),
    "col_expected": ("Laut ActiveCollab (h)", "By ActiveCollab (h)"),
    "col_read": ("Gelesen (h)", "Read (h)"),
    "col_met": ("Ergebnis", "Outcome"),
    "met": ("erreicht", "met"),
    "missed": ("nicht erreicht", "missed"),
    "h_mapping": ("Zuordnung", "Mapping"),
    "mapping_by": ("Erstellt von", "Made by"),
    "col_mapping": ("Was wie zugeordnet ist", "What is mapped how"),
    "col_rows": ("Zeilen", "Rows"),
    "h_before": ("Seit dem letzten Bericht", "Since the last report"),
    "before_lead": (
        "Der letzte Bericht ist vom {moment}, Fingerabdruck",
        "The last report is of {moment}, fingerprint",
    ),
    "first_report": ("Dies ist der erste Bericht.", "This is the first report."),
    "nothing_changed": ("In keinem Projekt haben sich die Stunden geändert.", "Hours changed in no project."),
    "changed_projects": ("Projekte mit geänderten Stunden", "Projects whose hours changed"),
    "change_source": ("Änderung in ActiveCollab (h)", "Change in ActiveCollab (h)"),
    "change_target": ("Änderung in MOCO (h)", "Change in MOCO (h)"),
    "col_then": ("Damals", "Then"),
    "col_now": ("Jetzt", "Now"),
    "col_change": ("Änderung", "Change"),
    # -- the ledger ------------------------------------------------------------------------------------------------
    "h_ledger": ("Rundung und Abweichungen", "Rounding ledger"),
    "ledger_lead": (
        "Von den Stunden, wie sie in ActiveCollab stehen, über die gelesenen und gesendeten Sekunden zu dem, was MOCO "
        "führt; "
        "die Regel erklärt den Unterschied.",
        "From the hours as written in ActiveCollab, through the seconds read and sent, to what MOCO holds; "
        "the rule explains the difference.",
    ),
    "ledger_unexplained": (
        ("{count} Sekunde ist nicht erklärt.", "{count} Sekunden sind nicht erklärt."),
        ("{count} second is unexplained.", "{count} seconds are unexplained."),
    ),
    "by_rule": ("Je Regel", "Per rule"),
    "ledger_rows": (
        "Je Projekt, Person und Monat, soweit verschieden",
        "Per project, person and month, where it differs",
    ),
    "ledger_all_same": ("Jede Sekunde ist auf beiden Seiten gleich.", "Every second is the same on both sides."),
    "ledger_whole": (
        ("Die ganze Aufstellung ({count} Zeile)", "Die ganze Aufstellung ({count} Zeilen)"),
        ("The whole ledger ({count} row)", "The whole ledger ({count} rows)"),
    ),
    "col_written": ("Stunden laut ActiveCollab", "Hours as written"),
    "col_read_seconds": ("gelesen (s)", "read (s)"),
    "col_sent": ("gesendet (s)", "sent (s)"),
    "col_stored": ("in MOCO (s)", "in MOCO (s)"),
    "col_apart_seconds": ("Differenz (s)", "Difference (s)"),
    # -- how to read it --------------------------------------------------------------------------------------------
    "h_reading": ("Wie dieser Bericht zu lesen ist", "How to read this report"),
    "read_apart": ("Differenz", "Difference"),
    "read_apart_text": (
        "Immer MOCO minus ActiveCollab. Ein Minus heißt: MOCO hat weniger. Einträge, die warten oder ausgelassen "
        "sind, fehlen in MOCO und "
        "stehen mit diesem Grund in der Differenz.",
        "Always MOCO less ActiveCollab. A minus means that MOCO has less. Records that wait or were left out are not "
        "in MOCO, and "
        "stand in the difference with that reason.",
    ),
    "read_hours": ("Stunden", "Hours"),
    "read_hours_text": (
        "Gerechnet wird in ganzen Sekunden; erst die Anzeige rundet auf Hundertstelstunden. Gerundete Zeilen können "
        "deshalb in der "
        "letzten Stelle von ihrer Summe abweichen; h:mm ist genau.",
        "All sums are made in whole seconds; only what is shown is rounded to hundredths of an hour. Rounded rows can "
        "therefore "
        "miss their total by the last digit; h:mm is exact.",
    ),
    "read_month": ("Monat", "Month"),
    "read_month_text": (
        "ActiveCollabs Stunden zählen in dem Monat, in dem sie dort stehen; MOCOs Stunden in dem, in dem MOCO sie "
        "führt.",
        "ActiveCollab's hours count in the month in which they stand there, MOCO's in the month in which MOCO holds "
        "them.",
    ),
    "read_order": ("Schnellste Prüfung", "The quickest check"),
    "read_order_text": (
        "Urteil und Gründe oben; dann „nicht erklärt“ gleich null; dann die Unterschiede; dann die Ausnahmen; dann "
        "„Vollständigkeit“.",
        "The verdict and its reasons on top; then “unexplained” being zero; then the differences; the exceptions; "
        "“Completeness”.",
    ),
    "read_people": ("Namen", "Names"),
    "read_people_text": (
        "Namen von Personen stehen im Bericht, E-Mail-Adressen nur auf ausdrücklichen Wunsch; sonst sind sie durch "
        "***@*** ersetzt.",
        "Names of people are part of the report, e-mail addresses only where they were asked for; otherwise ***@*** "
        "stands for them.",
    ),
    "read_proof": ("Nachweis", "Proof"),
    "read_proof_text": (
        "Der Fingerabdruck ist die SHA-256-Summe der Datei report.json (ohne ihn selbst), in der genau diese Zahlen "
        "stehen; ändert sich dort ein Zeichen, ändert er sich. Bewahren Sie beide zusammen auf. „migrator explain "
        "NUMMER“ zeigt den Weg eines einzelnen Eintrags, „migrator evidence“ packt alle Belege zum Aufbewahren.",
        "The fingerprint is the SHA-256 of report.json (without itself), which holds exactly these figures; change a "
        "character there, and it changes. Keep both together. “migrator explain NUMBER” shows the way of a single "
        "record, “migrator evidence” packs all proofs for keeping.",
    ),
    # -- the signature ---------------------------------------------------------------------------------------------
    "h_signature": ("Unterschriften", "Signatures"),
    "signature_lead": (
        "Die Unterzeichnenden haben diesen Bericht gelesen und nehmen die Übertragung in dem Zustand an, den er "
        "beschreibt.",
        "The undersigned have read this report and accept the migration in the state that it describes.",
    ),
    "fingerprint_lead": (
        "Der Fingerabdruck bindet die Unterschrift an diese Zahlen. Mit „migrator verify --against report.json“ lässt "
        "sich später zeigen, was sich seit der Unterschrift geändert hat.",
        "The fingerprint binds the signature to these figures. Later, “migrator verify --against report.json” shows "
        "what has changed since the signature.",
    ),
    "sign_migration": ("für die Durchführung", "for those who carried it out"),
    "sign_controlling": ("für das Controlling", "for controlling"),
    "sign_management": ("für die Geschäftsführung", "for the management"),
    "sign_name": ("Name", "Name"),
    "sign_place": ("Ort, Datum", "Place, date"),
    "sign_signature": ("Unterschrift", "Signature"),
}
