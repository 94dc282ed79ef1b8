"""Which rule explains the seconds of a record: every way in which both sides can differ, and what does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from migrator.core.actions import Action, Conflict, HoldReason, Keep, KeepReason, SkipReason, Word
from migrator.core.compare import DifferenceKind
from migrator.core.decide import Memory, Refusal, Source, Target, conflict_digest, decide
from migrator.core.duration import Rounding
from migrator.core.fingerprint import fingerprint
from migrator.core.model import Billing, Booking, MocoId, Seconds, SourceId, TimeEntry
from migrator.core.record import Deletion, Link
from migrator.core.report.assess import Assessor, Names
from migrator.core.report.line import Elsewhere, Place, RecordLine, Rule, TargetState
from tests.unit.core.builders import (
    LATER,
    NOTHING,
    REPORT,
    SENT,
    UNMAPPED,
    a_booking,
    a_link,
    a_source,
    a_time_entry,
    an_entry,
    left_out,
    linked_to,
    marked,
)

NAMES = Names("Nordlicht", "Relaunch", "Ada", False, "https://ac.example.com/1")
EXACT = Assessor()
UNKNOWN = Target()
MINUTES = a_booking(seconds=600)
UNEVEN = a_booking(seconds=612)
ROUNDED = a_booking(seconds=900)
STRANGE = a_booking(seconds=1_000)
MOVED = replace(a_booking(), project_id=MocoId(88))
OTHER_MONTH = a_booking(day=date(2024, 6, 2))


def assessed(
    source: Source,
    link: Link | None,
    target: Target,
    *,
    entry: TimeEntry | None = None,
    memory: Memory | None = None,
    assessor: Assessor = EXACT,
) -> tuple[RecordLine, ...]:
    action = decide(source, link, target, memory or Memory(), REPORT)
    return assessor.lines(entry or a_time_entry(), source, link, target, action, NAMES)


def of(booking: Booking) -> tuple[Source, TimeEntry]:
    return replace(a_source(booking), seconds=booking.seconds), a_time_entry(seconds=booking.seconds)


# -- the seconds are the same, or something explains them ----------------------------------------------------------


def test_a_record_that_stands_in_moco_as_it_was_written_is_the_same() -> None:
    (line,) = assessed(a_source(), a_link(), linked_to(an_entry()))
    assert (line.rule, line.read, line.sent, line.stored) == (Rule.SAME, 3600, 3600, 3600)
    assert (line.state, line.word, line.difference, line.explained) == (TargetState.OPEN, Word.UNCHANGED, None, True)
    assert (line.customer, line.project, line.person, line.activity_id) == ("Nordlicht", "Relaunch", "Ada", 900)


def test_whole_minutes_on_our_side_explain_themselves() -> None:
    source = replace(a_source(MINUTES), seconds=Seconds(612))
    line, *_ = assessed(
        source,
        a_link(MINUTES, MINUTES),
        linked_to(an_entry(MINUTES)),
        entry=a_time_entry(seconds=612),
        assessor=Assessor(Rounding.MINUTE),
    )
    assert (line.rule, line.read, line.sent, line.stored, line.difference) == (Rule.WHOLE_MINUTES, 612, 600, 600, None)


@pytest.mark.parametrize(
    ("stored", "accepted", "rule"),
    [
        (ROUNDED, True, Rule.ROUNDED_BY_MOCO),
        (ROUNDED, False, Rule.UNEXPLAINED),
        (STRANGE, True, Rule.UNEXPLAINED),
    ],
)
def test_rounding_by_moco_explains_only_what_its_settings_make_and_the_policy_accepts(
    stored: Booking, accepted: bool, rule: Rule
) -> None:
    source, entry = of(UNEVEN)
    (line,) = assessed(
        source,
        a_link(UNEVEN, stored),
        linked_to(an_entry(stored)),
        entry=entry,
        assessor=Assessor(rounding_accepted=accepted),
    )
    assert (line.rule, line.sent, line.stored) == (rule, 612, stored.seconds)
    assert line.explained is (rule is not Rule.UNEXPLAINED)


def test_whole_minutes_that_moco_rounds_once_more_are_rounded_by_moco() -> None:
    source = replace(a_source(MINUTES), seconds=Seconds(612))
    (line,) = assessed(
        source,
        a_link(MINUTES, ROUNDED),
        linked_to(an_entry(ROUNDED)),
        entry=a_time_entry(seconds=612),
        assessor=Assessor(Rounding.MINUTE, rounding_accepted=True),
    )
    assert line.rule is Rule.ROUNDED_BY_MOCO


def test_a_duration_that_a_person_changed_in_moco_is_theirs() -> None:
    (line,) = assessed(a_source(), a_link(), linked_to(an_entry(a_booking(seconds=1800), updated=LATER)))
    assert (line.rule, line.difference, line.explained) == (Rule.EDITED_IN_MOCO, DifferenceKind.EDITED, True)


def test_a_text_that_a_person_changed_does_not_explain_what_moco_rounded() -> None:
    source, entry = of(UNEVEN)
    present = an_entry(replace(ROUNDED, description="by hand"), updated=LATER)
    (line,) = assessed(source, a_link(UNEVEN, ROUNDED), linked_to(present), entry=entry)
    assert (line.rule, line.reason) == (Rule.UNEXPLAINED, "EDITED_IN_TARGET")


def test_an_activity_of_another_month_has_a_rule_though_its_seconds_are_the_same() -> None:
    (line,) = assessed(a_source(), a_link(), linked_to(an_entry(OTHER_MONTH, updated=LATER)))
    assert (line.rule, line.seconds_apart, line.target_day) == (Rule.EDITED_IN_MOCO, 0, date(2024, 6, 2))


# -- MOCO has nothing, or what it has is to change -----------------------------------------------------------------


REFUSED = Memory(refusal=Refusal("create", fingerprint(SENT), "", "too long"))


@pytest.mark.parametrize(
    ("source", "target", "memory", "rule", "word", "reason"),
    [
        (a_source(left_out(SkipReason.AFTER_CUTOVER)), UNKNOWN, Memory(), Rule.LEFT_OUT, Word.SKIPPED, "AFTER_CUTOVER"),
        (a_source(UNMAPPED), UNKNOWN, Memory(), Rule.WAITS, Word.HELD, "UNMAPPED"),
        (a_source(rejected="bad"), UNKNOWN, Memory(), Rule.WAITS, Word.REJECTED, "REJECTED"),
        (a_source(), UNKNOWN, Memory(undone=True), Rule.WAITS, Word.HELD, "UNDONE"),
        (a_source(), UNKNOWN, REFUSED, Rule.WAITS, Word.QUARANTINED, "REFUSED"),
        (a_source(), UNKNOWN, Memory(open_intent=True), Rule.NOT_MOVED_YET, Word.UNCLEAR, "UNSETTLED"),
        (a_source(), UNKNOWN, Memory(), Rule.NOT_MOVED_YET, Word.PENDING, "NOT_ESTABLISHED"),
        (a_source(), NOTHING, Memory(), Rule.NOT_MOVED_YET, Word.PENDING, ""),
        (a_source(deletion=Deletion.PROVED), UNKNOWN, Memory(), Rule.LEFT_OUT, Word.SKIPPED, "TRASHED"),
    ],
)
def test_what_moco_does_not_have_is_left_out_or_waits_or_comes_next(
    source: Source, target: Target, memory: Memory, rule: Rule, word: Word, reason: str
) -> None:
    (line,) = assessed(source, None, target, memory=memory)
    assert (line.rule, line.word, line.reason) == (rule, word, reason)
    assert (line.stored, line.state, line.target_day) == (0, TargetState.ABSENT, None)
    # As `verify` has it: what waits is not missing, what should have been moved is.
    assert line.difference is (DifferenceKind.MISSING if word is Word.PENDING else None)


def test_what_a_person_deleted_in_moco_waits_until_it_is_accepted() -> None:
    source, gone = a_source(), Target(gone=True)
    (open_still,) = assessed(source, a_link(), gone)
    told = (open_still.rule, open_still.difference, open_still.explained)
    assert told == (Rule.IN_CONFLICT, DifferenceKind.DELETED, False)
    conflict = decide(source, a_link(), gone, Memory(), REPORT)
    assert isinstance(conflict, Conflict)
    (accepted,) = assessed(source, a_link(), gone, memory=Memory(accepted=conflict_digest(conflict, source, gone)))
    assert (accepted.rule, accepted.word, accepted.explained) == (Rule.ACCEPTED, Word.UNCHANGED, True)


def test_a_change_that_the_next_run_writes_is_not_moved_yet_and_not_explained() -> None:
    changed = a_booking(seconds=7200)
    (line,) = assessed(
        replace(a_source(changed), seconds=changed.seconds),
        a_link(),
        linked_to(an_entry()),
        entry=a_time_entry(seconds=7200),
    )
    assert (line.rule, line.word, line.fields, line.explained) == (
        Rule.NOT_MOVED_YET,
        Word.PENDING,
        ("seconds",),
        False,
    )


def test_a_conflict_keeps_the_seconds_of_both_sides() -> None:
    (line,) = assessed(
        replace(a_source(a_booking(seconds=7200)), seconds=Seconds(7200)),
        a_link(),
        linked_to(an_entry(a_booking(seconds=1800), updated=LATER)),
        entry=a_time_entry(seconds=7200),
    )
    assert (line.rule, line.word, line.seconds_apart, line.explained) == (
        Rule.IN_CONFLICT,
        Word.CONFLICTS,
        -5400,
        False,
    )


# -- activities beside the record ----------------------------------------------------------------------------------


def test_a_second_copy_is_a_line_of_its_own_that_reads_nothing() -> None:
    line, copy = assessed(a_source(), a_link(), Target((an_entry(), an_entry(activity=901)), an_entry()))
    assert (line.rule, line.activity_id, line.word) == (Rule.SAME, 900, Word.CONFLICTS)
    assert (copy.source_id, copy.activity_id, copy.read, copy.stored) == (None, 901, 0, 3600)
    assert (copy.rule, copy.difference, copy.billing, copy.word) == (
        Rule.IN_CONFLICT,
        DifferenceKind.DUPLICATE,
        None,
        None,
    )
    assert copy.project_id == line.project_id


def test_an_activity_without_a_record_is_unexplained() -> None:
    line = Assessor(moco_url="https://x.mocoapp.com").orphan(an_entry(), NAMES)
    assert (line.rule, line.difference, line.explained) == (Rule.UNEXPLAINED, DifferenceKind.EXTRA, False)
    assert (line.read, line.stored, line.target_url) == (0, 3600, "https://x.mocoapp.com/projects/20")


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        (a_source(), linked_to(an_entry(MOVED, updated=LATER)), Rule.EDITED_IN_MOCO),
        (a_source(), linked_to(an_entry()), Rule.ELSEWHERE_IN_MOCO),
        (replace(a_source(), wanted=UNMAPPED), linked_to(an_entry()), Rule.ELSEWHERE_IN_MOCO),
        (a_source(MOVED), linked_to(an_entry()), Rule.NOT_MOVED_YET),
    ],
)
def test_time_in_another_place_says_why_it_is_there(source: Source, target: Target, rule: Rule) -> None:
    place = Place("Beta AG", SourceId(3), "Shop")
    action = decide(source, a_link(), target, Memory(), REPORT)
    target = replace(target, marked=(an_entry(activity=901),))
    line, copy = EXACT.lines(
        a_time_entry(), source, a_link(), target, action, NAMES, placed=lambda project_id: place if project_id else None
    )
    assert line.elsewhere == Elsewhere(place, rule)
    assert (line.customer, line.target_customer) == ("Nordlicht", "Beta AG")
    assert (copy.customer, copy.project_id, copy.elsewhere) == ("Beta AG", 3, None)


# -- how MOCO holds it, and what became of it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "link", "state"),
    [
        (linked_to(an_entry(billed=True)), a_link(), TargetState.BILLED),
        (linked_to(an_entry()), a_link(disregarded=True), TargetState.BILLED),
        (linked_to(an_entry(a_booking(billable=False), updated=LATER)), a_link(), TargetState.NON_BILLABLE),
        (UNKNOWN, a_link(), TargetState.OPEN),
        (marked(an_entry(billed=True)), None, TargetState.BILLED),
    ],
)
def test_what_we_asked_to_mark_is_billed_and_what_no_scan_showed_is_as_moco_answered(
    target: Target, link: Link | None, state: TargetState
) -> None:
    (line, *_) = assessed(a_source(), link, target)
    assert (line.state, line.stored) == (state, 3600)


@pytest.mark.parametrize(("action", "word"), [(Keep(), Word.CREATED), (Conflict, Word.CONFLICTS)])
def test_the_word_of_the_run_counts_only_while_nothing_is_to_be_done(action: Action | type, word: Word) -> None:
    chosen = action if isinstance(action, Keep) else decide(a_source(), a_link(), Target(gone=True), Memory(), REPORT)
    (line,) = EXACT.lines(a_time_entry(), a_source(), a_link(), linked_to(an_entry()), chosen, NAMES, Word.CREATED)
    assert line.word is word


def test_the_status_and_the_hours_stay_as_they_were_written() -> None:
    entry = a_time_entry(hours_raw="1,00", billing=Billing.PENDING_PAYMENT)
    (line,) = assessed(a_source(billing=Billing.PENDING_PAYMENT), a_link(), linked_to(an_entry()), entry=entry)
    assert (line.written, line.billing) == ("1,00", Billing.PENDING_PAYMENT)


def test_a_record_that_nobody_sees_any_more_and_moco_has_not_waits() -> None:
    (line,) = assessed(a_source(deletion=Deletion.UNSEEN), a_link(), Target(gone=True))
    assert (line.rule, line.reason) == (Rule.WAITS, KeepReason.UNSEEN.value)
    assert HoldReason.UNSEEN.value == line.reason
