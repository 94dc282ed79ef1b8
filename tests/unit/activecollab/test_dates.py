from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.activecollab.dates import DateError, parse_day, parse_moment

TODAY = date(2026, 11, 21)
DAYS = st.dates(date(1973, 3, 4), date(2027, 11, 21))


@given(DAYS)
def test_every_form_of_a_day_is_that_day(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for written in (f"{day}", f"{day:%Y/%m/%d}", f"{day} 23:59:59", f"{day}T00:00:00Z", f"{midnight.timestamp():.0f}"):
        assert parse_day(written, today=TODAY) == day


@given(DAYS, st.integers(1, 86_399))
def test_unix_seconds_off_midnight_could_be_two_days_and_are_refused(day: date, off: int) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=off)
    with pytest.raises(DateError, match="midnight"):
        parse_day(f"{moment.timestamp():.0f}", today=TODAY)


@pytest.mark.parametrize("text", ["1970-01-01", "1970/01/01", "1970-01-01 00:00:00"])
def test_what_php_makes_of_no_day_is_no_day(text: str) -> None:
    with pytest.raises(DateError, match="PHP"):
        parse_day(text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    ["2008-5-1", "08-05-01", "2008-05/01", "2008-05-01 8", "2008-05-01x", "20080501", "0", "-1209600000", "\u0662"],
)
def test_other_orders_are_refused(text: str) -> None:
    with pytest.raises(DateError, match="such as 2008-05-01"):
        parse_day(text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2011-01-01 08:00:00", datetime(2011, 1, 1, 7, tzinfo=UTC)),
        ("2011-07-01 08:00:00", datetime(2011, 7, 1, 6, tzinfo=UTC)),
        ("2011-07-01 08:00", datetime(2011, 7, 1, 6, tzinfo=UTC)),
        ("2011-07-01", datetime(2011, 6, 30, 22, tzinfo=UTC)),
        ("2011-07-01T08:00:00.123Z", datetime(2011, 7, 1, 8, tzinfo=UTC)),
        ("2011-07-01T08:00:00-0530", datetime(2011, 7, 1, 13, 30, tzinfo=UTC)),
        ("1309507200", datetime(2011, 7, 1, 8, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("0000-00-00", None),
    ],
)
def test_a_moment_is_read_in_the_servers_zone_unless_it_names_one(text: str, moment: datetime | None) -> None:
    assert parse_moment(text, timezone=ZoneInfo("Europe/Berlin")) == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2011-13-01 08:00:00", "2011-01-01 25:00:00", "2011-01-01 08:00:00+99:00", "0001-01-01"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(DateError):
        parse_moment(text, timezone=ZoneInfo("Europe/Berlin"))
