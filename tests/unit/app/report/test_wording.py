"""Both languages say the same things, about everything that a report can hold."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from string import Formatter

import pytest

import migrator.app.report
from migrator.app.inbox.meanings import meaning_of
from migrator.app.reasons import in_words
from migrator.app.report.wording import Language, Wording
from migrator.app.report.wording_dispositions import IN_GERMAN
from migrator.app.report.wording_plan import PLAN_TEXTS
from migrator.app.report.wording_reasons import REASONS
from migrator.app.report.wording_terms import TERMS
from migrator.app.report.wording_texts import TEXTS
from migrator.core.actions import ConflictReason, HoldReason, KeepReason, SkipReason, Word
from migrator.core.compare import DifferenceKind
from migrator.core.fingerprint import values
from migrator.core.model import Billing, Origin, Rejected, SourceId
from migrator.core.report.figures import Agreement
from migrator.core.report.line import Rule, TargetState
from migrator.store.inbox import ItemKind, NewItem
from tests.unit.core.builders import a_booking

FOLDER = Path(migrator.app.report.__file__).parent


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_fill_in_the_same_values() -> None:
    for key, both in TEXTS.items():
        german, english = ((forms,) if isinstance(forms, str) else forms for forms in both)
        assert set().union(*map(_named, german)) == set().union(*map(_named, english)), key
        for forms in (german, english):
            assert all(form and form.strip() == form for form in forms), key
            # A form for one may say the number in words, a form for many never.
            assert len(forms) == 1 or "count" in _named(forms[-1]), key


def test_every_text_is_used_and_every_text_that_is_used_exists() -> None:
    sources = [*FOLDER.glob("templates/*.html"), *FOLDER.glob("html*.py")]
    written = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    quoted = set(re.findall(r"""["']([a-z_]+)["']""", written))
    built = {f"{start}{end}" for start in ("h_", "nobody_", "chart_") for end in quoted}
    built |= {f"{start}_text" for start in quoted}
    assert {key for key in TEXTS if key not in quoted | built} == set()
    assert set(re.findall(r"""\bsay\(["']([a-z_]+)["'][,)]""", written)) <= set(TEXTS) | set(PLAN_TEXTS)


@pytest.mark.parametrize("kind", [Agreement, Billing, TargetState, Word, Rule, DifferenceKind])
def test_every_member_has_a_name_of_its_own_in_both_languages(kind: type[Enum]) -> None:
    for language in Language:
        names = [Wording(language).term(member) for member in kind]
        assert len(set(names)) == len(names)
        assert not [name for name in names if "." in name]


def test_every_reason_is_explained() -> None:
    for kind in (SkipReason, HoldReason, ConflictReason, KeepReason):
        assert {member.value for member in kind if member is not KeepReason.SAME} <= set(REASONS)
    assert all(german != english for german, english in REASONS.values())


def test_every_field_that_can_differ_has_a_name() -> None:
    assert set(values(a_booking())) <= set(TERMS)


def test_every_disposition_is_said_in_german() -> None:
    items = [
        NewItem(kind=kind, reason=reason, message="", source_id=SourceId(1))
        for kind, reasons in (
            (ItemKind.HELD, [reason.value for reason in HoldReason]),
            (ItemKind.CONFLICT, [reason.value for reason in ConflictReason]),
            (ItemKind.QUARANTINED, ["REFUSED"]),
            (ItemKind.REJECTED, [""]),
        )
        for reason in reasons
    ]
    meanings = {side for item in items for side in (meaning_of(item).source, meaning_of(item).target)}
    assert meanings == set(IN_GERMAN)


def test_what_is_ours_about_one_record_is_said_in_german_and_the_rest_stays() -> None:
    german, english = Wording(Language.DE), Wording(Language.EN)
    for member in (*HoldReason, *ConflictReason, *KeepReason):
        sentence = in_words(member.value, "")
        assert member is KeepReason.SAME or german.detail(sentence) != sentence, sentence
    for said, told in (
        ("copy of record 1042", "Kopie des Eintrags 1042"),
        ("record 888888 is not known", "Eintrag 888888 ist in ActiveCollab nicht bekannt"),
        ("user 1007 (Vor Nach) is not mapped", "Person 1007 (Vor Nach) ist nicht zugeordnet"),
        (
            in_words("MAPPED_TO_HOLD", "project 9 (a (b)) is mapped to hold"),
            "die Zuordnung sagt: zurückstellen (Projekt 9 (a (b)) ist nach der Zuordnung zurückgestellt)",
        ),
        (in_words("BOTH_EDITED", "day, seconds"), "in ActiveCollab geändert, und anders in MOCO (Tag, Dauer)"),
        ("task 'X' is missing in MOCO project 5 (Y)", "Leistung 'X' fehlt in MOCO Projekt 5 (Y)"),
        ("everything", "alles"),
        ("name: zu lang", "name: zu lang"),
        ("{0} {evil} is not mapped", "{0} {evil} ist nicht zugeordnet"),
    ):
        assert german.detail(said) == told
        assert english.detail(said) == said
    rejected = Rejected(Origin("a.xml", 3), SourceId(5), "value", "abc", "hours such as 5:30").message
    assert german.detail(rejected).endswith(
        "Zeiteintrag 5: value 'abc' ist nicht zu verwenden; erwartet: hours such as 5:30"
    )
    assert german.reason("value") == "Dauer ist nicht zu verwenden"
    assert english.detail("DELETED_IN_TARGET") == "was deleted in MOCO"


def test_one_is_said_otherwise_than_many() -> None:
    german, english = Wording(Language.DE), Wording(Language.EN)
    assert [german.say("records", count=count) for count in (0, 1, 2_000)] == [
        "0 Einträge",
        "1 Eintrag",
        "2.000 Einträge",
    ]
    assert [english.say("records", count=count) for count in (0, 1, 2_000)] == [
        "0 records",
        "1 record",
        "2,000 records",
    ]


def test_what_nobody_knows_stands_for_itself() -> None:
    assert Wording(Language.DE).term("teleport") == "teleport"
    assert Wording(Language.DE).reason("SOMETHING_NEW") == "SOMETHING_NEW"
    assert Wording(Language.DE).disposition("something new") == "something new"
