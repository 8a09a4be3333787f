"""Numbers, days and durations as a report writes them: `98,2 %`, `16–22 November 2026`."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from maintenance.report.weeks import Week

__all__ = [
    "and_more",
    "change",
    "day",
    "days",
    "hours",
    "moment",
    "number",
    "percent",
    "week_in_words",
]

MINUS = "−"


def number(value: float, decimals: int = 0) -> str:
    """With dots between thousands and a comma before decimals."""
    text = number_format(round(abs(value), decimals), decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if round(value, decimals) < 0 else text


def change(value: float, decimals: int = 0) -> str:
    """With a sign, for what is more or less than before."""
    rounded = round(value, decimals)
    if not rounded:
        return "="
    return number(rounded, decimals) if rounded < 0 else f"+{number(rounded, decimals)}"


def percent(share: float | None) -> str:
    """A share of 0 … 1; a dash when it is not known. Never 100,0 % for what is less."""
    if share is None:
        return "–"
    shown = round(100 * share, 1)
    return f"{number(99.9 if shown == 100 and share < 1 else shown, 1)} %"


def days(value: float) -> str:
    return gettext("%(days)s days") % {"days": number(value, 1)}


def hours(time: timedelta | None) -> str:
    """A duration in hours, or in days from two days on."""
    if time is None:
        return "–"
    if time >= timedelta(days=2):
        return days(time / timedelta(days=1))
    return gettext("%(hours)s hours") % {"hours": number(time / timedelta(hours=1), 1)}


def moment(at: datetime) -> str:
    """`16 Nov 2026, 14.26`."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")


def week_in_words(week: Week) -> str:
    """`16–22 November 2026`; what both days share is said once."""
    first, last = week.monday, week.sunday
    until = date_format(last, "DATE_FORMAT")
    if first.year != last.year:
        return f"{date_format(first, 'DATE_FORMAT')} – {until}"
    if first.month != last.month:
        return f"{date_format(first, 'j F')} – {until}"
    return f"{first.day}–{until}"


def and_more(left: int) -> str:
    """What a list that was cut says of the rest; "" when nothing is left."""
    if left <= 0:
        return ""
    return gettext("and %(left)s more: see the attached workbook") % {"left": number(left)}
