"""Where a day's time is laid, and what becomes of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.core.actions import Word
from migrator.core.model import MocoId
from migrator.core.working_days import (
    DayReason,
    Layout,
    Leave,
    OurSpan,
    Presence,
    Span,
    SpanState,
    WorkedDay,
    Write,
    judge_memory,
    judge_shown,
    lay_out,
    own_among,
    whole_minutes,
)

ADA = MocoId(7)
DAY = date(2026, 3, 2)
TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
USUAL = Layout()
HOUR = 3600
MORNING, AFTERNOON = Span.parse("09:00-15:00"), Span.parse("15:30-17:30")


def worked(seconds: int = 8 * HOUR, **known: object) -> WorkedDay:
    return replace(WorkedDay(ADA, DAY, 3, seconds), **known)  # type: ignore[arg-type]  # fields of a day


def shown(span: Span = MORNING, id_: int = 5, *, minutes: int = 0) -> Presence:
    moment = NOW + timedelta(minutes=minutes)
    return Presence(MocoId(id_), ADA, DAY, span.start, span.end, moment, moment)


def ours(span: Span, state: SpanState = SpanState.WANTED, id_: int = 5) -> OurSpan:
    if state is SpanState.WANTED:
        return OurSpan(span, state)
    return OurSpan(span, state, MocoId(id_), span)


LINKED_MORNING = ours(MORNING, SpanState.LINKED)
OPEN = replace(shown(), end=None)


# -- laying a day out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "layout", "spans"),
    [
        (0, USUAL, []),
        (29, USUAL, []),
        (30, USUAL, ["09:00-09:01"]),
        (90, USUAL, ["09:00-09:02"]),
        (89, USUAL, ["09:00-09:01"]),
        (6 * HOUR, USUAL, ["09:00-15:00"]),
        (6 * HOUR + 29, USUAL, ["09:00-15:00"]),
        (6 * HOUR + 30, USUAL, ["09:00-15:00", "15:30-15:31"]),
        (8 * HOUR, USUAL, ["09:00-15:00", "15:30-17:30"]),
        (13 * HOUR, USUAL, ["09:00-15:00", "15:30-22:30"]),
        (14 * HOUR + 29 * 60, USUAL, ["09:00-15:00", "15:30-23:59"]),
        (14 * HOUR + 30 * 60, USUAL, None),
        (8 * HOUR, Layout(break_length=0), ["09:00-17:00"]),
        (8 * HOUR, Layout(day_start=time(7, 15), break_after=240, break_length=45), ["07:15-11:15", "12:00-16:00"]),
        (60, Layout(day_start=time(23, 58)), ["23:58-23:59"]),
        (120, Layout(day_start=time(23, 58)), None),
    ],
)
def test_a_day_is_laid_from_its_start_with_one_break_and_never_past_midnight(
    seconds: int, layout: Layout, spans: list[str] | None
) -> None:
    laid = lay_out(seconds, layout)
    assert (None if laid is None else [str(each) for each in laid]) == spans


LAYOUTS = st.builds(
    Layout,
    day_start=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    break_after=st.integers(1, 24 * 60),
    break_length=st.integers(0, 300),
    after_days=st.integers(0, 5),
)


@given(st.integers(0, 30 * HOUR), LAYOUTS)
def test_spans_keep_the_sum_follow_each_other_and_end_on_the_same_day(seconds: int, layout: Layout) -> None:
    laid = lay_out(seconds, layout)
    begin = timedelta(hours=layout.day_start.hour, minutes=layout.day_start.minute)
    minutes = whole_minutes(seconds)
    rest = layout.break_length if minutes > layout.break_after else 0
    assert (laid is None) == (
        minutes > 0 and begin + timedelta(minutes=minutes + rest) > timedelta(hours=23, minutes=59)
    )
    if laid is None:
        return
    assert sum(each.minutes for each in laid) == minutes
    assert abs(minutes * 60 - seconds) <= 30
    assert all(each.start < each.end for each in laid)
    assert all(before.end < after.start for before, after in pairwise(laid))
    assert [each.start for each in laid[:1]] == [layout.day_start][: len(laid)]
    assert [Span.parse(str(each)) for each in laid] == list(laid)


# -- what becomes of a day -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "known", "unsettled", "word", "reason"),
    [
        (worked(), [LINKED_MORNING], True, Word.UNCLEAR, DayReason.UNSETTLED),
        (worked(), [ours(MORNING, SpanState.UNDONE), LINKED_MORNING], False, Word.HELD, DayReason.UNDONE),
        (worked(), [LINKED_MORNING], False, Word.UNCHANGED, DayReason.WRITTEN_BEFORE),
        (worked(day=TODAY - timedelta(days=1)), [], False, Word.SKIPPED, DayReason.NOT_CLOSED),
        (worked(29), [], False, Word.SKIPPED, DayReason.TOO_SHORT),
    ],
    ids=["row 1", "row 2", "row 3", "row 4", "row 5"],
)
def test_memory_decides_what_it_can(
    day: WorkedDay, known: list[OurSpan], unsettled: bool, word: Word, reason: DayReason
) -> None:
    assert judge_memory(day, known, USUAL, TODAY, unsettled=unsettled) == Leave(word, reason)


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (worked(), []),
        (worked(), [ours(MORNING)]),
        (worked(day=TODAY), [LINKED_MORNING, ours(AFTERNOON)]),
        (worked(0), [LINKED_MORNING, ours(AFTERNOON)]),
    ],
    ids=["nothing known", "wanted and never written", "half written today", "half written, its records gone"],
)
def test_of_all_other_days_moco_is_asked(day: WorkedDay, known: list[OurSpan]) -> None:
    assert judge_memory(day, known, USUAL, TODAY) is None


@pytest.mark.parametrize(
    ("day", "known", "seen", "becomes"),
    [
        (worked(), [LINKED_MORNING, ours(AFTERNOON)], [shown()], Write((AFTERNOON,))),
        (worked(), [LINKED_MORNING, ours(AFTERNOON)], [shown(), shown(AFTERNOON, 9)], DayReason.HALF_WRITTEN),
        (worked(), [LINKED_MORNING, ours(AFTERNOON)], [], DayReason.HALF_WRITTEN),
        (worked(), [LINKED_MORNING, ours(AFTERNOON)], [shown(AFTERNOON)], DayReason.HALF_WRITTEN),
        (worked(), [], [shown(Span.parse("06:00-06:10"))], DayReason.HAS_PRESENCE),
        (worked(), [ours(MORNING)], [OPEN], DayReason.HAS_PRESENCE),
        (worked(other_time=True), [], [shown()], DayReason.HAS_PRESENCE),
        (worked(other_time=True, waiting=1), [], [], DayReason.TIME_IN_MOCO),
        (worked(20 * HOUR, waiting=2), [], [], DayReason.INCOMPLETE),
        (worked(20 * HOUR), [], [], DayReason.PAST_MIDNIGHT),
        (worked(), [], [], Write((MORNING, AFTERNOON))),
        (worked(5 * HOUR), [ours(MORNING), ours(AFTERNOON)], [], Write((Span.parse("09:00-14:00"),))),
    ],
    ids=[
        "row 6", "row 7: another one", "row 7: gone", "row 7: moved", "row 8", "row 8: open", "row 8 before row 9",
        "row 9", "row 10", "row 11", "row 12", "row 12: wanted before and never written",
    ],
)  # fmt: skip
def test_what_moco_shows_decides_the_rest(
    day: WorkedDay, known: list[OurSpan], seen: list[Presence], becomes: Write | DayReason
) -> None:
    judged = judge_shown(day, known, seen, USUAL)
    assert (judged.reason if isinstance(judged, Leave) else judged) == becomes
    if isinstance(judged, Leave):
        assert judged.word is (Word.SKIPPED if becomes is DayReason.HAS_PRESENCE else Word.HELD)


STATES = st.sampled_from(SpanState)
SPANS = st.lists(st.builds(ours, st.sampled_from((MORNING, AFTERNOON)), STATES), max_size=2)
SHOWN = st.lists(st.sampled_from((shown(), shown(AFTERNOON, 6), OPEN)), max_size=2)
DAYS = st.builds(
    worked,
    st.integers(0, 20 * HOUR),
    day=st.dates(DAY, TODAY),
    waiting=st.integers(0, 1),
    other_time=st.booleans(),
)


@given(DAYS, SPANS, SHOWN, LAYOUTS, st.booleans())
def test_every_day_has_one_end_and_what_was_written_stays_as_it_is(
    day: WorkedDay, known: list[OurSpan], seen: list[Presence], layout: Layout, unsettled: bool
) -> None:
    judged = judge_memory(day, known, layout, TODAY, unsettled=unsettled) or judge_shown(day, known, seen, layout)
    if isinstance(judged, Leave):
        assert judged.word in {Word.UNCLEAR, Word.HELD, Word.UNCHANGED, Word.SKIPPED}
        return
    # Nothing is written beside anything but our own part of the day.
    linked = [each for each in known if each.state is SpanState.LINKED]
    assert len(seen) == 0 if not linked else {each.id for each in seen} == {each.presence_id for each in linked}
    assert judged.spans
    after = [*linked, *(OurSpan(span, SpanState.LINKED, MocoId(8), span) for span in judged.spans)]
    assert judge_memory(day, after, layout, TODAY) == Leave(Word.UNCHANGED, DayReason.WRITTEN_BEFORE)


# -- the natural key -----------------------------------------------------------------------------------------------


def test_only_what_was_created_since_the_send_with_equal_person_day_and_times_can_be_ours() -> None:
    mine = shown(minutes=1)
    others = [
        shown(id_=6, minutes=-1),
        shown(AFTERNOON, id_=7, minutes=1),
        replace(mine, id=MocoId(8), person=MocoId(9)),
        replace(mine, id=MocoId(9), day=TODAY),
        replace(mine, id=MocoId(10), end=None),
    ]
    assert own_among([*others, mine], ADA, DAY, MORNING, NOW) == (mine,)
