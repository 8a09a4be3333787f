"""Working hours: pure arithmetic over the calendar of working days."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.workdays import Calendar
from maintenance.workhours import WorkingHours

JAKARTA = ZoneInfo("Asia/Jakarta")
HOLIDAY = date(2026, 12, 25)  # a Friday
HOURS = WorkingHours(Calendar({HOLIDAY: "Hari Raya Natal"}), time(7, 30), time(16, 0), JAKARTA)


def on(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        (on(21, 9), 4, on(21, 13)),  # within a Monday
        (on(21, 15), 4, on(22, 10, 30)),  # over the night
        (on(21, 5), 1, on(21, 8, 30)),  # before the office opens
        (on(21, 20), 1, on(22, 8, 30)),  # after it has closed
        (on(24, 15), 2, on(28, 8, 30)),  # over Christmas and the week-end
        (on(26, 11), 8, on(28, 15, 30)),  # from a Saturday
        (on(21, 7, 30), 8.5, on(21, 16)),  # a whole day ends with it
        (on(21, 9), 0, on(21, 9)),
    ],
)
def test_hours_are_counted_while_offices_work(begin: datetime, hours: float, end: datetime) -> None:
    assert HOURS.add(begin, hours) == end


moments = st.datetimes(datetime(2026, 11, 1), datetime(2027, 1, 31), timezones=st.just(JAKARTA))


@given(moments, st.integers(0, 200))
def test_what_is_added_lies_between(begin: datetime, quarters: int) -> None:
    end = HOURS.add(begin, quarters / 4)
    assert HOURS.between(begin, end) == timedelta(minutes=15 * quarters)


@given(moments, st.integers(1, 6000))
def test_between_agrees_with_counting_minutes(begin: datetime, minutes: int) -> None:
    begin = begin.replace(second=0, microsecond=0)
    end = begin + timedelta(minutes=minutes)
    counted = 0
    for number in range(minutes):
        at = begin + timedelta(minutes=number)
        works = at.weekday() < 5 and at.date() != HOLIDAY
        counted += works and time(7, 30) <= at.time() < time(16, 0)
    assert HOURS.between(begin, end) == timedelta(minutes=counted)


def test_an_office_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="opens"):
        WorkingHours(Calendar({}), time(16), time(7), JAKARTA)
