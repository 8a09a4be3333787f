"""Uptime by day as pictures: a small strip for the list, a large one for a camera's page."""

from datetime import timedelta
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from monitoring.choices import VERDICT_COLOURS, VERDICT_LABELS
from monitoring.day_strips import Day, Strip
from monitoring.uptime import Uptime
from monitoring.verdicts import Verdict

__all__ = ["percent", "small_strip", "week_and_month", "wide_rows"]

_BAR, _GAP, _HIGH = 3, 1, 18
_LEAST = 3  # pixels that even a day without any uptime shows
_GOOD, _FAIR = 0.99, 0.9
_DAY = timedelta(days=1)


def percent(share: float | None) -> str:
    """99,1 %; a dash when nothing is known. Never rounded up to all of it."""
    if share is None:
        return "–"
    tenths = int(share * 1000) if share < 1 else 1000
    return f"{number_format(tenths / 10, 1)} %"


def week_and_month(strip: Strip) -> tuple[Uptime, Uptime]:
    """How the last 7 and the last 30 days were spent."""
    return strip.over(7), strip.over(30)


def small_strip(strip: Strip) -> SafeString:
    """A bar a day, as high as the camera was up, and the figures of 7 and 30 days below."""
    paths: dict[str, list[str]] = {}
    for number, day in enumerate(strip.days):
        share = day.uptime.availability
        high = _HIGH if share is None else max(_LEAST, round(share * _HIGH))
        x, y = number * (_BAR + _GAP), _HIGH - high
        paths.setdefault(_class_of(share), []).append(f"M{x} {y}h{_BAR}v{high}h-{_BAR}z")
    week, month = (percent(found.availability) for found in week_and_month(strip))
    words = _("uptime: %(week)s in 7 days, %(month)s in 30 days") % {"week": week, "month": month}
    drawn = format_html_join(
        "", '<path class="{}" d="{}"/>', ((name, "".join(bars)) for name, bars in paths.items())
    )
    return format_html(
        '<span class="strip"><svg width="{}" height="{}" viewBox="0 0 {} {}" role="img" '
        'aria-label="{}"><title>{}</title>{}</svg><small>{} · {}</small></span>',
        len(strip.days) * (_BAR + _GAP),
        _HIGH,
        len(strip.days) * (_BAR + _GAP),
        _HIGH,
        words,
        words,
        drawn,
        week,
        month,
    )


def wide_rows(strip: Strip) -> list[dict[str, Any]]:
    """Each day as a row of 24 hours, the latest first: coloured stretches, in per cent of a day."""
    return [
        {
            "day": localtime(day.begin),
            "percent": percent(day.uptime.availability),
            "stretches": list(_stretches(day)),
        }
        for day in reversed(strip.days)
    ]


def _stretches(day: Day) -> Any:
    end = day.begin + _DAY
    for verdict, began, ended in day.spans:
        since, until = max(began, day.begin), min(ended, end)
        if until <= since or verdict == Verdict.UNMONITORED:
            continue
        words = _("%(verdict)s, %(begin)s – %(end)s") % {
            "verdict": VERDICT_LABELS[Verdict(verdict)],
            "begin": date_format(localtime(since), "H.i"),
            "end": "24.00" if until == end else date_format(localtime(until), "H.i"),
        }
        yield {
            "x": f"{(since - day.begin) / _DAY * 100:.2f}",
            "width": f"{max((until - since) / _DAY * 100, 0.25):.2f}",
            "colour": VERDICT_COLOURS[Verdict(verdict)],
            "words": words,
        }


def _class_of(share: float | None) -> str:
    if share is None:
        return "day-unknown"
    return "day-good" if share >= _GOOD else "day-fair" if share >= _FAIR else "day-poor"
