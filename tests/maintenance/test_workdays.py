"""Working-day arithmetic, with holidays given."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maintenance.workdays import Calendar

days = st.dates(date(2012, 1, 1), date(2030, 12, 31))
numbers = st.integers(-60, 60)
calendars = st.builds(
    lambda found: Calendar(dict.fromkeys(found, "libur")), st.sets(days, max_size=200)
)

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 10, day) for day in (2, 3, 4, 5))


def test_saturdays_sundays_and_holidays_are_not_worked() -> None:
    calendar = Calendar({MONDAY: "libur"})
    assert calendar.is_working_day(FRIDAY)
    assert not any(calendar.is_working_day(day) for day in (SATURDAY, SUNDAY, MONDAY))


def test_the_day_on_which_a_period_begins_does_not_count() -> None:
    calendar = Calendar({})
    assert calendar.add(MONDAY, 3) == MONDAY + timedelta(days=3)
    assert calendar.count(MONDAY, MONDAY + timedelta(days=3)) == 3
    assert calendar.add(FRIDAY, 1) == MONDAY
    assert calendar.add(SATURDAY, 1) == MONDAY


def test_no_days_after_a_day_off_is_the_next_working_day() -> None:
    calendar = Calendar({MONDAY: "libur"})
    assert calendar.add(FRIDAY, 0) == FRIDAY
    assert calendar.add(SATURDAY, 0) == calendar.next_working_day(SATURDAY) == date(2026, 10, 6)


def test_days_are_counted_backwards_too() -> None:
    calendar = Calendar({})
    assert calendar.add(MONDAY, -1) == FRIDAY
    assert calendar.add(SUNDAY, -1) == FRIDAY
    assert calendar.count(MONDAY, FRIDAY) == -1
    assert calendar.count(FRIDAY, SUNDAY) == 0


@given(calendars, days, numbers.filter(bool))
def test_what_is_added_is_what_is_counted(calendar: Calendar, day: date, number: int) -> None:
    end = calendar.add(day, number)
    assert calendar.is_working_day(end)
    if number > 0:
        assert calendar.count(day, end) == number
    else:
        assert calendar.count(end - timedelta(days=1), day - timedelta(days=1)) == -number


@given(calendars, days, st.integers(0, 300), st.integers(0, 300))
def test_periods_that_touch_add_up(calendar: Calendar, first: date, length: int, more: int) -> None:
    middle = first + timedelta(days=length)
    last = middle + timedelta(days=more)
    parts = calendar.count(first, middle) + calendar.count(middle, last)
    assert parts == calendar.count(first, last) == -calendar.count(last, first)
