"""A person's word that ActiveCollab's side counts: what it makes of each conflict, and when it counts no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    Hold,
    HoldReason,
    Rebook,
    SkipReason,
    Update,
    Withdraw,
    Write,
)
from migrator.core.decide import Deletion, Memory, Refusal, Target, decide, ruling_on
from migrator.core.fingerprint import fingerprint
from migrator.core.model import Billing
from migrator.core.sides import entry_shown
from tests.unit.core.builders import (
    LATER,
    OTHER,
    OTHER_WORKER,
    SENT,
    THIRD,
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
)
from tests.unit.core.test_decide_laws import act, carried_out, situations_at_random

DELETED = a_source(deletion=Deletion.PROVED)
GONE = Target(gone=True, absence_established=True)
EDITED = an_entry(THIRD, updated=LATER)
BILLED = an_entry(billed=True)
BOTH_EDITED = Situation(a_source(OTHER), a_link(), linked_to(EDITED))


def ruled(situation: Situation) -> Situation:
    """The same, after a person said of its conflict that ActiveCollab's side counts."""
    found = act(situation)
    assert isinstance(found, Conflict)
    ruling = ruling_on(found, situation.source, situation.link, situation.target)
    return replace(situation, memory=replace(situation.memory, ruling=ruling))


WRITTEN: list[tuple[str, Situation, Action]] = [
    ("both edited", BOTH_EDITED, Update(EDITED, OTHER)),
    ("deleted in the source, edited", Situation(DELETED, a_link(), linked_to(EDITED)), Withdraw(EDITED)),
    ("deleted in the source, never linked", Situation(DELETED, None, marked(an_entry())), Withdraw(an_entry())),
    (
        "a rule leaves it out",
        Situation(a_source(left_out(SkipReason.ZERO_DURATION)), a_link(), linked_to(an_entry())),
        Withdraw(an_entry()),
    ),
    (
        "another worker, edited",
        Situation(a_source(OTHER_WORKER), a_link(), linked_to(EDITED)),
        Rebook(EDITED, OTHER_WORKER),
    ),
    (
        "our marker on what differs",
        Situation(a_source(OTHER), None, marked(EDITED)),
        Adopt(EDITED, OTHER, then_update=True),
    ),
    (
        "our marker at another person",
        Situation(a_source(OTHER_WORKER), None, marked(an_entry())),
        Rebook(an_entry(), OTHER_WORKER),
    ),
    (
        "a link that MOCO alone told of",
        Situation(a_source(OTHER), a_link(None), linked_to(EDITED)),
        Adopt(EDITED, OTHER, then_update=True),
    ),
    ("deleted in MOCO", Situation(a_source(OTHER), a_link(), GONE), Create(OTHER)),
    (
        "deleted in MOCO, though the snapshot shows it still",
        Situation(a_source(), a_link(), Target((an_entry(),), an_entry(), gone=True, absence_established=True)),
        Create(SENT),
    ),
    (
        "deleted in MOCO, and a copy of it is there",
        Situation(a_source(), a_link(), Target((an_entry(activity=901),), gone=True)),
        Adopt(an_entry(activity=901), SENT),
    ),
    (
        "deleted in MOCO, nobody asked yet whether another one is there",
        Situation(a_source(), a_link(), Target(gone=True)),
        Hold(HoldReason.NOT_ESTABLISHED),
    ),
    (
        "deleted in MOCO, and not mapped any more",
        Situation(a_source(UNMAPPED), a_link(), GONE),
        Hold(HoldReason.UNMAPPED, UNMAPPED.detail),
    ),
    (
        "both edited, and the project is archived in MOCO",
        Situation(a_source(archived(OTHER)), a_link(), linked_to(EDITED)),
        Hold(HoldReason.PROJECT_ARCHIVED, "MOCO project 20 is archived"),
    ),
]


@pytest.mark.parametrize(("situation", "expected"), [pytest.param(*rest, id=says) for says, *rest in WRITTEN])
def test_the_sources_side_becomes_the_write_it_asks_for(situation: Situation, expected: Action) -> None:
    assert act(ruled(situation)) == expected


