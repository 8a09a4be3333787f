"""Which days are not worked: the joint decrees that are on record, else what a library reckons.

The library `holidays` knows most days, but shifts some as other countries do (Imlek 2013), and
cannot know a decree that is not written yet. Rows of `Holiday` therefore stand over it, day by day.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

from maintenance.models import Holiday, HolidayKind
from maintenance.workdays import Calendar

__all__ = ["calendar", "calendar_of", "load_decrees"]

# Published decrees, each with its citation.
_DECREES = Path(__file__).parent / "data" / "holidays.json"


def calendar() -> Calendar:
    """The working days as known now: the `Holiday` rows, over the library's list.

    One query. Keep the calendar for as long as one answer takes, not longer: an administrator
    may change the rows.
    """
    return calendar_of(Holiday.objects.values_list("day", "name", "is_working"))


def calendar_of(rows: Iterable[tuple[date, str, bool]]) -> Calendar:
    """The same from the rows' day, name and whether it is worked, for who has read them already."""
    return Calendar(_Holidays({day: None if works else name for day, name, works in rows}))


class _Holidays(Mapping[date, str]):
    """What is recorded, else what the library reckons, each year when it is first asked for."""

    def __init__(self, recorded: Mapping[date, str | None]) -> None:
        self._recorded = recorded

    def __getitem__(self, day: date) -> str:
        name = self._recorded[day] if day in self._recorded else _reckoned(day.year).get(day)
        if name is None:
            raise KeyError(day)
        return name

    def __iter__(self) -> Iterator[date]:
        """Those of the years on record and of this and the next year, in order."""
        this = timezone.localdate().year
        years = {day.year for day in self._recorded} | {this, this + 1}
        reckoned = {day for year in years for day in _reckoned(year)}
        return iter(sorted(day for day in reckoned | self._recorded.keys() if day in self))

    def __len__(self) -> int:
        return sum(1 for _day in self)


@cache
def _reckoned(year: int) -> Mapping[date, str]:
    """The library's list of a year. A new one each time: its own filling-in is not thread-safe.

    Imported when first asked for: the library loads every country of the world.
    """
    from holidays.constants import GOVERNMENT, PUBLIC
    from holidays.countries import Indonesia

    return dict(Indonesia(years=year, categories=(PUBLIC, GOVERNMENT), language="id").items())


def load_decrees(apps: Any) -> None:
    """Record the decrees that the program comes with; days that are on record stay as they are."""
    model = apps.get_model("maintenance", "Holiday")
    rows = []
    for decree in json.loads(_DECREES.read_text("utf-8")):
        for kind, is_working in (
            (HolidayKind.NATIONAL, False),
            (HolidayKind.COLLECTIVE_LEAVE, False),
            ("working", True),
        ):
            rows += [
                model(
                    day=date.fromisoformat(day),
                    name=name,
                    kind=HolidayKind.NATIONAL if is_working else kind,
                    decree=decree["decree"],
                    is_working=is_working,
                )
                for day, name in decree.get(kind, {}).items()
            ]
    model.objects.bulk_create(rows, ignore_conflicts=True)
