"""The chapters of the demo: each runs a command of the product and shows what came of it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from migrator.app import map as mapping
from migrator.app.answer import Answer
from migrator.app.apply import ApplyWords, apply_plan
from migrator.app.demo_checks import (
    Check,
    check_books,
    check_lost,
    check_moco,
    check_reads_only,
    check_untouched,
    markers_in,
    require,
)
from migrator.app.demo_stage import INSTANCE, Stage
from migrator.app.demo_story import Story, Tone
from migrator.app.plan import make_plan
from migrator.app.plan_text import duration_words
from migrator.app.read import read_source
from migrator.app.selecting import SelectionWords
from migrator.app.sync import SyncWords, sync
from migrator.app.verify import VerifyWords, verify
from migrator.core.duration import format_hours
from migrator.core.plan import eta_seconds
from migrator.errors import ExitCode
from migrator.sandbox.agency_edits import edit
from migrator.sandbox.company import Edits, mapping_choices
from migrator.sandbox.faults import LoseAnswer
from migrator.sandbox.moco_records import Activity

_STANDARD_PLAN = (15, 15)
"""Requests and seconds that every account of MOCO allows."""

_LOST_STATUS = 502
_BY_HAND = "Corrected by a colleague in MOCO"

_ACTIONS = {
    "create": "create",
    "adopt": "adopt",
    "adopt_update": "adopt and update",
    "update": "update",
    "withdraw": "withdraw",
    "rebook": "move to another person",
    "keep": "leave as it is",
    "skip": "leave out",
    "hold": "hold for a person",
    "conflict": "conflict",
    "quarantined": "quarantined",
}


@dataclass(slots=True)
class Book:
    """What the chapters leave behind: the answers of the commands, and what was proved beside them."""

    answers: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def answered(self, command: str, answer: Answer) -> Mapping[str, Any]:
        """Keep the answer of a command that went as it should; gives its document (Any: it is JSON)."""
        fine = answer.exit_code in {ExitCode.DONE, ExitCode.NEEDS_A_PERSON}
        first_line = answer.text.partition("\n")[0]
        require(Check(f"`{command}` ends well", fine, f"exit code {int(answer.exit_code)}: {first_line}"))
        self.answers.append((command, answer.document))
        return answer.document

    def proved(self, *checks: Check) -> tuple[Check, ...]:
        """Keep checks that hold; raises `MigratorError` for one that does not."""
        self.checks += require(*checks)
        return checks


def read(stage: Stage, story: Story, book: Book) -> None:
    """The export goes into the database."""
    story.chapter(
        "Read", "What ActiveCollab exported goes into a database of its own. MOCO is not contacted.", "migrator read"
    )
    found = book.answered("migrator read", read_source(stage.place, ()))
    counts = found["counts"]
    story.say(
        f"{counts['read']:,} time records, {format_hours(found['seconds']['read'])} h, "
        f"{found['first_day']} to {found['last_day']}, from {len(found['documents'])} files."
    )
    story.say(f"{counts['rejected']} of them are broken; each is named, with its file and line:", tone=Tone.STRANGE)
    for reject in found["rejects"]:
        story.say(f"{reject['file']}:{reject['line']}: {reject['field']} {reject['value']!r}", tone=Tone.QUIET)


def map_names(stage: Stage, story: Story, book: Book) -> None:
    """What exact matches leave open is decided by a person, in a spreadsheet."""
    story.chapter(
        "Map",
        "Who and what is the same on both sides? Exact matches need nobody; the rest is decided in a spreadsheet.",
        "migrator map suggest",
        "migrator map export -o map.csv",
        "migrator map apply map.csv",
    )
    before = book.answered("migrator map suggest", mapping.suggest(stage.place))
    story.say(before["verdict"])
    book.answered("migrator map export", mapping.export(stage.place, stage.mapping))
    story.say(*_fill_in(stage), tone=Tone.QUIET)
    after = book.answered("migrator map apply", mapping.apply(stage.place, stage.mapping))
    held = after["waiting"].get("MAPPED_TO_HOLD", 0)
    story.say(f"With these decisions: {after['verdict']} {format_hours(held)} h wait, as decided.")


def _fill_in(stage: Stage) -> list[str]:
    """Complete the exported spreadsheet as a person would; gives the decisions in words."""
    choices = {(each.kind, str(each.source_id)): each for each in mapping_choices(stage.agency)}
    with stage.mapping.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter=";")
        columns, rows = list(reader.fieldnames or ()), list(reader)
    told = []
    for row in rows:
        choice = choices.get((row["kind"], row["source_id"]))
        if choice is not None:
            row |= {"action": choice.action, "target_name": choice.target_name, "note": choice.note}
            target = f" to {choice.target_name!r}" if choice.target_name else ""
            told.append(f"{choice.kind} {choice.source_name!r}: {choice.action}{target} ({choice.note})")
    with stage.mapping.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return told


def plan(stage: Stage, story: Story, book: Book) -> None:
    """The dry run."""
    story.chapter(
        "Plan",
        "The dry run: reads MOCO, decides every record, saves the plan. Nothing is written.",
        "migrator plan",
    )
    found = book.answered("migrator plan", make_plan(stage.place, SelectionWords(), detailed_exitcode=False))
    _show_actions(story, found)
    created, needed = found["to_create"], sum(found["requests_needed"].values())
    story.say(
        f"{created['tasks']} tasks and {created['contracts']} assignments are created first. {needed:,} requests: "
        f"{duration_words(eta_seconds(needed, *_STANDARD_PLAN))} with MOCO's standard plan, seconds here."
    )
    _tell(story, book.proved(check_reads_only(stage)))


def _show_actions(story: Story, found: Mapping[str, Any]) -> None:
    """The totals of a plan by action, as a table."""
    actions = found["actions"]
    rows = [
        (words, f"{actions[name]['records']:,}", format_hours(actions[name]["seconds"]))
        for name, words in _ACTIONS.items()
        if name in actions
    ]
    story.table(("action", "records", "hours"), rows)
    story.pause()


def apply(stage: Stage, story: Story, book: Book) -> None:
    """The plan is carried out, and one answer of MOCO is lost on purpose."""
    story.chapter(
        "Apply",
        "Carries out that plan, once. On purpose, MOCO stores one bulk of records and its answer is lost (502).",
        "migrator apply last",
    )
    stage.sandbox.fault(LoseAnswer(_LOST_STATUS), method="POST", path="/activities/bulk", nth=3)
    found = book.answered("migrator apply", apply_plan(stage.place, ApplyWords("last")))
    story.say(found["verdict"])
    lost = _lost_markers(stage)
    story.say(
        f"Records that the lost answer left in doubt: {len(lost)}. Nothing was sent again; MOCO was asked for them.",
        tone=Tone.STRANGE,
    )
    _tell(story, book.proved(check_lost(stage, lost), *check_moco(stage, stage.agency)))
    _tell_waiting(stage, story, found)
    book.proved(check_books(stage.agency, found["counts"]))


def _lost_markers(stage: Stage) -> tuple[str, ...]:
    """The records that the lost answer was about, as MOCO received them."""
    bodies = [
        request.body
        for request in stage.sandbox.requests
        if request.status == _LOST_STATUS and request.path.endswith("/activities/bulk")
    ]
    return tuple(marker for body in bodies for marker in markers_in(body))


def _tell_waiting(stage: Stage, story: Story, found: Mapping[str, Any]) -> None:
    facts = stage.agency.facts
    reasons = (
        (facts.project_archived.records, "because their project is archived in MOCO"),
        (facts.person_deactivated.records, "because their worker is deactivated there"),
        (facts.person_missing.records, "because their worker has no account there"),
        (facts.rejected.records, "because they are broken in ActiveCollab"),
    )
    told = ", ".join(f"{count:,} {words}" for count, words in reasons if count)
    waiting = found["counts"]["held"] + found["counts"]["rejected"]
    story.say(f"{waiting:,} records wait for a person, on purpose: {told}.")


def plan_again(stage: Stage, story: Story, book: Book) -> None:
    """Nothing is left to do."""
    story.chapter("Plan again", "The same question again: what is there is not sent twice.", "migrator plan")
    found = book.answered("migrator plan", make_plan(stage.place, SelectionWords(), detailed_exitcode=False))
    book.proved(Check("a second plan is empty", found["is_noop"] is True, found["verdict"]))
    story.say(f"0 changes. {found['verdict']}", tone=Tone.PROVED)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What people did on both sides."""

    edits: Edits
    by_hand: Activity


