"""What holds for every decision: over the full cross product of abstract states, and over random bookings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.actions import (
    Action,
    Adopt,
    Conflict,
    ConflictReason,
    Create,
    HoldReason,
    Keep,
    KeepReason,
    Rebook,
    SkipReason,
    Update,
    Withdraw,
    Word,
    Write,
)
from migrator.core.decide import (
    Deletion,
    Link,
    Memory,
    Refusal,
    Target,
    conflict_digest,
    decide,
    final_word,
    ruling_on,
    word_of,
)
from migrator.core.fingerprint import fingerprint, stored_view
from migrator.core.ledger import Ledger
from migrator.core.model import Billing, Booking, Seconds, SourceId, TargetEntry
from migrator.core.record import new_link
from migrator.core.resolve import LeftOut, Unmapped, Wanted
from migrator.core.sides import entry_shown
from tests.unit.core.builders import (
    DELETE,
    LATER,
    OTHER,
    OTHER_WORKER,
    REPORT,
    SENT,
    THIRD,
    TIMER,
    UNMAPPED,
    Situation,
    a_booking,
    a_link,
    a_source,
    an_entry,
    archived,
    left_out,
    wanted,
)

KNOWN: list[Wanted | Unmapped | LeftOut] = [
    wanted(SENT),
    wanted(OTHER),
    wanted(OTHER_WORKER),
    wanted(TIMER),
    wanted(a_booking(tag="Design")),
    wanted(a_booking(task=0)),
    archived(SENT),
    archived(OTHER),
    UNMAPPED,
    *(left_out(reason) for reason in SkipReason),
]
LINKS = [
    None,
    a_link(),
    a_link(None),
    a_link(SENT, a_booking(seconds=4500)),
    a_link(disregarded=True),
    a_link(a_booking(tag="Design"), a_booking(tag="Design")),
]
ENTRIES = [
    an_entry(),
    an_entry(updated=LATER),
    an_entry(a_booking(seconds=4500)),
    an_entry(OTHER, updated=LATER),
    an_entry(THIRD, updated=LATER),
    an_entry(billed=True),
    an_entry(timer=True),
    an_entry(OTHER_WORKER),
    an_entry(a_booking(tag="Q2"), updated=LATER),
]
MEMORIES = [
    Memory(),
    Memory(open_intent=True),
    Memory(undone=True),
    *(
        Memory(refusal=Refusal(write, payload, target, "no", released))
        for write, payload, target in (
            ("create", fingerprint(SENT), ""),
            ("update", fingerprint(OTHER), fingerprint(SENT)),
            ("withdraw", "", fingerprint(SENT)),
        )
        for released in (False, True)
    ),
]


def targets() -> Iterator[Target]:
    copy = an_entry(activity=901)
    for established in (False, True):
        yield Target(absence_established=established)
        yield Target(gone=True, absence_established=established)
        yield Target((copy,), gone=True, absence_established=established)
        yield Target((copy,), absence_established=established)
        yield Target((copy,), absence_established=established, stands_for=SourceId(7))
        yield Target((ENTRIES[0], copy), ENTRIES[0], absence_established=established)
        for entry in ENTRIES:
            yield Target((entry,), entry, absence_established=established)
            yield Target((), entry, absence_established=established)


def situations() -> Iterator[Situation]:
    sources = [a_source(*side) for side in product(KNOWN, Deletion, (Billing.BILLABLE, Billing.PAID))]
    for source, link, target, memory, rules in product(sources, LINKS, list(targets()), MEMORIES, (REPORT, DELETE)):
        # A snapshot has a "linked" activity only where there is a link.
        if link is not None or (target.linked is None or target.marked):
            yield Situation(source, link, target if link else replace(target, linked=None), memory, rules)


def act(situation: Situation) -> Action:
    return decide(situation.source, situation.link, situation.target, situation.memory, situation.rules)


def writes_within_the_law(situation: Situation, action: Action) -> bool:
    """Whether a write touches nothing that a person edited or billed, and creates nothing that may be there."""
    link, target = situation.link, situation.target
    if link is None and target.stands_for is not None:
        return not isinstance(action, Write)
    match action:
        case Create():
            return target.absence_established and link is None and not target.marked
        case Adopt(entry, _, then_update):
            pristine = not entry.billed and entry.updated_at == entry.created_at and not entry.timer_running
            return pristine if then_update else True
        case Update(entry, booking):
            tagged = link.sent if link and link.sent and link.sent.tag else booking
            return _as_answered(link, entry, stored_view(tagged, entry.booking), tagged)
        case Rebook(entry, _) | Withdraw(entry):
            return _as_answered(link, entry, entry.booking, None)
    return True


def _as_answered(link: Link | None, entry: TargetEntry, now: Booking, view: Booking | None) -> bool:
    if link is None or link.disregarded or entry.billed or entry.timer_running:
        return False
    return now == (stored_view(view, link.answered) if view else link.answered)


def carried_out(  # noqa: PLR0911 - one return for each action
    situation: Situation, action: Action
) -> Situation:
    """The situation after MOCO, which rounds up to a quarter of an hour, did what `action` says."""
    link, target = situation.link, situation.target
    match action:
        case Create(booking):
            return _written(situation, an_entry(_stored(booking), activity=950), booking, Target())
        case Rebook(entry, booking):
            rest = tuple(each for each in target.marked if each.id != entry.id)
            return _written(situation, an_entry(_stored(booking), activity=950), booking, Target(rest))
        case Update(entry, booking) | Adopt(entry, booking, True):
            stored = replace(entry, booking=_stored(booking), updated_at=LATER)
            return _written(situation, stored, booking, target)
        case Adopt(entry, booking):
            return _written(situation, entry, booking, target)
        case Withdraw(entry):
            rest = tuple(each for each in target.marked if each.id != entry.id)
            return replace(situation, link=None, target=replace(target, marked=rest, linked=None))
        case Keep(_, rebase) if rebase is not None and link is not None and target.linked is not None:
            link = replace(link, sent=rebase, answered=target.linked.booking)
            return replace(situation, link=link)
    return situation


def _stored(booking: Booking) -> Booking:
    return replace(booking, seconds=Seconds(-(-booking.seconds // 900) * 900))


def _written(situation: Situation, entry: TargetEntry, sent: Booking, before: Target) -> Situation:
    marked = tuple(each for each in before.marked if each.id != entry.id)
    link = new_link(entry, sent)
    if situation.link is not None and not isinstance(act(situation), Rebook):
        link = replace(link, disregarded=situation.link.disregarded)
    return replace(situation, link=link, target=Target((*marked, entry), entry))


def test_the_laws_hold_in_every_abstract_state() -> None:
    seen: set[type[Action]] = set()
    for situation in situations():
        action = act(situation)
        seen.add(type(action))
        assert writes_within_the_law(situation, action), (situation, action)
        if isinstance(action, Write | Keep):
            after = act(carried_out(situation, action))
            assert not isinstance(after, Write), (situation, action, after)
        if isinstance(action, Conflict):
            digest = conflict_digest(action, situation.source, situation.target)
            accepted = replace(situation, memory=replace(situation.memory, accepted=digest))
            assert act(accepted) == Keep(KeepReason.ACCEPTED)
    assert seen == set(Action.__args__)  # no action is out of reach


def test_a_persons_word_for_the_source_keeps_the_laws_in_every_abstract_state() -> None:
    """Beyond what `decide` writes by itself: only the very activity that was shown, and nothing billed or timed."""
    reasons = set()
    for situation in situations():
        found = act(situation) if situation.memory == Memory() else None
        if not isinstance(found, Conflict):
            continue
        ruling = ruling_on(found, situation.source, situation.link, situation.target)
        ruled = replace(situation, memory=Memory(ruling=ruling))
        action = act(ruled)
        match action:
            case Create():
                assert situation.target.gone
                assert situation.target.absence_established
            case Update(entry) | Rebook(entry) | Withdraw(entry) | Adopt(entry, _, True):
                assert entry == entry_shown(situation.link, situation.target)
                link = situation.link
                disregarded = link is not None and link.disregarded and link.activity_id == entry.id
                assert (entry.billed, entry.timer_running, disregarded) == (False, False, False)
        if isinstance(action, Write):
            reasons.add(found.reason)
            assert not isinstance(act(carried_out(ruled, action)), Write), (ruled, action)
        moved = Memory(ruling=replace(ruling, shown="another"))
        assert act(replace(situation, memory=moved)) == found
    assert reasons == set(ConflictReason) - {
        ConflictReason.DUPLICATE,
        ConflictReason.SHARED,
        ConflictReason.BILLED,
        ConflictReason.UNBILLED_IN_SOURCE,
        ConflictReason.REFUSED,
    }


def test_every_abstract_state_ends_in_one_word_and_the_books_balance() -> None:
    """No record and no second is lost, in whatever order the records come."""
    words: Counter[Word] = Counter()
    ledger, backwards = Ledger(), Ledger()
    some = [(situation, act(situation)) for situation in situations() if situation.memory == Memory()]
    for situation, action in some:
        word = word_of(action)
        words[word] += 1
        ledger.count(word, situation.source.seconds)
        assert final_word(action) in Word
    for situation, action in reversed(some):
        backwards.count(word_of(action), situation.source.seconds)
    ledger.balance(len(some), sum(situation.source.seconds for situation, _ in some))
    assert (backwards.as_json(), ledger.records()) == (ledger.as_json(), words.total())


def test_the_order_in_which_moco_shows_activities_changes_nothing() -> None:
    for situation in situations():
        if len(situation.target.marked) > 1:
            turned = replace(situation.target, marked=tuple(reversed(situation.target.marked)))
            assert act(replace(situation, target=turned)) == act(situation)


BOOKINGS = st.builds(
    a_booking,
    seconds=st.sampled_from([0, 1, 612, 900, 3600]),
    user=st.sampled_from([7, 8]),
    task=st.sampled_from([0, 30, 31]),
    description=st.sampled_from(["a", "b"]),
    billable=st.booleans(),
    tag=st.sampled_from(["", "x", "y"]),
)
SOURCES = st.builds(
    a_source,
    st.one_of(
        BOOKINGS,
        st.builds(archived, BOOKINGS),
        st.just(UNMAPPED),
        st.builds(left_out, st.sampled_from(SkipReason)),
    ),
    st.sampled_from(Deletion),
    st.sampled_from(Billing),
    st.sampled_from(["", "bad"]),
)
TARGET_ENTRIES = st.builds(
    an_entry,
    BOOKINGS,
    st.sampled_from([900, 901]),
    st.booleans(),
    st.sampled_from([an_entry().updated_at, LATER]),
    st.booleans(),
)
LINKS_AT_RANDOM = st.none() | st.builds(a_link, st.none() | BOOKINGS, BOOKINGS, st.just(900), st.booleans())


@st.composite
def situations_at_random(draw: st.DrawFn) -> Situation:
    link = draw(LINKS_AT_RANDOM)
    found = draw(st.lists(TARGET_ENTRIES, max_size=2, unique_by=lambda entry: entry.id))
    linked = next((entry for entry in found if entry.id == 900), None) if link else None
    gone = draw(st.booleans()) and linked is None
    target = Target(tuple(sorted(found, key=lambda entry: entry.id)), linked, gone, draw(st.booleans()))
    refusal = draw(
        st.none()
        | st.builds(
            Refusal,
            st.sampled_from(["create", "update", "withdraw"]),
            BOOKINGS.map(fingerprint),
            BOOKINGS.map(fingerprint),
            st.just("no"),
            st.booleans(),
        )
    )
    memory = Memory(draw(st.booleans()), draw(st.booleans()), refusal)
    return Situation(draw(SOURCES), link, target, memory, draw(st.sampled_from([REPORT, DELETE])))


@settings(max_examples=400, deadline=None)
@given(situations_at_random())
def test_no_random_state_breaks_a_law(situation: Situation) -> None:
    action = act(situation)
    assert act(situation) == action
    assert writes_within_the_law(situation, action)
    assert not isinstance(act(carried_out(situation, action)), Write)


@given(situations_at_random())
def test_what_a_person_undid_or_the_lease_holder_must_settle_is_never_written(situation: Situation) -> None:
    waiting = act(replace(situation, memory=replace(situation.memory, open_intent=True)))
    undone = act(replace(situation, memory=replace(situation.memory, open_intent=False, undone=True)))
    assert getattr(waiting, "reason", None) is HoldReason.UNSETTLED
    assert getattr(undone, "reason", None) is HoldReason.UNDONE
