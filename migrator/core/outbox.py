"""Letters that are still to be delivered: in order, again after longer and longer pauses, until they arrived. Pure.

Each attempt is written down before it is made, together with the moment of the next one. So a letter whose delivery
fails, or whose process dies, stays in the outbox and needs no clearing up; only an arrival, or `KEPT_FOR`, removes it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Between attempts; the last one from then on. Each is longer than an attempt may take."""

KEPT_FOR: Final = timedelta(days=7)
"""What could not be delivered for so long is news no more."""


class Channel(StrEnum):
    """A way to a person."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent; `id` stays the same over all attempts. A letter replaces undelivered ones of its `series`."""

    id: str
    made: datetime
    subject: str
    text: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter on one way; it is tried when it is `due` and all before it on the same way arrived."""

    letter: Letter
    channel: Channel
    due: datetime
    tries: int = 0


Outbox = tuple[Delivery, ...]
"""In the order of sending."""


def put(outbox: Outbox, letter: Letter, channels: Collection[Channel], now: datetime) -> Outbox:
    """`letter` behind all others, on each of `channels`; what waits there is tried again now, too."""
    kept = (
        replace(each, due=min(each.due, now)) if each.channel in channels else each
        for each in outbox
        if not (letter.series and each.letter.series == letter.series and each.channel in channels)
    )
    return (*kept, *(Delivery(letter, channel, now) for channel in Channel if channel in channels))


def first_due(outbox: Outbox, now: datetime) -> Delivery | None:
    """What is to be tried now: the first on its way, and never a later letter before an earlier one."""
    return next((each for each in _heads(outbox) if each.due <= now), None)


def next_due(outbox: Outbox) -> datetime | None:
    """When something is to be tried next; None when nothing waits."""
    return min((each.due for each in _heads(outbox)), default=None)


def attempted(outbox: Outbox, delivery: Delivery, now: datetime) -> Outbox:
    """The outbox while `delivery` is tried: it waits for its next attempt already."""
    pause = PAUSES[min(delivery.tries, len(PAUSES) - 1)]
    again = replace(delivery, tries=delivery.tries + 1, due=now + pause)
    return tuple(again if _same(each, delivery) else each for each in outbox)


def arrived(outbox: Outbox, delivery: Delivery) -> Outbox:
    """The outbox without a letter that arrived on this way."""
    return tuple(each for each in outbox if not _same(each, delivery))


def without_old(outbox: Outbox, now: datetime) -> tuple[Outbox, Outbox]:
    """What is worth delivering still, and what waited for longer than `KEPT_FOR`."""
    old = tuple(each for each in outbox if now - each.letter.made > KEPT_FOR)
    return tuple(each for each in outbox if each not in old), old


def only_over(outbox: Outbox, channels: Collection[Channel]) -> Outbox:
    """The outbox without ways that are configured no more."""
    return tuple(each for each in outbox if each.channel in channels)


def _heads(outbox: Outbox) -> Outbox:
    firsts: dict[Channel, Delivery] = {}
    for each in outbox:
        firsts.setdefault(each.channel, each)
    return tuple(firsts.values())


def _same(one: Delivery, other: Delivery) -> bool:
    return one.letter.id == other.letter.id and one.channel is other.channel
