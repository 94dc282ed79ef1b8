"""What is said about one record, in German: sentences that are ours, known by their pattern; anything else stays."""

from __future__ import annotations

import re
from collections.abc import Mapping

from migrator.app.report.wording_terms import TERMS

SENTENCES: Mapping[str, str] = {
    "a write of an interrupted run is not settled yet": (
        "ein Schreibvorgang eines unterbrochenen Laufs ist noch nicht geklärt"
    ),
    "it was undone and is not created again until it is released": (
        "wurde zurückgenommen und wird erst nach einer Freigabe neu angelegt"
    ),
    "ActiveCollab did not list it any more, and nothing proves that it was deleted": (
        "ActiveCollab führt ihn nicht mehr auf, und nichts beweist, dass er gelöscht wurde"
    ),
    "it could not be established that MOCO does not have it yet": (
        "es ließ sich nicht feststellen, dass MOCO ihn noch nicht hat"
    ),
    "a duration of zero on a day this recent would start a timer in MOCO": (
        "eine Dauer von null an einem so nahen Tag würde in MOCO eine Stoppuhr starten"
    ),
    "its worker has no account in ActiveCollab": "die Person hat in ActiveCollab kein Konto",
    "the mapping says hold": "die Zuordnung sagt: zurückstellen",
    "several activities in MOCO carry its marker": "mehrere Einträge in MOCO tragen seine Kennung",
    "the activity in MOCO that carries its marker stands for another record": (
        "der Eintrag in MOCO mit seiner Kennung steht schon für einen anderen"
    ),
    "ActiveCollab's record was deleted, but its activity is still in MOCO": (
        "in ActiveCollab gelöscht, steht aber noch in MOCO"
    ),
    "its activity was deleted in MOCO; it is not created again by itself": (
        "in MOCO gelöscht; von selbst wird er nicht wieder angelegt"
    ),
    "a rule now leaves it out, but its activity is in MOCO": "eine Regel lässt ihn jetzt aus, er steht aber in MOCO",
    "an activity in MOCO carries its marker but says something else": (
        "ein Eintrag in MOCO trägt seine Kennung, sagt aber etwas anderes"
    ),
    "its worker changed, but the activity was edited or billed in MOCO": (
        "die Person hat gewechselt, der Eintrag in MOCO wurde aber bearbeitet oder abgerechnet"
    ),
    "it is no longer paid in ActiveCollab, but marked as billed in MOCO": (
        "in ActiveCollab nicht mehr bezahlt, in MOCO aber als abgerechnet gekennzeichnet"
    ),
    "it was changed in ActiveCollab and, differently, in MOCO": "in ActiveCollab geändert, und anders in MOCO",
    "it was changed in ActiveCollab, but its activity is billed in MOCO": (
        "in ActiveCollab geändert, in MOCO aber schon abgerechnet"
    ),
    "MOCO refused this change": "MOCO hat diese Änderung abgelehnt",
    "a person edited it in MOCO": "von Hand in MOCO geändert",
    "the scope leaves it out": "liegt außerhalb des vereinbarten Umfangs",
    "it is dated after the cut-over": "liegt nach der Umstellung",
    "a person accepted that both sides differ": "der Unterschied wurde angenommen",
    "MOCO does not hold it as ActiveCollab has it yet: run `migrator sync` first": (
        "MOCO hat ihn noch nicht so wie ActiveCollab: zuerst `migrator sync` laufen lassen"
    ),
    "MOCO refuses to mark it as billed": "MOCO kennzeichnet ihn nicht als abgerechnet",
    "everything": "alles",
}
"""`app/reasons.py` and what control totals are about."""

_PATTERNS = tuple(
    (re.compile(pattern, re.DOTALL), german)
    for pattern, german in (
        (r"copy of record (\d+)", "Kopie des Eintrags {}"),
        (r"record (\d+)", "Eintrag {}"),
        (r"record (\d+) is not known", "Eintrag {} ist in ActiveCollab nicht bekannt"),
        (r"(.*) is not mapped", "{} ist nicht zugeordnet"),
        (r"(.*) is mapped to hold", "{} ist nach der Zuordnung zurückgestellt"),
        (r"(.*) is still to be created in MOCO", "{} ist in MOCO noch anzulegen"),
        (r"(.*) is mapped to nothing: its row names no target", "{} ist nichts zugeordnet: die Zeile nennt kein Ziel"),
        (r"(.*) has no account in ActiveCollab", "{} hat kein Konto in ActiveCollab"),
        (
            r"(.*) is mapped to MOCO person (\d+), who is not there",
            "{} ist der Person {} in MOCO zugeordnet, die es dort nicht gibt",
        ),
        (
            r"(.*) is mapped to MOCO project (\d+), which is not there",
            "{} ist dem Projekt {} in MOCO zugeordnet, das es dort nicht gibt",
        ),
        (
            r"(.*) is mapped to MOCO task (\d+), which is not there",
            "{} ist der Leistung {} in MOCO zugeordnet, die es dort nicht gibt",
        ),
        (
            r"(.*) is mapped to MOCO task (\d+), which is not in (.*)",
            "{} ist der Leistung {} in MOCO zugeordnet, die nicht zu {} gehört",
        ),
        (r"(.*) is archived", "{} ist archiviert"),
        (r"task (.*) in (MOCO project .*) is inactive", "Leistung {} in {} ist nicht aktiv"),
        (r"task (.*) is missing in (.*)", "Leistung {} fehlt in {}"),
        (r"(MOCO person \d+ .*) is not assigned to (MOCO project .*)", "{} ist nicht zugewiesen: {}"),
        (r"(.*): time record( ?\d*): (\w+) (.*) cannot be used; expected (.*)", None),
    )
)
_THING = re.compile(r"(MOCO )?(user|person|company|project|task|job type) (\d+)(.*)", re.DOTALL)
_KINDS = {
    "user": "Person",
    "person": "Person",
    "company": "Kunde",
    "project": "Projekt",
    "task": "Aufgabe",
    "job type": "Tätigkeitsart",
}


def in_german(text: str) -> str:
    """A sentence about one record in German; one that is not ours, or that nobody put into German, as it is."""
    if text in SENTENCES:
        return SENTENCES[text]
    # "several words (what is particular about this record)", as `app/reasons.py` puts them together.
    sentence, parted, rest = text.partition(" (")
    if parted and rest.endswith(")") and sentence in SENTENCES:
        return f"{SENTENCES[sentence]} ({in_german(rest[:-1])})"
    names = text.split(", ")
    if all(name in TERMS for name in names):
        return ", ".join(TERMS[name][0] for name in names)
    for pattern, german in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _rejected(*found.groups()) if german is None else german.format(*map(_thing, found.groups()))
    return text


def _thing(name: str) -> str:
    """A thing of ours in German: "user 17 (Jo Doe)" is "Person 17 (Jo Doe)"."""
    found = _THING.fullmatch(name)
    return f"{found[1] or ''}{_KINDS[found[2]]} {found[3]}{found[4]}" if found else name


def _rejected(place: str, number: str, field: str, value: str, expected: str) -> str:
    return f"{place}: Zeiteintrag{number}: {field} {value} ist nicht zu verwenden; erwartet: {expected}"