def life_goes_on(stage: Stage, story: Story) -> Meanwhile:
    """People go on working in ActiveCollab, and a colleague corrects an entry in MOCO."""
    story.chapter("Life goes on", "People keep working in ActiveCollab, and a colleague corrects an entry in MOCO.")
    edits = edit(stage.agency, stage.export)
    by_hand = _edit_by_hand(stage, edits)
    lengthened, added, moved, trashed = edits.lengthened, edits.added, edits.moved, edits.trashed
    story.say(
        f"ActiveCollab: record {lengthened.id} grows from {lengthened.before.hours} h to {lengthened.after.hours} h",
        f"ActiveCollab: record {added.id} is new, {added.hours} h of {added.person.name}",
        f"ActiveCollab: record {moved.id} was {moved.before.person.name}'s, now it is {moved.after.person.name}'s",
        f"ActiveCollab: record {trashed.id} is thrown away",
        f"MOCO: activity {by_hand.id} gets the description {_BY_HAND!r}",
    )
    return Meanwhile(edits, by_hand)


def _edit_by_hand(stage: Stage, edits: Edits) -> Activity:
    """Give the newest activity that ActiveCollab did not touch another description, as a person in MOCO would."""
    touched = {f"ac:{INSTANCE}:{each.id}" for each in (edits.lengthened, edits.moved, edits.trashed)}
    newest = max(
        (each for each in stage.sandbox.activities if each.remote_id not in touched),
        key=lambda each: (each.date, each.id),
    )
    return stage.sandbox.edit(replace(newest, description=_BY_HAND))


