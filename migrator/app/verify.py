"""`verify`: compares both sides record by record; writes nothing to MOCO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from migrator.app.answer import Answer
from migrator.app.control.command import check_control, with_control
from migrator.app.deciding import Decided, Decider, load_decider
from migrator.app.moco_books import MocoBooks, compare_books, with_books
from migrator.app.pilot import note_verified
from migrator.app.presences.check import SpanCheck, check_presences
from migrator.app.provision.archiving import BOOKS_AGREED
from migrator.app.report.signed import read_signed, tampered
from migrator.app.runs import ended, started
from migrator.app.survey import Survey
from migrator.app.wiring import Workplace, connect_reader
from migrator.core.actions import Word
from migrator.core.compare import Difference, DifferenceKind, differences, extra_difference
from migrator.core.decide import final_word
from migrator.core.ledger import Ledger
from migrator.core.model import MocoId
from migrator.errors import ExitCode, TryAgainLater, UsageError, severest
from migrator.store import account, inbox, plans, reports, source, target, totals
from migrator.store.engine import reading, writing
from migrator.store.merge import Selection, count_selected, pages, selected_days
from migrator.store.reports import Aside

LISTED = 10_000
"""Differences listed in the answer; the counts always cover all."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class VerifyWords:
    """The options of `verify` as typed; without days everything is compared.

    `full` lists MOCO without any limit of days, so that what carries a marker of ours is found wherever it is, and
    compares the time in each project with MOCO's own books.
    """

    day_from: date | None = None
    day_to: date | None = None
    plan: int | Literal["last"] | None = None
    """Only what this plan selected."""
    full: bool = False
    control: Path | None = None
    """Totals of ActiveCollab's own reports; they are compared before MOCO is asked for anything."""
    against: Path | None = None
    """The `report.json` of a signed report; whether it was changed is looked at before MOCO is asked for anything."""


@dataclass(slots=True)
class Findings:
    """What was found, counted without limit and listed up to one."""

    ledger: Ledger = field(default_factory=Ledger)
    kinds: Counter[str] = field(default_factory=Counter)
    unexplained: Counter[str] = field(default_factory=Counter)
    unexplained_seconds: int = 0
    listed: list[Difference] = field(default_factory=list)
    presences: SpanCheck | None = None
    """None while presences are switched off, or a plan says what is compared."""

    @property
    def differ(self) -> int:
        """How many differences need a person."""
        return self.unexplained.total() + (self.presences.unexplained.total() if self.presences else 0)

    def add(self, difference: Difference) -> None:
        """Enter one difference."""
        kind = difference.kind.value
        self.kinds[kind] += 1
        if not difference.explained:
            self.unexplained[kind] += 1
            self.unexplained_seconds += difference.seconds
        if len(self.listed) < LISTED:
            self.listed.append(difference)


def verify(place: Workplace, words: VerifyWords) -> Answer:
    """Compare the source with what MOCO shows now.

    Raises `TryAgainLater` when MOCO's list was not complete, `UsageError` when nothing was read yet.
    """
    _require_source(place)
    signed = read_signed(words.against) if words.against else None
    if signed is not None and not signed.genuine:
        return tampered(signed)
    control = check_control(place, words.control) if words.control else None
    selection, plan_id = _selected(place, words)
    reader = connect_reader(place)
    with started(place, "verify") as run_id:
        survey, listed_at = Survey(place, reader, run_id), place.clock.now()
        decider = load_decider(place, survey.refresh_masters())
        if not _list(place, words, survey, selection):
            raise TryAgainLater(
                "MOCO's list of activities changed while it was read, so nothing can be concluded",
                hint="run `migrator verify` again when nobody books at the moment",
            )
        survey.follow_marks()
        survey.check_people(decider.people())
        findings = _compare(place, decider, survey, run_id, selection)
        if place.config.presences.enabled and selection.is_of_days:
            findings.presences = check_presences(place, reader, decider, words.day_from, words.day_to)
        books = compare_books(survey, decider.mapping, decider.there, listed_at) if words.full else None
        answer = _answer(place, run_id, findings, dict(reader.requests), selection)
        if books is not None:
            answer = with_books(answer, books)
        _remember_beside(place, findings, books, selection, listed_at)
        if answer.exit_code is not ExitCode.DIFFERENCES and selection.is_whole:
            with writing(place.engine) as session:
                account.learn(session, BOOKS_AGREED, listed_at.isoformat(), listed_at)
        if answer.exit_code is not ExitCode.DIFFERENCES and findings.ledger.records(Word.UNCHANGED):
            answer = _with_pilot(answer, note_verified(place, plan_id, selection, run_id))
        if control is not None:
            answer = with_control(answer, control)
        if signed is not None:
            # All that makes reports, which nothing else here needs.
            from migrator.app.report.against import check_against, with_against  # noqa: PLC0415

            answer = with_against(answer, check_against(place, signed))
        ended(place, run_id, answer.exit_code, answer.document)
    return answer


