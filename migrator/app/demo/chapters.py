"""The chapters of the demo: each runs a command of the product and shows what came of it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrator.app.answer import Answer
from migrator.app.apply import ApplyWords, apply_plan
from migrator.app.configuration.model import ActiveCollab
from migrator.app.demo.checks import (
    Check,
    check_arrived,
    check_books,
    check_lost,
    check_moco,
    check_read,
    check_reads_only,
    check_report,
    check_source_untouched,
    check_untouched,
    markers_in,
    require,
)
from migrator.app.demo.edits import Meanwhile, go_on
from migrator.app.demo.stage import Stage
from migrator.app.demo.story import Story, Tone
from migrator.app.mapping import command as mapping
from migrator.app.plan import make_plan
from migrator.app.plan_text import duration_words
from migrator.app.reading.command import read_source
from migrator.app.reading.live_text import pace_words
from migrator.app.report.command import ReportWords, make_report
from migrator.app.selecting import SelectionWords
from migrator.app.sync import SyncWords, sync
from migrator.app.verify import VerifyWords, verify
from migrator.core.duration import format_hours
from migrator.core.plan import eta_seconds
from migrator.errors import ExitCode
from migrator.sandbox.company import mapping_choices
from migrator.sandbox.faults import LoseAnswer

_STANDARD_PLAN = (15, 15)
"""Requests and seconds that every account of MOCO allows."""

_LOST_STATUS = 502

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
    """What ActiveCollab lists goes into the database."""
    story.chapter(
        "Read",
        "What ActiveCollab lists goes into a database of its own, project by project. MOCO is not contacted.",
        "migrator read",
    )
    found = book.answered("migrator read", read_source(stage.place, ()))
    requests, pace = sum(found["requests"].values()), ActiveCollab().requests_per_minute
    story.say(
        "It speaks the API of ActiveCollab 5.x to 7.x: time comes page by page, and its trash can be asked about.",
        f"{found['counts']['read']:,} time records, {format_hours(found['seconds']['read'])} h, "
        f"{found['first_day']} to {found['last_day']}; in its trash: {stage.agency.facts.trashed.records} more.",
        f"{requests:,} requests: {pace_words(requests * 60 // pace)} at the usual {pace} a minute, seconds here.",
    )
    _tell(story, book.proved(check_read(stage, found["projects"])))
    rejected = found["counts"]["rejected"]
    story.say(f"{rejected} records are broken; each is named, with its list and place there:", tone=Tone.STRANGE)
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
    stage.moco.fault(LoseAnswer(_LOST_STATUS), method="POST", path="/activities/bulk", nth=3)
    found = book.answered("migrator apply", apply_plan(stage.place, ApplyWords("last")))
    story.say(found["verdict"])
    lost = _lost_markers(stage)
    story.say(
        f"Records that the lost answer left in doubt: {len(lost)}. Nothing was sent again; MOCO was asked for them.",
        tone=Tone.STRANGE,
    )
    _tell(story, book.proved(check_lost(stage, lost), *check_moco(stage, stage.agency)))
    _tell_waiting(stage, story, found)
    book.proved(check_books(stage, stage.agency, found["counts"]))


def _lost_markers(stage: Stage) -> tuple[str, ...]:
    """The records that the lost answer was about, as MOCO received them."""
    bodies = [
        request.body
        for request in stage.moco.requests
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


def life_goes_on(stage: Stage, story: Story) -> Meanwhile:
    """People go on working in ActiveCollab, and a colleague corrects an entry in MOCO."""
    story.chapter("Life goes on", "People keep working in ActiveCollab, and a colleague corrects an entry in MOCO.")
    meanwhile = go_on(stage)
    story.say(*meanwhile.lines)
    return meanwhile


def sync_both(stage: Stage, story: Story, book: Book, meanwhile: Meanwhile) -> None:
    """The changes arrive; the colleague's edit stays."""
    story.chapter(
        "Sync",
        "Reads what is due in ActiveCollab and brings MOCO up to date; made for a timer. Projects as old as "
        "these are otherwise due every few hours only; the demo's settings say always.",
        "migrator sync",
    )
    asked = len(stage.activecollab.requests)
    found = book.answered("migrator sync", sync(stage.place, SyncWords()))
    asked = len(stage.activecollab.requests) - asked
    story.say(f"{asked:,} requests to ActiveCollab. {found['verdict']}")
    agency = meanwhile.edits.agency
    book.proved(*check_moco(stage, agency), check_books(stage, agency, found["counts"]))
    _tell(story, book.proved(*check_arrived(stage, meanwhile), check_untouched(stage, meanwhile.by_hand)))


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
    _tell(story, book.proved(check_source_untouched(stage)))
    return verdict


def report(stage: Stage, story: Story, book: Book) -> None:
    """The controller gets files to read, without a terminal."""
    story.chapter(
        "Report",
        "What a controller reads and signs: a page for any browser, a workbook, CSV and JSON. Nobody is asked for it.",
        "migrator report -o report",
    )
    asked = len(stage.activecollab.requests) + len(stage.moco.requests)
    found = book.answered("migrator report", make_report(stage.place, ReportWords(stage.report)))
    story.say(found["verdict"])
    asked = len(stage.activecollab.requests) + len(stage.moco.requests) - asked
    _tell(story, book.proved(check_report(stage, asked)))


def _tell(story: Story, checks: Sequence[Check]) -> None:
    story.say(*(f"{check.name}: {check.told}" for check in checks), tone=Tone.PROVED)