TIMED = an_entry(THIRD, timer=True)
LEFT_ALONE = {
    "billed": Situation(a_source(OTHER), a_link(), linked_to(BILLED)),
    "both edited and billed": Situation(a_source(OTHER), a_link(), linked_to(an_entry(THIRD, billed=True))),
    "deleted in the source, billed": Situation(DELETED, a_link(), linked_to(BILLED)),
    "marked as billed by us": Situation(DELETED, a_link(disregarded=True), linked_to(an_entry())),
    "another worker, billed": Situation(a_source(OTHER_WORKER), a_link(), linked_to(BILLED)),
    "adopted, billed": Situation(a_source(OTHER), None, marked(BILLED)),
    "a timer runs": Situation(a_source(OTHER), a_link(), linked_to(TIMED)),
    "no longer paid": Situation(a_source(), a_link(disregarded=True), linked_to(BILLED)),
    "two copies": Situation(a_source(), None, marked(an_entry(), an_entry(activity=901))),
    "never shown": Situation(a_source(OTHER), a_link(None), Target()),
}


@pytest.mark.parametrize("situation", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_billed_timed_doubled_or_unseen_stays_a_conflict(situation: Situation) -> None:
    assert act(ruled(situation)) == act(situation)


@pytest.mark.parametrize(
    "now",
    [
        replace(BOTH_EDITED, target=linked_to(an_entry(replace(THIRD, description="again"), updated=LATER))),
        replace(BOTH_EDITED, target=linked_to(an_entry(THIRD, billed=True, updated=LATER))),
        replace(BOTH_EDITED, target=linked_to(an_entry(replace(THIRD, tag="Q2"), updated=LATER))),
        replace(BOTH_EDITED, source=a_source(a_booking(seconds=1800))),
        replace(BOTH_EDITED, source=a_source(OTHER, billing=Billing.NOT_BILLABLE)),
        replace(BOTH_EDITED, source=a_source(OTHER_WORKER)),
    ],
    ids=["edited again", "billed", "tagged", "source changed", "status changed", "another conflict"],
)
def test_a_word_counts_only_for_what_its_giver_saw(now: Situation) -> None:
    memory = ruled(BOTH_EDITED).memory
    assert act(replace(now, memory=memory)) == act(now)
    assert isinstance(act(now), Conflict)


def test_a_write_that_a_person_asked_for_and_moco_refused_is_not_sent_again() -> None:
    situation = ruled(BOTH_EDITED)
    refusal = Refusal("update", fingerprint(OTHER), fingerprint(THIRD), "gesperrt")
    again = replace(situation, memory=replace(situation.memory, refusal=refusal))
    assert act(again) == Conflict(ConflictReason.REFUSED, "gesperrt", (EDITED.id,))


def test_what_is_open_or_undone_waits_whatever_a_person_said() -> None:
    situation = ruled(BOTH_EDITED)
    for memory, reason in (
        (replace(situation.memory, open_intent=True), HoldReason.UNSETTLED),
        (replace(situation.memory, undone=True), HoldReason.UNDONE),
    ):
        assert act(replace(situation, memory=memory)) == Hold(reason)


@given(situations_at_random())
def test_a_word_reaches_only_what_was_shown_and_is_done_after_one_write(situation: Situation) -> None:
    found = act(situation)
    if not isinstance(found, Conflict):
        return
    after = ruled(situation)
    action = act(after)
    shown = entry_shown(situation.link, situation.target)
    match action:
        case Create():
            assert (situation.target.gone, situation.target.absence_established) == (True, True)
        case Update(entry, _) | Adopt(entry, _, True) | Rebook(entry, _) | Withdraw(entry):
            assert entry == shown
            assert (entry.billed, entry.timer_running) == (False, False)
            assert situation.link is None or not situation.link.disregarded
    assert not isinstance(act(carried_out(after, action)), Write)


@given(situations_at_random(), situations_at_random())
def test_a_word_about_something_else_changes_nothing(situation: Situation, other: Situation) -> None:
    found = act(other)
    if not isinstance(found, Conflict):
        return
    ruling = ruling_on(found, other.source, other.link, other.target)
    mine = act(situation)
    if isinstance(mine, Conflict) and ruling == ruling_on(mine, situation.source, situation.link, situation.target):
        return
    memory = replace(situation.memory, ruling=ruling)
    assert decide(situation.source, situation.link, situation.target, memory, situation.rules) == mine


def test_nobody_said_anything_at_first() -> None:
    assert Memory().ruling is None
