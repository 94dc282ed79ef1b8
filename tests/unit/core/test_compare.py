"""What `verify` reports for a record, in every kind there is, and what it does not report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.core.actions import Conflict, SkipReason
from migrator.core.compare import Difference, DifferenceKind, differences, extra_difference
from migrator.core.decide import (
    Deletion,
    Link,
    Memory,
    Refusal,
    Source,
    Target,
    conflict_digest,
    decide,
)
from migrator.core.fingerprint import fingerprint
from migrator.core.model import MocoId, SourceId
from tests.unit.core.builders import (
    LATER,
    NOTHING,
    OTHER,
    OTHER_WORKER,
    REPORT,
    SENT,
    THIRD,
    UNMAPPED,
    a_booking,
    a_link,
    a_source,
    an_entry,
    left_out,
    linked_to,
    marked,
)

GONE = Target(gone=True)
DELETED = a_source(deletion=Deletion.PROVED)
UNEVEN = a_booking(seconds=3780)
ROUNDED = a_booking(seconds=3900)


def compared(
    source: Source,
    link: Link | None,
    target: Target,
    memory: Memory | None = None,
    rounding_accepted: bool = False,
) -> tuple[Difference, ...]:
    action = decide(source, link, target, memory or Memory(), REPORT)
    return differences(source, link, target, action, rounding_accepted)


def accepting(source: Source, link: Link | None, target: Target) -> Memory:
    found = decide(source, link, target, Memory(), REPORT)
    assert isinstance(found, Conflict)
    return Memory(accepted=conflict_digest(found, source, target))


K = DifferenceKind
CASES: list[tuple[str, Source, Link | None, Target, list[tuple[DifferenceKind, bool]]]] = [
    ("equal", a_source(), a_link(), linked_to(an_entry()), []),
    ("equal but for a person's tag", a_source(), a_link(), linked_to(an_entry(a_booking(tag="Q"))), []),
    ("in the source only", a_source(), None, NOTHING, [(K.MISSING, False)]),
    ("in the source only, as far as known", a_source(), None, Target(), [(K.MISSING, False)]),
    ("deleted in MOCO", a_source(), a_link(), GONE, [(K.DELETED, False)]),
    ("deleted on both sides", DELETED, a_link(), GONE, []),
    ("deleted in the source", DELETED, a_link(), linked_to(an_entry()), [(K.EXTRA, False)]),
    (
        "mapped to skip, though in MOCO",
        a_source(left_out(SkipReason.MAPPED_TO_SKIP)),
        a_link(),
        linked_to(an_entry()),
        [(K.EXTRA, False)],
    ),
    ("out of scope", a_source(left_out(SkipReason.OUT_OF_SCOPE)), a_link(), linked_to(an_entry(THIRD)), []),
    (
        "unseen in the source",
        a_source(deletion=Deletion.UNSEEN),
        a_link(),
        linked_to(an_entry(THIRD)),
        [],
    ),
    (
        "copied in MOCO",
        a_source(),
        a_link(),
        Target((an_entry(), an_entry(activity=901), an_entry(activity=902)), an_entry()),
        [(K.DUPLICATE, False), (K.DUPLICATE, False)],
    ),
    ("not yet updated", a_source(OTHER), a_link(), linked_to(an_entry()), [(K.CHANGED, False)]),
    ("not yet rebooked", a_source(OTHER_WORKER), a_link(), linked_to(an_entry()), [(K.CHANGED, False)]),
    ("edited on both sides", a_source(OTHER), a_link(), linked_to(an_entry(THIRD)), [(K.CHANGED, False)]),
    ("edited on both sides alike", a_source(OTHER), a_link(), linked_to(an_entry(OTHER)), []),
    ("edited in MOCO", a_source(), a_link(), linked_to(an_entry(THIRD)), [(K.EDITED, True)]),
    ("rounded by MOCO", a_source(UNEVEN), a_link(UNEVEN, ROUNDED), linked_to(an_entry(ROUNDED)), [(K.ROUNDED, False)]),
    (
        "stored otherwise by MOCO",
        a_source(),
        a_link(SENT, THIRD),
        linked_to(an_entry(THIRD)),
        [(K.CHANGED, False)],
    ),
    ("our marker without a link", a_source(), None, marked(an_entry()), [(K.UNLINKED, False)]),
    (
        "our marker without a link, edited",
        a_source(OTHER),
        None,
        marked(an_entry(updated=LATER)),
        [(K.UNLINKED, False)],
    ),
    ("held", a_source(UNMAPPED), None, NOTHING, []),
    ("held, linked", a_source(UNMAPPED), a_link(), linked_to(an_entry(THIRD)), []),
    ("rejected", a_source(rejected="x.xml:1: bad"), None, NOTHING, []),
    ("skipped", a_source(left_out(SkipReason.ZERO_DURATION)), None, NOTHING, []),
]


@pytest.mark.parametrize(
    ("source", "link", "target", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_kind_of_difference(
    source: Source, link: Link | None, target: Target, expected: list[tuple[DifferenceKind, bool]]
) -> None:
    found = compared(source, link, target)
    assert [(each.kind, each.explained) for each in found] == expected
    assert all(each.source_id == 482 for each in found)


def test_every_kind_but_that_without_a_record_is_shown_above() -> None:
    assert {kind for *_, expected in CASES for kind, _ in expected} == set(DifferenceKind)


def test_a_difference_shows_the_fields_that_differ() -> None:
    (found,) = compared(a_source(OTHER), a_link(), linked_to(an_entry(THIRD)))
    assert found == Difference(
        SourceId(482),
        MocoId(900),
        DifferenceKind.CHANGED,
        {"seconds": 7200, "description": "Relaunch: header"},
        {"seconds": 3600, "description": "somebody else wrote this"},
        explained=False,
        seconds=3600,
    )


def test_a_missing_record_shows_what_is_wanted() -> None:
    (found,) = compared(a_source(), None, NOTHING)
    assert found.source is not None
    assert found.source["day"] == "2024-05-02"
    assert (found.activity_id, found.target) == (None, None)


def test_rounding_is_explained_where_the_policy_accepts_it() -> None:
    target = linked_to(an_entry(ROUNDED))
    (found,) = compared(a_source(UNEVEN), a_link(UNEVEN, ROUNDED), target, rounding_accepted=True)
    assert (found.kind, found.explained) == (DifferenceKind.ROUNDED, True)


def test_a_rounded_record_that_changed_since_is_not_explained_by_rounding() -> None:
    (found,) = compared(
        a_source(a_booking(seconds=3790)),
        a_link(UNEVEN, ROUNDED),
        linked_to(an_entry(ROUNDED)),
        rounding_accepted=True,
    )
    assert (found.kind, found.explained) == (DifferenceKind.CHANGED, False)


@pytest.mark.parametrize(
    ("source", "link", "target", "kind"),
    [
        (a_source(OTHER), a_link(), linked_to(an_entry(THIRD)), DifferenceKind.CHANGED),
        (a_source(), a_link(), GONE, DifferenceKind.DELETED),
        (DELETED, a_link(), linked_to(an_entry()), DifferenceKind.EXTRA),
        (
            a_source(left_out(SkipReason.MAPPED_TO_SKIP)),
            a_link(),
            linked_to(an_entry()),
            DifferenceKind.EXTRA,
        ),
        (a_source(), None, marked(an_entry(), an_entry(activity=901)), DifferenceKind.DUPLICATE),
        (a_source(OTHER), None, marked(an_entry(updated=LATER)), DifferenceKind.UNLINKED),
    ],
)
def test_what_a_person_accepted_is_explained(
    source: Source, link: Link | None, target: Target, kind: DifferenceKind
) -> None:
    (found,) = compared(source, link, target, accepting(source, link, target))
    assert (found.kind, found.explained) == (kind, True)


def test_what_moco_refused_is_not_missing() -> None:
    memory = Memory(refusal=Refusal("create", fingerprint(SENT), "", "no"))
    assert compared(a_source(), None, NOTHING, memory) == ()


def test_an_activity_without_a_record_is_extra() -> None:
    found = extra_difference(an_entry())
    assert (found.source_id, found.activity_id, found.kind, found.explained) == (
        482,
        900,
        DifferenceKind.EXTRA,
        False,
    )
    foreign = an_entry(replace(SENT, marker="someone else's"))
    assert extra_difference(foreign).source_id is None