def sync_both(stage: Stage, story: Story, book: Book, meanwhile: Meanwhile) -> None:
    """The changes arrive; the colleague's edit stays."""
    story.chapter("Sync", "Reads ActiveCollab again and brings MOCO up to date; made for a timer.", "migrator sync")
    found = book.answered("migrator sync", sync(stage.place, SyncWords()))
    story.say(found["verdict"])
    checks = check_moco(stage, meanwhile.edits.agency)
    untouched = check_untouched(stage, meanwhile.by_hand)
    book.proved(*checks, untouched, check_books(meanwhile.edits.agency, found["counts"]))
    story.say(*_arrived(stage, meanwhile.edits), tone=Tone.PROVED)
    _tell(story, (untouched,))


def _arrived(stage: Stage, edits: Edits) -> list[str]:
    """The four edits as MOCO shows them now."""

    def shown(record_id: int) -> str:
        return "; ".join(
            f"activity {each.id}, {format_hours(each.seconds)} h of {name_of(stage, each.user_id)}"
            for each in stage.sandbox.with_marker(f"ac:{INSTANCE}:{record_id}")
        )

    return [
        f"record {edits.lengthened.id} is {shown(edits.lengthened.id)}",
        f"record {edits.added.id} is {shown(edits.added.id)}",
        f"record {edits.moved.id} is {shown(edits.moved.id)}",
        f"record {edits.trashed.id} is {shown(edits.trashed.id) or 'gone from MOCO, too'}",
    ]


def verify_all(stage: Stage, story: Story, book: Book) -> str:
    """Both sides are compared record by record; gives the verdict."""
    story.chapter("Verify", "Compares both sides record by record and writes nothing.", "migrator verify")
    found = book.answered("migrator verify", verify(stage.place, VerifyWords()))
    explained = [each for each in found["differences"] if each["explained"]]
    verdict = str(found["verdict"])
    story.say(verdict, tone=Tone.PROVED)
    for each in explained:
        story.say(
            f"Listed, and left alone: activity {each['activity_id']} was {each['kind']} in MOCO.", tone=Tone.QUIET
        )
    return verdict


def name_of(stage: Stage, user_id: int) -> str:
    """What the simulated MOCO calls a person."""
    user = stage.sandbox.state.users[user_id]
    return f"{user.firstname} {user.lastname}"


def _tell(story: Story, checks: Sequence[Check]) -> None:
    story.say(*(f"{check.name}: {check.told}" for check in checks), tone=Tone.PROVED)
