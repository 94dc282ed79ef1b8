from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from migrator.core.model import Booking, MocoId, Seconds, TargetEntry
from migrator.core.record import Link, new_link
from migrator.core.undo import Fate, StayReason, Stays, fate_before_reading, why_it_stays

THEN = datetime(2026, 1, 2, tzinfo=UTC)
BOOKING = Booking(
    day=date(2026, 1, 2),
    seconds=Seconds(900),
    user_id=MocoId(1),
    project_id=MocoId(2),
    task_id=MocoId(3),
    description="Text",
    billable=True,
    marker="ac:main:7",
    url="",
    tag="",
)
ENTRY = TargetEntry(MocoId(9), BOOKING, False, THEN, THEN)
LINK = new_link(ENTRY, BOOKING)


def edited(**changed: object) -> TargetEntry:
    return replace(ENTRY, booking=replace(BOOKING, **changed))  # type: ignore[arg-type]  # fields of a booking


def test_what_is_as_moco_last_answered_may_go() -> None:
    assert why_it_stays(LINK, ENTRY) is None
    # A later timestamp alone is no edit of anything that is ours.
    assert why_it_stays(LINK, replace(ENTRY, updated_at=THEN + timedelta(days=1))) is None


@pytest.mark.parametrize(
    ("link", "entry", "stays"),
    [
        (LINK, replace(ENTRY, billed=True), Stays(StayReason.BILLED)),
        (replace(LINK, disregarded=True), ENTRY, Stays(StayReason.DISREGARDED)),
        (LINK, edited(description="by hand"), Stays(StayReason.EDITED, "description")),
        (LINK, edited(tag="by hand"), Stays(StayReason.EDITED, "tag")),
        (LINK, edited(marker="", seconds=Seconds(60)), Stays(StayReason.EDITED, "seconds, marker")),
        (LINK, replace(ENTRY, timer_running=True), Stays(StayReason.EDITED, "a timer is running")),
        (replace(LINK, sent=None), replace(ENTRY, updated_at=THEN + timedelta(days=1)), Stays(StayReason.EDITED)),
    ],
)
def test_what_anybody_did_something_to_stays(link: Link, entry: TargetEntry, stays: Stays) -> None:
    assert why_it_stays(link, entry) == stays


@pytest.mark.parametrize(
    ("link", "known", "fate"),
    [
        (LINK, {}, Fate.PENDING),
        (LINK, {"open_intent": True}, Fate.UNCLEAR),
        (LINK, {"open_intent": True, "undone": True}, Fate.UNCLEAR),
        (None, {"undone": True}, Fate.UNDONE_BEFORE),
        (None, {}, Fate.GONE),
        (LINK, {"gone": True}, Fate.GONE),
        (LINK, {"replaced": True}, Fate.GONE),
        (replace(LINK, disregarded=True), {}, Fate.STAYS),
    ],
)
def test_memory_alone_decides_what_need_not_be_read(link: Link | None, known: dict[str, bool], fate: Fate) -> None:
    facts = {"gone": False, "undone": False, "open_intent": False, "replaced": False, **known}
    assert fate_before_reading(link, **facts) is fate
