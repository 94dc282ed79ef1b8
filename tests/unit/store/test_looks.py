from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, event

from migrator.core.model import SourceId
from migrator.core.rechecks import Days
from migrator.store.engine import reading, writing
from migrator.store.links import put_link
from migrator.store.looks import months_of_ours, proved_at, window_listed_at
from migrator.store.target import PART, RANGE, WINDOW, begin_scan, finish_scan, last_look, store_entries
from tests.unit.store.builders import INSTANCE, WHEN, a_booking, an_activity, when

MAY = Days(date(2020, 5, 1), date(2020, 5, 31))
JUNE = Days(date(2020, 6, 1), date(2020, 6, 30))


def scanned(engine: Engine, kind: str, minute: int, days: Days | None = None, *, complete: bool = True) -> None:
    with writing(engine) as session:
        first, last = (days.first, days.last) if days else (None, None)
        scan = begin_scan(session, 1, kind, started_at=when(minute), day_from=first, day_to=last)
        finish_scan(session, scan, rows=0, pages=1, complete=complete)


def test_months_are_those_with_something_marked_or_linked(engine: Engine) -> None:
    with writing(engine) as session:
        unmarked = an_activity(2, a_booking(2, marker="", day=JUNE.first))
        foreign = an_activity(3, a_booking(0, marker="", day=date(2020, 7, 1)))
        last = an_activity(4, a_booking(4, day=date(2020, 8, 1)))
        store_entries(session, [an_activity(1, a_booking(1)), unmarked, foreign, last], INSTANCE)
        put_link(session, SourceId(2), sent=None, entry=unmarked, run_id=1, now=WHEN)
    with reading(engine) as session:
        assert months_of_ours(session, before=date(2020, 8, 1)) == (MAY, JUNE)
        assert [days.month for days in months_of_ours(session, before=date(2020, 8, 2))][-1] == "2020-08"


def test_the_months_between_two_that_have_something_cost_nothing(engine: Engine) -> None:
    early, late = (an_activity(n, a_booking(n, day=date(year, 5, 9))) for n, year in ((1, 1970), (2, 2020)))
    asked: list[str] = []
    with writing(engine) as session:
        store_entries(session, [early, late], INSTANCE)
    with reading(engine) as session:
        event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert [days.month for days in months_of_ours(session, before=WHEN.date())] == ["1970-05", "2020-05"]
    assert len([each for each in asked if each.startswith("SELECT")]) == 3


def test_nothing_stored_has_no_months(engine: Engine) -> None:
    with reading(engine) as session:
        assert (months_of_ours(session, before=WHEN.date()), window_listed_at(session)) == ((), None)


def test_a_month_is_proved_by_any_complete_listing_that_covers_it(engine: Engine) -> None:
    scanned(engine, PART, 5, MAY)
    scanned(engine, PART, 6, MAY, complete=False)
    scanned(engine, PART, 7, Days(MAY.first, date(2020, 5, 30)))
    scanned(engine, "updates", 8)
    with reading(engine) as session:
        assert proved_at(session, [MAY, JUNE]) == {MAY: when(5), JUNE: None}
        assert window_listed_at(session) is None
    scanned(engine, WINDOW, 9, Days(JUNE.first, date(2020, 12, 31)))
    with reading(engine) as session:
        assert proved_at(session, [MAY, JUNE]) == {MAY: when(5), JUNE: when(9)}
        assert window_listed_at(session) == when(9)
    scanned(engine, RANGE, 10, Days(date(2020, 5, 4), date(2020, 6, 2)))  # whole: all days that have anything
    with reading(engine) as session:
        assert proved_at(session, [MAY, JUNE]) == {MAY: when(10), JUNE: when(10)}
        assert window_listed_at(session) == when(10)


def test_a_listing_of_some_days_is_no_look_at_all_of_them(engine: Engine) -> None:
    scanned(engine, RANGE, 1, MAY)
    scanned(engine, PART, 5, MAY)
    scanned(engine, WINDOW, 6, JUNE)
    with reading(engine) as session:
        assert last_look(session) == when(1)
    scanned(engine, "updates", 7)
    with reading(engine) as session:
        assert last_look(session) == when(7)


def test_a_listing_without_limits_takes_everything_out_that_it_does_not_show(engine: Engine) -> None:
    with writing(engine) as session:
        store_entries(session, [an_activity(1, a_booking(1))], INSTANCE)
    scanned(engine, WINDOW, 1, JUNE)
    with reading(engine) as session:
        assert months_of_ours(session, before=JUNE.first) == (MAY,)
    scanned(engine, RANGE, 2)
    with reading(engine) as session:
        assert months_of_ours(session, before=JUNE.first) == ()