def _selected(place: Workplace, words: VerifyWords) -> tuple[Selection, int | None]:
    """What is compared, and the plan that selected it."""
    if words.plan is None:
        return Selection(day_from=words.day_from, day_to=words.day_to), None
    with reading(place.engine) as session:
        plan = plans.load_plan(session, words.plan)
    return Selection.from_json(plan.selection), plan.id


def _remember_beside(
    place: Workplace, findings: Findings, books: MocoBooks | None, selection: Selection, at: datetime
) -> None:
    """Keep for reports what differs beside the records; a look at a part says nothing about the whole."""
    if not selection.is_whole:
        return
    differ = findings.presences.unexplained.total() if findings.presences else 0
    with writing(place.engine) as session:
        reports.remember_differing(session, Aside.PRESENCES, differ, at)
        if books is not None:
            reports.remember_differing(session, Aside.BOOKS, len(books.differing), at)


def _with_pilot(answer: Answer, pilot: int | None) -> Answer:
    if pilot is None:
        return answer
    document = {**answer.document, "verified_pilot": pilot}
    told = f"Plan {pilot} is a verified pilot: the gate pilot_above is open."
    return replace(answer, text=f"{answer.text}\n{told}", document=document)


def _require_source(place: Workplace) -> None:
    """Books about nothing would always agree. Raises `UsageError` when nothing was read yet."""
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
    if staged.records == 0 and staged.rejects_without_key == 0:
        raise UsageError("nothing was read from ActiveCollab yet", hint="run `migrator read` first")


def _list(place: Workplace, words: VerifyWords, survey: Survey, selection: Selection) -> bool:
    """List what is to be compared; tells whether the listing was complete."""
    if words.full:
        return survey.list_days(None, None)
    first, last = _days(place, words, selection)
    if first is None or last is None:
        return True
    some = words.day_from is not None or words.day_to is not None or selection.only is not None
    return survey.list_days(first, last, target.PART if some else target.RANGE)


def _days(place: Workplace, words: VerifyWords, selection: Selection) -> tuple[date | None, date | None]:
    """The days to list: the window asked for, else all days on which either side has something of ours."""
    if selection.only is not None:
        with reading(place.engine) as session:
            return selected_days(session, selection)
    with reading(place.engine) as session:
        staged = totals.source_totals(session)
        linked_first, linked_last = target.marked_days(session)
    firsts = [day for day in (staged.first_day, linked_first) if day]
    lasts = [day for day in (staged.last_day, linked_last) if day]
    first = words.day_from or (min(firsts) if firsts else None)
    last = words.day_to or (max(lasts) if lasts else None)
    return first, last


def _compare(place: Workplace, decider: Decider, survey: Survey, run_id: int, selection: Selection) -> Findings:
    findings = Findings()
    rounding_accepted = place.config.policy.rounding_in_moco.value == "accept"
    with place.progress.phase("comparing", None) as bar:
        for page in pages(place.engine, run_id, selection=selection):
            for merged in page:
                decided = decider.decide(merged, survey)
                _enter(findings, decided, rounding_accepted)
            bar.advance(len(page))
    # Behind an activity without a record is no record of a selection either.
    for difference in _extras(place, selection) if selection.is_of_days else ():
        findings.add(difference)
    return findings


