"""The decision as a table: one or more examples for each row, and the order of rows that could both match."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from migrator.core import decide as decide_module
from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Keep,
    KeepReason,
    Quarantined,
    Rebook,
    Skip,
    SkipReason,
    Update,
    Withdraw,
    Word,
)
from migrator.core.decide import (
    Deletion,
    Memory,
    Refusal,
    Target,
    conflict_digest,
    decide,
    final_word,
    word_of,
)
from migrator.core.drift import standing
from migrator.core.fingerprint import fingerprint
from migrator.core.model import Billing, Booking, MocoId, SourceId
from migrator.core.overlays import refusal_of
from tests.unit.core.builders import (
    DELETE,
    LATER,
    OTHER,
    OTHER_WORKER,
    REPORT,
    SENT,
    THIRD,
    TIMER,
    TODAY,
    UNMAPPED,
    Situation,
    a_booking,
    a_link,
    a_source,
    an_entry,
    archived,
    left_out,
    linked_to,
    marked,
    wanted,
)

ID = (MocoId(900),)
GONE = Target(gone=True, absence_established=True)
UNSEEN_THERE = Target()
TWO = marked(an_entry(activity=900), an_entry(activity=901))
DELETED = a_source(deletion=Deletion.PROVED)
ROUNDED = a_booking(seconds=3900)
SENT_UNROUNDED = a_booking(seconds=3780)
PAID = Billing.PAID


def refused(write: str, payload: Booking | None, target: Booking | None, released: bool = False) -> Memory:
    return Memory(
        refusal=Refusal(
            write,
            fingerprint(payload) if payload else "",
            fingerprint(target) if target else "",
            "Projekt ist gesperrt",
            released,
        )
    )


def conflict(reason: ConflictReason, detail: str = "", ids: tuple[MocoId, ...] = ID) -> Conflict:
    return Conflict(reason, detail, ids)


ROWS: list[tuple[int, str, Situation, Action]] = [
    (1, "an open intent waits", Situation(a_source(), memory=Memory(True)), Hold(HoldReason.UNSETTLED)),
    (
        1,
        "an open intent stands before undone, duplicates and rejects",
        Situation(a_source(rejected="bad"), a_link(), TWO, Memory(open_intent=True, undone=True)),
        Hold(HoldReason.UNSETTLED),
    ),
    (2, "undone stays undone", Situation(a_source(), memory=Memory(undone=True)), Hold(HoldReason.UNDONE)),
    (
        3,
        "two activities carry the marker",
        Situation(a_source(), None, TWO),
        conflict(ConflictReason.DUPLICATE, ids=(MocoId(900), MocoId(901))),
    ),
    (
        3,
        "a copy beside a linked activity that no scan has shown",
        Situation(a_source(), a_link(), marked(an_entry(activity=901))),
        conflict(ConflictReason.DUPLICATE, ids=(MocoId(900), MocoId(901))),
    ),
    (
        3,
        "duplicates of a deleted record are not deleted",
        Situation(DELETED, a_link(), Target(TWO.marked, TWO.marked[0]), rules=DELETE),
        conflict(ConflictReason.DUPLICATE, ids=(MocoId(900), MocoId(901))),
    ),
    (
        3,
        "our marker on the activity of another record",
        Situation(a_source(), None, replace(marked(an_entry()), stands_for=SourceId(7))),
        conflict(ConflictReason.SHARED, "record 7"),
    ),
    (
        3,
        "the activity of another record is not deleted with this one",
        Situation(DELETED, None, replace(marked(an_entry()), stands_for=SourceId(7)), rules=DELETE),
        conflict(ConflictReason.SHARED, "record 7"),
    ),
    (
        4,
        "the newest copy cannot be used",
        Situation(a_source(OTHER, rejected="export.xml:3: bad"), a_link(), linked_to(an_entry())),
        Hold(HoldReason.REJECTED, "export.xml:3: bad"),
    ),
    (5, "deleted, never moved", Situation(DELETED), Skip(SkipReason.TRASHED)),
    (
        5,
        "deleted, never moved, absence unknown",
        Situation(DELETED, None, UNSEEN_THERE),
        Skip(SkipReason.TRASHED),
    ),
    (
        5,
        "deleted on both sides",
        Situation(DELETED, a_link(), GONE),
        Skip(SkipReason.TRASHED, close_link=True),
    ),
    (
        5,
        "deleted on both sides, though the snapshot still shows the activity",
        Situation(DELETED, a_link(), Target((an_entry(),), an_entry(), gone=True)),
        Skip(SkipReason.TRASHED, close_link=True),
    ),
    (
        6,
        "deleted, linked, untouched: withdrawn where the policy says so",
        Situation(DELETED, a_link(), linked_to(an_entry()), rules=DELETE),
        Withdraw(an_entry()),
    ),
    (
        6,
        "deleted, linked, untouched: reported otherwise",
        Situation(DELETED, a_link(), linked_to(an_entry()), rules=REPORT),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        6,
        "MOCO rounded it, nobody touched it",
        Situation(DELETED, a_link(SENT, ROUNDED), linked_to(an_entry(ROUNDED)), rules=DELETE),
        Withdraw(an_entry(ROUNDED)),
    ),
    (
        7,
        "deleted, but edited in MOCO",
        Situation(DELETED, a_link(), linked_to(an_entry(THIRD)), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, but a person has tagged the activity",
        Situation(DELETED, a_link(), linked_to(an_entry(a_booking(tag="Q2"))), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, but billed",
        Situation(DELETED, a_link(), linked_to(an_entry(billed=True)), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, but we had it marked as billed",
        Situation(DELETED, a_link(disregarded=True), linked_to(an_entry()), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, but a timer runs on it",
        Situation(DELETED, a_link(), linked_to(an_entry(timer=True)), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, not linked, our marker is there",
        Situation(DELETED, None, marked(an_entry()), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, link rebuilt, edited since it was created",
        Situation(DELETED, a_link(None), linked_to(an_entry(updated=LATER)), rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        7,
        "deleted, link rebuilt, not seen by any scan",
        Situation(DELETED, a_link(None), UNSEEN_THERE, rules=DELETE),
        conflict(ConflictReason.DELETED_IN_SOURCE),
    ),
    (
        8,
        "linked, not shown any more",
        Situation(a_source(OTHER, deletion=Deletion.UNSEEN), a_link(), linked_to(an_entry())),
        Keep(KeepReason.UNSEEN),
    ),
    (
        9,
        "not linked, not shown any more",
        Situation(a_source(deletion=Deletion.UNSEEN)),
        Hold(HoldReason.UNSEEN),
    ),
    (
        10,
        "deleted in MOCO: not brought back",
        Situation(a_source(OTHER), a_link(), GONE),
        conflict(ConflictReason.DELETED_IN_TARGET),
    ),
    (
        10,
        "… even when it is not mapped any more",
        Situation(a_source(UNMAPPED), a_link(None), GONE),
        conflict(ConflictReason.DELETED_IN_TARGET),
    ),
    (
        11,
        "linked, and the mapping now says skip",
        Situation(a_source(left_out(SkipReason.MAPPED_TO_SKIP)), a_link(), linked_to(an_entry())),
        conflict(ConflictReason.NO_LONGER_WANTED, "MAPPED_TO_SKIP"),
    ),
    (
        11,
        "marked, and without duration now",
        Situation(a_source(left_out(SkipReason.ZERO_DURATION)), None, marked(an_entry())),
        conflict(ConflictReason.NO_LONGER_WANTED, "ZERO_DURATION"),
    ),
    (
        11,
        "linked, out of scope",
        Situation(a_source(left_out(SkipReason.OUT_OF_SCOPE)), a_link(), UNSEEN_THERE),
        Keep(KeepReason.OUT_OF_SCOPE),
    ),
    (
        11,
        "linked, after the cut-over",
        Situation(a_source(left_out(SkipReason.AFTER_CUTOVER)), a_link(), UNSEEN_THERE),
        Keep(KeepReason.AFTER_CUTOVER),
    ),
    (
        12,
        "linked, mapping taken away",
        Situation(a_source(UNMAPPED), a_link(), linked_to(an_entry())),
        Hold(HoldReason.UNMAPPED, UNMAPPED.detail),
    ),
    (
        12,
        "linked, project archived in MOCO, nothing to write",
        Situation(a_source(archived()), a_link(), linked_to(an_entry())),
        Keep(),
    ),
    (
        12,
        "linked, project archived in MOCO, source changed",
        Situation(a_source(archived(OTHER)), a_link(), linked_to(an_entry())),
        Hold(HoldReason.PROJECT_ARCHIVED, "MOCO project 20 is archived"),
    ),
    (13, "our marker, equal", Situation(a_source(), None, marked(an_entry())), Adopt(an_entry(), SENT)),
    (
        13,
        "our marker, rounded by MOCO",
        Situation(a_source(SENT_UNROUNDED), None, marked(an_entry(ROUNDED))),
        Adopt(an_entry(ROUNDED), SENT_UNROUNDED),
    ),
    (
        13,
        "our marker, billed, equal: linking writes nothing to MOCO",
        Situation(a_source(), None, marked(an_entry(billed=True))),
        Adopt(an_entry(billed=True), SENT),
    ),
    (
        13,
        "our marker, equal but for a person's tag",
        Situation(a_source(), None, marked(an_entry(a_booking(tag="Q2"), updated=LATER))),
        Adopt(an_entry(a_booking(tag="Q2"), updated=LATER), SENT),
    ),
    (
        13,
        "a rebuilt link, equal",
        Situation(a_source(), a_link(None), linked_to(an_entry(updated=LATER))),
        Adopt(an_entry(updated=LATER), SENT),
    ),
    (
        13,
        "our marker, equal, in a project that is archived: linking writes nothing to MOCO",
        Situation(a_source(archived()), None, marked(an_entry())),
        Adopt(an_entry(), SENT),
    ),
    (
        14,
        "our marker, differs, never edited",
        Situation(a_source(OTHER), None, marked(an_entry())),
        Adopt(an_entry(), OTHER, then_update=True),
    ),
    (
        15,
        "our marker, differs, edited",
        Situation(a_source(OTHER), None, marked(an_entry(updated=LATER))),
        conflict(ConflictReason.ADOPTED_DIFFERS, "seconds"),
    ),
    (
        15,
        "our marker, differs, billed",
        Situation(a_source(OTHER), None, marked(an_entry(billed=True))),
        conflict(ConflictReason.ADOPTED_DIFFERS, "seconds"),
    ),
    (
        15,
        "our marker on another person's activity",
        Situation(a_source(OTHER_WORKER), None, marked(an_entry())),
        conflict(ConflictReason.ADOPTED_DIFFERS, "user_id"),
    ),
    (
        15,
        "a rebuilt link, differs, not seen by any scan",
        Situation(a_source(OTHER), a_link(None), UNSEEN_THERE),
        conflict(ConflictReason.ADOPTED_DIFFERS, "seconds"),
    ),
    (
        15,
        "our marker, differs, a timer runs",
        Situation(a_source(OTHER), None, marked(an_entry(timer=True))),
        conflict(ConflictReason.ADOPTED_DIFFERS, "seconds"),
    ),
    (
        15,
        "our marker, rounded by MOCO and edited by a person",
        Situation(a_source(SENT_UNROUNDED), None, marked(an_entry(replace(ROUNDED, description="x"), updated=LATER))),
        conflict(ConflictReason.ADOPTED_DIFFERS, "seconds, description"),
    ),
    (
        16,
        "a rule leaves it out",
        Situation(a_source(left_out(SkipReason.ZERO_DURATION))),
        Skip(SkipReason.ZERO_DURATION),
    ),
    (17, "not mapped", Situation(a_source(UNMAPPED)), Hold(HoldReason.UNMAPPED, UNMAPPED.detail)),
    (
        17,
        "mapped, but the project is archived",
        Situation(a_source(archived())),
        Hold(HoldReason.PROJECT_ARCHIVED, "MOCO project 20 is archived"),
    ),
    (
        17,
        "mapped, but the project is archived, and nobody asked MOCO",
        Situation(a_source(archived()), None, UNSEEN_THERE),
        Hold(HoldReason.PROJECT_ARCHIVED, "MOCO project 20 is archived"),
    ),
    (
        18,
        "refused before, unchanged",
        Situation(a_source(), memory=refused("create", SENT, None)),
        Quarantined("Projekt ist gesperrt"),
    ),
    (
        18,
        "refused before, changed",
        Situation(a_source(OTHER), memory=refused("create", SENT, None)),
        Create(OTHER),
    ),
    (
        18,
        "refused before, released",
        Situation(a_source(), memory=refused("create", SENT, None, released=True)),
        Create(SENT),
    ),
    (19, "new", Situation(a_source()), Create(SENT)),
    (19, "new, of today", Situation(a_source(a_booking(day=TODAY))), Create(a_booking(day=TODAY))),
    (
        20,
        "new, but nobody asked MOCO",
        Situation(a_source(), None, UNSEEN_THERE),
        Hold(HoldReason.NOT_ESTABLISHED),
    ),
    (
        21,
        "another worker",
        Situation(a_source(OTHER_WORKER), a_link(), linked_to(an_entry())),
        Rebook(an_entry(), OTHER_WORKER),
    ),
    (
        22,
        "another worker, edited in MOCO",
        Situation(a_source(OTHER_WORKER), a_link(), linked_to(an_entry(THIRD))),
        conflict(ConflictReason.WORKER_CHANGED),
    ),
    (
        22,
        "another worker, billed in MOCO",
        Situation(a_source(OTHER_WORKER), a_link(), linked_to(an_entry(billed=True))),
        conflict(ConflictReason.WORKER_CHANGED),
    ),
    (
        23,
        "not paid any more",
        Situation(a_source(), a_link(disregarded=True), linked_to(an_entry(billed=True))),
        conflict(ConflictReason.UNBILLED_IN_SOURCE),
    ),
    (
        23,
        "pending payment, while only paid counts as invoiced",
        Situation(
            a_source(billing=Billing.PENDING_PAYMENT), a_link(disregarded=True), linked_to(an_entry(billed=True))
        ),
        conflict(ConflictReason.UNBILLED_IN_SOURCE),
    ),
    (
        24,
        "pending payment, which a person said is invoiced",
        Situation(
            a_source(billing=Billing.PENDING_PAYMENT),
            a_link(disregarded=True),
            linked_to(an_entry(billed=True)),
            rules=replace(REPORT, invoiced=frozenset({Billing.PAID, Billing.PENDING_PAYMENT})),
        ),
        Keep(),
    ),
    (24, "nothing happened", Situation(a_source(), a_link(), linked_to(an_entry())), Keep()),
    (24, "nothing happened, as far as any scan tells", Situation(a_source(), a_link(), UNSEEN_THERE), Keep()),
    (
        24,
        "billed in MOCO, as it should be",
        Situation(a_source(), a_link(), linked_to(an_entry(billed=True, updated=LATER))),
        Keep(),
    ),
    (
        24,
        "still paid after its disregard",
        Situation(a_source(billing=PAID), a_link(disregarded=True), linked_to(an_entry(billed=True))),
        Keep(),
    ),
    (
        24,
        "MOCO rounded it: neither side changed",
        Situation(a_source(), a_link(SENT, ROUNDED), linked_to(an_entry(ROUNDED))),
        Keep(),
    ),
    (
        24,
        "a person tagged it, and we set no tags",
        Situation(a_source(), a_link(), linked_to(an_entry(a_booking(tag="Q2")))),
        Keep(),
    ),
    (
        25,
        "edited in MOCO",
        Situation(a_source(), a_link(), linked_to(an_entry(THIRD))),
        Keep(KeepReason.EDITED_IN_TARGET),
    ),
    (
        25,
        "a timer runs in MOCO",
        Situation(a_source(), a_link(), linked_to(an_entry(timer=True))),
        Keep(KeepReason.EDITED_IN_TARGET),
    ),
    (
        26,
        "both sides changed alike",
        Situation(a_source(OTHER), a_link(), linked_to(an_entry(OTHER))),
        Keep(KeepReason.REBASED, rebase=OTHER),
    ),
    (
        26,
        "we set no tags any more, and a person replaced ours",
        Situation(
            a_source(),
            a_link(a_booking(tag="Design"), a_booking(tag="Design")),
            linked_to(an_entry(a_booking(tag="Q2"))),
        ),
        Keep(KeepReason.REBASED, rebase=SENT),
    ),
    (
        27,
        "both sides changed",
        Situation(a_source(OTHER), a_link(), linked_to(an_entry(THIRD))),
        conflict(ConflictReason.BOTH_EDITED, "seconds, description"),
    ),
    (
        27,
        "a person set a tag where we now want another",
        Situation(a_source(a_booking(tag="Design")), a_link(), linked_to(an_entry(a_booking(tag="Q2")))),
        conflict(ConflictReason.BOTH_EDITED, "tag"),
    ),
    (
        27,
        "both sides changed, and it is billed",
        Situation(a_source(OTHER), a_link(), linked_to(an_entry(THIRD, billed=True))),
        conflict(ConflictReason.BOTH_EDITED, "seconds, description"),
    ),
    (
        28,
        "the source changed what MOCO has billed",
        Situation(a_source(OTHER), a_link(), linked_to(an_entry(billed=True))),
        conflict(ConflictReason.BILLED),
    ),
    (
        28,
        "the source changed what we had marked as billed",
        Situation(a_source(OTHER, billing=PAID), a_link(disregarded=True), UNSEEN_THERE),
        conflict(ConflictReason.BILLED),
    ),
    (
        29,
        "the source changed",
        Situation(a_source(OTHER), a_link(), linked_to(an_entry())),
        Update(an_entry(), OTHER),
    ),
    (
        29,
        "the source changed, no scan has shown the activity",
        Situation(a_source(OTHER), a_link(), UNSEEN_THERE),
        Update(an_entry(), OTHER),
    ),
]


def act(situation: Situation) -> Action:
    return decide(situation.source, situation.link, situation.target, situation.memory, situation.rules)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [pytest.param(situation, expected, id=f"row {row}: {says}") for row, says, situation, expected in ROWS],
)
def test_each_row_of_the_table(situation: Situation, expected: Action) -> None:
    assert act(situation) == expected


def test_every_documented_row_has_an_example() -> None:
    documented = {int(row) for row in re.findall(r"^(\d+)  ", decide_module.__doc__ or "", re.MULTILINE)}
    assert documented == {row for row, *_ in ROWS} == set(range(1, 30))


@pytest.mark.parametrize(
    "situation",
    [
        Situation(a_source(TIMER)),
        Situation(a_source(replace(TIMER, day=TODAY - timedelta(days=1)))),
        Situation(a_source(TIMER), a_link(), linked_to(an_entry())),
        Situation(a_source(TIMER), None, marked(an_entry())),
        Situation(a_source(replace(TIMER, user_id=MocoId(8))), a_link(), linked_to(an_entry())),
    ],
)
def test_a_booking_that_would_start_a_timer_is_held(situation: Situation) -> None:
    assert act(situation) == Hold(HoldReason.STARTS_A_TIMER)


def test_a_booking_without_duration_of_two_days_ago_starts_no_timer() -> None:
    booking = replace(TIMER, day=TODAY - timedelta(days=2))
    assert act(Situation(a_source(booking))) == Create(booking)


WRITES = [
    ("update", Situation(a_source(OTHER), a_link(), linked_to(an_entry())), OTHER),
    ("update", Situation(a_source(OTHER), None, marked(an_entry())), OTHER),
    ("withdraw", Situation(DELETED, a_link(), linked_to(an_entry()), rules=DELETE), None),
    ("withdraw", Situation(a_source(OTHER_WORKER), a_link(), linked_to(an_entry())), None),
]


@pytest.mark.parametrize(("write", "situation", "payload"), WRITES)
def test_a_write_that_was_refused_is_not_sent_again(write: str, situation: Situation, payload: Booking | None) -> None:
    refusal = refusal_of(act(situation), write, payload, "gesperrt")
    again = replace(situation, memory=Memory(refusal=refusal))
    assert act(again) == Conflict(ConflictReason.REFUSED, "gesperrt", ID)
    released = replace(situation, memory=Memory(refusal=replace(refusal, released=True)))
    assert act(released) == act(situation)


@pytest.mark.parametrize(("write", "situation", "payload"), WRITES)
def test_a_refused_write_is_tried_again_when_the_activity_changed(
    write: str, situation: Situation, payload: Booking | None
) -> None:
    memory = refused(write, payload, THIRD)
    assert act(replace(situation, memory=memory)) == act(situation)


def test_a_refused_update_is_tried_again_with_another_payload() -> None:
    memory = refused("update", THIRD, SENT)
    situation = Situation(a_source(OTHER), a_link(), linked_to(an_entry()), memory)
    assert act(situation) == Update(an_entry(), OTHER)


def test_a_refused_create_is_remembered_without_a_target() -> None:
    refusal = refusal_of(Create(SENT), "create", SENT, "no")
    assert refusal == Refusal("create", fingerprint(SENT), "", "no")


CONFLICTS = [
    pytest.param(situation, id=f"row {row}: {says}")
    for row, says, situation, expected in ROWS
    if isinstance(expected, Conflict)
]


@pytest.mark.parametrize("situation", CONFLICTS)
def test_an_accepted_conflict_is_kept_until_its_source_changes(situation: Situation) -> None:
    found = act(situation)
    assert isinstance(found, Conflict)
    accepted = Memory(accepted=conflict_digest(found, situation.source, situation.target))
    assert act(replace(situation, memory=accepted)) == Keep(KeepReason.ACCEPTED)

    changed = replace(situation.source, billing=Billing.NOT_BILLABLE)
    assert act(replace(situation, source=changed, memory=accepted)) == act(replace(situation, source=changed))


def test_an_accepted_conflict_survives_another_edit_in_moco() -> None:
    source, link = a_source(OTHER), a_link()
    before, after = linked_to(an_entry(THIRD)), linked_to(an_entry(a_booking(description="again")))
    found = decide(source, link, before, Memory(), REPORT)
    assert isinstance(found, Conflict)
    memory = Memory(accepted=conflict_digest(found, source, before))
    assert decide(source, link, after, memory, REPORT) == Keep(KeepReason.ACCEPTED)


def test_a_third_copy_brings_an_accepted_duplicate_back() -> None:
    source = a_source()
    found = decide(source, None, TWO, Memory(), REPORT)
    assert isinstance(found, Conflict)
    memory = Memory(accepted=conflict_digest(found, source, TWO))
    three = marked(*TWO.marked, an_entry(activity=902))
    assert isinstance(decide(source, None, three, memory, REPORT), Conflict)


def test_archiving_the_project_does_not_bring_an_accepted_conflict_back() -> None:
    source, target = a_source(OTHER), linked_to(an_entry(THIRD))
    found = decide(source, a_link(), target, Memory(), REPORT)
    assert isinstance(found, Conflict)
    memory = Memory(accepted=conflict_digest(found, source, target))
    assert decide(a_source(archived(OTHER)), a_link(), target, memory, REPORT) == Keep(KeepReason.ACCEPTED)


def test_the_order_of_activities_changes_nothing() -> None:
    one, two = TWO.marked
    assert act(Situation(a_source(), None, marked(one, two))) == act(Situation(a_source(), None, marked(two, one)))


def test_a_link_of_an_unknown_version_is_compared_in_todays_fields() -> None:
    link = replace(a_link(), version=99)
    assert act(Situation(a_source(), link, linked_to(an_entry()))) == Keep()


def test_a_task_still_to_be_created_makes_a_linked_record_an_update() -> None:
    moved = wanted(a_booking(task=0))
    assert act(Situation(a_source(moved), a_link(), linked_to(an_entry()))) == Update(an_entry(), moved.booking)


@pytest.mark.parametrize(
    ("action", "carried_out", "left"),
    [
        (Create(SENT), Word.CREATED, Word.PENDING),
        (Adopt(an_entry(), SENT), Word.ADOPTED, Word.PENDING),
        (Adopt(an_entry(), SENT, then_update=True), Word.UPDATED, Word.PENDING),
        (Update(an_entry(), SENT), Word.UPDATED, Word.PENDING),
        (Rebook(an_entry(), SENT), Word.UPDATED, Word.PENDING),
        (Withdraw(an_entry()), Word.SKIPPED, Word.PENDING),
        (Keep(KeepReason.UNSEEN), Word.UNCHANGED, Word.UNCHANGED),
        (Skip(SkipReason.TRASHED), Word.SKIPPED, Word.SKIPPED),
        (Conflict(ConflictReason.BILLED), Word.CONFLICTS, Word.CONFLICTS),
        (Quarantined("no"), Word.QUARANTINED, Word.QUARANTINED),
    ]
    + [
        (
            Hold(reason),
            *(
                2
                * [
                    {
                        HoldReason.UNSETTLED: Word.UNCLEAR,
                        HoldReason.NOT_ESTABLISHED: Word.PENDING,
                        HoldReason.REJECTED: Word.REJECTED,
                    }.get(reason, Word.HELD)
                ]
            ),
        )
        for reason in HoldReason
    ],
)
def test_every_action_ends_in_one_word(action: Action, carried_out: Word, left: Word) -> None:
    assert (final_word(action), word_of(action)) == (carried_out, left)


def test_an_activity_that_no_scan_has_shown_stands_as_moco_answered_us() -> None:
    present = standing(a_link(SENT, ROUNDED, disregarded=True), UNSEEN_THERE)
    assert (present.entry.booking, present.entry.billed, present.billed, present.seen) == (ROUNDED, True, True, False)
