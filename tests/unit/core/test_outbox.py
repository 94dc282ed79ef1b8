"""Letters that wait: nothing is lost, nothing overtakes, and an arrival is final."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.outbox import (
    KEPT_FOR,
    Channel,
    Delivery,
    Letter,
    Outbox,
    arrived,
    attempted,
    first_due,
    next_due,
    only_over,
    put,
    without_old,
)

START = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
BOTH = tuple(Channel)
MAIL = (Channel.MAIL,)


def letter(name: str, *, minute: int = 0, series: str = "") -> Letter:
    return Letter(name, at(minute), f"about {name}", "text", series)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def test_a_letter_that_does_not_arrive_is_tried_again_after_longer_and_longer_pauses() -> None:
    outbox = put((), letter("a"), MAIL, START)
    minutes = []
    for _ in range(6):
        moment = next_due(outbox)
        assert moment is not None
        delivery = first_due(outbox, moment)
        assert delivery is not None
        minutes.append((moment - START) / timedelta(minutes=1))
        outbox = attempted(outbox, delivery, moment)
        # The process may die here: nothing else has to be written down.
        assert first_due(outbox, moment) is None
    assert minutes == [0, 1, 6, 21, 81, 141]
    assert arrived(outbox, outbox[0]) == ()


def test_ways_do_not_wait_for_each_other_but_letters_do() -> None:
    outbox = put(put((), letter("a"), BOTH, START), letter("b"), BOTH, START)
    mail = first_due(outbox, START)
    assert mail is not None
    assert (mail.letter.id, mail.channel) == ("a", Channel.MAIL)
    outbox = attempted(outbox, mail, START)
    posted = first_due(outbox, START)
    assert posted is not None
    assert (posted.letter.id, posted.channel) == ("a", Channel.WEBHOOK)
    outbox = arrived(outbox, posted)
    second = first_due(outbox, START)
    assert second is not None
    assert (second.letter.id, second.channel) == ("b", Channel.WEBHOOK)
    # The mail of b waits behind that of a, which is due in a minute.
    assert first_due(arrived(outbox, second), START) is None


def test_news_make_what_waits_be_tried_at_once() -> None:
    outbox = put((), letter("a"), MAIL, START)
    outbox = attempted(outbox, Delivery(letter("a"), Channel.MAIL, START, tries=3), START)
    assert first_due(outbox, at(10)) is None
    again = first_due(put(outbox, letter("b", minute=10), MAIL, at(10)), at(10))
    assert again is not None
    assert again.letter.id == "a"


def test_a_digest_replaces_the_one_that_did_not_arrive() -> None:
    outbox = put((), letter("monday", series="digest"), BOTH, START)
    outbox = arrived(outbox, outbox[0])
    outbox = put(outbox, letter("tuesday", series="digest"), BOTH, START)
    assert [(each.letter.id, each.channel) for each in outbox] == [("tuesday", each) for each in BOTH]


def test_old_letters_and_ways_that_are_gone_are_given_up() -> None:
    outbox = put(put((), letter("old"), BOTH, START), letter("new", minute=60), BOTH, at(60))
    kept, old = without_old(outbox, START + KEPT_FOR + timedelta(minutes=1))
    assert {each.letter.id for each in old} == {"old"}
    assert {each.letter.id for each in kept} == {"new"}
    assert {each.channel for each in only_over(kept, MAIL)} == {Channel.MAIL}


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["put", "fail", "arrive", "die"])), max_size=40))
def test_every_letter_arrives_in_order_or_is_still_there(story: list[tuple[int, str]]) -> None:
    outbox: Outbox = ()
    minute, made = 0, list[str]()
    seen: dict[Channel, list[str]] = {channel: [] for channel in Channel}
    for pause, what in story:
        minute += pause
        if what == "put":
            made.append(f"{len(made):03}")
            outbox = put(outbox, letter(made[-1], minute=minute), BOTH, at(minute))
        delivery = first_due(outbox, at(minute))
        if what == "put" or delivery is None:
            continue
        outbox = attempted(outbox, delivery, at(minute))
        if what == "arrive":
            seen[delivery.channel].append(delivery.letter.id)
            outbox = arrived(outbox, delivery)
    for channel in Channel:
        waiting = [each.letter.id for each in outbox if each.channel is channel]
        assert seen[channel] + waiting == made
