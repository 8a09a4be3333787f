"""The working days of each year against its joint decree (SKB 3 Menteri), day by day.

The lists here were written from the decrees by hand, apart from the data that the program carries:
month → weekdays not worked.
"""

from datetime import date, timedelta

import pytest
from django.apps import apps
from holidays.countries import Indonesia

from maintenance import holidays
from maintenance.models import Holiday, HolidayKind

pytestmark = pytest.mark.django_db

DECREED = {
    # 5/2012, SKB.06/MEN/VII/2012, 02/2012.
    2013: {
        1: {1, 24},
        3: {12, 29},
        5: {9},
        6: {6},
        8: {5, 6, 7, 8, 9},
        10: {14, 15},
        11: {5},
        12: {25, 26},
    },
    # 855/2023, 3/2023, 4/2023; election days by Keppres 10/2024 and 33/2024.
    2024: {
        1: {1},
        2: {8, 9, 14},
        3: {11, 12, 29},
        4: {8, 9, 10, 11, 12, 15},
        5: {1, 9, 10, 23, 24},
        6: {17, 18},
        9: {16},
        11: {27},
        12: {25, 26},
    },
    # 1017/2024, 2/2024, 2/2024; 18 August by 933/2025, 1/2025, 3/2025.
    2025: {
        1: {1, 27, 28, 29},
        3: {28, 31},
        4: {1, 2, 3, 4, 7, 18},
        5: {1, 12, 13, 29, 30},
        6: {6, 9, 27},
        8: {18},
        9: {5},
        12: {25, 26},
    },
    # 1497/2025, 2/2025, 5/2025.
    2026: {
        1: {1, 16},
        2: {16, 17},
        3: {18, 19, 20, 23, 24},
        4: {3},
        5: {1, 14, 15, 27, 28},
        6: {1, 16},
        8: {17, 25},
        12: {24, 25},
    },
    # Announced in September 2026; to be confirmed by the decree's own text.
    2027: {
        1: {1, 5},
        2: {5},
        3: {8, 9, 10, 11, 12, 15, 25, 26},
        5: {6, 17, 18, 19, 20},
        6: {1},
        8: {17},
        12: {24},
    },
}


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", DECREED)
def test_every_day_of_the_year_is_as_the_decree_says(year: int) -> None:
    calendar = holidays.calendar()
    for day in days_of(year):
        worked = day.weekday() < 5 and day.day not in DECREED[year].get(day.month, set())
        assert calendar.is_working_day(day) == worked, day


@pytest.mark.parametrize(
    ("year", "national", "leave"),
    # The totals that the government announced with each decree; 2024 with two election days.
    [(2013, 14, 5), (2024, 17 + 2, 10), (2025, 17, 10 + 1), (2026, 17, 8), (2027, 18, 8)],
)
def test_each_decree_is_recorded_whole_with_its_citation(
    year: int, national: int, leave: int
) -> None:
    recorded = Holiday.objects.filter(day__year=year, is_working=False)
    assert recorded.filter(kind=HolidayKind.NATIONAL).count() == national
    assert recorded.filter(kind=HolidayKind.COLLECTIVE_LEAVE).count() == leave
    assert not recorded.filter(decree="").exists()


def test_the_exchange_trades_on_the_same_days_of_2026() -> None:
    # IDX, Peng-00171/BEI.POP/09-2025: 239 trading days; 31 December is the exchange's own holiday.
    calendar = holidays.calendar()
    assert sum(calendar.is_working_day(day) for day in days_of(2026)) == 239 + 1


def test_what_is_not_confirmed_says_so() -> None:
    unsure = Holiday.objects.filter(decree__contains="(?)")
    assert {day.year for day in unsure.values_list("day", flat=True)} == {2027}


def test_the_record_stands_over_the_library() -> None:
    imlek = date(2013, 2, 11)
    assert imlek in Indonesia(years=2013)  # shifted from Sunday, which Indonesia does not do
    assert holidays.calendar().is_working_day(imlek)


def test_a_year_without_a_decree_is_reckoned_by_the_library() -> None:
    calendar = holidays.calendar()
    assert not calendar.is_working_day(date(2029, 8, 17))
    assert calendar.is_working_day(date(2029, 8, 16))


def test_an_administrator_adds_a_day_and_takes_one_back() -> None:
    added, listed = date(2026, 11, 25), date(2026, 12, 24)
    Holiday.objects.create(day=added, name="Cuti bersama tambahan", decree="SKB perubahan")
    Holiday.objects.filter(day=listed).update(is_working=True)
    calendar = holidays.calendar()
    assert not calendar.is_working_day(added)
    assert calendar.is_working_day(listed)
    assert calendar.holidays[added] == "Cuti bersama tambahan"
    assert added in list(calendar.holidays) and listed not in list(calendar.holidays)


def test_loading_again_leaves_what_was_changed() -> None:
    Holiday.objects.filter(day=date(2026, 12, 24)).update(is_working=True)
    Holiday.objects.get(day=date(2026, 12, 25)).delete()
    before = Holiday.objects.count()
    holidays.load_decrees(apps)
    assert Holiday.objects.count() == before + 1
    assert holidays.calendar().is_working_day(date(2026, 12, 24))