def _enter(findings: Findings, decided: Decided, rounding_accepted: bool) -> None:
    """One record's word, where nothing is to be written, and its differences."""
    word = final_word(decided.action)
    written = word in {Word.CREATED, Word.ADOPTED, Word.UPDATED}
    findings.ledger.count(Word.PENDING if written else word, decided.source.seconds)
    for difference in differences(
        decided.source, decided.merged.link, decided.target, decided.action, rounding_accepted
    ):
        findings.add(difference)


def _extras(place: Workplace, selection: Selection) -> Iterator[Difference]:
    """Activities that carry a marker of ours while no record stands behind it."""
    after = MocoId(0)
    while True:
        with reading(place.engine) as session:
            page = target.orphan_markers(session, after=after)
        for entry in page:
            day = entry.booking.day
            if (selection.day_from is None or day >= selection.day_from) and (
                selection.day_to is None or day <= selection.day_to
            ):
                yield extra_difference(entry)
        if not page:
            return
        after = page[-1].id


def _answer(
    place: Workplace, run_id: int, findings: Findings, requests: dict[str, int], selection: Selection
) -> Answer:
    with reading(place.engine) as session:
        rejects = source.unstaged_rejects(session) if selection.is_whole else ()
        records, seconds = count_selected(session, selection)
        accepted = inbox.accepted_waiting(session) if selection.is_whole else 0
    for reject in rejects:
        findings.ledger.count(Word.REJECTED, reject.seconds)
    findings.ledger.balance(records + len(rejects), seconds + sum(reject.seconds for reject in rejects))
    counts, by_word = findings.ledger.as_json()
    waiting = (Word.HELD, Word.CONFLICTS, Word.QUARANTINED, Word.REJECTED)
    open_still = findings.ledger.records(*waiting) > accepted
    different = findings.unexplained.total()
    code = severest(
        ExitCode.DIFFERENCES if findings.differ else ExitCode.DONE,
        ExitCode.NEEDS_A_PERSON if open_still else ExitCode.DONE,
    )
    duplicates = findings.kinds[DifferenceKind.DUPLICATE.value]
    verdict = findings.ledger.verdict(duplicates=duplicates, unexplained_seconds=findings.unexplained_seconds)
    if different:
        told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(findings.unexplained.items()))
        verdict = f"The books do not agree: {told}. {verdict}"
    elif findings.differ:
        verdict = f"The books of the records agree, those of the presences do not. {verdict}"
    else:
        verdict = f"The books agree. {verdict}"
    if findings.presences is not None:
        verdict = f"{verdict} {findings.presences.sentence}"
    document: dict[str, object] = {
        "schema": "migrator.verify/1",
        "run": run_id,
        "verdict": verdict,
        "counts": {"read": findings.ledger.records(), **counts},
        "seconds": {"read": int(findings.ledger.seconds()), **by_word},
        "kinds": dict(sorted(findings.kinds.items())),
        "unexplained": dict(sorted(findings.unexplained.items())),
        "differences": [_shown(each) for each in findings.listed],
        "presences": findings.presences.as_json() if findings.presences else None,
        "requests": requests,
        "exit_code": int(code),
    }
    lines = [verdict, *_lines(findings.listed), *(findings.presences.lines() if findings.presences else ())]
    return Answer("\n".join(lines), document, code)


def _shown(each: Difference) -> dict[str, object]:
    return {
        "source_id": each.source_id,
        "activity_id": each.activity_id,
        "kind": each.kind.value,
        "source": each.source,
        "target": each.target,
        "explained": each.explained,
    }


def _lines(listed: Sequence[Difference]) -> list[str]:
    lines = []
    for each in listed[:SHOWN]:
        explained = " (explained)" if each.explained else ""
        record = f"record {each.source_id}" if each.source_id is not None else "no record"
        activity = f"activity {each.activity_id}" if each.activity_id is not None else "no activity"
        fields = ", ".join(sorted({*(each.source or {}), *(each.target or {})})) if each.source and each.target else ""
        lines.append(f"  {each.kind.value:<9} {record}, {activity}{': ' + fields if fields else ''}{explained}")
    if len(listed) > SHOWN:
        lines.append(f"  … and {len(listed) - SHOWN:,} more with --json")
    return lines
